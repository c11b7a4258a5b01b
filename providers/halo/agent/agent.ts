/** halo:Agent: the people who work in Halo, with their roles and teams. Never deleted: leavers are disabled. */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { noteOnce } from "../../../base/notes.ts";
import { fold, same } from "../../../base/text.ts";
import { both, entries, filledIn, neither, whenTrue } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { only, spelt, tableOf, textOf, textsOf } from "../named.ts";
import { candidateRows, getter, type HaloLists, type Kind, recordType, refuseBlind } from "../record.ts";
import type { Agent } from "../rows.ts";
import { fieldOf, readUsers, type User } from "../user/read.ts";
import { agentChange } from "./change.ts";
import { type AgentInputs, agentInputs, agentTexts } from "./inputs.ts";
import { listAgents, liveAgent, readAgent, readAgents, roleNames } from "./read.ts";

/** What people call the agent, for messages. */
const called = (wish: AgentInputs): string => `agent "${wish.name}" (${wish.email})`;

const kind: Kind<AgentInputs, Agent> = {
  path: "Agent",
  noun: "agent",
  called,
  /** An agent without a name or an address could not be recognised again. */
  check(wish) {
    if (wish.name !== "" && wish.email !== "") return;
    throw new RefusedError(
      `Could not save the agent of person ${wish.person}: ${wish.name === "" ? "the name" : "the e-mail address"} is empty; fill it in in the source or correct mappings/halo.yaml`,
      "incomplete",
    );
  },
  /** Those with this address, which Halo does not keep unique. */
  async candidates(client, wish, _again, whole) {
    const all = await readAgents(client, candidateRows);
    whole(all);
    // Somebody always administers Halo: who sees programs only is kept in the dark, and would make everybody a second time.
    if (all.every((agent) => agent.isapiagent))
      throw new RefusedError(
        `Could not create ${called(wish)}: Halo shows ${all.length === 0 ? "no agents" : "none but API-only agents"}, so they may be there already; give the agent that its application logs in as a default team and the right to see agents`,
        "incomplete",
      );
    const found = all.filter((agent) => fold(agent.email) === wish.email);
    if (found.length === 0) await notLinked(client, wish, all);
    const one = only(found);
    if (one?.isapiagent)
      throw new RefusedError(
        `Could not create ${called(wish)}: the API-only agent ${one.id} has that address; give it another one in Halo`,
        "api-agent",
      );
    return found;
  },
  read: readAgent,
  async change(client, agent, wish, partly) {
    const change = await agentChange(client, agent, wish, await roleNames(client, agent ? [agent] : []), partly);
    if (agent?.isapiagent && change["isdisabled"] === true)
      throw new RefusedError(
        `Could not disable ${called(wish)}: agent ${agent.id} is an API-only agent, which programs log in as; disable it in Halo if that is meant`,
        "api-agent",
      );
    return change;
  },
  several: (found, wish) =>
    `Could not create ${called(wish)}: Halo has ${found.length} agents with that address (ids ${found.map((agent) => agent.id).join(", ")}); correct all but one in Halo`,
  unseen: (wish) => `Could not create ${called(wish)}: Halo said yes but names no agent; look for them in Halo`,
  advice: (wish, missing) =>
    missing.includes("isdisabled") && !wish.enabled
      ? "; an agent who owns open tickets must hand them over in Halo first"
      : "; check the rights of the Halo application's agent",
};

/**
 * A user of Halo names the agent they are (`linked_agent_id`; agents themselves hold no id of Entra in any contract): where the user of this
 * address is an agent of another address, a second one would be made of one human.
 */
