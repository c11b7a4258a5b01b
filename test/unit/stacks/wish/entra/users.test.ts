/** The pure middle's accounts of Entra ID: who has one, under which name, and what happens to it when people come and go. */

import { describe, expect, it } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import type { entraFile } from "../../../../../mappings/schema/entra.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { DesiredResource, PreviousResource, SourceRecord } from "../../../../../stacks/model/types.ts";
import { waveOf } from "../../../../../stacks/model/waves.ts";
import { type Wish, type World, wish } from "../../../../../stacks/wish/wish.ts";
import { guid, mappings, record } from "../../world.ts";

const entra = {
  accounts: { first: [{ userPrincipalName: "{{ login }}@example.com", attributes: "staff" }] },
  attributes: {
    staff: {
      displayName: "{{ name }}",
      employeeId: "{{ id }}",
      jobTitle: "{{ title }}",
      usageLocation: "GB",
      manager: { person: "{{ custom.CFManager }}" },
    },
  },
  licences: { every: [{ sku: "SPE_E3", for: {} }] },
};
const now = new Date("2026-03-01T08:00:00Z");

interface Given {
  records: SourceRecord[];
  live?: Live[];
  deleted?: Live[];
  previous?: PreviousResource[];
  memory?: World["memory"];
  entra?: Parameters<typeof entraFile.parse>[0];
  ad?: object;
  adLive?: Live[];
  safety?: NonNullable<Parameters<typeof mappings>[0]>["safety"];
}

function world(given: Given): Wish {
  const live = given.live ?? [];
  return wish({
    now,
    mappings: mappings({
      people: { people: { source: "halo.users", login: { is: "{{ firstname | slice: 0 | downcase }}{{ surname | ascii | downcase }}" } } },
      ad: (given.ad ?? null) as never,
      entra: (given.entra ?? entra) as never,
      halo: null,
      ...(given.safety ? { safety: given.safety } : {}),
    }),
    records: given.records,
    trust: { verdict: "trusted", doubts: [], memory: { count: given.records.length, filled: {} } },
    previous: given.previous ?? [],
    memory: given.memory,
    live: {
      "entra:User": live,
      "entra:Licence": live,
      "entra:Deleted": given.deleted ?? [],
      "entra:Group": [],
      "ad:User": given.adLive ?? [],
    },
  });
}

const cloud = (id: number, upn: string, values: Values = {}, attributes: Values = {}): Live => ({
  id: guid(id),
  values: {
    userPrincipalName: upn,
    enabled: true,
    synced: false,
    attributes: attributes as Values,
    direct: [],
    inherited: [],
    ...attributes,
    ...values,
  },
});
const users = (made: Wish): DesiredResource[] => made.resources.filter((one) => one.type === "entra:User");
const upns = (made: Wish): unknown[] => users(made).map((one) => one.inputs["userPrincipalName"]);
const state = (id: number, key: number, inputs: Values): PreviousResource => ({
  ...{ type: "entra:User", name: `person-${key}`, id: guid(id), outputs: { computed: { userPrincipalName: "x" } } },
  inputs: { person: String(key), hybrid: false, enabled: true, attributes: {}, ...inputs },
});
const person = (id: number, fields: Values = {}): SourceRecord =>
  record(id, { firstname: "Ada", surname: "Example", name: "Ada Example", ...fields });

