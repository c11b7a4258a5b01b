/** A plan, made of what was read: what `preview` writes down, and what `up --by-rule` applies a part of at once. */
import type { Operation } from "../../providers/core/approved.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { type Moves, movesOf, operationsOf } from "../../stacks/plan/moves.ts";
import { planOf } from "../../stacks/plan/plan.ts";
import { baselineOf } from "../../stacks/read/previous.ts";
import { clockNote } from "../clock.ts";
import type { Everything, EverythingOptions } from "../engine/everything.ts";
import type { Readable } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { type Broken, emergencyLine, inPlan, refuseUsedUp, unreviewedLine } from "../ledger/emergencies.ts";
import { type Judge, judgeLosses } from "../ledger/losses.ts";
import { rulesFor } from "../ledger/rules.ts";
import { saidOf, stopsOf } from "../ledger/stops.ts";
import { operationsDigest } from "../render/bundle.ts";

export interface Planned {
  plan: Plan;
  /** What the engine would do; absent in a plan of limits alone. */
  moves?: Moves;
  operations?: Operation[];
  /** Why nothing can be applied now; empty: it can. */
  stopped: string[];
  /** By what it was judged. */
  judged: Judge;
}

/** `emergency`: by which they are widened. `limits`: of which limits count from now on, and of nothing else. */
export async function planned(
  project: Project,
  { stack, previous, prepared }: Everything<Readable>,
  { now, voice, emergency }: Pick<EverythingOptions, "now" | "voice"> & { emergency?: Broken | undefined },
  limits = false,
): Promise<Planned> {
  if (!limits) voice.say(`Comparing ${prepared.wish.resources.length} resources with what is there`);
  const moves = limits ? undefined : await movesOf(previous, prepared.wish.resources, prepared.run);
  const operations = moves && operationsOf(moves.steps);
  const ledger = await stack.ledger();
  if (emergency) refuseUsedUp(emergency, ledger.known);
  const judged = judgeLosses(prepared, ledger, now, emergency?.emergency);
  const stops = await stopsOf(project, ledger);
  const stopped = saidOf(project, stops);
  const first = [...stopped, ...(emergency ? [emergencyLine(emergency, judged.counts)] : []), ...stops.unreviewed.map(unreviewedLine)];
  const notes = [...[clockNote()].filter((note) => note !== undefined), ...ledger.notes(now)];
  const plan = planOf({
    stack: project.stack,
    now,
    expires: project.config.expires,
    ...(first.length > 0 ? { first } : {}),
    ...(emergency ? { emergency: inPlan(emergency) } : {}),
    source: prepared.source,
    ...(limits ? { only: "limits" as const } : {}),
    wish: limits
      ? {
          ...prepared.wish,
          parked: [],
          ledger: [],
          notes: ["Only limits are applied by this plan; everything else waits for the next one."],
        }
      : { ...prepared.wish, notes: [...notes, ...prepared.wish.notes] },
    steps: moves?.steps ?? [],
    was: prepared.world.was,
    world: prepared.world.digest,
    targets: prepared.world.targets,
    operations: operations && operationsDigest(operations),
    baseline: baselineOf(previous),
    looser: prepared.mappings.looser,
    live: prepared.live,
    memory: previous.memory,
    calls: prepared.calls,
    judge: judged.judge,
    previous: previous.resources,
    rules: rulesFor(prepared.mappings, ledger.known.rules, project.config.approvers?.needed),
  });
  return { plan, stopped, judged, ...(moves && operations ? { moves, operations } : {}) };
}
