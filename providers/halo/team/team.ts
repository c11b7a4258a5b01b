/**
 * halo:Team: a team, and which agents are in it. Memberships are rows of the agents, not of the team: they are written there, one
 * agent at a time (decision 0029), so that a short list of members can never put anybody out. Never deleted.
 */
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import type { MemberOutputs, TeamInputs } from "../agent/inputs.ts";
import { memberOutputs, teamInputs } from "../agent/inputs.ts";
import type { Halo } from "../agent/names.ts";
import { readTeams } from "../agent/names.ts";
import { readAgents } from "../agent/read.ts";
import { inLine } from "../line.ts";
import type { Agent, Team } from "../rows.ts";
import { parseTeams } from "../rows.ts";
import { put } from "./member.ts";
import { leaverOf, memberOutputsOf, resolveMembers, shownMembers } from "./members.ts";

function byName(teams: readonly Team[], name: string): Team | undefined {
  const found = teams.filter((team) => same(team.name, name));
  if (found.length > 1)
    throw new RefusedError(
      `Could not tell which team "${name}" is meant: Halo has ${found.length} of that name; rename all but one in Halo`,
      "ambiguous",
    );
  return found[0];
}

/** What to write besides the members; the department's number comes from a team that is in it, as Halo has no list of departments. */
function teamChange(team: Team | undefined, inputs: TeamInputs, all: readonly Team[]): Row {
  const change: Row = {};
  // Halo knows default teams by their names: a name that differs in case alone stays as it is.
  if (!same(team?.name ?? "", inputs.name)) change["name"] = inputs.name;
  if (inputs.department !== undefined && !same(team?.department_name ?? "", inputs.department)) {
    const { department } = inputs;
    const sibling = all.find((one) => same(one.department_name, department) && typeof one.department_id === "number");
    if (!sibling) {
      const known = [...new Set(all.map((one) => one.department_name).filter((name) => name !== ""))];
      throw new RefusedError(
        `Could not put the team "${inputs.name}" into the department "${department}": no team of Halo is in it${suggestion(department, known)}; correct mappings/halo.yaml, or make the department's first team in Halo`,
        "unknown-name",
      );
    }
    change["department_id"] = sibling.department_id;
  }
  return change;
}

/** Reads the team again and compares: a POST echoes what it did not store. */
async function proveStored(client: Halo, id: string, inputs: TeamInputs): Promise<void> {
  const all = await readTeams(client);
  const team = all.find((one) => String(one.id) === id);
  const missing = team ? Object.keys(teamChange(team, inputs, all)) : ["it"];
  if (missing.length === 0) return;
  throw new RefusedError(
    `Could not save the team "${inputs.name}": Halo did not store ${missing.join(", ")}; writing teams needs an Administrator as the Halo application's agent`,
    "not-stored",
  );
}

/** Makes the team unless one of the name is there. */
async function make(client: Halo, inputs: TeamInputs): Promise<string> {
  const all = await readTeams(client);
  const existing = byName(all, inputs.name);
  if (existing) return String(existing.id);
  let saved: Row | undefined;
  try {
    saved = await client.post("Team", teamChange(undefined, inputs, all));
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    // Posting again could make a second team: looking says whether the first try got through.
    const found = byName(await readTeams(client), inputs.name);
    if (!found) throw error;
    return String(found.id);
  }
  const [answered] = saved ? parseTeams([{ name: inputs.name, ...saved }]) : [];
  const id = answered?.id ?? byName(await readTeams(client), inputs.name)?.id;
  if (id === undefined)
    throw new RefusedError(`Could not create the team "${inputs.name}": Halo said yes but has no such team`, "not-stored");
  await proveStored(client, String(id), inputs);
  return String(id);
}

async function bringTeam(client: Halo, id: string, inputs: TeamInputs): Promise<string> {
  const all = await readTeams(client);
  const team = all.find((one) => String(one.id) === id);
  if (!team)
    throw new RefusedError(
      `Could not change the team "${inputs.name}": Halo has no team ${id} any more; the next plan will see that`,
      "gone",
    );
  const change = teamChange(team, inputs, all);
  if (Object.keys(change).length === 0) return team.name;
  try {
    await client.post("Team", { id: team.id, ...change });
  } catch (error) {
    // Writing the same values again is harmless: the proof says whether they were stored.
    if (!(error instanceof UncertainError)) throw error;
  }
  await proveStored(client, id, inputs);
  return inputs.name;
}

