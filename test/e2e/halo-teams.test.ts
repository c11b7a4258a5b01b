/** Halo's agents, roles, teams and boards by the real command line, on the sandbox. Rows H5, H6, H7, C1, C2, C3, C5, S2. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DoctorReport } from "../../cli/answers/answers.ts";
import type { Drift } from "../../cli/answers/drift.ts";
import type { HaloInit } from "../../cli/commands/setup/init.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];
type Row = { [key: string]: unknown };

describe("Halo's own access", () => {
  let w: World;
  let first: World["plan"] extends (...given: never[]) => Promise<infer P> ? P : never;
  let analysts: Person[];
  let engineers: Person[];

  const agent = (person: Person): Row | undefined => [...w.sandbox.halo.state.agents.values()].find((one) => one["email"] === person.email);
  const rolesOf = (person: Person): string[] =>
    ((agent(person)?.["roles"] as string[] | undefined) ?? []).map((id) => String(w.sandbox.halo.state.roles.get(id)?.["name"])).sort();
  const teamsOf = (person: Person): string[] =>
    ((agent(person)?.["teams"] as Row[] | undefined) ?? []).map((row) => String(row["team_name"])).sort();
  const members = (): Row[] => {
    const board = [...w.sandbox.halo.state.boards.values()].find((one) => one["name"] === "CAB");
    if (!board) throw new Error("there is no board");
    return board["members"] as Row[];
  };
  const onBoard = (): number[] => members().map((row) => Number(row["agent_id"]));
  const idOf = (person: Person): number => Number(agent(person)?.["id"]);
  const only = (people: readonly Person[], index: number): Person => {
    const found = people[index];
    if (!found) throw new Error("nobody fits");
    return found;
  };

  beforeAll(async () => {
    w = await world({ people: 120 });
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    analysts = steady.filter((one) => one.post.title === "Service Desk Analyst");
    engineers = steady.filter((one) => one.post.title === "Field Engineer");
    w.edit("people", (people) => {
      const inner = people["people"] as Row;
      inner["is"] = { halo: { id: "{{ linked_agent_id }}", email: "{{ emailaddress | downcase }}" } };
    });
    w.edit("entra", (entra) => (entra["groups"] as object[]).push({ name: "SG-Approvers", for: { person: [only(analysts, 0).id] } }));
    w.edit("halo", (halo) => {
      halo["roles"] = [{ name: "Service Desk" }, { name: "Field Engineer" }, { name: "Approver", permissions: { CanApprove: "1" } }];
      halo["agents"] = {
        every: [
          { for: { group: "GG-ServiceDesk" }, teams: ["First line"], team: "First line", licenceType: 1 },
          { for: { title: "Field Engineer" }, roles: ["Field Engineer"], team: "Onsite" },
        ],
      };
      halo["grants"] = {
        every: [
          { for: { title: ["Service Desk Analyst", "Team Lead"] }, roles: ["Service Desk"] },
          { for: { entraGroup: "SG-Approvers" }, roles: ["Approver"] },
        ],
      };
      halo["licensedRoles"] = "all";
      halo["teams"] = [
        { name: "Quay", department: "IT", for: { title: "Field Engineer" } },
        { name: "Onsite", for: { title: "Field Engineer" } },
      ];
      halo["boards"] = [{ name: "CAB", for: { title: "Service Desk Analyst" }, approvalsNeeded: 2 }];
    });
    first = await w.plan();
    const done = await w.up(first);
    expect(done.code, `${done.err}\n${done.out}`).toBe(0);
    await w.sandbox.connect.settled();
  });
  afterAll(() => w.stop());

  it("C1 C2 C3 H5 H6: agents, roles by Entra group, teams and a board are made in one run; a second run changes nothing", async () => {
    expect(analysts.length).toBeGreaterThan(1);
    expect(rolesOf(only(analysts, 0))).toEqual(["Approver", "Service Desk"]);
    expect(rolesOf(only(analysts, 1))).toEqual(["Service Desk"]);
    for (const engineer of engineers) expect(teamsOf(engineer)).toEqual(["Onsite", "Quay"]);
    expect([...w.sandbox.halo.state.teams.values()].find((one) => one["name"] === "Quay")).toMatchObject({ department_name: "IT" });
    for (const analyst of analysts) expect(onBoard()).toContain(idOf(analyst));
    expect(first.ended.out).toContain("change advisory board");
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("H5 H6 H7: who leaves the group loses its role, who has no role left is disabled and off the board", async () => {
    const [former, idle] = [only(analysts, 0), only(analysts, 1)];
    w.edit("entra", (entra) => {
      const group = (entra["groups"] as Row[]).find((one) => one["name"] === "SG-Approvers");
      if (group) group["for"] = { person: [only(engineers, 0).id] };
    });
    w.sandbox.hand({ halo: { table: "users", id: idle.id, set: { title: "Trainee" } } });
    const { plan } = await w.converge();
    expect(rolesOf(former)).toEqual(["Service Desk"]);
    expect(rolesOf(only(engineers, 0))).toEqual(["Approver", "Field Engineer"]);
    expect(agent(idle)).toMatchObject({ isdisabled: true, roles: [] });
    expect(onBoard()).not.toContain(idOf(idle));
    const said = plan.people.find((one) => one.key === String(idle.id))?.changes;
    expect(said?.find((one) => one.type === "halo:Agent")).toMatchObject({ op: "disable" });
    expect(said?.find((one) => one.type === "halo:Membership")).toMatchObject({ label: "CAB", fields: [{ before: "CAB", after: null }] });
    expect(plan.summary.losses).toMatchObject({ disabled: 1 });
    // and back, with the first role
    w.sandbox.hand({ halo: { table: "users", id: idle.id, set: { title: "Service Desk Analyst" } } });
    await w.converge();
    expect(agent(idle)).toMatchObject({ isdisabled: false });
    expect(onBoard()).toContain(idOf(idle));
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("H6 C3: what was changed by hand shows as drift and is put back; programs are left alone", async () => {
    const engineer = only(engineers, 0);
    const row = agent(engineer);
    if (row) row["teams"] = (row["teams"] as Row[]).filter((one) => one["team_name"] !== "Quay");
    members().push({ id: 9001, cab_id: 1, agent_id: idOf(engineer), user_id: 0, type: 0, is_mandatory: true });
    const found = JSON.parse((await w.run(["drift", "--json"])).out) as Drift;
    expect(found.found.map((one) => one.type).sort()).toEqual(["halo:ChangeAdvisoryBoard", "halo:Team"]);
    await w.converge();
    expect(teamsOf(engineer)).toEqual(["Onsite", "Quay"]);
    expect(onBoard()).not.toContain(idOf(engineer));
    expect(w.sandbox.halo.state.agents.get(2)).toMatchObject({
      isdisabled: false,
      teams: [expect.objectContaining({ team_name: "First line" })],
    });
  });

  it("S2 C5: the least rights are printed, and the doctor tells what is lacking", async () => {
    const init = JSON.parse((await w.run(["init", "halo", "--print", "--json"])).out) as HaloInit;
    expect(init.applications.map((one) => [one.name, one.scope, one.loginType, one.agent.administrator])).toEqual([
      ["haloform preview", "read:customers", "Agent", false],
      ["haloform", "admin read:customers", "Agent", true],
    ]);
    const report = JSON.parse((await w.run(["doctor", "--json"])).out) as DoctorReport;
    const healthy = report.checks.filter((one) => one.system === "Halo");
    expect(healthy.filter((one) => one.state !== "ok")).toEqual([]);
    expect(healthy.map((one) => one.said).join("\n")).toMatch(/halo\.scope \(all\) is enough; `admin read:customers` would do/u);
    expect(w.sandbox.violations()).toEqual([]);
  });
});
