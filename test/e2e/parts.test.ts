/** 15.3: who must approve what is said by rule; what needs nobody goes by itself, what needs somebody waits for them. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { History, UpResult } from "../../cli/answers/answers.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { partDigest } from "../../stacks/plan/parts/cut.ts";
import { seal } from "../../stacks/plan/plan.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { hoursLater, type Made, of, refused, someone } from "./refusals.ts";
import { allow, real, type World, world } from "./support.ts";

let w: World;
let ada: SshKey;
let ben: SshKey;

const rules = (...first: object[]): void =>
  w.edit("approvals", (content) => {
    content["rules"] = { first: [{ kinds: ["privileged"], approvers: { two: ["ada@example.com", "ben@example.com"] } }, ...first] };
    content["otherwise"] = { one: ["ada@example.com"] };
  });
const routine = { kinds: ["joiner", "leaver"], approvers: "nobody" };
const approve = (folder: string, key: SshKey, name: string, ...more: string[]) =>
  w.run(["approve", folder, "--key", key.file, "--as", `${name}@example.com`, "--yes", ...more]);
const byRule = async (code: number): Promise<UpResult> => {
  await w.sandbox.connect.settled();
  const done = await w.run(["up", "--by-rule", "--json"]);
  expect(done.code, done.err).toBe(code);
  await w.sandbox.connect.settled();
  return JSON.parse(done.out) as UpResult;
};
const ids = ({ parts = [] }: Pick<Plan, "parts">): string[] => parts.map(({ id, people }) => `${id} ${people.join()}`);
/** The whole plan with its approvals. */
const whole = async (name: string): Promise<Made> => {
  const made = await w.plan(name);
  await approve(made.folder, ada, "ada");
  return made;
};

beforeAll(async () => {
  w = await world({ people: 25 });
  [ada, ben] = [newSshKey(w.home, "ada"), newSshKey(w.home, "ben")];
  allow(w, signer("ada@example.com", ada), signer("ben@example.com", ben));
  await w.converge();
  await w.nothingIsLeft();
});
afterAll(() => w?.stop());

