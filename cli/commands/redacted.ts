/** What `up --redact` says: the job's log is read by more people than the plan. Nobody is named; counts, keys, groups and rules stay. Pure. */
import { Refusal } from "../exit.ts";
import type { Applied } from "./result.ts";

const inRecord = "the reason is in the run record (haloform history)";
const keyed = <T extends { key: string }>(one: T): T & { name: string } => ({ ...one, name: `person ${one.key}` });

/** What a result is made of, without names and without the systems' own words, which may name anybody. `scrub`: cli/render/plan/redact.ts. */
export function redacted(applied: Applied, scrub: (text: string) => string): Applied {
  const { plan, wish, outcomes, failure } = applied;
  const parked = plan.parked.map((one) => ({
    ...(one.of === "thing" ? { ...one, key: scrub(one.key), name: scrub(one.name) } : keyed(one)),
    reason: "the reason is in the plan itself",
  }));
  return {
    ...applied,
    plan: { ...plan, people: plan.people.map(keyed), parked },
    wish: { ...wish, people: wish.people.map(keyed) },
    outcomes: outcomes.map(({ notes: _notes, message, of, ...one }) => ({
      ...one,
      ...(message === undefined ? {} : { message: inRecord }),
      ...(of === undefined ? {} : { of: { ...of, said: "" } }),
    })),
    failure: failure === undefined ? undefined : scrub(failure),
    waiting: applied.waiting?.map(({ part, why }) => ({ part: { ...part, because: part.because.map(scrub) }, why: why && scrub(why) })),
  };
}

/** The same error, in words that name nobody whom the plan knows. */
export function scrubbed(error: unknown, scrub: (text: string) => string): unknown {
  if (error instanceof Refusal) return new Refusal(error.reasons.map(scrub));
  if (error instanceof Error) error.message = scrub(error.message);
  return error;
}
