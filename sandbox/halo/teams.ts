/** Teams: one by id, and what a POST makes of a record. */
import { randomUUID } from "node:crypto";
import type { Row } from "../web/json.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

/** Members of a team are rows of its agents; writing `agents` from the team's side replaces them there. */
export function saveTeam(state: HaloState, given: Row, complain: (what: string) => void): Saved {
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
  if (given["department_id"] !== undefined || !before) {
    const department = [...state.teams.values()].find((one) => one["department_id"] === team["department_id"])?.["department_name"];
    // A department has a name of its own; who sends one that is none gets it without.
    if (department === undefined && given["department_id"] !== undefined)
      complain(`there is no department ${text(given["department_id"])}`);
    team["department_name"] = department ?? "";
  }
  state.teams.set(Number(team["id"]), team);
  // The name is computed wherever the team stands; an agent's default team is a name, and stays what it was (facts: write semantics 8).
  for (const agent of state.agents.values())
    for (const row of (agent["teams"] as Row[] | undefined) ?? [])
      if (Number(row["team_id"]) === team["id"]) row["team_name"] = team["name"];
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
