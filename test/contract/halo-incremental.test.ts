/** `people.incremental` on the sandbox's HaloITSM: what is remembered, what never is, and when it is no longer believed. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { provideSettings } from "../../base/settings.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { keptDetails } from "../../sources/halo/details-file.ts";
import { type Records, readRecords } from "../../stacks/read/records.ts";
import { trusted } from "../trusted.ts";
import { adDefault, mappings, peopleDefault } from "../unit/stacks/world.ts";
import { application, ended, haloOf } from "./halo.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-incremental-"));
const tls = trusted();
let halo: HaloServer;
let home: string;

beforeAll(async () => {
  process.env["HALO_CLIENT_SECRET"] = "invented";
  halo = await haloOf(12, { tls, clients: [{ ...application, write: false, scopes: ["all", "read:customers"] }] });
});
beforeEach(() => {
  halo.faults.reset();
  home = mkdtempSync(join(folder, "home-"));
  for (const [id, user] of halo.state.users) Object.assign(user, { department: `Department ${id}`, title: "Deckhand", inactive: false });
  halo.state.tickets.clear();
  connectTo("all");
});
afterAll(async () => {
  await ended(halo);
  delete process.env["HALO_CLIENT_SECRET"];
  rmSync(folder, { recursive: true, force: true });
});

function connectTo(scope: string): void {
  provideSettings({
    halo: { resourceServer: halo.url, clientId: "haloform", scope, limit: 10_000, window: 300 },
    mappings: "mappings",
    expires: 24,
  });
}

const access = { hasTicket: { type: "Access request", status: "Approved", "custom.CFGroup": "GG-Bridge" } };
function maps(full: string, tickets = false): Mappings {
  const groups = [{ name: "GG-Bridge", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: tickets ? access : { title: "Deckhand" } }];
  const ad = { accounts: adDefault.accounts ?? [], groups };
  const people = { ...peopleDefault, people: { ...peopleDefault.people, incremental: { full } } };
  return { ...mappings({ people, ad, entra: null, halo: null }), fields: ["title", "department"] };
}

interface Read extends Records {
  /** Requests for one person's or ticket's details, and for pages of lists. */
  details: number;
  pages: number;
}

async function read(full = "10 runs", options: { anew?: boolean; now?: string; tickets?: boolean; remember?: false } = {}): Promise<Read> {
  halo.log.length = 0;
  const now = new Date(options.now ?? "2026-03-02T08:00:00Z");
  const remember = options.remember === false ? {} : { remember: { anew: options.anew ?? false, now } };
  const records = await readRecords(maps(full, options.tickets), { stack: "test", folder, home, ...remember });
  const paths = halo.log.map((one) => one.path);
  return {
    ...records,
    details: paths.filter((path) => /\/(?:Users|Tickets)\/\d+/iu.test(path)).length,
    pages: paths.filter((path) => /\/Users$/iu.test(path.split("?")[0] ?? "")).length,
  };
}
const department = (found: Read, id: number): unknown => found.records.find((one) => one.fields["id"] === id)?.fields["department"];
const user = (id: number): { [key: string]: unknown } => halo.state.users.get(id) ?? {};
const file = (): string => keptDetails.place(home, "test");

