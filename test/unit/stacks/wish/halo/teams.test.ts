/** What the middle wishes of Halo's agents with grants and licences, of teams and of change advisory boards. Rows H5, H6, H7, H8. */

import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Values } from "../../../../../base/json.ts";
import type { haloFile } from "../../../../../mappings/schema/halo.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { World } from "../../../../../stacks/model/scene.ts";
import { waveOf } from "../../../../../stacks/model/waves.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { agent, mappings, record, world } from "../../world.ts";

type Halo = z.input<typeof haloFile>;

const made = (
  halo: Halo,
  live: World["live"],
  more: Partial<World> = {},
  entra: Parameters<typeof mappings>[0] = {},
): ReturnType<typeof wish> =>
  wish(world({ mappings: mappings({ ad: null, entra: null, halo, ...entra }), records: [record(1), record(2), record(3)], live, ...more }));
const inputs = (wished: ReturnType<typeof wish>, type: string, name: string): Values | undefined =>
  wished.resources.find((one) => one.type === type && one.name === name)?.inputs;
const everybody = { agents: { every: [{ for: {}, roles: ["Service Desk"] }] } };

describe("H5: roles by group, on top", () => {
  const grants = { every: [{ for: { entraGroup: "SG-Approvers" }, roles: ["Approver"], teams: ["Second line"] }] };
  const cloud = { entra: { groups: [] } };
  const user = (id: string, person: number): Live => ({ id, values: { mail: `user${person}@corp.example.com`, enabled: true } });
  const group = (members: string[]): Live => ({ id: "g1", values: { name: "SG-Approvers", synced: false, dynamic: false, members } });
  const live = (members: string[], held: string[] = []): World["live"] => ({
    "halo:Agent": [agent(7, 1, { roles: held })],
    "entra:Licence": [user("u1", 1), user("u2", 2)],
    "entra:Group": [group(members)],
  });
  const halo: Halo = { agents: { every: [{ for: { id: ["1"] }, roles: ["Service Desk"] }] }, grants };

  test("gives them to agents in the group and makes nobody else an agent; who leaves it loses them", () => {
    const wished = made({ ...halo, grants }, live(["u1", "u2"]), {}, cloud);
    expect(inputs(wished, "halo:Agent", "person-1")).toMatchObject({ roles: ["Approver", "Service Desk"], teams: ["Second line"] });
    expect(inputs(wished, "halo:Agent", "person-2")).toBeUndefined();
    const why = wished.resources.find((one) => one.type === "halo:Agent")?.because;
    expect(why?.["roles.Approver"]).toMatchObject({ rule: "mappings/halo.yaml:grants.0" });
    expect(why?.["roles.Service Desk"]?.rule).toBe("mappings/halo.yaml:agents.0");
    const without = inputs(made(halo, live(["u2"], ["Approver", "Service Desk"]), {}, cloud), "halo:Agent", "person-1");
    expect(without).toMatchObject({ roles: ["Service Desk"], of: { roles: ["Approver", "Service Desk"], teams: ["Second line"] } });
  });

  test("a group of entra.yaml counts as it is wished, in the same run", () => {
    const own = { entra: { groups: [{ name: "SG-Approvers", for: { person: [1] } }] } };
    expect(inputs(made(halo, live([]), {}, own), "halo:Agent", "person-1")).toMatchObject({ roles: ["Approver", "Service Desk"] });
    const other = { entra: { groups: [{ name: "SG-Approvers", for: { person: [2] } }] } };
    expect(inputs(made(halo, live(["u1"]), {}, other), "halo:Agent", "person-1")).toMatchObject({ roles: ["Service Desk"] });
  });

  test("a group that is not there gives nothing and takes nothing, and is said", () => {
    const gone = { ...live([], ["Approver"]), "entra:Group": [] };
    const wished = made(halo, gone, {}, cloud);
    expect(inputs(wished, "halo:Agent", "person-1")).toMatchObject({ roles: ["Approver", "Service Desk"] });
    expect(wished.parked.map((one) => one.reason).join()).toContain(
      "the Entra group SG-Approvers does not exist (mappings/halo.yaml:grants.0.for)",
    );
    const fresh = made(halo, { ...live([]), "entra:Group": [] }, {}, cloud);
    expect(inputs(fresh, "halo:Agent", "person-1")).toMatchObject({ roles: ["Service Desk"] });
  });
});

