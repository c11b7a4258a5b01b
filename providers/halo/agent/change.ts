/**
 * What to write so that an agent becomes as wished: only what differs. Rows of arrays are added, changed and taken away one by one where the
 * instance's contract has that; otherwise Halo replaces arrays, so rows of others are read and written back, each with its own id.
 */

import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { instanceOf } from "../../../clients/halo/instance.ts";
import type { Halo } from "../record.ts";
import { type Agent, type AssignedRole, type AssignedTeam, givenBy, isIn, kept } from "../rows.ts";
import { type AgentInputs, agentTexts } from "./inputs.ts";
import { roleNamed, teamNamed } from "./read.ts";

/** What stands for an assigned role (NHD_Roles); the rest is a copy of the role or is computed. */
const roleKeys = ["id", "name", "is_integration"] as const;

interface Assignments<T> {
  have: readonly T[];
  wished: readonly string[];
  owned: readonly string[];
  nameOf: (row: T) => string;
  keep: (row: T) => Row;
  add: (name: string) => Promise<Row>;
}

/**
 * The roles to write so that of what is `owned` there is what is `wished`: those that are new where none is to go (`add_roles`, in Halo's
 * contracts since 2024), else all of them; nothing when nothing differs.
 */
export async function rolesChange<T>({ have, wished, owned, nameOf, keep, add }: Assignments<T>, partly: boolean): Promise<Row> {
  const isWished = (name: string): boolean => wished.some((one) => same(one, name));
  const isOwned = (name: string): boolean => owned.some((one) => same(one, name));
  const staying = have.filter((row) => isWished(nameOf(row)) || !isOwned(nameOf(row)));
  const missing = wished.filter((name) => !have.some((row) => same(nameOf(row), name)));
  if (staying.length === have.length && missing.length === 0) return {};
  const added: Row[] = [];
  for (const name of missing) added.push(await add(name));
  return partly && staying.length === have.length ? { add_roles: added } : { roles: [...staying.map(keep), ...added] };
}

/**
 * What to write so that of the `owned` teams the agent is in those `wished`; undefined when nothing differs. A team that a role of the
 * agent's gives stays as long as the role does.
 */
export async function teamsChange(
  client: Halo,
  agent: Pick<Agent, "teams" | "roles"> | undefined,
  wished: readonly string[],
  owned: readonly string[],
  partly: boolean,
): Promise<Row | undefined> {
  const have = agent?.teams ?? [];
  const isWished = (row: AssignedTeam): boolean => wished.some((one) => same(one, row.team_name));
  const going = have.filter(
    (row) => isIn(row) && !isWished(row) && owned.some((one) => same(one, row.team_name)) && !(agent && givenBy(agent, row) !== undefined),
  );
  // Rows of which the agent is not in the team: access alone, which becomes a membership where that is wished.
  const coming = have.filter((row) => !isIn(row) && isWished(row) && !have.some((one) => isIn(one) && same(one.team_name, row.team_name)));
  const missing = wished.filter((name) => !have.some((row) => same(row.team_name, name)));
  if (going.length + coming.length + missing.length === 0) return undefined;
  const added: Row[] = [];
  for (const wanted of missing) {
    const { id, name } = await teamNamed(client, wanted);
    added.push({ team_id: id, team_name: name, in_section: true });
  }
  const entered = (row: AssignedTeam): Row => ({ ...kept(row), in_section: true });
  const known = [...going, ...coming].every((row) => (row.id ?? 0) > 0);
  if (agent && partly && known && (await instanceOf(client)).has("add_teams"))
    return {
      ...(added.length > 0 ? { add_teams: added } : {}),
      ...(coming.length > 0 ? { edit_teams: coming.map(entered) } : {}),
      ...(going.length > 0 ? { delete_teams: going.map((row) => kept(row)) } : {}),
    };
  return { teams: [...have.flatMap((row) => (going.includes(row) ? [] : [coming.includes(row) ? entered(row) : kept(row)])), ...added] };
}

/** Names of the roles inside an agent; a role that comes without its name gets it by id. */
export type RoleNames = (row: AssignedRole) => string;

/**
 * The fields of a POST /Agent (without the id), empty when the agent is as wished.
 * `agent` must have been read with details; undefined = a new one, with everything.
 */
export async function agentChange(
  client: Halo,
  agent: Agent | undefined,
  inputs: AgentInputs,
  roleName: RoleNames,
  partly: boolean,
): Promise<Row> {
  const change: Row = {};
  if (agent?.name !== inputs.name) change["name"] = inputs.name;
  if (fold(agent?.email ?? "") !== inputs.email) change["email"] = inputs.email;
  if (inputs.firstname !== undefined && (agent?.firstname ?? "") !== inputs.firstname) change["firstname"] = inputs.firstname;
  if (inputs.surname !== undefined && (agent?.surname ?? "") !== inputs.surname) change["surname"] = inputs.surname;
  for (const field of agentTexts)
    if (inputs[field] !== undefined && (agent?.[field] ?? "") !== inputs[field]) change[field] = inputs[field];
  if (agent?.isdisabled !== !inputs.enabled) change["isdisabled"] = !inputs.enabled;
  if (inputs.licenceType !== undefined && agent?.licence_type !== inputs.licenceType) change["licence_type"] = inputs.licenceType;
  const roles: Assignments<AssignedRole> = {
    have: agent?.roles ?? [],
    wished: inputs.roles,
    owned: inputs.of.roles,
    nameOf: roleName,
    keep: (row) => kept(row, roleKeys),
    async add(wanted) {
      const { id, name } = await roleNamed(client, wanted);
      return { id, name };
    },
  };
  Object.assign(change, await rolesChange(roles, partly && agent !== undefined));
  Object.assign(change, await teamsChange(client, agent, inputs.teams, inputs.of.teams, partly));
  if (inputs.team !== undefined && !same(agent?.team ?? "", inputs.team)) change["team"] = (await teamNamed(client, inputs.team)).name;
  return change;
}
