/**
 * `up` applies the approved plan and nothing else (design.md, promise 1), and never more loss than the limits allow
 * (promise 3). Every refusal: its exit code, nothing written, one plain sentence that names the cause and the mend.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/plan.ts";
import { changeCount, seal } from "../../stacks/planning.ts";
import { type Ended, real, type World, world } from "./support.ts";

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
async function refused(w: World, args: readonly string[], said: RegExp, options: { code?: 3 | 64; more?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
  const { code = 3, more = {} } = options;
  const writes = w.sandbox.writes();
  const snapshot = JSON.stringify(w.sandbox.snapshot());
  const done = await w.run(["up", ...args], more);
  expect(done.code, done.err).toBe(code);
  const lines = done.err.split("\n").filter((line) => line !== "" && !/^(?:Reading people from HaloITSM|Read \d+ people from )/u.test(line));
  expect(lines, done.err).toHaveLength(1);
  expect(lines[0]).toMatch(said);
  if (code === 3) expect(lines[0]).toMatch(/^Refused: /u);
  expect(done.out).toBe("");
  expect(w.sandbox.writes()).toBe(writes);
  expect(JSON.stringify(w.sandbox.snapshot())).toBe(snapshot);
  return done;
}

const of = ({ plan, folder }: Made): string[] => ["--plan", folder, "--approve", plan.digest];

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

describe("a plan that is not the approved one", () => {
  let w: World;
  let made: Made;
  let other: Made;
  beforeAll(async () => {
    w = await world({ people: 40 });
    made = await w.plan("made");
    other = await w.plan("other");
  });
  afterAll(() => w.stop());

  it("two previews of the same world have digests of their own", () => {
    expect(other.plan.digest).not.toBe(made.plan.digest);
    expect(other.plan.world).toBe(made.plan.world);
  });

  it.each([
    ["no plan and nobody to ask", [], "up needs an approved plan: make one with `haloform preview --out DIR`, have it read, and run `haloform up --plan DIR --approve DIGEST`\\."],
    ["a plan that nobody approved", ["--plan", "made"], "--plan needs --approve DIGEST: the digest of the plan somebody has read and approved"],
    ["an approval of nothing", ["--approve", `sha256:${"0".repeat(64)}`], "--approve needs --plan DIR: the bundle that `haloform preview --out DIR` wrote\\."],
    ["half a digest", ["--plan", "made", "--approve", "sha256:0123"], "--approve \"sha256:0123\": expected the plan's digest, sha256: and 64 hexadecimal digits\\."],
    ["a folder that is not there", ["--plan", "nowhere", "--approve", `sha256:${"0".repeat(64)}`], "nowhere: there is no plan\\.json in it; make one with `haloform preview --out "],
  ])("is wrong usage: %s", async (_what, args, said) => {
    const given = args.map((arg) => (arg === "made" || arg === "nowhere" ? join(w.home, arg) : arg));
    const calls = w.sandbox.calls();
    await refused(w, given, new RegExp(said, "u"), { code: 64 });
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("another plan's digest", async () => {
    await refused(w, ["--plan", made.folder, "--approve", other.plan.digest], new RegExp(`is ${made.plan.digest}, but ${other.plan.digest} was approved\\. Approve the plan you mean to apply\\.$`, "u"));
  });

  it("an altered plan.json", async () => {
    const folder = copyOf(made, join(w.home, "altered"));
    const text = readFileSync(join(folder, "plan.json"), "utf8");
    const changed = text.replace(/("summary": ?\{[^}]*"leavers": ?)(\d+)/u, (_all, before: string, count: string) => `${before}${Number(count) + 1}`);
    expect(changed).not.toBe(text);
    writeFileSync(join(folder, "plan.json"), changed);
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u"));
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
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], new RegExp(`is ${resealed.digest}, but ${made.plan.digest} was approved`, "u"));
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, text.length / 2), /plan\.json cannot be read as JSON \(.*\); it was altered or cut off\.$/u],
    ["another document", () => "{}", /plan\.json is not a plan haloform wrote, or it was altered \(/u],
    ["a field that no plan has", (text: string) => text.replace("{", '{"force": true,'), /plan\.json is not a plan haloform wrote, or it was altered \(/u],
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
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: "Ballast Keeper" } } });
    writeFileSync(join(folder, "world.json"), "{}");
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /the plan is stale: /u);
    rmSync(join(folder, "world.json"));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /the plan is stale: /u);
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: person.post.title } } });
  });

  it("expired: a day later", async () => {
    await refused(w, of(made), new RegExp(`the plan expired at ${made.plan.expires.replaceAll(".", "\\.")}; make a new one and have it approved\\.$`, "u"), { more: later(25) });
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
  beforeAll(async () => {
    w = await world({ people: 40 });
    await w.converge();
  });
  afterAll(() => w.stop());

  it("somebody changed an account by hand in Active Directory", async () => {
    const person = someone(w);
    const made = await w.plan();
    w.sandbox.hand({ ad: { dn: accountOf(w, person), replace: { title: "Acting Captain" } } });
    await w.sandbox.connect.settled();
    await refused(w, of(made), new RegExp(`the plan is stale: somebody has changed ad:User person-${person.id}\\. ${again}$`, "u"));
    w.sandbox.hand({ ad: { dn: accountOf(w, person), replace: { title: person.post.title } } });
    await w.sandbox.connect.settled();
    // Put back, the world is again the one of the plan.
    expect((await w.up(made)).code).toBe(0);
  });

  it("somebody changed a group, an agent or a licence", async () => {
    const person = someone(w);
    const made = await w.plan();
    const group = w.sandbox.ad.entries.account("GG-Finance");
    if (!group) throw new Error("GG-Finance is missing");
    const dn = accountOf(w, person);
    const inside = group.values("member").map(String).includes(dn);
    w.sandbox.hand({ ad: { dn: group.dn, ...(inside ? { remove: { member: [dn] } } : { add: { member: [dn] } }) } });
    const user = `${person.login}@corp.example.com`;
    w.sandbox.hand({ graph: { user, set: { usageLocation: "FR" } } });
    await refused(w, of(made), new RegExp(`the plan is stale: somebody has changed ad:Group \\S+, entra:Licence person-${person.id}\\. ${again}$`, "u"));
    w.sandbox.hand({ ad: { dn: group.dn, ...(inside ? { add: { member: [dn] } } : { remove: { member: [dn] } }) }, graph: { user, set: { usageLocation: "GB" } } });
  });

  it("a record in Halo changed", async () => {
    const person = someone(w);
    const made = await w.plan();
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: "Ballast Keeper" } } });
    await refused(w, of(made), new RegExp(`the plan is stale: what is wanted has changed for .*\\bad:User person-${person.id}\\b.* ${again}$`, "u"));
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: person.post.title } } });
  });

  it("a record that no rule looks at changed: the plan still holds", async () => {
    const person = someone(w);
    const made = await w.plan();
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { notes: "has a parrot" } } });
    const writes = w.sandbox.writes();
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("a mapping file changed", async () => {
    const made = await w.plan();
    const file = join(w.mappings, "ad.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text}\n# a remark\n`);
    await refused(w, of(made), new RegExp(`the plan is stale: the mapping files are not the ones the plan was made from\\. ${again}$`, "u"));
    writeFileSync(file, text.replace("{{ client_name }}", "{{ client_name }} Ltd"));
    await refused(w, of(made), new RegExp(`the plan is stale: the mapping files are not the ones the plan was made from; what is wanted has changed for .* and \\d+ more\\. ${again}$`, "u"));
    writeFileSync(file, text);
  });
});

describe("limits of lost access", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40, limits: true });
  });
  afterAll(() => w.stop());

  const limit = (disabled: Record<string, number>): void =>
    w.edit("safety", (content) => {
      content["limits"] = { disabled, memberships_lost: { most: 10_000 }, licences_lost: { most: 10_000 } };
    });
  const leave = (...people: readonly Person[]): void => {
    for (const person of people) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });
  };

  it("more than they allow: preview says so with exit 3, and its plan cannot be applied", async () => {
    const made = await w.plan("too-much", [3]);
    expect(made.plan.guard.verdict).toBe("refused");
    const said = /^Refused: 4 people would be disabled in 24 hours; the limit is 5 % of \d+ = 3 \(mappings\/safety\.yaml limits\.disabled\.share\)$/mu;
    expect(made.ended.err).toMatch(said);
    expect(readFileSync(join(made.folder, "plan.md"), "utf8")).toContain("4 people would be disabled in 24 hours");
    await refusedAll(w, of(made), made.plan.guard.breaches);
  });

  it("a verdict that somebody turned into ok is an alteration", async () => {
    const made = await w.plan("turned", [3]);
    const folder = copyOf(made, join(w.home, "turned-copy"));
    const { digest: _digest, ...body } = made.plan;
    const turned = seal({ ...body, guard: { verdict: "ok", breaches: [] } });
    writeFileSync(join(folder, "plan.json"), JSON.stringify(turned));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /but sha256:[0-9a-f]{64} was approved/u);
    // And were even that digest approved: up counts for itself.
    await refusedAll(w, ["--plan", folder, "--approve", turned.digest], made.plan.guard.breaches);
  });

  it("a big loss cannot be split over two plans within 24 hours; the day after it may go on", async () => {
    limit({ most: 6 });
    const first = await w.converge();
    expect(first.plan.summary.losses.disabled).toBe(4);
    const one = someone(w);
    const two = someone(w, one);
    const three = someone(w, one, two);
    leave(one);
    const second = await w.converge();
    expect(second.plan.summary.losses.disabled).toBe(1);
    leave(two, three);
    const third = await w.plan("split", [3]);
    expect(third.plan.guard.breaches).toEqual(["7 people would be disabled in 24 hours (2 now, 5 before); the limit is 6 (mappings/safety.yaml limits.disabled.most)"]);
    await refusedAll(w, of(third), third.plan.guard.breaches);
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

  it("a plan that was within them when it was made, and is not any more when it is applied", async () => {
    const made = await madeWithin();
    w.edit("safety", (content) => {
      content["limits"] = { disabled: { most: 10_000 }, memberships_lost: { most: 10_000 }, licences_lost: { most: 10_000 } };
    });
    await refused(w, of(made), /the plan is stale: the mapping files are not the ones the plan was made from/u);
  });

  async function madeWithin(): Promise<Made> {
    leave(someone(w));
    limit({ most: 10_000 });
    const made = await w.plan();
    limit({ most: 1 });
    return made;
  }

  it("protected people keep everything, whatever Halo says", async () => {
    limit({ most: 10_000 });
    await w.converge();
    const person = w.sandbox.organisation.people.findLast((one) => one.situation === "steady" && accountState(w, one) === "512");
    if (!person) throw new Error("nobody is left");
    w.edit("safety", (content) => {
      content["protected"] = { people: [person.id], groups: ["Domain Admins"] };
    });
    leave(person);
    const { plan } = await w.plan();
    expect(real(plan).filter((one) => one.who === String(person.id))).toEqual([]);
    expect(plan.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    expect(plan.notes.join("\n")).toMatch(new RegExp(`\\(${person.id}\\) is inactive in Halo, and protected \\(mappings/safety\\.yaml:\\d+\\): nothing is taken away`, "u"));
    w.sandbox.hand({ halo: { table: "users", id: person.id, delete: true } });
    const gone = await w.plan();
    expect(real(gone.plan).filter((one) => one.who === String(person.id))).toEqual([]);
    const state = JSON.stringify(w.sandbox.snapshot());
    await w.up(gone);
    expect(JSON.stringify(w.sandbox.snapshot())).toBe(state);
  });

  it("a mapping that names a protected group is refused before anything is asked to change", async () => {
    const writes = w.sandbox.writes();
    w.edit("ad", (content) => {
      (content["groups"] as unknown[]).push({ name: "Domain Admins", members: { title: "Deckhand" } });
    });
    const out = join(w.home, "protected");
    mkdirSync(out, { recursive: true });
    const done = await w.run(["preview", "--out", out]);
    expect(done.code, done.err).toBe(3);
    expect(done.err).toMatch(/^Refused: .*Domain Admins.*mappings\/ad\.yaml:\d+.*$/mu);
    expect(done.err).toMatch(/protected/u);
    expect(done.out).toBe("");
    expect(existsSync(join(out, "plan.json"))).toBe(false);
    expect(readFileSync(join(out, "plan.md"), "utf8")).toContain("Domain Admins");
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
