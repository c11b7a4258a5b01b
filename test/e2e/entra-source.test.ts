/** Entra ID as the source of people and HaloITSM as the target, by the real command line: H1 to H4, H8 and H9, C1. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { CheckReport, SourceTest, Why } from "../../cli/answers/answers.ts";
import { blankGroup, blankUser, join as joinGroup, putUser } from "../../sandbox/graph/state.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { real, type World, world } from "./support.ts";

type Row = Record<string, unknown>;
let w: World;
/** Who is who, by the part they play. */
let ids: Record<"moved" | "twice" | "agent" | "boss" | "fresh" | "guest" | "stranger", string>;
let first: { plan: Plan; folder: string };

const graphUser = (id: string): Row => w.sandbox.graph.state.users.current.get(id) ?? {};
const setGraph = (id: string, more: Row): void => putUser(w.sandbox.graph.state, { ...graphUser(id), ...more });
const haloUsers = (): Row[] => [...w.sandbox.halo.state.users.values()];
const userOf = (oid: string): Row[] => haloUsers().filter((one) => one["azureoid"] === oid);
const customOf = (row: Row | undefined, name: string): unknown =>
  ((row?.["customfields"] ?? []) as Row[]).find((one) => one["name"] === name)?.["display"];

const mapping = () => ({
  users: {
    fields: {
      name: "{{ displayName }}",
      firstname: "{{ givenName }}",
      surname: "{{ surname }}",
      emailaddress: "{{ emailaddress | downcase }}",
      title: "{{ jobTitle }}",
      "custom.CFDepartment": "{{ department }}",
    } as Record<string, unknown>,
    match: ["azureoid", "emailaddress"],
    manager: { person: "{{ manager }}", field: "other1", value: "{{ displayName }} ({{ haloId }})" },
    sites: {
      first: [
        { sequence: 5, site: "*agent*", for: { entraGroup: "SG-ServiceDesk" }, role: "Desk lead" },
        { sequence: 30, site: "Northwind Ferries/Harbour", for: { companyName: "Night Ferries" }, external: true, role: "Approver" },
        // Later in sequence, earlier in the file: sequence decides.
        { sequence: 20, site: "Northwind Ferries/Lab", for: { entraGroup: "SG-Lab" }, role: "User" },
      ],
    },
    organisation: { client: "Northwind Ferries", siteFrom: "{{ officeLocation }}", create: true },
    links: true,
  },
  agents: {
    fields: { name: "{{ displayName }} (desk)", email: "{{ emailaddress | downcase }}" },
    roles: ["Service Desk"],
    teams: ["First line"],
    team: "First line",
  },
});
const write = (file: string, content: unknown): void => writeFileSync(join(w.mappings, `${file}.yaml`), stringify(content));
const group = (name: string, members: string[]): void => {
  const { state } = w.sandbox.graph;
  const row = blankGroup(state, { displayName: name, mailNickname: name });
  state.groups.put(String(row["id"]), row);
  for (const id of members) joinGroup(state, String(row["id"]), id);
};
const add = (more: Row): string => {
  const row = blankUser(w.sandbox.graph.state, more);
  putUser(w.sandbox.graph.state, row);
  return String(row["id"]);
};

beforeAll(async () => {
  w = await world({ people: 25 });
  for (const file of ["ad", "entra"]) rmSync(join(w.mappings, `${file}.yaml`));
  write("people", {
    people: {
      source: "entra.users",
      external: true,
      for: { mail: { empty: false } },
      login: { is: "{{ userPrincipalName }}" },
    },
  });
  write("halo", { roles: [{ name: "Service Desk" }, { name: "Desk lead" }], agents: { every: [] } });
  write("halo-users", mapping());

  const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
  const idByMail = (mail: string): string =>
    String([...w.sandbox.graph.state.users.current.values()].find((one) => one["mail"] === mail)?.["id"]);
  const [boss, moved, twice, agent] = steady.map((one) => idByMail(one.email)) as [string, string, string, string];
  for (const [id, row] of [...w.sandbox.graph.state.users.current]) if (row["mail"]) setGraph(id, { officeLocation: "Main" });
  // Known by the Entra id, under another address since.
  const old = haloUsers().find((one) => one["emailaddress"] === graphUser(moved)["mail"]);
  if (old) old["azureoid"] = moved;
  setGraph(moved, { mail: "married.name@corp.example.com", surname: "Married", $manager: boss });
  // Two users of Halo with the address of one person.
  const one = haloUsers().find((row) => row["emailaddress"] === graphUser(twice)["mail"]);
  w.sandbox.halo.state.users.set(7001, { ...one, id: 7001 });
  const fresh = add({
    ...{
      displayName: "Nía Fresh",
      givenName: "Nía",
      surname: "Fresh",
      mail: "nia.fresh@corp.example.com",
      userPrincipalName: "nia@corp.example.com",
    },
    ...{ department: "Sales", jobTitle: "Sales Executive", officeLocation: "Pier 9", $manager: boss },
  });
  const guest = add({
    ...{ displayName: "Gil Guest", givenName: "Gil", surname: "Guest", mail: "gil@partner.example.org", userType: "Guest" },
    ...{ userPrincipalName: "gil_partner.example.org#EXT#@corp.example.com", companyName: "Night Ferries" },
  });
  const stranger = add({
    ...{ displayName: "Sam Stranger", mail: "sam@partner.example.org", userType: "Guest", officeLocation: "Main" },
    userPrincipalName: "sam_partner.example.org#EXT#@corp.example.com",
  });
  group("SG-ServiceDesk", [agent]);
  group("SG-Lab", [agent, moved]);
  ids = { moved, twice, agent, boss, fresh, guest, stranger };
});
afterAll(() => w?.stop());

