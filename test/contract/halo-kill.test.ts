/**
 * halo:Ticket lives by Halo's contract, and 200 runs of agents and tickets that are cut at any place: nothing is made twice, the
 * next clean run does the rest, the one after it changes nothing. Rows C1, C4. The seed of a failing run is in its message.
 */

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Values } from "../../base/json.ts";
import { taken } from "../../base/notes.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { type Adapted, adapt } from "../../providers/core/adapter.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition, Live } from "../../providers/core/definition.ts";
import { operationKey, type Run } from "../../providers/core/run.ts";
import { agent } from "../../providers/halo/agent/agent.ts";
import { type AssetInputs, asset } from "../../providers/halo/asset.ts";
import { type TicketInputs, ticket } from "../../providers/halo/ticket/ticket.ts";
import { definition } from "../../providers/registry.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { chance } from "../../sandbox/random.ts";
import type { DesiredResource, PreviousResource } from "../../stacks/model/types.ts";
import { wavesOf } from "../../stacks/model/waves.ts";
import { withTickets } from "../../stacks/plan/tickets.ts";
import { trusted } from "../trusted.ts";
import { clientOf, ended, haloOf } from "./halo.ts";
import { lifecycle } from "./lifecycle.ts";

const tls = trusted();
let halo: HaloServer;

beforeAll(async () => {
  halo = await haloOf(20, { tls });
});

afterAll(() => ended(halo));

/** A new process: a client that knows nothing yet, and does not really wait. */
const connect = (): HaloClient => clientOf(halo, { limit: 1_000_000 });

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
    asked: { type: "Service request", done: "Closed", parked: "With user" },
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

type State = Map<string, { type: string; id: string; outs: Values }>;
const definitions = { "halo:Agent": agent, "halo:Ticket": ticket } as unknown as { readonly [type: string]: Definition };
const rule = {
  type: "Service request",
  events: ["joiner", "mover", "leaver", "other"],
  client: 12,
  site: 18,
  status: { open: "In progress", parked: "With user", done: "Closed" },
  summary: "{{ event }}: {{ name }}",
  details: "values",
};
const mappings = { halo: { tickets: rule }, people: { source: "people.csv" }, at: () => "mappings/halo.yaml:1" } as never;

/** One run: the bulk read, the pure middle, then wave by wave through the adapter, as the engine asks it. The number of operations. */
async function run(agents: readonly Values[], state: State, broken: () => void = () => undefined): Promise<number> {
  const client = connect();
  const live: { [type: string]: Live[] } = {
    "halo:Agent": await agent.list(client as never, {}),
    "halo:Ticket": await ticket.list(client, { type: rule.type, done: rule.status.done, parked: rule.status.parked }),
  };
  const found = (inputs: Values): Live | undefined => {
    const id = agent.find(live["halo:Agent"] ?? [], inputs as never);
    return live["halo:Agent"]?.find((one) => one.id === id);
  };
  const wished = agents.map((inputs): DesiredResource => {
    const name = `agent-${String(inputs["person"])}`;
    const id = state.has(name) ? undefined : found(inputs)?.id;
    return {
      type: "halo:Agent",
      name,
      person: String(inputs["person"]),
      inputs,
      because: {},
      ...(id === undefined ? {} : { adopt: id }),
    };
  });
  const context = makeContext(undefined, async (type) => live[type] ?? []);
  const was = new Map(
    wished.map((one) => {
      const there = found(one.inputs);
      return [`halo:Agent::${one.name}`, there && (agent.view(there, one.inputs as never, {}, context) as unknown as Values)];
    }),
  );
  const previous = [...state].flatMap(([name, { type, id, outs }]): PreviousResource[] => {
    const { computed, parked, ...inputs } = outs;
    if (id.startsWith("parked-")) return [];
    return [{ type, name, id, inputs, outputs: { computed: computed ?? {}, ...(parked === undefined ? {} : { parked }) } }];
  });
  const people = agents.map(({ person, name }) => ({ key: String(person), name: String(name), stage: "active", accounts: {} }));
  const { resources } = withTickets({
    mappings,
    stack: "kill",
    wish: { resources: wished, people, parked: [], notes: [], refused: [] } as never,
    was,
    previous: { resources: previous, memory: undefined } as never,
    live,
  });
  const adopt = Object.fromEntries(
    resources.flatMap((one) => (one.adopt ? [[operationKey(definition(one.type), one.inputs), one.adopt]] : [])),
  );
  const made = { made: "2026-01-15T08:00:00Z", mode: "haloform", people: { ad: {}, entra: {}, halo: {} }, live, adopt } as unknown as Run;
  const running = makeContext(made, async () => []);
  const session = async () => ({ run: made, folder: undefined, context: running, beforeWrite: () => undefined });
  const adapters = new Map<string, Adapted>(
    Object.entries(definitions).map(([type, one]) => [type, adapt({ ...one, client: async () => client }, session)]),
  );
  broken();
  let operations = 0;
  for (const wave of wavesOf(resources)) {
    await Promise.all(
      wave.map(async ({ type, name, inputs }) => {
        const adapted = adapters.get(type) as Adapted;
        const known = state.get(name);
        const seen = known ? await adapted.read(known.id, known.outs) : undefined;
        if (known && seen?.inputs !== undefined) {
          if (isDeepStrictEqual(seen.inputs, inputs)) return;
          operations++;
          state.set(name, { type, id: known.id, outs: (await adapted.update(known.id, seen.props ?? {}, inputs)).outs });
          return;
        }
        operations++;
        state.set(name, { type, ...(await adapted.create(inputs)) });
      }),
    );
  }
  return operations;
}

