/** A plan bundle: plan.json, plan.md, plan.html, the operations that it stands for, and the world it was made from. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { oneLine } from "../../base/errors.ts";
import { readAs } from "../../base/json.ts";
import { sumOf } from "../../base/sum.ts";
import { type Operation, operationSchema } from "../../providers/core/approved.ts";
import { longestPlan } from "../../providers/systems.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { partsSealed } from "../../stacks/plan/parts/cut.ts";
import { sealed } from "../../stacks/plan/plan.ts";
import { type World, type WorldParts, worldDigest } from "../../stacks/plan/world.ts";
import { Refusal, UsageError } from "../exit.ts";
import { renderJson } from "./answers/json.ts";
import { renderHtml } from "./plan/html.ts";
import { renderMarkdown } from "./plan/markdown.ts";

/** What operations.json holds. */
export function operationsText(operations: readonly Operation[]): string {
  return JSON.stringify(operations);
}

/** What binds operations.json to its plan. */
export function operationsDigest(operations: readonly Operation[]): string {
  return sumOf(Buffer.from(operationsText(operations)));
}

export function writeBundle(
  folder: string,
  { plan, world, operations }: { plan: Plan; world: World; operations: readonly Operation[] | undefined },
  options: { redact: boolean },
): void {
  mkdirSync(folder, { recursive: true });
  const { was: _was, ...parts } = world;
  writeFileSync(join(folder, "plan.json"), renderJson(plan), { mode: 0o600 });
  for (const [name, render] of Object.entries(renderings)) writeFileSync(join(folder, name), render(plan, options.redact), { mode: 0o600 });
  writeFileSync(join(folder, "world.json"), JSON.stringify(parts), { mode: 0o600 });
  if (operations) writeFileSync(join(folder, "operations.json"), operationsText(operations), { mode: 0o600 });
}

/** What lies in a bundle for people to read, and binds nobody. */
export const renderings: { readonly [file: string]: (plan: Plan, redact: boolean) => string } = {
  "plan.md": (plan, redact) => renderMarkdown(plan, { redact }),
  "plan.html": renderHtml,
};

export interface Bundle {
  plan: Plan;
  world: WorldParts;
  /** What may be done; none where the plan is of limits alone. */
  operations: Operation[];
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
  const operations = plan.operations === undefined ? [] : readOperations(join(folder, "operations.json"), plan.operations);
  const world = readWorld(join(folder, "world.json"));
  // As it was written, to the letter: of a key that stands twice, another reader may see the other one.
  const whole = text === renderJson(document as object) && sealed(plan) && partsSealed(plan);
  if (!whole || !operations || world?.digest !== plan.world) {
    throw new Refusal([
      `the plan in ${folder} was altered after it was made: its contents do not give its digest. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
  }
  return { plan, world, operations };
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

/** What may be done; undefined where that is not there, or is not what its digest says. */
function readOperations(file: string, digest: string): Operation[] | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  return sumOf(bytes) === digest ? readAs(z.array(operationSchema), String(bytes)) : undefined;
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
