/** What `haloform doctor` says of approvers: whether anybody could approve a plan at all. */
import { existsSync, readFileSync } from "node:fs";
import { onPath } from "../../base/on-path.ts";
import { bad, type Check, ok } from "../../providers/core/check.ts";
import type { Project } from "../engine/project.ts";
import { signersFile } from "./signers.ts";

const name = "approvers";

/** Nothing where the settings name no approvers. */
export function approverChecks(project: Pick<Project, "folder" | "config">): Check[] {
  const { approvers } = project.config;
  if (!approvers) return [];
  const file = signersFile(project);
  if (file !== undefined && !existsSync(file))
    return [
      bad(name, `there is no ${file}, which haloform:signers names`, "Put the file of allowed signers there, or correct the setting."),
    ];
  if (file !== undefined && onPath("ssh-keygen") === undefined)
    return [bad(name, "there is no ssh-keygen, which verifies signatures", "Install OpenSSH's client.")];
  const known = new Set([
    ...(file === undefined ? [] : namesIn(readFileSync(file, "utf8"))),
    ...Object.values(approvers.github?.people ?? {}).map((one) => (typeof one === "string" ? one : one.name)),
  ]);
  const names = new Set([...known].map((one) => one.toLowerCase()));
  if (names.size < approvers.needed)
    return [
      bad(
        name,
        `${approvers.needed} have to approve a plan, and ${names.size} can`,
        "Name more people in the file of haloform:signers or in haloform:approvers.github.people (docs/operations.md).",
      ),
    ];
  return [ok(name, `${approvers.needed} of ${names.size} have to approve a plan`)];
}

/** Of one line a name; a pattern is nobody's. */
const namesIn = (text: string): string[] => text.split("\n").flatMap((line) => /^\s*"?([^#\s"*?!,]+)"?\s/u.exec(line)?.[1] ?? []);
