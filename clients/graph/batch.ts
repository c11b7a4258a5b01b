/** $batch: up to 20 requests in one. The outer answer is 200 even when inner ones fail, so each inner answer is looked at. */
import { z } from "zod";
import { UnreachableError } from "../../base/errors.ts";
import type { Clock } from "./clock.ts";
import type { Answer } from "./errors.ts";
import { pauseBefore } from "./retry.ts";

export const batchSize = 20;

export interface GraphRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /v1.0, starting with `/`, encoded. */
  path: string;
  body?: unknown;
  headers?: { readonly [name: string]: string };
  /** May it be sent twice without harm? Default: everything but POST. */
  repeatable?: boolean;
}

const innerSchema = z.object({
  id: z.coerce.string(),
  status: z.coerce.number(),
  headers: z.record(z.string(), z.unknown()).nullish(),
  body: z.unknown().optional(),
});
const batchSchema = z.object({ responses: z.array(innerSchema) });

export const isRepeatable = (request: Pick<GraphRequest, "method" | "repeatable">): boolean =>
  request.repeatable ?? request.method !== "POST";
export const isWrite = (request: Pick<GraphRequest, "method">): boolean => request.method !== "GET";

/**
 * Sends up to 20 requests as one $batch. Inner 429, 503 and the like are sent again, just those, after the longest
 * Retry-After among them. The answers come in the order of the requests; one that stays refused is returned, not thrown.
 */
export async function sendBatch(
  requests: readonly GraphRequest[],
  post: (body: unknown, requests: readonly GraphRequest[]) => Promise<unknown>,
  clock: Clock,
): Promise<Answer[]> {
  if (requests.length > batchSize) throw new Error(`A batch holds ${batchSize} requests, not ${requests.length}.`);
  const answers: (Answer | undefined)[] = requests.map(() => undefined);
  let left = requests.map((request, index) => ({ request, index }));
  for (let tries = 1; left.length > 0; tries += 1) {
    const body = { requests: left.map(({ request, index }) => inner(request, String(index + 1))) };
    const answer = await post(
      body,
      left.map((one) => one.request),
    );
    const parsed = batchSchema.safeParse(answer);
    if (!parsed.success)
      throw new UnreachableError(
        "Could not send a batch to Graph: the answer is not one of $batch (no `responses`); check `graph` in the stack's `entra` settings.",
      );
    const byId = new Map(parsed.data.responses.map((response) => [response.id, response]));
    const again: typeof left = [];
    let pause = 0;
    for (const one of left) {
      const found = byId.get(String(one.index + 1));
      // An answer that is missing is taken as one that timed out.
      const answer: Answer = found
        ? { status: found.status, headers: caseless(found.headers ?? {}), body: found.body }
        : { status: 504, headers: caseless({}), body: undefined };
      answers[one.index] = answer;
      const failure = {
        status: answer.status,
        retryAfter: answer.headers.get("retry-after"),
        repeatable: isRepeatable(one.request),
        tries,
      };
      const wait = pauseBefore(failure, clock.now(), Math.random());
      if (wait === undefined) continue;
      pause = Math.max(pause, wait);
      again.push(one);
    }
    left = again;
    if (left.length > 0) await clock.sleep(pause);
  }
  return answers.map((answer) => answer ?? { status: 504, headers: caseless({}), body: undefined });
}

function inner(request: GraphRequest, id: string): object {
  const headers = { ...(request.body === undefined ? {} : { "Content-Type": "application/json" }), ...request.headers };
  return {
    id,
    method: request.method,
    url: request.path,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function caseless(headers: { readonly [name: string]: unknown }): Answer["headers"] {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return { get: (name) => lower.get(name.toLowerCase()) ?? null };
}

/**
 * When a batch that is not full goes: `idle` ms after the last request joined it, unless another is under way (its askers
 * come back with more), and at the latest `longest` ms after the first.
 */
interface Window {
  idle: number;
  longest: number;
}

/** A lone change waits a twentieth of a second; many that the engine hands out one after the other find each other. */
const usualWindow: Window = { idle: 50, longest: 400 };

/**
 * Collects requests that come shortly after each other into batches: the engine asks person by person, in parallel, and each
 * asker gets its own answer. A full batch goes at once, so that 1,000 changes cost 1,000 / 20 calls.
 */
export function coalesce<Q, A>(
  send: (requests: readonly Q[]) => Promise<readonly A[]>,
  { idle, longest }: Window = usualWindow,
  most = batchSize,
): (request: Q) => Promise<A> {
  let queue: { request: Q; resolve(answer: A): void; reject(error: unknown): void }[] = [];
  let flying = 0;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let latest: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(quiet);
    clearTimeout(latest);
    latest = undefined;
    const going = queue;
    queue = [];
    if (going.length === 0) return;
    flying += 1;
    const answered = send(going.map((one) => one.request)).finally(() => {
      flying -= 1;
    });
    answered.then(
      (answers) => {
        for (const [index, one] of going.entries()) {
          const answer = answers[index];
          if (answer === undefined) one.reject(new Error("A batch came back without an answer to one of its requests."));
          else one.resolve(answer);
        }
      },
      (error: unknown) => {
        for (const one of going) one.reject(error);
      },
    );
  };
  const settle = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => (flying > 0 ? settle() : flush()), idle);
  };
  return (request) =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      if (queue.length >= most) return flush();
      settle();
      latest ??= setTimeout(flush, longest);
    });
}

/**
 * Collects reads in rounds: what is asked for while a round is under way goes together in the next. Pages of users and of
 * members come side by side that way, and a group with everybody in it costs no calls of its own.
 */
export function inRounds<Q, A>(send: (requests: readonly Q[]) => Promise<readonly A[]>): (request: Q) => Promise<A> {
  let queue: { request: Q; resolve(answer: A): void; reject(error: unknown): void }[] = [];
  let busy = false;
  const turns = async (): Promise<void> => {
    while (queue.length > 0) {
      const going = queue;
      queue = [];
      try {
        const answers = await send(going.map((one) => one.request));
        for (const [index, one] of going.entries()) {
          const answer = answers[index];
          if (answer === undefined) one.reject(new Error("A batch came back without an answer to one of its requests."));
          else one.resolve(answer);
        }
      } catch (error) {
        for (const one of going) one.reject(error);
      }
      // who got a page asks for the next one now
      await new Promise((resolve) => setImmediate(resolve));
    }
    busy = false;
  };
  return (request) =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      if (busy) return;
      busy = true;
      setImmediate(() => void turns());
    });
}
