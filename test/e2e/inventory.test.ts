/** `haloform inventory` through the command line: rows C1 (accounts), C2 (roles), C3 (teams), and groups, licences and assets beside them. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Inventory, InventoryRow } from "../../stacks/inventory/model.ts";
import { type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("haloform inventory", () => {
  let w: World;
  let analyst: Person;
  let engineer: Person;
  let captain: Person;

  const ask = async (...args: string[]): Promise<Inventory> => {
    const done = await w.run(["inventory", ...args, "--json"]);
    expect(done.code, done.err).toBe(0);
    return JSON.parse(done.out) as Inventory;
  };
  const brief = ({ name, holder, person, state, rule }: InventoryRow) => [
    name,
    holder?.name,
    person?.key,
    state,
    rule?.replace(/:\d+$/u, ""),
  ];
  const agents = () => w.sandbox.halo.state.agents;
  const agentOf = (person: Person) => {
    const found = [...agents().values()].find((one) => one["email"] === person.email);
    if (!found) throw new Error(`${person.name} is no agent`);
    return found;
  };

  beforeAll(async () => {
    w = await world({ people: 120 });
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    const isAgent = (one: Person) => [...agents().values()].some((agent) => agent["email"] === one.email);
    const first = (title: string) => steady.find((one) => one.post.title === title && isAgent(one)) ?? steady[0];
    [analyst, engineer] = [first("Service Desk Analyst") as Person, first("Field Engineer") as Person];
    captain = steady.find((one) => !isAgent(one) && one.post.title !== "Field Engineer") as Person;
    // The role is looked at like any other.
    w.edit("safety", (safety) => void (safety["protected"] = { ...(safety["protected"] as object), allow: ["Administrator"] }));
    await w.converge([0, 4]);
    // By hand: an administrator, a place in a team, an agent for somebody whom no line names, logins.
    const administrator = [...w.sandbox.halo.state.roles.values()].find((one) => one["name"] === "Administrator");
    const row = agentOf(engineer);
    row["roles"] = [...(row["roles"] as string[]), String(administrator?.["id"])];
    row["lastlogindate"] = "2026-11-29T08:15:00.123";
    const other = structuredClone(agentOf(analyst));
    agents().set(900, {
      ...other,
      id: 900,
      name: captain.name,
      email: captain.email,
      teams: [],
      roles: [],
      team: "",
      lastlogindate: "1900-01-01T00:00:00",
    });
  });
  afterAll(() => w?.stop());

  it("C1: every account of Halo, AD and Entra ID, whose it is and which line asks for it; nobody's and not asked for", async () => {
    const { rows, counts, source, unread } = await ask("accounts");
    expect(unread).toEqual([]);
    expect(source.name).toBe("halo.users");
    const inHalo = rows.filter((one) => one.system === "halo");
    const people = inHalo.filter((one) => one.sort === "user");
    expect(people).toHaveLength([...w.sandbox.halo.state.users.values()].filter((one) => one["name"] !== "General User").length);
    expect(people.find((one) => one.person?.key === String(analyst.id))).toMatchObject({
      state: "record",
      name: analyst.email,
      enabled: true,
    });
    // Agents: one that a line asks for, one by hand, one who is nobody's, one that is a program.
    const agent = (email: string) => inHalo.find((one) => one.sort !== "user" && one.name === email);
    expect(agent(engineer.email)).toMatchObject({
      state: "mapped",
      person: { key: String(engineer.id) },
      lastSeen: "2026-11-29T08:15:00.123Z",
    });
    expect(agent(engineer.email)?.rule).toMatch(/^mappings\/halo\.yaml:\d+$/u);
    expect(agent(captain.email)).toMatchObject({ state: "unasked", person: { key: String(captain.id) } });
    expect(agent(captain.email)).not.toHaveProperty("lastSeen");
    expect(agent("iris@msp.example.org")).toMatchObject({ state: "nobody", sort: "agent" });
    expect(inHalo.filter((one) => one.sort === "API agent").map((one) => [one.state, one.protected])).toEqual([
      ["nobody", true],
      ["nobody", true],
    ]);
    const inAd = rows.filter((one) => one.system === "ad");
    expect(inAd.find((one) => one.person?.key === String(analyst.id))).toMatchObject({ state: "mapped", enabled: true });
    expect(inAd.find((one) => one.name === "krbtgt")).toMatchObject({ state: "nobody", protected: true, enabled: false });
    expect(counts.map((one) => [one.kind, one.system, one.things])).toEqual([
      ["accounts", "ad", inAd.length],
      ["accounts", "entra", w.sandbox.graph.state.users.current.size],
      ["accounts", "halo", inHalo.length],
    ]);
    // Nothing was changed in any system by asking.
    const writes = w.sandbox.writes();
    await ask();
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("C1: last logon of AD, and of Entra ID only with the right to see it; a missing right is said", async () => {
    const account = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(analyst.id))[0];
    const fileTime = String((BigInt(Date.UTC(2026, 10, 20, 12)) + 11_644_473_600_000n) * 10_000n);
    w.sandbox.hand({ ad: { dn: account?.dn ?? "", replace: { lastLogonTimestamp: fileTime } } });
    const upn = account?.text("userPrincipalName") ?? "";
    const activity = { lastSignInDateTime: "2026-11-28T07:00:00Z", lastNonInteractiveSignInDateTime: "2026-11-29T23:00:00Z" };
    await w.sandbox.connect.settled();
    w.sandbox.hand({ graph: { user: upn, set: { signInActivity: activity } } });
    const seen = ({ rows }: Inventory, system: string) =>
      rows.find((one) => one.system === system && one.name.startsWith(upn.split("@")[0] ?? "?"))?.lastSeen;
    const without = await ask("accounts");
    expect(seen(without, "ad")).toBe("2026-11-20T12:00:00.000Z");
    expect(seen(without, "entra")).toBeUndefined();
    expect(without.notes.join("\n")).toContain("AuditLog.Read.All");
    const [app] = w.sandbox.graph.apps;
    app?.roles.push("AuditLog.Read.All");
    try {
      const allowed = await ask("accounts");
      expect(seen(allowed, "entra")).toBe("2026-11-29T23:00:00Z");
      expect(allowed.notes.join("\n")).not.toContain("AuditLog.Read.All");
    } finally {
      app?.roles.pop();
    }
  });

  it("C2: who holds which role: by which line, by hand, or nobody of ours", async () => {
    const { rows } = await ask("roles");
    const of = (name: string) => rows.filter((one) => one.name === name).map(brief);
    expect(of("Administrator")).toContainEqual(["Administrator", engineer.email, String(engineer.id), "unasked", undefined]);
    expect(of("Administrator")).toContainEqual(["Administrator", "iris@msp.example.org", undefined, "nobody", undefined]);
    expect(of("Field Engineer")).toContainEqual(["Field Engineer", engineer.email, String(engineer.id), "mapped", "mappings/halo.yaml"]);
    const text = await w.run(["inventory", "roles", "--state", "unasked,nobody"]);
    expect(text.code, text.err).toBe(0);
    expect(text.out).toMatch(/Administrator\s+\S+\s+.*unasked/u);
    expect(text.out).not.toContain("Field Engineer  ");
    expect(text.out).toContain("given by hand");
  });

  it("C3: who is in which team and on which board", async () => {
    const { rows } = await ask("teams");
    const onsite = rows.filter((one) => one.name === "Onsite" && one.sort === "team");
    expect(onsite.map(brief)).toContainEqual(["Onsite", engineer.email, String(engineer.id), "mapped", "mappings/halo.yaml"]);
    const second = rows.filter((one) => one.name === "Second line");
    expect(second.map(brief)).toEqual([["Second line", "iris@msp.example.org", undefined, "nobody", undefined]]);
    // Programs in a team are agents of it too.
    expect(rows.filter((one) => one.name === "First line" && one.holder?.name === "haloform")).toHaveLength(1);
  });

  it("groups, licences and assets are told likewise, each member with the line that put them there", async () => {
    const groups = await ask("groups");
    const admins = groups.rows.filter((one) => one.name === "Domain Admins" && one.system === "ad");
    expect(admins.every((one) => one.state === "nobody" && one.protected)).toBe(true);
    const staff = groups.rows.filter((one) => one.name === "GG-AllStaff" && one.system === "ad");
    expect(staff.length).toBeGreaterThan(50);
    expect(staff.every((one) => one.state === "mapped" && /^mappings\/ad\.yaml:\d+$/u.test(one.rule ?? ""))).toBe(true);
    const licences = await ask("licences", "--system", "entra");
    const states = new Set(licences.rows.map((one) => one.state));
    expect(states.has("mapped") && states.has("nobody") && states.has("unasked")).toBe(true);
    const through = licences.rows.filter((one) => one.note?.startsWith("through LIC-Office"));
    expect(through.length).toBeGreaterThan(0);
    const assets = await ask("assets");
    expect(assets.rows.every((one) => one.system === "halo" && one.person !== undefined)).toBe(true);
    expect(assets.rows).toHaveLength(w.sandbox.halo.state.assets.size);
  });

  it("without a word: how many there are of each kind, and how to see them", async () => {
    const done = await w.run(["inventory"]);
    expect(done.code, done.err).toBe(0);
    for (const line of [
      "accounts in Active Directory",
      "roles in Halo",
      "teams in Halo",
      "groups in Entra ID",
      "licences in Halo",
      "assets in Halo",
    ])
      expect(done.out).toContain(line);
    expect(done.out).toContain("haloform inventory accounts");
    expect(done.out).toContain("--out FILE.csv");
    expect(done.out).not.toContain(captain.email);
  });

  it("CSV holds no formula and every column, JSON and a page likewise; files are this user's alone", async () => {
    w.sandbox.hand({ halo: { table: "users", id: captain.id, set: { emailaddress: "=cmd|'/c calc'!A1" } } });
    const files = ["csv", "html", "json"].map((ending) => join(w.home, `all.${ending}`));
    for (const file of files) {
      const done = await w.run(["inventory", "accounts", "--out", file]);
      expect(done.code, done.err).toBe(0);
      expect(done.out).toBe("");
      expect(done.err).toContain("readable by you alone");
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    const [csv = "", html = "", json = ""] = files.map((file) => readFileSync(file, "utf8"));
    const { rows } = JSON.parse(json) as Inventory;
    const lines = parse(csv, { columns: true }) as { [column: string]: string }[];
    expect(lines).toHaveLength(rows.length);
    expect(Object.keys(lines[0] ?? {})).toEqual(
      "kind system sort name id holder holder_id person key stage state rule enabled protected last_seen note".split(" "),
    );
    const mine = lines.find((one) => one["sort"] === "user" && one["key"] === String(captain.id));
    expect(mine?.["name"]).toBe("'=cmd|'/c calc'!A1");
    expect(html).not.toMatch(/<(?:link|img|iframe)|https?:\/\//u);
    expect(html).toContain("Content-Security-Policy");
    w.sandbox.hand({ halo: { table: "users", id: captain.id, set: { emailaddress: captain.email } } });
  });

  it("--redact leaves every name and address out, and keeps keys, states and lines", async () => {
    for (const args of [["--json"], ["--format", "csv"], ["--format", "html"], ["accounts"], ["groups"]]) {
      const { out, code } = await w.run(["inventory", ...args, "--redact"]);
      expect(code).toBe(0);
      for (const person of [analyst, engineer, captain]) {
        expect(out, args.join(" ")).not.toContain(person.email);
        expect(out, args.join(" ")).not.toContain(person.name);
      }
      expect(out).not.toContain("iris@msp.example.org");
    }
    const { rows } = await ask("accounts", "--redact");
    expect(rows.find((one) => one.system === "ad" && one.person?.key === String(analyst.id))).toMatchObject({
      name: "•••",
      state: "mapped",
    });
  });

  it("from a capture: nobody is asked, and what it does not hold is said", async () => {
    const capture = join(w.home, "all-systems.json");
    expect((await w.run(["source", "pull", "--systems", "--out", capture])).code).toBe(0);
    const now = await ask("accounts");
    const before = w.sandbox.calls();
    const then = await ask("accounts", "--from", capture);
    expect(w.sandbox.calls()).toEqual(before);
    const same = ({ lastSeen: _seen, ...row }: InventoryRow) => row;
    expect(then.rows.map(same)).toEqual(now.rows.map(same));
    const boards = await w.run(["inventory", "licences", "--from", capture, "--system", "halo"]);
    expect(boards.code).toBe(1);
    expect(boards.err).toContain("The capture does not hold licences of halo: it has only what the mappings ask for");
    const people = join(w.home, "people-only.json");
    expect((await w.run(["source", "pull", "--out", people])).code).toBe(0);
    const without = await w.run(["inventory", "--from", people]);
    expect(without.code).toBe(64);
    expect(without.err).toContain("haloform source pull --systems --out FILE");
  });

  it("a list that a system refuses is named: alone it fails, among others it is said, and no CSV is written", async () => {
    const settings = readFileSync(w.stackFile, "utf8");
    writeFileSync(w.stackFile, settings.replace(/scope: .*/u, "scope: read:customers read:assets read:tickets"));
    try {
      const alone = await w.run(["inventory", "licences"]);
      expect(alone.code).toBe(1);
      expect(alone.err).toMatch(/SoftwareLicence/u);
      expect(alone.err).toContain("`--system entra` leaves it out");
      expect((await w.run(["inventory", "licences", "--system", "entra"])).code).toBe(0);
      const all = await w.run(["inventory"]);
      expect(all.code).toBe(1);
      expect(all.out).toContain("Not read: licences of Halo:");
      expect(all.out).toContain("teams in Halo");
      const csv = join(w.home, "refused.csv");
      const written = await w.run(["inventory", "--out", csv]);
      expect(written.code).toBe(64);
      expect(existsSync(csv)).toBe(false);
    } finally {
      writeFileSync(w.stackFile, settings);
    }
  });

  it("what is wrong in the command line is said before anything is read", async () => {
    const before = w.sandbox.calls();
    const wrong: [string[], RegExp][] = [
      [["machines"], /There is no inventory of machines: expected accounts, roles/u],
      [["accounts", "--state", "lost"], /--state lost: expected mapped, record/u],
      [["accounts", "--system", "okta"], /--system okta: this stack has no settings for it; expected ad, entra, halo/u],
      [["accounts", "--out", "x.txt"], /--out x\.txt: expected a name that ends in \.csv, \.html or \.json/u],
    ];
    for (const [args, said] of wrong) {
      const done = await w.run(["inventory", ...args]);
      expect([done.code, done.err]).toEqual([64, expect.stringMatching(said)]);
    }
    expect(w.sandbox.calls()).toEqual(before);
  });
});

