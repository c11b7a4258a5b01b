/** hasDevice in every place where a condition stands: it must decide as a condition on the person's key does. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { registry } from "../../../../mappings/registry.ts";
import type { Condition, Mappings } from "../../../../mappings/schema/all.ts";
import { filesFile } from "../../../../mappings/schema/files.ts";
import { haloUsersFile } from "../../../../mappings/schema/halo-users.ts";
import { scriptsFile } from "../../../../mappings/schema/scripts.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { Memory, PreviousResource } from "../../../../stacks/model/types.ts";
import type { Approvers } from "../../../../stacks/plan/parts/approvers.ts";
import { decided } from "../../../../stacks/plan/parts/rules.ts";
import { askedBy, groupsOfPeople } from "../../../../stacks/read/asks.ts";
import { asksDevices } from "../../../../stacks/read/entra.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { rulesOf } from "../plan/parts/estate.ts";
import { account, adDefault, base, entraDefault, entraUser, group as inAd, mappings, memberOf, now, record, world } from "../world.ts";

const app = "00000000-0000-4000-8000-000000000001";

type Given = NonNullable<Parameters<typeof mappings>[0]>;

/** People of a source of their own, so that they can be users of Halo too; each with an account in AD, Entra ID and, of 1, an agent. */
const people: NonNullable<Given["people"]> = {
  people: {
    source: "hr",
    login: { is: "{{ firstname }}" },
    is: { ad: { employeeNumber: "{{ id }}" }, entra: { employeeId: "{{ id }}" }, halo: { email: "{{ emailaddress }}" } },
  },
};
const person = (id: number, fields: Values = {}) => ({ ...record(id, fields), ref: `hr ${id}` });
const inEntra = (id: number): Live =>
  entraUser(`e${id}`, { employeeId: String(id), direct: [{ sku: "SPE_E3", without: [] }], mail: `user${id}@corp.example.com` });
const live: { [type: string]: Live[] } = {
  "ad:User": [account(1), account(2)],
  "entra:Licence": [inEntra(1), inEntra(2)],
  "entra:User": [inEntra(1), inEntra(2)],
  "entra:Photo": [inEntra(1), inEntra(2)],
  "entra:Device": [{ id: "d1", values: { userId: "E1", operatingSystem: "Windows" } }],
  "entra:AppAssignment": [
    { id: "app", values: { application: "Timesheets", appId: app, role: "", roles: [], hasRoles: false, required: true, members: [] } },
  ],
  "entra:Mailbox": [1, 2].map((id) => ({ id: `e${id}`, values: { exists: true, kind: "user", hidden: false, hold: false, forward: "" } })),
  "halo:Agent": [{ id: "9", values: { name: "Ada1 Example1", email: "user1@corp.example.com", enabled: true, roles: [], teams: [] } }],
  "halo:Site": [
    { id: "18", values: { name: "N/Main", client: "N", enabled: true } },
    { id: "19", values: { name: "N/Lab", client: "N", enabled: true } },
  ],
  "halo:Client": [{ id: "4", values: { name: "N", enabled: true } }],
};

