/** The row of one client, made in a process of its own: of a plan that is made now, or of what is kept of earlier runs. */
import { resolve } from "node:path";
import { defined } from "../../../base/defined.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { changeCount } from "../../../stacks/plan/plan.ts";
import { skusOf } from "../../../stacks/wish/keep.ts";
import type { HistoryRun } from "../../answers/answers.ts";
import type { FleetClient } from "../../answers/fleet.ts";
import { openToRead } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { endingOf, exit } from "../../exit.ts";
import { bring } from "../../ledger/carried.ts";
import { type Entry, readRecords, recordFile, type Sync } from "../../ledger/record.ts";
import { stopLine, stopsOf } from "../../ledger/stops.ts";
import { readSyncs, synced } from "../../ledger/syncs.ts";
import type { Voice } from "../../say.ts";
import { cameOfPlan } from "../came.ts";
import { runsOf } from "../history/history.ts";
import { preview } from "../preview.ts";
import { kept as keptPlan, placeOf, waiting } from "../unattended/waiting.ts";

export interface RowOptions {
  now: Date;
  voice: Voice;
  /** Where the plan's bundle goes. */
  out?: string | undefined;
}

const row = (client: string, more: Partial<FleetClient> & Pick<FleetClient, "state">): FleetClient => ({
  ...{ format: "haloform.fleet-client/1", client, code: exit.done, said: [], looser: [], doubts: [], licences: [] },
  ...more,
});

/** Never throws: what fails is in the row. `open`: opens the project, of which the settings may be wrong. */
export async function previewRow(client: string, open: () => Project, { now, voice, out }: RowOptions): Promise<FleetClient> {
  let project: Project | undefined;
  try {
    const opened = open();
    project = opened;
    const { plan, code, stopped } = await synced(
      opened,
      { command: "preview", now, voice },
      (syncing) => preview(opened, { now, voice, syncing, out }),
      cameOfPlan,
    );
    return { ...ofPlan(client, plan, code, stopped, out), ...keptHere(opened) };
  } catch (error) {
    return failedRow(client, error, project);
  }
}

function failedRow(client: string, error: unknown, project: Project | undefined): FleetClient {
  const { code, lines } = endingOf(error);
  return row(client, { state: code === exit.refused ? "refused" : "failed", code, said: lines, ...(project ? keptHere(project) : {}) });
}

function ofPlan(client: string, plan: Plan, code: number, stopped: readonly string[], out: string | undefined): FleetClient {
  const { summary, guard, source, parked, licences = [] } = plan;
  const changes = changeCount(plan) + (summary.raised?.length ?? 0);
  const { joiners, movers, leavers, losses } = summary;
  const waits = changes > 0 ? ("waits" as const) : ("nothing" as const);
  return row(client, {
    state: guard.verdict === "refused" ? "refused" : stopped.length > 0 ? "stopped" : waits,
    code,
    said: [...guard.breaches, ...stopped],
    at: plan.made,
    waiting: { changes, joiners, movers, leavers, parked: parked.length },
    losses: { disabled: losses.disabled, memberships: losses.memberships, licences: losses.licences, deleted: losses.deleted ?? 0 },
    looser: plan.looser ?? [],
    doubts: source.doubts,
    plan: { digest: plan.digest, expires: plan.expires, ...(out === undefined ? {} : { folder: resolve(out) }) },
    licences: licences.map(({ sku, owned, used, wanted, short }) => ({ sku, owned, used, wanted, short })),
  });
}

type Stamped<E> = Entry & E;

/** What this machine keeps: nothing of it where it cannot be read, which `history` says. */
function keptHere(project: Project): Pick<FleetClient, "drift" | "lastRun"> {
  try {
    const drift = syncsOf(project).findLast(({ command }) => command === "drift" || command.startsWith("drift "));
    const run = runsOf(readRecords(recordFile(project)).entries).at(-1);
    return defined({
      drift: drift && { at: drift.at, found: drift.found["changed by hand"] ?? 0, result: drift.result },
      lastRun: run && ofRun(run),
    });
  } catch {
    return {};
  }
}

const syncsOf = (project: Project): Stamped<Sync>[] =>
  readSyncs(project).entries.filter((one): one is Stamped<Sync> => one.event === "sync");

const ofRun = ({ at, by, ended, failure, parked }: HistoryRun): NonNullable<FleetClient["lastRun"]> => ({
  ...{ at, by, parked: parked.length },
  ended: failure === undefined ? ended : `${ended}: ${failure}`,
});

/** Of what is kept alone: records, the log of syncs, the stack's journal and state. Asks no system, and never throws. */
export async function reportRow(client: string, open: () => Project, { now, voice }: RowOptions): Promise<FleetClient> {
  let project: Project | undefined;
  try {
    project = open();
    const stack = await openToRead(project, voice);
    const [ledger, { resources }] = [await stack.ledger(), await stack.previous()];
    await bring(project, ledger);
    const stops = await stopsOf(project, ledger);
    const kept = keptHere(project);
    const last = syncsOf(project).findLast(({ command }) => command === "preview" || command === "unattended");
    const given = resources.filter(({ type }) => type === "entra:Licence").flatMap(({ inputs }) => skusOf(inputs["skus"]));
    const plan = waiting(keptPlan(project), now);
    const stopped = stops.open.map((one) => stopLine(client, one));
    const { state, said } = stopped.length > 0 ? { state: "stopped" as const, said: stopped } : ofSync(last, kept.lastRun?.at);
    return row(client, {
      ...{ state, said, ...defined({ at: last?.at, waiting: last && waitingIn(last) }) },
      ...(plan ? { plan: { digest: plan.digest, expires: plan.expires, folder: placeOf(project, plan) } } : {}),
      licences: [...Map.groupBy(given, ({ sku }) => sku)]
        .map(([sku, all]) => ({ sku, given: all.length }))
        .sort((a, b) => (a.sku < b.sku ? -1 : 1)),
      ...kept,
    });
  } catch (error) {
    return failedRow(client, error, project);
  }
}

/** What the last preview came to, and whether that still counts. */
function ofSync(last: Stamped<Sync> | undefined, applied: string | undefined): Pick<FleetClient, "state" | "said"> {
  if (!last) return { state: "unknown", said: [] };
  if (last.result === "refused" || last.result === "failed") return { state: last.result, said: last.said };
  if (applied !== undefined && applied > last.at) return { state: "applied", said: [] };
  return { state: (last.found["changes"] ?? 0) > 0 ? "waits" : "nothing", said: last.said };
}

function waitingIn({ found, result }: Sync): FleetClient["waiting"] {
  if (found["changes"] === undefined || result === "failed") return undefined;
  const { changes = 0, joiners = 0, movers = 0, leavers = 0, parked = 0 } = found;
  return { changes, joiners, movers, leavers, parked };
}
