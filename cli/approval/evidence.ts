/** What was verified of approvals, and whether it is what a part of a plan needs. Pure. */
import { z } from "zod";
import type { Plan } from "../../stacks/model/plan.ts";

/** One approval that was verified: it stands in the run record. */
export const evidenceSchema = z.object({
  /** A name of the settings: a principal of `allowed_signers`. */
  approver: z.string(),
  how: z.enum(["ssh", "github-review", "github-environment"]),
  /** When they approved, UTC ISO 8601: as they signed it, or as GitHub says; GitHub tells none of an environment, so then when it was read. */
  at: z.string(),
  part: z.string(),
  /** Digest of the part: what they have seen. */
  digest: z.string(),
  /** What vouches for who it was: a key (`SHA256:…`), or a login of GitHub. */
  by: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export interface Need {
  /** How many different people. */
  approvers: number;
  /** Their names, where only some may; left out: whoever the settings know. */
  of?: readonly string[] | undefined;
}

export interface Needs extends Need {
  /** Who gains by it: their approval does not count. */
  never: readonly string[];
  /** What is needed besides: who has approved counts for each. */
  also?: readonly Need[] | undefined;
}

/** What is approved by itself. */
export interface Part {
  id: string;
  digest: string;
  needs: Needs;
}

/** The parts of a plan that nobody has cut: all of it. */
export function partsOf(plan: Pick<Plan, "digest">, needed: number): Part[] {
  return [{ id: "all", digest: plan.digest, needs: { approvers: needed, never: [] } }];
}

export interface Met {
  by: Evidence[];
  /** How many more are needed. */
  missing: number;
  /** Why others do not count, as a sentence goes on. */
  not: string[];
}

export const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Nobody counts twice: not by two keys, and no key by two names. */
export function met({ never, also = [], ...need }: Needs, evidence: readonly Evidence[]): Met {
  const all = [need, ...also].map((one) => metOf(one, never, evidence));
  return {
    by: [...new Set(all.flatMap(({ by }) => by))],
    missing: Math.max(...all.map(({ missing }) => missing)),
    not: [...new Set(all.flatMap(({ not }) => not))],
  };
}

function metOf({ approvers, of }: Need, never: readonly string[], evidence: readonly Evidence[]): Met {
  const by: Evidence[] = [];
  const not: string[] = [];
  for (const one of evidence) {
    const { approver } = one;
    const named = (name: string): boolean => isSame(name, approver);
    const before = by.find((other) => isSame(other.by, one.by));
    if (never.some(named)) not.push(`${approver} gains by it and may not approve it`);
    else if (of && !of.some(named)) not.push(`${approver} is none of those who may approve it`);
    else if (by.some((other) => named(other.approver))) continue;
    else if (before) not.push(`${approver} has approved with the key of ${before.approver}`);
    else by.push(one);
  }
  return { by, missing: Math.max(0, approvers - by.length), not };
}

/** Whether somebody's approval could count at all. */
export const mayApprove = ({ never, also = [], ...need }: Needs, name: string): boolean =>
  !never.some((one) => isSame(one, name)) &&
  [need, ...also].some(({ approvers, of }) => approvers > 0 && (of?.some((one) => isSame(one, name)) ?? true));

/** Who may, in a sentence: ` of ada@example.com, bob@example.com`. */
export function whoOf({ also = [], ...need }: Needs): string {
  return [need, ...also]
    .filter(({ approvers }) => approvers > 0)
    .map(({ approvers, of }) => `${approvers === 1 ? "one" : approvers}${of ? ` of ${of.join(", ") || "nobody"}` : ""}`)
    .join(", and ");
}
