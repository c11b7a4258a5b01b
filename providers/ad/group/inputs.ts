/** ad:Group: inputs and outputs, and a live group. How a live group looks in the shape of the inputs: view.ts. */
import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import type { Live } from "../../core/definition.ts";
import { liveAs } from "../reads.ts";
import { dn, nonEmpty, readBy, text } from "../user/inputs.ts";
import { parentOf, parseDn } from "../values/dn.ts";
import { isTierZero } from "../values/tier-zero.ts";
import type { Entry } from "../wire/client.ts";
import { protectionOf, sidOf, textOf } from "../wire/entry.ts";
import { canonicalRef } from "./refs.ts";

export const scopes = ["global", "universal", "domainLocal"] as const;
export const kinds = ["security", "distribution"] as const;
export type Scope = (typeof scopes)[number];
export type Kind = (typeof kinds)[number];

/** Inputs that are one plain LDAP attribute; "" clears. */
export const plainAttributes = { description: "description", displayName: "displayName", mail: "mail", notes: "info" } as const;
export type PlainAttribute = keyof typeof plainAttributes;
export const plainNames = Object.keys(plainAttributes) as PlainAttribute[];

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

const refs = z.array(z.string()).transform(readBy((all: string[]) => [...new Set(all.map(canonicalRef))].sort()));

/** A ref, or "" for nobody. */
export const oneRef = z.string().transform(readBy((one: string) => (one.trim() === "" ? "" : canonicalRef(one))));

export const groupInputs = z.strictObject({
  /** sAMAccountName; also the cn of a group that is made. */
  name: nonEmpty,
  /** distinguishedName of the parent; absent = where it is, and it must exist. */
  path: dn.exactOptional(),
  scope: z.enum(scopes).exactOptional(),
  kind: z.enum(kinds).exactOptional(),
  /** "" clears, as of the next three. */
  description: text.exactOptional(),
  displayName: text.exactOptional(),
  mail: text.exactOptional(),
  /** Attribute info. */
  notes: text.exactOptional(),
  /** A ref; "" clears. */
  managedBy: oneRef.exactOptional(),
  /** exact: others are removed; additive: only members that haloform put there are ever removed. */
  mode: z.enum(["exact", "additive"]),
  /** `person:KEY`, `group:NAME`, `contact:NAME` or `dn:…`. */
  members: refs,
  /** Who is taken out whoever put them there, also in additive mode: leavers. */
  leave: refs.exactOptional(),
  /** Who may be a member besides: whether they are is nobody's change (drift does not tell of it). */
  may: refs.exactOptional(),
  /** AD protects the group, and safety.yaml names it all the same: its members may be written, nothing else. */
  privileged: z.boolean().exactOptional(),
});

export const groupOutputs = z.strictObject({
  distinguishedName: z.string(),
  /** Ids behind the members' refs. */
  resolved: z.record(z.string(), z.string()),
  /** Refs of people who have no account yet, and of groups and contacts that do not exist yet. */
  waiting: z.array(z.string()),
  /** The id behind `managedBy`. */
  manager: z.string().exactOptional(),
});

export type GroupInputs = z.infer<typeof groupInputs>;
export type GroupOutputs = z.infer<typeof groupOutputs>;

/** A member, as live values hold it. `primary`: by primaryGroupID, not by `member`. */
export type LiveMember = { dn: string; guid: string; primary?: true };

/** The canonical live values of ad:Group. */
export type GroupValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  scope: Scope;
  kind: Kind;
  description: string;
  displayName: string;
  mail: string;
  notes: string;
  /** distinguishedName; "" = nobody. */
  managedBy: string;
  /** Its id, where it was read. */
  managerId: string;
  members: LiveMember[];
  protected: boolean;
  /** Why, where it is protected. */
  protectedBecause?: string;
  sid?: string;
  /** Whoever is in it is an administrator of the domain (values/tier-zero.ts). */
  tierZero?: true;
};

/** `GroupValues` of a live object; the type's own list and get made them. */
export function valuesOfGroup(live: Live): GroupValues {
  return live.values as GroupValues;
}

export function liveGroup(entry: Entry, members: readonly LiveMember[], managerId = ""): Live | undefined {
  const type = textOf(entry, "groupType") ?? "0";
  const [name, scope, sid] = [textOf(entry, "sAMAccountName") ?? "", scopeOf(type), sidOf(entry)];
  const tierZero = isTierZero({ dn: entry.dn, sid, name, scope });
  const because = protectionOf(entry) ?? (tierZero ? "it is a group of the domain's administrators" : undefined);
  const values: GroupValues = {
    distinguishedName: entry.dn,
    name,
    path: parentOf(entry.dn),
    scope,
    kind: kindOf(type),
    description: textOf(entry, "description") ?? "",
    displayName: textOf(entry, "displayName") ?? "",
    mail: textOf(entry, "mail") ?? "",
    notes: textOf(entry, "info") ?? "",
    managedBy: textOf(entry, "managedBy") ?? "",
    managerId,
    members: [...members].sort((a, b) => (a.dn < b.dn ? -1 : 1)),
    protected: because !== undefined,
    ...defined({ protectedBecause: because, sid, tierZero: tierZero || undefined }),
  };
  return liveAs(entry, values);
}

/** A member of another forest, kept as a foreign security principal: exact mode leaves it alone unless a mapping names it. */
export function isForeign(dn: string): boolean {
  try {
    return parseDn(dn)[1]?.[0].value.toLowerCase() === "foreignsecurityprincipals";
  } catch {
    return false;
  }
}
