/** The client of Microsoft Graph: few verbs, paced, repeated where that is safe, with errors of one line. */
import { z } from "zod";
import { calls as processCalls } from "../../base/calls.ts";
import { UnreachableError } from "../../base/errors.ts";
import type { EntraConfig } from "../../base/settings.ts";
import { stopping, stopSignal } from "../../base/stop.ts";
import { batchSize, coalesce, type GraphRequest, inRounds, isRepeatable, isWrite, sendBatch } from "./batch.ts";
import { type Clock, systemClock } from "./clock.ts";
import { cloudOf } from "./clouds.ts";
import { chooseCredential, claimsOf, type Environment, singleToken } from "./credential.ts";
import { type Answer, graphError, networkError, tokenError } from "./errors.ts";
import { doubts, freshObjects, isAbsent, isObject, longestWait, patience } from "./fresh.ts";
import { graphHttp, type HttpRequest, NoAnswer, NoToken, tokenOf } from "./http.ts";
import { query } from "./odata.ts";
import { gate, type Pace, paceFor, tokenBucket } from "./pace.ts";
import { pauseBefore } from "./retry.ts";

/** The largest page Graph gives for users, groups and members. */
export const pageSize = 999;

export interface WriteOptions {
  /** Completes "Could not …" in errors. */
  what?: string;
  headers?: { readonly [name: string]: string };
  repeatable?: boolean;
}

export interface EntraClient {
  /** `https://graph.microsoft.com/v1.0` */
  readonly base: string;
  /** Seconds to wait for Entra Connect within a run. */
  readonly syncWait: number;
  readonly clock: Clock;
  /** How we sign in, in words. */
  readonly signedInBy: string;
  /** All pages of a collection. `top` null = the service does not page it. */
  list(
    path: string,
    select: readonly string[],
    options?: { top?: number | null; expand?: string; filter?: string; what?: string },
  ): Promise<unknown[]>;
  /** One object; undefined when Graph says 404. */
  get(path: string, select?: readonly string[], what?: string): Promise<unknown>;
  patch(path: string, body: unknown, options?: WriteOptions): Promise<Answer>;
  /** A Buffer is sent as it is (an image, with its content-type). `accept`: statuses that are answers, not errors. */
  put(path: string, body: unknown, options?: WriteOptions & { accept?: readonly number[] }): Promise<Answer>;
  /** Not sent twice when it may have worked, unless `repeatable`. */
  post(path: string, body: unknown, options?: WriteOptions): Promise<Answer>;
  /** Gone already is success. */
  remove(path: string, options?: WriteOptions): Promise<void>;
  /** Any number of requests, 20 a call; answers in their order, refusals returned. */
  batch(requests: readonly GraphRequest[]): Promise<Answer[]>;
  /** One request that shares a $batch with others that come at the same moment; a refusal is returned. */
  submit(request: GraphRequest): Promise<Answer>;
  /** One GET that shares its call with other reads that wait at the moment; a refusal is returned. */
  read(path: string, what: string): Promise<Answer>;
  /** A page by the whole address that Graph gave (a nextLink, a deltaLink); any answer is returned. Never another host's. */
  page(url: string, what: string, headers?: { readonly [name: string]: string }): Promise<Answer>;
  /** HTTP requests made to Graph; a $batch is one. */
  calls(): number;
}

export interface ConnectOptions {
  /** Gets one more for each HTTP request; default: the count of this process. */
  counter?: { graph: number };
  clock?: Clock;
  pace?: Pace;
  /** Milliseconds a request may take. */
  timeout?: number;
  /** Requests under way at the same time. */
  concurrency?: number;
  /** Aborted: reads end at once, writes under way are let through, and nothing more is sent. Default: the run's own. */
  signal?: AbortSignal;
}

const pageSchema = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });

