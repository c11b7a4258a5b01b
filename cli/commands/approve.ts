/** Which plan `up` applies: the bundle and digest it was given, or, on a terminal, one made and approved on the spot. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { privateFolder } from "../../base/private-file.ts";
import type { Context } from "../context.ts";
import type { Project } from "../engine/project.ts";
import { exit, Refusal, UsageError } from "../exit.ts";
import { renderText } from "../render/plan/text.ts";
import { preview } from "./preview.ts";

export interface Approved {
  plan: string;
  approve: string;
}

/** Throws UsageError where nobody can be asked, Refusal where the person says no. */
export async function approved(
  project: Project,
  options: { plan?: string; approve?: string },
  now: Date,
  { stdin, stdout, voice, colour, print }: Pick<Context, "stdin" | "stdout" | "voice" | "colour" | "print">,
): Promise<Approved> {
  if (options.plan !== undefined && options.approve !== undefined) return { plan: options.plan, approve: options.approve };
  if (options.plan !== undefined)
    throw new UsageError(
      "--plan needs --approve DIGEST: the digest of the plan somebody has read and approved (it stands in plan.md and plan.json).",
    );
  if (options.approve !== undefined)
    throw new UsageError("--approve needs --plan DIR: the bundle that `haloform preview --out DIR` wrote.");
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new UsageError(
      "up needs an approved plan: make one with `haloform preview --out DIR`, have it read, and run `haloform up --plan DIR --approve DIGEST`.",
    );
  }
  const folder = mkdtempSync(join(privateFolder(join(project.home, "plans")), "plan-"));
  const { code, plan } = await preview(project, { out: folder, now, voice });
  print(renderText(plan, { colour }));
  if (code === exit.refused) throw new Refusal(plan.guard.breaches);
  const ask = createInterface({ input: stdin, output: stdout });
  const word = plan.digest.slice("sha256:".length, "sha256:".length + 8);
  const answer = await ask.question(`To apply exactly this plan, type the first 8 characters of its digest (${word}): `);
  ask.close();
  if (answer.trim() !== word) throw new Refusal(["the plan was not approved; nothing was changed."]);
  return { plan: folder, approve: plan.digest };
}
