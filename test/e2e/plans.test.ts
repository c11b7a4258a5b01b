/**
 * `up` applies the approved plan and nothing else (design.md, promise 1), and never more loss than the limits allow
 * (promise 3). Every refusal: its exit code, nothing written, one plain sentence that names the cause and the mend.
 */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount, seal } from "../../stacks/plan/plan.ts";
import { type Ended, real, root, type World, world } from "./support.ts";

interface Made {
  plan: Plan;
  folder: string;
}

/** Preloaded into the command line: it runs so many hours later. The other processes keep the time. */
function later(hours: number): NodeJS.ProcessEnv {
  const code = `const now=Date.now.bind(Date);const real=Date;const on=()=>now()+${hours * 3_600_000};globalThis.Date=class extends real{constructor(...a){a.length?super(...a):super(on())}static now(){return on()}};delete process.env.NODE_OPTIONS;`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
}

/** Runs up and holds it to: the exit code, one sentence on stderr that matches, nothing on stdout, nothing written. */
async function refused(
  w: World,
  args: readonly string[],
  said: RegExp,
  options: { code?: 3 | 64; more?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const { code = 3, more = {} } = options;
  await w.sandbox.connect.settled();
  const writes = w.sandbox.writes();
  const snapshot = JSON.stringify(w.sandbox.snapshot());
  const done = await w.run(["up", ...args], more);
  expect(done.code, done.err).toBe(code);
  const lines = done.err
    .split("\n")
    .filter((line) => line !== "" && !/^(?:Reading people from HaloITSM|Read \d+ people from )/u.test(line));
  expect(lines, done.err).toHaveLength(1);
  expect(lines[0]).toMatch(said);
  if (code === 3) expect(lines[0]).toMatch(/^Refused: /u);
  expect(done.out).toBe("");
  expect(w.sandbox.writes()).toBe(writes);
  expect(JSON.stringify(w.sandbox.snapshot()) === snapshot, "the systems are as they were").toBe(true);
  return done;
}

const of = ({ plan, folder }: Made): string[] => ["--plan", folder, "--approve", plan.digest];

/** Something that is so for a while. */
interface While {
  begin(): void;
  end(): void;
}

async function during(change: While, work: () => Promise<unknown>): Promise<void> {
  change.begin();
  try {
    await work();
  } finally {
    change.end();
  }
}

function title(w: World, person: Person, text: string): While {
  const set = (value: string): void => w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: value } } });
  return { begin: () => set(text), end: () => set(person.post.title) };
}

/** A copy of a bundle, to be altered. */
function copyOf(made: Made, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  cpSync(made.folder, folder, { recursive: true });
  return folder;
}

function someone(w: World, ...not: readonly Person[]): Person {
  const found = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one.id > 110 && !not.includes(one));
  if (!found) throw new Error("nobody is steady");
  return found;
}

function accountOf(w: World, person: Person): string {
  const entry = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(person.id))[0];
  if (!entry) throw new Error(`${person.name} has no account`);
  return entry.dn;
}

const again = "Make a new one with `haloform preview --out DIR` and have it approved\\.";

/** Made at once, as they have nothing to do with each other. */
let fresh: { w: World; made: Made; other: Made };
let settled: { w: World; made: Made };
let limited: { w: World; made: Made & { ended: Ended } };
beforeAll(async () => {
  [fresh, settled, limited] = await Promise.all([
    world({ people: 40 }).then(async (w) => ({ w, made: await w.plan("made"), other: await w.plan("other") })),
    world({ people: 40 }).then(async (w) => {
      await w.converge();
      return { w, made: await w.plan("made") };
    }),
    world({ people: 40, limits: true }).then(async (w) => ({ w, made: await w.plan("too-much", [3]) })),
  ]);
});
afterAll(() => Promise.all([fresh, settled, limited].map((one) => one?.w.stop())));

