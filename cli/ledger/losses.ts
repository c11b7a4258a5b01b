/** Losses of a run, as the journal has them, and the guard's verdict on those of a plan. */
import type { Plan } from "../../stacks/model/plan.ts";
import type { Loss } from "../../stacks/model/types.ts";
import { halved } from "../../stacks/plan/first-run.ts";
import { guard, recentLosses } from "../../stacks/plan/guard.ts";
import { apart, lossNames, populationOf } from "../../stacks/plan/losses.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { journalTag } from "./journal.ts";
import type { Ledger } from "./ledger.ts";

const takes = ({ disabled, memberships, licences, deleted = 0, folders = 0 }: Plan["summary"]["losses"]): boolean =>
  disabled + memberships + licences + deleted + folders > 0;

/** What a run is about to take away; undefined: nothing. */
export function lossOf(plan: Plan, now: Date): Loss | undefined {
  const { losses } = plan.summary;
  return takes(losses) ? { at: now.toISOString(), ...losses, of: lossNames(plan) } : undefined;
}

/** The guard's verdict on losses, with the population they are a share of, and with what earlier runs took. */
export function judgeLosses(
  prepared: Pick<Prepared, "mappings" | "wish" | "world">,
  ledger: Pick<Ledger, "known" | "isFirst" | "isLost">,
  now: Date,
) {
  const { disabled: accounts, memberships, licences, folders } = populationOf(prepared.wish.resources, prepared.world.was);
  const population = { accounts, memberships, licences, folders };
  const recent = recentLosses(ledger.known.losses, now);
  const { limits: all } = prepared.mappings.safety;
  const limits = ledger.isFirst ? halved(all) : all;
  return (losses: Plan["summary"]["losses"], names: readonly string[]): Plan["guard"] => {
    const { breaches } = guard({ losses, population, limits, recent: apart(recent, names), now });
    const unknown =
      ledger.isLost && takes(losses)
        ? [
            `what was taken in the last 24 hours is not known: the journal (stack tag ${journalTag}) is gone, or the stock pulumi made the state; \`haloform keys adopt\` begins a new one`,
          ]
        : [];
    const said = [...unknown, ...breaches];
    return { verdict: said.length > 0 ? "refused" : "ok", breaches: said };
  };
}