describe("H7: enabled follows roles", () => {
  const line = { for: { title: "Analyst" }, roles: [] };
  const grants = { every: [{ for: { "custom.CFDepartment": "Sales" }, roles: ["Service Desk"] }] };

  test("an agent with no role left is disabled, which frees the licence, and enabled with the first; nobody is made in vain", () => {
    const halo: Halo = { agents: { every: [line] }, grants, licensedRoles: "all" };
    const of = (department: string, live: Live[]): ReturnType<typeof wish> =>
      made(halo, { "halo:Agent": live }, { records: [record(1, { "custom.CFDepartment": department })] });
    const without = of("Finance", [agent(7, 1, { roles: ["Service Desk"] })]);
    expect(inputs(without, "halo:Agent", "person-1")).toMatchObject({ enabled: false, roles: [] });
    expect(without.resources.find((one) => one.type === "halo:Agent")?.because["enabled"]?.note).toContain("frees it");
    expect(inputs(of("Sales", [agent(7, 1, { enabled: false })]), "halo:Agent", "person-1")).toMatchObject({ enabled: true });
    expect(inputs(of("Finance", []), "halo:Agent", "person-1")).toBeUndefined();
    expect(inputs(of("Sales", []), "halo:Agent", "person-1")).toMatchObject({ enabled: true });
  });

  test("roles that others gave count, unless the mapping names the roles that need a licence", () => {
    const live = { "halo:Agent": [agent(7, 1, { roles: ["Administrator"] })] };
    const halo: Halo = { agents: { every: [line] }, grants: { every: [{ for: { id: ["99"] }, roles: ["Service Desk"] }] } };
    expect(inputs(made({ ...halo, licensedRoles: "all" }, live), "halo:Agent", "person-1")).toMatchObject({ enabled: true });
    expect(inputs(made({ ...halo, licensedRoles: ["service desk"] }, live), "halo:Agent", "person-1")).toMatchObject({ enabled: false });
    expect(inputs(made(halo, live), "halo:Agent", "person-1"), "not asked for: as before").toMatchObject({ enabled: true });
  });

  test("who is protected is not disabled by it", () => {
    const given = mappings({
      ad: null,
      entra: null,
      halo: { agents: { every: [line] }, licensedRoles: "all" },
      safety: { protected: { people: [1] } },
    });
    const wished = wish(world({ mappings: given, records: [record(1)], live: { "halo:Agent": [agent(7, 1)] } }));
    expect(wished.resources.filter((one) => one.type === "halo:Agent")).toEqual([]);
    expect(wished.notes.join()).toMatch(/Left as it is, for it is protected: agent of .* \(1\)/u);
  });
});

