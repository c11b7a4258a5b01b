/**
 * halo:Team: a team, and which agents are in it. Memberships are rows of the agents, not of the team: they are written there, one
 * agent at a time (decision 0029), so that a short list of members can never put anybody out. Never deleted.
 */

import { summed } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { noteOnce } from "../../../base/notes.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { joinLater } from "../../core/references.ts";
import { departmentNamed, listedAgents, readAgents, teams } from "../agent/read.ts";
import { knownByName, spelt, textOf, textsOf } from "../named.ts";
import { changeRecord, getter, type Halo, type Kind, makeRecord } from "../record.ts";
import { type Agent, givenBy, isIn, type Team } from "../rows.ts";
import { put } from "./member.ts";
import {
  leaverOf,
  type MemberOutputs,
  memberOutputs,
  memberOutputsOf,
  resolveMembers,
  shownMembers,
  type TeamInputs,
  teamInputs,
} from "./members.ts";

const kind: Kind<TeamInputs, Team, Halo> = {
  path: "Team",
  noun: "team",
  called: ({ name }) => `the team "${name}"`,
  candidates: async (client, wish, _again, whole) => whole(await teams.again(client)).filter((team) => same(team.name, wish.name)),
  read: readTeam,
  change: async (client, team, wish) => teamChange(team, wish, await teams(client)),
  written: teams.forget,
  several: (found, { name }) =>
    `Could not tell which team "${name}" is meant: Halo has ${found.length} of that name; rename all but one in Halo`,
  unseen: ({ name }) => `Could not create the team "${name}": Halo said yes but has no such team`,
  advice: () => "; writing teams needs an Administrator as the Halo application's agent",
};

/** One team, straight from Halo: its list says all there is. */
async function readTeam(client: Halo, id: string): Promise<Team | undefined> {
  return (await teams.again(client)).find((one) => String(one.id) === id);
}

/** What to write besides the members. */
function teamChange(team: Team | undefined, inputs: TeamInputs, all: readonly Team[]): Row {
  const change: Row = {};
  // Halo knows default teams by their names: a name that differs in case alone stays as it is.
  if (!same(team?.name ?? "", inputs.name)) change["name"] = inputs.name;
  if (inputs.department !== undefined && !same(team?.department_name ?? "", inputs.department)) {
    change["department_id"] = departmentNamed(all, inputs.department, `the team "${inputs.name}"`, "mappings/halo.yaml");
  }
  return change;
}

/** Brings the members from what they are to what is wished; those who become agents later in this run follow then. */
async function writeMembers(
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
  const wished = new Set(Object.values(ids));
  const leaving = was
    .filter((reference) => !members.includes(reference))
    .map((reference) => leaverOf(reference, "agent", context, outputs));
  const now = wished.size + leaving.length > 0 ? membersOf(await readAgents(client), team.id) : new Set<string>();
  const errors: Error[] = [];
  const each = async (agents: Iterable<string>, present: boolean): Promise<void> => {
    for (const agent of new Set(agents)) {
      if (now.has(agent) === present) continue;
      await put(client, agent, team, present).catch((error: Error) => errors.push(error));
    }
  };
  await each(wished, true);
  await each(
    leaving.filter((agent) => !wished.has(agent)),
    false,
  );
  const error = summed(errors);
  if (error) throw error;
  await joinLater("halo", waiting, context, (agent) => put(client, agent, team, true));
}

/** Numbers of the agents in a team, as text; programs are no members that anybody counts. */
function membersOf(agents: readonly Agent[], team: number): Set<string> {
  return new Set(
    agents
      .filter((agent) => !agent.isapiagent && agent.teams?.some((row) => row.team_id === team && isIn(row)))
      .map((agent) => String(agent.id)),
  );
}

function liveTeam(team: Team, agents: readonly Agent[]): Live {
  return {
    id: String(team.id),
    values: {
      ...{ name: team.name, department: team.department_name, inactive: team.inactive, members: [...membersOf(agents, team.id)].sort() },
      // Whom a role of theirs puts into it: Halo would put them back.
      byRole: agents
        .filter((agent) => (agent.teams ?? []).some((row) => row.team_id === team.id && givenBy(agent, row) !== undefined))
        .map(({ id }) => String(id)),
    },
  };
}

/** The members; those whom a role alone puts there, and the wish does not, are told and left. */
function shown(
  values: Values,
  managed: { name: string; mode: string; members: readonly string[] },
  outputs: Values,
  context: RunContext,
): string[] {
  const byRole = new Set(textsOf(values, "byRole"));
  const refs = (ids: readonly string[]): string[] => shownMembers(ids, managed, "agent", outputs, context);
  const all = textsOf(values, "members");
  const own = refs(all.filter((id) => !byRole.has(id)));
  return refs(all).filter((reference) => {
    if (own.includes(reference) || managed.members.includes(reference)) return true;
    noteOnce(`${reference} is in Halo's team "${managed.name}" by a role of theirs, with which it goes: they are left in it`);
    return false;
  });
}

export const team = define<TeamInputs, MemberOutputs & Values, Halo>({
  type: "halo:Team",
  system: "halo",
  noun: "team",
  about: "group",
  membership: { type: "halo:Team:Membership", noun: "team or board" },
  ...knownByName,
  wave: () => "places",
  sets: ["members"],
  silent: ["mode"],
  access: { name: neither, department: both("rules"), mode: neither, members: entries("memberships") },
  inputs: teamInputs,
  outputs: memberOutputs,
  unasked: {},
  client: haloClient,
  /** The teams, and the agents with the teams they are in. */
  async list(client) {
    const [all, agents] = await Promise.all([teams.again(client), listedAgents(client)]);
    return all.map((one) => liveTeam(one, agents));
  },
  view({ values }, managed, outputs, context) {
    const { name, department, mode, members } = managed;
    return {
      name: spelt(textOf(values, "name"), name),
      ...(department === undefined ? {} : { department: spelt(textOf(values, "department"), department) }),
      mode,
      ...(members === undefined ? {} : { members: shown(values, { name, mode, members }, outputs, context) }),
    };
  },
  async create(client, inputs, context) {
    const record = await makeRecord(client, kind, inputs, await context.live("halo:Team"));
    const live = liveTeam(record, await readAgents(client));
    const was = inputs.members === undefined ? [] : (team.view(live, inputs, {}, context).members ?? []);
    await writeMembers(client, record, inputs, was, context, {});
    return { id: live.id, outputs: memberOutputsOf(inputs.members ?? [], "agent", context) };
  },
  async update(client, { id }, inputs, was, context, outputs = {}) {
    await writeMembers(client, await changeRecord(client, kind, id, inputs), inputs, was.members ?? [], context, outputs);
    return memberOutputsOf(inputs.members ?? [], "agent", context, outputs);
  },
  get: getter(readTeam, async (found, client) => liveTeam(found, await readAgents(client))),
  computed: (_live, inputs, context, outputs) => memberOutputsOf(inputs.members ?? [], "agent", context, outputs),
});
