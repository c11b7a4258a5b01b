/** What an approver signs, and the files it lies in: one a signature, `approvals/<name>.json` of a plan's folder. Nothing here is believed yet. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { digestOf, shortDigest } from "../../base/digest.ts";
import { readAs } from "../../base/json.ts";
import { writePrivate } from "../../base/private-file.ts";
import { approverName } from "../../providers/approvers.ts";

const statementSchema = z.strictObject({
  format: z.literal("haloform.approval/1"),
  stack: z.string(),
  /** Digest of the plan. */
  plan: z.string(),
  expires: z.string(),
  parts: z.array(z.strictObject({ id: z.string(), digest: z.string() })).min(1),
  approver: approverName,
  /** When it was signed, UTC ISO 8601. */
  at: z.iso.datetime(),
});
const approvalSchema = statementSchema.extend({ signature: z.string() });

export type Statement = z.infer<typeof statementSchema>;
export type Approval = z.infer<typeof approvalSchema>;

/** The bytes that are signed. */
export const said = (statement: Statement): string => `${statement.format} ${digestOf(statement)}\n`;

/** Where a plan's approvals lie, where nobody says otherwise. */
export const approvalsIn = (folder: string): string => join(folder, "approvals");

/** Returns the file. */
export function writeApproval(folder: string, approval: Approval): string {
  const file = join(folder, `${shortDigest(approval, 16)}.json`);
  writePrivate(file, `${JSON.stringify(approval, null, 2)}\n`);
  return file;
}

/** More than a plan has approvers, and less than would hold a run up. */
const most = { files: 100, bytes: 64 * 1024 };

/** Those of a folder, or why a file is none. */
export function readApprovals(folder: string): (Approval | { why: string })[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const read = names
    .sort()
    .slice(0, most.files)
    .map((name) => {
      const file = join(folder, name);
      const found = statSync(file, { throwIfNoEntry: false });
      const isRead = found?.isFile() && found.size <= most.bytes;
      const approval = isRead ? readAs(approvalSchema, readFileSync(file, "utf8")) : undefined;
      return approval ?? { why: `${name} is no approval that haloform wrote` };
    });
  const more = names.length - read.length;
  return more > 0 ? [...read, { why: `${more} further files of ${folder}, of which the first ${most.files} are looked at` }] : read;
}