const of = (plan: Plan, key: string, type: string) => plan.people.find((one) => one.key === key)?.changes.find((one) => one.type === type);

describe("people of Entra ID in Halo", () => {
  it("H12: which entry of sites is whose, for all by check and for one by why; rows-B6: and which line gave a role", async () => {
    const parsed = async <T>(args: readonly string[]): Promise<T> => JSON.parse((await w.run([...args, "--json"])).out) as T;
    const { lines, warnings, systems } = await parsed<CheckReport>(["check"]);
    expect(systems).toBe(true);
    const held = Object.fromEntries(lines.map(({ of: name, holds, decides }) => [name, [holds, decides]]));
    expect(held).toMatchObject({
      "sites *agent*": [1, undefined],
      "sites Northwind Ferries/Lab": [2, undefined],
      "sites Northwind Ferries/Harbour": [1, undefined],
    });
    expect(lines[0]).toMatchObject({ of: "people", rule: expect.stringMatching(/^mappings\/people\.yaml:\d+$/u) });
    expect(warnings.filter(({ kind }) => kind !== "field")).toEqual([]);
    const { values } = await parsed<Why>(["why", ids.agent]);
    const rule = (type: string, path: string) => values.find((one) => one.type === type && one.path === path)?.because?.rule;
    // why names the entry, check its condition below.
    const at = (place: string | undefined): number => Number(/^mappings\/halo-users\.yaml:(\d+)$/u.exec(place ?? "")?.[1]);
    const entry = (name: string): number => at(lines.find((line) => line.of === `sites ${name}`)?.rule);
    expect(at(rule("halo:User", "site"))).toBeLessThanOrEqual(entry("Northwind Ferries/Lab"));
    expect(at(rule("halo:User", "site"))).toBeGreaterThan(entry("Northwind Ferries/Harbour"));
    expect(at(rule("halo:Agent", "roles.Service Desk"))).toBeLessThanOrEqual(entry("*agent*"));
    const { elements } = await parsed<SourceTest>(["source", "test"]);
    expect(elements.map(({ name }) => name)).toEqual(expect.arrayContaining(["manager", "jobTitle", "groups"]));
    const misspelt = mapping();
    misspelt.users.fields["title"] = "{{ jobTitel }}";
    write("halo-users", misspelt);
    const wrong = await w.run(["check"]);
    expect(wrong.code).toBe(64);
    expect(wrong.err).toContain('expected a field of a user of Entra ID, found "jobTitel"; did you mean "jobTitle"?');
    write("halo-users", mapping());
  });

  it("H9: the preview says everything and writes nothing", async () => {
    const before = w.sandbox.writes();
    first = await w.plan();
    expect(w.sandbox.writes()).toBe(before);
    expect(first.plan.source).toMatchObject({ trust: "trusted" });
    // H8: matched by the Entra id although the address has changed.
    const moved = of(first.plan, ids.moved, "halo:User");
    expect(moved?.op).not.toBe("create");
    expect(moved?.fields.find((one) => one.path === "fields.emailaddress")?.after).toBe("married.name@corp.example.com");
    expect(moved?.fields.find((one) => one.path === "site")).toMatchObject({ after: "Northwind Ferries/Lab" });
    // H8: nobody is duplicated; who cannot be told is parked.
    expect(first.plan.parked.find((one) => one.key === ids.twice)?.reason).toMatch(/^2 Halo user accounts have emailaddress /u);
    expect(of(first.plan, ids.twice, "halo:User")).toBeUndefined();
    // H2: guests only where an entry says so.
    expect(of(first.plan, ids.guest, "halo:User")?.op).toBe("create");
    expect(of(first.plan, ids.stranger, "halo:User")).toBeUndefined();
    expect(first.plan.notes.join("\n")).toMatch(/1 person has no site by mappings\/halo-users\.yaml/u);
    // H3: the site comes with the plan.
    expect(first.plan.shared.filter((one) => one.type === "halo:Site" && one.op === "create").map((one) => one.label)).toEqual([
      "Northwind Ferries/Pier 9",
    ]);
    // H4: an agent as well as a user.
    expect(of(first.plan, ids.agent, "halo:Agent")).toBeDefined();
    expect(of(first.plan, ids.fresh, "halo:Agent")).toBeUndefined();
  });

  it("H1, H2, H3, H4, rows-B3: what was previewed is there after up, each person once, and nothing is left to do", async () => {
    const users = haloUsers().length;
    const done = await w.up(first);
    // 4: applied, and somebody is parked.
    expect(done.code, done.err + done.out).toBe(4);
    for (const key of ["moved", "agent", "boss", "fresh", "guest"] as const) expect(userOf(ids[key]), key).toHaveLength(1);
    const [fresh] = userOf(ids.fresh);
    expect(fresh).toMatchObject({
      name: "Nía Fresh",
      firstname: "Nía",
      emailaddress: "nia.fresh@corp.example.com",
      title: "Sales Executive",
    });
    expect(fresh).toMatchObject({ site_name: "Pier 9", client_name: "Northwind Ferries", inactive: false });
    expect(customOf(fresh, "CFDepartment")).toBe("Sales");
    const boss = userOf(ids.boss)[0];
    expect(fresh?.["other1"]).toBe(`${String(boss?.["name"])} (${String(boss?.["id"])})`);
    expect(userOf(ids.guest)[0]).toMatchObject({ site_name: "Harbour", roles: [{ name: "Approver" }] });
    expect(userOf(ids.agent)[0]).toMatchObject({ site_name: "Lab", roles: [{ name: "User" }] });
    // H1: the fields of agents are apart from those of users.
    const mail = String(graphUser(ids.agent)["mail"]).toLowerCase();
    const agents = [...w.sandbox.halo.state.agents.values()].filter((one) => one["email"] === mail);
    expect(agents).toHaveLength(1);
    expect(agents[0]).toMatchObject({
      name: `${String(graphUser(ids.agent)["displayName"])} (desk)`,
      isdisabled: false,
      team: "First line",
    });
    // rows-B3: the entry's own role, beside those of all agents.
    const roles = [...w.sandbox.halo.state.roles.values()].filter((one) =>
      ((agents[0]?.["roles"] ?? []) as string[]).includes(String(one["id"])),
    );
    expect(roles.map((one) => one["name"]).sort()).toEqual(["Desk lead", "Service Desk"]);
    expect(userOf(ids.agent)[0]?.["name"]).toBe(graphUser(ids.agent)["displayName"]);
    const created = first.plan.people.flatMap((one) => one.changes).filter((one) => one.type === "halo:User" && one.op === "create").length;
    expect(haloUsers().length - users).toBe(created);
    expect(w.sandbox.violations()).toEqual([]);
    const again = await w.plan();
    expect(real(again.plan)).toEqual([]);
  });

  it("C1: who is disabled in Entra ID becomes inactive in Halo, and nothing else of them changes", async () => {
    setGraph(ids.fresh, { accountEnabled: false });
    const made = await w.plan();
    expect(real(made.plan)).toEqual([{ who: ids.fresh, type: "halo:User", op: "disable", fields: ["enabled"] }]);
    expect((await w.up(made)).code).toBe(4);
    expect(userOf(ids.fresh)[0]).toMatchObject({ inactive: true, emailaddress: "nia.fresh@corp.example.com", site_name: "Pier 9" });
  });

  it("H1, H2: an unknown custom field or group is one clear line, and nothing is written", async () => {
    const wrong = mapping();
    wrong.users.fields["custom.CFDepartmnt"] = "{{ department }}";
    delete wrong.users.fields["custom.CFDepartment"];
    write("halo-users", wrong);
    const field = await w.run(["preview"]);
    expect(field.code).toBe(1);
    expect(field.err).toContain('no such custom field for users (did you mean "custom.CFDepartment"?)');
    const lab = mapping();
    lab.users.sites.first[2] = { ...(lab.users.sites.first[2] as object), for: { entraGroup: "sg-lab" } } as never;
    write("halo-users", lab);
    const exact = await w.run(["preview"]);
    expect(exact.code).toBe(1);
    expect(exact.err).toContain('the mapping names the group sg-lab, which Entra ID does not have (did you mean "SG-Lab"?)');
  });
});
