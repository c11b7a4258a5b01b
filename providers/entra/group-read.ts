/** Groups as Graph gives them, and their members where they are wanted. */
import { z } from "zod";
import type { Live, Values } from "../core/definition.ts";
import { UnreachableError } from "../core/errors.ts";
import { type EntraClient, pageSize } from "./client.ts";
import { graphError } from "./errors.ts";
import { query, segment } from "./odata.ts";
import { order } from "./user.ts";

export const groupProperties = [
  "id",
  "displayName",
  "description",
  "groupTypes",
  "securityEnabled",
  "mailEnabled",
  "onPremisesSyncEnabled",
  "membershipRule",
  "isAssignableToRole",
  "uniqueName",
];

const groupSchema = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  groupTypes: z.array(z.string()).nullish(),
  securityEnabled: z.boolean().nullish(),
  mailEnabled: z.boolean().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  membershipRule: z.string().nullish(),
  isAssignableToRole: z.boolean().nullish(),
  uniqueName: z.string().nullish(),
});

/** A group's Live. `members` (Graph ids, sorted) only where they were asked for: absent is not empty. */
export const groupValues = z.looseObject({
  name: z.string(),
  description: z.string().default(""),
  synced: z.boolean().default(false),
  dynamic: z.boolean().default(false),
  roleAssignable: z.boolean().default(false),
  /** Only Exchange may change it. */
  exchange: z.boolean().default(false),
  members: z.array(z.string()).optional(),
});

export function liveGroup(raw: unknown, members?: readonly string[]): Live {
  const group = groupSchema.parse(raw);
  const types = group.groupTypes ?? [];
  const values: Values = {
    name: group.displayName ?? "",
    description: group.description ?? "",
    synced: group.onPremisesSyncEnabled === true,
    dynamic: types.includes("DynamicMembership") || Boolean(group.membershipRule),
    roleAssignable: group.isAssignableToRole === true,
    exchange: group.mailEnabled === true && !types.includes("Unified"),
    ...(group.uniqueName ? { uniqueName: group.uniqueName } : {}),
    ...(members ? { members: [...members].sort(order) } : {}),
  };
  return { id: group.id, values };
}

/** All groups in ⌈N/999⌉ calls; members only of those named (any case), 20 groups a call. */
export async function listGroups(client: EntraClient, names: readonly string[]): Promise<Live[]> {
  const rows = await client.list("/groups", groupProperties, { what: "read groups" });
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const ids = rows.map((row) => groupSchema.parse(row)).filter((one) => wanted.has((one.displayName ?? "").toLowerCase()));
  const members = await readMembers(
    client,
    ids.map((one) => one.id),
  );
  return rows.map((row) => liveGroup(row, members.get(groupSchema.parse(row).id))).sort((a, b) => order(a.id, b.id));
}

/** One group with its members; undefined when gone. */
export async function getGroup(client: EntraClient, id: string): Promise<Live | undefined> {
  const row = await client.get(`/groups/${segment(id)}`, groupProperties, `read the group ${id}`);
  if (row === undefined) return undefined;
  return liveGroup(row, (await readMembers(client, [id])).get(id));
}

const pageSchema = z.object({ value: z.array(z.object({ id: z.string() })), "@odata.nextLink": z.string().nullish() });

/** Group id → ids of its direct members, all pages. A group that vanished meanwhile is left out. */
export async function readMembers(client: EntraClient, groups: readonly string[]): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>();
  let left = groups.map((id) => ({ id, path: `/groups/${segment(id)}/members${query({ select: ["id"], top: pageSize })}` }));
  while (left.length > 0) {
    const asked = left;
    const answers = await Promise.all(asked.map(({ id, path }) => client.read(path, `read the members of group ${id}`)));
    left = [];
    for (const [index, { id, path }] of asked.entries()) {
      const answer = answers[index];
      if (!answer || answer.status === 404) continue;
      if (answer.status >= 400) throw graphError(`read the members of group ${id}`, "GET", path, answer);
      const page = pageSchema.parse(answer.body);
      members.set(id, [...(members.get(id) ?? []), ...page.value.map((one) => one.id)]);
      const next = page["@odata.nextLink"];
      if (!next) continue;
      if (!next.startsWith(`${client.base}/`))
        throw new UnreachableError(
          `Could not read the members of group ${id}: Graph named a next page on another host; it was not followed.`,
        );
      left.push({ id, path: next.slice(client.base.length) });
    }
  }
  return members;
}