describe("people.incremental", () => {
  it("H11: the second read takes all details from the first, and gives the same records", async () => {
    const first = await read();
    const second = await read();
    expect(first.details).toBe(first.records.length);
    expect(second.details).toBe(0);
    expect(second.pages).toBe(first.pages);
    expect(second.records).toEqual(first.records);
    expect(second.read).toEqual(first.read);
    expect(first.incremental?.line).toBe("Reading all details: there is no earlier read on this machine");
    expect(second.incremental).toEqual({
      line: `Details of ${first.records.length} from earlier reads, 0 read (everything was last read on 2026-03-02T08:00:00.000Z)`,
      off: undefined,
    });
  });

  it("keeps nothing but what the mapping asks for, for this user alone", async () => {
    await read();
    const { kept } = JSON.parse(readFileSync(file(), "utf8")) as { kept: { [place: string]: { row: object } } };
    expect(kept["Users/101"]?.row).toEqual({ id: 101, department: "Department 101", customfields: [] });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it("reads the details of whoever's row has changed, and of who is new", async () => {
    await read();
    Object.assign(user(103), { title: "Mate", department: "Engineering" });
    halo.state.users.set(990, { ...user(104), id: 990, department: "Sales" });
    try {
      const next = await read();
      expect(next.details).toBe(2);
      expect(department(next, 103)).toBe("Engineering");
      expect(department(next, 990)).toBe("Sales");
      expect((await read()).details).toBe(0);
    } finally {
      halo.state.users.delete(990);
    }
  });

  it("who has left or is inactive is never decided by what is remembered", async () => {
    const before = await read();
    const gone = user(105);
    halo.state.users.delete(105);
    user(106)["inactive"] = true;
    try {
      const next = await read();
      expect(next.records).toHaveLength(before.records.length - 1);
      expect(next.records.some((one) => one.fields["id"] === 105)).toBe(false);
      expect(next.records.find((one) => one.fields["id"] === 106)?.fields["inactive"]).toBe(true);
      expect(next.read.recordCount).toBe((before.read.recordCount ?? 0) - 1);
    } finally {
      halo.state.users.set(105, gone);
    }
  });

  it.each([
    ["3 runs", ["2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"]],
    ["5 hours", ["2026-03-02T12:59:00Z", "2026-03-02T13:00:00Z"]],
  ])("after %s everything is read, and is right", async (full, [second, third]) => {
    await read(full);
    expect((await read(full, second ? { now: second } : {})).details).toBe(0);
    if (full.includes("run")) expect((await read(full)).details).toBe(0);
    const last = await read(full, third ? { now: third } : {});
    expect(last.details).toBe(last.records.length);
    expect(last.incremental).toEqual({
      line: `Reading all details: it is time for it (people.incremental.full); ${last.details} of ${last.details} remembered ones were right`,
      off: undefined,
    });
  });

  it("is off as soon as a full read shows that the list does not tell of changes, until --full", async () => {
    await read("2 runs");
    user(107)["department"] = "Finance";
    const stale = await read("2 runs");
    expect(department(stale, 107)).toBe("Department 107");
    const proved = await read("2 runs");
    expect(department(proved, 107)).toBe("Finance");
    const off =
      "Halo's list does not tell that details change (department of user 107): people.incremental is off, everything is read every time, until a run with --full begins anew; take the setting away if this comes again";
    expect(proved.incremental?.off).toBe(off);
    const still = await read("2 runs");
    expect(still.details).toBe(still.records.length);
    expect(still.incremental).toEqual({ line: "Reading all details: people.incremental is off until --full", off });
    const anew = await read("2 runs", { anew: true });
    expect(anew.details).toBe(anew.records.length);
    expect(anew.incremental).toEqual({ line: "Reading all details: --full", off: undefined });
    expect((await read("2 runs")).details).toBe(0);
  });

  it("a doubted read teaches nothing", async () => {
    await read();
    const before = readFileSync(file(), "utf8");
    halo.faults.recordCount = 5;
    const doubted = await read();
    expect(doubted.read.complete).toBe(false);
    expect(readFileSync(file(), "utf8")).toBe(before);
  });

  it.each([
    ["other rights", () => connectTo("read:customers"), "the settings, or what the mappings ask for, have changed"],
    [
      "a broken file",
      () => writeFileSync(file(), '{"format":"haloform.halo-details/1","kept"'),
      "there is no earlier read on this machine",
    ],
  ])("%s: everything is read", async (_what, change, why) => {
    await read();
    change();
    const next = await read();
    expect(next.incremental?.line).toBe(`Reading all details: ${why}`);
    expect(next.details).toBe(next.records.length);
  });

  it("is not used where it is not asked for, such as by a capture", async () => {
    await read();
    const next = await read("10 runs", { remember: false });
    expect(next.details).toBe(next.records.length);
    expect(next.incremental).toBeUndefined();
  });

  it("remembers tickets by the time of their last change, and only those that have one", async () => {
    const custom = [{ id: 401, name: "CFGroup", label: "", type: 0, value: "GG-Bridge", display: "GG-Bridge" }];
    const ticket = { summary: "Access", tickettype_id: 41, status_id: 20, user_id: 104, customfields: custom };
    halo.state.tickets.set(1, { id: 1, ...ticket, last_update: "2026-03-01T10:00:00" });
    halo.state.tickets.set(2, { id: 2, ...ticket, last_update: "1900-01-01T00:00:00" });
    const first = await read("10 runs", { tickets: true });
    expect(first.details).toBe(first.records.length + 2);
    expect((await read("10 runs", { tickets: true })).details).toBe(1);
    halo.state.tickets.set(1, { id: 1, ...ticket, customfields: [], last_update: "2026-03-02T10:00:00" });
    const next = await read("10 runs", { tickets: true });
    expect(next.details).toBe(2);
    expect(next.feeds?.tickets.map((one) => one.fields["custom.CFGroup"])).toEqual([undefined, "GG-Bridge"]);
  });
});
