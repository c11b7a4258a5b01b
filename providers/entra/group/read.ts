/** Groups as Graph gives them, and their members, owners and licences where they are wanted. */

import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import { fold } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { type Catalogue, catalogueOf } from "../licence/skus.ts";
import { understood } from "../send.ts";
import { type GroupKind, type GroupsAsked, groupKinds, nothingAsked, uniqueNameOf } from "./inputs.ts";
import { readLinks } from "./links.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();
const rowSchema = z.object({
  id: z.string().min(1),
  displayName: text,
  description: text,
  groupTypes: z.array(z.string()).nullish(),
  securityEnabled: flag,
  mailEnabled: flag,
  mailNickname: text,
  proxyAddresses: z.array(z.string()).nullish(),
  visibility: text,
  onPremisesSyncEnabled: flag,
  onPremisesSecurityIdentifier: text,
  onPremisesSamAccountName: text,
  onPremisesDomainName: text,
  membershipRule: text,
  membershipRuleProcessingState: text,
  isAssignableToRole: flag,
  uniqueName: text,
});
const licenceSchema = z.object({
  assignedLicenses: z.array(z.object({ skuId: z.string(), disabledPlans: z.array(z.string()).nullish() })).nullish(),
  licenseProcessingState: z.object({ state: text }).nullish(),
});
const groupSchema = rowSchema.extend(licenceSchema.shape);
export const groupProperties = Object.keys(rowSchema.shape);
/** Asked for only where the mapping gives licences to a group. */
export const licenceProperties = Object.keys(licenceSchema.shape);
type Row = z.infer<typeof groupSchema>;

/** A group's Live. `members`, `owners` (Graph ids, sorted) and `licences` only where they were asked for: absent is not empty. */
export const groupValues = z.looseObject({
  name: z.string(),
  description: z.string().default(""),
  kind: z.enum(groupKinds).default("security"),
  synced: z.boolean().default(false),
  dynamic: z.boolean().default(false),
  roleAssignable: z.boolean().default(false),
  /** Only Exchange may change it. */
  exchange: z.boolean().default(false),
  mailNickname: z.string().default(""),
  /** Where mail reaches it. */
  addresses: z.array(z.string()).optional(),
  visibility: z.string().default(""),
  rule: z.string().default(""),
  ruleState: z.string().default(""),
  uniqueName: z.string().optional(),
  /** Of one that is synced: by which the group of AD is told. */
  onPremisesSecurityIdentifier: z.string().optional(),
  onPremisesSamAccountName: z.string().optional(),
  onPremisesDomainName: z.string().optional(),
  members: z.array(z.string()).optional(),
  owners: z.array(z.string()).optional(),
  licences: z.array(z.object({ sku: z.string(), without: z.array(z.string()) })).optional(),
  /** Entra ID has not given (or taken) the licences of all members yet. */
  processing: z.boolean().default(false),
});
export type GroupValues = z.infer<typeof groupValues>;

function kindOf(group: Row): GroupKind {
  if ((group.groupTypes ?? []).includes("Unified")) return "microsoft365";
  if (group.mailEnabled !== true) return "security";
  return group.securityEnabled === true ? "mailSecurity" : "distribution";
}

const anchorsOf = ({ onPremisesSecurityIdentifier, onPremisesSamAccountName, onPremisesDomainName }: Row) => ({
  onPremisesSecurityIdentifier: onPremisesSecurityIdentifier || undefined,
  onPremisesSamAccountName: onPremisesSamAccountName || undefined,
  onPremisesDomainName: onPremisesDomainName || undefined,
});

