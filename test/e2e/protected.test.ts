/** "Protected people and groups are not touched" by the real command line, on the sandbox: each example of security-4, and O9. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownersOf } from "../../sandbox/graph/owners.ts";
import { giveRole, makeEligible } from "../../sandbox/graph/roles.ts";
import { blankGroup, blankUser, join as put, putUser } from "../../sandbox/graph/state.ts";
import { real, type World, world } from "./support.ts";

const base = "DC=corp,DC=example,DC=com";
const ou = `OU=Groups,${base}`;
type Person = World["sandbox"]["organisation"]["people"][number];

describe("security-4: protected people and groups", () => {
  let w: World;
  let people: Person[];
  let files: [path: string, content: string][];

  const graph = () => w.sandbox.graph.state;
  const entries = () => w.sandbox.ad.entries;
  const account = (person: Person) => {
    const found = entries().list((entry) => entry.text("employeeNumber") === String(person.id))[0];
    if (!found) throw new Error(`${person.id} has no account`);
    return found;
  };
  const userId = (person: Person): string => graph().byName.get((account(person).text("userPrincipalName") ?? "").toLowerCase()) ?? "";
  const dnOf = (name: string): string => entries().account(name)?.dn ?? "";
  const addTo = (name: string, ...members: string[]): void => w.sandbox.hand({ ad: { dn: dnOf(name), add: { member: members } } });
  const leave = (person: Person): void => w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });
  const protect = (more: object): void => w.edit("safety", (content) => void (content["protected"] = { groups: [], ...more }));
  /** One group more in AD, or in Entra ID. */
  const line = (file: "ad" | "entra", group: object): void => w.edit(file, (content) => void (content["groups"] as object[]).push(group));
  const next = (): Person => {
    const person = people.shift();
    if (!person) throw new Error("nobody is left");
    return person;
  };
  /** Refused: exit 3, this sentence, and nothing is written. */
  const refuses = async (sentence: RegExp): Promise<void> => {
    const writes = w.sandbox.writes();
    const done = await w.run(["preview"]);
    expect(done.code, done.err).toBe(3);
    expect(done.err).toMatch(sentence);
    expect(w.sandbox.writes()).toBe(writes);
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    people = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    line("ad", { name: "GG-Extra", ou, for: { title: "Nobody" }, mode: "additive" });
    line("entra", { name: "SG-Extra", for: { title: "Nobody" }, mode: "additive" });
    files = ["ad", "entra", "safety"].map((name) => [
      join(w.mappings, `${name}.yaml`),
      readFileSync(join(w.mappings, `${name}.yaml`), "utf8"),
    ]);
    await w.converge();
    for (const name of ["Server Admins", "GG-Server-Ops"])
      entries().add(`CN=${name},${ou}`, { objectClass: "group", sAMAccountName: name, groupType: "-2147483646" });
  });
  beforeEach(() => {
    for (const [file, content] of files) writeFileSync(file, content);
    protect({});
  });
  afterAll(() => w?.stop());

  it("a mapping group whose former name is protected is refused", async () => {
    protect({ groups: ["Server Admins"] });
    line("ad", { name: "GG-Harmless", formerly: "Server Admins", ou, for: {} });
    const done = await w.run(["preview"]);
    expect(done.code, done.err).toBe(64);
    expect(done.err).toMatch(
      /groups\[\d+\]\.formerly: expected a group that is not protected, found "Server Admins", which mappings\/safety\.yaml:\d+ protects/u,
    );
  });

  it("so is one that the state knows, and that somebody has given a protected name since, in AD and in Entra ID", async () => {
    protect({ groups: ["Vault", "Cloud Vault"] });
    w.sandbox.hand({ ad: { dn: dnOf("GG-Extra"), replace: { sAMAccountName: "Vault" } } });
    await refuses(/names the group GG-Extra, which is called Vault now: mappings\/safety\.yaml protects it/u);
    w.sandbox.hand({ ad: { dn: dnOf("Vault"), replace: { sAMAccountName: "GG-Extra" } } });
    const id = String([...graph().groups.current.values()].find((row) => row["displayName"] === "SG-Extra")?.["id"]);
    const row = graph().groups.current.get(id) ?? {};
    graph().groups.put(id, { ...row, displayName: "Cloud Vault" });
    await refuses(
      /^Refused: mappings\/entra\.yaml:\d+ names the group SG-Extra, which is called Cloud Vault now: mappings\/safety\.yaml protects it/mu,
    );
    graph().groups.put(id, { ...row, displayName: "SG-Extra" });
  });

  it("a group that lies inside Domain Admins is not filled unless protected.allow names it, and then each change is told", async () => {
    addTo("Domain Admins", dnOf("GG-Server-Ops"));
    const person = next();
    line("ad", { name: "GG-Server-Ops", for: { person: [person.id] }, mode: "additive" });
    await refuses(
      /^Refused: mappings\/ad\.yaml:\d+ names the group GG-Server-Ops, which is in Domain Admins, whose members are the domain's administrators: take it out of the mapping, or name it in mappings\/safety\.yaml under protected\.allow$/mu,
    );
    protect({ allow: ["GG-Server-Ops"] });
    const { plan } = await w.plan();
    expect(plan.notes.join("\n")).toMatch(/PRIVILEGED: GG-Server-Ops is in Domain Admins, .*: .* would come in/u);
  });

  it("a group of AD that Entra Connect brings into a protected cloud group is not filled, and who is in it is left alone", async () => {
    entries().add(`CN=Quay Admins,${ou}`, { objectClass: "group", sAMAccountName: "quay.admins", groupType: "-2147483646" });
    w.sandbox.connect.group(dnOf("quay.admins"));
    const groups = [...graph().groups.current.values()];
    const id = (name: string): string => String(groups.find((row) => row["displayName"] === name)?.["id"]);
    const vault = blankGroup(graph(), { displayName: "Payroll Vault" });
    graph().groups.put(String(vault["id"]), vault);
    put(graph(), String(vault["id"]), id("Quay Admins"));
    const [joiner, leaver] = [next(), next()];
    addTo("quay.admins", account(leaver).dn);
    protect({ groups: ["Payroll Vault"] });
    line("ad", { name: "quay.admins", for: { person: [joiner.id] }, mode: "additive" });
    const because = "is in Payroll Vault, which mappings/safety.yaml protects";
    await refuses(new RegExp(`names the group quay\\.admins, whose copy in Entra ID ${because}: take it out of the mapping`, "u"));
    writeFileSync(...(files.find(([path]) => path.endsWith("ad.yaml")) ?? ["", ""]));
    leave(leaver);
    const { plan } = await w.plan();
    expect(plan.parked.map((one) => one.reason)).toEqual([
      expect.stringContaining(`it is in quay.admins, whose copy in Entra ID ${because}`),
    ]);
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: false } } });
    w.sandbox.hand({ ad: { dn: dnOf("quay.admins"), remove: { member: [account(leaver).dn] } } });
    graph().members.remove(String(vault["id"]), id("Quay Admins"));
    await w.sandbox.connect.settled();
  });

  it("O9: a member of Domain Admins without adminCount is not disabled; the person is parked with the chain", async () => {
    const person = next();
    addTo("GG-Server-Ops", account(person).dn);
    leave(person);
    const before = JSON.stringify(w.sandbox.snapshot());
    const { plan } = await w.converge([4]);
    expect(plan.parked.map((one) => [one.key, one.reason])).toEqual([
      [
        String(person.id),
        expect.stringMatching(
          /^the AD account \S+ would be disabled, but it is in GG-Server-Ops, which is in Domain Admins, whose members are the domain's administrators: do it by hand/u,
        ),
      ],
    ]);
    expect(account(person).text("adminCount")).toBeUndefined();
    expect(JSON.stringify(w.sandbox.snapshot()) === before, "the systems are as they were").toBe(true);
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: false } } });
    w.sandbox.hand({ ad: { dn: dnOf("GG-Server-Ops"), remove: { member: [account(person).dn] } } });
  });

  it("a break-glass account stays in an exact cloud group, and the plan says so", async () => {
    protect({ accounts: ["breakglass*"] });
    const user = blankUser(graph(), {
      userPrincipalName: "breakglass1@corp.example.com",
      displayName: "Break glass",
      mailNickname: "breakglass1",
    });
    putUser(graph(), user);
    const id = String([...graph().groups.current.values()].find((row) => row["displayName"] === "SG-Intranet")?.["id"]);
    put(graph(), id, String(user["id"]));
    const { plan } = await w.converge();
    expect(real(plan)).toEqual([]);
    expect(graph().members.of(id)).toContain(user["id"]);
    expect(plan.notes.join("\n")).toMatch(
      /SG-Intranet keeps Break glass \(\S+\), which is protected \(mappings\/safety\.yaml protects it/u,
    );
  });

  it("a protected leaver keeps licences and cloud groups", async () => {
    const person = next();
    const upn = account(person).text("userPrincipalName") ?? "";
    protect({ accounts: [upn, "breakglass*"] });
    leave(person);
    const before = JSON.stringify(w.sandbox.snapshot());
    const { plan } = await w.converge([4]);
    expect(plan.parked.map((one) => one.reason).join("\n")).toContain(`mappings/safety.yaml protects it (protected.accounts: ${upn})`);
    expect(JSON.stringify(w.sandbox.snapshot()) === before, "the systems are as they were").toBe(true);
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: false } } });
  });

  it("protected people are not moved, renamed or rewritten, and are told of", async () => {
    const person = next();
    protect({ people: [person.id], accounts: ["breakglass*"] });
    const other = w.sandbox.organisation.people.find(({ post }) => post.site !== person.post.site);
    const { site_id } = w.sandbox.halo.state.users.get(other?.id ?? 0) ?? {};
    const { surname = "", site_id: lives = 0 } = w.sandbox.halo.state.users.get(person.id) ?? {};
    const asBefore = { surname, site_id: lives };
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { surname: "Married", site_id: site_id ?? 0 } } });
    const before = JSON.stringify(w.sandbox.snapshot());
    const { plan } = await w.converge();
    expect(real(plan)).toEqual([]);
    expect(JSON.stringify(w.sandbox.snapshot()) === before, "the systems are as they were").toBe(true);
    expect(plan.notes.join("\n")).toMatch(
      new RegExp(`Left as it is, for it is protected: account.* of .*\\(${person.id}\\): named in mappings/safety\\.yaml:\\d+`, "u"),
    );
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: asBefore } });
  });

  it("an organizational unit that holds a protected account and was renamed by hand stays so: nobody in it is moved, a leaver is disabled", async () => {
    const all = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.post.site === "Main");
    const [holder, leaver] = [all.at(-1), all.at(-2)];
    if (!holder || !leaver) throw new Error("nobody is left");
    protect({ accounts: ["breakglass*", account(holder).text("sAMAccountName") ?? ""] });
    const [from, to] = [`OU=Main,OU=Staff,${base}`, `OU=Quay,OU=Staff,${base}`];
    entries().move(from, to);
    const first = await w.plan();
    expect(real(first.plan)).toEqual([]);
    expect(first.plan.parked.map(({ reason }) => reason).join("\n")).toContain(
      `the organizational unit ${from} is called ${to} now (renamed or moved by hand), and is left so: it holds `,
    );
    leave(leaver);
    await w.converge([4]);
    expect([account(leaver).enabled, account(holder).enabled]).toEqual([false, true]);
    expect(account(holder).dn).toContain(to);
    expect(entries().list(({ dn }) => dn === from)).toEqual([]);
    // Without the protected one it is put back, with everything in it.
    protect({ accounts: ["breakglass*"] });
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: false } } });
    await w.converge();
    expect(account(holder).dn).toContain(from);
  });

  it("nobody is moved into a place that safety.yaml protects by a template, and a line that names it is refused; both are lifted by protected.allow", async () => {
    const vault = `OU=Vault,${base}`;
    entries().add(vault, { objectClass: "organizationalUnit", ou: "Vault" });
    const [person] = people;
    if (!person) throw new Error("nobody is left");
    const guarded = { accounts: ["breakglass*", `*,${vault}`] };
    protect(guarded);
    const before = account(person).dn;
    w.edit("ad", (content) => {
      const { first } = content["accounts"] as { first: { [field: string]: unknown }[] };
      first.unshift({ ...first[0], for: { person: [person.id] }, ou: vault });
    });
    await w.converge([4]);
    expect(account(person).dn).toBe(before);
    const { plan } = await w.plan();
    expect(real(plan)).toEqual([]);
    expect(plan.parked.find(({ key }) => key === String(person.id))?.reason).toContain(
      `in a place that mappings/safety.yaml protects (*,${vault}): give it another, or name the place under protected.allow`,
    );
    line("ad", { name: "GG-Vault", ou: vault, for: { title: "Nobody" } });
    await refuses(/ad\.yaml:\d+ names a protected place: the AD group GG-Vault would be made as CN=GG-Vault,OU=Vault/u);
    protect({ ...guarded, allow: [vault] });
    await w.converge();
    expect([account(person).dn, dnOf("GG-Vault")]).toEqual([expect.stringContaining(vault), `CN=GG-Vault,${vault}`]);
    // From now on it is protected.
    protect(guarded);
    writeFileSync(files[0]?.[0] ?? "", files[0]?.[1] ?? "");
    expect(real((await w.plan()).plan).filter(({ type }) => type === "ad:User")).toEqual([]);
    w.sandbox.ad.entries.move(account(person).dn, before);
    people.shift();
    await w.converge([0, 4]);
  });

  it("whoever holds a role of Entra ID is left to a human, by the account in AD too; without the permission every plan says so", async () => {
    protect({ accounts: ["breakglass*"] });
    const person = next();
    giveRole(graph(), userId(person), "Global Administrator");
    leave(person);
    const { plan } = await w.plan();
    expect(plan.parked.find((one) => one.key === String(person.id))?.reason).toMatch(
      /would be disabled, but its copy in Entra ID holds the Entra role Global Administrator: do it by hand/u,
    );
    const apps = w.sandbox.graph.apps.map((app) => ({ app, roles: app.roles }));
    for (const { app } of apps) app.roles = app.roles.filter((role) => role !== "RoleManagement.Read.Directory");
    const blind = await w.plan();
    expect(blind.plan.notes.join("\n")).toContain(
      "Who holds a role of Entra ID may not be read, so only accounts that mappings/safety.yaml names are protected there",
    );
    expect((await w.run(["doctor"])).out).toMatch(
      /may not read who holds a role of Entra ID: only accounts that safety\.yaml names are protected/u,
    );
    for (const { app, roles } of apps) app.roles = roles;
  });

  it("who owns a group that can hold roles is left to a human, as an owner may come in", async () => {
    protect({ accounts: ["breakglass*"] });
    const person = next();
    const owned = blankGroup(graph(), { displayName: "Role Owners", isAssignableToRole: true });
    const group = String(owned["id"]);
    graph().groups.put(group, owned);
    ownersOf(graph()).set(group, [userId(person)]);
    leave(person);
    const { plan } = await w.plan();
    expect(plan.parked.find((one) => one.key === String(person.id))?.reason).toMatch(
      /would be disabled, but its copy in Entra ID owns Role Owners, a protected group, and may make itself a member: do it by hand/u,
    );
    ownersOf(graph()).delete(group);
    await w.converge([0, 4]);
    expect(account(person).enabled).toBe(false);
  });

  it("who may take up a place in a group that can hold roles is left to a human; without the permission every plan says so", async () => {
    protect({ accounts: ["breakglass*"] });
    const person = next();
    const admins = blankGroup(graph(), { displayName: "Cloud Admins", isAssignableToRole: true });
    const id = String(admins["id"]);
    graph().groups.put(id, admins);
    makeEligible(graph(), id, userId(person));
    leave(person);
    const { plan } = await w.plan();
    expect(plan.parked.find((one) => one.key === String(person.id))?.reason).toMatch(
      /would be disabled, but its copy in Entra ID may take up a place in Cloud Admins, a protected group: do it by hand/u,
    );
    const apps = w.sandbox.graph.apps.map((app) => ({ app, roles: app.roles }));
    for (const { app } of apps) app.roles = app.roles.filter((role) => !role.startsWith("PrivilegedEligibilitySchedule"));
    const blind = await w.plan();
    expect(blind.plan.notes.join("\n")).toContain(
      "Who may take up a place in a protected group of Entra ID (Privileged Identity Management) may not be read",
    );
    expect((await w.run(["doctor"])).out).toMatch(/may not read who may take up a place in a group: who may/u);
    for (const { app, roles } of apps) app.roles = roles;
    makeEligible(graph(), id, userId(next()), "owner");
    expect((await w.plan()).plan.notes.join("\n")).not.toContain("Who may take up a place");
  });
});
