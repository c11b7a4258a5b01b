/**
 * References in inputs: `person:41` for people, `group:GG-Sales` and `contact:…` for what the mapping manages by that name,
 * `dn:CN=…` for anything else in the directory. A run knows the first three by a key, as it knows accounts (core/references.ts);
 * here is how they are spelt and how AD writes them.
 */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import type { RunContext } from "../../core/definition.ts";
import { type Ids, idIn, keyOf, orLast } from "../../core/references.ts";
import { canonicalDn, dnKey } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";

/** The key of the person a ref names; undefined when it names no person. */
export function personOf(ref: string): string | undefined {
  return ref.startsWith("person:") ? keyOf(ref) : undefined;
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
export function writtenAs(ref: string, context: Pick<RunContext, "account">, resolved: Ids = {}): string | undefined {
  const id = orLast(idIn("ad", context), resolved)(ref);
  return dnOf(ref) ?? (id === undefined ? undefined : byGuid(id));
}

/** Whether a live value (its name, and its id where known) is what a ref means. `resolved`: ids the last run knew. */
export function means(
  ref: string,
  dn: string,
  guid: string | undefined,
  context: Pick<RunContext, "account">,
  resolved: Ids = {},
): boolean {
  const wished = dnOf(ref);
  if (wished !== undefined) return dnKey(wished) === dnKey(dn);
  return guid !== undefined && orLast(idIn("ad", context), resolved)(ref) === guid;
}

/** The id behind `managedBy` in the last outputs of a group or an organizational unit, whatever they hold. */
export function lastManager(outputs: Values | undefined): string | undefined {
  const manager = outputs?.["manager"];
  return typeof manager === "string" ? manager : undefined;
}

/** The same for the next outputs: what the run knows, and else what the last outputs knew. */
export function managerOf(ref: string | undefined, context: Pick<RunContext, "account">, last: Values | undefined): { manager?: string } {
  const key = ref === undefined ? undefined : keyOf(ref);
  return key === undefined ? {} : defined({ manager: context.account("ad", key) ?? lastManager(last) });
}
