/** entra:Group: inputs, outputs, and what a group is asked for when it is read. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { order } from "../../../base/order.ts";

export const groupKinds = ["security", "microsoft365", "mailSecurity", "distribution"] as const;
export type GroupKind = (typeof groupKinds)[number];

const reference = z
  .string()
  .trim()
  .regex(/^(?:person|id|group):./u, "person:<key>, group:<name> or id:<Graph id>");
/** `person:<key>`, `group:<name>` or `id:<Graph id>`: sorted, each once. */
const references = z.array(reference).transform((all) => [...new Set(all)].sort(order));

/** Of what has members. */
export const memberInputs = {
  /** exact: who is not wished is taken out; additive: only those haloform put there. */
  mode: z.enum(["exact", "additive"]).default("exact"),
  members: references,
};
export const memberOutputs = z.object({
  /** Reference → Graph id, of the members that exist. */
  resolved: z.record(z.string(), z.string()),
  /** References whose account or group does not exist yet. */
  waiting: z.array(z.string()),
});

const licence = z
  .strictObject({ sku: z.string().trim().min(1), without: z.array(z.string().trim()).default([]) })
  .transform(({ sku, without }) => ({ sku, without: [...new Set(without)].sort(order) }));

export const groupInputs = z
  .strictObject({
    /** displayName. */
    name: z.string().trim().min(1).max(256),
    /** What it must be; absent = what it is, and security when made. */
    kind: z.enum(groupKinds).exactOptional(),
    /** Absent = not managed; "" = none. */
    description: z.string().trim().max(1024).exactOptional(),
    mailNickname: z.string().trim().min(1).max(64).exactOptional(),
    visibility: z.enum(["Public", "Private", "HiddenMembership"]).exactOptional(),
    /** The rule that fills it (dynamic membership); then `members` is absent. */
    rule: z.string().trim().min(1).max(3072).exactOptional(),
    ruleState: z.enum(["On", "Paused"]).exactOptional(),
    ...memberInputs,
    /** Absent = not managed. */
    members: references.exactOptional(),
    /** Who is taken out whoever put them there, also in additive mode: leavers. */
    leave: references.exactOptional(),
    /** Who may be a member besides: whether they are is nobody's change. */
    may: references.exactOptional(),
    /** People who own it. Absent = not managed. */
    owners: references.exactOptional(),
    /** What Entra ID gives to its members, sorted by SKU. Absent = not managed. */
    licences: z
      .array(licence)
      .transform((all) => all.toSorted((a, b) => order(a.sku, b.sku)))
      .exactOptional(),
    /** It can hold Entra roles, and safety.yaml names it all the same: its members may be written, nothing else. */
    privileged: z.boolean().exactOptional(),
    /** Make it when missing. */
    create: z.boolean().default(true),
  })
  .refine((one) => one.rule === undefined || one.members === undefined, {
    error: "members of a group with a rule are not managed",
    path: ["members"],
  });
export type GroupInputs = z.infer<typeof groupInputs>;
export type GroupLicence = z.infer<typeof licence>;

export const groupOutputs = memberOutputs.extend({
  /** Reference → Graph id of owners, where they are managed. */
  owners: z.record(z.string(), z.string()).exactOptional(),
});
export type GroupOutputs = z.infer<typeof groupOutputs>;

/** What `list` and `get` are asked for: names of the groups whose members, owners and licences are wanted. */
export interface GroupsAsked {
  members: readonly string[];
  owners: readonly string[];
  licences: readonly string[];
  /** Of these, and of groups that can hold Entra roles, everybody inside is wanted: members of groups in them too. Absent: of none. */
  within?: readonly string[];
}
export const nothingAsked: GroupsAsked = { members: [], owners: [], licences: [] };

/** All that wishes need to be compared. */
export function asksOf(wished: readonly { name: string; rule?: string | undefined; owners?: unknown; licences?: unknown }[]): GroupsAsked {
  const names = (which: (one: (typeof wished)[number]) => boolean): string[] => wished.filter(which).map((one) => one.name);
  return {
    members: names((one) => one.rule === undefined),
    owners: names((one) => one.owners !== undefined),
    licences: names((one) => one.licences !== undefined),
  };
}

/**
 * Graph's client key of a group made by haloform, so that making it twice makes one (uniqueName never changes). Names that
 * the slug cannot hold get a few digits of their hash, so that two names never share a key.
 */
export function uniqueNameOf(name: string): string {
  const lower = name.toLowerCase();
  const slug = lower
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 40);
  const hash = slug === lower ? "" : createHash("sha256").update(lower).digest("hex").slice(0, 8);
  return ["haloform", slug, hash].filter((part) => part !== "").join("-");
}
