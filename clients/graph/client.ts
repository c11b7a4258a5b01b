/** The client of Microsoft Graph: few verbs, paced, repeated where that is safe, with errors of one line. */

import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { UnreachableError } from "../../base/errors.ts";
import { changes, coalesce, type GraphRequest, type Joining, rounds, sendBatch } from "./batch.ts";
import type { Clock } from "./clock.ts";
import { cloudOf } from "./clouds.ts";
import { type Environment, signIn } from "./credential.ts";
import { type Answer, type GraphRefusal, graphError, tokenError } from "./errors.ts";
import type { HttpRequest } from "./http.ts";
import { query } from "./odata.ts";
import { costOf, type Pace, paceFor } from "./pace.ts";
import { makeReplicas, patiently, type Replicas } from "./replicas.ts";
import { makeSender, type Sender, type SenderOptions } from "./sender.ts";
import type { EntraConfig } from "./settings.ts";

/** The largest page Graph gives for users, groups and members. */
export const pageSize = 999;

export interface RequestOptions {
  /** Completes "Could not …" in errors. */
  what?: string;
  /** Refusals that pass by themselves: the request is sent again, with growing pauses, for a quarter of a minute at most. */
  passing?: (refusal: GraphRefusal) => boolean;
}

export interface WriteOptions extends RequestOptions {
  headers?: { readonly [name: string]: string };
  repeatable?: boolean;
}

export interface EntraClient {
  /** `https://graph.microsoft.com/v1.0` */
  readonly base: string;
  /** Seconds to wait for Entra Connect within a run. */
  readonly syncWait: number;
  /** Its `sleep` ends with an error when the run is to stop. */
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
  get(path: string, select?: readonly string[], what?: string, passing?: RequestOptions["passing"]): Promise<unknown>;
  patch(path: string, body: unknown, options?: WriteOptions): Promise<Answer>;
  /** A Buffer is sent as it is (an image, with its content-type). */
  put(path: string, body: unknown, options?: WriteOptions): Promise<Answer>;
  /** Not sent twice when it may have worked, unless `repeatable`. */
  post(path: string, body: unknown, options?: WriteOptions): Promise<Answer>;
  /** Gone already is success, where reading it (at `back`, if not at `path`) says so too. */
  remove(path: string, options?: WriteOptions, back?: string): Promise<void>;
  /** Any number of requests, 20 a call; answers in their order, refusals returned. */
  batch(requests: readonly GraphRequest[]): Promise<Answer[]>;
  /** One request that shares a $batch with others that come at the same moment; a refusal is returned. */
  submit(request: GraphRequest, options?: RequestOptions): Promise<Answer>;
  /** One GET that shares its call with other reads that wait at the moment; a refusal is returned. */
  read(path: string, what: string): Promise<Answer>;
  /** A page by the whole address that Graph gave (a nextLink, a deltaLink); any answer is returned. Never another host's. */
  page(url: string, what: string, headers?: { readonly [name: string]: string }): Promise<Answer>;
  /** Says that an object is new, though this client has not made it (a restored one): it is waited for where it is missing. */
  recent(id: string): void;
  /** Does the same again, with growing pauses, while its outcome is one that passes; gives the last, a quarter of a minute later at most. */
  again<T>(work: () => Promise<T>, passes: (outcome: T) => boolean): Promise<T>;
  /** HTTP requests made to Graph; a $batch is one. */
  calls(): number;
}

export interface ConnectOptions extends SenderOptions {
  pace?: Pace;
}

const pageSchema = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });

/** Connects by what the environment offers (nothing is sent yet). Throws ConfigurationError in one line. */
export function connectEntra(config: EntraConfig, env: Environment, options: ConnectOptions = {}): EntraClient {
  const address = graphAddress(cloudOf(config).graph);
  const signedIn = signIn(config, env, Date.now);
  const { by, last } = signedIn;
  const service = {
    name: "Microsoft Graph",
    origin: address.origin,
    signIn: signedIn,
    ca: config.ca,
    noToken: (cause: unknown) => tokenError(cause, by, last()),
    check: "check the network and `graph`",
    pace: options.pace ?? paceFor(config.limit),
  };
  return new GraphClient(address.base, { syncWait: config.syncWait, signedInBy: by }, makeSender(service, options));
}

class GraphClient implements EntraClient {
  readonly base: string;
  readonly syncWait: number;
  readonly signedInBy: string;
  readonly clock: Clock;
  readonly #sender: Sender;
  readonly #replicas: Replicas;
  readonly #join: Joining<GraphRequest, Answer>;
  readonly #round: (asked: { path: string; what: string }) => Promise<Answer>;

