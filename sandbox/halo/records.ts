/** Roles, teams and users: one by id, and what a POST makes of a record. */
import { randomUUID } from "node:crypto";
import type { Row } from "../web/json.ts";
import { type HaloState, initials, nextId, text } from "./state.ts";

export type Saved = { row: Row } | { status: number; text: string };

/** A role's id is text; `id_int` is its number. */
export function saveRole(state: HaloState, given: Row): Saved {
  const id = text(given["id"]);
  const before = id && id !== "0" ? state.roles.get(id) : undefined;
  if (id && id !== "0" && !before) return { status: 404, text: "The role you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the role" };
  const number = 1 + Math.max(0, ...[...state.roles.values()].map((role) => Number(role["id_int"])));
  const role: Row = { notes: "", claims: [], is_integration: false, id_int: number, ...before, ...given, id: before ? id : randomUUID() };
  role["normalizedName"] = text(role["name"]).toUpperCase();
  role["concurrencyStamp"] = randomUUID();
  state.roles.set(String(role["id"]), role);
  return { row: role };
}

/** Members of a team are rows of its agents; writing `agents` from the team's side replaces them there. */
export function saveTeam(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.teams.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The team you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the team" };
  const { agents, ...plain } = given;
  const team: Row = {
    inactive: false,
    sequence: 1,
    forrequests: true,
    department_id: 1,
    ...before,
    ...plain,
    id: before ? id : nextId(state.teams),
  };
  team["guid"] ??= randomUUID();
  state.teams.set(Number(team["id"]), team);
  if (Array.isArray(agents)) {
    const wanted = new Set((agents as Row[]).map((row) => Number(row["agent_id"])));
    for (const agent of state.agents.values()) {
      const others = ((agent["teams"] as Row[] | undefined) ?? []).filter((row) => Number(row["team_id"]) !== team["id"]);
      const own: Row = {
        id: Number(agent["id"]) * 1000 + Number(team["id"]),
        agent_id: agent["id"],
        agent_name: agent["name"],
        team_id: team["id"],
        team_name: team["name"],
      };
      agent["teams"] = wanted.has(Number(agent["id"])) ? [...others, own] : others;
    }
  }
  return { row: oneTeam(state, Number(team["id"]), true) ?? team };
}

/** GET /Team/{id}: `agents` only with `includeagents=true`. */
export function oneTeam(state: HaloState, id: number, agents: boolean): Row | undefined {
  const team = state.teams.get(id);
  if (!team || !agents) return team;
  const members = [...state.agents.values()].flatMap((agent) =>
    ((agent["teams"] as Row[] | undefined) ?? []).filter((row) => Number(row["team_id"]) === id),
  );
  return { ...team, agents: members };
}

/** A user always has a site, and the site decides the client. Custom fields replace as a whole. */
export function saveUser(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.users.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The user you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the user" };
  const site = state.sites.get(Number(given["site_id"] ?? before?.["site_id"] ?? 0));
  if (!site) return { status: 400, text: "A site must be selected for the user" };
  const { new_password: _password, department: _department, ...plain } = given;
  const blank: Row = {
    title: "",
    emailaddress: "",
    phonenumber: "",
    login: "",
    inactive: false,
    isserviceaccount: false,
    customfields: [],
  };
  const user: Row = { ...(before ?? blank), ...plain, id: before ? id : nextId(state.users), use: "user" };
  Object.assign(user, {
    site_id: site["id"],
    site_id_int: site["id"],
    site_name: site["name"],
    client_id: site["client_id"],
    client_name: site["client_name"],
    initials: initials(text(user["name"])),
  });
  if (given["customfields"] !== undefined) {
    const fields = (given["customfields"] as Row[]).map(
      (field) => ({ ...state.fields.find((known) => known["id"] === field["id"]), ...field }) as Row,
    );
    user["customfields"] = fields.map((field) => ({
      id: field["id"],
      name: field["name"],
      value: field["value"],
      display: text(field["value"]),
    }));
  }
  state.users.set(Number(user["id"]), user);
  return { row: user };
}
