/** $batch: up to 20 requests in one. The outer answer is 200 even when inner ones fail, so each inner answer is looked at. */

import { z } from "zod";
import { chunks } from "../../base/chunks.ts";
import { UnreachableError } from "../../base/errors.ts";
import { type Answer, graphError } from "./errors.ts";
import { costOf, sumOf } from "./pace.ts";
import { Failed, type Sender } from "./sender.ts";

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

const batchSchema = z.object({
  responses: z.array(
    z.object({
      id: z.coerce.string(),
      status: z.coerce.number(),
      headers: z.record(z.string(), z.unknown()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

/**
 * Sends up to 20 requests as one $batch; `base` as in `https://graph.microsoft.com/v1.0`. The answers come in the order of the
 * requests, refusals too. Throws Failed where the batch itself came to nothing: what of it may be sent again, each request says.
 */
export async function sendBatch(sender: Pick<Sender, "once">, base: string, requests: readonly GraphRequest[]): Promise<Answer[]> {
  const what = `send ${requests.length} requests to Graph in a batch`;
  const body = { requests: requests.map((one, index) => inner(one, String(index + 1))) };
  const request = { method: "POST" as const, url: `${base}/$batch`, body };
  const answer = await sender.once(request, what, sumOf(requests.map(costOf)), (outer) => [...(answersIn(outer)?.values() ?? [])]);
  if (answer.status >= 400) throw new Failed(graphError(what, "POST", "/$batch", answer), answer);
  const byId = answersIn(answer);
  if (!byId)
    throw new UnreachableError(
      "Could not send a batch to Graph: the answer is not one of $batch (no `responses`); check `graph` in the stack's `entra` settings.",
    );
  // An answer that is missing is taken as one that timed out.
  return requests.map((_, index) => byId.get(String(index + 1)) ?? { status: 504, headers: caseless({}), body: undefined });
}

/** The answers of a $batch by their ids; undefined where it is none. */
function answersIn({ body }: Answer): Map<string, Answer> | undefined {
  const { success, data } = batchSchema.safeParse(body);
  if (!success) return undefined;
  return new Map(data.responses.map(({ id, status, headers, body: own }) => [id, { status, headers: caseless(headers ?? {}), body: own }]));
}

function inner({ method, path, body, headers: given }: GraphRequest, id: string): object {
  const headers = { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...given };
  return { id, method, url: path, ...(Object.keys(headers).length > 0 ? { headers } : {}), ...(body === undefined ? {} : { body }) };
}

function caseless(headers: { readonly [name: string]: unknown }): Answer["headers"] {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return { get: (name) => lower.get(name.toLowerCase()) ?? null };
}

/** Requests that wait to be sent together, each with its own asker. */
interface Waiting<Q, A> {
  request: Q;
  resolve(answer: A): void;
  reject(error: unknown): void;
}

/** Sends them as one, and gives each asker its answer, or everybody the error. Never rejects. */
async function deliver<Q, A>(asked: readonly Waiting<Q, A>[], send: (requests: readonly Q[]) => Promise<readonly A[]>): Promise<void> {
  try {
    const answers = await send(asked.map((one) => one.request));
    for (const [index, one] of asked.entries()) {
      const answer = answers[index];
      if (answer === undefined) one.reject(new Error("A batch came back without an answer to one of its requests."));
      else one.resolve(answer);
    }
  } catch (error) {
    for (const one of asked) one.reject(error);
  }
}

/**
 * When what has come together is sent: `idle` ms after the last request joined, unless another is under way (its askers come back
 * with more). With `longest` a full batch is sent at once, and one that is not full so many ms after its first request; without it
 * one round follows the other, however many came together meanwhile.
 */
interface Window {
  idle: number;
  longest?: number;
}

/**
 * Changes: the engine asks person by person, in parallel, so that 1,000 of them cost 1,000 / 20 calls. A lone one waits a
 * twentieth of a second; many that are handed out one after the other find each other.
 */
export const changes: Window = { idle: 50, longest: 400 };
/** Reads, in rounds: pages of users and of members come side by side, and a group with everybody in it costs no calls of its own. */
export const rounds: Window = { idle: 0 };

/** Adds a request to those that are sent together next. */
export interface Joining<Q, A> {
  (request: Q): Promise<A>;
  /** Sends what has joined without waiting for more. */
  flush(): void;
}

/** Collects requests that come shortly after each other into batches; each asker gets its own answer. */
export function coalesce<Q, A>(
  send: (requests: readonly Q[]) => Promise<readonly A[]>,
  { idle, longest }: Window,
  most = batchSize,
): Joining<Q, A> {
  let queue: Waiting<Q, A>[] = [];
  let flying = 0;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let latest: ReturnType<typeof setTimeout> | undefined;
  const whenQuiet = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => (flying === 0 ? flush() : undefined), idle);
  };
  const fly = async (asked: readonly Waiting<Q, A>[]): Promise<void> => {
    flying += 1;
    await deliver(asked, send);
    flying -= 1;
    if (flying === 0 && queue.length > 0) whenQuiet();
  };
  const flush = (): void => {
    clearTimeout(quiet);
    clearTimeout(latest);
    latest = undefined;
    const asked = queue;
    queue = [];
    for (const some of chunks(asked, most)) void fly(some);
  };
  const join = (request: Q): Promise<A> =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      if (longest === undefined) return whenQuiet();
      if (queue.length >= most) return flush();
      whenQuiet();
      latest ??= setTimeout(flush, longest);
    });
  return Object.assign(join, { flush });
}
