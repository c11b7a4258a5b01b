/**
 * Recorded shapes of real Halo answers through every reader and every writer: nothing dropped without a word, nothing written that was
 * not wished, and a second run writes nothing. A further writer is a line of `writers`, a further reader one of `readers`.
 */
import { afterEach, describe, expect, it } from "vitest";
import { taken } from "../../base/notes.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { Live, RunContext } from "../../providers/core/definition.ts";
import { readWriters } from "../../providers/halo/entra-import.ts";
import { definition } from "../../providers/registry.ts";
import { readFeeds } from "../../sources/halo/feeds.ts";
import { askUser, readPeople } from "../../sources/halo/people.ts";
import { readAllSoftware } from "../../sources/halo/software-list.ts";
import { readTicketSchema } from "../../sources/halo/ticket-schema.ts";
import { type Replayed, recordings, replayed } from "../replay/replayed.ts";
import { clientOf } from "../unit/clients/halo/server.ts";
import { memoryContext, update } from "./context.ts";
import { recordedAsks } from "./replay.ts";

const person = { person: "101" };
const releases = ["2.236", "2024", "2022"] as const;

let halo: Replayed | undefined;
afterEach(async () => {
  await halo?.stop();
  halo = undefined;
});

async function play(release: string): Promise<{ client: HaloClient; halo: Replayed }> {
  halo = await replayed(release);
  taken();
  return { client: clientOf(halo, { limit: 10_000 }), halo };
}

/** Type → the resource of its rows, and ids that the type is right to leave out. */
const readers: readonly { type: string; resource: string; not?: readonly number[] }[] = [
  // Halo's placeholder of a site is nobody.
  { type: "halo:User", resource: "Users", not: [51] },
  { type: "halo:Agent", resource: "Agent" },
  { type: "halo:Role", resource: "Roles" },
  { type: "halo:Team", resource: "Team" },
  { type: "halo:ChangeAdvisoryBoard", resource: "CAB" },
  // One without a name cannot be meant.
  { type: "halo:Site", resource: "Site", not: [19] },
  { type: "halo:Client", resource: "Client" },
  { type: "halo:Licence", resource: "SoftwareLicence" },
  { type: "halo:Asset", resource: "Asset" },
];

/** Of which release what was recorded, as far as anything reads it: a file each. */
const recorded: { readonly [release in (typeof releases)[number]]: readonly string[] } = {
  "2.236": [
    ...["Agent", "Asset", "AssetSoftware", "AssetType", "CAB", "Client", "FieldInfo", "Roles", "Site", "SoftwareLicence", "Status"],
    ...["Team", "TicketType", "Tickets", "UserRoles", "Users", "azureadconnection"],
  ],
  "2024": ["FieldInfo", "TicketType", "Tickets", "Users"],
  "2022": ["Client", "Site", "TicketType", "Tickets", "Users"],
};

it("has a recording of every resource that was recorded of a release, and says where its shape was seen", () => {
  const found = Map.groupBy(recordings(), ({ release }) => release);
  for (const release of releases)
    expect((found.get(release) ?? []).map(({ resource }) => resource).sort(), release).toEqual(recorded[release]);
  for (const { told, release, resource } of recordings()) expect(told.length, `${release} ${resource}`).toBeGreaterThan(30);
});