  constructor(base: string, facts: Pick<EntraClient, "syncWait" | "signedInBy">, sender: Sender) {
    this.base = base;
    this.syncWait = facts.syncWait;
    this.signedInBy = facts.signedInBy;
    this.clock = sender.clock;
    this.#sender = sender;
    this.#replicas = makeReplicas(sender.clock.now);
    this.#join = coalesce((requests) => sendBatch(sender, base, requests), changes);
    this.#round = coalesce(async (asked) => {
      const [only] = asked;
      if (only && asked.length === 1)
        return [await sender.once({ method: "GET", url: `${base}${only.path}` }, only.what, costOf({ method: "GET", path: only.path }))];
      const requests = asked.map(({ path }): GraphRequest => ({ method: "GET", path }));
      return sendBatch(sender, base, requests);
    }, rounds);
  }

  async list(...[path, select, options = {}]: Parameters<EntraClient["list"]>): Promise<unknown[]> {
    const { top = pageSize, what = `list ${path}`, ...further } = options;
    const all: unknown[] = [];
    let next: string | undefined = `${this.base}${path}${query({ select, ...(top === null ? {} : { top }), ...further })}`;
    while (next !== undefined) {
      // The first page alone: most lists have no other, and a plain GET is the easiest to find in a proxy's log.
      const following = all.length > 0 ? this.#below(next) : undefined;
      const answer: Answer = await (following === undefined ? this.page(next, what) : this.read(following, what));
      if (answer.status >= 400) throw graphError(what, "GET", path, answer);
      const { success, data } = pageSchema.safeParse(answer.body);
      if (!success)
        throw new UnreachableError(
          `Could not ${what}: the answer is not a page of Graph's (no \`value\`); check \`graph\` in the stack's \`entra\` settings.`,
        );
      for (const row of data.value) all.push(row);
      next = data["@odata.nextLink"] ?? undefined;
    }
    return all;
  }

  async get(path: string, select: readonly string[] = [], what = `read ${path}`, passing?: RequestOptions["passing"]): Promise<unknown> {
    const asked = `${path}${query({ select })}`;
    const answer = await this.#verb({ method: "GET", path: asked }, { what, ...defined({ passing }) }, 404);
    return answer.status === 404 ? undefined : answer.body;
  }

  readonly patch = this.#writer("PATCH", "change");
  readonly put = this.#writer("PUT", "put");
  readonly post = this.#writer("POST", "post to");

  async remove(path: string, options: WriteOptions = {}, back = path): Promise<void> {
    const asked = { what: `remove ${path}`, ...options };
    const answer = await this.#verb({ method: "DELETE", path }, asked, 404);
    if (answer.status === 404 && (await this.#verb({ method: "GET", path: back }, { what: asked.what }, 404)).status !== 404)
      throw graphError(asked.what, "DELETE", path, answer);
  }

  batch(requests: readonly GraphRequest[]): Promise<Answer[]> {
    const answers = requests.map((request) => this.submit(request));
    this.#join.flush();
    return Promise.all(answers);
  }

  submit(request: GraphRequest, options: RequestOptions = {}): Promise<Answer> {
    return this.#ask(request, options, () => this.#join(request));
  }

  read(path: string, what: string): Promise<Answer> {
    return this.#ask({ method: "GET", path }, { what }, () => this.#round({ path, what }));
  }

  async page(url: string, what: string, headers?: HttpRequest["headers"]): Promise<Answer> {
    const { origin, host } = new URL(url);
    if (origin !== new URL(this.base).origin)
      throw new UnreachableError(`Could not ${what}: Graph named a next page on another host (${host}); it was not followed.`);
    const request: HttpRequest = { method: "GET", url, ...defined({ headers }) };
    const below = { method: "GET" as const, path: this.#below(url) ?? url };
    return this.#ask(below, { what }, () => this.#sender.once(request, what, costOf(below)));
  }

  recent(id: string): void {
    this.#replicas.recent(id);
  }

  again<T>(work: () => Promise<T>, passes: (outcome: T) => boolean): Promise<T> {
    return patiently(work, passes, this.clock.sleep);
  }

  calls(): number {
    return this.#sender.calls();
  }

  /** The answer to a request below /v1.0, by whichever way it is sent. */
  #ask(request: GraphRequest, { what = "go on", passing }: RequestOptions, once: () => Promise<Answer>): Promise<Answer> {
    const repeatable = request.repeatable ?? request.method !== "POST";
    return this.#sender.insist(once, { what, repeatable, doubt: this.#replicas.doubt(request, passing) });
  }

  #writer(method: GraphRequest["method"], verb: string): EntraClient["patch"] {
    return (path, body, options) => this.#verb({ method, path, body }, { what: `${verb} ${path}`, ...options });
  }

  /** A request by itself; `good`: a status that is an answer, though it is none of the 2xx. */
  async #verb(request: GraphRequest, options: WriteOptions & { what: string }, good?: number): Promise<Answer> {
    const { method, path, body } = request;
    const { what, headers, repeatable } = options;
    const http: HttpRequest = { method, url: `${this.base}${path}`, ...defined({ body, headers }) };
    const once = (): Promise<Answer> => this.#sender.once(http, what, costOf(request));
    const answer = await this.#ask({ ...request, ...defined({ repeatable }) }, options, once);
    if (answer.status >= 400 && answer.status !== good) throw graphError(what, method, path, answer);
    return answer;
  }

  #below(url: string): string | undefined {
    return url.startsWith(`${this.base}/`) ? url.slice(this.base.length) : undefined;
  }
}

/** `https://graph.microsoft.us` → origin and base; a path (a gateway's) is kept, a version at its end is not doubled. */
function graphAddress(graph: string): { origin: string; base: string } {
  const url = new URL(graph);
  const path = url.pathname.replace(/\/+$/u, "").replace(/\/v1\.0$/u, "");
  return { origin: url.origin, base: `${url.origin}${path}/v1.0` };
}
