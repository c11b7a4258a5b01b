/** `haloform check`, and what `why`, `why-not` and `source test` say (issue 12, points 7 and 9), by the real command line. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { CheckPerson, CheckReport, SourceTest, Why, WhyNot } from "../../cli/answers/answers.ts";
import { addDevice } from "../../sandbox/graph/devices.ts";
import { type World, world } from "./support.ts";

let w: World;
let capture = "";
let full = "";
type Row = Record<string, unknown>;
const groupsOf = (content: Row): Row[] => content["groups"] as Row[];
const json = async <T>(args: readonly string[], codes: readonly number[] = [0]): Promise<T> => {
  const done = await w.run([...args, "--json"]);
  expect(codes, done.err).toContain(done.code);
  return JSON.parse(done.out) as T;
};
/** Requests that the systems have seen. */
const asked = (): number => w.sandbox.halo.log.length + w.sandbox.graph.log.length + w.sandbox.ad.log.operations.length;

beforeAll(async () => {
  w = await world({ people: 40 });
  capture = join(w.home, "people.json");
  full = join(w.home, "everything.json");
  w.edit("ad", (ad) => {
    groupsOf(ad).push(
      { name: "GG-Dock", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { site_name: "Mian" } },
      { name: "GG-Deck", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { title: { matches: "Engineer|,50 %:" } } },
    );
    groupsOf(ad).push({ name: "GG-Old", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: {}, ends: "2020-01-31" });
  });
  w.edit("safety", (safety) => {
    safety["protected"] = { people: [99999], accounts: ["svc-nobody"] };
  });
});
afterAll(() => w?.stop());

