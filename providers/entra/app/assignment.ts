/** entra:AppAssignment — who has a role of an enterprise application. The id: service principal and role. */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { GraphRequest } from "../../../clients/graph/batch.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { deltaOf } from "../group/bring.ts";
import { patiently } from "../group/members.ts";
import { keyOf, known, readResolved, shownMembers } from "../group/references.ts";
import { remembered } from "../group/view.ts";
import { findRole } from "./find.ts";
import { type AppInputs, type AppOutputs, appInputs, appOutputs } from "./inputs.ts";
import { appValues, getAssignments, listAssignments, partsOf } from "./read.ts";

type State = AppOutputs & Values;

/** "Has it already" is success: what matters is that it is assigned. */
const already = /permission being assigned already exists/iu;

/** Gives the role. Resolves with what could not be done. */
async function give(client: EntraClient, id: string, wished: AppInputs, member: string): Promise<Error | undefined> {
  const { principal, role } = partsOf(id);
  const path = `/servicePrincipals/${segment(principal)}/appRoleAssignedTo`;
  const body = { principalId: member, resourceId: principal, appRoleId: role };
  // Twice the same is one assignment: the second is refused in words that are known.
  const request: GraphRequest = { method: "POST", path, body, repeatable: true };
  const answer = await patiently(client, { id, name: wished.name }, request, (error) => error.kind === "absent");
  if (answer.status < 400) return undefined;
  const error = graphError(`give the app role ${wished.name} to ${member}`, "POST", path, answer);
  return error instanceof GraphRefusal && already.test(error.message) ? undefined : error;
}

/** Takes the role away, by the ids of the assignments. Resolves with what could not be done. */
async function take(
  client: EntraClient,
  id: string,
  wished: AppInputs,
  members: readonly string[],
  live: Live | undefined,
): Promise<Error[]> {
  if (members.length === 0) return [];
  const { principal } = partsOf(id);
  const gone = new Set(members);
  const assignments = live ? appValues.parse(live.values).members.filter((one) => gone.has(one.id)) : [];
  const paths = assignments.map((one) => `/servicePrincipals/${segment(principal)}/appRoleAssignedTo/${segment(one.assignment)}`);
  const answers = await client.batch(paths.map((path): GraphRequest => ({ method: "DELETE", path })));
  return answers.flatMap((answer, index) => {
    if (answer.status < 400) return [];
    const error = graphError(`take the app role ${wished.name} from ${assignments[index]?.id}`, "DELETE", paths[index] ?? "", answer);
    return error instanceof GraphRefusal && error.kind === "absent" ? [] : [error];
  });
}

async function bring(client: EntraClient, live: Live, wished: AppInputs, was: AppInputs, context: RunContext): Promise<State> {
  const { join, go, ids, waiting } = await deltaOf(client, context, wished.members, was.members);
  const given = (await Promise.all(join.map((member) => give(client, live.id, wished, member)))).filter((error) => error !== undefined);
  const [first, ...more] = [...given, ...(await take(client, live.id, wished, go, live))];
  if (first instanceof RefusedError)
    throw new RefusedError(`${first.message}${more.length > 0 ? ` (and ${more.length} more like it)` : ""}`, first.code, { cause: first });
  if (first) throw first;
  for (const reference of waiting)
    await context.whenAnnounced("entra", keyOf(reference), async (member) => {
      const failed = await give(client, live.id, wished, member);
      if (failed) throw failed;
    });
  return { resolved: remembered(wished.mode, ids), waiting };
}

function view(live: Live, managed: AppInputs, outputs: Values, context: Pick<RunContext, "account" | "personOf">): AppInputs {
  const ids = appValues.parse(live.values).members.map((one) => one.id);
  return { ...managed, members: shownMembers([...new Set(ids)], managed, outputs, context) };
}

export const appAssignment = define<AppInputs, State, EntraClient, { applications: readonly string[] }>({
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
  computed(_live, wished, context, outputs = {}) {
    const before = readResolved(outputs);
    const ids = Object.fromEntries(
      wished.members.flatMap((reference) => {
        const id = known(reference, context) ?? before[reference];
        return id === undefined ? [] : [[reference, id]];
      }),
    );
    return { resolved: remembered(wished.mode, ids), waiting: wished.members.filter((reference) => ids[reference] === undefined) };
  },
});
