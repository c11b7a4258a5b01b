/**
 * How requests go to Microsoft's services, the same for Graph and for Exchange: with a token that is renewed once, within the
 * pace, eight at a time, and again where that is safe or where the answer is not to be believed yet. The one loop and the one
 * place that waits: every wait ends when the run is to stop, and those that a service asks for are said (base/waits.ts).
 */

import pLimit from "p-limit";
import { calls as processCalls } from "../../base/calls.ts";
import { fetchTrusting } from "../../base/certificates.ts";
import { orStopped, stopSignal } from "../../base/stop.ts";
import { tellWait } from "../../base/waits.ts";
import { retryAfterMs } from "../http/answer.ts";
import { goOn } from "../http/clock.ts";
import { type Clock, systemClock } from "./clock.ts";
import { claimsOf, type SignIn } from "./credential.ts";
import { type Answer, networkError } from "./errors.ts";
import { type HttpRequest, send } from "./http.ts";
import { type Cost, makeBudget, type Pace, type Said, type Taken } from "./pace.ts";
import { type Failure, patience, pauseBefore } from "./retry.ts";

/** What a test or a command line may want otherwise. */
export interface SenderOptions {
  /** Gets one more for each HTTP request; default: the count of this process. */
  counter?: { graph: number };
  clock?: Clock;
  /** Milliseconds a request may take. */
  timeout?: number;
  /** Aborted: reads end at once, writes under way are let through, and nothing more is sent. Default: the run's own. */
  signal?: AbortSignal;
}

/** Whom it sends to. */
export interface Service {
  /** As people call it: "Microsoft Graph". */
  name: string;
  /** `https://host[:port]`: the token is for this one and goes nowhere else. */
  origin: string;
  signIn: Pick<SignIn, "credential" | "last">;
  /** The error of a token that could not be had. */
  noToken(cause: unknown, what: string): Error;
  /** What to check where nothing answers, as the end of a sentence. */
  check: string;
  /** PEM file of a further certificate authority. */
  ca?: string | undefined;
  /** What is allowed; undefined: nobody counts. */
  pace?: Pace | undefined;
}

/** What there is to know of a request besides itself. */
export interface Asked {
  /** Completes "Could not …". */
  what: string;
  /** May it be sent twice without harm? */
  repeatable: boolean;
  /** How long to wait before asking again although there is an answer; undefined = it is believed. */
  doubt?(answer: Answer): number | undefined;
}

/** A request, or the batch that it was in, came to nothing: no answer, or one that is about the batch. `said` is for people. */
export class Failed extends Error {
  readonly answer: Answer | undefined;
  readonly said: Error;
  constructor(said: Error, answer?: Answer) {
    super(said.message, { cause: said });
    this.said = said;
    this.answer = answer;
  }
}

export interface Sender {
  /** Its `sleep` ends when the run is to stop, with an UnreachableError. */
  readonly clock: Clock;
  /**
   * One HTTP request; any status is an answer. `cost`: what of it the service counts; without writes it is a read. `inner`: the answers
   * within the answer. Throws Failed.
   */
  once(request: HttpRequest, what: string, cost: Cost, inner?: (answer: Answer) => readonly Answer[]): Promise<Answer>;
  /** Sends until there is an answer worth having. Throws what `once` said where there is none. */
  insist(once: () => Promise<Answer>, asked: Asked): Promise<Answer>;
  /** HTTP requests made. */
  calls(): number;
}

/** Requests under way at the same time. */
const abreast = 8;
/** So often it is signed in where nobody says when to come back: whoever mistyped an address has the answer after a few seconds. */
const mostSignIns = 4;
/** A countdown is told so often, ms. */
const tick = 30_000;

/** Waits, which end when the run is to stop. `what` completes "Could not …"; `asked`: the service has asked for the wait. */
function waits(service: string, clock: Clock, signal: AbortSignal) {
  return async (ms: number, what: string, asked = false): Promise<void> => {
    for (let left = ms; left > 0; left -= tick) {
      goOn(what, signal);
      if (asked) tellWait(service, left / 1000, clock.now());
      await orStopped(clock.sleep(Math.min(left, tick), signal), signal);
    }
    goOn(what, signal);
  };
}

/** For the failures of one request: waits before it is sent again; false where that is not worth it, and nothing was waited for. */
function repeats(clock: Clock, rest: ReturnType<typeof waits>) {
  return (what: string) => {
    let tries = 0;
    let waited = 0;
    return async (failed: Pick<Failure, "status" | "retryAfter" | "repeatable">): Promise<boolean> => {
      tries += 1;
      const pause = pauseBefore({ ...failed, tries, waited }, clock.now(), Math.random());
      if (pause === undefined) return false;
      waited += pause;
      await rest(pause, what, failed.status === 429 || failed.status === 503);
      return true;
    };
  };
}

