/**
 * A bad feed removes nobody (design.md, promise 2): whatever Halo answers, a plan takes nothing from anybody, or there is no
 * plan (exit 3). Each fault is tried at once with `trust.onDoubt: hold`, with `refuse`, and with the state lost as well; three
 * of them (in the long profile all) also as processes, with their exit code and comment.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { start } from "../engine/command.ts";
import { long } from "../sizes.ts";
import { type Fault, faults } from "./feed-faults.ts";
import { type Ended, ended, real, root, type World, world } from "./support.ts";

interface Previewed extends Ended {
  plan: Plan | undefined;
  comment: string;
}

/** Everything a plan would take from somebody, as text; what is given or corrected is not in it. */
function taken(plan: Plan): string[] {
  const all = [
    ...plan.people.flatMap((one) => one.changes.map((change) => ({ who: one.key, change }))),
    ...plan.shared.map((change) => ({ who: "shared", change })),
  ];
  return all.flatMap(({ who, change }) => {
    if (["disable", "strip", "delete", "release"].includes(change.op)) return [`${who} ${change.type} ${change.label}: ${change.op}`];
    return change.fields
      .filter(
        (field) =>
          (field.after === null && field.before !== null) || field.after === "" || (field.path === "enabled" && field.after === false),
      )
      .map(
        (field) => `${who} ${change.type} ${change.label}: ${field.path} ${JSON.stringify(field.before)} → ${JSON.stringify(field.after)}`,
      );
  });
}

