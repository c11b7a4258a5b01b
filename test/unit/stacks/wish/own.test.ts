/** What haloform did not give is never its own (outside O1), and nobody is given back what somebody took by hand (middle-B5). */
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { World } from "../../../../stacks/model/scene.ts";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { type Wish, wish } from "../../../../stacks/wish/wish.ts";
import { account, base, doubted, entraUser, find, group, guid, mappings, memberOf, now, record, world } from "../world.ts";

const members = { site_name: "Main" };
const additive = { for: members, mode: "additive" as const };
const people = [1, 2, 3];

/** A place where people are members: what there is of it with these people in, and how its own inputs call the list. */
interface Place {
  type: string;
  name: string;
  live(ids: readonly number[]): Live;
  field?: string;
}
const cloud = (ids: readonly number[]): string[] => ids.map((id) => `u${id}`);
const agents = (ids: readonly number[]): string[] => ids.map((id) => String(100 + id));
const places: Place[] = [
  {
    type: "ad:Group",
    name: "GG-VPN",
    live: (ids) =>
      group(
        "GG-VPN",
        ids.map((id) => memberOf(account(id))),
      ),
  },
  { type: "entra:Group", name: "SG-VPN", live: (ids) => ({ id: "g1", values: { name: "SG-VPN", members: cloud(ids), owners: [] } }) },
  {
    ...{ type: "entra:Group", name: "SG-VPN", field: "owners" },
    live: (ids) => ({ id: "g1", values: { name: "SG-VPN", members: [], owners: cloud(ids) } }),
  },
  { type: "entra:AdministrativeUnit", name: "Deck", live: (ids) => ({ id: "a1", values: { name: "Deck", members: cloud(ids) } }) },
  {
    ...{ type: "entra:AppAssignment", name: "Timesheets: default access" },
    live: (ids) => ({
      id: "app1/",
      values: {
        ...{ application: "Timesheets", appId: "t", roles: [], hasRoles: false, required: true },
        members: cloud(ids).map((one): Json => ({ id: one, assignment: one })),
      },
    }),
  },
  { type: "halo:Team", name: "Bridge", live: (ids) => ({ id: "5", values: { name: "Bridge", members: agents(ids) } }) },
  { type: "halo:ChangeAdvisoryBoard", name: "CAB", live: (ids) => ({ id: "6", values: { name: "CAB", agents: agents(ids) } }) },
  { type: "halo:ChangeAdvisoryBoard", name: "Users", live: (ids) => ({ id: "7", values: { name: "Users", users: ids.map(String) } }) },
];
const made = mappings({
  people: { people: { source: "halo.users", login: { is: "p{{ id }}" }, is: { entra: { employeeId: "{{ id }}" } } } },
  ad: { accounts: { first: [{ for: { title: "Nobody" }, ou: base }] }, groups: [{ name: "GG-VPN", ou: `OU=Groups,${base}`, ...additive }] },
  entra: {
    groups: [{ name: "SG-VPN", ...additive, owners: members }],
    administrativeUnits: [{ name: "Deck", ...additive }],
    applications: [{ name: "Timesheets", for: members, mode: "additive" }],
  },
  halo: {
    teams: [{ name: "Bridge", ...additive }],
    boards: [
      { name: "CAB", as: "agent", ...additive },
      { name: "Users", as: "user", ...additive },
    ],
  },
});
const agentOf = (id: number): Live => ({
  id: String(100 + id),
  values: { name: `Ada${id} Example${id}`, email: `user${id}@corp.example.com`, enabled: true, roles: [], teams: [], isapiagent: false },
});
/** 1 and 3 are asked for, 2 is not. */
const records = [record(1), record(2, { site_name: "Harbour" }), record(3)];

function there({ type, live }: Place, ids: readonly number[], more: Partial<World> = {}): World {
  return world({
    mappings: made,
    records,
    live: {
      "ad:User": people.map((id) => account(id)),
      "entra:Licence": people.map((id) => entraUser(`u${id}`, { employeeId: String(id) })),
      "halo:Agent": people.map(agentOf),
      [type]: [live(ids)],
    },
    ...more,
  });
}
const listed = (place: Place, wished: Wish): Json | undefined => find(wished, place.type, place.name)?.inputs[place.field ?? "members"];
/** As the last run left it: with whom it gave, and the accounts it gave it to. */
function state(place: Place, given: Json | undefined, id: string): PreviousResource {
  const account = (key: string): string =>
    place.type.startsWith("ad:") ? guid(Number(key)) : place.type.startsWith("halo:") ? `10${key}` : `u${key}`;
  const ids = Object.fromEntries((given as string[]).map((ref) => [ref, account(ref.replace("person:", ""))]));
  const as = place.name === "Users" ? { as: "user" } : {};
  return {
    ...{ type: place.type, name: place.name, id },
    inputs: { members: [], owners: [], [place.field ?? "members"]: given ?? [], ...as },
    outputs: { computed: { resolved: {}, owners: {}, [place.field ?? "resolved"]: ids } },
  };
}
const known = (world: World): World["memory"] => wish(world).memory;

