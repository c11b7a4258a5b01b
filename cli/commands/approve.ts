/** Which plan `up` applies: the bundle and digest it was given, or, on a terminal, one made and approved on the spot. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { z } from "zod";
import { shortened } from "../../base/digest.ts";
import { readAs } from "../../base/json.ts";
import { privateFolder } from "../../base/private-file.ts";
import { longestPlan } from "../../providers/systems.ts";
import type { Context } from "../context.ts";
import type { Project } from "../engine/project.ts";
import { exit, Refusal, UsageError } from "../exit.ts";
import { renderText } from "../render/plan/text.ts";
import { type PreviewOptions, preview } from "./preview.ts";
import { unapproved } from "./up.ts";

export interface Approved {
  plan: string;
  /** Left out: what was approved is verified by itself. */
  approve?: string;
  /** Removes the bundle that was made for this alone, after it was applied. */
  remove?(): void;
}

type Asked = Pick<Context, "stdin" | "stdout" | "voice" | "colour" | "print">;

/** Throws UsageError where nobody can be asked, Refusal where the person says no. */
export async function approved(
  project: Project,
  options: { plan?: string; approve?: string; drift?: string },
  now: Date,
  context: Asked,
): Promise<Approved> {
  if (options.plan !== undefined && options.drift !== undefined)
    throw new UsageError("--drift makes its own plan; with --plan the plan says which cause it puts back (`haloform preview --drift`).");
  if (options.plan !== undefined && options.approve !== undefined) return { plan: options.plan, approve: options.approve };
  if (options.plan !== undefined && project.config.approvers) return { plan: options.plan };
  if (options.plan !== undefined) throw new UsageError(unapproved);
  if (options.approve !== undefined)
    throw new UsageError("--approve needs --plan DIR: the bundle that `haloform preview --out DIR` wrote.");
  if (project.config.approvers)
    throw new UsageError(
      `the stack ${project.stack} has approvers: make a plan with \`haloform preview --out DIR\`, have it approved with \`haloform approve DIR\`, and run \`haloform up --plan DIR\`.`,
    );
  if (!context.stdin.isTTY || !context.stdout.isTTY) {
    throw new UsageError(
      "up needs an approved plan: make one with `haloform preview --out DIR`, have it read, and run `haloform up --plan DIR --approve DIGEST`.",
    );
  }
  const plans = privateFolder(join(project.home, "plans"));
  sweepPlans(plans, now);
  const plan = mkdtempSync(join(plans, "plan-"));
  const remove = (): void => rmSync(plan, { recursive: true, force: true });
  try {
    return { plan, approve: await askedFor(project, { out: plan, now, drift: options.drift }, context), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Makes a plan in the folder, and gives its digest when the person at the terminal approved it. */
async function askedFor(
  project: Project,
  options: Pick<PreviewOptions, "out" | "now" | "drift">,
  { stdin, stdout, voice, colour, print }: Asked,
): Promise<string> {
  const { code, plan, stopped } = await preview(project, { ...options, voice });
  print(renderText(plan, { colour }));
  if (stopped.length > 0) throw new Refusal(stopped);
  if (code === exit.refused) throw new Refusal(plan.guard.breaches);
  const ask = createInterface({ input: stdin, output: stdout });
  const word = shortened(plan.digest, 8);
  const answer = await ask.question(`To apply exactly this plan, type the first 8 characters of its digest (${word}): `);
  ask.close();
  if (answer.trim() !== word) throw new Refusal(["the plan was not approved; nothing was changed."]);
  return plan.digest;
}

const expiring = z.object({ expires: z.string() });

/** Removes plans that nobody can apply any more: they are full of people's data. One that is just being made has no plan.json yet. */
export function sweepPlans(plans: string, now: Date): void {
  for (const name of readdirSync(plans)) {
    const folder = join(plans, name);
    const file = join(folder, "plan.json");
    const until = existsSync(file) ? readAs(expiring, readFileSync(file, "utf8"))?.expires : undefined;
    const ends = until === undefined ? statSync(folder).mtimeMs + longestPlan * 3_600_000 : Date.parse(until);
    if (!(ends > now.getTime())) rmSync(folder, { recursive: true, force: true });
  }
}
