/** ad:Group: inputs and outputs, and a live group in their shape. */
import { z } from "zod";
import type { Live, RunContext, Values } from "../core/definition.ts";
import type { Entry } from "./client.ts";
import { dnKey, parentOf, parseDn, sameDn } from "./dn.ts";
import { guidOf, isProtected, textOf } from "./entry.ts";
import type { Member } from "./reads.ts";
import { canonicalRef, dnOf, dnRef, personOf, resolvedOf } from "./refs.ts";
import { dn, nonEmpty, text } from "./user-inputs.ts";

export const scopes = ["global", "universal", "domainLocal"] as const;
export const kinds = ["security", "distribution"] as const;
export type Scope = (typeof scopes)[number];
export type Kind = (typeof kinds)[number];

const scopeBits: Record<Scope, number> = { global: 2, domainLocal: 4, universal: 8 };
const securityBit = 0x80000000;

/** groupType as AD stores it, a signed 32-bit number: global security is -2147483646. */
export function groupType(scope: Scope, kind: Kind): string {
  return String(kind === "security" ? scopeBits[scope] | securityBit : scopeBits[scope]);
}

export function scopeOf(type: string): Scope {
  const bits = Number(type);
  return scopes.find((scope) => (bits & scopeBits[scope]) !== 0) ?? "domainLocal";
}

export function kindOf(type: string): Kind {
  return (Number(type) & securityBit) !== 0 ? "security" : "distribution";
}

const members = z.array(z.string()).transform((refs, context) => {
  try {
    return [...new Set(refs.map(canonicalRef))].sort();
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

export const groupInputs = z.strictObject({
  /** sAMAccountName; also the cn of a group that is made. */
  name: nonEmpty,
  /** distinguishedName of the parent; absent = where it is, and it must exist. */
  path: dn.optional(),
  scope: z.enum(scopes).optional(),
  kind: z.enum(kinds).optional(),
  /** "" clears. */
  description: text.optional(),
  /** exact: others are removed; additive: only members that haloform put there are ever removed. */
  mode: z.enum(["exact", "additive"]),
  /** `person:KEY` or `dn:…`. */
  members,
});

export const groupOutputs = z.strictObject({
  distinguishedName: z.string(),
  /** Ids behind the members' refs. */
  resolved: z.record(z.string(), z.string()),
  /** Refs of people who have no account yet. */
  waiting: z.array(z.string()),
});

export type GroupInputs = Values & {
  name: string;
  path?: string;
  scope?: Scope;
  kind?: Kind;
  description?: string;
  mode: "exact" | "additive";
  members: string[];
};
export type GroupOutputs = Values & { distinguishedName: string; resolved: { [ref: string]: string }; waiting: string[] };

/** The canonical live values of ad:Group. */
export type GroupValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  scope: Scope;
  kind: Kind;
  description: string;
  members: { dn: string; guid: string }[];
  protected: boolean;
};

/** `GroupValues` of a live object; the type's own list and get made them. */
export function valuesOfGroup(live: Live): GroupValues {
  return live.values as GroupValues;
}

export function liveGroup(entry: Entry, members: readonly Member[]): Live | undefined {
  const id = guidOf(entry);
  if (id === undefined) return undefined;
  const type = textOf(entry, "groupType") ?? "0";
  const values: GroupValues = {
    distinguishedName: entry.dn,
    name: textOf(entry, "sAMAccountName") ?? "",
    path: parentOf(entry.dn),
    scope: scopeOf(type),
    kind: kindOf(type),
    description: textOf(entry, "description") ?? "",
    members: members.map(({ dn, guid }) => ({ dn, guid })).sort((a, b) => (a.dn < b.dn ? -1 : 1)),
    protected: isProtected(entry),
  };
  return { id, values };
}

/** A member of another forest, kept as a foreign security principal: no mapping can name it, so exact mode leaves it alone. */
export function isForeign(dn: string): boolean {
  try {
    return parseDn(dn)[1]?.[0].value.toLowerCase() === "foreignsecurityprincipals";
  } catch {
    return false;
  }
}

/** The live members as refs: what the wish (or the last outputs) calls by a ref, is called so; anybody else is `dn:…`. */
function viewMembers(
  values: GroupValues,
  managed: GroupInputs,
  resolved: { readonly [ref: string]: string },
  context: RunContext,
): string[] {
  const refs = new Map<string, string>();
  const ours = new Set<string>();
  const know = (ref: string, id: string | undefined): void => {
    const dn = dnOf(ref);
    if (dn !== undefined) refs.set(dnKey(dn), ref);
    else if (id !== undefined) refs.set(id, ref);
  };
  for (const [ref, id] of Object.entries(resolved)) {
    ours.add(id);
    // A person this run does not know can only be written by name: the id stands in outputs, which writes do not have.
    const person = personOf(ref);
    if (person === undefined) know(ref, undefined);
    else if (context.account("ad", person) === id) know(ref, id);
  }
  for (const ref of managed.members) {
    const person = personOf(ref);
    know(ref, person === undefined ? undefined : (context.account("ad", person) ?? resolved[ref]));
  }
  const shown = values.members.flatMap(({ dn, guid }) => {
    const ref = refs.get(guid) ?? refs.get(dnKey(dn));
    if (ref !== undefined) return [ref];
    const person = context.personOf("ad", guid);
    if (person !== undefined && (managed.mode !== "additive" || ours.has(guid))) return [`person:${person}`];
    if (managed.mode === "additive") return ours.has(guid) ? [dnRef(dn)] : [];
    return isForeign(dn) ? [] : [dnRef(dn)];
  });
  return [...new Set(shown)].sort();
}

/** The live group in the shape of the inputs, only what `managed` holds. */
export function viewGroup(live: Live, managed: GroupInputs, outputs: Values, context: RunContext): GroupInputs {
  const values = valuesOfGroup(live);
  return {
    name: values.name.toLowerCase() === managed.name.toLowerCase() ? managed.name : values.name,
    ...(managed.path === undefined ? {} : { path: sameDn(values.path, managed.path) ? managed.path : values.path }),
    ...(managed.scope === undefined ? {} : { scope: values.scope }),
    ...(managed.kind === undefined ? {} : { kind: values.kind }),
    ...(managed.description === undefined ? {} : { description: values.description.normalize("NFC").trim() }),
    mode: managed.mode,
    members: viewMembers(values, managed, resolvedOf(outputs), context),
  };
}
