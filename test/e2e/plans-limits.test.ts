/** Never more loss than the limits allow (design.md, promise 3), and protected people and groups are not touched. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderJson } from "../../cli/render/answers/json.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { seal } from "../../stacks/plan/plan.ts";
import { copyOf, hoursLater, type Made, of, refused, someone } from "./refusals.ts";
import { type Ended, real, root, type World, world } from "./support.ts";

describe("limits of lost access", () => {
  let w: World;
  let made: Made & { ended: Ended };
  beforeAll(async () => {
    w = await world({ people: 40, limits: true });
    made = await w.plan("too-much", [3]);
  });
  afterAll(() => w?.stop());

  const limit = (disabled: Record<string, number>): void =>
    w.edit("safety", (content) => {
      content["limits"] = { disabled, membershipsLost: { most: 10_000 }, licencesLost: { most: 10_000 } };
    });
  const leave = (...people: readonly Person[]): void => {
    for (const person of people) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });
  };

  it("more than they allow: preview says so with exit 3, and its plan cannot be applied, not even with a verdict that was turned", async () => {
    expect(made.plan.guard.verdict).toBe("refused");
    const ad = made.plan.guard.counts?.find(({ limit: name }) => name === "disabled")?.systems.find(({ system }) => system === "ad")?.count;
    expect(made.plan.summary.losses.disabled).toBeGreaterThan(ad ?? 0);
    expect(made.plan.guard.breaches[0]).toMatch(
      new RegExp(
        `^${ad} accounts in Active Directory would be disabled in 24 hours; the limit is 5 % of \\d+ = 3 \\(mappings/safety\\.yaml limits\\.disabled\\.share\\); [^;]+; [^;]+$`,
        "u",
      ),
    );
    expect(made.ended.err.split("\n").filter((line) => line.startsWith("Refused: "))).toEqual(
      made.plan.guard.breaches.map((breach) => `Refused: ${breach}`),
    );
    expect(readFileSync(join(made.folder, "plan.md"), "utf8")).toContain(
      `${ad} accounts in Active Directory would be disabled in 24 hours`,
    );
    await refusedAll(w, of(made), made.plan.guard.breaches);

    const folder = copyOf(made, join(w.home, "turned-copy"));
    const { digest: _digest, ...body } = made.plan;
    const turned = seal({ ...body, guard: { verdict: "ok", breaches: [] } });
    writeFileSync(join(folder, "plan.json"), renderJson(turned));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /but sha256:[0-9a-f]{64} was approved/u);
    // And were even that digest approved: up counts for itself.
    await refusedAll(w, ["--plan", folder, "--approve", turned.digest], made.plan.guard.breaches);
  });

  it("a big loss cannot be split over two plans within 24 hours; the day after it may go on", async () => {
    limit({ most: 100 });
    const before = (await w.converge()).plan.summary.losses.disabled;
    expect(before).toBeGreaterThan(0);
    const one = someone(w);
    const two = someone(w, one);
    const three = someone(w, one, two);
    limit({ most: before + 2 });
    leave(one);
    expect((await w.converge()).plan.summary.losses.disabled).toBe(1);
    leave(two, three);
    const third = await w.plan("split", [3]);
    expect(third.plan.guard.breaches).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${before + 3} accounts would be disabled in 24 hours \\(2 now, ${before + 1} before\\); the limit is ${before + 2} of \\d+ \\(mappings/safety\\.yaml limits\\.disabled\\.most\\); `,
          "u",
        ),
      ),
    ]);
    await refusedAll(w, of(third), third.plan.guard.breaches);
    expect(accountState(w, one)).toBe("514");
    expect(accountState(w, two)).toBe("512");
    // A limit that is counted over 24 hours is over after 25.
    const folder = join(w.home, "next-day");
    const preview = await hoursLater(25, () => w.run(["preview", "--out", folder]));
    expect(preview.code, preview.err).toBe(0);
    const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Plan;
    expect(plan.summary.losses.disabled).toBe(2);
    const done = await hoursLater(25, () => w.run(["up", ...of({ plan, folder })]));
    expect(done.code, done.err).toBe(0);
    expect(accountState(w, two)).toBe("514");
  });

  it("protected people keep everything, whatever Halo says or no longer says", async () => {
    limit({ most: 100 });
    const [inactive, absent] = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && accountState(w, one) === "512");
    if (!inactive || !absent) throw new Error("nobody is left");
    w.edit("safety", (content) => {
      content["protected"] = { people: [inactive.id, absent.id], groups: ["Domain Admins"] };
    });
    leave(inactive);
    w.sandbox.hand({ halo: { table: "users", id: absent.id, delete: true } });
    const kept = await w.plan();
    expect(real(kept.plan).filter((one) => one.who === String(inactive.id) || one.who === String(absent.id))).toEqual([]);
    expect(kept.plan.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    const notes = kept.plan.notes.join("\n");
    for (const [person, why] of [
      [inactive, "inactive in Halo"],
      [absent, "absent from Halo since \\d{4}-\\d\\d-\\d\\d"],
    ] as const) {
      expect(notes).toMatch(
        new RegExp(`\\(${person.id}\\) is ${why}, and protected \\(mappings/safety\\.yaml:\\d+\\): nothing is taken away`, "u"),
      );
    }
    const state = JSON.stringify(w.sandbox.snapshot());
    const done = await w.up(kept);
    expect(done.code, done.err).toBe(0);
    expect(JSON.stringify(w.sandbox.snapshot()) === state, "the systems are as they were").toBe(true);
  });

  /** One group more than the sample has. */
  const wantGroup = (name: string): void => {
    cpSync(join(root, "mappings", "ad.yaml"), join(w.mappings, "ad.yaml"));
    w.edit("ad", (content) => {
      (content["groups"] as unknown[]).push({ name, for: { title: "Deckhand" } });
    });
  };

  it.each([
    ["that mappings/safety.yaml protects", "GG-Board", "which mappings\\/safety\\.yaml:\\d+ protects"],
    ["that is always protected", "Domain Admins", "which is always protected"],
  ])("a mapping that names a group %s is a mistake in the mapping", async (_what, name, why) => {
    w.edit("safety", (content) => {
      content["protected"] = { groups: ["GG-Board"] };
    });
    wantGroup(name);
    const calls = w.sandbox.calls();
    const done = await w.run(["preview"]);
    expect(done.code, done.err).toBe(64);
    expect(done.err).toMatch(
      new RegExp(
        `^mappings\\/ad\\.yaml:\\d+:\\d+ groups\\[\\d+\\]\\.name: expected a group that is not protected, found "${name}", ${why}\\n$`,
        "u",
      ),
    );
    expect(done.out).toBe("");
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("a mapping that names a group which Active Directory protects is refused", async () => {
    const writes = w.sandbox.writes();
    const board = w.sandbox.ad.entries.account("GG-Finance");
    if (!board) throw new Error("GG-Finance is missing");
    w.sandbox.hand({
      ad: { dn: board.dn.replace("GG-Finance", "GG-Keys"), create: { objectClass: "group", sAMAccountName: "GG-Keys", adminCount: 1 } },
    });
    wantGroup("GG-Keys");
    const out = join(w.home, "protected");
    const done = await w.run(["preview", "--out", out]);
    expect(done.code, done.err).toBe(3);
    expect(done.err).toMatch(
      /^Refused: mappings\/ad\.yaml:\d+ names the protected group GG-Keys: haloform never changes it; take it out of the mapping$/mu,
    );
    expect(done.out).toBe("");
    expect(existsSync(join(out, "plan.json"))).toBe(false);
    expect(readFileSync(join(out, "plan.md"), "utf8")).toContain("GG-Keys");
    expect(w.sandbox.writes()).toBe(writes);
  });
});

function accountState(w: World, person: Person): string | undefined {
  return w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(person.id))[0]?.text("userAccountControl");
}

/** As `refused`, with a sentence for each limit. */
async function refusedAll(w: World, args: readonly string[], breaches: readonly string[]): Promise<void> {
  expect(breaches.length).toBeGreaterThan(0);
  const writes = w.sandbox.writes();
  const done = await w.run(["up", ...args]);
  expect(done.code, done.err).toBe(3);
  expect(done.err.split("\n").filter((line) => line.startsWith("Refused: "))).toEqual(breaches.map((breach) => `Refused: ${breach}`));
  expect(done.out).toBe("");
  expect(w.sandbox.writes()).toBe(writes);
}
