/**
 * halo:Ticket lives by Halo's contract, and 200 runs of agents and tickets that are cut at any place: nothing is made twice, the
 * next clean run does the rest, the one after it changes nothing. Rows C1, C4. The seed of a failing run is in its message.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectHalo, type HaloClient } from "../../clients/halo/index.ts";
import { type Adapted, adapt } from "../../providers/core/adapter.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition, Values } from "../../providers/core/definition.ts";
import { type Run, adoptionKey } from "../../providers/core/run.ts";
import { agent } from "../../providers/halo/agent.ts";
import { type TicketInputs, ticket } from "../../providers/halo/ticket.ts";
import { haloContract } from "../../sandbox/contracts/halo.ts";
import { type HaloServer, startHalo } from "../../sandbox/halo/server.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { random } from "../../sandbox/random.ts";
import { certificates } from "../../sandbox/tls.ts";
import { lifecycle } from "./lifecycle.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "haloform-kill-"));
const before = tls.getCACertificates("default");
let halo: HaloServer;

beforeAll(async () => {
  const { ca, tls: pair } = await certificates(folder);
  tls.setDefaultCACertificates([...before, readFileSync(ca, "utf8")]);
  halo = await startHalo({
    tls: pair,
    seed: organisation({ people: 20 }).halo,
    clients: [{ id: "haloform", secret: "invented", write: true, scopes: ["all"] }],
    tenant: "northwind",
    contract: haloContract(contracts),
  });
});

afterAll(async () => {
  expect([...halo.violations], "what Halo would have ignored in silence").toEqual([]);
  await halo.stop();
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

/** A new process: a client that knows nothing yet, and does not really wait. */
const connect = (): HaloClient => {
  let waited = 0;
  return connectHalo({ resourceServer: halo.url, clientId: "haloform", scope: "all", limit: 1_000_000, window: 300 }, "invented", {
    sleep: async (milliseconds) => void (waited += milliseconds),
    now: () => new Date(Date.now() + waited),
  });
};

const wanted = (more: Partial<TicketInputs> = {}): TicketInputs =>
  ticket.inputs.parse({
    person: "41",
    called: "Ada Example",
    step: "open",
    once: "one",
    marker: "haloform/test/41",
    type: "Service request",
    statuses: { open: "In progress", parked: "With user", done: "Closed" },
    team: "First line",
    summary: "Joiner: Ada Example",
    details: "Active Directory: User aexample: create",
    client: 12,
    site: 18,
    reasons: [],
    ...more,
  });

describe("C4: halo:Ticket", () => {
  lifecycle({
    definition: ticket,
    client: connect,
    options: { attributes: ["type:Service request", "done:Closed", "parked:With user"] },
    samples: () => ({
      create: wanted(),
      updates: {
        "another change, same ticket": wanted({ once: "two", details: "Active Directory: User aexample: update\n  title: A → B" }),
        summary: wanted({ once: "three", details: "Halo: Agent: create", summary: "Mover: Ada Example", team: "Second line" }),
      },
    }),
    missing: "999999",
    fixed: ["person", "called", "step", "marker", "type", "statuses", "client", "site", "reasons", "once"],
  });

  it("refuses what Halo does not have by name, with the nearest, and two open tickets of a person", async () => {
    const context = makeContext(undefined, async () => []);
    await expect(ticket.create(connect(), wanted({ type: "Servise request", marker: "haloform/test/50" }), context)).rejects.toThrow(
      'did you mean "Service request"',
    );
    for (const id of [7001, 7002])
      halo.state.tickets.set(id, {
        id,
        tickettype_id: 42,
        status_id: 22,
        client_id: 12,
        summary: "x",
        details: "",
        third_party_id_string: "haloform/test/60",
      });
    await expect(ticket.create(connect(), wanted({ person: "60", marker: "haloform/test/60" }), context)).rejects.toThrow(
      "Halo has 2 open ones (7001, 7002); close all but one",
    );
    halo.state.tickets.delete(7001);
    halo.state.tickets.delete(7002);
  });

  it("finds its ticket also in a Halo that does not keep the other system's id", async () => {
    const inputs = wanted({ person: "61", marker: "haloform/test/61" });
    const context = makeContext(undefined, async () => []);
    const made = await ticket.create(connect(), inputs, context);
    const row = halo.state.tickets.get(Number(made.id));
    if (row) row["third_party_id_string"] = "";
    expect((await ticket.create(connect(), inputs, context)).id).toBe(made.id);
  });
});

interface Wish {
  type: "halo:Agent" | "halo:Ticket";
  name: string;
  inputs: Values;
}
type State = Map<string, { id: string; outs: Values }>;
const definitions = { "halo:Agent": agent, "halo:Ticket": ticket } as unknown as Record<Wish["type"], Definition>;
const options = { attributes: ["type:Service request", "done:Closed", "parked:With user"] };

