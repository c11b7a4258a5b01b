/** Approvals that were signed with SSH keys: which of those that lie in a folder are of this very plan and of one who may approve. */
import type { Plan } from "../../stacks/model/plan.ts";
import { clocks } from "../clock.ts";
import { type Evidence, isSame, type Part } from "./evidence.ts";
import { signerOf } from "./signers.ts";
import { type Approval, readApprovals, said } from "./statement.ts";

/** What `namespaces=` of a line has to allow. */
export const namespace = "haloform-approve";

/** What was verified, and of the rest why it does not count, as a sentence goes on. */
export interface Gathered {
  evidence: Evidence[];
  not: string[];
}

export interface SignedFor {
  plan: Pick<Plan, "digest" | "stack" | "made" | "expires">;
  parts: readonly Part[];
  /** Path of `allowed_signers`. */
  signers: string | undefined;
  now: Date;
}

/** Why an approval is not of this plan, whoever has signed it; undefined: it is. Pure. */
export function foreign(
  { plan: digest, stack, expires, at, approver }: Approval,
  { plan, now }: Pick<SignedFor, "plan" | "now">,
): string | undefined {
  if (stack !== plan.stack) return `${approver} has approved a plan of the stack ${stack}`;
  if (digest !== plan.digest) return `${approver} has approved another plan (${digest})`;
  if (expires !== plan.expires) return `${approver} has approved the plan until ${expires}, and it expires at ${plan.expires}`;
  const moment = Date.parse(at);
  if (moment > now.getTime() + clocks) return `${approver} has approved it at ${at}, which has not come yet`;
  if (moment < Date.parse(plan.made) - clocks || moment > Date.parse(plan.expires))
    return `${approver} has approved it at ${at}, when there was no such plan to be approved`;
  return undefined;
}

export async function signaturesIn(folder: string, about: SignedFor): Promise<Gathered> {
  const gathered: Gathered = { evidence: [], not: [] };
  for (const approval of readApprovals(folder)) {
    if ("why" in approval) {
      gathered.not.push(approval.why);
      continue;
    }
    const { evidence, not } = await looked(approval, about);
    gathered.evidence.push(...evidence);
    gathered.not.push(...not);
  }
  return gathered;
}

/** One approval, verified. */
export async function looked(approval: Approval, about: SignedFor): Promise<Gathered> {
  const { signature, ...statement } = approval;
  const { approver, at } = statement;
  const foreigner = foreign(approval, about);
  if (foreigner !== undefined) return { evidence: [], not: [foreigner] };
  const found = await signerOf(said(statement), signature, namespace, about.signers, about.now);
  const why = "why" in found ? found.why : isSame(found.name, approver) ? undefined : `it was signed by ${found.name}`;
  if ("why" in found || why !== undefined) return { evidence: [], not: [`the approval of ${approver} is not verified: ${why}`] };
  const evidence: Evidence[] = [];
  const not: string[] = [];
  for (const { id, digest } of statement.parts) {
    const part = about.parts.find((one) => one.id === id);
    if (part?.digest === digest) evidence.push({ approver: found.name, how: "ssh", at, part: id, digest, by: found.key });
    else if (part) not.push(`${approver} has approved another ${id} (${digest})`);
  }
  return { evidence, not };
}
