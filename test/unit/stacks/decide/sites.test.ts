/** Which site people are put into (H2, H3), who is an agent too (H4), and who is which user of Halo (H8). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Values } from "../../../../base/json.ts";
import { haloUsersFile } from "../../../../mappings/schema/halo-users.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { decideSite } from "../../../../stacks/decide/sites.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { type Wish, wish } from "../../../../stacks/wish/wish.ts";
import { mappings } from "../world.ts";

const rules = fc.uniqueArray(
  fc.record({
    sequence: fc.integer({ min: 0, max: 40 }),
    site: fc.constantFrom("N/Main", "N/Lab", "*agent*"),
    external: fc.boolean(),
    for: fc.option(fc.constantFrom({ department: "Sales" }, { department: "Finance" }), { nil: undefined }),
  }),
  { selector: (one) => one.sequence, maxLength: 8 },
);
const person = fc.record({
  external: fc.boolean(),
  department: fc.constantFrom("Sales", "Finance", "People"),
});

describe("site rules", () => {
  it("H2: the first entry by sequence that holds decides, whatever the order of the file; agents' entries decide no site", () => {
    fc.assert(
      fc.property(rules, person, fc.integer(), (all, who, seed) => {
        const candidate = {
          external: who.external,
          decide: (condition: object) => ({
            holds: (condition as { department: string }).department === who.department,
            fields: ["department"],
          }),
        };
        const holds = (rule: (typeof all)[number]): boolean =>
          (rule.external || !who.external) && (rule.for === undefined || rule.for.department === who.department);
        const lowest = (agent: boolean) =>
          all.filter((rule) => holds(rule) && (rule.site === "*agent*") === agent).sort((a, b) => a.sequence - b.sequence)[0]?.sequence;
        const shuffled = [...all].sort((a, b) => ((a.sequence * 31 + seed) % 17) - ((b.sequence * 31 + seed) % 17));
        for (const order of [all, shuffled]) {
          const made = decideSite(order as never, candidate);
          expect(made.site && order[made.site.index]?.sequence).toBe(lowest(false));
          expect(made.agent && order[made.agent.index]?.sequence).toBe(lowest(true));
        }
      }),
    );
  });
});

const record = (id: string, fields: Values = {}): SourceRecord => ({
  ref: `entra.users ${id}`,
  fields: {
    id,
    name: `Ada ${id}`,
    emailaddress: `${id}@corp.example.com`,
    accountEnabled: true,
    inactive: false,
    officeLocation: "Main",
    ...fields,
  },
});
const halo = (id: number, fields: Values = {}, more: Values = {}): Live => ({
  id: String(id),
  values: { name: `Ada ${id}`, site: "N/Main", enabled: true, protected: false, fields: { azureoid: "", ...fields }, custom: {}, ...more },
});
const places: { [type: string]: Live[] } = {
  "halo:Site": [{ id: "18", values: { name: "N/Main", client: "N", enabled: true } }],
  "halo:Client": [{ id: "12", values: { name: "N", enabled: true } }],
};
const base = {
  fields: { emailaddress: "{{ emailaddress }}" },
  links: true,
  organisation: { client: "N", siteFrom: "{{ officeLocation }}" },
};

function plan(records: SourceRecord[], users: Live[], more: Partial<z.input<typeof haloUsersFile>> = {}, previous: never[] = []): Wish {
  const given = mappings({ people: { people: { source: "entra.users", login: { is: "{{ id }}" } } }, ad: null, entra: null, halo: null });
  return wish({
    now: new Date("2026-01-15T08:00:00Z"),
    mappings: { ...given, haloUsers: haloUsersFile.parse({ users: base, ...more }) },
    records,
    trust: { verdict: "trusted", doubts: [], memory: undefined },
    previous,
    memory: undefined,
    live: { ...places, "halo:User": users },
  });
}
const adopted = (made: Wish): [string | undefined, string | undefined][] =>
  made.resources.filter((one) => one.type === "halo:User").map((one) => [one.person, one.adopt]);

describe("who is which user", () => {
  it("H8: the Entra id comes before the address, and the order of match decides", () => {
    const users = [halo(1, { azureoid: "a", emailaddress: "old@corp.example.com" }), halo(2, { emailaddress: "a@corp.example.com" })];
    expect(adopted(plan([record("a")], users))).toEqual([["a", "1"]]);
    expect(adopted(plan([record("a")], users.slice(1)))).toEqual([["a", "2"]]);
    const byAddress = plan([record("a")], users, { users: { ...base, match: ["emailaddress", "azureoid"] } });
    expect(adopted(byAddress)).toEqual([["a", "2"]]);
  });

  it("H8: ambiguity, a stranger's user, twins and service accounts are parked, and nobody is duplicated", () => {
    const two = plan([record("a")], [halo(1, { emailaddress: "a@corp.example.com" }), halo(2, { emailaddress: "A@corp.example.com" })]);
    expect([adopted(two), two.parked.map((one) => one.key)]).toEqual([[], ["a"]]);
    const stranger = plan([record("a")], [halo(1, { azureoid: "z", emailaddress: "a@corp.example.com" })]);
    expect(adopted(stranger)).toEqual([]);
    expect(stranger.parked[0]?.reason).toMatch(/belongs to another Entra account \(azureoid z\)/u);
    const twins = plan([record("a"), record("b", { emailaddress: "a@corp.example.com" })], []);
    // outside O4: the lower key gets the address, the other is told whose it is.
    expect([adopted(twins), twins.parked.map((one) => one.key)]).toEqual([[["a", undefined]], ["b"]]);
    expect(twins.parked[0]?.reason).toContain("the Halo user's emailaddress a@corp.example.com goes to Ada a (a)");
    const service = plan([record("a")], [halo(1, { emailaddress: "a@corp.example.com" }, { protected: true })]);
    expect([adopted(service), service.parked.length]).toEqual([[], 1]);
  });

  it("H3: a site that does not exist is made once for all its people, or its people wait", () => {
    const records = [record("a", { officeLocation: "Pier" }), record("b", { officeLocation: "PIER" }), record("c")];
    const made = plan(records, [], { users: { ...base, organisation: { ...base.organisation, create: true } } });
    expect(made.resources.filter((one) => one.type === "halo:Site").map((one) => [one.name, one.adopt])).toEqual([
      ["N/Main", "18"],
      ["N/Pier", undefined],
    ]);
    expect(made.resources.filter((one) => one.type === "halo:User").map((one) => one.inputs["site"])).toEqual([
      "N/Pier",
      "N/Pier",
      "N/Main",
    ]);
    const waiting = plan(records, []);
    expect(waiting.resources.filter((one) => one.type === "halo:Site")).toEqual([]);
    expect(adopted(waiting)).toEqual([["c", undefined]]);
    expect(waiting.parked.map((one) => one.reason)[0]).toMatch(/Halo has no site N\/Pier .*organisation\.create/u);
  });

  it("C1: a leaver's user becomes inactive; one whom no entry places any more stays as it is", () => {
    const live = [halo(1, { azureoid: "a", emailaddress: "a@corp.example.com" })];
    const left = plan([record("a", { inactive: true }), record("b")], live);
    expect(left.resources.find((one) => one.person === "a")).toMatchObject({ adopt: "1", inputs: { enabled: false } });
    const before = {
      type: "halo:User",
      name: "person-a",
      id: "1",
      outputs: {},
      inputs: { person: "a", name: "Ada a", site: "N/Main", enabled: true, fields: {}, custom: {} },
    };
    const placeless = plan([record("a", { officeLocation: "" }), record("b")], live, {}, [before] as never[]);
    expect(placeless.resources.find((one) => one.person === "a")?.inputs).toEqual(before.inputs);
    expect(placeless.notes.join()).toMatch(/1 person has no site/u);
  });

  it("rows-B3: the role of an entry for agents is one of agents, and no portal role of that name is taken from a user", () => {
    const sites = [{ sequence: 1, site: "*agent*", for: { officeLocation: "Main" }, role: "Approver" }];
    const file = haloUsersFile.parse({ users: { ...base, sites: { first: sites } }, agents: { roles: ["Desk"] } });
    const given = mappings({ people: { people: { source: "entra.users", login: { is: "{{ id }}" } } }, ad: null, entra: null });
    const made = wish({
      now: new Date("2026-01-15T08:00:00Z"),
      mappings: { ...given, haloUsers: file },
      records: [record("a"), record("b", { officeLocation: "Lab" })],
      trust: { verdict: "trusted", doubts: [], memory: undefined },
      previous: [],
      memory: undefined,
      live: {
        "halo:Site": [...(places["halo:Site"] ?? []), { id: "19", values: { name: "N/Lab", client: "N", enabled: true } }],
        "halo:User": [halo(1, { azureoid: "a" }, { roles: ["Approver"] }), halo(2, { azureoid: "b" }, { roles: ["Approver"] })],
      },
    });
    const of = (type: string) => made.resources.filter((one) => one.type === type).map(({ person, inputs }) => [person, inputs["roles"]]);
    expect(of("halo:Agent")).toEqual([["a", ["Approver", "Desk"]]]);
    expect(of("halo:User")).toEqual([
      ["a", undefined],
      ["b", undefined],
    ]);
  });

  it("a doubted read takes nothing from anybody", () => {
    const before = {
      type: "halo:User",
      name: "person-a",
      id: "1",
      outputs: {},
      inputs: { person: "a", name: "Ada a", site: "N/Main", enabled: true, fields: {}, custom: {} },
    };
    const given = mappings({ people: { people: { source: "entra.users", login: { is: "{{ id }}" } } }, ad: null, entra: null, halo: null });
    const made = wish({
      now: new Date("2026-01-15T08:00:00Z"),
      mappings: { ...given, haloUsers: haloUsersFile.parse({ users: base }) },
      records: [record("b")],
      trust: { verdict: "doubted", doubts: ["half is missing"], memory: undefined },
      previous: [before],
      memory: undefined,
      live: { ...places, "halo:User": [halo(1, { azureoid: "a" })] },
    });
    expect(made.resources.find((one) => one.person === "a")?.inputs["enabled"]).toBe(true);
  });

  it("where people come from Halo, only the named fields of their own record are written back", () => {
    const given = mappings({ people: { people: { source: "halo.users", login: { is: "{{ id }}" } } }, ad: null, entra: null, halo: null });
    const made = wish({
      now: new Date("2026-01-15T08:00:00Z"),
      mappings: { ...given, haloUsers: haloUsersFile.parse({ users: { fields: { other1: "{{ title }}", "custom.CFX": "{{ login }}" } } }) },
      records: [
        { ref: "halo.users 41", fields: { id: 41, name: "Ada", title: "Lead" } },
        { ref: "halo.users 42", fields: { id: 42, name: "Bob", inactive: true } },
      ],
      trust: { verdict: "trusted", doubts: [], memory: undefined },
      previous: [],
      memory: undefined,
      live: { "halo:User": [halo(41), halo(42)] },
    });
    expect(made.resources).toEqual([
      expect.objectContaining({
        type: "halo:User",
        person: "41",
        adopt: "41",
        inputs: { person: "41", fields: { other1: "Lead" }, custom: {} },
      }),
    ]);
  });

  it("whose record is another user of Halo now: nothing is written to either while both are there", () => {
    const given = mappings({ people: { people: { source: "halo.users", login: { is: "{{ id }}" } } }, ad: null, entra: null, halo: null });
    const inputs = { person: "41", fields: { other1: "Lead" }, custom: {} };
    const state = [{ type: "halo:User", name: "person-41", id: "41", inputs, outputs: {} }];
    const again = (live: Live[], previous = state): Wish =>
      wish({
        now: new Date("2026-01-15T08:00:00Z"),
        mappings: { ...given, haloUsers: haloUsersFile.parse({ users: { fields: { other1: "{{ title }}" } } }) },
        records: [{ ref: "halo.users 77", fields: { id: 77, name: "Ada", title: "Chief" } }],
        trust: { verdict: "trusted", doubts: [], memory: undefined },
        previous,
        memory: { format: "haloform.memory/1", source: { count: 1, filled: {} }, people: { 41: { name: "Ada", key: "77" } } },
        live: { "halo:User": live },
      });
    const both = again([halo(41), halo(77)]);
    expect(both.resources.map((one) => [one.name, one.adopt, one.inputs])).toEqual([["person-41", undefined, inputs]]);
    expect(both.notes.join()).toMatch(
      /Ada \(77, known as 41\) is the user 77 of Halo now and was 41: .* merge them in Halo, or make 41 inactive there/u,
    );
    // Inactive: let go of, and the run after this one takes the other.
    const off = { ...halo(41), values: { ...halo(41).values, enabled: false } };
    const first = again([off, halo(77)]);
    expect(first.resources).toEqual([]);
    expect(first.notes.join()).toContain("Ada (77, known as 41) is the user 77 of Halo now; 41 is inactive and let go of");
    const then = again([off, halo(77)], []);
    expect(then.resources.map((one) => [one.adopt, one.inputs["fields"]])).toEqual([["77", { other1: "Chief" }]]);
    const merged = again([halo(77)]);
    expect(merged.resources.map((one) => [one.name, one.adopt, one.inputs["fields"]])).toEqual([["person-41", "77", { other1: "Chief" }]]);
  });
});
