/** Brings a group that exists from what it is to what is wished: its own properties, members, owners, licences. */

import { defined } from "../../../base/defined.ts";
import { RefusedError, summed } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { RunContext } from "../../core/definition.ts";
import { remember } from "../../core/references.ts";
import { ownChange } from "../facts.ts";
import { addLater, deltaOf } from "../references.ts";
import type { GroupInputs, GroupOutputs } from "./inputs.ts";
import { bringLicences } from "./licences.ts";
import { addEach, addMembers as addTogether, removeLinks, type Target } from "./links.ts";

/** Properties of its own that differ, as Graph calls them. */
function propertyChange(wished: GroupInputs, was: GroupInputs): object {
  const changed = <T>(now: T, before: T): T | undefined => (now === before ? undefined : now);
  return defined({
    ...ownChange(wished, was),
    mailNickname: changed(wished.mailNickname, was.mailNickname),
    visibility: changed(wished.visibility, was.visibility),
    membershipRule: changed(wished.rule, was.rule),
    membershipRuleProcessingState: changed(wished.ruleState, was.ruleState),
  });
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

  const members = await deltaOf(client, context, wished.members ?? [], wished.members ? (was.members ?? []) : []);
  // Joined before left: nobody who only changes their reference is out for a moment.
  const addMembers = (ids: readonly string[]): Promise<Error[]> => addTogether(client, target, ids);
  const addOwners = (ids: readonly string[]): Promise<Error[]> => addEach(client, target, ids, "owners");
  const errors = await addMembers(members.join);
  for (const error of await removeLinks(client, target, members.leave, "members")) errors.push(error);
  const owners = wished.owners && (await deltaOf(client, context, wished.owners, was.owners ?? []));
  if (owners) {
    const refused = await addOwners(owners.join);
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
  await addLater(context, members.waiting, addMembers);
  if (owners) await addLater(context, owners.waiting, addOwners);
  return {
    resolved: remember(wished.mode, members.ids),
    waiting: members.waiting,
    ...(owners ? { owners: remember(wished.mode, owners.ids) } : {}),
  };
}
