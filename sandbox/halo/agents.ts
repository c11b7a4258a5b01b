/** Agents: the list in its two forms, one by id, and what a POST makes of a record. */
import { isObject, type Row } from "../web/json.ts";
import type { Call } from "../web/server.ts";
import { flag } from "./lists.ts";
import { type HaloState, initials, nextId, text } from "./state.ts";

const plainRole = (role: Row): Row => ({ id: role["id"], id_int: role["id_int"], name: role["name"] });

function view(state: HaloState, agent: Row, roles: boolean): Row {
  const { roles: held, ...rest } = agent;
  const known = (Array.isArray(held) ? held : []).map((id) => state.roles.get(String(id))).filter((role) => role !== undefined);
  return { ...rest, role_list: known.map((role) => role["name"]).join(", "), ...(roles ? { roles: known.map(plainRole) } : {}) };
}

/** GET /Agent: enabled ones unless told otherwise; `roles` only with `includeroles=true`. */
export function listAgents(state: HaloState, call: Call): Row[] {
  const [enabled, disabled, api] = [
    flag(call, "includeenabled", true),
    flag(call, "includedisabled", false),
    flag(call, "includeapiagents", false),
  ];
  const roles = flag(call, "includeroles", false);
  return [...state.agents.values()]
    .filter((agent) => (agent["isdisabled"] === true ? disabled : enabled) && (agent["isapiagent"] !== true || api))
    .map((agent) => view(state, agent, roles));
}

/** GET /Agent/{id}: `roles` only with `includedetails=true`. */
export function oneAgent(state: HaloState, id: number, details: boolean): Row | undefined {
  const agent = state.agents.get(id);
  return agent && view(state, agent, details);
}

/** GET /Agent/me: the agent the application logs in as. */
export const agentView = (state: HaloState, agent: Row | undefined): Row | undefined => agent && view(state, agent, true);

function rolesOf(state: HaloState, given: unknown, complain: (what: string) => void): string[] {
  const ids: string[] = [];
  for (const entry of Array.isArray(given) ? given : []) {
    const id = isObject(entry) ? text(entry["id"]) : "";
    if (state.roles.has(id)) ids.push(id);
    else complain(`an entry of roles names no role by its id (${JSON.stringify(entry)})`);
  }
  return [...new Set(ids)];
}

function teamsOf(state: HaloState, agent: Row, given: unknown, complain: (what: string) => void): Row[] {
  const rows: Row[] = [];
  for (const entry of Array.isArray(given) ? given : []) {
    if (!isObject(entry)) continue;
    const team =
      state.teams.get(Number(entry["team_id"])) ?? [...state.teams.values()].find((known) => known["name"] === entry["team_name"]);
    if (!team) {
      complain(`an entry of teams names no team (${JSON.stringify(entry)})`);
      continue;
    }
    const link = Number(entry["id"] ?? 0) || Number(agent["id"]) * 1000 + Number(team["id"]);
    rows.push({
      is_manager: false,
      in_section: true,
      ...entry,
      id: link,
      agent_id: agent["id"],
      agent_name: agent["name"],
      team_id: team["id"],
      team_name: team["name"],
    });
  }
  return rows;
}

/**
 * Creates (no id) or updates (the fields present) an agent; arrays replace. Returns the saved row, or words for a 400 or 404.
 * A second agent of the same name or address is made without a word, as Halo does.
 */
export function saveAgent(state: HaloState, given: Row, complain: (what: string) => void): { row: Row } | { status: number; text: string } {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.agents.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The agent you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the agent" };
  if (before && "name" in given && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the agent" };
  const name = text(given["name"] ?? before?.["name"]);
  const blank: Row = {
    email: "",
    firstname: "",
    surname: "",
    jobtitle: "",
    team: "",
    isdisabled: false,
    isapiagent: false,
    teams: [],
    roles: [],
    departments: [],
    colour: "#2bd3c6",
    licence_type: 1,
  };
  const agent: Row = { ...(before ?? blank), id: before ? id : nextId(state.agents) };
  const { roles, add_roles, teams, team, id: _id, role_list: _list, password: _password, ...plain } = given;
  Object.assign(agent, plain, { name, initials: initials(name), use: "agent" });
  if (roles !== undefined) agent["roles"] = rolesOf(state, roles, complain);
  if (add_roles !== undefined)
    agent["roles"] = [...new Set([...((agent["roles"] as string[]) ?? []), ...rolesOf(state, add_roles, complain)])];
  if (teams !== undefined) agent["teams"] = teamsOf(state, agent, teams, complain);
  if (team !== undefined) {
    if (text(team) === "" || [...state.teams.values()].some((known) => known["name"] === team)) agent["team"] = text(team);
    else complain(`team "${text(team)}" does not exist`);
  }
  state.agents.set(Number(agent["id"]), agent);
  return { row: view(state, agent, true) };
}