describe("haloform inventory of people of Entra ID", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 25 });
    for (const file of ["ad", "entra", "halo"]) rmSync(join(w.mappings, `${file}.yaml`));
    const people = { source: "entra.users", for: { mail: { empty: false } }, login: { is: "{{ userPrincipalName }}" } };
    const users = {
      fields: { name: "{{ displayName }}", emailaddress: "{{ emailaddress | downcase }}" },
      match: ["emailaddress"],
      sites: { first: [{ sequence: 1, site: "Northwind Ferries/Main", for: { department: { empty: false } }, role: "User" }] },
    };
    writeFileSync(join(w.mappings, "people.yaml"), stringify({ people }));
    writeFileSync(join(w.mappings, "halo-users.yaml"), stringify({ users }));
  });
  afterAll(() => w?.stop());

  it("C1: their accounts are the record, Halo's users come by the line of halo-users.yaml, agents are known without one", async () => {
    const before = w.sandbox.writes();
    const done = await w.run(["inventory", "accounts", "--json"]);
    expect(done.code, done.err).toBe(0);
    const { rows } = JSON.parse(done.out) as Inventory;
    const of = (system: string, sort?: string) => rows.filter((one) => one.system === system && (sort === undefined || one.sort === sort));
    const person = of("entra").find((one) => one.state === "record" && one.enabled)?.person;
    expect(person).toBeDefined();
    const user = of("halo", "user").find((one) => one.person?.key === person?.key);
    expect(user?.state).toBe("mapped");
    expect(user?.rule).toMatch(/^mappings\/halo-users\.yaml:\d+$/u);
    expect(user?.name).toMatch(/@corp\.example\.com$/u);
    // No mapping file asks for anything in AD: its accounts are looked at all the same.
    expect(of("ad").length).toBeGreaterThan(20);
    expect(of("ad").filter((one) => one.state === "mapped")).toEqual([]);
    expect(of("ad").filter((one) => one.state === "unasked").length).toBeGreaterThan(10);
    expect(w.sandbox.writes()).toBe(before);
  });

  it("C1: who has an asset is told by Halo's users, not by records of another source, and so is whose it is", async () => {
    const done = await w.run(["inventory", "assets", "--json"]);
    expect(done.code, done.err).toBe(0);
    const { rows } = JSON.parse(done.out) as Inventory;
    const { assets, users } = w.sandbox.halo.state;
    const held = [...assets].flatMap(([id, one]) =>
      (one["users"] as { id: number }[]).map((user) => [String(id), String(user.id), users.get(user.id)?.["emailaddress"]]),
    );
    expect(held.length).toBeGreaterThan(5);
    const told = rows.flatMap(({ id, holder }) => (holder ? [[id, holder.id, holder.name]] : []));
    expect(told.sort()).toEqual(held.sort());
    expect(rows.filter((one) => one.person !== undefined).length).toBeGreaterThan(5);
  });
});
