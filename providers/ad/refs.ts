/** References in inputs: `person:41` for people, `dn:CN=…` for anything else in the directory. */
import { z } from "zod";
import type { RunContext, Values } from "../core/definition.ts";
import { canonicalDn, dnKey } from "./dn.ts";
import { byGuid } from "./guid.ts";

/** The key of the person a ref names; undefined when it names no person. */
export function personOf(ref: string): string | undefined {
  return ref.startsWith("person:") ? ref.slice("person:".length) : undefined;
}

/** The distinguishedName a ref names; undefined when it names a person. */
export function dnOf(ref: string): string | undefined {
  return ref.startsWith("dn:") ? ref.slice("dn:".length) : undefined;
}

/** `dn:` and the canonical spelling; a name that cannot be parsed keeps the spelling it came with. */
export function dnRef(dn: string): string {
  try {
    return `dn:${canonicalDn(dn)}`;
  } catch {
    return `dn:${dn}`;
  }
}

/** `resolved` of the last outputs, whatever they hold. */
export function resolvedOf(outputs: Values | undefined): { [ref: string]: string } {
  const parsed = z.record(z.string(), z.string()).safeParse(outputs?.["resolved"]);
  return parsed.success ? parsed.data : {};
}

/** A ref in its canonical spelling. Throws SyntaxError when it is neither a person nor a distinguishedName. */
export function canonicalRef(ref: string): string {
  const text = ref.trim();
  const person = personOf(text)?.trim();
  if (person !== undefined && person !== "") return `person:${person}`;
  const dn = dnOf(text)?.trim();
  if (dn === undefined || dn === "") throw new SyntaxError(`${JSON.stringify(ref)} is neither person:KEY nor dn:DISTINGUISHED_NAME.`);
  return `dn:${canonicalDn(dn)}`;
}

/** What to write into a DN-valued attribute; undefined while the person has no account. Ids survive renames of the same run. */
export function writtenAs(ref: string, context: RunContext, resolved: { readonly [ref: string]: string } = {}): string | undefined {
  const person = personOf(ref);
  if (person === undefined) return dnOf(ref);
  const id = context.account("ad", person) ?? resolved[ref];
  return id === undefined ? undefined : byGuid(id);
}

/** Whether a live value (its name, and its id where known) is what a ref means. `resolved`: ids the last run knew. */
export function means(
  ref: string,
  dn: string,
  guid: string | undefined,
  context: RunContext,
  resolved: { readonly [ref: string]: string } = {},
): boolean {
  const person = personOf(ref);
  if (person !== undefined) return guid !== undefined && (context.account("ad", person) ?? resolved[ref]) === guid;
  const wished = dnOf(ref);
  return wished !== undefined && dnKey(wished) === dnKey(dn);
}
