/** entra:AppAssignment — who has a role of an enterprise application. The id: service principal and role. */

import { RefusedError, summed } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { GraphRequest } from "../../../clients/graph/batch.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { byId, idIn, idsOf, joinLater, knownIn, orLast, remember, resolve, view as viewMembers } from "../../core/references.ts";
import { deltaOf } from "../group/references.ts";
import { findRole } from "./find.ts";
import { type AppInputs, type AppOutputs, appInputs, appOutputs } from "./inputs.ts";
import { appValues, getAssignments, listAssignments, partsOf } from "./read.ts";

/** "Has it already" is success: what matters is that it is assigned. */
const already = /permission being assigned already exists/iu;

/** Gives the role. Resolves with what could not be done. */
async function give(client: EntraClient, id: string, wished: AppInputs, member: string): Promise<Error | undefined> {
  const { principal, role } = partsOf(id);
  const path = `/servicePrincipals/${segment(principal)}/appRoleAssignedTo`;
  const body = { principalId: member, resourceId: principal, appRoleId: role };
  // Twice the same is one assignment: the second is refused in words that are known.
  const request: GraphRequest = { method: "POST", path, body, repeatable: true };
  const what = `give the app role ${wished.name} to ${member}`;
  const answer = await client.submit(request, { what, passing: (refusal) => refusal.kind === "absent" });
  if (answer.status < 400) return undefined;
  const error = graphError(what, "POST", path, answer);
  return error instanceof GraphRefusal && already.test(error.message) ? undefined : error;
}

/** Takes the role away, by the ids of the assignments. Resolves with what could not be done. */
async function take(client: EntraClient, live: Live, wished: AppInputs, members: readonly string[]): Promise<Error[]> {
  const { principal } = partsOf(live.id);
  const assignments = appValues.parse(live.values).members.filter((one) => members.includes(one.id));
  const paths = assignments.map((one) => `/servicePrincipals/${segment(principal)}/appRoleAssignedTo/${segment(one.assignment)}`);
  const answers = await client.batch(paths.map((path): GraphRequest => ({ method: "DELETE", path })));
  return answers.flatMap((answer, index) => {
    if (answer.status < 400) return [];
    const error = graphError(`take the app role ${wished.name} from ${assignments[index]?.id}`, "DELETE", paths[index] ?? "", answer);
    return error instanceof GraphRefusal && error.kind === "absent" ? [] : [error];
  });
}

async function bring(client: EntraClient, live: Live, wished: AppInputs, was: AppInputs, context: RunContext): Promise<AppOutputs> {
  const { join, leave, ids, waiting } = await deltaOf(client, context, wished.members, was.members);
  const given = await Promise.all(join.map((member) => give(client, live.id, wished, member)));
  const error = summed([...given.filter((one) => one !== undefined), ...(await take(client, live, wished, leave))]);
  if (error) throw error;
  await joinLater("entra", waiting, context, async (member) => {
    const failed = await give(client, live.id, wished, member);
    if (failed) throw failed;
  });
  return { resolved: remember(wished.mode, ids), waiting };
}

function view(live: Live, managed: AppInputs, outputs: Values, context: Pick<RunContext, "account" | "personOf">): AppInputs {
  const ids = appValues.parse(live.values).members.map((one) => one.id);
  return { ...managed, members: viewMembers(ids, managed, idsOf(outputs), knownIn("entra", context), byId) };
}

export const appAssignment = define<AppInputs, AppOutputs, EntraClient, { applications: readonly string[] }>({
  type: "entra:AppAssignment",
  system: "entra",
  noun: "app role",
  about: "group",
  membership: { type: "entra:App:Membership", noun: "app role" },
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["members"],
  silent: ["mode"],
  access: { name: neither, application: both, role: both, mode: neither, members: entries("memberships") },
  inputs: appInputs,
  outputs: appOutputs,
  immutable: ["application", "role"],
  client: entra,
  list: (client, { applications }) => listAssignments(client, applications),
  get: (client, id) => getAssignments(client, id),
  find(live, wished) {
    const found = findRole(live, wished.application, wished.role);
    return "live" in found ? found.live.id : undefined;
  },
  view,
  async create(client, wished, context) {
    const found = findRole(await context.live("entra:AppAssignment"), wished.application, wished.role);
    if ("problem" in found)
      throw new RefusedError(`Could not assign anybody to ${wished.name}: ${found.problem}`, "Request_ResourceNotFound");
    return { id: found.live.id, outputs: await bring(client, found.live, wished, view(found.live, wished, {}, context), context) };
  },
  update: bring,
  computed(_live, wished, context, outputs) {
    const { ids, waiting } = resolve(wished.members, orLast(idIn("entra", context), idsOf(outputs)));
    return { resolved: remember(wished.mode, ids), waiting };
  },
});