/** Brings the members from what they are to what is wished; those who become agents later in this run follow then. */
async function bringMembers(
  client: Halo,
  team: { id: number; name: string },
  inputs: TeamInputs,
  was: readonly string[],
  context: RunContext,
  outputs: Values,
): Promise<void> {
  const { members } = inputs;
  if (members === undefined) return;
  const { ids, waiting } = resolveMembers(members, "agent", context);
  const wished = new Set(ids.values());
  const leaving = was
    .filter((reference) => !members.includes(reference))
    .map((reference) => leaverOf(reference, "agent", context, outputs));
  const now = wished.size + leaving.length > 0 ? membersOf(await readAgents(client), team.id) : new Set<string>();
  const errors: unknown[] = [];
  const each = async (agents: Iterable<string>, present: boolean): Promise<void> => {
    for (const agent of new Set(agents)) {
      if (now.has(agent) === present) continue;
      await put(client, agent, team, present).catch((error: unknown) => errors.push(error));
    }
  };
  await each(wished, true);
  await each(
    leaving.filter((agent) => !wished.has(agent)),
    false,
  );
  const [first] = errors;
  if (first instanceof RefusedError && errors.length > 1)
    throw new RefusedError(`${first.message} (and ${errors.length - 1} more like it)`, first.code, { cause: first });
  if (first !== undefined) throw first;
  for (const reference of waiting)
    await context.whenAnnounced("halo", reference.slice("person:".length), (agent) => put(client, agent, team, true));
}

/** Numbers of the agents in a team, as text; programs are no members that anybody counts. */
function membersOf(agents: readonly Agent[], team: number): Set<string> {
  return new Set(
    agents.filter((agent) => !agent.isapiagent && agent.teams?.some((row) => row.team_id === team)).map((agent) => String(agent.id)),
  );
}

function liveTeam(team: Team, agents: readonly Agent[]): Live {
  return {
    id: String(team.id),
    values: { name: team.name, department: team.department_name, inactive: team.inactive, members: [...membersOf(agents, team.id)].sort() },
  };
}

export const team = define<TeamInputs, MemberOutputs & Values, Halo>({
  type: "halo:Team",
  system: "halo",
  noun: "team",
  about: "group",
  membership: { type: "halo:Membership", noun: "team or board" },
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "places",
  sets: ["members"],
  silent: ["mode"],
  access: { name: neither, department: both, mode: neither, members: entries("memberships") },
  inputs: teamInputs,
  outputs: memberOutputs,
  unasked: {},
  client: haloClient,
  /** Two calls: the teams, and the agents with the teams they are in. */
  async list(client) {
    const [teams, agents] = await Promise.all([readTeams(client), readAgents(client)]);
    return teams.map((one) => liveTeam(one, agents));
  },
  find(live, inputs) {
    const found = live.filter((one) => typeof one.values["name"] === "string" && same(one.values["name"], inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view(live, managed, outputs, context) {
    const { name, department, members } = live.values;
    const text = (value: unknown, wished: string): string => (typeof value !== "string" ? "" : same(value, wished) ? wished : value);
    const ids = Array.isArray(members) ? members.filter((one) => typeof one === "string") : [];
    return {
      name: text(name, managed.name),
      ...(managed.department === undefined ? {} : { department: text(department, managed.department) }),
      mode: managed.mode,
      ...(managed.members === undefined
        ? {}
        : { members: shownMembers(ids, { mode: managed.mode, members: managed.members }, "agent", outputs, context) }),
    };
  },
  async create(client, inputs, context) {
    const id = await inLine(client, "make teams", () => make(client, inputs));
    const name = await bringTeam(client, id, inputs);
    const live = liveTeam({ id: Number(id), name, department_name: "", inactive: false }, await readAgents(client));
    const was = inputs.members === undefined ? [] : (team.view(live, inputs, {}, context).members ?? []);
    await bringMembers(client, { id: Number(id), name }, inputs, was, context, {});
    return { id, outputs: memberOutputsOf(inputs.members ?? [], "agent", context) };
  },
  async update(client, { id }, inputs, was, context, outputs = {}) {
    const name = await bringTeam(client, id, inputs);
    await bringMembers(client, { id: Number(id), name }, inputs, was.members ?? [], context, outputs);
    return memberOutputsOf(inputs.members ?? [], "agent", context, outputs);
  },
  async get(client, id) {
    const found = (await readTeams(client)).find((one) => String(one.id) === id);
    return found && liveTeam(found, await readAgents(client));
  },
  computed: (_live, inputs, context, outputs) => memberOutputsOf(inputs.members ?? [], "agent", context, outputs),
});
