/** One run's two lines in the run record: what it is about to do, and what came of it. */
import { defined } from "../../base/defined.ts";
import { digestOf } from "../../base/digest.ts";
import type { Outcome } from "../../providers/core/outcomes.ts";
import { operationKey } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { Plan, PlanChange } from "../../stacks/model/plan.ts";
import type { DesiredResource, Noted } from "../../stacks/model/types.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import type { Limits } from "../../stacks/plan/limits.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { UpResult } from "../answers/answers.ts";
import type { Evidence } from "../approval/evidence.ts";
import { bring, carry } from "./carried.ts";
import type { Ledger } from "./ledger.ts";
import type { Judge } from "./losses.ts";
import type { Begin, End } from "./record.ts";
import { recordOf } from "./record-of.ts";
import type { Applied } from "./rules.ts";
import type { EmergencyUsed } from "./said-schema.ts";
import type { Place } from "./shelf.ts";

type Ended = { code: number; failure: string } | { code: number; result: UpResult; outcomes: readonly Outcome[] };

interface Given {
  plan: Plan;
  prepared: Pick<Prepared, "wish" | "commands">;
  judged: Pick<Judge, "loss" | "standing" | "limits">;
  now: Date;
  /** The record is not the one that the stack remembers: a new one begins, and says so. */
  newRecord: boolean;
  /** By which limits are widened for this run. */
  emergency?: EmergencyUsed | undefined;
  /** Which rules of approval and mapping files count once it has been done; absent: those of before. */
  accepted?: Applied | undefined;
  /** Which of several jobs that apply the plan: `3/16`. */
  share?: string | undefined;
  /** What was verified of approvals. */
  approvals?: readonly Evidence[] | undefined;
}

export interface RunWritten {
  /** Before anything is done: in the record, so that a run that is killed stands there as cut off, and in the journal. Throws Refusal. */
  begin(): Promise<void>;
  /** How it ended. */
  end(ended: Ended): Promise<void>;
  /** It has begun and not ended. */
  isOpen(): boolean;
}

/** Both under the stack's lock: between reading and that nobody else has written, which is looked at first. */
export function runWritten(place: Place, ledger: Ledger, given: Given): RunWritten {
  const { plan, prepared, judged, now, newRecord, accepted, approvals, emergency, share } = given;
  const record = recordOf(place, ledger, newRecord);
  const started = performance.now();
  const isDue = ({ id }: Noted, outcomes: readonly Outcome[]): boolean =>
    !outcomes.some((one) => one.op === "run" && one.result === "done" && one.of?.id === id);
  const due = prepared.commands ? (prepared.wish.noted ?? []) : undefined;
  // Written only where it is another than before.
  const changed = (list: readonly Noted[] | undefined) => (list && digestOf(list) !== digestOf(ledger.known.due) ? { due: [...list] } : {});
  const newLimits = (limits: Limits) => (digestOf(limits) === digestOf(ledger.known.limits) ? {} : { limits });
  let isOpen = false;
  return {
    async begin() {
      await ledger.refuseMoved();
      ledger.keepSigned();
      await bring(place, ledger);
      const head = record.add(beginOf(plan, prepared.wish.resources, approvals), now);
      await carry(place, ledger);
      const losses = judged.loss(countedIn(plan));
      const entry = {
        ...{ event: "begin" as const, plan: plan.digest, record: head, ...changed(due), ...newLimits(judged.standing) },
        losses: losses.counted.length > 0 ? losses : undefined,
        ...{ emergency, share },
        // A plan that changes nothing may be applied as often as one likes.
        expires: changeCount(plan) > 0 || plan.only || share ? plan.expires : undefined,
      };
      await ledger.append(defined(entry), now, plan.only === "limits" ? undefined : plan.digest);
      isOpen = true;
    },
    async end(ended) {
      const at = new Date(now.getTime() + Math.round(performance.now() - started));
      const head = record.add(endOf(plan, ended), at);
      await carry(place, ledger);
      const outcomes = "outcomes" in ended ? ended.outcomes : [];
      // Those that have run are due no longer; where it is not known, they stay.
      const isDone = "result" in ended && ended.result.failure === undefined;
      const limits = isDone ? newLimits(judged.limits(plan)) : {};
      const isOther = accepted !== undefined && digestOf(accepted) !== digestOf(ledger.known.rules ?? null);
      const rules = isDone && isOther ? { rules: accepted } : {};
      const left = due?.filter((one) => isDue(one, outcomes));
      const entry = { event: "end" as const, plan: plan.digest, record: head, ...changed(left), ...limits, ...rules };
      await ledger.append(entry, at);
      isOpen = false;
    },
    isOpen: () => isOpen,
  };
}

function beginOf(plan: Plan, resources: readonly DesiredResource[], approvals: Given["approvals"]): Begin {
  const operations = operationsOf(resources);
  const brief = ({ type, resource, label, op, fields }: PlanChange): Begin["shared"][number] =>
    defined({ type, resource, label, op, operation: operations.get(`${type}::${resource}`), fields });
  return {
    event: "begin",
    plan: plan.digest,
    ...(approvals ? { approvals: [...approvals] } : {}),
    ...(plan.parts ? { parts: plan.parts.map(({ id, digest }) => ({ id, digest })) } : {}),
    made: plan.made,
    summary: plan.summary,
    people: plan.people.map(({ key, name, event, changes }) => ({ key, name, event, changes: changes.map(brief) })),
    shared: plan.shared.map(brief),
  };
}

function endOf(plan: Plan, ended: Ended): End {
  const came =
    "result" in ended
      ? {
          done: ended.result.done,
          parked: ended.result.parked,
          pending: ended.result.pending,
          outcomes: ended.outcomes.map(({ key, op, result, message }) => ({ key, op, result, message })),
          failure: ended.result.failure,
        }
      : { done: {}, parked: [], pending: [], outcomes: [], failure: ended.failure };
  return { event: "end", plan: plan.digest, code: ended.code, ...came };
}

/** What a plan calls a change (type and logical name) → the key of the operation that carries it: a membership is its group's. */
export function operationsOf(resources: readonly DesiredResource[]): ReadonlyMap<string, string> {
  return new Map(
    resources.flatMap((one) => {
      const facts = definition(one.type);
      const key = operationKey(facts, one.inputs);
      const types = facts.membership ? [one.type, facts.membership.type] : [one.type];
      return types.map((type): [string, string] => [`${type}::${one.name}`, key]);
    }),
  );
}