/** Waits until the quota has room for a request, and counts it; what it gives is called with the answers, none where there was none. */
function roomIn(pace: Pace | undefined, clock: Clock, rest: ReturnType<typeof waits>) {
  const budget = pace && makeBudget(pace, clock.now);
  // Who asks first, goes first; reads do not wait for writes.
  const inTurn = { reads: pLimit(1), writes: pLimit(1) };
  const saidBy = ({ status, headers }: Answer): Said => {
    const retryAfter = retryAfterMs(headers.get("retry-after"), clock.now());
    const share = Number(headers.get("x-ms-throttle-limit-percentage") ?? Number.NaN);
    return {
      ...{ status, why: headers.get("x-ms-throttle-information"), share: Number.isNaN(share) ? undefined : share },
      // Whoever is asked to wait for longer than anybody waits finds that out by itself.
      retryAfter: (retryAfter ?? 0) > patience ? undefined : retryAfter,
    };
  };
  return async (cost: Cost, what: string): Promise<(answers: readonly Answer[]) => void> => {
    if (!budget) return () => undefined;
    const taken = await inTurn[cost.writes === 0 ? "reads" : "writes"](async (): Promise<Taken> => {
      for (;;) {
        const given = budget.take(cost);
        if (!("pause" in given)) return given;
        await rest(given.pause, what, given.asked);
      }
    });
    return (answers) => budget.answered(taken, answers.map(saidBy));
  };
}

export function makeSender(service: Service, options: SenderOptions): Sender {
  const { clock = systemClock, counter = processCalls, signal = stopSignal, timeout = 60_000 } = options;
  const { origin } = service;
  const trusting = fetchTrusting(service.ca);
  const { credential, last } = service.signIn;
  const rest = waits(service.name, clock, signal);
  const repeating = repeats(clock, rest);
  const room = roomIn(service.pace, clock, rest);
  const oneOf = pLimit(abreast);
  let made = 0;

  let signingIn: Promise<string> | undefined;

  /** A token, asked for again as requests are; whoever needs one at the same moment waits for the same. */
  async function tokenFor(what: string): Promise<string> {
    signingIn ??= signIn(what).finally(() => {
      signingIn = undefined;
    });
    try {
      return await signingIn;
    } catch (error) {
      goOn(what, signal);
      throw service.noToken(error, what);
    }
  }

  async function signIn(what: string): Promise<string> {
    const again = repeating(what);
    for (let tries = 1; ; tries++) {
      // The library under it cannot be stopped half way; nobody has to wait for it.
      const asked = credential.getToken([`${origin}/.default`]).then(
        (given) => given?.token ?? new Error("no token"),
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      await orStopped(asked, signal);
      goOn(what, signal);
      const token = await asked;
      if (typeof token === "string") return token;
      const answer = last();
      if (answer === undefined || (answer.retryAfter === undefined && tries >= mostSignIns)) throw token;
      if (!(await again({ status: answer.status || undefined, retryAfter: answer.retryAfter, repeatable: true }))) throw token;
    }
  }

  async function attempt(request: HttpRequest, what: string, read: boolean): Promise<{ answer: Answer; token: string }> {
    goOn(what, signal);
    const token = await tokenFor(what);
    made += 1;
    counter.graph += 1;
    const late = AbortSignal.timeout(timeout);
    try {
      // A read may be ended half way; a write is let through, so that its answer is known.
      return { answer: await send(request, token, read ? AbortSignal.any([late, signal]) : late, trusting), token };
    } catch (error) {
      goOn(what, signal);
      throw new Failed(networkError(what, new URL(origin).host, error, service.check));
    }
  }

  return {
    clock: { now: clock.now, sleep: (ms) => rest(ms, "go on") },
    async once(request, what, cost, inner) {
      if (new URL(request.url).origin !== origin) throw new Error(`${request.url} is not an address of ${service.name}.`);
      const isRead = cost.writes === 0;
      const answered = await room(cost, what);
      let answers: readonly Answer[] = [];
      return oneOf(async () => {
        let { answer, token } = await attempt(request, what, isRead);
        if (answer.status === 401) {
          credential.forget(token, claimsOf(answer.headers.get("www-authenticate")));
          answer = (await attempt(request, what, isRead)).answer;
        }
        answers = [answer, ...(inner?.(answer) ?? [])];
        return answer;
      }).finally(() => answered(answers));
    },
    async insist(once, { what, repeatable, doubt }) {
      const again = repeating(what);
      for (;;) {
        const { answer, said } = await once().then((answer) => ({ answer, said: undefined }), failedOnly);
        if (said || answer.status >= 400) {
          if (await again({ status: answer?.status, retryAfter: answer?.headers.get("retry-after"), repeatable })) continue;
          if (said) throw said;
        }
        const pause = doubt?.(answer);
        if (pause === undefined) return answer;
        await rest(pause, what);
      }
    },
    calls: () => made,
  };
}

function failedOnly(error: unknown): Failed {
  if (error instanceof Failed) return error;
  throw error;
}
