/** `haloform approve`: what is asked, of whom it is refused, and what stands in the file. Real keys, real ssh-keygen; the plan is invented. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvalsOf, approvedOf } from "../../../../cli/approval/collect.ts";
import { type ApproveOptions, approve } from "../../../../cli/commands/approval/approve.ts";
import type { Project } from "../../../../cli/engine/project.ts";
import { writeBundle } from "../../../../cli/render/bundle.ts";
import { approverSettings } from "../../../../providers/approvers.ts";
import type { Plan, PlanPart } from "../../../../stacks/model/plan.ts";
import { partDigest } from "../../../../stacks/plan/parts/cut.ts";
import { seal } from "../../../../stacks/plan/plan.ts";
import { type World, worldDigest } from "../../../../stacks/plan/world.ts";
import { newSshKey, type SshKey, signer } from "../../../ssh.ts";
import { samplePlan } from "../render/sample.ts";

const home = mkdtempSync(join(tmpdir(), "haloform-approve-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const now = new Date("2026-11-21T09:00:00.000Z");
const parts = {
  mappings: "m",
  settings: {},
  targets: {},
  programs: {},
  haloform: { version: "1", sum: "s" },
  state: "t",
  trust: "u",
  rest: "r",
  resources: {},
};
const world: World = { ...parts, digest: worldDigest(parts), was: new Map() };
type Cut = Omit<PlanPart, "digest">;
const part = (id: string, needs: PlanPart["needs"]): Cut => ({
  ...{ id, rule: "mappings/approvals.yaml:3", because: [], needs, kinds: ["joiner"], people: [], changes: [] },
});
const project = (more: object = {}): Project =>
  ({
    folder: home,
    home,
    stack: "northwind",
    config: { signers: "allowed_signers", approvers: approverSettings.parse({}), ...more },
  }) as unknown as Project;
let keys: { [name: string]: SshKey };
let bundles = 0;

function bundle(more: Partial<Plan> = {}, cut?: readonly Cut[]): { folder: string; plan: Plan; parts: PlanPart[] } {
  const { digest: _digest, ...sample } = samplePlan();
  const body = { ...sample, world: world.digest, ...more };
  const parts = (cut ?? []).map((one) => ({ ...one, digest: partDigest(body, one) }));
  const plan = seal(cut ? { ...body, parts } : body);
  const folder = join(home, `plan-${(bundles += 1)}`);
  writeBundle(folder, { plan, world, operations: undefined }, { redact: false });
  return { folder, plan, parts };
}

/** Who types; undefined: nobody is at a terminal. */
async function approved(folder: string, name: string, typed: string | undefined, more: Partial<ApproveOptions> = {}) {
  const [stdin, stderr] = [0, 1].map(() => Object.assign(new PassThrough(), { isTTY: typed !== undefined }));
  if (!stdin || !stderr) throw new Error("there are two");
  const shown: string[] = [];
  if (typed !== undefined) stdin.write(`${typed}\n`);
  const given = {
    key: keys[name]?.file,
    as: `${name}@example.com`,
    yes: false,
    stdin,
    stderr,
    now,
    show: (plan: Plan) => void shown.push(plan.digest),
  };
  const made = await approve(project(), folder, { ...given, ...more });
  return { made, shown, asked: String(stderr.read() ?? "") };
}

beforeAll(() => {
  keys = Object.fromEntries(["ada", "ben"].map((name) => [name, newSshKey(home, name)]));
  writeFileSync(
    join(home, "allowed_signers"),
    Object.entries(keys)
      .map(([name, key]) => signer(`${name}@example.com`, key))
      .join(""),
  );
});

