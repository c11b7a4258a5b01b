/** What a plan takes and gives, judged together with what earlier runs did: by the journal, and by the limits that were last applied. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { isGain } from "../../providers/core/access.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Amount, Loss } from "../../stacks/model/types.ts";
import type { Within } from "../../stacks/model/within.ts";
import { countedIn, tallied } from "../../stacks/plan/counted.ts";
import { type Emergency, uncovered, widened } from "../../stacks/plan/emergency.ts";
import { halved } from "../../stacks/plan/first-run.ts";
import { guard, type Verdict } from "../../stacks/plan/guard.ts";
import { type FileOf, fieldsOf, type Limits, limitsOf, standing } from "../../stacks/plan/limits.ts";
import { placed, valuesOf } from "../../stacks/plan/per.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { populationOf } from "../../stacks/plan/population.ts";
import { withinOf } from "../../stacks/plan/within.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { journalTag } from "./journal.ts";
import type { Ledger } from "./ledger.ts";

const limit = z.object({
  ...{ most: z.number().exactOptional(), share: z.number().exactOptional() },
  ...{ below: z.number(), per: z.array(z.string()) },
});
const limitsSchema = z.record(z.string(), limit);
const unknown = `what was taken in the last 24 hours is not known: the journal (stack tag ${journalTag}) is gone, or the stock pulumi made the state; \`haloform keys adopt\` begins a new one`;

/** As the journal has them. Throws where they cannot be read: guessing would be guessing in the unsafe direction. */
const lastLimits = (limits: unknown): Partial<Limits> | undefined => (limits === undefined ? undefined : limitsSchema.parse(limits));

export interface Judge {
  /** The guard's verdict on what a plan takes and gives. */
  judge(counted: readonly Amount[], changes?: Pick<Plan, "people" | "shared">): Verdict;
  /** The same as the ledger keeps it. */
  loss(counted: readonly Amount[]): Loss;
  /** What counts now, and what of it a first run may take. */
  standing: Limits;
  counts: Limits;
  /** What counts once a plan is applied: with those that it raises where it is approved for that and changes nothing else. */
  limits(plan: Plan): Limits;
}

/** How a run is judged: by the limits that count, with what shares are of. */
export function judgeLosses(
  prepared: Pick<Prepared, "mappings" | "wish" | "world" | "live" | "given">,
  { known, isFirst, isLost }: Pick<Ledger, "known" | "isFirst" | "isLost">,
  now: Date,
  emergency?: Emergency,
): Judge {
  const file = limitsOf(prepared.mappings.safety.limits);
  const fileOf: FileOf = (name) => prepared.mappings.at(["safety", "limits", name]).replace(/:\d+$/u, "");
  const stands = standing(file, lastLimits(known.limits), fileOf);
  const judging = isFirst ? { ...stands, limits: halved(stands.limits) } : stands;
  const fields = fieldsOf(stands.limits);
  const by = valuesOf(prepared.wish.people);
  const { wish, live, given } = prepared;
  let inside: Within | undefined;
  const within = (): Within => (inside ??= withinOf({ wish, live, previous: given.previous }, "now"));
  const population = populationOf(wish.resources, prepared.world.was, fields, by, within);
  const values = prepared.wish.people.flatMap(({ key }) => fields.map((field) => by(key, field)));
  const texts = new Map(values.map(({ digest, text }) => [digest, text]));
  const judged = {
    fileOf,
    recent: known.losses,
    population,
    standing: judging,
    now,
    said: (digest: string): string => texts.get(digest) ?? "",
  };
  return {
    judge(counted, changes) {
      const within = (all: readonly Amount[], limits: Limits): Verdict =>
        guard({ ...judged, standing: { ...judging, limits }, counted: placed(all, fields, by) });
      let verdict = within(counted, emergency ? widened(judging.limits, emergency) : judging.limits);
      if (emergency) {
        // What it does not name keeps to the limits as they are.
        const { breaches } = within(changes ? countedIn(uncovered(changes, emergency)) : counted, judging.limits);
        const all = [...new Set([...breaches, ...verdict.breaches])];
        verdict = { ...verdict, breaches: all, verdict: all.length > 0 ? "refused" : "ok" };
      }
      if (!isLost || counted.every(({ as }) => isGain(as))) return verdict;
      return { ...verdict, verdict: "refused", breaches: [unknown, ...verdict.breaches] };
    },
    loss: (counted) => ({ at: now.toISOString(), counted: tallied(placed(counted, fields, by)), population }),
    standing: stands.limits,
    counts: judging.limits,
    limits: (plan) => (changeCount(plan) === 0 && isDeepStrictEqual(plan.summary.raised ?? [], stands.raised) ? file : stands.limits),
  };
}
