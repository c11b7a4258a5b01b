/** Whose everything is, and which line asks for it (C1, C2, C3): the pure inventory over invented worlds. */
import { describe, expect, it } from "vitest";
import type { Live } from "../../../../providers/core/definition.ts";
import { countsOf, inventoryRows, redacted, shownRows } from "../../../../stacks/inventory/inventory.ts";
import type { InventoryRow, Kind } from "../../../../stacks/inventory/model.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, doubted, entraUser, group, mappings, memberOf, peopleDefault, record, world } from "../world.ts";

const agent = (id: number, values: Live["values"]): Live => ({
  id: String(id),
  values: { name: `Agent ${id}`, email: "", enabled: true, roles: [], teams: [], team: "", isapiagent: false, ...values },
});
const named = (id: string, name: string, values: Live["values"] = {}): Live => ({ id, values: { name, ...values } });

/** As the command does: the wish sees what a plan reads, the inventory everything. */
function rowsOf(given: World, kind: Kind, more: { [type: string]: Live[] } = {}): InventoryRow[] {
  const { live, ...rest } = given;
  return inventoryRows({ given: rest, wish: wish(given), live: { ...live, ...more }, lastSeen: new Map([["ad x", "2026-01-01"]]) }, [kind]);
}
const brief = ({ system, name, holder, person, state }: InventoryRow) =>
  [system, holder ? `${name} < ${holder.name}` : name, person?.key, state].filter((one) => one !== undefined).join(" ");

describe("accounts", () => {
  it("are mapped, given by hand, or nobody's; protected and off are told", () => {
    const live = {
      "ad:User": [account(1), account(2), account(7, { protected: true, enabled: false }, { employeeNumber: "", mail: "" })],
    };
    const rows = rowsOf(world({ records: [record(1), record(2, { site_name: "Nowhere" })], live }), "accounts");
    expect(rows.map(brief)).toEqual(["ad user1 1 mapped", "ad user2 2 unasked", "ad user7 nobody"]);
    expect(rows[0]?.rule).toMatch(/^mappings\/ad\.yaml:/u);
    expect(rows[2]).toMatchObject({ protected: true, enabled: false });
    expect(rows[1]).not.toHaveProperty("rule");
  });

  it("two that fit one person are undecided, and so is what a parked person has; nothing of it is nobody's", () => {
    const twins = [account(1), { ...account(1, { sAMAccountName: "other" }), id: "other" }];
    const rows = rowsOf(world({ records: [record(1)], live: { "ad:User": twins } }), "accounts");
    expect(rows.map((one) => one.state)).toEqual(["undecided", "undecided"]);
    expect(rows[0]?.note).toContain("haloform preview");
  });

  it("agents are found for everybody, also where no mapping asks for anything in Halo", () => {
    const live = {
      "halo:Agent": [
        agent(5, { email: "user1@corp.example.com" }),
        agent(6, { email: "x@else.example.org" }),
        agent(7, { isapiagent: true }),
      ],
    };
    for (const halo of [undefined, null]) {
      const given = world({ records: [record(1)], mappings: mappings(halo === null ? { halo } : {}), live });
      expect(rowsOf(given, "accounts").map(brief)).toEqual([
        "halo Agent 7 nobody",
        "halo user1@corp.example.com 1 unasked",
        "halo x@else.example.org nobody",
      ]);
    }
  });

  it("one that the state knows is its person's whatever its fields say now; a deleted one is none", () => {
    const moved = account(9, { sAMAccountName: "renamed" }, { employeeNumber: "", mail: "renamed@corp.example.com" });
    const previous = [{ type: "ad:User", name: "person-1", id: moved.id, inputs: { person: "1" }, outputs: {} }];
    const live = { "ad:User": [moved], "ad:Deleted": [account(3, { deleted: true })] };
    expect(rowsOf(world({ records: [record(1)], live, previous }), "accounts").map(brief)).toEqual(["ad renamed 1 mapped"]);
  });

  it("while the read is doubted nobody is recognised anew, and nobody who is known becomes nobody's", () => {
    const [known, other] = [account(1), account(2)];
    const previous = [{ type: "ad:User", name: "person-1", id: known.id, inputs: { person: "1" }, outputs: {} }];
    const given = world({ records: [record(1), record(2)], live: { "ad:User": [known, other] }, previous, trust: doubted });
    const rows = rowsOf(given, "accounts");
    expect(rows.find((one) => one.id === known.id)?.person?.key).toBe("1");
    expect(rows.find((one) => one.id === other.id)?.state).not.toBe("unasked");
  });

  it("people of Halo are their records; those whom people.for leaves out are named with the line", () => {
    const users = [named("1", "Ada Example", { email: "a@corp.example.com", enabled: true }), named("2", "Scanner", { protected: true })];
    const rows = rowsOf(world({ records: [record(1), record(2, { isserviceaccount: true })] }), "accounts", { "halo:User": users });
    expect(rows.map((one) => [one.name, one.state, one.note ?? ""])).toEqual([
      ["a@corp.example.com", "record", ""],
      ["Scanner", "nobody", "left out by people.for (mappings/people.yaml:people.for)"],
    ]);
  });

  it("a synced account of Entra ID is asked for by the line of its account in AD; a guest is told as one", () => {
    const ad = account(1);
    const cloud = [
      entraUser("one", { employeeId: "1", synced: true, userPrincipalName: "user1@corp.example.com" }),
      entraUser("guest", { userType: "Guest", userPrincipalName: "g#EXT#@corp.example.com" }),
    ];
    const rows = rowsOf(world({ records: [record(1)], live: { "ad:User": [ad], "entra:Licence": cloud } }), "accounts");
    expect(rows.filter((one) => one.system === "entra").map((one) => [one.name, one.sort, one.state, one.note ?? ""])).toEqual([
      ["g#EXT#@corp.example.com", "account", "nobody", "a guest"],
      ["user1@corp.example.com", "synced account", "mapped", ""],
    ]);
  });
});