describe.each(places)("outside O1: $type $name ($field)", (place) => {
  const { id } = place.live([]);
  const ours = [state(place, ["person:1"], id)];
  const twins = [...records, record(2, { site_name: "Harbour", name: "Another" })];
  const troubles: [string, Partial<World>][] = [
    ["a doubted read", { trust: doubted }],
    ["a record that is there twice", { records: twins }],
    ["a record that people.for leaves out", { records: records.filter((one) => one.fields["id"] !== 2) }],
    ["a state that is lost", { previous: [], memory: undefined }],
    ["a state that is lost and a doubted read", { previous: [], memory: undefined, trust: doubted }],
    ["nothing at all", {}],
  ];

  test.each(troubles)("who was put in by hand is not its own after %s, and stays when it is over", (_trouble, trouble) => {
    const before = there(place, [1, 2, 3], { previous: ours });
    const wished = wish({ ...before, memory: known(before), ...trouble });
    const given = listed(place, wished) ?? ("previous" in trouble ? [] : ["person:1"]);
    expect(given).toEqual("previous" in trouble ? [] : ["person:1"]);
    const healed = wish(there(place, [1, 2, 3], { previous: [state(place, given, id)] }));
    for (const ref of given as string[]) expect(listed(place, healed)).toContain(ref);
    // 3 was asked for and in already: a mover keeps what somebody gave by hand
    const moved = [record(1), ...[2, 3].map((one) => record(one, { site_name: "Harbour" }))];
    expect(listed(place, wish(there(place, [1, 2, 3], { previous: [state(place, given, id)], records: moved })))).toEqual(given);
  });

  test("whom haloform put in goes when the mapping asks no more", () => {
    const moved = wish(there(place, [1, 3], { previous: ours, records: [record(1, { site_name: "Lab" }), record(3)] }));
    // the last owner of its own is not taken where nobody else is one
    expect(listed(place, moved)).toEqual([]);
  });

  test("middle-B5 who was taken out by hand is not put back by doubt, by parking or before a leaver is stripped", () => {
    const previous = [state(place, ["person:1", "person:2"], id)];
    const gone = there(place, [1], { previous });
    expect(listed(place, wish({ ...gone, memory: known(gone), trust: doubted }))).toEqual(["person:1"]);
    expect(listed(place, wish({ ...gone, records: twins }))).not.toContain("person:2");
    const leaving = [record(1), record(2, { inactive: true }), record(3)];
    const later = { ...made, safety: { ...made.safety, leaver: { ...made.safety.leaver, strip: 7 } } };
    expect(listed(place, wish({ ...gone, mappings: later, records: leaving }))).not.toContain("person:2");
    const still = there(place, [1, 2], { previous });
    expect(listed(place, wish({ ...still, mappings: later, records: leaving }))).toContain("person:2");
  });

  test("a thing that is gone altogether is made again with those who are held", () => {
    const previous = [state(place, ["person:1", "person:2"], id)];
    const lost = there(place, [], { previous });
    lost.live = { ...lost.live, [place.type]: place.type === "entra:AppAssignment" ? [place.live([])] : [] };
    if (place.type !== "entra:AppAssignment") expect(listed(place, wish({ ...lost, trust: doubted }))).toContain("person:2");
  });
});

describe("middle-B5: what somebody took by hand is not given back by a doubted read", () => {
  const mine = mappings({
    entra: { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } },
    halo: { agents: { every: [{ for: {}, roles: ["Desk"], teams: ["First line"] }] } },
    ad: { accounts: { first: [{ ou: `OU=Main,OU=Staff,${base}` }] } },
  });
  const resource = (type: string, id: string, inputs: Values): PreviousResource => ({
    ...{ type, name: "person-1", id, outputs: {} },
    inputs: { person: "1", ...inputs },
  });
  const previous = [
    resource("ad:User", account(1).id, {
      ...{ name: "Ada1 Example1", path: `OU=Main,OU=Staff,${base}`, enabled: true, attributes: {} },
      sAMAccountName: "aexample1",
    }),
    resource("entra:Licence", "u1", { skus: [{ sku: "SPE_E3", without: [] }], of: ["SPE_E3"] }),
    resource("halo:Agent", "101", {
      ...{ name: "Ada1 Example1", email: "ada1@example.com", enabled: true },
      roles: ["Desk"],
      teams: ["First line"],
      of: { roles: ["Desk"], teams: ["First line"] },
    }),
  ];
  const live = {
    "ad:User": [account(1, { enabled: false })],
    "entra:Licence": [entraUser("u1", { employeeId: "1" })],
    "halo:Agent": [{ ...agentOf(1), values: { ...agentOf(1).values, enabled: false } }],
  };
  const memory = {
    format: "haloform.memory/1" as const,
    source: { count: 1, filled: {} },
    people: { 1: { name: "Ada", leaverSince: now.toISOString() } },
  };
  const inputs = (wished: Wish, type: string) => find(wished, type, "person-1")?.inputs;

  test.each([
    ["held", { trust: doubted, memory: undefined, records: [record(1)] }],
    ["gone from a doubted read", { trust: doubted, memory: undefined, records: [record(2)] }],
    ["a leaver who is stripped later", { memory, records: [record(1, { inactive: true }), record(2)] }],
  ])("of somebody %s", (_who, more) => {
    const later = { ...mine, safety: { ...mine.safety, leaver: { ...mine.safety.leaver, strip: 7 } } };
    const wished = wish(world({ mappings: later, live, previous, ...more }));
    expect(inputs(wished, "ad:User")).toMatchObject({ enabled: false });
    expect(inputs(wished, "entra:Licence")).toMatchObject({ skus: [] });
    expect(inputs(wished, "halo:Agent")).toMatchObject({ enabled: false, roles: [], teams: [] });
  });
});