describe("check (issue 12, point 7)", () => {
  it("says for how many people each line holds, and what looks wrong; warnings stop nothing unless asked", async () => {
    const writes = w.sandbox.writes();
    const report = await json<CheckReport>(["check"]);
    expect(report).toMatchObject({ format: "haloform.check/1", source: "halo.users", systems: true, doubts: [] });
    expect(report.people).toBeGreaterThan(35);
    const staff = report.lines.find((line) => line.of === "groups GG-AllStaff");
    expect(staff).toMatchObject({ rule: expect.stringMatching(/^mappings\/ad\.yaml:\d+$/u), holds: report.people - report.left });
    const files = new Set(report.lines.map(({ rule }) => rule.replace(/:\d+$/u, "")));
    expect([...files]).toEqual(["people", "ad", "entra", "halo"].map((name) => `mappings/${name}.yaml`));
    const kinds = (of: string) => report.warnings.filter(({ text, rule }) => `${rule} ${text}`.includes(of)).map(({ kind }) => kind);
    expect(kinds("GG-Dock")).toEqual(["nobody"]);
    expect(kinds('"Mian"')).toEqual(["value"]);
    expect(report.warnings.find(({ kind, text }) => kind === "value" && text.includes("Mian"))?.hint).toBe('; did you mean "Main"?');
    expect(kinds("Engineer|,50 %:")).toContain("pattern");
    expect(kinds("GG-Old")).toEqual(["ended"]);
    expect(kinds("safety.yaml")).toEqual(["protected", "protected"]);
    expect((await w.run(["check", "--strict"])).code).toBe(2);
    const text = await w.run(["check"]);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^ +\d+ {2}groups GG-Dock +0$/mu);
    expect(text.out).toMatch(/^mappings\/ad\.yaml:\d+ {2}no record has the site_name "Mian"; did you mean "Main"\?$/mu);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("asks nobody where a capture is given, and says what that cannot tell", async () => {
    expect((await w.run(["source", "pull", "--out", capture])).code).toBe(0);
    expect((await w.run(["source", "pull", "--systems", "--out", full])).code).toBe(0);
    for (const file of [capture, full]) expect(statSync(file).mode & 0o777).toBe(0o600);
    const live = await json<CheckReport>(["check"]);
    const before = asked();
    const alone = await json<CheckReport>(["check", "--from", capture]);
    const all = await json<CheckReport>(["check", "--from", full]);
    expect(asked()).toBe(before);
    expect({ ...all, captured: undefined }).toEqual({ ...live, captured: undefined });
    expect(alone).toMatchObject({ systems: false, lines: live.lines, captured: expect.stringMatching(/^20\d\d-/u) });
    // Whether an account is called so is not known without them.
    expect(live.warnings.filter(({ kind }) => kind === "protected")).toHaveLength(2);
    expect(alone.warnings.filter(({ kind }) => kind === "protected")).toHaveLength(1);
    const preview = await w.run(["preview", "--from", full]);
    expect(preview.code, preview.err).toBe(0);
  });

  it("protects in a capture whom the draft protects, and nobody else", async () => {
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    const login = w.sandbox.ad.entries
      .list((entry) => entry.objectClass === "user" && entry.text("employeeNumber") === String(person?.id))[0]
      ?.text("sAMAccountName");
    const protect = (accounts: unknown[]): void =>
      w.edit("safety", (safety) => {
        safety["protected"] = { people: [99999], accounts };
      });
    const file = join(w.home, "guarded.json");
    const parked = async (): Promise<string> => (await json<CheckPerson>(["check", String(person?.id), "--from", file])).parked.join("\n");
    for (const marked of [[], [login]]) {
      protect(marked);
      await w.run(["source", "pull", "--systems", "--out", file]);
      protect([login]);
      expect(await parked()).toContain("protected");
      protect([]);
      expect(await parked()).not.toContain("protected");
    }
    protect(["svc-nobody"]);
  });

  it("the mapping that comes with haloform has no warning of its own", async () => {
    const plain = await world({ people: 250 });
    const done = await plain.run(["check", "--json"]);
    await plain.stop();
    expect((JSON.parse(done.out) as CheckReport).warnings).toEqual([]);
  });

  it("counts devices where the systems were read, and says where they were not", async () => {
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    const { state } = w.sandbox.graph;
    const [account] = [...state.users.current].find(([, row]) => row["employeeId"] === String(person?.id)) ?? [];
    addDevice(state, account, "nw-lt-001");
    const entra = readFileSync(join(w.mappings, "entra.yaml"), "utf8");
    w.edit("entra", (content) => {
      groupsOf(content).push({ name: "SG-Windows", for: { hasDevice: { operatingSystem: "Windows" } } });
      groupsOf(content).push({ name: "SG-Latitude", for: { hasDevice: { model: "Latitude 7540" } } });
    });
    const file = join(w.home, "devices.json");
    await w.run(["source", "pull", "--systems", "--out", file]);
    const live = await json<CheckReport>(["check"]);
    const kept = await json<CheckReport>(["check", "--from", file]);
    for (const { lines, warnings } of [live, kept]) {
      expect(lines.find(({ of }) => of === "groups SG-Windows")?.holds).toBe(1);
      expect(warnings.find(({ text }) => text === 'no device has the model "Latitude 7540"')).toMatchObject({
        hint: '; did you mean "Latitude 7450"?',
        isRare: true,
      });
    }
    const alone = await json<CheckReport>(["check", "--from", capture]);
    expect(alone.lines.find(({ of }) => of === "groups SG-Windows")).toMatchObject({
      holds: null,
      note: expect.stringContaining("devices"),
    });
    expect(alone.warnings.filter(({ text }) => /SG-|Latitude/u.test(text))).toEqual([]);
    writeFileSync(join(w.mappings, "entra.yaml"), entra);
  });

  it("is for drafts: a changed line is counted on the same capture", async () => {
    const count = async () =>
      (await json<CheckReport>(["check", "--from", capture])).lines.find(({ of }) => of === "groups GG-Dock")?.holds;
    expect(await count()).toBe(0);
    w.edit("ad", (ad) => {
      for (const one of groupsOf(ad))
        if (one["name"] === "GG-Dock") one["for"] = { site_name: "Main", "custom.CFStartDate": { empty: false } };
    });
    // A field that no mapping named when it was pulled is in the capture all the same.
    expect(await count()).toBeGreaterThan(3);
    w.edit("ad", (ad) => {
      for (const one of groupsOf(ad)) if (one["name"] === "GG-Dock") one["for"] = { site_name: "Mian" };
    });
  });

  it("warns of a field and a key that no record has wherever a file names one, with the line; live the field is refused with it", async () => {
    const files = ["people", "safety"].map((name) => [
      join(w.mappings, `${name}.yaml`),
      readFileSync(join(w.mappings, `${name}.yaml`), "utf8"),
    ]);
    w.edit("people", ({ people }) => {
      Object.assign(people as Row, { ends: "custom.CFLastDya", newKey: { birth: ["custom.CFBron"], same: [{ person: 88888, was: 41 }] } });
    });
    w.edit("safety", (safety) => {
      safety["limits"] = { disabled: { most: 20, per: "custom.CFShip" } };
    });
    const { warnings } = await json<CheckReport>(["check", "--from", capture]);
    const told = warnings.map(({ rule, text }) => `${rule.replace(/\d+$/u, "N")} ${text}`);
    expect(told).toEqual(
      expect.arrayContaining([
        "mappings/people.yaml:N no record has anything in the field custom.CFLastDya",
        "mappings/people.yaml:N no record has anything in the field custom.CFBron",
        "mappings/people.yaml:N nobody has the key 88888",
        "mappings/safety.yaml:N no record has anything in the field custom.CFShip",
      ]),
    );
    const live = await w.run(["check"]);
    expect(live.code).toBe(1);
    expect(live.err).toMatch(/mappings\/people\.yaml:\d+ names custom\.CF\w+, but Halo has no such custom field for users/u);
    for (const [file = "", text = ""] of files) writeFileSync(file, text);
  });

  it("annotates a pull request: escaped, at most ten, and nothing that few people have", async () => {
    const done = await w.run(["check", "--from", capture], { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: w.home });
    expect(done.code).toBe(0);
    const lines = done.out.split("\n").filter((line) => line.startsWith("::"));
    expect(lines.length).toBeLessThanOrEqual(10);
    for (const line of lines) expect(line).toMatch(/^::warning (?:file=mappings\/\w+\.yaml,line=\d+,)?title=haloform check::[^:].*$/u);
    expect(done.out).toMatch(/matches: Engineer\|,50 %25: is found anywhere in title/u);
    for (const { name, email } of w.sandbox.organisation.people) {
      expect(done.out).not.toContain(name);
      expect(done.out).not.toContain(email);
    }
    const asked = await w.run(["check", "--from", capture, "--annotations", "--strict"]);
    expect(asked.code).toBe(2);
    expect(asked.out).toContain("::warning file=");
    // One document is one document, in a job too.
    const document = await w.run(["check", "--from", capture, "--json"], { GITHUB_ACTIONS: "true" });
    expect((JSON.parse(document.out) as CheckReport).format).toBe("haloform.check/1");
  });

  it("warns beside a plan in the same read, without its exit code", async () => {
    const done = await w.run(["preview", "--redact", "--check", "--out", join(w.home, "checked")], {
      GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: w.home,
    });
    expect(done.code, done.err).toBe(0);
    expect(done.err).toMatch(/^::warning file=mappings\/ad\.yaml,line=\d+,title=haloform check::groups GG-Dock holds for nobody/mu);
    expect(done.out).not.toContain("::warning");
    const plain = await w.run(["preview", "--check", "--json"]);
    expect(plain.err).toMatch(/no record has the site_name "Mian"; did you mean "Main"\?/u);
    expect(JSON.parse(plain.out)).toMatchObject({ format: "haloform.plan/1" });
  });

  it("says all of one person, as why does, on a draft", async () => {
    const key = String(w.sandbox.organisation.people.find((one) => one.situation === "steady")?.id);
    const why = await json<Why>(["why", key]);
    const draft = await json<CheckPerson>(["check", key]);
    expect(draft).toMatchObject({ format: "haloform.check-person/1", key, stage: "active", accounts: why.accounts, values: why.values });
    expect(draft.rules.some(({ of, holds }) => of === "groups GG-AllStaff" && holds)).toBe(true);
    expect(draft.rules.find(({ of }) => of === "groups GG-Dock")).toMatchObject({ holds: false, points: [{ asks: "is Mian" }] });
    // The capture has fields that no mapping names.
    expect(await json<CheckPerson>(["check", "--person", key, "--from", full])).toEqual({
      ...draft,
      record: expect.objectContaining(draft.record),
    });
    const alone = await w.run(["check", key, "--from", capture]);
    expect(alone.out).toContain("What the systems hold is not in the capture");
    expect(alone.out).not.toContain("(now ");
    const nobody = await w.run(["check", "Nobody Here"]);
    expect(nobody.code).toBe(64);
    expect(nobody.err).toContain("expected the key in Halo, a full name");
  });

  it("ends as the others do: a mistake in a file 64, nobody at all 3, a system that is away 1", async () => {
    const list = join(w.mappings, "people.csv");
    const people = readFileSync(join(w.mappings, "people.yaml"), "utf8");
    writeFileSync(join(w.mappings, "sources.yaml"), stringify({ sources: { list: { kind: "csv", file: "people.csv", unique: "id" } } }));
    w.edit("people", (content) => {
      (content["people"] as Row)["source"] = "list";
    });
    writeFileSync(list, "id,name\n");
    const nobody = await w.run(["check"]);
    expect(nobody.code).toBe(3);
    expect(nobody.err).toContain("The source list gave no people at all");
    writeFileSync(join(w.mappings, "people.yaml"), `${people}\ncolour: blue\n`);
    expect((await w.run(["check"])).code).toBe(64);
    writeFileSync(join(w.mappings, "people.yaml"), people);
    rmSync(join(w.mappings, "sources.yaml"));
    rmSync(list);
    w.sandbox.halo.faults.failing = 1000;
    expect((await w.run(["check"])).code).toBe(1);
    w.sandbox.halo.faults.reset();
  });
});

describe("source test (rows-B7, outside O15)", () => {
  it("rows-B7: says whether the source or the mapping gave nobody", async () => {
    const people = readFileSync(join(w.mappings, "people.yaml"), "utf8");
    w.edit("people", (content) => {
      (content["people"] as Row)["for"] = { client_name: "Southwind" };
    });
    const test = await json<SourceTest>(["source", "test"]);
    expect(test).toMatchObject({ nobody: "mapping", people: [] });
    expect(test.records).toBeGreaterThan(35);
    const text = (await w.run(["source", "test"])).out;
    expect(text).toMatch(/None of the \d+ records of Halo is a person by people\.for \(mappings\/people\.yaml:\d+\)/u);
    expect(text).not.toContain("gave no people at all");
    w.edit("people", (content) => {
      (content["people"] as Row)["for"] = {};
      (content["people"] as Row)["key"] = "other5";
    });
    const keyless = await json<SourceTest>(["source", "test"]);
    expect(keyless.doubts.join()).toMatch(
      /None of the \d+ records of Halo has other5, which is people\.key \(mappings\/people\.yaml:\d+\)/u,
    );
    const refused = await w.run(["preview"]);
    expect(refused.code).toBe(3);
    expect(refused.err).toContain("has other5, which is people.key");
    writeFileSync(join(w.mappings, "people.yaml"), people);
    writeFileSync(join(w.mappings, "sources.yaml"), stringify({ sources: { list: { kind: "csv", file: "none.csv", unique: "id" } } }));
    writeFileSync(join(w.mappings, "none.csv"), "id,name\n");
    const empty = await json<SourceTest>(["source", "test", "list"]);
    expect(empty).toMatchObject({ nobody: "source", records: 0 });
    expect(empty.doubts.join()).toContain("The source list gave no people at all");
    rmSync(join(w.mappings, "sources.yaml"));
    expect((await json<SourceTest>(["source", "test"])).nobody).toBe(undefined);
  });

  it("outside O15: lists every custom field, whether or not a mapping names it or anybody has a value", async () => {
    const { elements, further } = await json<SourceTest>(["source", "test"]);
    const custom = elements.filter(({ name }) => name.startsWith("custom."));
    expect(custom.map(({ name, used }) => [name, used])).toEqual(
      expect.arrayContaining([
        ["custom.CFDepartment", true],
        ["custom.CFStartDate", false],
      ]),
    );
    expect(further).toContain("department");
    const text = (await w.run(["source", "test"])).out;
    expect(text).toMatch(/^element +kind +filled +mapping +example$/mu);
    expect(text).toMatch(/^custom\.CFDepartment +string +\d+\/\d+ +used +\S/mu);
    expect(text).toMatch(/^custom\.CFStartDate +string +\d+\/\d+ {3,}\S/mu);
    expect(text).toMatch(/more fields cost one call a person, and are read where a mapping names them: .*\bdepartment\b/u);
  });

  it("A23: shows the answer as it came, without any secret", async () => {
    const secret = w.env["HALO_CLIENT_SECRET"] ?? "";
    expect(secret.length).toBeGreaterThan(3);
    const id = w.sandbox.organisation.people[0]?.id ?? 0;
    w.sandbox.hand({ halo: { table: "users", id, set: { notes: `call with ${secret} please` } } });
    const { raw } = await json<SourceTest>(["source", "test", "--raw"]);
    expect(raw).toMatchObject([{ endpoint: "Users" }]);
    expect(JSON.stringify(raw)).toContain('"customfields"');
    expect((await json<SourceTest>(["source", "test"])).raw).toBe(undefined);
    const hidden = join(w.mappings, "hidden.json");
    writeFileSync(
      hidden,
      JSON.stringify([{ id: "1", name: "Ada", apiKey: "k-123", note: `call with ${secret} please`, nested: { password: "pw" } }]),
    );
    writeFileSync(
      join(w.mappings, "sources.yaml"),
      stringify({ sources: { hidden: { kind: "json", file: "hidden.json", unique: "id" } } }),
    );
    const text = (await w.run(["source", "test", "hidden", "--raw"])).out;
    expect(text).toContain("As it came: hidden.json");
    const shown = text.slice(text.indexOf("As it came"));
    expect(shown).toContain('"note": "call with ••• please"');
    expect(shown).toContain('"apiKey": "•••"');
    expect(shown).toContain('"password": "•••"');
    expect(shown).not.toContain(secret);
    rmSync(join(w.mappings, "sources.yaml"));
  });
});

describe("who is not simply here (outside O12)", () => {
  it("is told so by why, why-not and check: protected, left, left aside", async () => {
    const files = ["people", "safety"].map((name) => [
      join(w.mappings, `${name}.yaml`),
      readFileSync(join(w.mappings, `${name}.yaml`), "utf8"),
    ]);
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    const guarded = String(steady[0]?.id);
    // Whoever is managed and is called the same is meant first.
    const other = steady.find(({ name }) => w.sandbox.organisation.people.filter((one) => one.name === name).length === 1);
    const aside = String(other?.id);
    w.edit("safety", (safety) => {
      safety["protected"] = { people: [Number(guarded)] };
    });
    w.edit("people", ({ people }) => {
      (people as Row)["for"] = { not: { person: [Number(aside)] } };
    });
    for (const command of ["why", "why-not", "check"])
      expect((await w.run([command, guarded])).out, command).toMatch(/^ {2}protected \(mappings\/safety\.yaml:\d+\): what is there/mu);
    for (const asked of [aside, other?.name, other?.email]) {
      const { out } = await w.run(["why-not", asked ?? ""]);
      expect(out).toMatch(/: left aside\n/u);
      expect(out).toMatch(/^people {2}does not match {2}mappings\/people\.yaml:\d+$/mu);
    }
    const why = await w.run(["why", aside]);
    expect(why.code).toBe(64);
    expect(why.err).toMatch(/is left aside by people\.for \(mappings\/people\.yaml:\d+\)/u);
    const leaver = w.sandbox.organisation.people.find((one) => one.situation === "leaver");
    const { rules } = await json<WhyNot>(["why-not", String(leaver?.id), "GG-AllStaff"]);
    expect(rules).toMatchObject([{ holds: true, note: "has left: nothing is given by it any more" }]);
    for (const [file = "", text = ""] of files) writeFileSync(file, text);
  });
});

describe("why and why-not (rows-B5, rows-B6, middle-B11)", () => {
  it("rows-B6: names the rule of each entry of a list; rows-B5: nothing stands between value and reason", async () => {
    const engineer = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    const key = String(engineer?.id);
    w.edit("halo", (halo) => {
      (halo["roles"] as Row[]).push({ name: "Approver" });
      halo["agents"] = {
        every: [
          { for: { person: [Number(key)] }, roles: ["Service Desk"] },
          { for: { person: [Number(key)] }, roles: ["Approver"], teams: ["Quay"] },
        ],
      };
      halo["teams"] = [{ name: "Quay", department: "IT" }];
    });
    const { values } = await json<Why>(["why", key]);
    const rule = (path: string): string | undefined => values.find((one) => one.type === "halo:Agent" && one.path === path)?.because?.rule;
    expect(rule("roles.Service Desk")).toMatch(/^mappings\/halo\.yaml:\d+$/u);
    expect(rule("roles.Approver")).toMatch(/^mappings\/halo\.yaml:\d+$/u);
    expect(rule("roles.Approver")).not.toBe(rule("roles.Service Desk"));
    expect(rule("teams.Quay")).toBe(rule("roles.Approver"));
    const { out } = await w.run(["why", key]);
    expect(out).toMatch(/^ {2}roles: Approver(?: \(now \(nothing\)\))? {3}mappings\/halo\.yaml:\d+ · /mu);
    expect(out).not.toContain("␣");
    expect((await w.run(["why-not", key])).out).not.toContain("␣");
  });

  it("middle-B11: why-not names every file that has rules about people", async () => {
    writeFileSync(
      join(w.mappings, "scripts.yaml"),
      stringify({ scripts: [{ name: "welcome", run: ["/usr/bin/true"], after: ["joiner"], for: { title: "Captain" } }] }),
    );
    const key = String(w.sandbox.organisation.people.find((one) => one.situation === "steady")?.id);
    w.edit("ad", (ad) => {
      const { first } = ad["accounts"] as { first: Row[] };
      first.unshift({ for: { site_name: "Nowhere" }, ou: "OU=A,DC=corp,DC=example,DC=com" });
    });
    w.edit("halo", (halo) => {
      (halo["agents"] as { every: Row[] }).every.push({ for: { title: "Captain" }, roles: ["Approver"] });
    });
    const { rules } = await json<WhyNot>(["why-not", key]);
    expect(new Set(rules.map(({ rule }) => rule.replace(/:\d+$/u, "")))).toEqual(
      new Set(["ad", "entra", "halo", "scripts"].map((name) => `mappings/${name}.yaml`)),
    );
    expect(rules.find(({ of }) => of === "scripts welcome")).toMatchObject({ holds: false, points: [{ at: "title", asks: "is Captain" }] });
  });
});
