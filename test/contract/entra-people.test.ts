/** People of Entra ID on the sandbox's Graph: every property a mapping may name (H1), and reads by what changed (H11). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { EntraClient } from "../../clients/graph/client.ts";
import { ENTRA_FIELDS, LEAVE_DATE } from "../../mappings/language/entra-fields.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankGroup, blankUser, deleteUser, join as joinGroup, leave, putUser, restoreUser } from "../../sandbox/graph/state.ts";
import type { EarlierOptions } from "../../sources/earlier.ts";
import { type EntraNeed, readEntraPeople } from "../../sources/entra/people.ts";
import { type Remembered, rememberEntraPeople } from "../../sources/entra/remembered.ts";
import { keptPeople, type PeopleFile } from "../../sources/entra/remembered-file.ts";
import { trusted } from "../trusted.ts";
import { appWith, clientOf, tenantId } from "./graph.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-entra-people-"));
const model = csdl(fileURLToPath(new URL("../../../shared/contracts", import.meta.url)));
const app = appWith(["User.Read.All", "GroupMember.Read.All"]);
const wide = { ...appWith([...app.roles, "User-LifeCycleInfo.Read.All"]), id: "00000000-0000-4000-8000-0000000000bb" };
let graph: GraphServer;
let client: EntraClient;
const pair = trusted();

beforeEach(async () => {
  await stopped();
  graph = await startGraph({ tls: pair, tenant: tenantId, apps: [app, wide], skus: [], csdl: model });
  client = clientOf(graph, app);
});
afterAll(async () => {
  await stopped();
  rmSync(folder, { recursive: true, force: true });
});
async function stopped(): Promise<void> {
  if (!graph) return;
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
}

const state = () => graph.state;
const add = (number: number, more: object = {}): string => {
  const row = blankUser(state(), { userPrincipalName: `p${number}@corp.example.com`, displayName: `P ${number}`, ...more });
  putUser(state(), row);
  return String(row["id"]);
};
const set = (id: string, more: object): void => putUser(state(), { ...state().users.current.get(id), ...more });
const group = (displayName: string): string => {
  const row = blankGroup(state(), { displayName, mailNickname: displayName });
  state().groups.put(String(row["id"]), row);
  return String(row["id"]);
};
const sorted = <T extends { ref: string }>(records: readonly T[]): T[] => records.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));

describe("H1: properties of Graph's users as fields of people", () => {
  const texts = [...ENTRA_FIELDS].filter(([, { kind, from }]) => kind === "text" && from === undefined).map(([name]) => name);
  const fields = [...ENTRA_FIELDS.keys()];

  it("each comes by its own name, asked for only where a mapping names it", async () => {
    const boss = add(1);
    const chief = add(2);
    set(boss, { $manager: chief });
    set(chief, { $manager: boss });
    const values = Object.fromEntries(texts.filter((name) => !["id", "userType"].includes(name)).map((name) => [name, `the ${name}`]));
    const id = add(3, {
      ...values,
      ...{ otherMails: ["a@x.example"], proxyAddresses: ["smtp:b@x.example"], imAddresses: ["sip:c"], businessPhones: ["+44 1"] },
      ...{ onPremisesSyncEnabled: true, isResourceAccount: false },
      employeeOrgData: { costCenter: "41", division: "North" },
      onPremisesExtensionAttributes: Object.fromEntries(
        Array.from({ length: 15 }, (_, index) => [`extensionAttribute${index + 1}`, `x${index + 1}`]),
      ),
      $manager: boss,
    });
    const { records } = await readEntraPeople(clientOf(graph, wide), { fields, groups: [], external: false });
    const found = records.find((one) => one.ref === `entra.users ${id}`)?.fields ?? {};
    expect(found).toMatchObject({ ...values, costCenter: "41", division: "North", extensionAttribute1: "x1", extensionAttribute15: "x15" });
    expect(found).toMatchObject({ onPremisesSyncEnabled: true, isResourceAccount: false, otherMails: ["a@x.example"], manager: boss });
    // A circle of managers ends where it closes.
    expect(found["managers"]).toEqual([boss, chief]);
    expect(Object.keys(found).filter((name) => !fields.includes(name))).toEqual([]);
    expect(fields.filter((name) => !["groups"].includes(name) && found[name] === undefined)).toEqual([]);
    const asked = (need: EntraNeed) => readEntraPeople(client, need).then(() => new URLSearchParams(graph.log.at(-1)?.query ?? ""));
    const few = await asked({
      fields: ["city", "extensionAttribute4", "costCenter", "emailaddress", "inactive"],
      groups: [],
      external: false,
    });
    expect(few.get("$select")?.split(",").slice(8)).toEqual(["city", "employeeOrgData", "onPremisesExtensionAttributes"]);
    expect(few.has("$expand")).toBe(false);
    const chain = await asked({ fields: ["managers"], groups: [], external: false });
    expect(chain.get("$expand")).toBe("manager($select=id)");
  });

  it("when people leave needs a permission of its own, and is asked for only where a mapping names it", async () => {
    add(1, { [LEAVE_DATE]: "2027-01-31T00:00:00Z" });
    const every = await readEntraPeople(client, { fields: [], every: true, groups: [], external: false });
    expect(every.records[0]?.fields).not.toHaveProperty(LEAVE_DATE);
    await expect(readEntraPeople(client, { fields: [LEAVE_DATE], groups: [], external: false })).rejects.toThrow(
      /employeeLeaveDateTime needs User-LifeCycleInfo\.Read\.All/u,
    );
    const allowed = await readEntraPeople(clientOf(graph, wide), { fields: [LEAVE_DATE], groups: [], external: false });
    expect(allowed.records[0]?.fields).toMatchObject({ [LEAVE_DATE]: "2027-01-31T00:00:00Z" });
  });
});

describe("H11: people by what changed", () => {
  const need: EntraNeed = {
    ...{ fields: ["jobTitle", "managers", "extensionAttribute3", "groups"], external: false },
    ...{ groups: ["SG-Desk"], patterns: [/^TEAM-/u] },
  };
  let before: PeopleFile | undefined;
  const ask = async (more: Partial<EarlierOptions<PeopleFile>> = {}, of: EntraNeed = need): Promise<Remembered & { calls: string[] }> => {
    graph.log.length = 0;
    const options = { before, every: { runs: 1000 }, anew: false, of: "here", now: new Date("2026-03-02T08:00:00Z"), ...more };
    const read = await rememberEntraPeople(client, of, options);
    if (read.keep) before = read.keep;
    return { ...read, calls: graph.log.map((one) => one.path.replace(/^\/v1\.0/u, "")) };
  };
  const whole = () => readEntraPeople(client, need);
  const same = async (read: Remembered): Promise<void> => expect(sorted(read.records)).toEqual(sorted((await whole()).records));
  beforeEach(() => {
    before = undefined;
    group("SG-Desk");
  });

  it("equals a whole read after anything that can happen in a tenant, and takes fewer calls", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => add(index));
    const groups = ["SG-Desk", "TEAM-A", "TEAM-B", "Other"].map((name) =>
      name === "SG-Desk" ? String([...state().groups.current.keys()][0]) : group(name),
    );
    let made = 100;
    const one = fc.nat(30);
    const step = fc.tuple(fc.nat(9), one, one);
    const happen = ([what, a, b]: [number, number, number]): void => {
      const [user = "", other = "", place = ""] = [ids[a % ids.length], ids[b % ids.length], groups[b % groups.length]];
      const there = state().users.current.has(user);
      if (what === 0 && there) set(user, { jobTitle: `T${b}`, onPremisesExtensionAttributes: { extensionAttribute3: `${b}` } });
      else if (what === 1 && there) set(user, { $manager: other });
      else if (what === 2 && there) set(user, { $manager: undefined, accountEnabled: b % 2 === 0 });
      else if (what === 3) ids.push(add((made += 1), { jobTitle: `N${b}`, $manager: other }));
      else if (what === 4 && there) deleteUser(state(), user);
      else if (what === 5) restoreUser(state(), user);
      else if (what === 6 && there) joinGroup(state(), place, user);
      else if (what === 7 && there) leave(state(), place, user);
      else if (what === 8 && place !== groups[0]) {
        const row = state().groups.current.get(place);
        state().groups.put(place, { ...row, displayName: b % 3 === 0 ? `TEAM-${b}` : `Other ${b}` });
      } else if (what === 9 && there) set(user, { userType: b % 2 === 0 ? "Guest" : "Member" });
    };
    await ask();
    let fewer = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), fc.boolean(), async (steps, again) => {
        for (const each of steps) happen(each);
        graph.faults.replays = again ? 6 : 0;
        const read = await ask();
        expect(read.line).toMatch(/by what changed since the last read/u);
        if (!read.calls.includes("/users")) fewer += 1;
        await same(read);
      }),
      { numRuns: 60 },
    );
    expect(fewer).toBe(60);
  });

  it("somebody who was read while their manager was deleted has the manager again when that one is restored", async () => {
    const boss = add(1);
    const report = add(2, { $manager: boss });
    await ask();
    deleteUser(state(), boss);
    set(report, { jobTitle: "Mate" });
    expect((await ask()).records[0]?.fields).not.toHaveProperty("manager");
    restoreUser(state(), boss);
    const read = await ask();
    expect(read.line).toMatch(/by what changed/u);
    expect(read.records.find((one) => one.ref.endsWith(report))?.fields).toMatchObject({ manager: boss, managers: [boss] });
    await same(read);
  });

  it("both resets read everything, and say why: the place is lost, or the mapping asks for something else", async () => {
    const id = add(1);
    expect((await ask()).line).toBe("All people of Entra ID were read: there is no earlier read on this machine");
    for (const how of ["gone", "syncStateNotFound"] as const) {
      set(id, { jobTitle: how });
      graph.faults.deltaExpired = how;
      const lost = await ask();
      graph.faults.deltaExpired = "";
      expect(lost.line).toMatch(/Entra ID has lost the place in its changes/u);
      await same(lost);
      const on = await ask();
      expect(on.line).toMatch(/0 changed or gone of 1/u);
    }
    const more = await ask({}, { ...need, fields: [...need.fields, "city"] });
    expect(more.line).toMatch(/what the mappings ask for, have changed/u);
    expect((await ask({ of: "another tenant" })).line).toMatch(/the settings, or what the mappings/u);
    expect((await ask({ anew: true })).line).toMatch(/--full/u);
    expect((await ask({ now: new Date("2026-02-01T08:00:00Z") })).line).toMatch(/lies in the future/u);
  });

  it("a whole read in time is held against what the changes made; where they did not tell, it is off until --full", async () => {
    const id = add(1, { jobTitle: "Deckhand" });
    await ask();
    set(id, { jobTitle: "Mate" });
    const right = await ask({ every: { runs: 1 } });
    expect(right.line).toMatch(/it is time for it .*; what was remembered was right/u);
    expect(right.off).toBeUndefined();
    await ask();
    // Past Graph's journal of changes.
    const { changed } = state().users;
    state().users.changed = () => undefined;
    set(id, { jobTitle: "Captain" });
    state().users.changed = changed;
    expect((await ask()).records[0]?.fields["jobTitle"]).toBe("Mate");
    const proved = await ask({ every: { runs: 1 } });
    expect(proved.records[0]?.fields["jobTitle"]).toBe("Captain");
    expect(proved.off).toMatch(new RegExp(`jobTitle of ${id}\\): people\\.incremental is off`, "u"));
    expect((await ask()).line).toMatch(/is off until --full/u);
    expect((await ask()).off).toBeDefined();
    expect((await ask({ anew: true })).off).toBeUndefined();
    expect((await ask()).line).toMatch(/by what changed/u);
  });

  it("more changes than a whole read costs calls are read whole; a doubted read is not kept", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => add(index));
    await ask();
    for (const id of ids) set(id, { jobTitle: "Mate" });
    const many = await ask();
    expect(many.line).toMatch(/60 people have changed, which a whole read tells in fewer calls/u);
    await same(many);
    set(String(ids[0]), { jobTitle: 41 });
    const odd = await ask({ anew: true });
    expect([odd.keep, odd.read.complete]).toEqual([undefined, false]);
    set(String(ids[0]), { jobTitle: "Mate" });
  });

  it("what is kept is read back as it was, for this user alone; a file that is none is no earlier read", async () => {
    add(1, { jobTitle: "Deckhand" });
    const { keep } = await ask();
    const path = keptPeople.place(folder, "test");
    if (keep) keptPeople.save(path, keep);
    expect(keptPeople.load(path)).toEqual({ format: "haloform.entra-people/1", ...keep });
    expect(keptPeople.load(join(folder, "none.json"))).toBeUndefined();
  });
});