describe("names", () => {
  it("A1: newcomers get names in order of the key, whatever the order of the records, past those that are taken", () => {
    const live = [cloud(900, "aexample@example.com"), cloud(901, "AExample3@other.example.com")];
    const records = [person(12), person(11)];
    expect(upns(world({ records, live }))).toEqual(["aexample2@example.com", "aexample4@example.com"]);
    expect(users(world({ records: records.toReversed(), live }))).toEqual(users(world({ records, live })));
  });

  it("an existing account keeps what the login gave it; a lost one gets its name back before anybody new", () => {
    const live = [cloud(1, "aex@example.com", {}, { employeeId: "11" })];
    expect(upns(world({ records: [person(11)], live }))).toEqual(["aex@example.com"]);
    const previous = [state(5, 12, { userPrincipalName: "aexample@example.com" })];
    expect(upns(world({ records: [person(11), person(12)], previous }))).toEqual(["aexample2@example.com", "aexample@example.com"]);
  });

  it("parks who would have somebody else's name or address, in the plan and with its holder", () => {
    const fixed = {
      ...entra,
      accounts: { first: [{ ...entra.accounts.first[0], userPrincipalName: "{{ firstname | downcase }}@example.com" }] },
    };
    const made = world({ records: [person(11), person(12)], entra: fixed });
    expect(upns(made)).toEqual(["ada@example.com"]);
    expect(made.parked).toEqual([
      expect.objectContaining({ key: "12", reason: expect.stringMatching(/ada@example\.com is given to Ada Example \(11\)/u) }),
    ]);
    const live = [cloud(900, "other@example.com", { mail: "ada@example.com" })];
    expect(world({ records: [person(11)], entra: fixed, live }).parked[0]?.reason).toMatch(/is the address of other@example\.com/u);
    const accents = world({ records: [person(11, { firstname: "Zoë" })], entra: fixed });
    expect(accents.parked[0]?.reason).toMatch(/has a character before the @ that Entra ID does not take/u);
  });

  it("parks a value that Graph would not take", () => {
    const made = world({ records: [person(11, { title: "x".repeat(129) })] });
    expect(users(made)).toEqual([]);
    expect(made.parked[0]?.reason).toMatch(
      /^jobTitle \(mappings\/entra\.yaml:attributes\.staff\.jobTitle\): expected at most 128 characters/u,
    );
  });
});