const sites = (rules: object[]): Partial<Mappings> => ({
  haloUsers: haloUsersFile.parse({ users: { fields: { azureoid: "{{ id }}" }, sites: { first: rules as never } } }),
});
const group = { name: "G", ou: `OU=Groups,${base}` };
const boxes = { plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE" } };
const accounts = { first: [{ for: { title: "Nobody" }, ou: base }] };
const licences = { every: [{ sku: "SPE_E3", for: {} }] };

/** A world in which one condition decides. */
interface Place {
  given?: Given;
  more?: Partial<Mappings>;
  world?: Partial<World>;
}
const leavers: Partial<World> = {
  records: [person(1, { inactive: true }), person(2, { inactive: true })],
  memory: {
    format: "haloform.memory/1",
    source: { count: 2, filled: {} },
    people: Object.fromEntries(["1", "2"].map((key) => [key, { name: key, leaverSince: "2025-01-01T00:00:00.000Z" }])),
  } satisfies Memory,
  previous: [1, 2].map(
    (id): PreviousResource => ({
      type: "entra:Licence",
      name: `person-${id}`,
      id: `e${id}`,
      inputs: { person: String(id), skus: [{ sku: "SPE_E3", without: [] }], of: ["SPE_E3"] },
      outputs: {},
    }),
  ),
};

const places: { readonly [rule: string]: (on: Condition) => Place } = {
  "ad: accounts[].for": (on) => ({ given: { ad: { accounts: { first: [{ for: on, ou: base }] } } } }),
  "ad: groups[].for": (on) => ({ given: { ad: { accounts, groups: [{ ...group, for: on }] } } }),
  "ad: groups[].for of an account that cannot be told": (on) => ({
    given: { ad: { accounts, groups: [{ ...group, for: on }] } },
    world: { live: { ...live, "ad:User": [account(1), account(3, {}, { employeeNumber: "1" })] } },
  }),
  "ad: groups[].may": (may) => ({
    given: { ad: { accounts, groups: [{ ...group, for: { title: "Nobody" }, may }] } },
    world: { live: { ...live, "ad:Group": [inAd("G", [account(1), account(2)].map(memberOf))] } },
  }),
  "ad: photos[].for": (on) => ({
    given: { ad: { ...adDefault, photos: { first: [{ for: on, from: { folder: "photos", name: "{{ id }}.jpg" } }] } } },
  }),
  "ad: passwords.rotate.for": (on) => ({
    given: { ad: { ...adDefault, passwords: { handover: { command: ["x"] }, rotate: { key: "k", for: on } } as never } },
  }),
  "entra: accounts[].for": (on) => ({
    given: {
      entra: {
        accounts: { first: [{ for: on, hybrid: false, userPrincipalName: "u{{ id }}@corp.example.com", attributes: "a" }] },
        attributes: { a: { displayName: "{{ id }}" } },
      },
    },
  }),
  "entra: licences[].for": (on) => ({ given: { entra: { licences: { every: [{ sku: "SPE_E3", for: on }] } } } }),
  "entra: groups[].for": (on) => ({ given: { entra: { groups: [{ name: "G", for: on }] } } }),
  "entra: groups[].may": (may) => ({ given: { entra: { groups: [{ name: "G", for: { title: "Nobody" }, may }] } } }),
  "entra: groups[].owners": (owners) => ({ given: { entra: { groups: [{ name: "G", for: {}, owners }] } } }),
  "entra: applications[].for": (on) => ({ given: { entra: { applications: [{ appId: app, for: on }] as never } } }),
  "entra: administrativeUnits[].for": (on) => ({ given: { entra: { administrativeUnits: [{ name: "Deck", for: on }] } } }),
  "entra: mailboxes.for": (on) => ({ given: { entra: { ...entraDefault, licences, mailboxes: { ...boxes, for: on } } } }),
  "entra: replies[].for": (on) => ({
    given: { entra: { ...entraDefault, licences, mailboxes: boxes, replies: { first: [{ for: on, internal: "Away." }] } } },
  }),
  "safety: leaver.mailbox.remove.for": (on) => ({
    given: {
      entra: { licences, mailboxes: boxes },
      safety: { leaver: { mailbox: { remove: { after: "30 days", once: "exported", for: on } } } },
    },
    world: leavers,
  }),
  "entra: photos[].for": (on) => ({
    given: { entra: { photos: { first: [{ for: on, from: { folder: "photos", name: "{{ id }}.jpg" } }] } } },
  }),
  "halo: agents[].for": (on) => ({ given: { halo: { agents: { every: [{ for: on, roles: ["R"] }] } } } }),
  "halo: agents[].for of an agent that cannot be told": (on) => ({
    given: { halo: { agents: { every: [{ for: on, roles: ["R"] }] } } },
    world: {
      live: { ...live, "halo:Agent": ["9", "10"].map((id) => ({ id, values: { email: "user1@corp.example.com", enabled: true } })) },
    },
  }),
  "halo: grants[].for": (on) => ({
    given: { halo: { agents: { every: [{ for: {}, roles: ["R"] }] }, grants: { every: [{ for: on, roles: ["S"] }] } } },
  }),
  "halo: teams[].for": (on) => ({
    given: { halo: { agents: { every: [{ for: {}, roles: ["R"] }] }, teams: [{ name: "T", for: on }] } },
  }),
  "halo: boards[].for": (on) => ({
    given: { halo: { agents: { every: [{ for: {}, roles: ["R"] }] }, boards: [{ name: "B", as: "agent", for: on }] } },
  }),
  "halo-users: users.sites[].for": (on) => ({ more: sites([{ sequence: 1, site: "N/Lab", for: on, external: true }]) }),
  // The entry that makes agents is one more place for the same condition.
  "halo-users: users.sites[].for as *agent*": (on) => ({
    given: { halo: {} },
    more: sites([
      { sequence: 1, site: "*agent*", for: on, external: true },
      { sequence: 2, site: "N/Main", external: true },
    ]),
  }),
  "files: homes[].for": (on) => ({
    given: { ad: adDefault },
    more: { files: filesFile.parse({ homes: { first: [{ for: on, path: "{{ id }}" }] } }) },
  }),
  "approvals: rules[].for": (on) => ({
    given: { ad: { accounts } },
    more: { approvals: rulesOf({ rules: { first: [{ for: on, approvers: "nobody" }] }, otherwise: { one: ["ada@example.com"] } }).file },
  }),
  "scripts: scripts[].for": (on) => ({
    given: { ad: adDefault },
    more: { scripts: scriptsFile.parse({ scripts: [{ name: "s", run: ["/bin/true"], after: ["joiner"], for: on }] }).scripts },
    world: { live: { ...live, "ad:User": [] } },
  }),
};

function mapped(place: Place): Mappings {
  return { ...mappings({ people, ad: null, entra: {}, halo: null, ...place.given }), ...place.more };
}

function made(place: Place, more: World["live"] = {}): unknown {
  const all = { ...live, ...place.world?.live, ...more };
  const wished = wish(world({ records: [person(1), person(2)], mappings: mapped(place), now, ...place.world, live: all }));
  return {
    resources: wished.resources.map(({ type, name, inputs, adopt }) => ({ type, name, inputs, adopt })),
    photos: wished.asked?.map((one) => one.request.key),
    parked: wished.parked,
    approvals: approversIn(place, wished),
  };
}

/** Who approves what is done for each of them. */
function approversIn({ more = {} }: Place, { facts }: Pick<ReturnType<typeof wish>, "facts">): unknown {
  const { approvals: file } = more;
  const nobody: Approvers = { manager: () => undefined, address: () => undefined, names: () => [], namesOf: () => [] };
  const rules = file && { file, at: String, mappingChanged: false, changed: false };
  return rules && ["1", "2"].map((person) => decided(rules, { kinds: ["joiner"], person }, facts, nobody));
}

const windows: Condition = { hasDevice: { operatingSystem: "Windows" } };
const one: Condition = { person: ["1"] };
const nobody: Condition = { person: ["0"] };

describe("middle-B3: a condition on devices", () => {
  test("is tried in every place where a condition about people stands, but where it is decided who is a person", () => {
    const all = registry.flatMap((file) => Object.keys(file.rules).map((place) => `${file.name}: ${place}`));
    expect(all.filter((place) => !(place in places))).toEqual(["people: people.for"]);
  });

  test.each(Object.keys(places))("decides in %s", (name) => {
    const place = places[name];
    if (!place) throw new Error(name);
    expect(made(place(one))).not.toEqual(made(place(nobody)));
    expect(made(place(windows))).toEqual(made(place(one)));
  });

  test.each(Object.keys(places))("has devices read for %s", (name) => {
    const place = places[name];
    if (!place) throw new Error(name);
    expect(asksDevices(mapped(place(windows)))).toBe(true);
    expect(asksDevices(mapped(place(one)))).toBe(false);
  });
});

describe("rows-B1: a condition on a group of Entra ID", () => {
  const inside: Condition = { entraGroup: "sg-crew" };
  const crew = (...members: string[]): World["live"] => ({ "entra:Group": [{ id: "g9", values: { name: "SG-Crew", members } }] });

  test.each(Object.keys(places))("decides in %s, and has the group read", (name) => {
    const place = places[name];
    if (!place) throw new Error(name);
    expect(made(place(inside), crew("e1"))).toEqual(made(place(one), crew("e1")));
    expect(made(place(inside), crew())).toEqual(made(place(nobody), crew()));
    expect(askedBy(mapped(place(inside)))["entra:Group"]).toMatchObject({ members: expect.arrayContaining(["sg-crew"]) });
  });

  test.each(Object.keys(places))("has the groups of %s read with people of Entra ID", (name) => {
    const place = places[name];
    if (!place) throw new Error(name);
    const maps = mapped(place({ any: [{ groups: ["SG-A", "SG-B"] }, { groups: { matches: "^SG-C" } }, { not: { groups: "SG-D" } }] }));
    const { groups, patterns = [] } = groupsOfPeople(maps);
    expect(groups).toEqual(["SG-A", "SG-B", "SG-D"]);
    expect(patterns.map((pattern) => ["sg-crew", "SG-A", "a SG-C"].map((one) => pattern.test(one)))).toEqual([[true, false, false]]);
    const { entra: _entra, ...without } = mapped(place(inside));
    if (!name.startsWith("entra:")) expect(groupsOfPeople(without).groups).toEqual(["sg-crew"]);
  });

  test("a group that Entra ID does not have gives and takes nothing, and is said", () => {
    const place = places["entra: licences[].for"];
    const wished = wish(world({ records: [person(1), person(2)], mappings: mapped(place?.(inside) ?? {}), live, now }));
    expect(wished.parked.map((one) => one.reason)).toEqual([
      "the Entra group sg-crew does not exist (mappings/entra.yaml:licences.0.for): nobody gets or loses anything by it until exactly one has that name",
    ]);
    const licences = wished.resources.filter((one) => one.type === "entra:Licence").map((one) => one.inputs["skus"]);
    expect(licences).toEqual([[{ sku: "SPE_E3", without: [] }], [{ sku: "SPE_E3", without: [] }]]);
  });

  test("a group of entra.yaml counts as it is wished, and groups of both systems may ask for each other", () => {
    const groups = [
      { ...group, name: "GG-A", for: { entraGroup: "SG-B" } },
      { ...group, name: "GG-C", for: { person: [1] } },
    ];
    const given = (asked: Condition): Given => ({ ad: { accounts, groups }, entra: { groups: [{ name: "SG-B", for: asked }] } });
    const members = (asked: Condition): unknown => {
      const wished = wish(
        world({ records: [person(1), person(2)], mappings: mapped({ given: given(asked) }), live: { ...live, ...crew() }, now }),
      );
      return wished.refused.length > 0 ? wished.refused : wished.resources.find((found) => found.name === "GG-A")?.inputs["members"];
    };
    expect(members({ group: "GG-C" })).toEqual(["person:1"]);
    expect(members({ title: "Nobody" })).toEqual([]);
    expect(members({ group: "GG-A" })).toEqual([expect.stringContaining("ask for each other in a circle")]);
  });
});
