/** What an administrator asks of Entra ID by the command line: permissions (H10) and what changed since the last time (H11). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DoctorReport } from "../../cli/answers/answers.ts";
import type { Drift } from "../../cli/answers/drift.ts";
import type { PermissionReport } from "../../cli/commands/setup/permissions.ts";
import { type Ended, type World, world } from "./support.ts";

const day = 86_400_000;
const e3 = "05e9a617-0261-4cee-bb44-138d3ef5d965";
let w: World;
beforeAll(async () => {
  w = await world({ people: 20 });
  await w.converge([0, 4]);
});
afterAll(() => w?.stop());

const app = (name: "haloform" | "haloform preview") => {
  const found = w.sandbox.graph.apps.find((one) => one.name === name);
  if (!found) throw new Error(`There is no app ${name}.`);
  return found;
};
const json = <T>(ended: Ended, codes: readonly number[]): T => {
  expect(codes, ended.err).toContain(ended.code);
  return JSON.parse(ended.out) as T;
};

describe("H10: doctor says what the app needs, misses, and loses soon", () => {
  it("H10: --permissions lists what preview and up need, and names what is missing; --read-only leaves out what only up needs", async () => {
    const { roles } = app("haloform");
    try {
      const all = json<PermissionReport>(await w.run(["doctor", "--permissions", "--json"]), [0]);
      expect(all.ok).toBe(true);
      expect(all.permissions.every((one) => one.granted)).toBe(true);
      expect(new Set(all.permissions.map((one) => one.set))).toEqual(new Set(["preview", "up"]));

      const writes = all.permissions.filter((one) => one.set === "up").map((one) => one.permission);
      app("haloform").roles = [...app("haloform preview").roles];
      const [missing, readOnly] = await Promise.all([
        w.run(["doctor", "--permissions"]),
        w.run(["doctor", "--permissions", "--read-only", "--json"]),
      ]);
      expect(missing.code, missing.err).toBe(1);
      expect(missing.out, "security-18").toContain("\nGroup.ReadWrite.All can make anybody a member of any group that gives access");
      for (const permission of writes) expect(missing.out).toMatch(new RegExp(`MISSING +${permission.replaceAll(".", "\\.")} `, "u"));
      // What haloform does without is told, and is no failure.
      app("haloform").roles = roles.filter((role) => role !== "OrgContact.Read.All");
      const weaker = json<PermissionReport>(await w.run(["doctor", "--permissions", "--json"]), [0]);
      expect(weaker.permissions.find((one) => one.granted === false)).toMatchObject({
        ...{ permission: "OrgContact.Read.All", set: "preview", for: ["read mail contacts, whose addresses nobody new may get"] },
        without: "new names and addresses are not compared with those of mail contacts",
      });
      const rest = json<PermissionReport>(readOnly, [0]);
      expect([rest.ok, rest.permissions.map((one) => one.set).includes("up")]).toEqual([true, false]);
    } finally {
      app("haloform").roles = roles;
    }
  });

  it("H10: a secret that ends in 20 days is warned of, one that ends in 40 days is not", async () => {
    const secretOf = async (days: number): Promise<DoctorReport["checks"]> => {
      app("haloform").secretEnds = Date.now() + days * day;
      const report = json<DoctorReport>(await w.run(["doctor", "--json"]), [0, 1]);
      return report.checks.filter((one) => one.said.startsWith("the app's client secret"));
    };
    try {
      const [soon, later] = [await secretOf(20), await secretOf(40)];
      expect(soon).toMatchObject([{ state: "warn", said: expect.stringMatching(/\((?:19|20) days\)/u) }]);
      expect(JSON.stringify(soon)).toContain("ENTRA_CLIENT_SECRET");
      expect(later.map((one) => one.state)).toEqual(["ok"]);
    } finally {
      delete app("haloform").secretEnds;
    }
  });
});

describe("H11: drift --since last --systems entra", () => {
  const drift = async (...more: string[]): Promise<Drift> => json(await w.run(["drift", "--json", ...more]), [0, 2]);
  const since = (...more: string[]): Promise<Drift> => drift("--since", "last", "--systems", "entra", ...more);
  let whole: Drift["found"] = [];
  const inEntra = async (): Promise<Drift["found"]> => (await drift()).found.filter((one) => one.type.startsWith("entra:"));

  it("H11: from now on compares nothing; then the changes alone lead to what a full drift finds, and --full finds the same", async () => {
    const begun = await since("--from-now");
    expect([begun.found, begun.since?.looked]).toEqual([[], 0]);
    const { state } = w.sandbox.graph;
    const [id = ""] = [...state.direct].find(([, direct]) => direct.some((one) => one.skuId === e3)) ?? [];
    w.sandbox.hand({ graph: { user: String(state.users.current.get(id)?.["userPrincipalName"]), removeLicences: ["SPE_E3"] } });

    const last = await since();
    whole = await inEntra();
    expect(whole.length).toBeGreaterThan(0);
    expect(last.found).toEqual(whole);
    expect(last.since).toMatchObject({ systems: ["entra"], notes: [], changed: 1 });
    expect(last.calls).toMatchObject({ halo: 0, ldap: 0 });
    expect((await since("--full")).found).toEqual(whole);
  });

  it("H11: where Graph has lost the link, everything is read, and that is said", async () => {
    w.sandbox.graph.faults.deltaExpired = "gone";
    const found = await since();
    w.sandbox.graph.faults.deltaExpired = "";
    expect(found.since?.notes.join()).toContain("Everything in Entra ID was read instead.");
    expect(found.found).toEqual(whole);
    expect((await since()).since?.notes).toEqual([]);
  });
});
