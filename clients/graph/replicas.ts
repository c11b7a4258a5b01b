/**
 * What replicas do not agree about yet. Microsoft's services answer from copies: what one of them has just made is not there for
 * another (Microsoft: "designing for eventual consistency"). The one place where an answer is not believed at once, with one
 * sequence of pauses and three budgets of time: five minutes for each new object, from the first time that it is missed; a
 * quarter of a minute for a refusal that its asker knows to pass; a moment for any other object that is said to be gone.
 */
import { type Answer, GraphRefusal, graphError, kindOf, messageOf } from "./errors.ts";

/** How long an object counts as new, ms (facts: up to 15 minutes for what hangs on it). */
const young = 15 * 60_000;
/** How long a new object may be missed in all, however many requests are about it, ms. */
const forNew = 5 * 60_000;
/** How long a refusal may last that is known to pass, ms. */
const forPassing = 15_000;
/** How long it takes to believe that an object which is not new is gone, ms: two more answers must agree. */
const forGone = 3000;

/** Pauses that grow (1, 2, 4, 8, then 15 s) as long as they stay within so many milliseconds; then undefined. */
function pauses(most = Number.POSITIVE_INFINITY): () => number | undefined {
  let n = 0;
  let spent = 0;
  return () => {
    n += 1;
    const pause = Math.min(15_000, 500 * 2 ** n);
    spent += pause;
    return spent > most ? undefined : pause;
  };
}

/** Asks again, with those pauses between, as long as the answer is one that passes, and gives the last. */
export async function patiently<T>(ask: () => Promise<T>, passes: (answer: T) => boolean, rest: (ms: number) => Promise<void>): Promise<T> {
  const next = pauses(forPassing);
  for (;;) {
    const answer = await ask();
    const pause = passes(answer) ? next() : undefined;
    if (pause === undefined) return answer;
    await rest(pause);
  }
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/giu;
/** `/users/<guid>`, and nothing below it: there is no other reason for a 404 than that the object is not there. */
const object =
  /^\/(?:users|groups|servicePrincipals|devices|directory\/administrativeUnits)\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\?|$)/iu;

/** What is asked, below /v1.0. */
interface Asked {
  method: string;
  path: string;
  body?: unknown;
}

export interface Replicas {
  /** Says that an object is new: made by a run that was cut off, or brought back. What this client makes is known by its answer. */
  recent(id: string): void;
  /** For the answers to one request: how long to wait before it is asked again; undefined = the answer is believed. */
  doubt(asked: Asked, passing?: (refusal: GraphRefusal) => boolean): (answer: Answer) => number | undefined;
}

/** `now` in milliseconds since 1970. */
export function makeReplicas(now: () => number): Replicas {
  /** Id → when it was made, and until when it may be missing, once it was missed. */
  const objects = new Map<string, { made: number; until?: number }>();
  const recent = (id: string): void => void objects.set(id.toLowerCase(), { made: now() });

  /** Until when the new objects that a request names may be missing; undefined where it names none. */
  function until({ path, body }: Asked): number | undefined {
    if (objects.size === 0) return undefined;
    const named = (body === undefined ? path : `${path} ${JSON.stringify(body)}`).match(guid) ?? [];
    const ends = named.flatMap((id) => {
      const one = objects.get(id.toLowerCase());
      if (one === undefined || now() - one.made >= young) return [];
      one.until ??= now() + forNew;
      return [one.until];
    });
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  return {
    recent,
    doubt(asked, passing) {
      const whileNew = pauses();
      const whilePassing = pauses(forPassing);
      const whileGone = pauses(forGone);
      return (answer) => {
        if (answer.status === 201) {
          const id = idIn(answer.body);
          if (id !== undefined) recent(id);
        }
        if (answer.status < 400) return undefined;
        const absent = isAbsent(answer);
        const end = absent ? until(asked) : undefined;
        if (end !== undefined) return now() < end ? whileNew() : undefined;
        if (passing) {
          const refusal = graphError("", asked.method, asked.path, answer);
          if (refusal instanceof GraphRefusal && passing(refusal)) return whilePassing();
        }
        return absent && asked.method === "GET" && object.test(asked.path) ? whileGone() : undefined;
      };
    },
  };
}

/** Whether an answer says that something is not there (yet); a mailbox that is missing comes with a licence, not by waiting. */
function isAbsent(answer: Answer): boolean {
  return (answer.status === 404 || answer.status === 400) && kindOf(answer.status, messageOf(answer)) === "absent";
}

function idIn(body: unknown): string | undefined {
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
  return typeof id === "string" ? id : undefined;
}