/** An agent for each person; in the second round with another role, and some of them disabled. */
const agentsOf = (seed: number, people: number, round: number): Values[] =>
  Array.from({ length: people }, (_, index) => {
    const person = String(seed * 10 + index + 10_000);
    return agent.inputs.parse({
      person,
      name: `Person ${person}`,
      email: `p${person}@corp.example.com`,
      enabled: round === 0 || index % 2 === 0,
      roles: round === 0 ? ["Service Desk"] : ["Field Engineer"],
      teams: ["First line"],
      of: { roles: ["Field Engineer", "Service Desk"], teams: ["First line"] },
    }) as unknown as Values;
  });

describe("a run that is cut at any place", () => {
  it("C1 C4: 200 seeded runs: no agent and no ticket twice; a clean run does the rest, a second one nothing", async () => {
    let [tickets, changes] = [0, 0];
    for (let seed = 0; seed < 100; seed++) {
      const by = chance(seed + 1);
      const people = 1 + by.below(2);
      let state: State = new Map();
      for (const round of [0, 1]) {
        const agents = agentsOf(seed, people, round);
        const where = `seed ${seed}, round ${round}`;
        const kept: State = new Map(state);
        await run(agents, state, () => {
          halo.faults.after = by.below(people * 10);
          const kind = by.below(6);
          if (kind === 0) halo.faults.cutWrites = 1 + by.below(3);
          else if (kind === 1) halo.faults.dropWrites = 1 + by.below(3);
          else if (kind === 2) halo.faults.failing = 1 + by.below(12);
          else if (kind === 3) halo.faults.throttled = 1 + by.below(4);
          else if (kind === 4) halo.faults.unauthorised = 1 + by.below(3);
          else Object.assign(halo.faults, { cutWrites: 1, failing: by.below(6) });
        });
        halo.faults.reset();
        // Half of the runs are killed as well: what they knew is lost, and the state is that of the run before.
        if (by.happens(0.5)) state = kept;
        await run(agents, state);
        for (const inputs of agents) {
          const mine = [...halo.state.agents.values()].filter((one) => one["email"] === inputs["email"]);
          expect(mine.length, `${where}: agents of ${String(inputs["email"])}`).toBe(1);
          expect(mine[0]?.["isdisabled"] === true, where).toBe(inputs["enabled"] === false);
          const made = [...halo.state.tickets.values()].filter(
            (one) => one["third_party_id_string"] === `haloform/kill/${String(inputs["person"])}`,
          );
          expect(made.length, `${where}: tickets of person ${String(inputs["person"])}`).toBeLessThanOrEqual(round + 1);
          expect(made.filter((one) => one["hasbeenclosed"] !== true).length, `${where}: open tickets`).toBe(0);
          if (round === 1) [tickets, changes] = [tickets + made.length, changes + 2];
        }
        const writes = halo.log.filter((one) => one.write).length;
        expect(await run(agents, state), `${where}: operations of a second clean run`).toBe(0);
        expect(halo.log.filter((one) => one.write).length, `${where}: writes of a second clean run`).toBe(writes);
        halo.log.length = 0;
      }
    }
    // A change may go without one where Halo failed just when it was to be opened; nearly all have theirs.
    expect(tickets / changes).toBeGreaterThan(0.8);
  }, 40_000);
});

