/** `haloform preview`: who would change, how and why. Changes nothing. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writePrivate } from "../../base/private-file.ts";
import { checked } from "../../stacks/check/check.ts";
import { byRecordKey, type Warning } from "../../stacks/check/warning.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { roster } from "../../stacks/people/roster.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { openToRead } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import type { Project } from "../engine/project.ts";
import { endingOf, exit, UsageError } from "../exit.ts";
import { emergencyFile, readEmergency } from "../ledger/emergencies.ts";
import { writeBundle } from "../render/bundle.ts";
import { renderFailure } from "../render/plan/markdown.ts";
import { causeToPutBack, onlyPutBack, refuseNothing } from "./drift/put-back.ts";
import { planned, remembersMore } from "./planning.ts";
import { refuseUntrusted } from "./trusted.ts";

/** Makes a plan; where `out` is given, writes the bundle there. Throws Refusal where no plan can be made at all. */
async function makePlan(project: Project, options: Omit<PreviewOptions, "detailedExitcode">): Promise<Made> {
  const { voice, now } = options;
  if (options.limits && options.emergency !== undefined) throw new UsageError("--limits and --emergency exclude each other.");
  if (options.trusted !== undefined) await refuseUntrusted(project, options.trusted);
  if (options.drift !== undefined && options.limits) throw new UsageError("--drift and --limits exclude each other.");
  const all = await readEverything(project, options, openToRead(project, voice));
  const drift = options.drift === undefined ? undefined : await causeToPutBack(project, all, options.drift, now);
  const read = await onlyPutBack(all, drift);
  const { prepared } = read;
  const folder = options.out ? resolve(options.out) : undefined;
  if (folder) mkdirSync(folder, { recursive: true });
  const emergency = options.emergency === undefined ? undefined : await readEmergency(project, resolve(options.emergency), now);
  const { plan, operations, stopped } = await planned(project, read, { now, voice, emergency, drift }, options.limits);
  refuseNothing(plan);
  if (folder) writeBundle(folder, { plan, world: prepared.world, operations }, { redact: options.redact ?? false });
  if (folder && emergency) writePrivate(join(folder, emergencyFile), emergency.text);
  return { plan, stopped, remembers: remembersMore(read, plan), ...(options.check ? { warnings: warningsOf(prepared, now) } : {}) };
}

export interface Made {
  plan: Plan;
  /** Why nothing can be applied now; empty: it can. */
  stopped: string[];
  /** Applied, it would have something else remembered of people: the day on which somebody was seen to have left. */
  remembers: boolean;
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
  /** Id of a cause of drift: that alone is put back. */
  drift?: string | undefined;
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
