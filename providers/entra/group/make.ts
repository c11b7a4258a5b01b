/** Making a group so that an interrupted run makes no second one: by its uniqueName, or back from the deleted ones. */

import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import { rowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { literal, segment } from "../../../clients/graph/odata.ts";
import { once } from "../../../clients/http/once.ts";
import { isAbsent, made } from "../send.ts";
import { type GroupInputs, uniqueNameOf } from "./inputs.ts";
import { kindWords } from "./view.ts";

const deletedSchema = z.object({ id: z.string(), uniqueName: z.string().nullish() });

export interface MadeGroup {
  id: string;
  /** It was there: an interrupted run had made it, or it was restored. */
  existed: boolean;
  restored?: boolean;
}

/** What a group of this wish begins with. */
function bodyOf(wished: GroupInputs, uniqueName: string): object {
  const unified = wished.kind === "microsoft365";
  const types = [...(unified ? ["Unified"] : []), ...(wished.rule === undefined ? [] : ["DynamicMembership"])];
  return {
    displayName: wished.name,
    mailEnabled: unified,
    mailNickname: wished.mailNickname ?? uniqueName.slice(0, 64),
    // Only a security-enabled group can give licences.
    securityEnabled: !unified || wished.licences !== undefined,
    ...defined({
      groupTypes: types.length > 0 ? types : undefined,
      description: wished.description || undefined,
      visibility: unified ? wished.visibility : undefined,
      membershipRule: wished.rule,
      membershipRuleProcessingState: wished.rule && (wished.ruleState ?? "On"),
    }),
  };
}

/**
 * Makes the group, restores the deleted one, or finds the one an interrupted run made. Idempotent by uniqueName (Prefer:
 * create-if-missing), so it does not matter that the list may be older than the group.
 */
export async function makeGroup(client: EntraClient, wished: GroupInputs): Promise<MadeGroup> {
  const what = `create the group ${wished.name}`;
  if (wished.kind === "mailSecurity" || wished.kind === "distribution")
    throw new RefusedError(
      `Could not ${what}: ${kindWords[wished.kind]} needs Exchange Online; create it there, or choose another kind in mappings/entra.yaml`,
      "GroupNotManageable",
    );
  const uniqueName = uniqueNameOf(wished.name);
  const gone = (await deletedGroups(client)).get(uniqueName);
  if (gone !== undefined) return restore(client, gone, what);
  const path = `/groups(uniqueName=${segment(literal(uniqueName))})`;
  const answer = await client.patch(path, bodyOf(wished, uniqueName), { what, headers: { Prefer: "create-if-missing" } });
  const answered = made.safeParse(answer.body);
  if (answered.success) return { id: answered.data.id, existed: false };
  // 204: it was there already. Replication may hide it from the very next read.
  const found = made.safeParse(await client.get(path, ["id"], what, isAbsent));
  if (found.success) return { id: found.data.id, existed: true };
  throw new RefusedError(
    `Could not ${what}: Graph says it exists (uniqueName ${uniqueName}) but does not show it; the next run goes on`,
    "Request_ResourceNotFound",
  );
}

/** uniqueName → id of the groups in the tenant's bin; read once a client, and only when a group has to be made. */
const deletedGroups = once(async (client: EntraClient): Promise<Map<string, string>> => {
  try {
    const rows = await client.list("/directory/deletedItems/microsoft.graph.group", ["id", "uniqueName"], { what: "read deleted groups" });
    return new Map(
      rowsOf(deletedSchema, rows, "Entra ID's deleted groups").flatMap(({ id, uniqueName }) => (uniqueName ? [[uniqueName, id]] : [])),
    );
  } catch (error) {
    // Who may make a group need not see the bin: then the group is made anew.
    if (error instanceof GraphRefusal) return new Map();
    throw error;
  }
});

async function restore(client: EntraClient, id: string, what: string): Promise<MadeGroup> {
  const path = `/directory/deletedItems/${segment(id)}/restore`;
  try {
    await client.post(path, {}, { what: `${what} from the deleted ones`, repeatable: true });
  } catch (error) {
    // Restored by our own first try, whose answer was lost.
    if (!(error instanceof GraphRefusal && isAbsent(error))) throw error;
  }
  const bin = await deletedGroups(client);
  for (const [name, gone] of bin) if (gone === id) bin.delete(name);
  return { id, existed: true, restored: true };
}
