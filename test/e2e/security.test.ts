/**
 * What others could do by what they may write or read, on the whole product (docs/security.md): a state that is not as haloform
 * left it, and what lies where others of the machine may look. Under the real engine, as processes.
 */
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Made, type World, world } from "./support.ts";

let w: World;
let made: Made;
beforeAll(async () => {
  w = await world({ people: 12 });
  made = await w.processes.plan("bundle");
  const done = await w.processes.up(made);
  if (![0, 4].includes(done.code ?? -1)) throw new Error(done.err);
  await w.sandbox.connect.settled();
});
afterAll(() => w?.stop());

describe("security-11: what a run leaves is its user's alone", () => {
  it("no group and nobody else has a right to anything in home and bundle", () => {
    /** What the test itself put there. */
    const ours = new Set(["sandbox", "mappings", "Pulumi.test.yaml"]);
    const open: string[] = [];
    const visit = (path: string): void => {
      const stat = lstatSync(path);
      if (!stat.isSymbolicLink() && (stat.mode & 0o077) !== 0) open.push(`${relative(w.home, path)} ${(stat.mode & 0o777).toString(8)}`);
      if (!stat.isDirectory()) return;
      for (const name of readdirSync(path)) if (path !== w.home || !ours.has(name)) visit(join(path, name));
    };
    visit(w.home);
    expect(open).toEqual([]);
    for (const place of ["state", "engine", "tools", "work", "runs", "bundle/plan.json", "bundle/operations.json"])
      expect(lstatSync(join(w.home, place)), place).toBeDefined();
    expect(readdirSync(join(w.home, "state", ".haloform", "engines")), "no engine is left").toEqual([]);
  });
});

describe("security-1: a state that is not as haloform left it", () => {
  const file = (): string => join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json");
  interface State {
    checkpoint: { latest: { resources: { urn: string; type: string; custom: boolean; id?: string; inputs: object; outputs: object }[] } };
  }
  let before: string;
  beforeAll(() => {
    before = readFileSync(file(), "utf8");
  });

  /** Writes it changed in one place, and has every command refuse it in one line that names the resource. */
  async function refused(change: (resources: State["checkpoint"]["latest"]["resources"]) => void, name: RegExp): Promise<void> {
    const state = JSON.parse(before) as State;
    change(state.checkpoint.latest.resources);
    writeFileSync(file(), JSON.stringify(state));
    const writes = w.sandbox.writes();
    try {
      for (const args of [["preview"], ["drift"], ["up", "--plan", made.folder, "--approve", made.plan.digest], ["why", "1"]]) {
        const done = await w.processes.run(args);
        expect([args[0], done.code, done.err]).toEqual([args[0], 3, expect.stringMatching(name)]);
        expect(done.err.split("\n").filter((line) => line.startsWith("Refused: "))).toHaveLength(1);
      }
      expect(w.sandbox.writes()).toBe(writes);
      expect(readFileSync(file(), "utf8")).toBe(JSON.stringify(state));
    } finally {
      writeFileSync(file(), before);
    }
  }

  it("another text in one resource's inputs or outputs", async () => {
    const text = "exports.handler = () => ({})";
    await refused((all) => {
      const [one] = all.filter((row) => row.type.endsWith("/ad:User"));
      if (one) Object.assign(one.outputs, { __provider: text });
    }, /holds 1 resource that haloform never wrote so: ad:User person-\d+\. Nothing was run with it/u);
  });

  it("a resource of another program", async () => {
    await refused(
      (all) =>
        all.push({
          urn: "urn:pulumi:test::haloform::other:index:Thing::x",
          type: "other:index:Thing",
          custom: true,
          id: "x",
          inputs: {},
          outputs: {},
        }),
      /holds 1 resource that haloform never wrote so: other:index:Thing x\./u,
    );
  });

  it("as it was left, it is taken", async () => {
    expect((await w.processes.run(["drift"])).code).toBe(0);
  });
});
