/** halo:Agent: the people who work in Halo, with their roles and teams. Never deleted: leavers are disabled. */

import { RefusedError } from "../../../base/errors.ts";
import { fold, same } from "../../../base/text.ts";
import { both, entries, neither, whenTrue } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { only, spelt, textOf, textsOf } from "../named.ts";
import { getter, type Halo, type Kind, recordType } from "../record.ts";
import type { Agent } from "../rows.ts";
import { agentChange } from "./change.ts";
import { type AgentInputs, agentInputs, agentTexts } from "./inputs.ts";
import { listAgents, liveAgent, readAgent, readAgents, roleNames } from "./read.ts";

/** What people call the agent, for messages. */
const called = (wish: AgentInputs): string => `agent "${wish.name}" (${wish.email})`;

const kind: Kind<AgentInputs, Agent, Halo> = {
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
  async candidates(client, wish) {
    const found = (await readAgents(client)).filter((agent) => fold(agent.email) === wish.email);
    const one = only(found);
    if (one?.isapiagent)
      throw new RefusedError(
        `Could not create ${called(wish)}: the API-only agent ${one.id} has that address; give it another one in Halo`,
        "api-agent",
      );
    return found;
  },
  read: readAgent,
  async change(client, agent, wish) {
    const change = await agentChange(client, agent, wish, await roleNames(client, agent ? [agent] : []));
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

export const agent = define<AgentInputs, Record<string, never>, Halo>({
  type: "halo:Agent",
  ...recordType(kind),
  get: getter(readAgent, async (found, client: Halo) => liveAgent(found, await roleNames(client, [found]))),
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
    email: both,
    firstname: neither,
    surname: neither,
    jobtitle: neither,
    sms: neither,
    extensionnumber: neither,
    enabled: whenTrue("disabled"),
    roles: entries("memberships"),
    teams: entries("memberships"),
    team: neither,
    licenceType: both,
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
    teams: ownedOf(textsOf(values, "teams"), managed.of.teams),
    ...(managed.team === undefined ? {} : { team: spelt(textOf(values, "team"), managed.team) }),
    // A seat that Halo does not tell is shown as none, so that it is written; 0 is Halo's word for none.
    ...(managed.licenceType === undefined ? {} : { licenceType: typeof seat === "number" ? seat : 0 }),
    of: managed.of,
  };
}