describe("joiners, movers, leavers", () => {
  it("a joiner has the account, its licence and its manager in one run, and the licence does not ask for another place", () => {
    const made = world({ records: [person(11), person(12, { surname: "Other", name: "Ada Other", "custom.CFManager": "11" })] });
    const [, second] = users(made);
    expect(second?.inputs).toMatchObject({ hybrid: false, enabled: true, attributes: { manager: "person:11", usageLocation: "GB" } });
    expect(made.resources.filter((one) => one.type === "entra:Licence").map((one) => [waveOf(one), one.inputs["usageLocation"]])).toEqual([
      ["members", "GB"],
      ["members", "GB"],
    ]);
    expect(users(made).every((one) => waveOf(one) === "accounts")).toBe(true);
  });

  it("A3: a leaver is blocked under the name it has, with the attributes last applied; gone from Halo likewise (A27)", () => {
    const live = [cloud(1, "aexample@example.com", {}, { employeeId: "11", jobTitle: "Analyst" })];
    const previous = [state(1, 11, { userPrincipalName: "aexample@example.com", attributes: { employeeId: "11" } })];
    const inputs = { enabled: false, sessions: "revoked", userPrincipalName: "aexample@example.com", attributes: { employeeId: "11" } };
    expect(users(world({ records: [person(11, { inactive: true })], live, previous }))[0]?.inputs).toMatchObject(inputs);
    const memory = { format: "haloform.memory/1" as const, source: { count: 1, filled: {} }, people: { "11": { name: "Ada Example" } } };
    expect(users(world({ records: [person(12)], live, previous, memory })).find((one) => one.person === "11")?.inputs).toMatchObject(
      inputs,
    );
  });

  it("A2: deleted when its stage has come and an earlier run has blocked it; carried as deleted; restored when the person is back", () => {
    const safety = { leaver: { delete: "after 90 days" } };
    const memory = (since: string) => ({
      ...{ format: "haloform.memory/1" as const, source: { count: 1, filled: {} } },
      people: { "11": { name: "Ada Example", leaverSince: since } },
    });
    const previous = [state(1, 11, { userPrincipalName: "aexample@example.com", enabled: false, sessions: "revoked" })];
    const records = [person(11, { inactive: true })];
    const blocked = [cloud(1, "aexample@example.com", { enabled: false }, { employeeId: "11" })];
    const early = world({ records, previous, live: blocked, safety, memory: memory("2026-02-01T00:00:00Z") });
    expect(users(early)[0]?.inputs["deleted"]).toBeUndefined();
    const due = world({ records, previous, live: blocked, safety, memory: memory("2025-11-01T00:00:00Z") });
    expect(users(due)[0]).toMatchObject({ inputs: { deleted: true, enabled: false } });
    expect(users(due).map(waveOf)).toEqual(["afterwards"]);
    const open = [cloud(1, "aexample@example.com", { enabled: true }, { employeeId: "11" })];
    expect(
      users(world({ records, previous, live: open, safety, memory: memory("2025-11-01T00:00:00Z") }))[0]?.inputs["deleted"],
    ).toBeUndefined();

    const deleted = [cloud(1, "aexample@example.com", { enabled: false, deleted: true }, { employeeId: "11" })];
    const after = world({ records, previous, deleted, safety, memory: memory("2025-11-01T00:00:00Z") });
    expect(users(after)[0]?.inputs).toMatchObject({ deleted: true, enabled: false });
    const back = world({ records: [person(11)], previous, deleted, safety, memory: memory("2025-11-01T00:00:00Z") });
    expect(users(back)[0]?.inputs).toMatchObject({ enabled: true, userPrincipalName: "aexample@example.com" });
    expect(users(back)[0]?.inputs["deleted"]).toBeUndefined();
    // Without a state it is known by its employeeId.
    expect(users(world({ records: [person(11)], deleted }))[0]?.adopt).toBe(guid(1));
  });

  it("leaves what was blocked before haloform knew it, and what safety.yaml protects", () => {
    const live = [cloud(1, "aexample@example.com", { enabled: false }, { employeeId: "11" })];
    const made = world({ records: [person(11)], live });
    expect(users(made)[0]?.inputs["enabled"]).toBe(false);
    expect(made.notes.join()).toMatch(/was blocked before haloform managed it/u);
    const guarded = [cloud(1, "break@example.com", { protected: true, protectedBecause: "of safety.yaml" }, { employeeId: "11" })];
    const spared = world({
      ...{ records: [person(11, { inactive: true })], live: guarded },
      previous: [state(1, 11, { userPrincipalName: "break@example.com" })],
    });
    expect(users(spared)[0]?.inputs).toMatchObject({ enabled: true, attributes: {} });
    expect(spared.parked[0]?.reason).toMatch(/would be blocked, but of safety\.yaml/u);
  });
});

describe("people whose account comes from Active Directory", () => {
  const ad = {
    accounts: { first: [{ for: { site_name: "Main" }, ou: "OU=Staff,DC=corp,DC=example,DC=com", attributes: "s" }] },
    attributes: { s: { displayName: "{{ name }}", employeeNumber: "{{ id }}" } },
  };

  it("only what the cloud masters is wished in Entra ID; the plan says what AD has to carry, once", () => {
    const made = world({ records: [person(11), person(12, { surname: "Lab", site_name: "Lab" })], ad });
    const [first, second] = users(made).sort((a, b) => Number(a.person) - Number(b.person));
    expect(first && waveOf(first)).toBe("members");
    expect(first).toMatchObject({ inputs: { hybrid: true, attributes: { usageLocation: "GB" } } });
    expect(first?.inputs["enabled"]).toBeUndefined();
    expect(second?.inputs).toMatchObject({ hybrid: false, userPrincipalName: "alab@example.com" });
    const notes = made.notes.filter((one) => one.includes("is mastered by AD"));
    expect(notes.map((one) => one.split(" ")[0]).sort()).toEqual(["employeeId", "jobTitle", "manager"]);
    expect(notes.join()).toContain("map title in ad.yaml");
  });

  it("a mapping without accounts wishes none", () => {
    const { accounts: _accounts, ...rest } = entra;
    expect(users(world({ records: [person(11)], entra: rest, ad }))).toEqual([]);
  });
});
