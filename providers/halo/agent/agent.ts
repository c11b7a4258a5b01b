/** halo:Agent: the people who work in Halo, with their roles and teams. Never deleted: leavers are disabled. */
import { RefusedError } from "../../../base/errors.ts";
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { both, entries, neither, whenTrue } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import { agentLine, inLine } from "../line.ts";
import type { Agent } from "../rows.ts";
import { parseAgent } from "../rows.ts";
import { agentChange } from "./change.ts";
import type { AgentInputs, Nothing } from "./inputs.ts";
import { agentInputs } from "./inputs.ts";
import type { Halo } from "./names.ts";
import { listAgents, liveAgent, readAgent, readAgents, roleNames } from "./read.ts";

/** What people call the agent, for messages. */
const called = (inputs: AgentInputs): string => `agent "${inputs.name}" (${inputs.email})`;

/** The one agent with this address. Halo does not keep addresses unique, so two are refused rather than guessed between. */
function byEmail(agents: readonly Agent[], inputs: AgentInputs): Agent | undefined {
  const found = agents.filter((agent) => fold(agent.email) === inputs.email);
  if (found.length > 1) {
    throw new RefusedError(
      `Could not create ${called(inputs)}: Halo has ${found.length} agents with that address (ids ${found.map((agent) => agent.id).join(", ")}); correct all but one in Halo`,
      "ambiguous",
    );
  }
  const [one] = found;
  if (one?.isapiagent) {
    throw new RefusedError(
      `Could not create ${called(inputs)}: the API-only agent ${one.id} has that address; give it another one in Halo`,
      "api-agent",
    );
  }
  return one;
}

/** Reads the agent back and compares: a POST echoes what it did not store (facts: Halo write semantics 3, 4). */
async function proveStored(client: Halo, id: string, inputs: AgentInputs): Promise<void> {
  const agent = await readAgent(client, id);
  if (!agent) throw new RefusedError(`Could not save ${called(inputs)}: Halo said yes, but there is no agent ${id}`, "not-stored");
  const rest = await agentChange(client, agent, inputs, await roleNames(client, [agent]));
  const missing = Object.keys(rest);
  if (missing.length === 0) return;
  const hint =
    missing.includes("isdisabled") && !inputs.enabled
      ? "; an agent who owns open tickets must hand them over in Halo first"
      : "; check the rights of the Halo application's agent";
  throw new RefusedError(`Could not save ${called(inputs)}: Halo did not store ${missing.join(", ")}${hint}`, "not-stored");
}

/** An agent without a name or an address could not be recognised again. */
function checkWish(inputs: AgentInputs): void {
  if (inputs.name !== "" && inputs.email !== "") return;
  throw new RefusedError(
    `Could not save the agent of person ${inputs.person}: ${inputs.name === "" ? "the name" : "the e-mail address"} is empty; fill it in Halo's record or correct mappings/halo.yaml`,
    "incomplete",
  );
}

/** Brings an agent to what is wished; nothing is written when nothing differs. */
function bring(client: Halo, id: string, inputs: AgentInputs): Promise<void> {
  return inLine(client, agentLine(id), () => bringAlone(client, id, inputs));
}

async function bringAlone(client: Halo, id: string, inputs: AgentInputs): Promise<void> {
  const agent = await readAgent(client, id);
  if (!agent)
    throw new RefusedError(`Could not change ${called(inputs)}: Halo has no agent ${id} any more; the next plan will see that`, "gone");
  const change = await agentChange(client, agent, inputs, await roleNames(client, [agent]));
  if (Object.keys(change).length === 0) return;
  if (agent.isapiagent && change["isdisabled"] === true) {
    throw new RefusedError(
      `Could not disable ${called(inputs)}: agent ${id} is an API-only agent, which programs log in as; disable it in Halo if that is meant`,
      "api-agent",
    );
  }
  try {
    await client.post("Agent", { id: agent.id, ...change });
  } catch (error) {
    // Writing the same values again is harmless, so looking is enough: stored or not.
    if (!(error instanceof UncertainError)) throw error;
    await proveStored(client, id, inputs).catch((proof: unknown) => {
      throw proof instanceof RefusedError ? error : proof;
    });
    return;
  }
  await proveStored(client, id, inputs);
}