/** Connects by what the environment offers (nothing is sent yet). Throws ConfigurationError in one line. */
export function connectEntra(config: EntraConfig, env: Environment, options: ConnectOptions = {}): EntraClient {
  const clock = options.clock ?? systemClock;
  const counter = options.counter ?? processCalls;
  const { origin, base } = graphAddress(cloudOf(config).graph);
  const { by } = chooseCredential(config, env);
  const credential = singleToken(() => chooseCredential(config, env).credential, Date.now);
  const http = graphHttp(origin, credential, options.timeout ?? 60_000);
  const { signal = stopSignal } = options;
  const fresh = freshObjects(clock.now);
  const write = tokenBucket(options.pace ?? paceFor(config.limit), clock);
  const oneOf = gate(options.concurrency ?? 8);
  let made = 0;

  function goOn(what: string): void {
    if (signal === stopSignal ? stopping() : signal.aborted)
      throw new UnreachableError(`Could not ${what}: the run was stopped; run it again to go on.`);
  }

  const rest = (ms: number, what: string): Promise<void> => waited(() => clock.sleep(ms), what);

  /** Waits, unless the run is stopped meanwhile. */
  async function waited(wait: () => Promise<void>, what: string): Promise<void> {
    goOn(what);
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    signal.addEventListener("abort", stop, { once: true });
    await Promise.race([wait(), stopped]);
    signal.removeEventListener("abort", stop);
    goOn(what);
  }

  /** Sends until there is an answer worth having. `writes`: how many of them Graph will count. */
  async function send(request: HttpRequest, what: string, facts: { repeatable: boolean; writes: number }): Promise<Answer> {
    let renewed = false;
    for (let tries = 1; ; tries += 1) {
      await waited(() => write(facts.writes), what);
      let answer: Answer | undefined;
      let failure: unknown;
      try {
        answer = await oneOf(() => {
          goOn(what);
          made += 1;
          counter.graph += 1;
          return http(facts.writes === 0 ? { ...request, signal } : request);
        });
      } catch (error) {
        if (error instanceof NoToken) throw tokenError(error.cause, by);
        if (!(error instanceof NoAnswer)) throw error;
        failure = error.cause;
        goOn(what);
      }
      if (answer?.status === 401 && !renewed) {
        renewed = true;
        credential.forget(tokenOf(answer), claimsOf(answer.headers.get("www-authenticate")));
        continue;
      }
      if (answer && answer.status < 400) return answer;
      const pause = pauseBefore(
        { status: answer?.status, retryAfter: answer?.headers.get("retry-after"), repeatable: facts.repeatable, tries },
        clock.now(),
        Math.random(),
      );
      if (pause === undefined) {
        if (answer) return answer;
        throw networkError(what, new URL(request.url).host, failure);
      }
      await rest(pause, what);
    }
  }

  /** Sends what concerns an object made lately until every replica knows it, and asks again before a 404 about any other is believed. */
  async function settled(
    request: { method: string; path: string; body?: unknown },
    what: string,
    once: () => Promise<Answer>,
  ): Promise<Answer> {
    const until = clock.now() + longestWait;
    for (let tries = 1; ; tries += 1) {
      const answer = await once();
      if (!isAbsent(answer)) {
        fresh.note(answer);
        return answer;
      }
      const waits = fresh.concerns(request);
      if (waits ? clock.now() >= until : request.method !== "GET" || !isObject(request.path) || tries > doubts.length) return answer;
      await rest(waits ? patience(tries) : (doubts[tries - 1] ?? 0), what);
    }
  }

  async function verb(
    method: HttpRequest["method"],
    path: string,
    body: unknown,
    what: string,
    options: WriteOptions,
    accept: readonly number[] = [],
  ): Promise<Answer> {
    const request: HttpRequest = {
      method,
      url: `${base}${path}`,
      ...(body === undefined ? {} : { body }),
      ...(options.headers ? { headers: options.headers } : {}),
    };
    const repeatable = options.repeatable ?? method !== "POST";
    const answer = await settled({ method, path, body }, what, () => send(request, what, { repeatable, writes: method === "GET" ? 0 : 1 }));
    if (answer.status >= 400 && !accept.includes(answer.status)) throw graphError(what, method, path, answer);
    return answer;
  }

  async function batch(requests: readonly GraphRequest[]): Promise<Answer[]> {
    const post = async (body: unknown, inner: readonly GraphRequest[]): Promise<unknown> => {
      const what = `send ${inner.length} requests to Graph in a batch`;
      const facts = { repeatable: inner.every(isRepeatable), writes: inner.filter(isWrite).length };
      const answer = await send({ method: "POST", url: `${base}/$batch`, body }, what, facts);
      if (answer.status >= 400) throw graphError(what, "POST", "/$batch", answer);
      return answer.body;
    };
    const all = async (some: readonly GraphRequest[]): Promise<Answer[]> => {
      const chunks: (readonly GraphRequest[])[] = [];
      for (let at = 0; at < some.length; at += batchSize) chunks.push(some.slice(at, at + batchSize));
      const answers = (await Promise.all(chunks.map((chunk) => sendBatch(chunk, post, clock)))).flat();
      for (const answer of answers) fresh.note(answer);
      return answers;
    };
    const answers = await all(requests);
    const until = clock.now() + longestWait;
    for (let tries = 1; clock.now() < until; tries += 1) {
      const waiting = requests.flatMap((request, index) => {
        const answer = answers[index];
        return answer && isAbsent(answer) && fresh.concerns(request) ? [{ request, index }] : [];
      });
      if (waiting.length === 0) break;
      await rest(patience(tries), "wait for what was just made in Entra ID");
      const again = await all(waiting.map((one) => one.request));
      for (const [at, one] of waiting.entries())
        answers[one.index] = again[at] ?? answers[one.index] ?? { status: 504, headers: new Headers(), body: undefined };
    }
    return answers;
  }

  function ours(url: string, what: string): string {
    if (new URL(url).origin === origin) return url;
    throw new UnreachableError(`Could not ${what}: Graph named a next page on another host (${new URL(url).host}); it was not followed.`);
  }

  const read = inRounds<{ path: string; what: string }, Answer>(async (asked) => {
    const [only] = asked;
    if (only && asked.length === 1)
      return [await send({ method: "GET", url: `${base}${only.path}` }, only.what, { repeatable: true, writes: 0 })];
    return batch(asked.map(({ path }) => ({ method: "GET", path })));
  });

  return {
    base,
    syncWait: config.syncWait,
    clock,
    signedInBy: by,
    async list(path, select, { top = pageSize, expand, filter, what = `list ${path}` } = {}) {
      const all: unknown[] = [];
      let next: string | undefined =
        `${base}${path}${query({ select, ...(top === null ? {} : { top }), ...(expand === undefined ? {} : { expand }), ...(filter === undefined ? {} : { filter }) })}`;
      while (next !== undefined) {
        ours(next, what);
        // The first page alone: most lists have no other, and a plain GET is the easiest to find in a proxy's log.
        const further = all.length > 0 && next.startsWith(`${base}/`) ? next.slice(base.length) : undefined;
        const answer: Answer =
          further === undefined
            ? await send({ method: "GET", url: next }, what, { repeatable: true, writes: 0 })
            : await read({ path: further, what });
        if (answer.status >= 400) throw graphError(what, "GET", path, answer);
        const page = pageSchema.safeParse(answer.body);
        if (!page.success)
          throw new UnreachableError(
            `Could not ${what}: the answer is not a page of Graph's (no \`value\`); check \`graph\` in the stack's \`entra\` settings.`,
          );
        all.push(...page.data.value);
        next = page.data["@odata.nextLink"] ?? undefined;
      }
      return all;
    },
    async get(path, select = [], what = `read ${path}`) {
      const answer = await verb("GET", `${path}${query({ select })}`, undefined, what, {}, [404]);
      return answer.status === 404 ? undefined : answer.body;
    },
    patch: (path, body, more = {}) => verb("PATCH", path, body, more.what ?? `change ${path}`, more),
    put: (path, body, more = {}) => verb("PUT", path, body, more.what ?? `put ${path}`, more, more.accept),
    post: (path, body, more = {}) => verb("POST", path, body, more.what ?? `post to ${path}`, more),
    async remove(path, more = {}) {
      await verb("DELETE", path, undefined, more.what ?? `remove ${path}`, more, [404]);
    },
    batch,
    submit: coalesce(batch),
    read: (path, what) => read({ path, what }),
    page: (url, what, headers) =>
      send({ method: "GET", url: ours(url, what), ...(headers ? { headers } : {}) }, what, { repeatable: true, writes: 0 }),
    calls: () => made,
  };
}

/** `https://graph.microsoft.us` → origin and base; a path (a gateway's) is kept, a version at its end is not doubled. */
function graphAddress(graph: string): { origin: string; base: string } {
  const url = new URL(graph);
  const path = url.pathname.replace(/\/+$/u, "").replace(/\/v1\.0$/u, "");
  return { origin: url.origin, base: `${url.origin}${path}/v1.0` };
}
