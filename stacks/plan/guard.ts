/** How much access may be lost and gained in 24 hours. Counts in, a verdict and its sentences out. */
import { defined } from "../../base/defined.ts";
import type { System } from "../../providers/core/system.ts";
import { systemNames, systemOf } from "../../providers/systems.ts";
import type { Plan, PlanCount } from "../model/plan.ts";
import type { Amount, Loss } from "../model/types.ts";
import { type Class, classes, classNames } from "./classes.ts";
import { apart } from "./counted.ts";
import { type FileOf, type Limit, type Standing, usualFile } from "./limits.ts";
import { leastOf, type Population, populationKey } from "./population.ts";

const day = 24 * 60 * 60 * 1000;

/** What runs of the 24 hours before `now` took and gave; one with a time after `now` (a clock that was wrong) counts too. */
export function recentLosses(list: readonly Loss[], now: Date): Loss[] {
  return list.filter((loss) => !(Date.parse(loss.at) <= now.getTime() - day));
}

/** Those of whom a limit is judged: everybody, or who has a value in a field of their record. */
interface Part {
  now: readonly Amount[];
  before: readonly Amount[];
  field?: string;
  value?: string;
  /** The value as people read it. */
  said?: string;
}

/** What is counted in a system now, and with that of before, of how many. */
interface InSystem {
  system: System;
  now: number;
  count: number;
  of: number;
}

const sum = (amounts: readonly Amount[]): number => amounts.reduce((total, { people }) => total + people, 0);

export interface Judged {
  counted: readonly Amount[];
  recent: readonly Loss[];
  population: Population;
  standing: Standing;
  now: Date;
  /** What a value of a field is called, by its digest. */
  said(digest: string): string;
  fileOf?: FileOf;
}

/** With the limits that are raised (of the plan's summary). */
export type Verdict = Plan["guard"] & Pick<Plan["summary"], "raised">;

/**
 * Judges what a plan takes and gives together with that of the last 24 hours, so that nothing can be split up. Up to `below` is always
 * allowed; above it both `most` and `share` must be kept, with a sentence for each limit that would be passed. What a plan does
 * nothing of is always allowed.
 */
export function guard(given: Judged): Verdict {
  const recent = recentLosses(given.recent, given.now);
  const before = apart(recent, given.counted);
  const population = leastOf(given.population, recent);
  const { limits, raised } = given.standing;
  const breaches: string[] = [];
  const counts: PlanCount[] = [];
  for (const as of classNames) {
    const kind = classes[as];
    const limit = limits[kind.limit];
    const all: Part = { now: given.counted.filter((one) => one.as === as), before: before.filter((one) => one.as === as) };
    if (sum(all.now) === 0) continue;
    const hint = (field: string): string => {
      const advice = raised.some((one) => one.includes(` limits.${kind.limit}.${field} `)) ? raisedHint : usualHint;
      return `(${(given.fileOf ?? usualFile)(kind.limit)} limits.${kind.limit}.${field}); ${advice}`;
    };
    for (const part of [all, ...limit.per.flatMap((field) => partsBy(field, all, given.said))]) {
      const systems = bySystem(kind, part, population);
      if (part === all) counts.push(countOf(kind, limit, part, systems));
      breaches.push(...breachesOf(kind, limit, part, systems, hint));
    }
  }
  return {
    verdict: breaches.length > 0 ? "refused" : "ok",
    breaches,
    ...(raised.length > 0 ? { raised } : {}),
    ...(counts.length > 0 ? { counts } : {}),
  };
}

const usualHint = "look at who it is; if it is right, wait a day or raise the limit by a plan of its own";
const raisedHint = "the raise does not count yet: apply it by itself first (haloform preview --limits --out DIR)";

function partsBy(field: string, all: Part, said: Judged["said"]): Part[] {
  const digestIn = ({ per }: Amount): string | undefined => per?.[field];
  const before = Map.groupBy(all.before, digestIn);
  return [...Map.groupBy(all.now, digestIn)].flatMap(([value, now]) =>
    value === undefined ? [] : [{ now, before: before.get(value) ?? [], field, value, said: said(value) }],
  );
}

/** What nobody knows the system of may be of any. */
function bySystem(kind: Class, { now, before, field, value }: Part, population: Population): InSystem[] {
  return systemNames.flatMap((system) => {
    const mine = now.filter((one) => one.system === system);
    if (mine.length === 0) return [];
    const count = sum(mine) + sum(before.filter((one) => one.system === undefined || one.system === system));
    return [{ system, now: sum(mine), count, of: population[populationKey(kind.of, system, field, value)] ?? 0 }];
  });
}

const allowedOf = ({ share = 100, below }: Limit, of: number): number => Math.max(below, Math.floor((of * share) / 100));

function countOf(kind: Class, limit: Limit, part: Part, systems: readonly InSystem[]): PlanCount {
  return {
    ...{ limit: kind.limit, now: sum(part.now), before: sum(part.before), ...defined({ most: limit.most }) },
    systems: systems.map(({ system, count, of }) => ({
      ...{ system, count, of },
      ...(limit.share === undefined ? {} : { allowed: allowedOf(limit, of) }),
    })),
  };
}

function breachesOf(kind: Class, limit: Limit, part: Part, systems: readonly InSystem[], hint: (field: string) => string): string[] {
  const { most, share, below } = limit;
  const { words, would } = kind;
  const where = part.field === undefined ? "" : ` where ${part.field} is ${part.said || "not known"}`;
  const split = (now: number, total: number): string => (total > now ? ` (${now} now, ${total - now} before)` : "");
  const breaches: string[] = [];
  const [now, total] = [sum(part.now), sum(part.now) + sum(part.before)];
  const said = (count: number): string => `${count} ${count === 1 ? words[0] : words[1]}`;
  const there = systems.reduce((all, { of }) => all + of, 0);
  const ofAll = there > 0 ? ` of ${there}` : "";
  if (most !== undefined && total > Math.max(most, below))
    breaches.push(`${said(total)} would ${would} in 24 hours${where}${split(now, total)}; the limit is ${most}${ofAll} ${hint("most")}`);
  if (share === undefined) return breaches;
  for (const one of systems) {
    const allowed = allowedOf(limit, one.of);
    if (one.count <= below || one.count * 100 <= one.of * share) continue;
    breaches.push(
      `${said(one.count)} in ${systemOf(one.system).title} would ${would} in 24 hours${where}${split(one.now, one.count)}; the limit is ${share} % of ${one.of} = ${allowed} ${hint("share")}`,
    );
  }
  return breaches;
}