async function notLinked(client: HaloLists, wish: AgentInputs, all: readonly Agent[]): Promise<void> {
  let users: User[];
  try {
    users = await readUsers(client, { search: wish.email }, candidateRows);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code === "not-understood") throw error;
    noteOnce(`Halo does not say which users are agents (${error.message}): a new agent is known by the address alone`);
    return;
  }
  const mine = users.filter((user) => fold(fieldOf(user, "emailaddress")) === wish.email);
  // Who is at a client that is not shown may be an agent of another address.
  if (mine.length === 0) await refuseBlind(client, called(wish));
  for (const user of mine) {
    const id = Number(user["linked_agent_id"] ?? 0);
    const linked = all.find((agent) => agent.id === id);
    // A link to nobody says nothing: whoever it was has been deleted.
    const hidden = !linked && id > 0 ? await client.get("Agent", id) : undefined;
    if (hidden)
      throw new RefusedError(
        `Could not create ${called(wish)}: user ${user.id} of that address is the agent ${id}, whom Halo's list leaves out; give the agent that its application logs in as a default team and the right to see agents`,
        "incomplete",
      );
    if (linked)
      throw new RefusedError(
        `Could not create ${called(wish)}: user ${user.id} of that address is the agent ${linked.id} (${linked.email}) already; give that agent the address in Halo, or let people.is.halo recognise agents by id: "{{ linked_agent_id }}"`,
        "linked",
      );
  }
}

export const agent = define<AgentInputs, Record<string, never>, HaloLists>({
  type: "halo:Agent",
  ...recordType("halo:Agent", kind),
  get: getter(readAgent, async (found, client: HaloLists) => liveAgent(found, await roleNames(client, [found]))),
  noun: "agent",
  about: "person",
  account: true,
  key: ({ person }) => person,
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["roles", "teams", "of.roles", "of.teams"],
  silent: ["person", "of"],
  access: {
    person: neither,
    name: neither,
    email: both("lockedOut"),
    firstname: neither,
    surname: neither,
    jobtitle: neither,
    sms: neither,
    extensionnumber: neither,
    enabled: whenTrue("disabled"),
    // Halo's own role of who may do everything; one that an administrator has named so is taken for one of its kind.
    roles: entries({
      ...{ takes: "memberships", gives: "gained" },
      but: (_after, role) => (/\badmin/iu.test(role) ? { gives: "privileged" } : {}),
    }),
    teams: entries("memberships"),
    team: neither,
    licenceType: filledIn("licences"),
    of: neither,
  },
  inputs: agentInputs,
  unasked: {},
  immutable: ["person"],
  list: listAgents,
  /** Somebody always administers Halo: who sees programs only is kept in the dark. */
  doubts: (live) =>
    live.some(({ values }) => values["isapiagent"] !== true) ? [] : [`Halo shows ${live.length === 0 ? "none" : "none but API-only ones"}`],
  find: (live, { email }) => only(live.filter(({ values }) => typeof values["email"] === "string" && fold(values["email"]) === email))?.id,
  view,
});

/** Of the owned names those an agent has, spelt as the mapping spells them. */
const ownedOf = (have: readonly string[], owned: readonly string[]): string[] =>
  owned.filter((name) => have.some((one) => same(one, name)));

/** Whether an agent is in a team that is not wished by a role alone: it goes with the role, so that it is told and left. */
function goesWithRole(values: Values, managed: AgentInputs, team: string): boolean {
  const role = Object.entries(tableOf(values, "byRole")).find(([name]) => same(name, team))?.[1];
  if (role === undefined || managed.teams.some((name) => same(name, team))) return false;
  noteOnce(`${textOf(values, "name")} is in Halo's team "${team}" by the role "${role}", with which it goes: the team is left as it is`);
  return true;
}

function view({ values }: Live, managed: AgentInputs): AgentInputs {
  const seat = values["licenceType"];
  return {
    person: managed.person,
    name: textOf(values, "name"),
    email: fold(textOf(values, "email")),
    ...(managed.firstname === undefined ? {} : { firstname: textOf(values, "firstname") }),
    ...(managed.surname === undefined ? {} : { surname: textOf(values, "surname") }),
    ...Object.fromEntries(agentTexts.flatMap((field) => (managed[field] === undefined ? [] : [[field, textOf(values, field)]]))),
    enabled: values["enabled"] === true,
    roles: ownedOf(textsOf(values, "roles"), managed.of.roles),
    teams: ownedOf(textsOf(values, "teams"), managed.of.teams).filter((name) => !goesWithRole(values, managed, name)),
    ...(managed.team === undefined ? {} : { team: spelt(textOf(values, "team"), managed.team) }),
    // A seat that Halo does not tell is shown as none, so that it is written; 0 is Halo's word for none.
    ...(managed.licenceType === undefined ? {} : { licenceType: typeof seat === "number" ? seat : 0 }),
    of: managed.of,
  };
}