describe("a feed that cannot be believed", () => {
  let w: World;
  let strict: string;
  let calm: { records: number; snapshot: string; writes: number };
  /** Takes one call after another from 429: waited out for half a minute and a whole one, so it runs beside the others. */
  let throttled: { w: World; done: Promise<Ended> };

  /** preview --out, with other mappings or another home than the world's. */
  async function preview(name: string, options: { mappings?: string; home?: string; processes?: boolean } = {}): Promise<Previewed> {
    const folder = join(w.home, "bundles", name);
    const args = ["preview", "--out", folder, "--config-file", w.stackFile, "--mappings", options.mappings ?? w.mappings];
    const env = { ...w.env, HALOFORM_HOME: options.home ?? w.home };
    const spawned = () =>
      spawn(process.execPath, [join(root, "cli", "main.ts"), ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    const done = await (options.processes ? ended(spawned()) : start(args, env).over);
    const file = join(folder, "plan.json");
    return {
      ...done,
      plan: existsSync(file) ? planSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined,
      comment: readFileSync(join(folder, "plan.md"), "utf8"),
    };
  }

  beforeAll(async () => {
    const slow = await world({ people: 20 });
    slow.sandbox.halo.faults.throttled = 2;
    throttled = { w: slow, done: slow.processes.run(["preview", "--json"]) };
    w = await world({ people: 120, limits: true });
    const first = await w.converge();
    expect(first.plan.source.trust).toBe("trusted");
    strict = join(w.home, "strict");
    mkdirSync(strict);
    for (const file of ["people", "ad", "entra", "halo", "safety"]) cpSync(join(w.mappings, `${file}.yaml`), join(strict, `${file}.yaml`));
    const content = parse(readFileSync(join(strict, "people.yaml"), "utf8")) as { trust: Record<string, unknown> };
    content.trust["onDoubt"] = "refuse";
    writeFileSync(join(strict, "people.yaml"), stringify(content));
    calm = { records: first.plan.source.records, snapshot: JSON.stringify(w.sandbox.snapshot()), writes: w.sandbox.writes() };
  });
  afterAll(async () => {
    await w.stop();
    await throttled.done;
    await throttled.w.stop();
  });

  /** A home without any state, as on a new machine. */
  const lostHome = (name: string): string => join(w.home, `lost-${name}`);

  function expectRefused(done: Previewed, said: RegExp): void {
    expect(done.code, `${done.err}${done.plan ? JSON.stringify(taken(done.plan)) : ""}`).toBe(3);
    expect(done.err).toMatch(/^Refused: [^\n]+$/mu);
    expect(done.err).toMatch(said);
    expect(done.comment).toMatch(/Exit code 3|Refused: nothing will be applied/u);
  }

  function expectHarmless(done: Previewed): void {
    expect([0, 3], done.err).toContain(done.code);
    if (done.code === 3) expect(done.err).toMatch(/^Refused: [^\n]+$/mu);
    if (done.plan && done.code === 0) expect(taken(done.plan)).toEqual([]);
  }

  function expectHeld(held: Previewed, { always, said }: Fault): void {
    if (always || held.code === 3) {
      expectRefused(held, said);
      return;
    }
    expect(held.code, held.err).toBe(0);
    expect(held.plan?.source.trust).toBe("doubted");
    expect(held.plan?.source.doubts.join("\n")).toMatch(said);
    expect(held.plan?.notes.join("\n")).toMatch(
      /The read of Halo is doubted: \d+ people known before keep what they have, and nobody loses anything/u,
    );
    expect(held.plan && taken(held.plan)).toEqual([]);
    expect(held.plan?.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    // Nobody's values are taken over from a feed that is not believed either.
    expect(held.plan && real(held.plan)).toEqual([]);
  }

  it.each(faults)("$what", async (fault) => {
    const { what, wrong, said, lost } = fault;
    Object.assign(w.sandbox.halo.faults, wrong);
    try {
      const name = what.replaceAll(/\W+/gu, "-");
      const ways = { hold: {}, refuse: { mappings: strict }, lost: { home: lostHome(name) } } as const;
      expectHeld(await preview(`${name}-hold`, ways.hold), fault);
      expectRefused(await preview(`${name}-refuse`, ways.refuse), said);
      const expectUnknown = (unknown: Previewed): void =>
        lost === "harmless" ? expectHarmless(unknown) : expectRefused(unknown, /^Refused: /mu);
      expectUnknown(await preview(`${name}-lost`, ways.lost));
      const [held, refused, unknown] = (["hold", "refuse", "lost"] as const).map((way) =>
        long || fault.processes === way ? preview(`${name}-${way}-processes`, { ...ways[way], processes: true }) : undefined,
      );
      if (held) expectHeld(await held, fault);
      if (refused) expectRefused(await refused, said);
      if (unknown) expectUnknown(await unknown);
      expect(w.sandbox.writes()).toBe(calm.writes);
    } finally {
      w.sandbox.halo.faults.reset();
    }
  });

  it("a plan made from a doubted read can be applied, changes nothing, and teaches nothing", async () => {
    w.sandbox.halo.faults.missing = 0.5;
    const made = await w.plan("doubted");
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    w.sandbox.halo.faults.reset();
    expect(JSON.stringify(w.sandbox.snapshot()) === calm.snapshot, "the systems are as they were").toBe(true);
    const { plan } = await w.plan("after");
    expect(plan.source).toMatchObject({ trust: "trusted", records: calm.records, doubts: [] });
    expect(real(plan)).toEqual([]);
  });

  it("a plan made from a good read is stale while the feed is bad, and holds again afterwards", async () => {
    const made = await w.plan("good");
    w.sandbox.halo.faults.missing = 0.5;
    const refused = await w.up(made);
    expect(refused.code, refused.err).toBe(3);
    expect(refused.err).toMatch(/^Refused: the plan is stale: .*the source of people is judged differently now/mu);
    w.sandbox.halo.faults.pages = { 1: "500" };
    const failed = await w.up(made);
    expect(failed.code, failed.err).toBe(1);
    expect(failed.err).toMatch(/GET \/Users: HaloITSM answers 500: Execution Timeout Expired/u);
    w.sandbox.halo.faults.reset();
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBe(calm.writes);
  });

  it.each([
    ["500", /^GET \/Users: HaloITSM answers 500: Execution Timeout Expired\.$/mu],
    ["html", /^GET \/Users: HaloITSM answers with an HTML page instead of JSON; check /mu],
    ["truncated", /^GET \/Users: HaloITSM's answer of \d+ characters is not readable JSON/mu],
  ] as const)("not even the first page can be read (%s): exit 1, no plan, and the comment says why", async (fault, said) => {
    w.sandbox.halo.faults.pages = { 1: fault };
    try {
      const done = await preview(`first-${fault}`);
      expect(done.code, done.err).toBe(1);
      expect(done.err).toMatch(said);
      expect(done.plan).toBeUndefined();
      expect(done.comment).toContain("Exit code 1");
    } finally {
      w.sandbox.halo.faults.reset();
    }
  });

  describe("what a client has to live with changes nothing", () => {
    it.each([
      ["401 in the middle", { after: 2, unauthorised: 1 }],
      ["503 a few times", { after: 1, failing: 2 }],
      ["tokens that die after a third of a second, whatever they promise", { tokenDies: 330, delay: 60 }],
    ])("%s", async (what, wrong) => {
      Object.assign(w.sandbox.halo.faults, wrong);
      try {
        const done = await preview(what.replaceAll(" ", "-"));
        expect(done.code, done.err).toBe(0);
        expect(done.plan?.source).toMatchObject({ trust: "trusted", records: calm.records, doubts: [] });
        expect(done.plan && real(done.plan)).toEqual([]);
      } finally {
        w.sandbox.halo.faults.reset();
      }
    });

    it("429 twice: waited out, and said", async () => {
      const done = await throttled.done;
      expect(done.code, done.err).toBe(0);
      expect(done.err).toMatch(/^HaloITSM allows no more requests for now; going on in \d+ s\.$/mu);
      expect(planSchema.parse(JSON.parse(done.out)).source).toMatchObject({ trust: "trusted", doubts: [] });
      expect(throttled.w.sandbox.halo.log.filter((entry) => entry.status === 429)).toHaveLength(2);
    });

    it("401 to every token: exit 1, no plan, and it says what to check", async () => {
      w.sandbox.halo.faults.unauthorised = 1000;
      try {
        const done = await preview("unauthorised");
        expect(done.code, done.err).toBe(1);
        expect(done.err).toMatch(/HaloITSM answers 401 to a fresh token .*; check halo\.scope, /u);
        expect(done.plan).toBeUndefined();
      } finally {
        w.sandbox.halo.faults.reset();
      }
    });
  });

  it("after all that the feed is good again, and there is nothing to do", async () => {
    const { plan } = await w.plan("last");
    expect(plan.source).toMatchObject({ trust: "trusted", doubts: [] });
    expect(changeCount(plan)).toBe(0);
    expect(w.sandbox.writes()).toBe(calm.writes);
    expect(w.sandbox.violations()).toEqual([]);
  });
});