describe.each(releases)("as %s answered", (release) => {
  it.each(readers)("$type: no row is dropped, nothing is noted", async ({ type, resource, not = [] }) => {
    const { client, halo: played } = await play(release);
    const live = await definition(type).list(client, (recordedAsks[type] ?? {}) as never);
    const ids = live.map((one: Live) => one.id).sort();
    const there = played.rows(resource).filter((row) => !not.includes(Number(row["id"])));
    expect(ids).toEqual(there.map((row) => String(row["id"])).sort());
    expect(taken().filter((line) => /understood|dropped/u.test(line))).toEqual([]);
    for (const one of live) {
      const got = await definition(type).get(client, one.id, (recordedAsks[type] ?? {}) as never);
      expect(got?.id).toBe(one.id);
    }
    expect(played.posted).toEqual([]);
  });

  it("people, with custom fields of every kind, devices, software and tickets", async () => {
    const { client, halo: played } = await play(release);
    const custom = ["custom.CFDepartment", "custom.CFHired", "custom.CFKeys", "custom.CFNote"];
    const fields = ["name", "azureoid", "email2", "other2", "lastlogindate", ...custom];
    const { records, read } = await readPeople(client, { fields });
    expect(read.doubts).toEqual([]);
    expect(records).toHaveLength(played.rows("Users").filter((row) => row["name"] !== "General User").length);
    const ada = records.find(({ ref }) => ref === "halo.users 101")?.fields ?? {};
    expect(ada["site_id"]).toBe(18);
    // "No date" is none, whichever of the three it is.
    expect(ada).not.toHaveProperty("lastlogindate");
    if (release === "2.236")
      expect(ada).toMatchObject({
        ...{ azureoid: "5f0c2f4e-0000-4000-8000-000000000101", email2: "ada@home.example.com", other2: "B2" },
        ...{ "custom.CFDepartment": "Sales", "custom.CFHired": "2026-11-30", "custom.CFKeys": ["Quay", "Store"] },
      });
    if (release === "2024")
      expect(ada).toMatchObject({ other2: "B2", "custom.CFDepartment": "Sales", "custom.CFHired": "2026-11-30T14:45:16Z" });
    const { feeds } = await readFeeds(
      client,
      {
        assets: { types: ["Laptop"], fields: ["Serial number"] },
        software: ["Chart plotter"],
        tickets: [{ type: "Access request", statuses: ["Approved", "New"] }],
        ticketFields: ["summary", "custom.CFUntil"],
      },
      records,
    );
    expect(Object.fromEntries(Object.entries(feeds.reports).map(([feed, one]) => [feed, [one?.count, one?.doubts]]))).toEqual({
      assets: [1, []],
      software: [1, []],
      tickets: [1, []],
    });
    expect(taken().filter((line) => /understood|dropped/u.test(line))).toEqual([]);
    expect(played.posted).toEqual([]);
  });

  it("software, what tickets can be, Halo's own imports and one user, as they are looked at before anything is configured", async () => {
    const { client, halo: played } = await play(release);
    const { software, doubts } = await readAllSoftware(client, { inactive: true });
    expect(doubts).toEqual([]);
    expect(software.map(({ id }) => id)).toEqual(played.rows("SoftwareLicence").map((row) => row["id"]));
    const { types, statuses, unread } = await readTicketSchema(client);
    expect(types.map(({ id }) => id).sort()).toEqual(played.rows("TicketType").map((row) => row["id"]));
    expect(statuses.map(({ id }) => id).sort()).toEqual(
      played
        .rows("Status")
        .map((row) => row["id"])
        .sort(),
    );
    // halo-real-1.7: those of quotes and projects have names of tickets' statuses, and are told apart.
    const ofTickets = statuses.filter(({ kind }) => kind === "ticket").map(({ id }) => id);
    expect(ofTickets.sort((a, b) => a - b)).toEqual([1, 9, 20, 61]);
    // No answer of /Priority was recorded.
    expect(unread).toEqual([expect.stringMatching(/^priorities: /u)]);
    expect((await readWriters(client)).map(({ id }) => id)).toEqual(played.rows("azureadconnection").map((row) => row["id"]));
    expect([await askUser(client)("101"), await askUser(client)("999999")]).toEqual(["there", "gone"]);
    expect(taken().filter((line) => /understood|dropped/u.test(line))).toEqual([]);
    expect(played.posted).toEqual([]);
  });

  it("halo:Ticket is opened once, closed once, by statuses of tickets (halo-real-1.7), and a second run of either writes nothing", async () => {
    const { client, halo: played } = await play(release);
    const ticket = definition("halo:Ticket");
    const wish = (step: "open" | "result") =>
      ticket.inputs.parse({
        ...{ ...person, called: "Ada Example", step, once: "one", marker: "haloform/northwind/101", type: "Access request" },
        ...{ statuses: { open: "New", parked: "Parked", done: "Closed" }, team: "First line" },
        ...{ summary: "Mover: Ada Example", details: "title: A → B", client: 12, site: 18, user: 101, reasons: [] },
      });
    const run = memoryContext(async () => []);
    const { id } = await ticket.create(client, wish("open"), run);
    const marked = "title: A → B\n\n[haloform/northwind/101]";
    const opened = {
      ...{ summary: "Mover: Ada Example", details: marked, status_id: 1, team: "First line", tickettype_id: 41 },
      ...{ client_id: 12, site_id: 18, user_id: 101, third_party_id_string: "haloform/northwind/101" },
      ...{ donotapplytemplateintheapi: true, dont_do_rules: false },
    };
    expect(played.posted.map(({ row }) => row)).toEqual([opened]);
    // Another process knows it by Halo's list alone.
    const later = clientOf(played, { limit: 10_000 });
    const again = await ticket.create(later, wish("open"), run);
    expect([again.id, played.posted.length]).toEqual([id, 1]);
    const live = (await ticket.list(later, recordedAsks["halo:Ticket"] as never)).map((one: Live) => [one.id, one.values["marker"]]);
    expect(live).toEqual([[id, "haloform/northwind/101"]]);
    await ticket.create(later, wish("result"), run);
    const closed = { id: Number(id), details: marked.replace("\n\n[", "\n\nResult: done\n\n["), status_id: 9 };
    expect(played.posted.map(({ row }) => row)).toEqual([opened, closed]);
    await expect(ticket.create(clientOf(played, { limit: 10_000 }), wish("result"), run)).rejects.toThrow(/is not open/u);
    expect(played.posted).toHaveLength(2);
    expect(taken().filter((line) => /understood|dropped/u.test(line))).toEqual([]);
  });
});