describe("rules of approval", () => {
  it("are themselves approved first: until then nothing goes by them, whatever they say", async () => {
    const none = await w.run(["up", "--by-rule"]);
    expect([none.code, none.err]).toEqual([64, expect.stringMatching(/^--by-rule: there is no mappings\/approvals\.yaml/mu)]);
    rules({ kinds: ["mappingChanged", "joiner", "leaver", "mover", "details", "drift"], approvers: "nobody" });
    const writes = w.sandbox.writes();
    const waits = await byRule(2);
    expect(waits.parts).toEqual({
      applied: [],
      waiting: [expect.objectContaining({ id: "mappings-1", needs: "the approval of one of ada@example.com" })],
    });
    const made = await w.plan("rules");
    await refused(w, of(made), /^Refused: the part mappings-1 needs the approval of one of ada@example\.com: have it approved with/u);
    await approve(made.folder, ada, "ada");
    expect((await w.run(["up", ...of(made)])).code).toBe(0);
    expect(await byRule(0)).not.toHaveProperty("parts");
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("are those of before while they change: a file that names another approver is approved by the one whom it had", async () => {
    w.edit("approvals", (content) => void (content["otherwise"] = { one: ["ben@example.com"] }));
    const made = await w.plan("taken");
    await approve(made.folder, ben, "ben");
    await refused(w, of(made), /the part mappings-1 needs the approval of one of ada@example\.com/u);
    w.edit("approvals", (content) => void (content["otherwise"] = { one: ["ada@example.com"] }));
    rules(routine);
    const next = await whole("ours");
    expect((await w.run(["up", ...of(next)])).code).toBe(0);
  });
});

describe("a plan in parts", () => {
  let made: Made;
  let leaver: ReturnType<typeof someone>;
  let mover: ReturnType<typeof someone>;
  let gainer: ReturnType<typeof someone>;

  it("what needs nobody goes by rule, and nothing else is touched; what waits is told to whom", async () => {
    leaver = someone(w);
    // By such a title they come into GG-VPN.
    [mover, gainer] = w.sandbox.organisation.people.filter(
      ({ id, situation, post }) =>
        situation === "steady" && id > 110 && id !== leaver.id && post.site !== "Lab" && post.department !== "Engineering",
    ) as [typeof leaver, typeof leaver];
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: true } } });
    w.sandbox.hand({ halo: { table: "users", id: mover.id, set: { title: "Field Engineer" } } });
    const planned = await w.plan("both");
    made = planned;
    expect(ids(made.plan)).toEqual([`leavers-1 ${leaver.id}`, `movers-1 ${mover.id}`]);
    expect(planned.ended.out).toMatch(
      /Who must approve \(2\)\n {2}leavers-1 · 1 person, \d+ changes · needs nobody: haloform up --by-rule applies it/u,
    );
    expect(readFileSync(join(made.folder, "plan.md"), "utf8")).toMatch(/movers-1 · 1 person, \d+ changes · needs one of ada&#64;/u);
    const result = await byRule(2);
    expect(result.parts).toMatchObject({
      applied: [{ id: "leavers-1" }],
      waiting: [{ id: "movers-1", needs: "the approval of one of ada@example.com" }],
    });
    expect(result.people.map(({ key, result: how }) => [key, how])).toEqual([[String(leaver.id), "done"]]);
    const next = await w.plan("left");
    expect(ids(next.plan)).toEqual([`movers-1 ${mover.id}`]);
    const its = (plan: Plan) => real(plan).filter(({ who }) => who === String(mover.id));
    expect(its(next.plan)).toEqual(its(made.plan));
    // Once more it changes nothing: what waits waits.
    expect((await byRule(2)).people).toEqual([]);
    // The plan of before is of another world.
    await approve(made.folder, ada, "ada");
    await refused(w, [...of(made), "--part", "movers-1"], /the plan is stale: /u);
    made = next;
  });

  it("forged, replayed, self-made and expired approvals are refused, and so is a part that there is not", async () => {
    const args = [...of(made), "--part", "movers-1"];
    await refused(w, args, /the part movers-1 needs the approval of one of ada@example\.com/u);
    await refused(w, [...of(made), "--part", "joiners-9"], /^--part joiners-9: the plan has movers-1\.$/u, { code: 64 });
    // Of another plan: of the same changes, made at another moment.
    const again = await whole("again");
    cpSync(join(again.folder, "approvals"), join(made.folder, "approvals"), { recursive: true });
    await refused(w, args, /ada@example\.com has approved another plan/u);
    // By somebody whom the line does not name.
    const bens = await approve(made.folder, ben, "ben", "--part", "movers-1");
    expect([bens.code, bens.err]).toEqual([3, expect.stringContaining("ben@example.com may not approve movers-1")]);
    await hoursLater(25, () => refused(w, args, /^Refused: the plan expired at /u));
    // A plan that says of itself that its part needs nobody, with digests that fit.
    const forged = await w.plan("forged");
    const plan = planSchema.parse(JSON.parse(readFileSync(join(forged.folder, "plan.json"), "utf8")));
    const [{ digest: _digest, ...part } = { digest: "" }] = plan.parts ?? [];
    const body = { ...part, needs: { approvers: 0, of: [], never: [] } } as unknown as Parameters<typeof partDigest>[1];
    const { digest: _own, ...rest } = { ...plan, parts: [{ ...body, digest: partDigest(plan, body) }] };
    const sealed = seal(rest);
    writeFileSync(join(forged.folder, "plan.json"), `${JSON.stringify(sealed, null, 2)}\n`);
    await refused(
      w,
      ["--plan", forged.folder, "--approve", sealed.digest],
      /who must approve what is not what mappings\/approvals\.yaml says now/u,
    );
  });

  it("whoever gains by it cannot approve it, also where the line names them", async () => {
    const address = gainer.email;
    rules(routine, { kinds: ["mover"], approvers: { one: [address, "ben@example.com"] } });
    const accepted = await whole("accepted");
    // The rules of before count, by which ada may.
    expect((await w.run(["up", ...of(accepted)])).code).toBe(0);
    w.sandbox.hand({ halo: { table: "users", id: gainer.id, set: { title: "Field Engineer" } } });
    made = await w.plan("gains");
    const [part] = made.plan.parts ?? [];
    expect(part?.needs.never).toContain(address.toLowerCase());
    const own = newSshKey(w.home, "own");
    allow(w, signer("ben@example.com", ben), signer(address, own));
    const tried = await w.run(["approve", made.folder, "--key", own.file, "--as", address, "--yes", "--part", "movers-1"]);
    expect([tried.code, tried.err]).toEqual([3, expect.stringContaining("they gain by it")]);
    await refused(w, [...of(made), "--part", "movers-1"], /the part movers-1 needs the approval of one of /u);
  });

  it("is applied by who may, once, and the record names the part and the approver", async () => {
    await approve(made.folder, ben, "ben", "--part", "movers-1");
    const args = [...of(made), "--part", "movers-1"];
    const done = await w.run(["up", ...args]);
    expect(done.code, done.err).toBe(0);
    await w.sandbox.connect.settled();
    await refused(w, args, /parts of this plan were applied on .*, so that it is used up/u);
    const history = JSON.parse((await w.run(["history", "--json", "--command", "up"])).out) as History;
    expect(history.broken).toEqual([]);
    expect(history.runs[0]?.approvals?.map(({ approver, part }) => [approver, part])).toEqual([["ben@example.com", "movers-1"]]);
    await byRule(0);
    expect(real((await w.plan("end")).plan)).toEqual([]);
  });

  it("what needs nobody keeps to the limits, and the rest goes", async () => {
    const { id } = someone(w, leaver, mover, gainer);
    // The one who has left today already counts.
    w.edit("safety", (content) => void ((content["limits"] as { [name: string]: object })["disabled"] = { most: 1, below: 0 }));
    allow(w, signer("ada@example.com", ada));
    const lowered = await whole("lowered");
    expect((await w.run(["up", ...of(lowered)])).code).toBe(0);
    w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
    const result = await byRule(2);
    expect(result.parts).toMatchObject({ applied: [], waiting: [{ id: "leavers-1", needs: expect.stringContaining("the limits: ") }] });
  });

  it("a raised limit does not come to count with a run that applies no part of its plan, and only remembers who has left", async () => {
    const another = w.sandbox.organisation.people.find(
      (one) =>
        one.situation === "steady" &&
        one.id > 110 &&
        ![leaver.id, mover.id, gainer.id].includes(one.id) &&
        one.id !== someone(w, leaver, mover, gainer).id,
    );
    w.edit("safety", (content) => void ((content["limits"] as { [name: string]: object })["disabled"] = { most: 50, below: 0 }));
    w.sandbox.hand({ halo: { table: "users", id: another?.id ?? 0, set: { inactive: true } } });
    expect((await byRule(2)).parts?.applied).toEqual([]);
    const raise = "mappings/safety.yaml raises limits.disabled.most from 1 to 50 since it was last applied";
    expect((await w.plan("raise", [0, 3])).plan.summary.raised).toEqual([raise]);
  });
});