describe("haloform approve", () => {
  it("shows the plan, asks on the terminal, and signs when the answer is yes", async () => {
    const { folder, plan } = bundle();
    const { made, shown, asked } = await approved(folder, "ada", "yes");
    expect(shown).toEqual([plan.digest]);
    expect(asked).toContain(
      "Approve exactly this plan for the stack northwind as ada@example.com, until 2026-11-21T20:00:00.000Z? Type yes: ",
    );
    const file = JSON.parse(readFileSync(made.file, "utf8")) as object;
    expect(Object.keys(file)).toEqual(["format", "stack", "plan", "expires", "parts", "approver", "at", "signature"]);
    expect(file).toMatchObject({
      plan: plan.digest,
      parts: [{ id: "all", digest: plan.digest }],
      approver: "ada@example.com",
      at: now.toISOString(),
    });
    expect(await approvalsOf(project(), plan, { folder: join(folder, "approvals"), now })).toMatchObject([
      { approver: "ada@example.com", digest: plan.digest },
    ]);
  });

  it("signs nothing where the answer is another, nobody can be asked, or the plan is refused", async () => {
    const { folder } = bundle();
    await expect(approved(folder, "ada", "y")).rejects.toThrow("not confirmed; nothing was changed.");
    await expect(approved(folder, "ada", undefined)).rejects.toThrow(/there is none here: say --yes\.$/u);
    const refused = bundle({ guard: { verdict: "refused", breaches: ["too many leave"] } });
    await expect(approved(refused.folder, "ada", "yes")).rejects.toThrow("too many leave");
    await expect(approve(project({ signers: undefined }), folder, {} as ApproveOptions)).rejects.toThrow(
      /^the settings of the stack northwind name no file of allowed signers/u,
    );
    await expect(approved(folder, "ada", "yes", { as: "*@example.com" })).rejects.toThrow(/^--as: expected the name/u);
    expect([folder, refused.folder].flatMap((one) => readdirSync(one))).not.toContain("approvals");
  });

  describe("of a plan that is cut into parts", () => {
    const cut = [
      part("joiners-1", { approvers: 1, of: ["ada@example.com", "ben@example.com"], never: ["ada@example.com"] }),
      part("movers-1", { approvers: 2, of: ["ada@example.com", "ben@example.com"], never: [] }),
      part("details-1", { approvers: 0, of: [], never: [] }),
      part("deletions-1", { approvers: 1, of: [], never: [] }),
    ];

    it("signs what the approver may, each part by its digest; what they gain by not, and what needs nobody not", async () => {
      const { folder, plan, parts } = bundle({}, cut);
      const { made, asked } = await approved(folder, "ada", "yes");
      expect(made.parts).toEqual([{ id: "movers-1", digest: parts[1]?.digest }]);
      expect(asked).toContain("Approve of this plan the part movers-1 for the stack northwind");
      await expect(approved(folder, "ada", "yes", { parts: ["joiners-1"] })).rejects.toThrow(
        "ada@example.com may not approve joiners-1: they gain by it.",
      );
      await expect(approved(folder, "ben", "yes", { parts: ["deletions-1"] })).rejects.toThrow(
        "ben@example.com may not approve deletions-1: it needs one of nobody.",
      );
      await expect(approved(folder, "ben", "yes", { parts: ["leavers-1"] })).rejects.toThrow(
        "--part leavers-1: the plan has joiners-1, movers-1, details-1, deletions-1.",
      );
      const sources = { folder: join(folder, "approvals"), now };
      expect(await approvedOf(project(), plan, sources)).toEqual([]);
      expect((await approved(folder, "ben", "yes")).made.parts.map(({ id }) => id)).toEqual(["joiners-1", "movers-1"]);
      expect(await approvedOf(project(), plan, sources)).toEqual(["joiners-1", "movers-1"]);
      const found = await approvalsOf(project(), plan, sources, parts.slice(0, 3));
      expect(found?.map((one) => `${one.part} ${one.approver}`).sort()).toEqual([
        "joiners-1 ben@example.com",
        "movers-1 ada@example.com",
        "movers-1 ben@example.com",
      ]);
      await expect(approvalsOf(project(), plan, sources)).rejects.toThrow(
        "the part deletions-1 needs the approval of one of nobody: have it approved with `haloform approve DIR`.",
      );
    });

    it("self-approved: a signature of who gains by it, made by hand, does not count", async () => {
      const own = bundle({}, [part("joiners-1", { approvers: 1, of: ["ada@example.com"], never: [] })]);
      const { made } = await approved(own.folder, "ada", "yes");
      const needs = { approvers: 1 as const, of: ["ada@example.com"], never: ["ada@example.com"] };
      await expect(
        approvalsOf(
          project(),
          own.plan,
          { folder: join(made.file, ".."), now },
          own.parts.map((one) => ({ ...one, needs })),
        ),
      ).rejects.toThrow(
        /^the part joiners-1 needs the approval of one of ada@example\.com: .* What does not count: ada@example\.com gains by it and may not approve it\.$/u,
      );
    });

    it("an approval of the same part of another plan, or of another part of the same id, does not count", async () => {
      const [one, two] = [bundle({}, cut), bundle({ made: "2026-11-21T08:00:01.000Z" }, cut)];
      await approved(one.folder, "ben", "yes", { parts: ["joiners-1"] });
      const sources = { folder: join(one.folder, "approvals"), now };
      await expect(approvalsOf(project(), two.plan, sources, two.parts.slice(0, 1))).rejects.toThrow(
        /ben@example\.com has approved another plan \(sha256:/u,
      );
      const changed = one.parts.slice(0, 1).map((each) => ({ ...each, digest: "sha256:other" }));
      await expect(approvalsOf(project(), one.plan, sources, changed)).rejects.toThrow(
        `ben@example.com has approved another joiners-1 (${one.parts[0]?.digest})`,
      );
    });
  });
});
