/** The approval matrix: plans of every kind, by four sets of rules, and after a change of the mapping files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met } from "../../../../../cli/approval/evidence.ts";
import { namespace, signaturesIn } from "../../../../../cli/approval/signatures.ts";
import { signWith } from "../../../../../cli/approval/signers.ts";
import { type Statement, said, writeApproval } from "../../../../../cli/approval/statement.ts";
import type { Plan } from "../../../../../stacks/model/plan.ts";
import { newSshKey, type SshKey, signer } from "../../../../ssh.ts";
import { estates, partsIn, planned, rulesOf, type Said } from "./estate.ts";

const otherwise = { one: ["ada@example.com"] };
const sets: { readonly [name: string]: Said } = {
  none: { otherwise },
  routine: {
    rules: {
      first: [
        { kinds: ["privileged"], approvers: { two: ["ada@example.com", "ben@example.com", "eve@example.com"] } },
        { kinds: ["joiner", "leaver", "drift", "details"], approvers: "nobody" },
      ],
    },
    otherwise,
  },
  asked: {
    rules: {
      first: [
        { kinds: ["expired", "narrowing"], approvers: { one: ["owner"] } },
        { kinds: ["joiner", "mover", "broadening"], approvers: { one: ["manager"] } },
        { kinds: ["deletion"], approvers: { two: ["ada@example.com", "manager"] } },
        { kinds: ["limitRaised"], approvers: { two: ["ada@example.com", "ben@example.com"] } },
      ],
    },
    ...{ otherwise, manager: "{{ custom.CFManager }}" },
  },
  some: {
    rules: {
      first: [
        { systems: ["entra"], approvers: "nobody" },
        { for: { site_name: "Lab" }, approvers: "nobody" },
        { for: { person: [41, 47] }, approvers: { one: ["ben@example.com"] } },
      ],
    },
    otherwise,
  },
};

const matrix: readonly (readonly [rules: string, plan: string, parts: readonly string[], kinds: string])[] = [
  ["none", "joiner", ["joiners-1 [41] 1 of ada"], "joiner+broadening"],
  ["none", "mover", ["movers-1 [42] 1 of ada"], "mover+broadening+narrowing"],
  ["none", "leaver", ["leavers-1 [43] 1 of ada"], "leaver+narrowing"],
  ["none", "expired", ["expired-1 [44] 1 of ada"], "expired+narrowing"],
  ["none", "drift", ["drift-1 [45] 1 of ada"], "drift"],
  ["none", "adoption", ["adopted-1 [46] 1 of ada"], "adoption"],
  ["none", "privileged", ["privileged-1 [47] 1 of ada"], "privileged+mover+broadening"],
  ["none", "deletion", ["deletions-1 [48] 1 of ada"], "deletion+leaver+narrowing"],
  ["none", "details", ["details-1 [49] 1 of ada"], "details"],
  ["none", "limits", ["limits-1 [] 1 of ada"], "limitRaised"],
  ["routine", "joiner", ["joiners-1 [41] nobody"], "joiner+broadening"],
  ["routine", "mover", ["movers-1 [42] 1 of ada"], "mover+broadening+narrowing"],
  ["routine", "leaver", ["leavers-1 [43] nobody"], "leaver+narrowing"],
  ["routine", "expired", ["expired-1 [44] 1 of ada"], "expired+narrowing"],
  ["routine", "drift", ["drift-1 [45] nobody"], "drift"],
  ["routine", "adoption", ["adopted-1 [46] 1 of ada"], "adoption"],
  ["routine", "privileged", ["privileged-1 [47] 2 of ada+ben+eve"], "privileged+mover+broadening"],
  ["routine", "deletion", ["deletions-1 [48] 1 of ada"], "deletion+leaver+narrowing"],
  ["routine", "details", ["details-1 [49] nobody"], "details"],
  ["routine", "limits", ["limits-1 [] 1 of ada"], "limitRaised"],
  ["asked", "joiner", ["joiners-1 [41] 1 of boss"], "joiner+broadening"],
  // GG-Sales, which they leave, has no owner: whoever approves what no line covers is asked for that.
  ["asked", "mover", ["movers-1 [42] 1 of ada & 1 of boss"], "mover+broadening+narrowing"],
  ["asked", "leaver", ["leavers-1 [43] 1 of ada"], "leaver+narrowing"],
  ["asked", "expired", ["expired-1 [44] 1 of boss"], "expired+narrowing"],
  ["asked", "drift", ["drift-1 [45] 1 of ada"], "drift"],
  ["asked", "adoption", ["adopted-1 [46] 1 of ada"], "adoption"],
  // No line names what is privileged.
  ["asked", "privileged", ["privileged-1 [47] 1 of ada & 1 of boss"], "privileged+mover+broadening"],
  ["asked", "deletion", ["deletions-1 [48] 2 of ada+boss & 1 of ada"], "deletion+leaver+narrowing"],
  ["asked", "details", ["details-1 [49] 1 of ada"], "details"],
  ["asked", "limits", ["limits-1 [] 2 of ada+ben"], "limitRaised"],
  ["some", "joiner", ["joiners-1 [41] 1 of ben"], "joiner+broadening"],
  ["some", "mover", ["movers-1 [42] 1 of ada"], "mover+broadening+narrowing"],
  ["some", "leaver", ["leavers-1 [43] 1 of ada"], "leaver+narrowing"],
  ["some", "expired", ["expired-1 [44] 1 of ada"], "expired+narrowing"],
  ["some", "drift", ["drift-1 [45] 1 of ada"], "drift"],
  ["some", "adoption", ["adopted-1 [46] 1 of ada"], "adoption"],
  // A line for everything does not cover it: it must be named.
  ["some", "privileged", ["privileged-1 [47] 1 of ada & 1 of ben"], "privileged+mover+broadening"],
  ["some", "deletion", ["deletions-1 [48] 1 of ada"], "deletion+leaver+narrowing"],
  ["some", "details", ["details-1 [49] nobody"], "details"],
  ["some", "limits", ["limits-1 [] 1 of ada"], "limitRaised"],
];

const planOf = (rules: string, plan: string, more: Parameters<typeof rulesOf>[1] = {}) => {
  const [things, people, given] = estates[plan] as (typeof estates)[string];
  return planned(things, people, { ...given, rules: rulesOf(sets[rules] as Said, more) });
};

describe("the approval matrix", () => {
  test.each(matrix)("by the rules %s: %s", (rules, plan, parts, kinds) => {
    const made = planOf(rules, plan);
    expect(partsIn(made)).toEqual(parts);
    expect(made.parts?.map((one) => one.kinds.join("+"))).toEqual([kinds]);
  });

  test("has 40 rows, each of another plan or by other rules", () => {
    expect(new Set(matrix.map(([rules, plan]) => `${rules} ${plan}`)).size).toBe(40);
  });

  test.each(Object.keys(estates))(
    "after a change of the mapping files nothing of %s goes without an approver that no line names for it",
    (plan) => {
      for (const changed of [false, true])
        for (const rules of Object.keys(sets))
          for (const { needs, kinds } of planOf(rules, plan, { mappingChanged: true, changed }).parts ?? []) {
            // Whoever approves limits alone is shown nothing else that the files do.
            expect(kinds.includes("mappingChanged")).toBe(plan !== "limits");
            expect(needs.approvers).toBeGreaterThan(0);
          }
    },
  );

  test("a first file needs as many as the settings asked for until now, whatever it says of itself", () => {
    const [things, people] = estates["joiner"] as (typeof estates)[string];
    const one = { one: ["ada@example.com", "eve@example.com"] };
    const said: Said = { rules: { first: [{ kinds: ["mappingChanged", "joiner"], approvers: one }] }, otherwise: one };
    const of = (more: object) =>
      partsIn(planned(things, people, { rules: rulesOf(said, { mappingChanged: true, changed: true, ...more }) }));
    expect(of({})).toEqual(["joiners-1 [41] 1 of ada+eve"]);
    expect(of({ atLeast: 2 })).toEqual(["joiners-1 [41] 2 of ada+eve"]);
  });

  test("a line may name changed mapping files for nobody, but never while approvals.yaml itself has changed", () => {
    const [things, people] = estates["joiner"] as (typeof estates)[string];
    const said: Said = { rules: { first: [{ kinds: ["mappingChanged", "joiner"], approvers: "nobody" }] }, otherwise };
    const of = (changed: boolean) => partsIn(planned(things, people, { rules: rulesOf(said, { mappingChanged: true, changed }) }));
    expect(of(false)).toEqual(["joiners-1 [41] nobody"]);
    expect(of(true)).toEqual(["joiners-1 [41] 1 of ada"]);
  });
});

describe("the approval matrix, approved", () => {
  const names = ["ada", "ben", "eve", "boss"].map((one) => `${one}@example.com`);
  const later = (hours: number, { made }: Plan): Date => new Date(Date.parse(made) + hours * 3_600_000);
  let home: string;
  let keys: ReadonlyMap<string, SshKey>;
  let folders = 0;
  const signatures = new Map<string, string>();

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "haloform-matrix-"));
    keys = new Map([...names, "mallory"].map((name) => [name, newSshKey(home, name)]));
    const lines = names.map((name) => signer(name, keys.get(name) as SshKey));
    writeFileSync(join(home, "allowed"), lines.join(""));
    writeFileSync(join(home, "over"), names.map((name) => signer(name, keys.get(name) as SshKey, 'valid-before="20251231"')).join(""));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** How many approvals are missing still of the plan's only part. */
  async function missing(
    plan: Plan,
    by: readonly string[],
    { as, of = plan, never = [], signers = "allowed" }: { as?: string; of?: Plan; never?: readonly string[]; signers?: string } = {},
  ): Promise<number> {
    const parts = plan.parts ?? [];
    const folder = join(home, `approvals-${(folders += 1)}`);
    mkdirSync(folder);
    for (const approver of by) {
      const { stack, digest, expires } = of;
      const its = (of.parts ?? []).map((part) => ({ id: part.id, digest: part.digest }));
      const at = later(1, of).toISOString();
      const statement: Statement = { format: "haloform.approval/1", stack, plan: digest, expires, parts: its, approver, at };
      const [key, text] = [keys.get(as ?? approver)?.file ?? "", said(statement)];
      const signature = signatures.get(key + text) ?? (await signWith(key, namespace, text));
      signatures.set(key + text, signature);
      writeApproval(folder, { ...statement, signature });
    }
    const { evidence } = await signaturesIn(folder, { plan, parts, signers: join(home, signers), now: later(2, plan) });
    return Math.max(...parts.map(({ needs }) => met({ ...needs, never: [...needs.never, ...never] }, evidence).missing));
  }

  test.each(matrix)("by the rules %s: %s: who may is enough; forged, replayed, self-approved and expired is nobody", async (rules, of) => {
    const plan = planOf(rules, of);
    const [part] = plan.parts ?? [];
    if (!part || part.needs.approvers === 0) {
      expect(await missing(plan, [])).toBe(0);
      return;
    }
    const may = [...new Set([part.needs, ...(part.needs.also ?? [])].flatMap((one) => one.of))];
    const all = await missing(plan, []);
    expect(all).toBeGreaterThan(0);
    expect(await missing(plan, may)).toBe(0);
    expect(
      await missing(
        plan,
        names.filter((name) => !may.includes(name)),
      ),
      "by others",
    ).toBe(all);
    expect(await missing(plan, may, { as: "mallory" }), "forged").toBe(all);
    const again = planOf(rules, of, { at: (path) => `elsewhere:${path.join(".")}` });
    expect(again.digest).not.toBe(plan.digest);
    expect(await missing(plan, may, { of: again }), "replayed").toBe(all);
    expect(await missing(plan, may, { never: may }), "self-approved").toBe(all);
    expect(await missing(plan, may, { signers: "over" }), "expired").toBe(all);
  });
});
