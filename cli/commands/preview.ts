/** `haloform preview`: who would change, how and why. Changes nothing. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writePrivate } from "../../base/private-file.ts";
import { checked } from "../../stacks/check/check.ts";
import { byRecordKey, type Warning } from "../../stacks/check/warning.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { roster } from "../../stacks/people/roster.ts";
import type { Step } from "../../stacks/plan/input.ts";
import { movesOf, operationsOf } from "../../stacks/plan/moves.ts";
import { changeCount, planOf } from "../../stacks/plan/plan.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { baselineOf, type Previous } from "../../stacks/read/previous.ts";
import { clockNote } from "../clock.ts";
import { openToRead } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import type { Project } from "../engine/project.ts";
import { endingOf, exit, UsageError } from "../exit.ts";
import { emergencyFile, emergencyLine, inPlan, readEmergency, refuseUsedUp, unreviewedLine } from "../ledger/emergencies.ts";
import { judgeLosses } from "../ledger/losses.ts";
import { rulesFor } from "../ledger/rules.ts";
import { saidOf, stopsOf } from "../ledger/stops.ts";
import { operationsDigest, writeBundle } from "../render/bundle.ts";
import { renderFailure } from "../render/plan/markdown.ts";
import { refuseUntrusted } from "./trusted.ts";

/** Makes a plan; where `out` is given, writes the bundle there. Throws Refusal where no plan can be made at all. */
async function makePlan(project: Project, options: Omit<PreviewOptions, "detailedExitcode">): Promise<Made> {
  const { voice, now } = options;
  if (options.limits && options.emergency !== undefined) throw new UsageError("--limits and --emergency exclude each other.");
  if (options.trusted !== undefined) await refuseUntrusted(project, options.trusted);
  const { stack, previous, prepared } = await readEverything(project, options, openToRead(project, voice));
  const folder = options.out ? resolve(options.out) : undefined;
  if (folder) mkdirSync(folder, { recursive: true });
  const steps = options.limits ? [] : await compare(previous, prepared, voice);
  const operations = options.limits ? undefined : operationsOf(steps);
  const ledger = await stack.ledger();
  const broken = options.emergency === undefined ? undefined : await readEmergency(project, resolve(options.emergency), now);
  if (broken) refuseUsedUp(broken, ledger.known);
  const judged = judgeLosses(prepared, ledger, now, broken?.emergency);
  const stops = await stopsOf(project, ledger);
  const stopped = saidOf(project, stops);
  const first = [...stopped, ...(broken ? [emergencyLine(broken, judged.counts)] : []), ...stops.unreviewed.map(unreviewedLine)];
  const notes = [...[clockNote()].filter((note) => note !== undefined), ...ledger.notes(now)];
  const plan = planOf({
    stack: project.stack,
    now,
    expires: project.config.expires,
    ...(first.length > 0 ? { first } : {}),
    ...(broken ? { emergency: inPlan(broken) } : {}),
    source: prepared.source,
    ...(options.limits ? { only: "limits" as const } : {}),
    wish: options.limits
      ? {
          ...prepared.wish,
          parked: [],
          ledger: [],
          notes: ["Only limits are applied by this plan; everything else waits for the next one."],
        }
      : { ...prepared.wish, notes: [...notes, ...prepared.wish.notes] },
    steps,
    was: prepared.world.was,
    world: prepared.world.digest,
    targets: prepared.world.targets,
    operations: operations && operationsDigest(operations),
    baseline: baselineOf(previous),
    live: prepared.live,
    memory: previous.memory,
    calls: prepared.calls,
    judge: judged.judge,
    previous: previous.resources,
    rules: rulesFor(prepared.mappings, ledger.known.approvals),
  });
  if (folder) writeBundle(folder, { plan, world: prepared.world, operations }, { redact: options.redact ?? false });
  if (folder && broken) writePrivate(join(folder, emergencyFile), broken.text);
  return { plan, stopped, ...(options.check ? { warnings: warningsOf(prepared, now) } : {}) };
}

/** What the engine would do. */
async function compare(previous: Previous, { wish, run }: Prepared, voice: EverythingOptions["voice"]): Promise<Step[]> {
  voice.say(`Comparing ${wish.resources.length} resources with what is there`);
  return (await movesOf(previous, wish.resources, run)).steps;
}

interface Made {
  plan: Plan;
  /** Why nothing can be applied now; empty: it can. */
  stopped: string[];
  /** With `check`: what looks wrong in lines of the mapping files. */
  warnings?: Warning[];
}

/** As `haloform check` warns, from what the preview has read anyway. */
function warningsOf({ mappings, records, wish, live }: Prepared, now: Date): Warning[] {
  return checked({ mappings, now, roster: roster(records, mappings), facts: byRecordKey(wish.people, wish.facts), live }).warnings;
}

export interface PreviewOptions extends EverythingOptions {
  out?: string | undefined;
  redact?: boolean | undefined;
  detailedExitcode?: boolean | undefined;
  /** Of which limits count from now on, and of nothing else. */
  limits?: boolean | undefined;
  /** File of an emergency by which limits are widened. */
  emergency?: string | undefined;
  /** Look for lines of the mapping files that look wrong. */
  check?: boolean | undefined;
  /** Mapping files that are approved: of the ones that are planned nothing may be asked elsewhere. */
  trusted?: string | undefined;
}

/** The command. With `out`, plan.md is there in every case: also a refusal or a failure must reach the pull request. */
export async function preview(project: Project, options: PreviewOptions): Promise<{ code: number } & Made> {
  try {
    const made = await makePlan(project, options);
    if (made.plan.guard.verdict === "refused") return { code: exit.refused, ...made };
    return {
      code: options.detailedExitcode && changeCount(made.plan) + (made.plan.summary.raised?.length ?? 0) > 0 ? exit.changes : exit.done,
      ...made,
    };
  } catch (error) {
    if (options.out) writeFailure(resolve(options.out), project.stack, error, options.redact ?? false);
    throw error;
  }
}

function writeFailure(folder: string, stack: string, error: unknown, redact: boolean): void {
  const ending = endingOf(error);
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, "plan.json"), { force: true });
  writeFileSync(join(folder, "plan.md"), renderFailure({ stack, exitCode: ending.code, message: ending.lines, redact }), { mode: 0o600 });
}
