/** Roles, teams and boards of Halo by groups of Entra ID that no mapping file makes, for people who come from Halo itself. Row H6. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blankGroup, join as joinGroup, leave } from "../../sandbox/graph/state.ts";
import { real, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];
type Row = { [key: string]: unknown };
let w: World;
let crew: Person[];

const halo = () => w.sandbox.halo.state;
const graph = () => w.sandbox.graph.state;
const agentOf = (person: Person): Row | undefined => [...halo().agents.values()].find((one) => one["email"] === person.email);
const entraOf = (person: Person): string => {
  const found = [...graph().users.current.values()].find((one) => one["mail"] === person.email);
  return String(found?.["id"]);
};
const rolesOf = (person: Person): unknown[] =>
  ((agentOf(person)?.["roles"] ?? []) as string[]).map((id) => halo().roles.get(id)?.["name"]).sort();
const teamsOf = (person: Person): unknown[] => ((agentOf(person)?.["teams"] ?? []) as Row[]).map((row) => row["team_name"]).sort();
const onBoard = (person: Person): boolean => {
  const board = [...halo().boards.values()].find((one) => one["name"] === "Normal changes");
  return ((board?.["members"] ?? []) as Row[]).some((row) => row["agent_id"] === agentOf(person)?.["id"]);
};
const group = (displayName: string, members: readonly Person[]): string => {
  const row = blankGroup(graph(), { displayName, mailNickname: displayName });
  const id = String(row["id"]);
  graph().groups.put(id, row);
  for (const one of members) joinGroup(graph(), id, entraOf(one));
  return id;
};
const one = (index: number): Person => {
  const found = crew[index];
  if (!found) throw new Error("nobody fits");
  return found;
};
let cab = "";

beforeAll(async () => {
  w = await world({ people: 60 });
  // With an account in Entra ID already, as the groups' members are told by it.
  crew = w.sandbox.organisation.people.filter((each) => each.situation === "steady" && entraOf(each) !== "undefined").slice(0, 4);
  group("SG-Desk", [one(0), one(1), one(2)]);
  group("SG-Night", [one(1)]);
  group("SG-Approvers", [one(0), one(3)]);
  cab = group("SG-CAB", [one(0), one(3)]);
  writeFileSync(join(w.mappings, "entra.yaml"), "{}\n");
  w.edit("halo", (content) => {
    content["roles"] = [{ name: "Service Desk" }, { name: "Approver" }];
    content["agents"] = { every: [{ for: { entraGroup: "SG-Desk" }, roles: ["Service Desk"] }] };
    content["grants"] = { every: [{ for: { entraGroup: "SG-Approvers" }, roles: ["Approver"] }] };
    content["teams"] = [{ name: "Night watch", for: { entraGroup: "SG-Night" } }];
    content["boards"] = [{ name: "Normal changes", for: { entraGroup: "SG-CAB" } }];
  });
});
afterAll(() => w?.stop());

it("H6: from Halo's users, with an entra.yaml that says nothing: agents, roles, teams and boards come by the groups as Entra ID has them", async () => {
  await w.converge();
  expect(rolesOf(one(0))).toEqual(["Approver", "Service Desk"]);
  expect(rolesOf(one(1))).toEqual(["Service Desk"]);
  expect(teamsOf(one(1))).toContain("Night watch");
  expect(teamsOf(one(0))).not.toContain("Night watch");
  expect([0, 1, 2].map((index) => onBoard(one(index)))).toEqual([true, false, false]);
  // In two of the groups, and no agent by any line: neither is made an agent by them.
  expect(agentOf(one(3))).toBeUndefined();
  expect(w.sandbox.violations()).toEqual([]);
  await w.nothingIsLeft();
});

it("H6: whoever leaves a group loses what it gave; nobody loses by a group that is not there", async () => {
  leave(graph(), cab, entraOf(one(0)));
  joinGroup(graph(), cab, entraOf(one(2)));
  const { plan } = await w.converge();
  expect([0, 1, 2].map((index) => onBoard(one(index)))).toEqual([false, false, true]);
  expect(real(plan).map((each) => each.type)).toEqual(["halo:Membership", "halo:Membership", "halo:ChangeAdvisoryBoard"]);
  graph().groups.put(cab, undefined);
  const lost = (await w.plan()).plan;
  expect(real(lost)).toEqual([]);
  expect(lost.parked.map((each) => each.reason).join("\n")).toMatch(
    /the Entra group SG-CAB does not exist .*nobody gets or loses anything by it/u,
  );
  expect(onBoard(one(2))).toBe(true);
});