/** Of a wish that is as the recording: nothing is to be written. Of `changed`: exactly `posts`, then nothing more. */
interface Writer {
  type: string;
  id: string;
  as: object;
  changed: object;
  posts: readonly object[];
}

const of = { roles: ["Service Desk", "Field Engineer"], teams: ["First line", "Onsite"] };
const agent = {
  ...person,
  name: "Ada Example",
  email: "ada@corp.example.com",
  enabled: true,
  roles: ["Service Desk"],
  teams: ["First line"],
  of,
};
const user = { ...person, name: "Ada Example", site: "Northwind/Main", enabled: true, custom: {} };
const asset = { name: "NF-0501", kind: "Laptop", client: 12, site: 18, enabled: true, users: ["101 Ada Example"] };

const board = { name: "Harbour board", as: "agent", mode: "additive" };

const writers: readonly Writer[] = [
  {
    type: "halo:User",
    id: "101",
    // What it has besides is of its release: `userFields`.
    as: user,
    changed: { ...user, fields: { other2: "B3" } },
    posts: [{ id: 101, other2: "B3" }],
  },
  {
    type: "halo:Agent",
    id: "7",
    as: agent,
    changed: { ...agent, firstname: "Ada" },
    posts: [{ id: 7, firstname: "Ada" }],
  },
  {
    type: "halo:Role",
    id: "8c0f3a8e-1111-4222-8333-000000000002",
    as: { name: "Field Engineer" },
    changed: { name: "Field Engineer", notes: "On the water" },
    posts: [{ id: "8c0f3a8e-1111-4222-8333-000000000002", notes: "On the water" }],
  },
  {
    type: "halo:Team",
    id: "2",
    as: { name: "Onsite", mode: "additive", department: "IT" },
    changed: { name: "Onsite crew", mode: "additive", department: "IT" },
    posts: [{ id: 2, name: "Onsite crew" }],
  },
  {
    type: "halo:ChangeAdvisoryBoard",
    id: "1",
    // Others are on the board as well: they stay.
    as: { ...board, members: ["id:7"] },
    changed: { ...board, members: ["id:7"], approvalsNeeded: 2 },
    posts: [{ id: 1, approvals_needed: 2 }],
  },
  {
    type: "halo:Site",
    id: "18",
    as: { name: "Northwind/Main", client: "Northwind", enabled: true },
    changed: { name: "Northwind/Main", client: "Northwind", enabled: true, phonenumber: "1" },
    posts: [{ id: 18, phonenumber: "1" }],
  },
  {
    type: "halo:Client",
    id: "12",
    as: { name: "Northwind", enabled: true },
    changed: { name: "Northwind", enabled: true, notes: "Told" },
    posts: [{ id: 12, notes: "Told" }],
  },
  {
    type: "halo:Licence",
    id: "31",
    as: { client: 12, sku: "CHART", count: 5, users: ["person:101"] },
    changed: { client: 12, sku: "CHART", count: 6, users: ["person:101"] },
    posts: [{ id: 31, count: 6 }],
  },
  {
    type: "halo:Asset",
    id: "501",
    as: { ...asset, fields: { "Serial number": "SN-501" } },
    changed: { ...asset, enabled: false, fields: { "Serial number": "SN-501" } },
    posts: [{ id: 501, inactive: true }],
  },
];

