/** entra:Group: inputs, outputs, and what a group is asked for when it is read. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";

export const groupKinds = ["security", "microsoft365", "mailSecurity", "distribution"] as const;
export type GroupKind = (typeof groupKinds)[number];
export type GroupLicence = { sku: string; without: string[] };

export type GroupInputs = {
  /** displayName. */
  name: string;
  /** What it must be; absent = what it is, and security when made. */
  kind?: GroupKind;
  /** Absent = not managed; "" = none. */
  description?: string;
  mailNickname?: string;
  visibility?: "Public" | "Private" | "HiddenMembership";
  /** The rule that fills it (dynamic membership); then `members` is absent. */
  rule?: string;
  ruleState?: "On" | "Paused";
  /** exact: members that are not wished are removed; additive: only those haloform put there. */
  mode: "exact" | "additive";
  /** `person:<key>`, `group:<name>` or `id:<Graph id>`, sorted. Absent = not managed. */
  members?: string[];
  /** Who may be a member besides: whether they are is nobody's change. */
  may?: string[];
  /** People who own it. Absent = not managed. */
  owners?: string[];
  /** What Entra ID gives to its members, sorted by SKU. Absent = not managed. */
  licences?: GroupLicence[];
  /** It can hold Entra roles, and safety.yaml names it all the same: its members may be written, nothing else. */
  privileged?: boolean;
  /** Make it when missing. */
  create: boolean;
};

export type GroupOutputs = {
  /** Reference → Graph id, of the members that exist. */
  resolved: { [reference: string]: string };
  /** References whose account or group does not exist yet. */
  waiting: string[];
  /** The same of owners, where they are managed. */
  owners?: { [reference: string]: string };
};

const reference = z
  .string()
  .trim()
  .regex(/^(?:person|id|group):./u, "person:<key>, group:<name> or id:<Graph id>");
/** Sorted, each once. */
export const references = z.array(reference).transform((all) => [...new Set(all)].sort(order));

const licence = z
  .strictObject({ sku: z.string().trim().min(1), without: z.array(z.string().trim()).default([]) })
  .transform(({ sku, without }) => ({ sku, without: [...new Set(without)].sort(order) }));

export const groupInputs = z
  .object({
    name: z.string().trim().min(1).max(256),
    kind: z.enum(groupKinds).exactOptional(),
    description: z.string().trim().max(1024).exactOptional(),
    mailNickname: z.string().trim().min(1).max(64).exactOptional(),
    visibility: z.enum(["Public", "Private", "HiddenMembership"]).exactOptional(),
    rule: z.string().trim().min(1).max(3072).exactOptional(),
    ruleState: z.enum(["On", "Paused"]).exactOptional(),
    mode: z.enum(["exact", "additive"]).default("exact"),
    members: references.exactOptional(),
    may: references.exactOptional(),
    owners: references.exactOptional(),
    licences: z
      .array(licence)
      .transform((all) => all.toSorted((a, b) => order(a.sku, b.sku)))
      .exactOptional(),
    privileged: z.boolean().exactOptional(),
    create: z.boolean().default(true),
  })
  .strict()
  .refine((one) => one.rule === undefined || one.members === undefined, {
    error: "members of a group with a rule are not managed",
    path: ["members"],
  });

export const groupOutputs = z.object({
  resolved: z.record(z.string(), z.string()),
  waiting: z.array(z.string()),
  owners: z.record(z.string(), z.string()).exactOptional(),
});

/** What `list` and `get` are asked for: names of the groups whose members, owners and licences are wanted. */
export interface GroupsAsked {
  members: readonly string[];
  owners: readonly string[];
  licences: readonly string[];
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
  return slug === lower
    ? `haloform-${slug}`
    : `haloform-${[slug, createHash("sha256").update(lower).digest("hex").slice(0, 8)].filter((part) => part !== "").join("-")}`;
}

/** A group's outputs as Values, for the definition's types. */
export type GroupState = GroupOutputs & Values;
