/** `haloform approve DIR`: shows the plan of a bundle as it would be applied, and signs that somebody has approved it. Asks no system. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { approverName } from "../../../providers/approvers.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { partsFor } from "../../approval/collect.ts";
import { isSame, mayApprove, type Part, whoOf } from "../../approval/evidence.ts";
import { looked, namespace } from "../../approval/signatures.ts";
import { signersFile, signWith } from "../../approval/signers.ts";
import { approvalsIn, type Statement, said, writeApproval } from "../../approval/statement.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { openBundle, refuseUnfit } from "../../render/bundle.ts";
import { type Asked, confirmed, refuseUnasked } from "../confirmed.ts";

/** What `haloform approve --json` answers. */
export interface ApprovalMade {
  format: "haloform.approved/1";
  /** Where it was written. */
  file: string;
  /** Digest of the plan. */
  plan: string;
  parts: { id: string; digest: string }[];
  approver: string;
  at: string;
  /** The key's fingerprint: `SHA256:…`. */
  by: string;
}

export interface ApproveOptions extends Asked {
  /** Ids; left out: every part that the approver may approve. */
  parts?: readonly string[] | undefined;
  /** File of the key; left out: git's user.signingkey. */
  key?: string | undefined;
  /** The approver's name; left out: git's user.email. */
  as?: string | undefined;
  /** Folder for the approval; left out: beside the plan. */
  out?: string | undefined;
  now: Date;
  /** Shows the plan before it is asked about. */
  show(plan: Plan): void;
}

/** Throws UsageError, and Refusal where the plan cannot be approved, or not by them. */
export async function approve(project: Project, folder: string, options: ApproveOptions): Promise<ApprovalMade> {
  const { now } = options;
  const signers = signersFile(project);
  if (signers === undefined)
    throw new UsageError(
      `the settings of the stack ${project.stack} name no file of allowed signers (haloform:signers), so nobody could verify the approval; docs/operations.md says how.`,
    );
  refuseUnasked(options, "approve asks on a terminal, after it has shown the plan");
  const key = options.key ?? ofGit("user.signingkey", "--key FILE");
  const approver = approverName.safeParse(options.as ?? ofGit("user.email", "--as NAME")).data;
  if (approver === undefined) throw new UsageError("--as: expected the name that allowed_signers has for you, as ada@example.com.");
  const { plan } = openBundle(resolve(folder), folder);
  refuseUnfit(plan, project.stack, now);
  const parts = chosen(partsFor(project, plan), approver, options.parts);
  options.show(plan);
  const what = parts.some(({ id }) => id === "all") ? "exactly this plan" : `of this plan the part ${parts.map(({ id }) => id).join(", ")}`;
  await confirmed(options, `Approve ${what} for the stack ${plan.stack} as ${approver}, until ${plan.expires}?`);
  const statement: Statement = {
    format: "haloform.approval/1",
    ...{ stack: plan.stack, plan: plan.digest, expires: plan.expires },
    parts: parts.map(({ id, digest }) => ({ id, digest })),
    ...{ approver, at: now.toISOString() },
  };
  const approval = { ...statement, signature: await signWith(key, namespace, said(statement)) };
  const { evidence, not } = await looked(approval, { plan, parts, signers, now });
  if (evidence.length === 0) throw new Refusal(not);
  const file = writeApproval(resolve(options.out ?? approvalsIn(folder)), approval);
  return {
    format: "haloform.approved/1",
    file,
    plan: plan.digest,
    parts: statement.parts,
    approver,
    at: statement.at,
    by: evidence[0]?.by ?? "",
  };
}

/** Those that are asked for and wait for somebody; throws where one may not be approved by them. */
function chosen(all: readonly Part[], approver: string, asked: readonly string[] | undefined): Part[] {
  const unknown = asked?.find((id) => !all.some((part) => part.id === id));
  if (unknown !== undefined) throw new UsageError(`--part ${unknown}: the plan has ${all.map(({ id }) => id).join(", ")}.`);
  const waiting = all.filter(({ id, needs }) => (asked ? asked.includes(id) : needs.approvers > 0));
  const theirs = waiting.filter(({ needs }) => mayApprove(needs, approver));
  const barred = asked ? waiting.find((part) => !theirs.includes(part)) : undefined;
  if (barred) {
    const gains = barred.needs.never.some((name) => isSame(name, approver));
    throw new Refusal([
      `${approver} may not approve ${barred.id}: ${gains ? "they gain by it" : `it needs ${whoOf(barred.needs) || "nobody"}`}.`,
    ]);
  }
  if (theirs.length === 0) throw new Refusal([`there is nothing in the plan that ${approver} may approve.`]);
  return theirs;
}

/** What git signs with and as whom, as most approvers have it set already. */
function ofGit(name: string, option: string): string {
  try {
    return execFileSync("git", ["config", "--type=path", "--get", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    throw new UsageError(`approve needs ${option}: git has no ${name} that it could take.`);
  }
}
