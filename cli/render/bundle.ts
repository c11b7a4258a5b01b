/** A plan bundle: plan.json, plan.md, plan.html, Pulumi's own plan, and the world it was made from. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sumOf } from "../../base/sum.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { sealed } from "../../stacks/plan/plan.ts";
import type { WorldParts } from "../../stacks/plan/world.ts";
import { Refusal, UsageError } from "../exit.ts";
import { renderJson } from "./answers/json.ts";
import { renderHtml } from "./plan/html.ts";
import { renderMarkdown } from "./plan/markdown.ts";

export const enginePlan = "pulumi-plan.json";

export function fileDigest(file: string): string {
  return sumOf(readFileSync(file));
}

export function writeBundle(folder: string, plan: Plan, world: WorldParts, options: { redact: boolean }): void {
  mkdirSync(folder, { recursive: true });
  const { was: _was, ...parts } = world;
  writeFileSync(join(folder, "plan.json"), renderJson(plan), { mode: 0o600 });
  writeFileSync(join(folder, "plan.md"), renderMarkdown(plan, { redact: options.redact }), { mode: 0o600 });
  writeFileSync(join(folder, "plan.html"), renderHtml(plan), { mode: 0o600 });
  writeFileSync(join(folder, "world.json"), JSON.stringify(parts), { mode: 0o600 });
}

export interface Bundle {
  plan: Plan;
  world: Omit<WorldParts, "was"> | undefined;
  enginePlan: string;
}

/**
 * Reads a bundle and holds it against what was approved. Throws UsageError where it is not a bundle, Refusal where it was
 * altered, is not the approved one, has expired, belongs to another stack, or was refused by the guard.
 */
export function readBundle(folder: string, approved: string, stack: string, now: Date): Bundle {
  const file = join(folder, "plan.json");
  if (!existsSync(file))
    throw new UsageError(`--plan ${folder}: there is no plan.json in it; make one with \`haloform preview --out ${folder}\`.`);
  if (!/^sha256:[0-9a-f]{64}$/u.test(approved))
    throw new UsageError(`--approve ${JSON.stringify(approved)}: expected the plan's digest, sha256: and 64 hexadecimal digits.`);
  const parsed = planSchema.safeParse(parse(file));
  if (!parsed.success)
    throw new Refusal([
      `${file} is not a plan haloform wrote, or it was altered (${parsed.error.issues[0]?.path.join(".") || "document"}: ${parsed.error.issues[0]?.message}).`,
    ]);
  const plan = parsed.data;
  const engine = join(folder, enginePlan);
  if (!sealed(plan) || (plan.engine !== undefined && (!existsSync(engine) || fileDigest(engine) !== plan.engine))) {
    throw new Refusal([
      `the plan in ${folder} was altered after it was made: its contents do not give its digest. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
  }
  if (plan.digest !== approved)
    throw new Refusal([`the plan in ${folder} is ${plan.digest}, but ${approved} was approved. Approve the plan you mean to apply.`]);
  if (plan.stack !== stack) throw new Refusal([`the plan is for the stack ${plan.stack}, not for ${stack}.`]);
  if (Date.parse(plan.expires) <= now.getTime())
    throw new Refusal([`the plan expired at ${plan.expires}; make a new one and have it approved.`]);
  if (plan.guard.verdict !== "ok")
    throw new Refusal(plan.guard.breaches.length > 0 ? plan.guard.breaches : ["the plan was refused when it was made"]);
  if (plan.source.trust === "refused") throw new Refusal(plan.source.doubts);
  return { plan, world: readWorld(join(folder, "world.json")), enginePlan: engine };
}

const part = z.object({ wish: z.string(), live: z.string() });
const worldSchema = z.object({
  digest: z.string(),
  mappings: z.string(),
  state: z.string(),
  trust: z.string(),
  resources: z.record(z.string(), part),
});

/** What the plan was made from, only used to say what has moved since; undefined where it is not there or not ours. */
function readWorld(file: string): Bundle["world"] {
  if (!existsSync(file)) return undefined;
  const parsed = worldSchema.safeParse(parse(file));
  return parsed.success ? parsed.data : undefined;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Refusal([`${file} cannot be read as JSON (${(error as Error).message}); it was altered or cut off.`]);
  }
}
