/** How much access may be lost in 24 hours. Counts in, a verdict and its sentences out. */
import type { SafetyFile } from "../../mappings/schema/all.ts";
import type { Plan } from "../model/plan.ts";
import type { Loss } from "../model/types.ts";

/** What a plan would take away. */
export type Losses = Pick<Loss, "disabled" | "memberships" | "licences" | "deleted" | "folders">;

/** How many there are of each, before the plan: what a share is a share of; home folders in the archive or not. */
type Population = { accounts: number; memberships: number; licences: number; folders?: number };

const day = 24 * 60 * 60 * 1000;

/** Losses of the 24 hours before `now`; one with a time after `now` (a clock that was wrong) counts too. */
export function recentLosses(list: readonly Loss[], now: Date): Loss[] {
  return list.filter((loss) => !(Date.parse(loss.at) <= now.getTime() - day));
}

const kinds = [
  { loss: "disabled", of: "accounts", limit: "disabled", words: ["account", "accounts"], lost: "be disabled" },
  { loss: "memberships", of: "memberships", limit: "membershipsLost", words: ["group membership", "group memberships"], lost: "be lost" },
  { loss: "licences", of: "licences", limit: "licencesLost", words: ["licence", "licences"], lost: "be lost" },
  { loss: "deleted", of: "accounts", limit: "deleted", words: ["account", "accounts"], lost: "be deleted" },
  {
    loss: "folders",
    of: "folders",
    limit: "foldersDeleted",
    words: ["archived home folder", "archived home folders"],
    lost: "be deleted",
  },
] as const;

/**
 * Judges the losses of a plan together with those of the last 24 hours, so that a big loss cannot be split up. Up to
 * `below` is always allowed; above it both `most` and `share` must be kept, with a sentence for each limit that would be passed. A plan that takes nothing is always allowed.
 */
export function guard(given: {
  losses: Losses;
  population: Population;
  limits: SafetyFile["limits"];
  recent: readonly Loss[];
  now: Date;
}): Plan["guard"] {
  const recent = recentLosses(given.recent, given.now);
  const breaches: string[] = [];
  for (const kind of kinds) {
    const now = given.losses[kind.loss] ?? 0;
    const before = recent.reduce((sum, one) => sum + (one[kind.loss] ?? 0), 0);
    const total = now + before;
    const { most, share, below } = given.limits[kind.limit];
    if (now === 0 || total <= below) continue;
    const population = given.population[kind.of] ?? 0;
    const counted = before > 0 ? ` (${now} now, ${before} before)` : "";
    const said = `${total} ${total === 1 ? kind.words[0] : kind.words[1]} would ${kind.lost} in 24 hours${counted}`;
    if (most !== undefined && total > most) breaches.push(`${said}; the limit is ${most} (mappings/safety.yaml limits.${kind.limit}.most)`);
    if (share !== undefined && total * 100 > population * share) {
      const allowed = Math.max(below, Math.floor((population * share) / 100));
      breaches.push(`${said}; the limit is ${share} % of ${population} = ${allowed} (mappings/safety.yaml limits.${kind.limit}.share)`);
    }
  }
  return { verdict: breaches.length > 0 ? "refused" : "ok", breaches };
}