/** Makes the agent, unless one with the address is there; returns its id and whether it was made just now. */
async function make(client: Halo, inputs: AgentInputs): Promise<{ id: string; made: boolean }> {
  const existing = byEmail(await readAgents(client), inputs);
  if (existing) return { id: String(existing.id), made: false };
  const record: Row = await agentChange(client, undefined, inputs, (role) => role.name);
  let saved: Row | undefined;
  try {
    saved = await client.post("Agent", record);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    // Posting again could make a second agent. So we look whether the first try got through.
    const found = byEmail(await readAgents(client), inputs);
    if (!found) throw error;
    return { id: String(found.id), made: false };
  }
  const read = saved && "id" in saved ? parseAgent(saved) : byEmail(await readAgents(client), inputs);
  if (!read || read.id <= 0)
    throw new RefusedError(`Could not create ${called(inputs)}: Halo said yes but names no agent; look for them in Halo`, "no-answer");
  return { id: String(read.id), made: true };
}

export const agent = define<AgentInputs, Nothing, Halo>({
  type: "halo:Agent",
  system: "halo",
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
    enabled: whenTrue("disabled"),
    roles: entries("memberships"),
    teams: entries("memberships"),
    team: neither,
    licenceType: both,
    of: neither,
  },
  inputs: agentInputs,
  ...nothingComputed,
  unasked: {},
  immutable: ["person"],
  client: haloClient,
  list: listAgents,
  find(live, inputs) {
    const found = live.filter((one) => typeof one.values["email"] === "string" && fold(one.values["email"]) === inputs.email);
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view(live, managed) {
    return viewOf(live, managed);
  },
  async create(client, inputs) {
    checkWish(inputs);
    const { id, made } = await inLine(client, "make agents", () => make(client, inputs));
    if (made) await proveStored(client, id, inputs);
    else await bring(client, id, inputs);
    return { id, outputs: {} };
  },
  async update(client, { id }, inputs) {
    checkWish(inputs);
    await bring(client, id, inputs);
    return {};
  },
  async get(client, id) {
    const found = await readAgent(client, id);
    return found && liveAgent(found, await roleNames(client, [found]));
  },
});

/** The owned names an agent has, spelt as the mapping spells them. */
function ownedOf(live: Live, key: "roles" | "teams", owned: readonly string[]): string[] {
  const have = live.values[key];
  return owned.filter((name) => Array.isArray(have) && have.some((one) => typeof one === "string" && same(one, name)));
}

function viewOf(live: Live, managed: AgentInputs): AgentInputs {
  const text = (key: string): string => {
    const value = live.values[key];
    return typeof value === "string" ? value : "";
  };
  const team = text("team");
  return {
    person: managed.person,
    name: text("name"),
    email: fold(text("email")),
    ...(managed.firstname === undefined ? {} : { firstname: text("firstname") }),
    ...(managed.surname === undefined ? {} : { surname: text("surname") }),
    enabled: live.values["enabled"] === true,
    roles: ownedOf(live, "roles", managed.of.roles),
    teams: ownedOf(live, "teams", managed.of.teams),
    ...(managed.team === undefined ? {} : { team: same(team, managed.team) ? managed.team : team }),
    ...seatOf(live, managed),
    of: managed.of,
  };
}

/** A seat that Halo does not tell is shown as none, so that it is written; 0 is Halo's word for none. */
function seatOf(live: Live, managed: AgentInputs): Pick<AgentInputs, "licenceType"> {
  if (managed.licenceType === undefined) return {};
  const seat = live.values["licenceType"];
  return { licenceType: typeof seat === "number" ? seat : 0 };
}