describe("a plan that is not the approved one", () => {
  let w: World;
  let made: Made;
  let other: Made;
  beforeAll(() => {
    ({ w, made, other } = fresh);
  });

  it.each([
    [
      "no plan and nobody to ask",
      [],
      "up needs an approved plan: make one with `haloform preview --out DIR`, have it read, and run `haloform up --plan DIR --approve DIGEST`\\.",
    ],
    [
      "a plan that nobody approved",
      ["--plan", "made"],
      "--plan needs --approve DIGEST: the digest of the plan somebody has read and approved",
    ],
    [
      "an approval of nothing",
      ["--approve", `sha256:${"0".repeat(64)}`],
      "--approve needs --plan DIR: the bundle that `haloform preview --out DIR` wrote\\.",
    ],
    [
      "half a digest",
      ["--plan", "made", "--approve", "sha256:0123"],
      '--approve "sha256:0123": expected the plan\'s digest, sha256: and 64 hexadecimal digits\\.',
    ],
    [
      "a folder that is not there",
      ["--plan", "nowhere", "--approve", `sha256:${"0".repeat(64)}`],
      "nowhere: there is no plan\\.json in it; make one with `haloform preview --out ",
    ],
  ])("is wrong usage: %s", async (_what, args, said) => {
    const given = args.map((arg) => (arg === "made" || arg === "nowhere" ? join(w.home, arg) : arg));
    const calls = w.sandbox.calls();
    await refused(w, given, new RegExp(said, "u"), { code: 64 });
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("another plan's digest", async () => {
    await refused(
      w,
      ["--plan", made.folder, "--approve", other.plan.digest],
      new RegExp(`is ${made.plan.digest}, but ${other.plan.digest} was approved\\. Approve the plan you mean to apply\\.$`, "u"),
    );
  });

  it("an altered plan.json", async () => {
    const folder = copyOf(made, join(w.home, "altered"));
    const text = readFileSync(join(folder, "plan.json"), "utf8");
    const changed = text.replace(
      /("summary": ?\{[^}]*"leavers": ?)(\d+)/u,
      (_all, before: string, count: string) => `${before}${Number(count) + 1}`,
    );
    expect(changed).not.toBe(text);
    writeFileSync(join(folder, "plan.json"), changed);
    await refused(
      w,
      ["--plan", folder, "--approve", made.plan.digest],
      new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u"),
    );
  });

  it("an expiry that somebody moved is an alteration", async () => {
    const folder = copyOf(made, join(w.home, "moved"));
    writeFileSync(join(folder, "plan.json"), JSON.stringify({ ...made.plan, expires: "2099-01-01T00:00:00.000Z" }));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /was altered after it was made/u);
  });

  it("an altered plan.json with a digest that fits it is not the one that was approved", async () => {
    const folder = copyOf(made, join(w.home, "resealed"));
    const { digest: _digest, ...body } = made.plan;
    const resealed = seal({ ...body, people: [] });
    writeFileSync(join(folder, "plan.json"), JSON.stringify(resealed));
    await refused(
      w,
      ["--plan", folder, "--approve", made.plan.digest],
      new RegExp(`is ${resealed.digest}, but ${made.plan.digest} was approved`, "u"),
    );
  });

  it.each([
    [
      "cut off",
      (text: string) => text.slice(0, text.length / 2),
      /plan\.json cannot be read as JSON \(.*\); it was altered or cut off\.$/u,
    ],
    ["another document", () => "{}", /plan\.json is not a plan haloform wrote, or it was altered \(/u],
    [
      "a field that no plan has",
      (text: string) => text.replace("{", '{"force": true,'),
      /plan\.json is not a plan haloform wrote, or it was altered \(/u,
    ],
  ])("a plan.json that is %s", async (_what, change, said) => {
    const folder = copyOf(made, join(w.home, "broken"));
    writeFileSync(join(folder, "plan.json"), change(readFileSync(join(folder, "plan.json"), "utf8")));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
  });

  it("an altered pulumi-plan.json, one of another plan, and none", async () => {
    const folder = copyOf(made, join(w.home, "engine"));
    const file = join(folder, "pulumi-plan.json");
    const said = new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u");
    writeFileSync(file, `${readFileSync(file, "utf8")} `);
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
    cpSync(join(other.folder, "pulumi-plan.json"), file);
    if (readFileSync(file, "utf8") !== readFileSync(join(made.folder, "pulumi-plan.json"), "utf8")) {
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
    }
    rmSync(file);
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
  });

  it("a world.json that somebody changed cannot make a stale plan fit", async () => {
    const folder = copyOf(made, join(w.home, "world"));
    const person = someone(w);
    const stale = new RegExp(`the plan is stale: the world is not the one it was made from\\. ${again}$`, "u");
    await during(title(w, person, "Ballast Keeper"), async () => {
      writeFileSync(join(folder, "world.json"), "{}");
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], stale);
      rmSync(join(folder, "world.json"));
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], stale);
    });
  });

  it("expired: a day later", async () => {
    await refused(
      w,
      of(made),
      new RegExp(`the plan expired at ${made.plan.expires.replaceAll(".", "\\.")}; make a new one and have it approved\\.$`, "u"),
      { more: later(25) },
    );
  });

  it("expired: after the hours of haloform:expires", async () => {
    const settings = readFileSync(w.stackFile, "utf8");
    writeFileSync(w.stackFile, `${settings}  "haloform:expires": 2\n`);
    const short = await w.plan("short");
    expect(Date.parse(short.plan.expires) - Date.parse(short.plan.made)).toBe(2 * 3_600_000);
    await refused(w, of(short), /the plan expired at .*; make a new one and have it approved\.$/u, { more: later(3) });
    writeFileSync(w.stackFile, settings);
  });

  it("of another stack", async () => {
    await refused(w, ["--stack", "another", ...of(made)], /the plan is for the stack test, not for another\b.*\.$/u);
  });

  it("after all that, the approved plan is applied", async () => {
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBeGreaterThan(0);
    await w.sandbox.connect.settled();
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("the same plan a second time", async () => {
    await refused(w, of(made), new RegExp(`the plan is stale: another run has changed the state since;.* ${again}$`, "u"));
  });
});

describe("a plan whose world has moved since the preview", () => {
  let w: World;
  let made: Made;
  let person: Person;
  beforeAll(() => {
    ({ w, made } = settled);
    person = someone(w);
  });

  it("somebody changed an account by hand in Active Directory", async () => {
    const change = { dn: accountOf(w, person), was: { title: person.post.title }, now: { title: "Acting Captain" } };
    await during(
      {
        begin: () => w.sandbox.hand({ ad: { dn: change.dn, replace: change.now } }),
        end: () => w.sandbox.hand({ ad: { dn: change.dn, replace: change.was } }),
      },
      () => refused(w, of(made), new RegExp(`the plan is stale: somebody has changed ad:User person-${person.id}\\. ${again}$`, "u")),
    );
  });

  it("somebody changed a group and took a licence", async () => {
    const group = w.sandbox.ad.entries.account("GG-AllStaff");
    if (!group) throw new Error("GG-AllStaff is missing");
    const member = { member: [accountOf(w, person)] };
    const user = `${person.login}@corp.example.com`;
    const sku = [person.post.department === "Engineering" ? "SPE_E5" : "SPE_E3"];
    await during(
      {
        begin: () => w.sandbox.hand({ ad: { dn: group.dn, remove: member }, graph: { user, removeLicences: sku } }),
        end: () => w.sandbox.hand({ ad: { dn: group.dn, add: member }, graph: { user, addLicences: sku } }),
      },
      () =>
        refused(
          w,
          of(made),
          new RegExp(`the plan is stale: somebody has changed ad:Group \\S+, entra:Licence person-${person.id}\\. ${again}$`, "u"),
        ),
    );
  });

  it("a record in Halo changed", async () => {
    await during(title(w, person, "Ballast Keeper"), () =>
      refused(w, of(made), new RegExp(`the plan is stale: what is wanted has changed for ad:User person-${person.id}\\. ${again}$`, "u")),
    );
  });

  it.each([
    ["by a remark", (text: string) => `${text}\n# a remark\n`, "made from\\."],
    [
      "by a rule",
      (text: string) => text.replace("{{ client_name }}", "{{ client_name }} Ltd"),
      "made from; what is wanted has changed for .* and \\d+ more\\.",
    ],
  ])("a mapping file changed %s", async (_what, change, said) => {
    const file = join(w.mappings, "ad.yaml");
    const text = readFileSync(file, "utf8");
    expect(change(text)).not.toBe(text);
    await during({ begin: () => writeFileSync(file, change(text)), end: () => writeFileSync(file, text) }, () =>
      refused(w, of(made), new RegExp(`the plan is stale: the mapping files are not the ones the plan was ${said} ${again}$`, "u")),
    );
  });

  it("all put back, and a field changed that no rule looks at: the plan still holds, and writes nothing", async () => {
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { notes: "has a parrot" } } });
    await w.sandbox.connect.settled();
    const writes = w.sandbox.writes();
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBe(writes);
  });
});

