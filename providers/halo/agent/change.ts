/**
 * What to write so that an agent becomes as wished: only what differs, arrays whole. Halo replaces arrays, so rows of
 * others are read and written back, each with its own id.
 */

import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import type { Halo } from "../record.ts";
import type { Agent, AssignedRole, AssignedTeam } from "../rows.ts";
import { kept } from "../rows.ts";
import { type AgentInputs, agentTexts } from "./inputs.ts";
import { roleNamed, teamNamed } from "./read.ts";

/** What stands for an assignment, of NHD_Roles and UnameSection; the rest is a copy of the role or is computed. */
const roleKeys = ["id", "name", "is_integration"] as const;
const teamKeys = [
  ...["id", "agent_id", "team_id", "team_guid", "team_name", "department_id", "role_id", "is_manager", "no_config_access"],
  ...["unassigned_access", "otheragent_access", "in_section"],
] as const;

interface Assignments<T> {
  have: readonly T[];
  wished: readonly string[];
  owned: readonly string[];
  nameOf: (row: T) => string;
  keep: (row: T) => Row;
  add: (name: string) => Promise<Row>;
}

/** The whole array to write so that of what is `owned` there is what is `wished`; undefined when nothing differs. */
export async function assignments<T>({ have, wished, owned, nameOf, keep, add }: Assignments<T>): Promise<Row[] | undefined> {
  const isWished = (name: string): boolean => wished.some((one) => same(one, name));
  const isOwned = (name: string): boolean => owned.some((one) => same(one, name));
  const staying = have.filter((row) => isWished(nameOf(row)) || !isOwned(nameOf(row)));
  const missing = wished.filter((name) => !have.some((row) => same(nameOf(row), name)));
  if (staying.length === have.length && missing.length === 0) return undefined;
  const added: Row[] = [];
  for (const name of missing) added.push(await add(name));
  return [...staying.map(keep), ...added];
}

/** The whole `teams` to write so that of the `owned` ones the agent is in those `wished`; undefined when nothing differs. */
export function teamsChange(
  client: Halo,
  agent: Pick<Agent, "teams"> | undefined,
  wished: readonly string[],
  owned: readonly string[],
): Promise<Row[] | undefined> {
  return assignments<AssignedTeam>({
    have: agent?.teams ?? [],
    wished,
    owned,
    nameOf: (row) => row.team_name,
    keep: (row) => kept(row, teamKeys),
    async add(wanted) {
      const { id, name } = await teamNamed(client, wanted);
      return { team_id: id, team_name: name };
    },
  });
}

/** Names of the roles inside an agent; a role that comes without its name gets it by id. */
export type RoleNames = (row: AssignedRole) => string;

/**
 * The fields of a POST /Agent (without the id), empty when the agent is as wished.
 * `agent` must have been read with details; undefined = a new one, with everything.
 */
export async function agentChange(client: Halo, agent: Agent | undefined, inputs: AgentInputs, roleName: RoleNames): Promise<Row> {
  const change: Row = {};
  if (agent?.name !== inputs.name) change["name"] = inputs.name;
  if (fold(agent?.email ?? "") !== inputs.email) change["email"] = inputs.email;
  if (inputs.firstname !== undefined && (agent?.firstname ?? "") !== inputs.firstname) change["firstname"] = inputs.firstname;
  if (inputs.surname !== undefined && (agent?.surname ?? "") !== inputs.surname) change["surname"] = inputs.surname;
  for (const field of agentTexts)
    if (inputs[field] !== undefined && (agent?.[field] ?? "") !== inputs[field]) change[field] = inputs[field];
  if (agent?.isdisabled !== !inputs.enabled) change["isdisabled"] = !inputs.enabled;
  if (inputs.licenceType !== undefined && agent?.licence_type !== inputs.licenceType) change["licence_type"] = inputs.licenceType;

  const roles = await assignments<AssignedRole>({
    have: agent?.roles ?? [],
    wished: inputs.roles,
    owned: inputs.of.roles,
    nameOf: roleName,
    keep: (row) => kept(row, roleKeys),
    async add(wanted) {
      const { id, name } = await roleNamed(client, wanted);
      return { id, name };
    },
  });
  if (roles) change["roles"] = roles;
  const teams = await teamsChange(client, agent, inputs.teams, inputs.of.teams);
  if (teams) change["teams"] = teams;
  if (inputs.team !== undefined && !same(agent?.team ?? "", inputs.team)) change["team"] = (await teamNamed(client, inputs.team)).name;
  return change;
}
