/**
 * Halo's own Entra import, done here, by the real command line: several organisations, agents by entry, boards by group, reads by what
 * changed, licences linked and decided in Halo, devices with owners. H1, H3, H4, H6, H11, H12, H13, H15.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { blankGroup, blankUser, join as joinGroup, leave, putUser, setDirect } from "../../sandbox/graph/state.ts";
import { real, type World, world } from "./support.ts";

type Row = Record<string, unknown>;
let w: World;
const graph = () => w.sandbox.graph.state;
const halo = () => w.sandbox.halo.state;
const set = (id: string, more: Row): void => putUser(graph(), { ...graph().users.current.get(id), ...more });
const write = (file: string, content: unknown): void => writeFileSync(join(w.mappings, `${file}.yaml`), stringify(content));
const userOf = (oid: string): Row | undefined => [...halo().users.values()].find((one) => one["azureoid"] === oid);
const agentOf = (mail: string): Row | undefined => [...halo().agents.values()].find((one) => one["email"] === mail);
const rolesOf = (agent: Row | undefined): unknown[] =>
  [...halo().roles.values()].filter((one) => ((agent?.["roles"] ?? []) as string[]).includes(String(one["id"]))).map((one) => one["name"]);
const onBoard = (name: string): unknown[] => {
  const board = [...halo().boards.values()].find((one) => one["name"] === name);
  return ((board?.["members"] ?? []) as Row[]).map((one) => one["agent_id"]).sort();
};
let made = 0;
const add = (displayName: string, more: Row = {}): string => {
  made += 1;
  const mail = `import${made}@corp.example.com`;
  const [givenName, surname] = displayName.split(" ");
  const row = blankUser(graph(), { displayName, givenName, surname, mail, userPrincipalName: mail, companyName: "Imported", ...more });
  putUser(graph(), row);
  return String(row["id"]);
};
const group = (name: string, members: string[]): string => {
  const row = blankGroup(graph(), { displayName: name, mailNickname: name });
  graph().groups.put(String(row["id"]), row);
  for (const id of members) joinGroup(graph(), String(row["id"]), id);
  return String(row["id"]);
};
const people = (more: Row = {}): unknown => ({
  people: { source: "entra.users", for: { companyName: "Imported" }, login: { is: "{{ userPrincipalName }}" }, ...more },
});
const users = (): Row => ({
  fields: {
    name: "{{ displayName }}",
    firstname: "{{ givenName }}",
    surname: "{{ surname }}",
    emailaddress: "{{ mail | downcase }}",
    title: "{{ employeeType }}",
    notes: "{{ streetAddress }}, {{ postalCode }} {{ city }}",
    other1: "{{ extensionAttribute7 }}",
    other2: "{{ onPremisesSamAccountName }}",
    other3: "{{ otherMails | first }}",
    other4: "{{ employeeHireDate }}",
  },
  links: true,
  sites: {
    first: [
      { sequence: 1, site: "*agent*", for: { entraGroup: "SG-Leads" }, role: "Desk lead" },
      { sequence: 2, site: "*agent*", for: { entraGroup: "SG-Desk" }, role: "Service Desk" },
      {
        sequence: 10,
        organisation: "Northwind Ferries",
        siteFrom: "{{ officeLocation }}",
        create: true,
        for: { entraGroup: "SG-North" },
        role: "User",
      },
      { sequence: 20, organisation: "Harbour Services", siteFrom: "{{ city }}", create: true, for: { country: "NO" }, external: true },
      { sequence: 30, organisation: "Harbour Services", siteFrom: "{{ state }}" },
      { sequence: 40, site: "Northwind Ferries/Lab" },
    ],
  },
});

const boardsAndRoles = {
  roles: [{ name: "Service Desk" }, { name: "Desk lead" }],
  boards: [{ name: "CAB Desk", for: { entraGroup: "SG-Board" } }],
};
const ids: Record<"lead" | "desk" | "north" | "norse" | "nowhere" | "guest", string> = {} as never;
let board = "";

beforeAll(async () => {
  w = await world({ people: 12 });
  rmSync(join(w.mappings, "ad.yaml"));
  rmSync(join(w.mappings, "entra.yaml"));
  ids.lead = add("Lea Lead", { officeLocation: "Quay", jobTitle: "Head of desk", mobilePhone: "+47 900", employeeId: "7" });
  ids.desk = add("Dag Desk", { officeLocation: "Quay", jobTitle: "Desk", $manager: ids.lead });
  ids.north = add("Nora North", {
    ...{ officeLocation: "Pier 9", employeeType: "Contractor", streetAddress: "1 Quay", postalCode: "0150", city: "Oslo" },
    ...{ onPremisesExtensionAttributes: { extensionAttribute7: "seven" }, onPremisesSamAccountName: "nnorth" },
    ...{ otherMails: ["nora@home.example"], employeeHireDate: "2026-01-05T00:00:00Z", $manager: ids.desk },
  });
  ids.norse = add("Nils Norse", { country: "NO", city: "Bergen" });
  ids.nowhere = add("Ned Nowhere", { country: "NO", $manager: ids.lead });
  ids.guest = add("Gil Guest", { country: "NO", city: "Bergen", userType: "Guest" });
  group("SG-Leads", [ids.lead]);
  group("SG-Desk", [ids.lead, ids.desk]);
  group("SG-North", [ids.north]);
  board = group("SG-Board", [ids.lead, ids.desk, ids.north]);
  halo().clients.set(77, { id: 77, name: "Harbour Services", inactive: false });
  write("people", people({ external: true }));
  write("halo", boardsAndRoles);
  write("halo-users", {
    users: users(),
    agents: { fields: { jobtitle: "{{ jobTitle }}", sms: "{{ mobilePhone }}", extensionnumber: "{{ employeeId }}" } },
  });
});
afterAll(() => w?.stop());

describe("Halo's Entra import", () => {
  it("H3: several organisations in their order, each with its group, criteria and guests; one that cannot name a site is passed over", async () => {
    const { plan } = await w.converge([0, 4]);
    expect(
      plan.shared
        .filter((one) => one.type === "halo:Site" && one.op === "create")
        .map((one) => one.label)
        .sort(),
    ).toEqual(["Harbour Services/Bergen", "Northwind Ferries/Pier 9"]);
    expect(userOf(ids.north)).toMatchObject({ site_name: "Pier 9", client_name: "Northwind Ferries", roles: [{ name: "User" }] });
    expect(userOf(ids.norse)).toMatchObject({ site_name: "Bergen", client_name: "Harbour Services" });
    expect(userOf(ids.guest)).toMatchObject({ site_name: "Bergen", client_name: "Harbour Services" });
    // Neither city nor state: the last entry.
    expect(userOf(ids.nowhere)).toMatchObject({ site_name: "Lab", client_name: "Northwind Ferries" });
    expect(w.sandbox.violations()).toEqual([]);
    await w.nothingIsLeft();
    const whyNot = await w.run(["why-not", ids.nowhere, "sites Harbour Services"]);
    expect(whyNot.out + whyNot.err).toMatch(/gives the name of a site/u);
  });

  it("H1: address, kind of employment, extension attributes, login, other addresses and hire date arrive; agents have fields of their own", async () => {
    expect(userOf(ids.north)).toMatchObject({
      ...{ title: "Contractor", notes: "1 Quay, 0150 Oslo", other1: "seven", other2: "nnorth", other3: "nora@home.example" },
      other4: "2026-01-05T00:00:00Z",
    });
    expect(agentOf("import1@corp.example.com")).toMatchObject({ jobtitle: "Head of desk", sms: "+47 900", extensionnumber: "7" });
    expect(agentOf("import2@corp.example.com")).toMatchObject({ jobtitle: "Desk" });
    const asked = w.sandbox.graph.log
      .filter((one) => one.path.endsWith("/users"))
      .map((one) => new URLSearchParams(one.query).get("$select") ?? "");
    expect(asked.at(-1)).toContain("onPremisesExtensionAttributes");
    for (const select of asked) expect(select).not.toMatch(/employeeLeaveDateTime|faxNumber|proxyAddresses/u);
  });

  it("H4: the first *agent* entry that holds gives its own role; who falls to a later one swaps", async () => {
    expect(rolesOf(agentOf("import1@corp.example.com"))).toEqual(["Desk lead"]);
    expect(rolesOf(agentOf("import2@corp.example.com"))).toEqual(["Service Desk"]);
    const leads = [...graph().groups.current].find(([, row]) => row["displayName"] === "SG-Leads")?.[0] ?? "";
    leave(graph(), leads, ids.lead);
    await w.converge([0, 4]);
    expect(rolesOf(agentOf("import1@corp.example.com"))).toEqual(["Service Desk"]);
    joinGroup(graph(), leads, ids.lead);
    await w.converge([0, 4]);
    expect(rolesOf(agentOf("import1@corp.example.com"))).toEqual(["Desk lead"]);
  });

  it("H6: agents of an Entra group are on the board, and leave it with the group; who is no agent is not", async () => {
    const [lead, second] = [1, 2].map((number) => agentOf(`import${number}@corp.example.com`)?.["id"]);
    expect(onBoard("CAB Desk")).toEqual([lead, second].sort());
    leave(graph(), board, ids.lead);
    const { plan } = await w.converge([0, 4]);
    expect(onBoard("CAB Desk")).toEqual([second]);
    expect(real(plan).map((one) => [one.type, one.who])).toEqual([
      ["halo:Membership", ids.lead],
      ["halo:ChangeAdvisoryBoard", ""],
    ]);
  });

  it("H12: which site mapping matched stands in why, in the plan and in history, for an imported person", async () => {
    set(ids.north, { officeLocation: "Pier 10" });
    const { plan } = await w.converge([0, 4]);
    const change = plan.people.find((one) => one.key === ids.north)?.changes.find((one) => one.type === "halo:User");
    const text = readFileSync(join(w.mappings, "halo-users.yaml"), "utf8").split("\n");
    const line = Number(
      /^mappings\/halo-users\.yaml:(\d+)$/u.exec(change?.fields.find((one) => one.path === "site")?.because?.rule ?? "")?.[1],
    );
    // The entry of Northwind Ferries: its first line.
    expect(text[line - 1]).toMatch(/sequence: 10$/u);
    const why = await w.run(["why", ids.north]);
    expect(why.out).toMatch(new RegExp(`site: Northwind Ferries/Pier 10 .*halo-users\\.yaml:${line}`, "u"));
    const history = await w.run(["history", ids.north]);
    expect(history.out).toMatch(new RegExp(`halo-users\\.yaml:${line}`, "u"));
  });

  it("H11: the import reads whom Graph's changes name, says so in the plan, and begins anew by both resets", async () => {
    write("people", people({ external: true, incremental: { full: "100 runs" } }));
    const first = await w.plan();
    expect(first.plan.notes).toContain("All people of Entra ID were read: there is no earlier read on this machine");
    set(ids.norse, { employeeType: "Apprentice" });
    joinGroup(graph(), board, ids.lead);
    w.sandbox.graph.log.length = 0;
    const made = await w.plan();
    expect(made.plan.notes.join("\n")).toMatch(/People of Entra ID by what changed since the last read: 1 changed or gone of \d+/u);
    expect(w.sandbox.graph.log.some((one) => one.path.endsWith("/users"))).toBe(false);
    expect(real(made.plan).map((one) => [one.type, one.who])).toEqual([
      ["halo:Membership", ids.lead],
      ["halo:User", ids.norse],
      ["halo:ChangeAdvisoryBoard", ""],
    ]);
    // What was read by changes is applied: up reads again by changes, and the plan still stands.
    expect((await w.up(made)).code).toBeLessThanOrEqual(4);
    expect(userOf(ids.norse)).toMatchObject({ title: "Apprentice" });
    await w.nothingIsLeft();
    w.sandbox.graph.faults.deltaExpired = "gone";
    expect((await w.plan()).plan.notes.join("\n")).toMatch(/Entra ID has lost the place in its changes/u);
    w.sandbox.graph.faults.deltaExpired = "";
    w.edit("halo-users", (content) => {
      ((content["users"] as Row)["fields"] as Row)["other5"] = "{{ preferredLanguage }}";
    });
    expect((await w.plan()).plan.notes.join("\n")).toMatch(/what the mappings ask for, have changed/u);
    const said = await w.run(["doctor"]);
    expect(said.out).toMatch(/people\.incremental: \d+ people are remembered/u);
    w.edit("halo-users", (content) => {
      delete ((content["users"] as Row)["fields"] as Row)["other5"];
    });
    write("people", people({ external: true }));
  });

  it("H1: when somebody leaves needs a permission of its own, which doctor names only where a mapping asks for it", async () => {
    const without = await w.run(["doctor", "--permissions"]);
    expect(without.out).toMatch(/User\.Read\.All/u);
    expect(without.out).not.toMatch(/User-LifeCycleInfo|LicenseAssignment/u);
    write("people", people({ external: true, ends: "employeeLeaveDateTime" }));
    const asked = await w.run(["doctor", "--permissions"]);
    expect(asked.out).toMatch(/User-LifeCycleInfo\.Read\.All +read when people leave/u);
    set(ids.norse, { employeeLeaveDateTime: "2026-01-31T00:00:00Z" });
    const { plan } = await w.plan();
    expect(plan.people.find((one) => one.key === ids.norse)?.changes.map((one) => [one.type, one.op])).toEqual([["halo:User", "disable"]]);
    set(ids.norse, { employeeLeaveDateTime: null });
    write("people", people({ external: true }));
  });

  it("H1: init halo-users writes each property of Graph into Halo's field of the same meaning, which loads and previews cleanly", async () => {
    const kept = readFileSync(join(w.mappings, "halo-users.yaml"), "utf8");
    const refused = await w.run(["init", "halo-users", "--site", "Northwind Ferries/Main"]);
    expect([refused.code, refused.err]).toEqual([64, expect.stringMatching(/halo-users\.yaml is there already/u)]);
    rmSync(join(w.mappings, "halo-users.yaml"));
    rmSync(join(w.mappings, "halo.yaml"));
    expect((await w.run(["init", "halo-users"])).err).toMatch(/expected --site "Client\/Site"/u);
    const shown = await w.run(["init", "halo-users", "--site", "Northwind Ferries/Main", "--print"]);
    const done = await w.run(["init", "halo-users", "--site", "Northwind Ferries/Main"]);
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/Written: .*halo-users\.yaml/u)]);
    expect(readFileSync(join(w.mappings, "halo-users.yaml"), "utf8")).toBe(shown.out);
    set(ids.desk, { businessPhones: ["+47 55"], mobilePhone: "+47 99" });
    const { plan } = await w.plan();
    expect(plan.parked).toEqual([]);
    const fields = plan.people.find((one) => one.key === ids.desk)?.changes.find((one) => one.type === "halo:User")?.fields ?? [];
    expect(Object.fromEntries(fields.map((one) => [one.path, one.after]))).toMatchObject({
      ...{ "fields.phonenumber": "+47 55", "fields.mobilenumber": "+47 99", "fields.login": "import2@corp.example.com" },
      ...{ "fields.title": "Desk", site: "Northwind Ferries/Main" },
    });
    writeFileSync(join(w.mappings, "halo-users.yaml"), kept);
    write("halo", boardsAndRoles);
    await w.converge([0, 4]);
  });

  describe("H13: licences", () => {
    const e3 = (): string => graph().skus.find((one) => one.partNumber === "SPE_E3")?.id ?? "";
    const give = (id: string, yes = true): void => setDirect(graph(), id, yes ? [{ skuId: e3(), disabledPlans: [] }] : []);
    const has = (id: string): boolean => (graph().direct.get(id) ?? []).some((one) => one.skuId === e3());
    const licence = (): Row | undefined =>
      [...halo().licences.values()].find((one) => one["product_sku"] === "SPE_E3" && one["client_id"] === 77);
    const linked = (): unknown[] =>
      [...halo().links.values()]
        .filter((one) => one["licence_id"] === licence()?.["id"])
        .map((one) => one["user_id"])
        .sort();
    const numbers = (...who: string[]): unknown[] => who.map((id) => userOf(id)?.["id"]).sort();
    const unlink = (id: string): void => {
      for (const [key, link] of halo().links)
        if (link["licence_id"] === licence()?.["id"] && link["user_id"] === userOf(id)?.["id"]) halo().links.delete(key);
    };
    const link = (id: string): void => {
      const key = Math.max(0, ...[...halo().links.keys()].map(Number)) + 1;
      halo().links.set(key as never, { id: key, licence_id: licence()?.["id"], user_id: userOf(id)?.["id"], count: 1 });
    };
    const inHalo = (more: Row): void =>
      w.edit("halo", (content) => {
        content["licences"] = { client: 77, ...more };
      });

    it("SKUs that entra.yaml does not manage are written down and linked with the people of Entra ID who have them; nobody gets or loses one", async () => {
      write("entra", {});
      give(ids.lead);
      give(ids.desk);
      inHalo({ skus: ["SPE_E3"] });
      const before = graph().direct;
      const { plan } = await w.converge([0, 4]);
      expect(licence()).toMatchObject({ client_id: 77 });
      expect(linked()).toEqual(numbers(ids.lead, ids.desk));
      expect(graph().direct).toBe(before);
      expect(plan.summary.losses.licences).toBe(0);
      give(ids.desk, false);
      give(ids.north);
      await w.converge([0, 4]);
      expect(linked()).toEqual(numbers(ids.lead, ids.north));
      expect([has(ids.lead), has(ids.desk), has(ids.north)]).toEqual([true, false, true]);
      await w.nothingIsLeft();
      inHalo({ skus: "all" });
      await w.converge([0, 4]);
      expect([...halo().licences.values()].filter((one) => one["client_id"] === 77).length).toBe(graph().skus.length);
      inHalo({ skus: ["SPE_E33"] });
      const misspelt = await w.plan();
      expect(misspelt.plan.parked.map((one) => one.reason)).toContainEqual(
        expect.stringMatching(/the tenant owns no licence SPE_E33.*SPE_E3/u),
      );
      give(ids.lead, false);
      give(ids.north, false);
    });

    it("Halo decides: the change of the mode takes nobody's licence; linked gives, unlinked takes, and only whom Halo had linked", async () => {
      for (const id of [ids.lead, ids.desk, ids.north]) give(id);
      write("entra", { usageLocation: "NO", licences: { every: [{ sku: "SPE_E3", for: {} }] } });
      // The mode before: everybody by entra.yaml.
      inHalo({ link: false });
      await w.converge([0, 4]);
      const everybody = [ids.lead, ids.desk, ids.north, ids.norse, ids.nowhere];
      expect(everybody.map(has)).toEqual([true, true, true, true, true]);
      for (const key of [...halo().links.keys()]) halo().links.delete(key);
      inHalo({ decides: "halo" });
      const switched = await w.plan();
      expect(switched.plan.summary.losses.licences).toBe(0);
      expect(switched.plan.notes.join("\n")).toMatch(
        /Halo decides who has SPE_E3 .*people have it and are linked in Halo first; who is unlinked there after that loses it/u,
      );
      expect((await w.up(switched)).code).toBeLessThanOrEqual(4);
      expect(everybody.map(has)).toEqual([true, true, true, true, true]);
      expect(linked()).toEqual(expect.arrayContaining(numbers(...everybody)));
      await w.nothingIsLeft();
      unlink(ids.desk);
      const taken = await w.plan();
      const change = taken.plan.people.find((one) => one.key === ids.desk)?.changes.find((one) => one.type === "entra:Licence");
      expect(JSON.stringify(change)).toMatch(/is no longer linked in Halo/u);
      expect(taken.plan.summary.losses.licences).toBe(1);
      await w.up(taken);
      expect(everybody.map(has)).toEqual([true, false, true, true, true]);
      await w.nothingIsLeft();
      link(ids.desk);
      await w.converge([0, 4]);
      expect(everybody.map(has)).toEqual([true, true, true, true, true]);
      await w.nothingIsLeft();
      // A read of links that has become short takes nothing.
      for (const id of everybody) unlink(id);
      const short = await w.plan();
      expect(short.plan.summary.losses.licences).toBe(0);
      expect(short.plan.notes.join("\n")).toMatch(
        /5 of \d+ people are no longer linked to SPE_E3 in Halo, more than the 10 % of trust\.lost/u,
      );
      await w.up(short);
      expect(everybody.map(has)).toEqual([true, true, true, true, true]);
      w.edit("halo", (content) => {
        delete content["licences"];
      });
      rmSync(join(w.mappings, "entra.yaml"));
    });
  });
});
