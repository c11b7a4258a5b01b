/** A plan bundle: plan.json, plan.md, plan.html, Pulumi's own plan, and the world it was made from. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { oneLine } from "../../base/errors.ts";
import { sumOf } from "../../base/sum.ts";
import { longestPlan } from "../../providers/systems.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { sealed } from "../../stacks/plan/plan.ts";
import { type World, type WorldParts, worldDigest } from "../../stacks/plan/world.ts";
import { Refusal, UsageError } from "../exit.ts";
import { renderJson } from "./answers/json.ts";
import { renderHtml } from "./plan/html.ts";
import { renderMarkdown } from "./plan/markdown.ts";

export const enginePlan = "pulumi-plan.json";

export function fileDigest(file: string): string {
  return sumOf(readFileSync(file));
}

export function writeBundle(folder: string, plan: Plan, world: World, options: { redact: boolean }): void {
  mkdirSync(folder, { recursive: true });
  const { was: _was, ...parts } = world;
  writeFileSync(join(folder, "plan.json"), renderJson(plan), { mode: 0o600 });
  for (const [name, render] of Object.entries(renderings)) writeFileSync(join(folder, name), render(plan, options.redact), { mode: 0o600 });
  writeFileSync(join(folder, "world.json"), JSON.stringify(parts), { mode: 0o600 });
}

/** What lies in a bundle for people to read, and binds nobody. */
export const renderings: { readonly [file: string]: (plan: Plan, redact: boolean) => string } = {
  "plan.md": (plan, redact) => renderMarkdown(plan, { redact }),
  "plan.html": renderHtml,
};

export interface Bundle {
  plan: Plan;
  world: WorldParts;
  enginePlan: string;
}

/** Reads a bundle and what binds its files to each other. Throws UsageError where it is none, Refusal where one was altered. */
export function openBundle(folder: string, said = `--plan ${folder}`): Bundle {
  const file = join(folder, "plan.json");
  if (!existsSync(file)) throw new UsageError(`${said}: there is no plan.json in it; make one with \`haloform preview --out ${folder}\`.`);
  const text = readFileSync(file, "utf8");
  const document = parse(file, text);
  const parsed = planSchema.safeParse(document);
  if (!parsed.success)
    throw new Refusal([
      oneLine(
        `${file} is not a plan haloform wrote, or it was altered (${parsed.error.issues[0]?.path.join(".") || "document"}: ${parsed.error.issues[0]?.message}).`,
      ),
    ]);
  const plan = parsed.data;
  const engine = join(folder, enginePlan);
  const world = readWorld(join(folder, "world.json"));
  // As it was written, to the letter: of a key that stands twice, another reader may see the other one.
  const whole = text === renderJson(document as object) && sealed(plan);
  const engines = plan.engine === undefined || (existsSync(engine) && fileDigest(engine) === plan.engine);
  if (!whole || !engines || world?.digest !== plan.world) {
    throw new Refusal([
      `the plan in ${folder} was altered after it was made: its contents do not give its digest. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
  }
  return { plan, world, enginePlan: engine };
}

/**
 * Reads a bundle and holds it against what was approved. Throws UsageError where it is not a bundle, Refusal where it was
 * altered, is not the approved one, has expired, belongs to another stack, or was refused by the guard. `approved` is left out where
 * approvals are verified by themselves.
 */
export function readBundle(folder: string, approved: string | undefined, stack: string, now: Date): Bundle {
  if (approved !== undefined && !/^sha256:[0-9a-f]{64}$/u.test(approved))
    throw new UsageError(`--approve ${JSON.stringify(approved)}: expected the plan's digest, sha256: and 64 hexadecimal digits.`);
  const bundle = openBundle(folder);
  const { plan } = bundle;
  if (approved !== undefined && plan.digest !== approved)
    throw new Refusal([`the plan in ${folder} is ${plan.digest}, but ${approved} was approved. Approve the plan you mean to apply.`]);
  refuseUnfit(plan, stack, now);
  return bundle;
}

/** Throws Refusal for a plan that nobody may approve or apply now. */
export function refuseUnfit(plan: Plan, stack: string, now: Date): void {
  if (plan.stack !== stack) throw new Refusal([`the plan is for the stack ${plan.stack}, not for ${stack}.`]);
  if (Date.parse(plan.expires) <= now.getTime())
    throw new Refusal([`the plan expired at ${plan.expires}; make a new one and have it approved.`]);
  if (!(Date.parse(plan.expires) - Date.parse(plan.made) <= longestPlan * 3_600_000))
    throw new Refusal([`the plan was made to be applied for more than ${longestPlan / 24} days; make a new one and have it approved.`]);
  if (plan.guard.verdict !== "ok")
    throw new Refusal(plan.guard.breaches.length > 0 ? plan.guard.breaches : ["the plan was refused when it was made"]);
  if (plan.source.trust === "refused") throw new Refusal(plan.source.doubts);
}

const texts = z.record(z.string(), z.string());
const worldSchema = z.strictObject({
  ...{
    mappings: z.string(),
    settings: texts,
    targets: z.record(z.string(), z.strictObject({ name: z.string(), id: z.string() }).partial()),
  },
  ...{ programs: texts, haloform: z.strictObject({ version: z.string(), sum: z.string() }) },
  ...{ state: z.string(), trust: z.string(), rest: z.string(), digest: z.string() },
  resources: z.record(z.string(), z.strictObject({ wish: z.string(), live: z.string() })),
});

/** What the plan was made from; undefined where it is not there, is not ours, or is not what its digest says. */
function readWorld(file: string): WorldParts | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  const document = parse(file, text);
  const parsed = worldSchema.safeParse(document);
  if (!parsed.success || JSON.stringify(document) !== text) return undefined;
  return worldDigest(parsed.data) === parsed.data.digest ? parsed.data : undefined;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal([`${file} cannot be read as JSON (${oneLine((error as Error).message)}); it was altered or cut off.`]);
  }
}
