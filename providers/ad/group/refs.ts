/**
 * References in inputs: `person:41` for people, `group:GG-Sales` and `contact:…` for what the mapping manages by that name,
 * `dn:CN=…` for anything else in the directory. A run knows the first three by a key (of a person: the record's own; of the
 * others: the ref itself), as it knows accounts (`RunContext.account`).
 */
import { z } from "zod";
import type { Values } from "../../../base/json.ts";
import type { RunContext } from "../../core/definition.ts";
import { canonicalDn, dnKey } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";

/** The key of the person a ref names; undefined when it names no person. */
export function personOf(ref: string): string | undefined {
  return ref.startsWith("person:") ? ref.slice("person:".length) : undefined;
}

/** The key by which a run knows the object of a ref; undefined for a distinguishedName. */
export function keyOf(ref: string): string | undefined {
  return ref.startsWith("group:") || ref.startsWith("contact:") ? ref : personOf(ref);
}

/** The other way round. Keys of people are Halo's numbers, so they hold no colon. */
export function refOf(key: string): string {
  return key.startsWith("group:") || key.startsWith("contact:") ? key : `person:${key}`;
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

/** A ref in its canonical spelling. Throws SyntaxError when it is none. */
export function canonicalRef(ref: string): string {
  const text = ref.trim();
  const named = /^(group|contact):\s*(\S.*)$/su.exec(text);
  if (named) return `${named[1]}:${named[2]}`;
  const person = personOf(text)?.trim();
  if (person !== undefined && person !== "") return `person:${person}`;
  const dn = dnOf(text)?.trim();
  if (dn === undefined || dn === "") throw new SyntaxError(`${JSON.stringify(ref)} is neither person:KEY nor dn:DISTINGUISHED_NAME.`);
  return `dn:${canonicalDn(dn)}`;
}

/** What to write into a DN-valued attribute; undefined while the person has no account. Ids survive renames of the same run. */
export function writtenAs(ref: string, context: RunContext, resolved: { readonly [ref: string]: string } = {}): string | undefined {
  const key = keyOf(ref);
  if (key === undefined) return dnOf(ref);
  const id = context.account("ad", key) ?? resolved[ref];
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
  const key = keyOf(ref);
  if (key !== undefined) return guid !== undefined && (context.account("ad", key) ?? resolved[ref]) === guid;
  const wished = dnOf(ref);
  return wished !== undefined && dnKey(wished) === dnKey(dn);
}
