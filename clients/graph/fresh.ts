/**
 * What this process has just made. Graph answers from replicas: an object that one of them has made a moment ago is not
 * there for another (Microsoft: "designing for eventual consistency"). So a 404, or a 400 that says as much, about such an
 * object is waited for, and about any other it is asked again before it is believed.
 */
import { z } from "zod";
import { type Answer, kindOf, messageOf } from "./errors.ts";

/** How long a new object may be missing here and there, ms (facts: up to 15 minutes for what hangs on it). */
const young = 15 * 60_000;
/** How long one request waits for a new object, ms. */
export const longestWait = 5 * 60_000;
/** Pauses before asking again about an object that is not new, ms: two more answers must agree. */
export const doubts: readonly number[] = [500, 2000];

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/giu;
const made = z.object({ id: z.string() });

/** The pause before the n-th repetition (from 1): 1, 2, 4, 8, then 15 s. */
export const patience = (n: number): number => Math.min(15_000, 500 * 2 ** n);

/** Whether an answer says that something is not there (yet). */
export const isAbsent = (answer: Answer): boolean =>
  answer.status === 404 || (answer.status === 400 && kindOf(400, messageOf(answer)) === "absent");

/** `/users/<guid>`, and nothing below it: there is no other reason for a 404 than that the object is not there. */
export const isObject = (path: string): boolean =>
  /^\/(?:users|groups|servicePrincipals|devices)\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\?|$)/iu.test(path);

export interface Fresh {
  /** Remembers what an answer says was made: 201 with an id. */
  note(answer: Answer): void;
  /** Whether a request names an object made lately, in its path or as a reference in its body. */
  concerns(request: { path: string; body?: unknown }): boolean;
}

/** `now` in milliseconds since 1970. */
export function freshObjects(now: () => number): Fresh {
  const ids = new Map<string, number>();
  return {
    note(answer) {
      const id = answer.status === 201 ? made.safeParse(answer.body).data?.id : undefined;
      if (id !== undefined) ids.set(id.toLowerCase(), now());
    },
    concerns({ path, body }) {
      if (ids.size === 0) return false;
      const text = body === undefined ? path : `${path} ${JSON.stringify(body)}`;
      return (text.match(guid) ?? []).some((id) => {
        const at = ids.get(id.toLowerCase());
        return at !== undefined && now() - at < young;
      });
    },
  };
}
