/**
 * Agents in bulk and one by one; roles and teams by name: read once a client, and again when a name is missing, as it may have
 * been made since.
 */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { rowsOf } from "../../../base/rows.ts";
import { fold, same } from "../../../base/text.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import { once } from "../../../clients/http/once.ts";
import type { Live } from "../../core/definition.ts";
import { lookUp, type Words } from "../named.ts";
import { type Halo, reader } from "../record.ts";
import { type Agent, type AssignedRole, agentSchema, givenBy, isIn, type Role, roleSchema, type Team, teamSchema } from "../rows.ts";
import { agentTexts } from "./inputs.ts";

/** All roles: one call. */
export const roles = once(
  async (halo: Pick<Halo, "rows">): Promise<Role[]> => rowsOf(roleSchema, await halo.rows("Roles"), "Halo's roles"),
);

/** All teams, also switched-off ones: one call. */
export const teams = once(
  async (halo: Pick<Halo, "rows">): Promise<Team[]> =>
    rowsOf(teamSchema, await halo.rows("Team", { includeenabled: true, includedisabled: true, showall: true }), "Halo's teams"),
);

const words = (what: "role" | "team"): Words => ({
  what,
  several: () => `${what}s of that name; rename all but one in Halo`,
  mend: `correct mappings/halo.yaml or make the ${what} in Halo`,
});

/** The role of this name. @throws RefusedError with the nearest right name. */
export const roleNamed = (halo: Halo, name: string): Promise<Role> => lookUp(halo, roles, name, words("role"));
/** The team of this name. @throws RefusedError with the nearest right name. */
export const teamNamed = (halo: Halo, name: string): Promise<Team> => lookUp(halo, teams, name, words("team"));

/**
 * The number of a department: of a team that is in it, as no list of departments is known of Halo.
 * @param whose begins the sentence: `the team "First line"`
 * @throws RefusedError where no team is in it
 */
export function departmentNamed(all: readonly Team[], department: string, whose: string, file: string): number {
  const found = all.find((one) => same(one.department_name, department))?.department_id;
  if (typeof found === "number") return found;
  const known = [...new Set(all.map((one) => one.department_name).filter((name) => name !== ""))];
  throw new RefusedError(
    `Could not put ${whose} into the department "${department}": no team of Halo is in it${suggestion(department, known)}; correct ${file}, or make the department's first team in Halo`,
    "unknown-name",
  );
}

/** Everybody, whoever asks: without these Halo leaves out the disabled, the API agents and other organisations'. */
export const everybody = { includeenabled: true, includedisabled: true, includeapiagents: true, includeroles: true, showall: true };

/** All agents: one call. `decode`: what becomes of rows that are not understood; left out, they are told. */
export async function readAgents(client: Pick<Halo, "rows">, decode = rowsOf): Promise<Agent[]> {
  return decode(agentSchema, await client.rows("Agent", everybody), "Halo's agents");
}

const underWay = once((client: Pick<Halo, "rows">) => readAgents(client));

/** All agents for a bulk read: of agents and of teams, which are read side by side, one call serves both. */
export const listedAgents = (client: Pick<Halo, "rows">): Promise<Agent[]> => underWay(client).finally(() => underWay.forget(client));

const readAny = reader("Agent", "agent", agentSchema);

/** One agent with roles and teams; undefined when there is none. @throws RefusedError when Halo keeps roles or teams back. */
export async function readAgent(client: Pick<Halo, "get">, id: string): Promise<Agent | undefined> {
  const agent = await readAny(client, id);
  // Writing arrays back that were never given would take every role and team away.
  if (agent && (!agent.roles || !agent.teams)) {
    throw new RefusedError(
      `Could not read agent ${id} (${agent.name}): Halo gives no ${agent.roles ? "teams" : "roles"} in its details; let the Halo application log in as an Administrator`,
      "no-details",
    );
  }
  return agent;
}

/** Names of assigned roles: mostly in the row itself, else by the role's id. */
export async function roleNames(client: Halo, agents: readonly Agent[]): Promise<(row: AssignedRole) => string> {
  const nameless = agents.some((agent) => agent.roles?.some((role) => role.name === ""));
  const byId = nameless ? new Map((await roles(client)).map((role) => [role.id, role.name])) : undefined;
  return (row) => row.name || byId?.get(row.id) || row.id;
}

/**
 * Roles of an agent whose list row has only `role_list` (comma separated names, which may hold commas themselves): sure when
 * every part is a role's name, else the agent is asked for.
 */
async function withRoles(client: Halo, agent: Agent): Promise<Agent> {
  if (agent.roles) return agent;
  const parts = agent.role_list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const known = parts.length > 0 ? await roles(client) : [];
  const found = parts.flatMap((part) => known.find((role) => same(role.name, part)) ?? []);
  if (parts.length > 0 && found.length === parts.length) return { ...agent, roles: found.map(({ id, name }) => ({ id, name })) };
  return { ...agent, roles: (await readAgent(client, String(agent.id)))?.roles ?? [] };
}

/** Agents as live objects: one call, one more where rows lack role names. */
export async function listAgents(client: Halo): Promise<Live[]> {
  const agents: Agent[] = [];
  for (const agent of await listedAgents(client)) agents.push(await withRoles(client, agent));
  const nameOf = await roleNames(client, agents);
  return agents.map((agent) => liveAgent(agent, nameOf));
}

export function liveAgent(agent: Agent, roleName: (row: AssignedRole) => string): Live {
  const inTeams = (agent.teams ?? []).filter(isIn);
  // Teams that go with a role, and the role: Halo would undo it if the agent were taken out of one.
  const byRole = inTeams.flatMap((row) => {
    const role = givenBy(agent, row);
    return role === undefined ? [] : [[row.team_name, role] as const];
  });
  const values: Values = {
    name: agent.name,
    email: fold(agent.email),
    firstname: agent.firstname,
    surname: agent.surname,
    ...Object.fromEntries(agentTexts.flatMap((field) => (agent[field] === "" ? [] : [[field, agent[field]]]))),
    enabled: !agent.isdisabled,
    roles: [...new Set((agent.roles ?? []).map(roleName))].sort(),
    teams: [...new Set(inTeams.map((team) => team.team_name).filter((name) => name !== ""))].sort(),
    ...(byRole.length > 0 ? { byRole: Object.fromEntries(byRole) } : {}),
    team: agent.team,
    ...(agent.licence_type === undefined || agent.licence_type === null ? {} : { licenceType: agent.licence_type }),
    isapiagent: agent.isapiagent,
  };
  return { id: String(agent.id), values };
}