describe("what is held", () => {
  const leads = [record(1, { title: "Team Lead" }), record(2)];
  const agents = [
    agent(5, { email: "user1@corp.example.com", roles: ["Field Engineer", "Administrator"], teams: ["Onsite"] }),
    agent(6, { roles: ["Administrator"] }),
  ];

  it("roles by the line that gives them, by hand, and by whom nobody knows; nobody's is one row", () => {
    const roles = [named("a", "Administrator"), named("b", "Field Engineer"), named("c", "Empty")];
    const rows = rowsOf(world({ records: leads, live: { "halo:Agent": agents, "halo:Role": roles } }), "roles");
    expect(rows.map(brief)).toEqual([
      "halo Administrator < Agent 6 nobody",
      "halo Administrator < user1@corp.example.com 1 unasked",
      "halo Empty empty",
      "halo Field Engineer < user1@corp.example.com 1 mapped",
    ]);
  });

  it("teams and boards, with programs and with users of Halo", () => {
    const teams = [named("1", "Onsite", { members: ["5"] }), named("2", "Bots", { members: [] })];
    const boards = [named("9", "CAB", { agents: ["5"], users: ["2", "77"] })];
    const bot = agent(7, { isapiagent: true, teams: ["Bots"] });
    const rows = rowsOf(world({ records: leads, live: { "halo:Agent": [...agents, bot] } }), "teams", {
      "halo:Team": teams,
      "halo:ChangeAdvisoryBoard": boards,
    });
    expect(rows.map(brief)).toEqual([
      "halo CAB < 77 nobody",
      "halo CAB < Ada2 Example2 2 unasked",
      "halo CAB < user1@corp.example.com 1 unasked",
      "halo Bots < Agent 7 nobody",
      "halo Onsite < user1@corp.example.com 1 unasked",
    ]);
  });

  it("members of groups: people, groups in groups, and whom nobody knows", () => {
    const [one, two] = [account(1), account(2)];
    const inner = group("GG-Inner");
    const live = {
      "ad:User": [one, two],
      "ad:Group": [
        group("GG-Sales", [memberOf(one)]),
        inner,
        group("GG-Other", [memberOf(two), memberOf(inner), { dn: "CN=Mail,DC=x", guid: "m" }]),
      ],
    };
    const rows = rowsOf(world({ records: [record(1), record(2)], live }), "groups");
    expect(rows.map(brief)).toEqual([
      "ad GG-Inner empty",
      "ad GG-Other < CN=Mail,DC=x nobody",
      "ad GG-Other < GG-Inner nobody",
      "ad GG-Other < user2 2 unasked",
      "ad GG-Sales < user1 1 mapped",
    ]);
  });

  it("licences directly and through a group, which counts as the person's where they are to have it anyway", () => {
    const direct = entraUser("one", {
      employeeId: "1",
      direct: [
        { sku: "SPE_E3", without: [] },
        { sku: "VISIO", without: [] },
      ],
    });
    const through = entraUser("two", { employeeId: "2", inherited: [{ sku: "SPE_E3", group: "g" }] });
    const failing = entraUser("three", { inherited: [{ sku: "SPE_E3", group: "h", error: "CountViolation" }] });
    const live = { "entra:Licence": [direct, through, failing], "entra:Group": [named("g", "LIC-Office", { members: [] })] };
    const rows = rowsOf(world({ records: [record(1), record(2)], live }), "licences", { "entra:Sku": [named("s", "SPE_E5")] });
    expect(rows.map((row) => [brief(row), row.note ?? ""])).toEqual([
      ["entra SPE_E3 < one@corp.example.com 1 mapped", ""],
      ["entra SPE_E3 < three@corp.example.com nobody", "through h, not in effect: CountViolation"],
      ["entra SPE_E3 < two@corp.example.com 2 mapped", "through LIC-Office"],
      ["entra SPE_E5 empty", ""],
      ["entra VISIO < one@corp.example.com 1 unasked", ""],
    ]);
  });

  it("software and assets with Halo's users", () => {
    const software = [
      named("3", "Plotter", {
        users: [
          { id: "1", name: "" },
          { id: "88", name: "" },
        ],
      }),
    ];
    const assets = [named("4", "NF-1", { type: "Laptop", enabled: false, users: [{ id: "1", name: "Ada1 Example1" }] })];
    const given = world({ records: leads });
    expect(rowsOf(given, "licences", { "halo:Software": software }).map(brief)).toEqual([
      "halo Plotter < 88 nobody",
      "halo Plotter < Ada1 Example1 1 unasked",
    ]);
    expect(rowsOf(given, "assets", { "halo:DeviceAsset": assets })).toMatchObject([
      { sort: "Laptop", enabled: false, person: { key: "1" } },
    ]);
  });
});