/** What Ada's user was recorded with: where a release's row has no such column, nothing of it is wished. */
const userFields: { readonly [release in (typeof releases)[number]]: object } = {
  "2.236": { other2: "B2", email2: "ada@home.example.com", azureoid: "5f0c2f4e-0000-4000-8000-000000000101" },
  "2024": { other2: "B2" },
  "2022": {},
};

describe.each(releases)("writers, on the answers of %s", (release) => {
  const fields = userFields[release];
  const ofRelease = writers.map((one) =>
    one.type === "halo:User" ? { ...one, as: { ...user, fields }, changed: { ...user, fields: { ...fields, other2: "B3" } } } : one,
  );

  it.each(ofRelease)("$type writes what is wished and no more; a second run writes nothing", async ({ type, id, as, changed, posts }) => {
    const { client, halo: played } = await play(release);
    const one = definition(type);
    const asked = (recordedAsks[type] ?? {}) as never;
    const run = (): RunContext => memoryContext((wanted) => definition(wanted).list(client, (recordedAsks[wanted] ?? {}) as never));
    const [before, after] = [one.inputs.parse(as), one.inputs.parse(changed)];
    const seen = async (wish: typeof before): Promise<unknown> => {
      const live = (await one.list(client, asked)).find((each: Live) => each.id === id);
      return live && one.view(live, wish, {}, run());
    };
    expect(await seen(before), "the plan sees no difference").toEqual(before);
    await update(one, client, id, before, before, run());
    expect(played.posted.map(({ row }) => row)).toEqual([]);
    await update(one, client, id, after, before, run());
    const sent = played.posted.map(({ row }) => row);
    expect(sent).toEqual(posts.map((post) => expect.objectContaining(post)));
    // What every write of a kind says besides begins with `_` or says how Halo is to take it.
    for (const [index, row] of sent.entries())
      expect(Object.keys(row).filter((key) => !key.startsWith("_") && !/^(?:is|dont|donot)/u.test(key))).toEqual(
        Object.keys(posts[index] ?? {}),
      );
    expect(await seen(after)).toEqual(after);
    await update(one, client, id, after, after, run());
    expect(played.posted).toHaveLength(posts.length);
    expect(taken().filter((line) => /understood/u.test(line))).toEqual([]);
  });

  it("nobody who is there is made a second time", async () => {
    for (const { type, id, as } of ofRelease) {
      const { client, halo: played } = await play(release);
      const one = definition(type);
      const { id: made } = await one.create(
        client,
        one.inputs.parse(as),
        memoryContext((wanted) => definition(wanted).list(client, (recordedAsks[wanted] ?? {}) as never)),
      );
      expect([type, made, played.posted]).toEqual([type, id, []]);
      await played.stop();
    }
  });
});
