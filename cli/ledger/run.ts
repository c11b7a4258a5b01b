/** One run's two lines in the run record: what it is about to do, and what came of it. */
import { defined } from "../../base/defined.ts";
import { type Outcome, operationKey } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { Plan, PlanChange } from "../../stacks/model/plan.ts";
import type { DesiredResource } from "../../stacks/model/types.ts";
import type { UpResult } from "../answers/answers.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { actor, appendRecord, type Begin, type End, headTag, recordFile } from "./record.ts";

type Ended = { code: number; failure: string } | { code: number; result: UpResult; outcomes: readonly Outcome[] };

/** Written before anything else is: a run that is killed stands there as cut off. */
export function beginRecord(
  project: Project,
  stack: Pick<Opened, "setTag">,
  { plan, resources }: { plan: Plan; resources: readonly DesiredResource[] },
  now: Date,
): { end(ended: Ended): Promise<void> } {
  const file = recordFile(project);
  const write = (event: Begin | End, at: Date): string => appendRecord(file, event, { at, stack: project.stack, by: actor() }).digest;
  const started = performance.now();
  const operations = operationsOf(resources);
  const brief = ({ type, resource, label, op, fields }: PlanChange): Begin["shared"][number] =>
    defined({ type, resource, label, op, operation: operations.get(`${type}::${resource}`), fields });
  write(
    {
      event: "begin",
      plan: plan.digest,
      made: plan.made,
      summary: plan.summary,
      people: plan.people.map(({ key, name, event, changes }) => ({ key, name, event, changes: changes.map(brief) })),
      shared: plan.shared.map(brief),
    },
    now,
  );
  return {
    async end(ended) {
      const digest = write(
        {
          event: "end",
          plan: plan.digest,
          code: ended.code,
          ...("result" in ended
            ? {
                done: ended.result.done,
                parked: ended.result.parked,
                pending: ended.result.pending,
                outcomes: ended.outcomes.map(({ key, op, result, message }) => ({ key, op, result, message })),
                failure: ended.result.failure,
              }
            : { done: {}, parked: [], pending: [], outcomes: [], failure: ended.failure }),
        },
        new Date(now.getTime() + Math.round(performance.now() - started)),
      );
      // The state backend remembers the newest: a record that loses its end shows.
      await stack.setTag(headTag, digest);
    },
  };
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