describe("rows", () => {
  const given = world({ records: [record(1)], live: { "ad:User": [account(1), account(7, {}, { employeeNumber: "", mail: "" })] } });

  it("are counted, also where there are none, and shown by system and state", () => {
    const rows = rowsOf(given, "accounts");
    expect(
      countsOf(rows, [
        { kind: "accounts", system: "ad" },
        { kind: "accounts", system: "halo" },
      ]),
    ).toEqual([
      { kind: "accounts", system: "ad", things: 2, by: { mapped: 1, nobody: 1 } },
      { kind: "accounts", system: "halo", things: 0, by: {} },
    ]);
    expect(shownRows(rows, { states: ["nobody"] }).map(brief)).toEqual(["ad user7 nobody"]);
    expect(shownRows(rows, { systems: ["entra"] })).toEqual([]);
  });

  it("redacted hold no name, address, id or day of anybody", () => {
    const text = JSON.stringify(redacted(rowsOf(given, "accounts"), "•••"));
    for (const word of ["Ada1", "Example1", "user1", "user7", account(1).id]) expect(text).not.toContain(word);
    expect(text).toContain('"key":"1"');
    expect(text).toContain("mappings/ad.yaml");
  });

  it("10,000 people with accounts everywhere take seconds, not minutes", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const many = world({
      records: ids.map((id) => record(id)),
      mappings: mappings({ people: peopleDefault }),
      live: {
        "ad:User": ids.map((id) => account(id)),
        "entra:Licence": ids.map((id) => entraUser(`e${id}`, { employeeId: String(id), direct: [{ sku: "SPE_E3", without: [] }] })),
        "halo:Agent": ids.map((id) => agent(id, { email: `user${id}@corp.example.com`, roles: ["Administrator"] })),
        "halo:Role": [named("a", "Administrator")],
        "ad:Group": [
          group(
            "GG-All",
            ids.map((id) => memberOf(account(id))),
          ),
        ],
      },
    });
    const wished = wish(many);
    const { live, ...rest } = many;
    const started = performance.now();
    const rows = inventoryRows({ given: rest, wish: wished, live, lastSeen: new Map() }, ["accounts", "roles", "groups", "licences"]);
    expect(rows).toHaveLength(60_000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