/** One run: the bulk read, a refresh, then the waves; each operation through the adapter, as the engine would ask it. */
async function run(waves: readonly (readonly Wish[])[], state: State, broken: () => void = () => undefined): Promise<number> {
  const client = connect();
  const live = {
    "halo:Agent": await agent.list(client as never, {}),
    "halo:Ticket": await ticket.list(client, options),
  };
  const adopt: Record<string, string> = {};
  for (const wish of waves.flat()) {
    const id = wish.type === "halo:Agent" ? definitions[wish.type].find(live[wish.type], wish.inputs) : undefined;
    if (id !== undefined && !state.has(wish.name)) adopt[adoptionKey(wish.type, wish.inputs)] = id;
  }
  const made = { format: "haloform.run/1", made: "2026-01-15T08:00:00Z", mode: "haloform", people: { ad: {}, entra: {}, halo: {} }, live, adopt };
  const context = makeContext(made as unknown as Run, async () => []);
  const session = async () => ({ run: made as unknown as Run, folder: undefined, context, beforeWrite: () => undefined });
  const adapters = new Map<string, Adapted>();
  for (const type of ["halo:Agent", "halo:Ticket"] as const)
    adapters.set(type, adapt({ ...definitions[type], client: async () => client } as Definition, session));
  broken();
  let operations = 0;
  for (const wave of waves) {
    await Promise.all(
      wave.map(async ({ type, name, inputs }) => {
        const adapted = adapters.get(type) as Adapted;
        const known = state.get(name);
        const seen = known ? await adapted.read(known.id, known.outs) : undefined;
        if (known && seen?.inputs !== undefined) {
          if (JSON.stringify(sorted(seen.inputs)) === JSON.stringify(sorted(inputs))) return;
          operations++;
          state.set(name, { id: known.id, outs: (await adapted.update(known.id, seen.props ?? {}, inputs)).outs });
          return;
        }
        operations++;
        state.set(name, await adapted.create(inputs));
      }),
    );
  }
  return operations;
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
      : value;

/** People with an agent and a ticket each: the ticket before, the agent, and what came of it. */
function wishes(seed: number, people: number, round: number): Wish[][] {
  const waves: Wish[][] = [[], [], []];
  for (let index = 0; index < people; index++) {
    const person = String(seed * 10 + index + 10_000);
    const roles = round === 0 ? ["Service Desk"] : ["Field Engineer"];
    const shared = { person, called: `Person ${person}`, marker: `haloform/kill/${person}`, once: `${round}`, details: `round ${round}`, summary: `Change ${person}` };
    const agentWish = agent.inputs.parse({
      person,
      name: `Person ${person}`,
      email: `p${person}@corp.example.com`,
      enabled: round === 0 || index % 2 === 0,
      roles,
      teams: ["First line"],
      of: { roles: ["Service Desk", "Field Engineer"], teams: ["First line"] },
    });
    waves[0]?.push({ type: "halo:Ticket", name: `${person}.open`, inputs: wanted(shared) as unknown as Values });
    waves[1]?.push({ type: "halo:Agent", name: `${person}.agent`, inputs: agentWish as unknown as Values });
    waves[2]?.push({ type: "halo:Ticket", name: `${person}.result`, inputs: wanted({ ...shared, step: "result" }) as unknown as Values });
  }
  return waves;
}

describe("a run that is cut at any place", () => {
  it("C1 C4: 200 seeded runs: no agent and no ticket twice; a clean run does the rest, a second one nothing", async () => {
    let faults = 0;
    for (let seed = 0; seed < 200; seed++) {
      const next = random(seed + 1);
      const pick = (below: number): number => Math.floor(next() * below);
      const people = 1 + pick(2);
      let state: State = new Map();
      const had = halo.state.tickets.size;
      for (const round of [0, 1]) {
        const waves = wishes(seed, people, round);
        const mess = (): void => {
          halo.faults.reset();
          halo.faults.after = pick(people * 8);
          const kind = pick(6);
          if (kind === 0) halo.faults.cutWrites = 1 + pick(3);
          else if (kind === 1) halo.faults.dropWrites = 1 + pick(3);
          else if (kind === 2) halo.faults.failing = 1 + pick(12);
          else if (kind === 3) halo.faults.throttled = 1 + pick(4);
          else if (kind === 4) halo.faults.unauthorised = 1 + pick(2);
          else Object.assign(halo.faults, { cutWrites: 1, failing: pick(6) });
          faults++;
        };
        const kept: State = new Map(state);
        await run(waves, state, mess);
        halo.faults.reset();
        // Half of the runs are killed as well: what they knew is lost, and the state is that of the run before.
        if (pick(2) === 0) state = kept;
        await run(waves, state);
        const where = `seed ${seed}, round ${round}`;
        for (const { inputs } of waves[1] ?? []) {
          const mine = [...halo.state.agents.values()].filter((one) => one["email"] === inputs["email"]);
          expect(mine.length, `${where}: agents of ${String(inputs["email"])}`).toBe(1);
          expect(mine[0]?.["isdisabled"] === true, where).toBe(inputs["enabled"] === false);
        }
        const tickets = [...halo.state.tickets.values()].filter((one) =>
          (waves[0] ?? []).some(({ inputs }) => one["third_party_id_string"] === inputs["marker"]),
        );
        expect(tickets.filter((one) => one["hasbeenclosed"] !== true).length, `${where}: open tickets`).toBe(0);
        const writes = halo.log.filter((one) => one.write).length;
        expect(await run(waves, state), `${where}: operations of a second clean run`).toBe(0);
        expect(halo.log.filter((one) => one.write).length, `${where}: writes of a second clean run`).toBe(writes);
        halo.log.length = 0;
      }
      expect(halo.state.tickets.size - had, `seed ${seed}: tickets`).toBeGreaterThanOrEqual(people * 2);
    }
    expect(faults).toBe(400);
  }, 40_000);
});
