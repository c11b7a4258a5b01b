/**
 * A Halo whose lists come back short for the API's agent (no default team, some clients alone, no right to see agents): nothing is made
 * twice, in 50 seeded ways of shortening. What is wished is all there already; what a run does not see it must not make.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { definition } from "../../providers/registry.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import type { HaloState } from "../../sandbox/halo/state.ts";
import { trusted } from "../trusted.ts";
import { memoryContext } from "./context.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";
import { seeded, shorten, unshorten } from "./short.ts";

type Row = { [key: string]: unknown };

const tls = trusted();
let halo: HaloServer;

beforeAll(async () => {
  halo = await haloOf(30, { tls, clients: [{ ...application, agent: 2 }] });
  // A second client with a site and people of its own.
  halo.state.clients.set(90, { id: 90, name: "Night Ferries", inactive: false });
  halo.state.sites.set(91, { id: 91, name: "Pier", client_id: 90, client_name: "Night Ferries", inactive: false });
  for (const id of [901, 902]) {
    const place = { site_id: 91, site_id_int: 91, site_name: "Pier", client_id: 90, client_name: "Night Ferries" };
    halo.state.users.set(id, {
      id,
      name: `Night ${id}`,
      emailaddress: `night${id}@corp.example.com`,
      inactive: false,
      customfields: [],
      ...place,
    });
    // An agent of another address: the user alone says who they are.
    halo.state.agents.set(id, {
      id,
      name: `Night ${id}`,
      email: `n${id}@agents.example.com`,
      isdisabled: false,
      team: "",
      teams: [],
      roles: [],
    });
    Object.assign(halo.state.users.get(id) ?? {}, { linked_agent_id: id });
  }
  halo.state.assets.set(950, {
    id: 950,
    inventory_number: "NF-950",
    key_field: "NF-950",
    assettype_id: 130,
    client_id: 90,
    site_id: 91,
    inactive: false,
    users: [],
    fields: [],
  });
});
afterAll(() => ended(halo));

const connect = (): HaloClient => clientOf(halo, { limit: 100_000 });

/** Everything that is there, as wishes to make it. */
function wishes(state: HaloState): { type: string; wish: Row }[] {
  const of = { roles: ["Service Desk"], teams: ["First line"] };
  const all: { type: string; wish: Row }[] = [
    { type: "halo:Client", wish: { name: "Night Ferries", enabled: true } },
    { type: "halo:Site", wish: { name: "Night Ferries/Pier", client: "Night Ferries", enabled: true } },
    { type: "halo:Asset", wish: { name: "NF-950", kind: "Laptop", client: 90, site: 91, enabled: true, users: [], fields: {} } },
  ];
  for (const row of state.users.values())
    if (row["isserviceaccount"] !== true && row["name"] !== "General User" && row["emailaddress"])
      all.push({
        type: "halo:User",
        wish: {
          person: String(row["id"]),
          name: row["name"],
          site: `${row["client_name"]}/${row["site_name"]}`,
          fields: { emailaddress: row["emailaddress"] },
        },
      });
  // An agent is wished by the address of the person, whatever the agent's own is.
  const addresses = new Map([...state.users.values()].map((row) => [Number(row["linked_agent_id"]), row["emailaddress"]]));
  for (const row of state.agents.values())
    if (row["isapiagent"] !== true && row["email"])
      all.push({
        type: "halo:Agent",
        wish: {
          person: String(row["id"]),
          name: row["name"],
          email: addresses.get(Number(row["id"])) ?? row["email"],
          enabled: row["isdisabled"] !== true,
          roles: [],
          teams: [],
          of,
        },
      });
  return all;
}

const counts = (): object =>
  Object.fromEntries((["users", "agents", "clients", "sites", "assets"] as const).map((table) => [table, halo.state[table].size]));

it("50 seeded ways of shortening, by the run's own first sight or after it: nothing is made twice", async () => {
  const all = wishes(halo.state);
  const there = counts();
  const ways = new Map<string, { refused: number; found: number }>();
  for (let seed = 0; seed < 50; seed++) {
    const random = seeded(seed + 1);
    const client = connect();
    // Some runs saw everything when they began, and the rights were cut then.
    const late = random() < 0.4;
    const context = memoryContext(async (type) => {
      const asked =
        {
          "halo:User": { fields: ["emailaddress"] },
          "halo:Asset": { types: ["Laptop"] },
          "halo:Site": { detailed: [] },
          "halo:Client": { detailed: [] },
        }[type] ?? {};
      return definition(type)
        .list(client, asked as never)
        .catch(() => []);
    });
    if (late) for (const type of new Set(all.map((one) => one.type))) await context.live(type);
    const way = shorten(halo, random);
    const said = ways.get(way) ?? { refused: 0, found: 0 };
    ways.set(way, said);
    const some = all.filter(() => random() < 0.5);
    for (const { type, wish } of some) {
      const one = definition(type);
      try {
        await one.create(client, one.inputs.parse(wish), context);
        said.found++;
      } catch (error) {
        // In one line, and said in a way that somebody can mend.
        if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
        expect(error.message).toMatch(/^[^\n]{40,}$/u);
        said.refused++;
      }
    }
    expect(counts(), `seed ${seed}: ${way}${late ? ", cut later" : ""}`).toEqual(there);
    unshorten(halo);
  }
  // All ways were tried; each refused somebody, and none refused everybody.
  expect(ways.size).toBe(6);
  for (const [way, { refused, found }] of ways) expect([way, refused > 0, found > 0]).toEqual([way, true, true]);
});
