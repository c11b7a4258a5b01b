/** What somebody reads before they approve: `haloform show`, and a plan that is made and approved at a terminal. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Shown } from "../../cli/answers/answers.ts";
import { copyOf, hoursLater, type Made } from "./refusals.ts";
import { type World, world } from "./support.ts";

let w: World;
beforeAll(async () => {
  w = await world({ people: 40 });
});
afterAll(() => w?.stop());

describe("security-15: haloform show renders plan.json again", () => {
  let made: Made;
  beforeAll(async () => {
    made = await w.plan("made");
  });

  it("says the same as the preview did, that the files show it, and asks nobody", async () => {
    const calls = w.sandbox.calls();
    const done = await w.run(["show", made.folder]);
    expect([done.code, done.err]).toEqual([0, ""]);
    expect(done.out).toContain(`Digest   ${made.plan.digest}`);
    expect(done.out).toContain("! First run: nothing is known of an earlier one");
    expect(done.out).toContain("For      the domain corp.example.com (S-1-5-21-");
    expect(done.out).toContain("plan.md shows this plan.\nplan.html shows this plan.\n");
    const { plan, ...shown } = JSON.parse((await w.run(["show", made.folder, "--json"])).out) as Shown;
    expect(plan).toEqual(made.plan);
    expect(shown).toMatchObject({ digest: plan.digest, verdict: "ready for approval", expired: false, baseline: "none" });
    expect((await w.run(["show", made.folder, "--md"])).out).toBe(readFileSync(join(made.folder, "plan.md"), "utf8"));
    const own = join(w.home, "own.html");
    await w.run(["show", made.folder, "--html", own]);
    expect(readFileSync(own, "utf8")).toBe(readFileSync(join(made.folder, "plan.html"), "utf8"));
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("a redacted plan.md shows it too; one that is missing is said", async () => {
    const folder = copyOf(made, join(w.home, "redacted"));
    writeFileSync(join(folder, "plan.md"), (await w.run(["show", folder, "--md", "--redact"])).out);
    rmSync(join(folder, "plan.html"));
    const done = await w.run(["show", folder]);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("plan.md shows this plan.\nplan.html is not in the bundle.\n")]);
  });

  it("a page or a comment that shows another plan ends with 3", async () => {
    for (const file of ["plan.md", "plan.html"]) {
      const folder = copyOf(made, join(w.home, "painted"));
      writeFileSync(join(folder, file), readFileSync(join(folder, file), "utf8").replace(/\d+ people join/u, "0 people join"));
      const done = await w.run(["show", folder]);
      expect([done.code, done.out]).toEqual([3, expect.stringContaining(`${file} shows something else: do not go by it.`)]);
    }
  });

  it("an altered plan is refused, none is wrong usage, an expired one is said", async () => {
    const folder = copyOf(made, join(w.home, "altered"));
    writeFileSync(join(folder, "plan.json"), readFileSync(join(folder, "plan.json"), "utf8").replace('"leavers": ', '"leavers": 1'));
    const altered = await w.run(["show", folder]);
    expect([altered.code, altered.out, altered.err]).toEqual([3, "", expect.stringMatching(/^Refused: the plan in .* was altered/u)]);
    const nothing = await w.run(["show", join(w.home, "nowhere")]);
    expect([nothing.code, nothing.err]).toEqual([64, expect.stringMatching(/^\S*nowhere: there is no plan\.json in it/u)]);
    await hoursLater(25, async () => {
      expect((await w.run(["show", made.folder])).out).toContain("It has expired and cannot be applied any more.");
    });
  });
});

describe("security-11: a plan that was made at a terminal is gone afterwards", () => {
  const plans = (): string[] => readdirSync(join(w.home, "plans"));
  /** Types the beginning of the digest when the plan is there; `word`: something else. */
  async function up(word?: string) {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const { over } = w.begin(["up"], {}, stdin);
    const timer = setInterval(() => {
      try {
        const [folder = ""] = plans();
        const { digest } = JSON.parse(readFileSync(join(w.home, "plans", folder, "plan.json"), "utf8")) as { digest: string };
        stdin.write(`${word ?? digest.slice("sha256:".length, "sha256:".length + 8)}\n`);
        clearInterval(timer);
      } catch {
        // It is still being made.
      }
    }, 50);
    return over.finally(() => clearInterval(timer));
  }

  it("not approved, and approved", async () => {
    const declined = await up("no");
    expect([declined.code, declined.err]).toEqual([3, expect.stringContaining("Refused: the plan was not approved; nothing was changed.")]);
    expect([plans(), w.sandbox.writes()]).toEqual([[], 0]);
    const done = await up();
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBeGreaterThan(0);
    expect(plans()).toEqual([]);
  });
});
