/** Devices, software and tickets of Halo as conditions and as joiners, on the sandbox's HaloITSM, which is strict about the contract. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../base/errors.ts";
import { holds } from "../../mappings/language/condition.ts";
import { feedsOf } from "../../mappings/language/feeds.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { rowsOfAssets, writeAssets } from "../../sources/asset-file.ts";
import { readAssets } from "../../sources/halo/assets.ts";
import { readFeeds } from "../../sources/halo/feeds.ts";
import { ownersOf } from "../../sources/halo/owners.ts";
import { readPeople } from "../../sources/halo/people.ts";
import { judgeFeeds } from "../../sources/trust.ts";
import { withJoiners } from "../../stacks/people/believed.ts";
import { wish } from "../../stacks/wish/wish.ts";
import { trusted } from "../trusted.ts";
import { adDefault, apply, find, mappings, next, now, peopleDefault, world } from "../unit/stacks/world.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-feeds-"));
const tls = trusted();
let halo: HaloServer;

beforeAll(async () => {
  const reads = { ...application, write: false };
  halo = await haloOf(60, { tls, clients: [reads, { ...reads, id: "narrow", scopes: ["read:customers"] }] });
});
beforeEach(() => {
  halo.faults.reset();
  halo.log.length = 0;
  halo.state.tickets.clear();
  halo.state.licences.set(1, { id: 1, name: "Chart plotter", client_id: 12, count: 5, is_active: true });
  halo.state.links.set(1, { id: 1, licence_id: 1, licence_name: "Chart plotter", name: "Chart plotter", user_id: 104, count: 1 });
});
afterAll(async () => {
  await ended(halo);
  rmSync(folder, { recursive: true, force: true });
});

const connect = (clientId = "haloform", scope = "all") => clientOf(halo, { clientId, scope });
const vpnDev = { hasAsset: { type: "Laptop", Purpose: "Developer" } };
const access = { hasTicket: { type: "Access request", status: "Approved", "custom.CFGroup": "GG-Bridge", ends: "custom.CFUntil" } };
const maps = mappings({
  entra: null,
  halo: null,
  ad: {
    accounts: adDefault.accounts ?? [],
    groups: [
      { name: "VPN-Dev", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: vpnDev },
      { name: "GG-Plotter", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { hasSoftware: "Chart plotter" } },
      { name: "GG-Bridge", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: access },
      { name: "GG-Site", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { site_name: "Main" } },
    ],
  },
});
const custom = (id: number, name: string, value: string) => ({ id, name, label: name, type: 0, value, display: value });
function ticket(id: number, user: number, until: string, more: Record<string, unknown> = {}): void {
  const customfields = [custom(401, "CFGroup", "GG-Bridge"), custom(402, "CFUntil", until)];
  halo.state.tickets.set(id, { id, summary: "Access", tickettype_id: 41, status_id: 20, user_id: user, customfields, ...more });
}
async function read(client = connect()) {
  const people = await readPeople(client, { fields: maps.fields });
  const need = feedsOf(maps);
  if (!need) throw new Error("nothing is asked");
  return { ...(await readFeeds(client, need, people.records)), read: people.read };
}
const members = (wished: ReturnType<typeof wish>, group: string): unknown => find(wished, "ad:Group", group)?.inputs["members"];
const engineers = (): string[] =>
  [...halo.state.assets.values()]
    .filter((one) => JSON.stringify(one["fields"]).includes("Developer"))
    .map((one) => Number((one["users"] as { id: number }[])[0]?.id))
    .filter((id) => halo.state.users.get(id)?.["inactive"] === false)
    .map((id) => `person:${id}`)
    .sort();

describe("S3: assets, software and tickets decide access", () => {
  it("S3: a laptop for developers → VPN-Dev, a licence → GG-Plotter, an approved request until its last day", async () => {
    ticket(1, 103, "2026-03-01T00:00:00");
    ticket(2, 104, "2026-02-28T00:00:00");
    ticket(3, 105, "1900-01-01T00:00:00");
    ticket(4, 106, "2026-12-31T00:00:00", { status_id: 21 });
    ticket(5, 107, "2026-12-31T00:00:00", { tickettype_id: 1 });
    const { records, feeds } = await read();
    expect(feeds.reports).toMatchObject({ assets: { doubts: [] }, software: { count: 1, doubts: [] }, tickets: { count: 3, doubts: [] } });
    const wished = wish(world({ mappings: maps, records }));
    expect(engineers().length).toBeGreaterThan(0);
    expect([...(members(wished, "VPN-Dev") as string[])].sort()).toEqual(engineers());
    expect(members(wished, "GG-Plotter")).toEqual(["person:104"]);
    expect(members(wished, "GG-Bridge")).toEqual(["person:103"]);
    const tomorrow = wish(world({ mappings: maps, records, now: new Date("2026-03-02T00:00:01Z") }));
    expect(members(tomorrow, "GG-Bridge")).toEqual([]);
    // 60 people 1 page, 20 assets, 5 tickets: names and pages, and one call a ticket that counts.
    expect(halo.log.filter((one) => !one.path.startsWith("/auth") && one.path !== "/api/authinfo").length).toBeLessThanOrEqual(14);
  });

  it("S3: a doubted feed takes nothing that depends on it, says so in one sentence, and other feeds go on", async () => {
    ticket(1, 103, "2026-12-31T00:00:00");
    const good = await read();
    const first = world({ mappings: maps, records: good.records });
    const wishedFirst = wish(first);
    const after = apply(first, wishedFirst);
    const memory = judgeFeeds(good.feeds.reports, undefined, { shrink: 20, emptied: 50 }).memory;
    const assets = new Map(halo.state.assets);
    try {
      for (const id of [...assets.keys()].slice(0, 15)) halo.state.assets.delete(id);
      halo.state.tickets.clear();
      const bad = await read();
      const feeds = judgeFeeds(bad.feeds.reports, memory, { shrink: 20, emptied: 50 });
      expect(feeds.doubted).toEqual(["assets"]);
      expect(feeds.sentences).toEqual([
        expect.stringMatching(/^The read of Halo's assets is doubted, .*instead of the \d+ of the last good read/u),
      ]);
      expect(feeds.memory["assets"]).toBe(memory["assets"]);
      const held = wish(next(first, after, { records: bad.records, feeds }));
      expect(members(held, "VPN-Dev")).toEqual(members(wishedFirst, "VPN-Dev"));
      expect(members(held, "GG-Bridge")).toEqual([]);
      expect(held.notes.join()).toContain("The read of Halo's assets is doubted");
      // Believed, the same read does take them away: the doubt is what keeps them.
      expect(members(wish(next(first, after, { records: bad.records })), "VPN-Dev")).not.toEqual(members(wishedFirst, "VPN-Dev"));
    } finally {
      for (const [id, row] of assets) halo.state.assets.set(id, row);
    }
  });

  it("S2: an application that may not read assets, software and tickets: three doubts, not a failed run and not an empty feed", async () => {
    const people = await readPeople(connect("narrow", "read:customers"), { fields: [] });
    const need = feedsOf(maps);
    if (!need) throw new Error("nothing is asked");
    const { feeds } = await readFeeds(connect("narrow", "read:customers"), need, people.records);
    const judged = judgeFeeds(feeds.reports, undefined, { shrink: 20, emptied: 50 });
    expect(judged.doubted).toEqual(["assets", "software", "tickets"]);
    expect(judged.sentences.join("\n")).toMatch(/assets could not be read \(GET \/Asset: HaloITSM answers 403/u);
    expect(judged.memory).toEqual({});
  });

  it("S3: names that Halo does not have are one line with the nearest", async () => {
    await expect(readAssets(connect(), ["Labtop"], [], ownersOf([]))).rejects.toThrow(ConfigurationError);
    await expect(readAssets(connect(), ["Labtop"], [], ownersOf([]))).rejects.toThrow(/hasAsset names "Labtop".*did you mean "Laptop"/u);
  });

  it("S3: two people of one name, and an asset of two people: Halo's details say whose it is", async () => {
    const [one, two] = [...halo.state.users.values()].filter((row) => row["inactive"] === false && Number(row["id"]) > 110);
    const [name, users] = [two?.["name"], [{ id: one?.["id"] }, { id: two?.["id"] }]];
    if (!one || !two) throw new Error("no people");
    two["name"] = one["name"];
    halo.state.assets.set(9001, { id: 9001, assettype_id: 131, inactive: false, users: [{ id: two["id"] }], fields: [] });
    halo.state.assets.set(9002, { id: 9002, assettype_id: 131, inactive: false, users, fields: [] });
    try {
      const { records } = await readPeople(connect(), { fields: [] });
      const read = await readAssets(connect(), ["Phone"], [], ownersOf(records));
      expect(read.assets.map((asset) => asset.owners)).toEqual([[two["id"]], [one["id"], two["id"]]]);
      expect(read.doubts).toEqual([]);
    } finally {
      two["name"] = name;
      halo.state.assets.delete(9001);
      halo.state.assets.delete(9002);
    }
  });

  it("S3: all assets as CSV and JSON, private, formulas made harmless", async () => {
    const { records } = await readPeople(connect(), { fields: [] });
    const { assets } = await readAssets(connect(), [], ["all"], ownersOf(records));
    const rows = rowsOfAssets(assets, records);
    expect(rows).toHaveLength(halo.state.assets.size);
    const [first] = rows;
    if (first) first.fields["Purpose"] = '=HYPERLINK("x")';
    writeAssets(join(folder, "assets.csv"), rows, now);
    writeAssets(join(folder, "assets.json"), rows, now);
    const lines = readFileSync(join(folder, "assets.csv"), "utf8").trim().split("\r\n");
    expect(lines).toHaveLength(rows.length + 1);
    expect(lines[0]).toContain("id,type,user_ids,users,Purpose,Serial number");
    expect(lines[1]).toContain(`"'=HYPERLINK(""x"")"`);
    expect(JSON.parse(readFileSync(join(folder, "assets.json"), "utf8"))).toMatchObject({ format: "haloform.assets/1", assets: rows });
    expect(statSync(join(folder, "assets.csv")).mode & 0o777).toBe(0o600);
  });
});

describe("A25: a ticket makes a person from a day to a day", () => {
  const tickets = [
    {
      type: "New starter",
      status: ["Approved", "Closed"],
      starts: "custom.CFStart",
      fields: { other1: "{{ custom.CFNumber }}", firstname: "{{ custom.CFFirst }}", surname: "{{ custom.CFLast }}", site_name: "Main" },
    },
  ];
  const joining = mappings({
    people: { people: { ...peopleDefault.people, key: "other1", tickets: { first: tickets } } },
    entra: null,
    halo: null,
  });
  const starter = (id: number, number: string, start: string): void => {
    const customfields = [
      custom(1, "CFNumber", number),
      custom(2, "CFFirst", "Nova"),
      custom(3, "CFLast", "Joiner"),
      custom(4, "CFStart", start),
    ];
    halo.state.tickets.set(id, { id, summary: "Starter", tickettype_id: 40, status_id: 20, user_id: 103, customfields });
  };
  async function joined(at: Date) {
    const client = connect();
    const people = await readPeople(client, { fields: ["other1"] });
    const need = feedsOf(joining);
    if (!need) throw new Error("nothing is asked");
    const read = await readFeeds(client, need, people.records);
    return withJoiners({ ...read, read: people.read }, joining, [], [], at);
  }

  it("A25: not before the first day; the key stays when Halo has the user; a ticket without a key makes nobody", async () => {
    starter(11, "E900", "2026-03-02T00:00:00");
    starter(12, "", "2026-01-01T00:00:00");
    starter(13, "E900", "2026-01-01T00:00:00");
    halo.state.tickets.delete(13);
    expect((await joined(now)).records.filter((one) => one.ref.startsWith("halo.tickets"))).toEqual([]);
    const day = new Date("2026-03-02T06:00:00Z");
    const { records, notes } = await joined(day);
    const made = records.filter((one) => one.ref.startsWith("halo.tickets"));
    expect(made).toEqual([
      { ref: "halo.tickets 11", fields: { inactive: false, other1: "E900", firstname: "Nova", surname: "Joiner", site_name: "Main" } },
    ]);
    expect(notes).toEqual([expect.stringContaining("Ticket 12 (New starter) makes nobody: it gives no other1")]);
    const wished = wish(world({ mappings: joining, records: made, now: day }));
    expect(find(wished, "ad:User", "person-E900")?.inputs["name"]).toBe("Nova Joiner");

    const user = { ...halo.state.users.get(103), id: 9100, other1: "E900", name: "Nova Joiner" };
    halo.state.users.set(9100, user);
    const later = await joined(day);
    halo.state.users.delete(9100);
    expect(later.records.filter((one) => one.fields["other1"] === "E900").map((one) => one.ref)).toEqual(["halo.users 9100"]);
  });

  it("A25: a doubted read of tickets makes the read of people doubted", async () => {
    const people = await readPeople(connect(), { fields: [] });
    const feeds = { reports: {}, tickets: [], notes: [] };
    const { read } = withJoiners(
      { records: people.records, read: people.read, feeds },
      joining,
      ["tickets"],
      ["The read of Halo's tickets is doubted"],
      now,
    );
    expect(read).toMatchObject({ complete: false, doubts: ["The read of Halo's tickets is doubted"] });
  });
});

describe("conditions on a doubted feed are unsure", () => {
  const facts = (fields: Parameters<typeof holds>[1]["fields"]) => ({
    fields: { ...fields, "halo:doubted": ["assets"] },
    key: "1",
    groups: new Set<string>(),
  });
  const laptop = { "halo:assets": [{ type: "Laptop" }] };
  it.each([
    [{ hasAsset: "Laptop" }, laptop, { holds: true }],
    [{ hasAsset: "Laptop" }, {}, { holds: false, unsure: true }],
    [{ not: { hasAsset: "Laptop" } }, {}, { holds: true, unsure: true }],
    [{ hasAsset: "Laptop", title: "Nobody" }, {}, { holds: false }],
    [{ any: [{ hasAsset: "Laptop" }, { title: "Lead" }] }, { title: "Lead" }, { holds: true }],
    [{ any: [{ hasAsset: "Laptop" }, { title: "Lead" }] }, {}, { holds: false, unsure: true }],
    [{ hasSoftware: "Chart plotter" }, {}, { holds: false }],
  ])("%j with %j", (condition, fields, expected) => {
    const { fields: _fields, ...verdict } = holds(condition, facts(fields));
    expect(verdict).toEqual(expected);
  });
});
