/**
 * The main job on the sandbox: preview, up, preview, drift and putting back as processes under the real engine, the rest on its
 * state in the test's process. Rows A1, A3, A4, A6–A9, A26, A27, G3, G4, G6, G7.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

describe("preview → up → preview → drift → put back", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 60 });
  });
  afterAll(() => w.stop());

  it("G4 preview writes nothing; the bundle has a page, a comment and the plan", async () => {
    const { plan, folder, ended } = await w.processes.plan("first");
    expect(w.sandbox.writes()).toBe(0);
    expect(plan.summary.joiners).toBeGreaterThan(0);
    expect(plan.summary.leavers).toBeGreaterThan(0);
    expect(plan.guard).toMatchObject({ verdict: "ok", breaches: [] });
    for (const file of ["plan.md", "plan.html", "operations.json"]) expect(existsSync(join(folder, file)), file).toBe(true);
    expect(ended.out).toContain(plan.digest);
  });

  it("A1 A3 A4 A6 A9 A26 up applies the approved plan; a further preview shows nothing", async () => {
    const { plan, ended } = await w.processes.converge();
    expect(ended.code, ended.err).toBe(0);
    expect(w.sandbox.writes()).toBeGreaterThan(0);
    const again = await w.processes.plan();
    expect(real(again.plan)).toEqual([]);
    expect(changeCount(again.plan)).toBe(0);
    const snapshot = await w.sandbox.snapshot();
    const accounts = Object.values(snapshot.ad);
    for (const joiner of plan.people.filter((one) => one.event === "joiner")) {
      const account = accounts.find((one) => one["employeeNumber"] === joiner.key);
      expect(account, joiner.name).toMatchObject({ userAccountControl: "512", hasPassword: true });
    }
    for (const leaver of plan.people.filter((one) => one.event === "leaver")) {
      const account = accounts.find((one) => one["employeeNumber"] === leaver.key);
      if (account) expect(account["userAccountControl"], leaver.name).toBe("514");
    }
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("stays within a page of each system and five calls", async () => {
    const { plan } = await w.plan();
    expect(plan.calls.halo).toBeLessThanOrEqual(1 + 5);
    expect(plan.calls.graph).toBeLessThanOrEqual(1 + 5);
    expect(plan.calls.ldap).toBeLessThanOrEqual(1 + 5);
  });

  it("G7 drift finds a change by hand, and only that; up puts it back", async () => {
    const snapshot = JSON.stringify(await w.sandbox.snapshot());
    const user = w.sandbox.ad.entries.list(
      (entry) =>
        entry.objectClass === "user" &&
        String(entry.values("employeeNumber")[0] ?? "") !== "" &&
        String(entry.values("userAccountControl")[0]) === "512",
    )[0];
    if (!user) throw new Error("nobody has an account");
    w.sandbox.hand({ ad: { dn: user.dn, replace: { title: "Acting Captain" } } });
    const found = await w.processes.run(["drift", "--json"]);
    expect(found.code, found.err).toBe(2);
    const drift = JSON.parse(found.out) as Drift;
    expect(drift.found).toHaveLength(1);
    expect(drift.found[0]).toMatchObject({ type: "ad:User", gone: false, fields: [{ path: "attributes.title", found: "Acting Captain" }] });
    const { plan } = await w.processes.converge();
    expect(real(plan)).toHaveLength(1);
    expect(JSON.stringify(await w.sandbox.snapshot())).toBe(snapshot);
    expect((await w.run(["drift"])).code).toBe(0);
  });

  it("the state file deleted: adoptions only, no field changes; after up, nothing", async () => {
    const before = JSON.stringify(await w.sandbox.snapshot());
    const writes = w.sandbox.writes();
    rmSync(join(w.home, "state"), { recursive: true });
    rmSync(join(w.home, "work"), { recursive: true });
    const { plan } = await w.plan();
    expect(changeCount(plan)).toBeGreaterThan(60);
    expect(Object.keys(plan.summary.ops)).toEqual(["adopt"]);
    expect(real(plan)).toEqual([]);
    await w.converge();
    expect(changeCount((await w.plan()).plan)).toBe(0);
    expect(JSON.stringify(await w.sandbox.snapshot())).toBe(before);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("A27 somebody whose record is gone is disabled and stripped, and explained; the account stays", async () => {
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    if (!person) throw new Error("nobody is steady");
    w.sandbox.hand({ halo: { table: "users", id: person.id, delete: true } });
    const { plan } = await w.converge();
    const leaver = plan.people.find((one) => one.key === String(person.id));
    expect(leaver?.event).toBe("leaver");
    expect(leaver?.changes.map((change) => change.op)).toContain("disable");
    expect(leaver?.changes.some((change) => change.type === "ad:Membership" && change.fields[0]?.after === null)).toBe(true);
    const account = Object.values((await w.sandbox.snapshot()).ad).find((one) => one["employeeNumber"] === String(person.id));
    expect(account?.["userAccountControl"]).toBe("514");
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("why explains a person from the same reasons", async () => {
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one.id > 110);
    const { code, out, err } = await w.run(["why", String(person?.id), "--json"]);
    expect(code, err).toBe(0);
    const why = JSON.parse(out) as { values: { path: string; because?: { rule: string; record?: string } }[] };
    const title = why.values.find((value) => value.path === "attributes.title");
    expect(title?.because?.rule).toMatch(/^mappings\/ad\.yaml:\d+$/u);
    expect(title?.because?.record).toBe(`halo.users ${person?.id}`);
    expect((await w.run(["why", "nobody at all"])).code).toBe(64);
  });

  it("no secret is in state, bundles or run folders", () => {
    const secrets = Object.values(w.sandbox.env);
    const state = readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json"), "utf8");
    const plan =
      readFileSync(join(w.home, "first", "plan.json"), "utf8") +
      readFileSync(join(w.home, "first", "plan.html"), "utf8") +
      readFileSync(join(w.home, "first", "operations.json"), "utf8");
    for (const secret of secrets) {
      expect(state).not.toContain(secret);
      expect(plan).not.toContain(secret);
    }
  });
});
