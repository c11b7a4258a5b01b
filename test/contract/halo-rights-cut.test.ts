/**
 * Before something is made in Halo, what is looked through must be whole (decision 0082, halo-real-1.11): lists that became short when a right
 * was cut, rows that are not understood, searches that do not add up, and a human who is an agent under another address.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { Definition } from "../../providers/core/definition.ts";
import { agent } from "../../providers/halo/agent/agent.ts";
import { role } from "../../providers/halo/agent/role.ts";
import { asset } from "../../providers/halo/asset.ts";
import { licence } from "../../providers/halo/licence.ts";
import { client as place } from "../../providers/halo/place/client.ts";
import { site } from "../../providers/halo/place/site.ts";
import { board } from "../../providers/halo/team/board.ts";
import { team } from "../../providers/halo/team/team.ts";
import { ticket } from "../../providers/halo/ticket/ticket.ts";
import { user } from "../../providers/halo/user/user.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { trusted } from "../trusted.ts";
import { type MemoryContext, memoryContext } from "./context.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";

const tls = trusted();
let halo: HaloServer;
let context: MemoryContext;

const connect = (): HaloClient => clientOf(halo);
const asked: { readonly [type: string]: unknown } = {
  "halo:Asset": { types: ["Laptop", "Phone"] },
  "halo:Licence": { client: 12, linked: [] },
  "halo:Client": { detailed: [] },
  "halo:Site": { detailed: [] },
  "halo:Role": { detailed: [] },
  "halo:User": { fields: [] },
};
const all = [agent, role, team, board, place, site, asset, licence, user] as unknown as Definition[];

beforeEach(async () => {
  halo = await haloOf(30, { tls, clients: [{ ...application, agent: 2 }] });
  halo.state.agents.set(90, { ...halo.state.agents.get(4), id: 90, name: "Hidden Agent", email: "hidden@corp.example.com" });
  halo.state.boards.set(7, { id: 7, name: "Harbour board", members: [] });
  halo.state.boards.set(8, { id: 8, name: "Hidden board", members: [] });
  halo.state.licences.set(5, { id: 5, name: "SEEN", product_sku: "SEEN", client_id: 12, count: 1 });
  halo.state.licences.set(6, { id: 6, name: "HIDDEN", product_sku: "HIDDEN", client_id: 12, count: 1 });
  context = memoryContext(async (type) => {
    const one = all.find((each) => each.type === type);
    return one ? one.list(connect(), asked[type] ?? {}) : [];
  });
  for (const one of all) await context.live(one.type);
  return () => ended(halo);
});

const posts = (): number => halo.log.filter((entry) => entry.write).length;
const wishAgent = (email: string) =>
  agent.inputs.parse({ person: "9", name: "Hidden Agent", email, enabled: true, roles: [], teams: [], of: { roles: [], teams: [] } });

describe("halo-real-1.11: a list that has become short makes nothing", () => {
  /** Of each kind: what hides one record that was there when the run began, and the wish for just that one. */
  const kinds: { [kind: string]: { hide: () => void; make: () => Promise<unknown> } } = {
    agents: {
      hide: () => halo.state.agents.delete(90),
      make: () => agent.create(connect(), wishAgent("hidden@corp.example.com"), context),
    },
    roles: {
      hide: () => halo.state.roles.delete([...halo.state.roles.keys()].at(-1) ?? ""),
      make: () => role.create(connect(), role.inputs.parse({ name: "Field Engineer" }), context),
    },
    teams: {
      hide: () => halo.state.teams.delete([...halo.state.teams.keys()].at(-1) ?? 0),
      make: () => team.create(connect(), team.inputs.parse({ name: "Onsite", mode: "exact" }), context),
    },
    boards: {
      hide: () => halo.state.boards.delete(8),
      make: () => board.create(connect(), board.inputs.parse({ name: "Hidden board", as: "agent", mode: "exact", members: [] }), context),
    },
    clients: {
      hide: () => halo.state.clients.delete([...halo.state.clients.keys()].at(-1) ?? 0),
      make: () => place.create(connect(), place.inputs.parse({ name: "New Client", enabled: true }), context),
    },
    sites: {
      hide: () => halo.state.sites.delete([...halo.state.sites.keys()].at(-1) ?? 0),
      make: () =>
        site.create(
          connect(),
          site.inputs.parse({ name: "Northwind Ferries/Nowhere", client: "Northwind Ferries", enabled: true }),
          context,
        ),
    },
    licences: {
      hide: () => halo.state.licences.delete(6),
      make: () => licence.create(connect(), licence.inputs.parse({ client: 12, sku: "HIDDEN", count: 1 }), context),
    },
    assets: {
      hide: () => halo.state.assets.delete([...halo.state.assets.values()].find((row) => row["assettype_id"] === 130)?.["id"] as number),
      make: () =>
        asset.create(
          connect(),
          asset.inputs.parse({ name: "NF-NEW", kind: "Laptop", client: 12, site: 18, enabled: true, users: [], fields: {} }),
          context,
        ),
    },
  };
  it.each(Object.keys(kinds))("%s", async (kind) => {
    kinds[kind]?.hide();
    await expect(kinds[kind]?.make()).rejects.toThrow(/Halo shows 1 fewer than when this run began \(.+\), and it might be one of them/u);
    expect(posts()).toBe(0);
  });
  it.each(Object.keys(kinds))("%s: one that is whole makes it, or takes over what is there", async (kind) => {
    await kinds[kind]?.make();
    expect(halo.log.filter((entry) => entry.write && entry.status >= 400)).toEqual([]);
  });

  it("agents: a list of programs alone is never believed, whatever the run knew", async () => {
    halo.state.agents.set(2, { ...halo.state.agents.get(2), team: "" });
    const fresh = memoryContext(async () => []);
    await expect(agent.create(connect(), wishAgent("new@corp.example.com"), fresh)).rejects.toThrow(/Halo shows none but API-only agents/u);
    expect(posts()).toBe(0);
  });
});