describe("H15: halo:Asset", () => {
  const wish = (more: object = {}) =>
    ({
      name: "NF-NEW-1",
      kind: "Laptop",
      client: 12,
      site: 18,
      enabled: true,
      users: [user(0)],
      fields: { Purpose: "Developer" },
      ...more,
    }) as AssetInputs;
  const user = (index: number): string => {
    const [id, row] = [...halo.state.users].filter(([, one]) => one["isserviceaccount"] !== true)[index] ?? [];
    return `${id} ${String(row?.["name"])}`;
  };
  lifecycle({
    definition: asset,
    client: connect,
    asked: { types: ["Laptop"] },
    samples: () => ({
      create: wish(),
      updates: {
        owner: wish({ users: [user(3)] }),
        place: wish({ users: [], site: 19 }),
        fields: wish({ users: [], site: 19, fields: { Purpose: "Office" } }),
        retired: wish({ users: [], site: 19, enabled: false, fields: { Purpose: "Office" } }),
      },
    }),
    missing: "999999",
    fixed: ["client"],
  });

  it("keeps fields of others, is made once however the answer is lost, and refuses a field that the type does not have", async () => {
    const client = connect();
    const context = makeContext(undefined, async () => []);
    halo.state.assets.set(8000, {
      id: 8000,
      inventory_number: "NF-OLD",
      key_field: "NF-OLD",
      assettype_id: 130,
      client_id: 12,
      site_id: 18,
      users: [],
      inactive: false,
      fields: [{ id: 101, name: "Serial number", value: "NF-OLD" }],
    });
    expect((await asset.create(client, wish({ name: "nf-old" }), context)).id).toBe("8000");
    expect(halo.state.assets.get(8000)?.["fields"]).toMatchObject([
      { id: 101, value: "NF-OLD" },
      { id: 102, value: "Developer" },
    ]);
    // halo-real-1.5: of a list the value is a number; who wishes what it shows wishes nothing else.
    const bare = { id: 104, name: "Berth" };
    halo.state.assets.set(8050, {
      ...halo.state.assets.get(8000),
      id: 8050,
      inventory_number: "NF-LIST",
      key_field: "NF-LIST",
      fields: [bare, { id: 102, name: "Purpose", value: 3, display: "Developer" }],
    });
    const listedAsset = await asset.get(client, "8050");
    expect(listedAsset && asset.view(listedAsset, wish({ name: "NF-LIST" }), {}, context).fields).toEqual(wish({}).fields);
    if (listedAsset) await asset.update(client, listedAsset, wish({ name: "NF-LIST" }), wish({ name: "NF-LIST" }), context);
    expect(halo.state.assets.get(8050)?.["fields"]).toEqual([bare, { id: 102, name: "Purpose", value: 3, display: "Developer" }]);
    halo.faults.cutWrites = 1;
    await asset.create(client, wish({ name: "NF-CUT" }), context);
    expect([...halo.state.assets.values()].filter((one) => one["inventory_number"] === "NF-CUT")).toHaveLength(1);
    await expect(asset.create(client, wish({ name: "NF-X", fields: { Porpose: "x" } }), context)).rejects.toThrow('did you mean "Purpose"');
  });

  it("halo-real-1.3: of a field with options their numbers are written, of several a list of them; one that is not there is refused", async () => {
    const client = connect();
    const context = makeContext(undefined, async () => []);
    const ports = ["HDMI", "USB, type C", "LAN"].map((name, index) => ({ id: index + 1, name }));
    halo.state.assetTypes.set(140, {
      ...{ id: 140, name: "Dock", assetgroup_id: 1, keyfield_name: "" },
      fields: [
        { id: 401, name: "Ports", values: ports, several: true },
        { id: 402, name: "Colour", values: [{ id: 7, name: "Grey" }] },
        { id: 403, name: "Note" },
      ],
    });
    const dock = (fields: { [name: string]: string }) => asset.inputs.parse(wish({ name: "NF-DOCK", kind: "Dock", users: [], fields }));
    const held = () => [...halo.state.assets.values()].find((one) => one["inventory_number"] === "NF-DOCK")?.["fields"];
    const live = async () => {
      const [found] = (await asset.list(client, { types: ["Dock"] }, async () => [])).filter(({ values }) => values["name"] === "NF-DOCK");
      if (!found) throw new Error("there is no dock");
      return found;
    };
    const first = dock({ Ports: "HDMI, USB, type C", Colour: "grey", Note: "by hand" });
    await asset.create(client, first, context);
    expect(held()).toEqual([
      expect.objectContaining({ id: 401, value: [ports[0], ports[1]], display: "HDMI, USB, type C" }),
      expect.objectContaining({ id: 402, value: 7, display: "Grey" }),
      expect.objectContaining({ id: 403, value: "by hand" }),
    ]);
    // In another order they are the same choices, and a second run writes nothing.
    const turned = dock({ ...first.fields, Ports: "USB, type C, HDMI" });
    expect(asset.view(await live(), turned, {}, context)).toMatchObject({ fields: { Ports: "USB, type C, HDMI" } });
    const writes = halo.log.filter((one) => one.method === "POST").length;
    await asset.update(client, await live(), turned, first, context);
    expect(halo.log.filter((one) => one.method === "POST")).toHaveLength(writes);
    await asset.update(client, await live(), dock({ Ports: "LAN" }), first, context);
    expect(held()).toEqual([
      expect.objectContaining({ id: 401, value: [ports[2]] }),
      expect.objectContaining({ id: 402, value: 7 }),
      expect.objectContaining({ id: 403, value: "by hand" }),
    ]);
    await expect(asset.update(client, await live(), dock({ Ports: "LAN, Wifi" }), first, context)).rejects.toThrow(
      /its field Ports has no option "Wifi".*; add the option in Halo, or correct assets\.fields in mappings\/halo\.yaml/u,
    );
    await expect(asset.update(client, await live(), dock({ Colour: "Gray" }), first, context)).rejects.toThrow('did you mean "Grey"');
    await asset.update(client, await live(), dock({ Ports: "", Colour: "" }), first, context);
    expect(held()).toEqual([expect.objectContaining({ id: 403 })]);
    expect([...halo.violations]).toEqual([]);
  });

  it("a field without a value, which Halo leaves out, hides no asset; what is not understood is counted and said", async () => {
    const client = connect();
    // Neither a site nor a client: what is empty is left out as well.
    const row = {
      inventory_number: "NF-BARE",
      key_field: "NF-BARE",
      assettype_id: 130,
      users: [],
      inactive: false,
    };
    halo.state.assets.set(8100, { id: 8100, ...row, fields: [{ id: 101, name: "Serial number" }] });
    halo.state.assets.set(8101, { id: 8101, ...row, inventory_number: "NF-ODD", key_field: "NF-ODD", inactive: "perhaps", fields: [] });
    try {
      taken();
      const live = await asset.list(client, { types: ["Laptop"] });
      expect(asset.find(live, wish({ name: "nf-bare" }))).toBe("8100");
      expect(live.some((one) => one.id === "8101")).toBe(false);
      expect(taken()).toEqual(["1 row of Halo's assets was not understood: inactive: Invalid input (the first is 8101)"]);
      await expect(asset.get(client, "8101")).rejects.toThrow("Could not read asset 8101: HaloITSM's answer was not understood (inactive");
    } finally {
      halo.state.assets.delete(8100);
      halo.state.assets.delete(8101);
    }
  });
});