describe("rows A9, C2: licences, roles and teams in additive mode", () => {
  const asked = (mode: "exact" | "additive") =>
    mappings({
      people: { people: { source: "halo.users", login: { is: "p{{ id }}" }, is: { entra: { employeeId: "{{ id }}" } } } },
      ad: null,
      entra: { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: { title: "Mate" }, mode }] } },
      halo: { agents: { every: [{ for: {} }, { for: { title: "Mate" }, roles: ["Desk"], teams: ["First line"], mode }] } },
    });
  const live = (has: boolean): World["live"] => ({
    "entra:Licence": [entraUser("u1", { employeeId: "1", usageLocation: "GB", direct: has ? [{ sku: "SPE_E3", without: [] }] : [] })],
    "halo:Agent": [{ ...agentOf(1), values: { ...agentOf(1).values, roles: has ? ["Desk"] : [], teams: has ? ["First line"] : [] } }],
  });
  const stateOf = (wished: Wish): PreviousResource[] =>
    wished.resources.map(({ type, name, inputs }) => ({ type, name, id: type === "halo:Agent" ? "101" : "u1", inputs, outputs: {} }));
  const memory = {
    ...{ format: "haloform.memory/1" as const, source: { count: 1, filled: {} } },
    people: { 1: { name: "Ada", leaverSince: "2025-01-01T00:00:00.000Z" } },
  };
  /** What may be taken away, and what of it is wished: the rest is not touched. */
  const said = (wished: Wish) => {
    const [licence = {}, agent = {}] = ["entra:Licence", "halo:Agent"].map((type) => find(wished, type, "person-1")?.inputs);
    const { roles, teams } = agent["of"] as { roles: string[]; teams: string[] };
    const skus = (licence["skus"] as { sku: string }[]).map(({ sku }) => sku);
    return { may: [licence["of"], roles, teams].flat(), wished: [skus, agent["roles"], agent["teams"]].flat() };
  };
  const all = ["SPE_E3", "Desk", "First line"];
  const mate = { title: "Mate" };
  const leaver = { inactive: true, title: "Mate" };
  const look = (fields: Values, has: boolean, previous: PreviousResource[] = [], mode: "exact" | "additive" = "additive") =>
    wish(
      world({ mappings: asked(mode), records: [record(1, fields)], live: live(has), previous, ...(fields["inactive"] ? { memory } : {}) }),
    );
  const byHand = stateOf(look(mate, true));
  const given = stateOf(look(mate, false));

  test("what somebody was given by hand stays: entitled, no longer entitled, and as a leaver", () => {
    for (const fields of [mate, { title: "Cook" }, leaver]) expect(said(look(fields, true, byHand))).toEqual({ may: [], wished: [] });
    expect(said(look({ title: "Cook" }, true))).toEqual({ may: [], wished: [] });
  });

  test("what haloform gave is kept while it is asked for, and goes when it is not, or the person leaves", () => {
    expect(said(look(mate, false))).toEqual({ may: all, wished: all });
    expect(said(look(mate, true, given))).toEqual({ may: all, wished: all });
    for (const fields of [{ title: "Cook" }, leaver]) {
      const gone = look(fields, true, given);
      expect(said(gone)).toEqual({ may: all, wished: [] });
      // Once it is gone it is nobody's: given by hand later, it stays.
      expect(said(look(fields, true, stateOf(gone)))).toEqual({ may: [], wished: [] });
    }
  });

  test("a doubted read makes nothing haloform's own", () => {
    const held = wish(
      world({ mappings: asked("additive"), records: [record(1, mate)], live: live(true), previous: byHand, trust: doubted }),
    );
    expect(said(held)).toEqual({ may: [], wished: [] });
  });

  test("in exact mode whoever is not entitled loses it, whoever gave it", () => {
    expect(said(look({ title: "Cook" }, true, [], "exact"))).toEqual({ may: all, wished: [] });
  });
});