describe("halo-real-1.11: what is not understood, or does not add up", () => {
  it.each<[what: string, spoil: () => void, make: () => Promise<unknown>]>([
    [
      "an agent",
      () => halo.state.agents.set(91, { id: "ninety", name: "Odd" }),
      () =>
        agent.create(
          connect(),
          wishAgent("odd@corp.example.com"),
          memoryContext(async () => []),
        ),
    ],
    [
      "a client",
      () => halo.state.clients.set(91, { id: 91, name: { odd: true } }),
      () =>
        place.create(
          connect(),
          place.inputs.parse({ name: "Odd", enabled: true }),
          memoryContext(async () => []),
        ),
    ],
  ])("%s of a shape that nobody knows could be just the one: nothing is made", async (_what, spoil, make) => {
    spoil();
    await expect(make()).rejects.toThrow(/Could not look through Halo's \w+: 1 row .+ not understood.*nothing is made/u);
    expect(posts()).toBe(0);
  });

  it("users: a search that Halo's own count contradicts makes nobody", async () => {
    halo.faults.recordCount = 1;
    const wished = user.inputs.parse({
      person: "9",
      name: "New",
      site: "Northwind Ferries/Main",
      fields: { emailaddress: "new@corp.example.com" },
    });
    await expect(user.create(connect(), wished, context)).rejects.toThrow(/as a whole/u);
    expect(posts()).toBe(0);
  });

  it("tickets: an open one that is not understood could be the person's", async () => {
    halo.state.tickets.set(1, { id: 1, tickettype_id: 42, summary: { odd: true }, status_id: 22 });
    const wished = ticket.inputs.parse({
      ...{
        person: "41",
        called: "Ada",
        step: "open",
        once: "1",
        marker: "haloform/dev/41",
        type: "Service request",
        client: 12,
        summary: "S",
        details: "",
        reasons: [],
      },
      statuses: { open: "In progress", parked: "With user", done: "Closed" },
    });
    await expect(ticket.create(connect(), wished, context)).rejects.toThrow(/Could not look through Halo's tickets/u);
    expect(posts()).toBe(0);
  });

  it("an agent under another address: the user of the new one names them (linked_agent_id), and no second is made", async () => {
    const [row] = [...halo.state.users.values()].filter((one) => one["emailaddress"] !== "");
    Object.assign(row ?? {}, { linked_agent_id: 90, emailaddress: "married@corp.example.com" });
    await expect(agent.create(connect(), wishAgent("married@corp.example.com"), context)).rejects.toThrow(
      /user \d+ of that address is the agent 90 \(hidden@corp\.example\.com\) already; .*linked_agent_id/u,
    );
    expect(posts()).toBe(0);
  });
});