/** A group's row as Live; the catalogue is given where its licences were asked for. What is not set is left out: a tenant has thousands of groups, and all of them travel in the run file. */
function liveGroup(group: Row, members?: readonly string[], owners?: readonly string[], catalogue?: Catalogue): Live {
  const kind = kindOf(group);
  const values: Values = {
    name: group.displayName ?? "",
    description: group.description ?? "",
    synced: group.onPremisesSyncEnabled === true,
    dynamic: (group.groupTypes ?? []).includes("DynamicMembership") || Boolean(group.membershipRule),
    roleAssignable: group.isAssignableToRole === true,
    exchange: kind === "mailSecurity" || kind === "distribution",
    ...defined({
      kind: kind === "security" ? undefined : kind,
      mailNickname: group.mailNickname || undefined,
      addresses: group.proxyAddresses?.length ? group.proxyAddresses.toSorted(order) : undefined,
      visibility: group.visibility || undefined,
      rule: group.membershipRule || undefined,
      ruleState: group.membershipRuleProcessingState || undefined,
      uniqueName: group.uniqueName || undefined,
      ...(group.onPremisesSyncEnabled === true ? anchorsOf(group) : {}),
      members: members?.toSorted(order),
      owners: owners?.toSorted(order),
    }),
  };
  if (catalogue) {
    values["licences"] = (group.assignedLicenses ?? [])
      .map((one) => ({ sku: catalogue.skuName(one.skuId), without: (one.disabledPlans ?? []).map(catalogue.planName).sort(order) }))
      .sort((a, b) => order(a.sku, b.sku));
    const state = group.licenseProcessingState?.state;
    if (state && state !== "ProcessingComplete") values["processing"] = true;
  }
  return { id: group.id, values };
}

/** Whether something is wanted of a group: it is named so, or has this id, or haloform made it under that name. */
function wanting(names: readonly string[]): (row: Row) => boolean {
  const named = new Set(names.map(fold));
  const made = new Set(names.map(uniqueNameOf));
  return (row) => named.has(fold(row.displayName ?? "")) || named.has(fold(row.id)) || (row.uniqueName ? made.has(row.uniqueName) : false);
}

/** Rows with what is wanted of them: members and owners 20 groups a call. */
async function furthered(client: EntraClient, rows: readonly Row[], asked: GroupsAsked): Promise<Live[]> {
  const idsOf = (names: readonly string[]): string[] => rows.filter(wanting(names)).map((row) => row.id);
  const licensed = new Set(idsOf(asked.licences));
  const [members, owners, catalogue] = await Promise.all([
    readInside(client, rows, idsOf(asked.members), asked.within && idsOf(asked.within)),
    readLinks(client, idsOf(asked.owners), "owners"),
    licensed.size > 0 ? catalogueOf(client) : undefined,
  ]);
  return rows.map((row) => liveGroup(row, members.get(row.id), owners.get(row.id), licensed.has(row.id) ? catalogue : undefined));
}

/**
 * Members of the groups `named`, and where `within` is asked for of those, of groups that can hold Entra roles, and of whatever group is
 * in one of them, however deep.
 */
async function readInside(client: EntraClient, rows: readonly Row[], named: readonly string[], within: readonly string[] | undefined) {
  if (!within) return readLinks(client, named, "members");
  const closed = new Set([...within, ...rows.flatMap((row) => (row.isAssignableToRole === true ? [row.id] : []))]);
  const members = new Map<string, string[]>();
  const groups = new Set(rows.map(({ id }) => id));
  for (let open = [...new Set([...named, ...closed])]; open.length > 0; ) {
    for (const [id, ids] of await readLinks(client, open, "members")) members.set(id, ids);
    for (const id of closed) for (const inner of members.get(id) ?? []) if (groups.has(inner)) closed.add(inner);
    open = [...closed].filter((id) => !members.has(id) && !open.includes(id));
  }
  return members;
}

const selection = ({ licences }: GroupsAsked): string[] =>
  licences.length > 0 ? [...groupProperties, ...licenceProperties] : groupProperties;

/** All groups in ⌈N/999⌉ calls; members, owners and licences only of those that are asked for (in any case). */
export async function listGroups(client: EntraClient, asked: GroupsAsked): Promise<Live[]> {
  const rows = await client.list("/groups", selection(asked), { what: "read groups" });
  return (await furthered(client, keptRowsOf(groupSchema, rows, "Entra ID's groups"), asked)).sort((a, b) => order(a.id, b.id));
}

/** One group with its members, whatever it is called, and with owners and licences where `asked` names any; undefined when gone. */
export async function getGroup(client: EntraClient, id: string, asked: GroupsAsked = nothingAsked): Promise<Live | undefined> {
  const what = `read the group ${id}`;
  const found = await client.get(`/groups/${segment(id)}`, selection(asked), what);
  if (found === undefined) return undefined;
  const row = understood(groupSchema, found, what);
  const { displayName } = row;
  // What is asked of one group is asked of this one: it may have got another name meanwhile.
  const mine = (names: readonly string[]): string[] => (names.length > 0 ? [displayName ?? ""] : []);
  const [live] = await furthered(client, [row], {
    members: [displayName ?? ""],
    owners: mine(asked.owners),
    licences: mine(asked.licences),
  });
  return live;
}