describe("H6: boards and teams", () => {
  const boards = [{ name: "CAB", for: { id: ["1", "2"] } }];
  const live: World["live"] = {
    "halo:Agent": [agent(7, 1), agent(8, 3), agent(9, 9, { isapiagent: true })],
    "halo:ChangeAdvisoryBoard": [
      { id: "1", values: { name: "cab", agents: ["8", "77"], users: ["3"], allMustApprove: false, approvalsNeeded: 1 } },
    ],
    "halo:Team": [{ id: "4", values: { name: "Quay", department: "IT", members: ["7", "9"] } }],
  };

  test("members come by name and go by name; strangers go from an exact board, and stay on an additive one", () => {
    const wished = made({ boards }, live);
    expect(inputs(wished, "halo:ChangeAdvisoryBoard", "CAB")).toEqual({ name: "CAB", as: "agent", mode: "exact", members: ["person:1"] });
    const one = wished.resources.find((each) => each.type === "halo:ChangeAdvisoryBoard");
    expect(one?.adopt).toBe("1");
    expect(one && waveOf(one)).toBe("afterwards");
    expect(Object.keys(one?.because ?? {})).toEqual(expect.arrayContaining(["members.person:1", "members.person:3", "members.id:77"]));
    const kind = made({ boards: [{ ...boards[0], name: "CAB", for: { id: ["2"] }, mode: "additive" as const }] }, live);
    expect(inputs(kind, "halo:ChangeAdvisoryBoard", "CAB")).toMatchObject({ members: [] });
  });

  test("somebody who becomes an agent in this run is on it; a leaver goes from it", () => {
    const joins = made({ ...everybody, boards }, live);
    expect(inputs(joins, "halo:ChangeAdvisoryBoard", "CAB")).toMatchObject({ members: ["person:1", "person:2"] });
    const previous = [{ type: "halo:ChangeAdvisoryBoard", name: "CAB", id: "1", inputs: { members: ["person:1"] }, outputs: {} }];
    const leaves = made({ boards }, live, { records: [record(1, { inactive: true }), record(2)], previous });
    expect(inputs(leaves, "halo:ChangeAdvisoryBoard", "CAB")).toMatchObject({ members: [] });
  });

  test("as users, people are on it without being agents", () => {
    const wished = made({ boards: [{ ...boards[0], name: "CAB", for: { id: ["2", "3"] }, as: "user" as const }] }, live);
    expect(inputs(wished, "halo:ChangeAdvisoryBoard", "CAB")).toMatchObject({ as: "user", members: ["person:2", "person:3"] });
  });

  test("a doubted read puts nobody out", () => {
    const previous = [
      { type: "halo:ChangeAdvisoryBoard", name: "CAB", id: "1", inputs: { members: ["person:3", "person:44"] }, outputs: {} },
    ];
    const trust = { verdict: "doubted" as const, doubts: ["half are missing"], memory: undefined };
    const wished = made({ boards }, live, { previous, trust });
    expect(inputs(wished, "halo:ChangeAdvisoryBoard", "CAB")?.["members"]).toEqual(expect.arrayContaining(["person:3", "person:44"]));
  });

  test("two boards of one name, and one that must exist and does not, are left to a human", () => {
    const twins = [...(live["halo:ChangeAdvisoryBoard"] ?? []), { id: "2", values: { name: "CAB", agents: [], users: [] } }];
    const wished = made({ boards: [...boards, { name: "Other", for: {}, create: false }] }, { ...live, "halo:ChangeAdvisoryBoard": twins });
    expect(wished.resources).toEqual([]);
    expect(wished.parked.map((one) => one.reason)).toEqual([
      "Halo has 2 change advisory boards called CAB: rename all but one",
      "Halo has no change advisory board Other, and mappings/halo.yaml:boards.1.name says create: false: create it, or let haloform",
    ]);
  });

  test("C3: a team comes before its agents; programs are no members; without members only the team itself is managed", () => {
    const wished = made({ teams: [{ name: "Quay", department: "IT", for: { id: ["3"] } }, { name: "Bare" }] }, live);
    expect(wished.resources.map((one) => [one.name, waveOf(one)])).toEqual([
      ["Bare", "places"],
      ["Quay", "places"],
    ]);
    expect(inputs(wished, "halo:Team", "Quay")).toEqual({ name: "Quay", department: "IT", mode: "exact", members: ["person:3"] });
    expect(inputs(wished, "halo:Team", "Bare")).toEqual({ name: "Bare", mode: "exact" });
    expect(JSON.stringify(wished.resources)).not.toContain("id:9");
  });
});

describe("H8: matching by the agent that Halo's record names", () => {
  test("comes before the address", () => {
    const people = {
      people: {
        source: "halo.users",
        is: { halo: { id: "{{ linked_agent_id }}", email: "{{ emailaddress | downcase }}" } },
        login: { is: "{{ id }}" },
      },
    };
    const given = mappings({ people, ad: null, entra: null, halo: everybody });
    const live = { "halo:Agent": [agent(7, 50), agent(8, 1)] };
    const wished = wish(world({ mappings: given, records: [record(1, { linked_agent_id: 7 }), record(3, { linked_agent_id: 0 })], live }));
    const adopted = wished.resources.map((one) => [one.name, one.adopt]);
    expect(adopted).toEqual([
      ["person-1", "7"],
      ["person-3", undefined],
    ]);
  });
});
