/** What `auth` of a source must be beyond its shape. No I/O. */
import { same } from "../../base/text.ts";
import { headerOf, refusals } from "../../clients/oauth/refused.ts";
import type { SourceAuth } from "../schema/source-auth.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";

/** `auth` of one source: what is refused, each with what to write instead. */
export function checkAuth(check: Check, auth: SourceAuth, source: string, path: Path): void {
  const named = { variables: `SOURCE_${source.toUpperCase()}`, auth: "auth", application: "auth" };
  for (const { path: below, text, on } of refusals(auth, named)) check.report([...path, ...below], text, on);
}

/** Headers of an endpoint: none that the login sends. */
export function checkHeaders(check: Check, auth: SourceAuth, headers: { readonly [name: string]: unknown }, path: Path): void {
  for (const name of Object.keys(headers))
    if (same(name, headerOf(auth)))
      check.report([...path, name], `expected nothing here, found ${found(name)}, which auth (${auth.kind}) sends itself`, "key");
}