describe("limits of lost access", () => {
  let w: World;
  let made: Made & { ended: Ended };
  beforeAll(() => {
    ({ w, made } = limited);
  });

  const limit = (disabled: Record<string, number>): void =>
    w.edit("safety", (content) => {
      content["limits"] = { disabled, memberships_lost: { most: 10_000 }, licences_lost: { most: 10_000 } };
    });
  const leave = (...people: readonly Person[]): void => {
    for (const person of people) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });
  };

  it("more than they allow: preview says so with exit 3, and its plan cannot be applied, not even with a verdict that was turned", async () => {
    expect(made.plan.guard.verdict).toBe("refused");
    const count = made.plan.summary.losses.disabled;
    expect(made.plan.guard.breaches[0]).toMatch(
      new RegExp(
        `^${count} accounts would be disabled in 24 hours; the limit is 5 % of \\d+ = 3 \\(mappings/safety\\.yaml limits\\.disabled\\.share\\)$`,
        "u",
      ),
    );
    expect(made.ended.err.split("\n").filter((line) => line.startsWith("Refused: "))).toEqual(
      made.plan.guard.breaches.map((breach) => `Refused: ${breach}`),
    );
    expect(readFileSync(join(made.folder, "plan.md"), "utf8")).toContain(`${count} accounts would be disabled in 24 hours`);
    await refusedAll(w, of(made), made.plan.guard.breaches);

    const folder = copyOf(made, join(w.home, "turned-copy"));
    const { digest: _digest, ...body } = made.plan;
    const turned = seal({ ...body, guard: { verdict: "ok", breaches: [] } });
    writeFileSync(join(folder, "plan.json"), JSON.stringify(turned));
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
      `${before + 3} accounts would be disabled in 24 hours (2 now, ${before + 1} before); the limit is ${before + 2} (mappings/safety.yaml limits.disabled.most)`,
    ]);
    await refusedAll(w, of(third), third.plan.guard.breaches);
    expect(accountState(w, one)).toBe("514");
    expect(accountState(w, two)).toBe("512");
    // A limit that is counted over 24 hours is over after 25.
    const folder = join(w.home, "next-day");
    const day = later(25);
    const preview = await w.run(["preview", "--out", folder], day);
    expect(preview.code, preview.err).toBe(0);
    const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Plan;
    expect(plan.summary.losses.disabled).toBe(2);
    const done = await w.run(["up", ...of({ plan, folder })], day);
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
      (content["groups"] as unknown[]).push({ name, members: { title: "Deckhand" } });
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
