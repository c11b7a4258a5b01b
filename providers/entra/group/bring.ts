/** Brings a group that exists from what it is to what is wished: its own properties, members, owners, licences. */

import { RefusedError } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { RunContext } from "../../core/definition.ts";
import type { GroupInputs, GroupState } from "./inputs.ts";
import { bringLicences } from "./licences.ts";
import type { Link } from "./links.ts";
import { addMembers, addOwners, removeMembers, type Target } from "./members.ts";
import { keyOf, known, memberOf, resolveMembers } from "./references.ts";
import { remembered } from "./view.ts";

/** Properties of its own that differ, as Graph calls them. */
export function propertyChange(wished: GroupInputs, was: GroupInputs): { [property: string]: string | null } {
  const change: { [property: string]: string | null } = {};
  const put = (property: string, now: string | undefined, before: string | undefined): void => {
    if (now !== undefined && now !== before) change[property] = now;
  };
  put("displayName", wished.name, was.name);
  if (wished.description !== undefined && wished.description !== (was.description ?? ""))
    change["description"] = wished.description === "" ? null : wished.description;
  put("mailNickname", wished.mailNickname, was.mailNickname);
  put("visibility", wished.visibility, was.visibility);
  put("membershipRule", wished.rule, was.rule);
  put("membershipRuleProcessingState", wished.ruleState, was.ruleState);
  return change;
}

/** Who joins and who goes, as Graph ids; `waiting` join as soon as they exist. */
export interface Delta {
  join: string[];
  go: string[];
  ids: { [reference: string]: string };
  waiting: string[];
}

/** The difference of two sets of references. Nobody who only changes their reference is in either list. */
export async function deltaOf(client: EntraClient, context: RunContext, wished: readonly string[], was: readonly string[]): Promise<Delta> {
  const { ids, waiting } = await resolveMembers(client, context, wished);
  const had = new Set(was.map((reference) => known(reference, context) ?? reference));
  const keep = new Set(Object.values(ids));
  const join = Object.entries(ids)
    .filter(([reference, id]) => !was.includes(reference) && !had.has(id))
    .map(([, id]) => id);
  const go = was
    .filter((reference) => !wished.includes(reference))
    .map((reference) => memberOf(reference, context))
    .filter((id) => !keep.has(id));
  return { join: [...new Set(join)], go: [...new Set(go)], ids, waiting };
}

export async function bringGroup(
  client: EntraClient,
  id: string,
  wished: GroupInputs,
  was: GroupInputs,
  context: RunContext,
  fresh: boolean,
): Promise<GroupState> {
  const target: Target = { id, name: wished.name, fresh };
  const change = propertyChange(wished, was);
  if (Object.keys(change).length > 0) await client.patch(`/groups/${segment(id)}`, change, { what: `change the group ${wished.name}` });
  context.announce("entra", `group:${wished.name}`, id);

  const errors: Error[] = [];
  const members = await deltaOf(client, context, wished.members ?? [], wished.members === undefined ? [] : (was.members ?? []));
  // Joined before left: nobody who only changes their reference is out for a moment.
  errors.push(...(await addMembers(client, target, members.join)), ...(await removeMembers(client, target, members.go)));
  const owners = wished.owners === undefined ? undefined : await deltaOf(client, context, wished.owners, was.owners ?? []);
  if (owners) errors.push(...(await bringOwners(client, target, owners)));
  if (wished.licences !== undefined) {
    try {
      await bringLicences(client, target, wished.licences, was.licences ?? []);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more like it)` : "";
    throw first instanceof RefusedError ? new RefusedError(`${first.message}${more}`, first.code, { cause: first }) : first;
  }
  await joinLater(client, target, "members", members.waiting, context);
  if (owners) await joinLater(client, target, "owners", owners.waiting, context);
  return {
    resolved: remembered(wished.mode, members.ids),
    waiting: members.waiting,
    ...(owners ? { owners: remembered(wished.mode, owners.ids) } : {}),
  };
}

/** New owners first; where none of them could be made one, the old ones stay: a group without an owner is nobody's. */
async function bringOwners(client: EntraClient, target: Target, owners: Delta): Promise<Error[]> {
  const errors = await addOwners(client, target, owners.join);
  const left = Object.keys(owners.ids).length - errors.length;
  return left > 0 ? [...errors, ...(await removeMembers(client, target, owners.go, "owners"))] : errors;
}

async function joinLater(client: EntraClient, target: Target, link: Link, waiting: readonly string[], context: RunContext): Promise<void> {
  for (const reference of waiting) {
    await context.whenAnnounced("entra", keyOf(reference), async (id) => {
      const [failed] = await (link === "members" ? addMembers : addOwners)(client, target, [id]);
      if (failed) throw failed;
    });
  }
}
