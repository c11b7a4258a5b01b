/** Brings a group that exists from what it is to what is wished: its own properties, members, owners, licences. */

import { RefusedError, summed } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { RunContext } from "../../core/definition.ts";
import { joinLater, remember } from "../../core/references.ts";
import type { GroupInputs, GroupOutputs } from "./inputs.ts";
import { bringLicences } from "./licences.ts";
import { addMembers, addOwners, removeLinks, type Target } from "./links.ts";
import { deltaOf } from "./references.ts";

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

/** Brings it from `was` to `wished`. Everything that can be done is done; then the first refusal is thrown. */
export async function bringGroup(
  client: EntraClient,
  id: string,
  wished: GroupInputs,
  was: GroupInputs,
  context: RunContext,
): Promise<GroupOutputs> {
  const target: Target = { id, name: wished.name };
  const change = propertyChange(wished, was);
  if (Object.keys(change).length > 0) await client.patch(`/groups/${segment(id)}`, change, { what: `change the group ${wished.name}` });
  context.announce("entra", `group:${wished.name}`, id);

  const members = await deltaOf(client, context, wished.members ?? [], wished.members === undefined ? [] : (was.members ?? []));
  // Joined before left: nobody who only changes their reference is out for a moment.
  const errors = await addMembers(client, target, members.join);
  for (const error of await removeLinks(client, target, members.leave, "members")) errors.push(error);
  const owners = wished.owners && (await deltaOf(client, context, wished.owners, was.owners ?? []));
  if (owners) {
    const refused = await addOwners(client, target, owners.join);
    errors.push(...refused);
    // Where none of them could be made one, the old ones remain: a group without an owner is nobody's.
    if (Object.keys(owners.ids).length > refused.length) errors.push(...(await removeLinks(client, target, owners.leave, "owners")));
  }
  if (wished.licences !== undefined) {
    try {
      await bringLicences(client, target, wished.licences, was.licences ?? []);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      errors.push(error);
    }
  }
  const error = summed(errors);
  if (error) throw error;
  const later = (add: typeof addMembers, waiting: readonly string[]): Promise<void> =>
    joinLater("entra", waiting, context, async (one) => {
      const [failed] = await add(client, target, [one]);
      if (failed) throw failed;
    });
  await later(addMembers, members.waiting);
  if (owners) await later(addOwners, owners.waiting);
  return {
    resolved: remember(wished.mode, members.ids),
    waiting: members.waiting,
    ...(owners ? { owners: remember(wished.mode, owners.ids) } : {}),
  };
}
