/** Who has the name that AD refused: its own words name neither the value nor the other object. */
import { EqualityFilter, OrFilter } from "ldapts";
import { RefusedError } from "../../../base/errors.ts";
import { child, sameDn, splitDn } from "../values/dn.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { guidOf, textOf } from "../wire/entry.ts";
import { AdRefusedError } from "../wire/errors.ts";
import type { UserInputs } from "./inputs.ts";

/** What AD and Samba say where a name is taken: the name in its place or the login (68), a userPrincipalName (000021C8, or 0000202F). */
const codes: ReadonlySet<string> = new Set(["00002071", "0000202F", "000021C8"]);

/** The domain's own name as a suffix: `@corp.example.com`. */
function suffixOf(base: string): string {
  return `@${splitDn(base)
    .flatMap((one) => /^\s*dc\s*=\s*(.+)$/iu.exec(one)?.[1] ?? [])
    .join(".")}`.toLowerCase();
}

/**
 * The same refusal with the holder of the name, where it was about a name and one is found; else the error itself. `id`: of the
 * account that is changed.
 */
export async function withHolder(client: AdClient, inputs: UserInputs, error: unknown, id?: string): Promise<unknown> {
  if (!(error instanceof AdRefusedError) || !(error.result === 68 || codes.has(error.hex ?? ""))) return error;
  const { sAMAccountName: login, userPrincipalName: upn = "" } = inputs;
  const suffix = suffixOf(client.base);
  const prefix = upn.toLowerCase().endsWith(suffix) ? upn.slice(0, -suffix.length) : "";
  const dn = child("CN", inputs.name, inputs.path);
  const wanted: [attribute: string, value: string, words: string][] = [
    ["sAMAccountName", login, `the login ${login} is taken by`],
    ["userPrincipalName", upn, `the userPrincipalName ${upn} is taken by`],
    ["userPrincipalName", `${login}${suffix}`, `the login ${login} is implied by the userPrincipalName of`],
    ["sAMAccountName", prefix, `the userPrincipalName ${upn} is implied by the login of`],
  ];
  const asked = wanted.filter(([, value]) => value !== "");
  const filter = new OrFilter({ filters: asked.map(([attribute, value]) => new EqualityFilter({ attribute, value })) });
  const [found, there] = await Promise.all([
    client.search({ filter, attributes: ["objectGUID", "sAMAccountName", "userPrincipalName"] }),
    client.read(dn, ["objectGUID"]),
  ]);
  const others = found.filter((entry) => guidOf(entry) !== id && !sameDn(entry.dn, dn));
  const has = (entry: Entry, [attribute, value]: (typeof wanted)[number]): boolean =>
    textOf(entry, attribute)?.toLowerCase() === value.toLowerCase();
  const [why] = asked.flatMap((one) => others.filter((entry) => has(entry, one)).map((entry) => `${one[2]} ${entry.dn}`));
  const whose = why ?? (there && guidOf(there) !== id ? `another object has this name there` : undefined);
  if (whose === undefined) return error;
  const verb = id === undefined ? "create" : "change";
  return new RefusedError(
    `Could not ${verb} ${dn}: ${whose}; rename one of them (LDAP ${error.result}, ${error.hex ?? "no code"}).`,
    error.hex ?? "68",
    {
      cause: error,
    },
  );
}
