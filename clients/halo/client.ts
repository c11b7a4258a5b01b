/**
 * The client of HaloITSM's REST API (the same for HaloPSA and HaloServiceDesk): few verbs, one token, one limiter.
 * Paths are resource names without a slash: `Users`, `Agent`, `Roles`.
 */
import { calls as counted } from "../../base/calls.ts";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import { type Answer, type Called, dataOf } from "../http/answer.ts";
import { type Clock, stoppable } from "../http/clock.ts";
import { makeLimiter } from "../http/limiter.ts";
import { makeWire } from "../http/wire.ts";
import { extras, headersOf } from "../oauth/secrets.ts";
import { makeAuth } from "./auth.ts";
import { idText, type Row, recordOf, rowsIn } from "./decode.ts";
import { type HaloList, pageSize, readPages } from "./pages.ts";
import { calledBy, type HaloConfig, type HaloCredential, serverOf } from "./settings.ts";

type Params = Readonly<Record<string, string | number | boolean>>;

export interface HaloClient {
  /**
   * Everything of a paged resource, 100 rows a call (Halo caps pages there), until `record_count` rows are there or a
   * page is empty. A page after the first that fails makes the read incomplete; the first page's error is thrown.
   * @param told of each row once, while the next page is under way: what is made of rows then costs no time of its own
   */
  list(path: string, key: string, params?: Params, told?: (row: Row) => void): Promise<HaloList>;
  /** Everything of an unpaged resource: a bare array or an envelope. */
  rows(path: string, params?: Params): Promise<Row[]>;
  /** What a path answers that is neither a list nor a record by id (`InstanceInfo`), as it came. */
  read(path: string, params?: Params): Promise<unknown>;
  /** One record by id; undefined when there is none. */
  get(path: string, id: number | string, params?: Params): Promise<Row | undefined>;
  /**
   * Writes one record (with `id`: changes it; without: makes a new one, always). Returns what Halo says it saved, or
   * undefined when it says nothing. Never repeated after a failure without an answer: that is an UncertainError.
   */
  post(path: string, record: Row): Promise<Row | undefined>;
  /** API requests sent so far, repetitions too; signing in is not counted. */
  calls(): number;
  /** Times (milliseconds since 1970) of the requests in Halo's window, for another process of the same run. */
  spent(): number[];
}

export interface HaloOptions extends Partial<Clock> {
  /** Times (milliseconds since 1970) of requests that another process made in the window. */
  spent?: readonly number[];
  /** Told once a second while the limit makes us wait, with the seconds left. */
  onWait?: (seconds: number) => void;
  /** Milliseconds a request may take; 60,000 when left out. */
  timeout?: number;
  /** Aborted: nobody waits any longer, for the limit or for a repetition. Default: the run's own. */
  signal?: AbortSignal;
}

type Send = (method: "GET" | "POST", path: string, params?: Params, body?: string) => Promise<Answer>;

/** Connects (lazily: nothing is sent before the first verb). `resourceServer` may end in `/api` or not; a text is a client secret. */
export function connectHalo(config: HaloConfig, given: HaloCredential | string, options: HaloOptions = {}): HaloClient {
  const credential = typeof given === "string" ? { secret: given } : given;
  const called = calledBy(credential);
  const clock = stoppable(options, called.system);
  const base = new URL("api/", serverOf(config));
  const limiter = makeLimiter({ ...clock, limit: config.limit, window: config.window, spent: options.spent ?? [], onWait: options.onWait });
  const wire = makeWire({ ...clock, limiter, called, timeout: options.timeout ?? 60_000, ca: config.ca });
  const auth = makeAuth(config, credential, base, wire, clock);
  const always = extras(config.signIn?.extra ?? [], ["request"], called.system);
  let calls = 0;
  const sent = (): void => {
    calls++;
    counted.halo++;
  };

  // Halo answers 401 for a module too, to a token that is good for others (recorded of HaloPSA 2.236): then only that is refused.
  let accepted = false;
  /** What is refused → the token that was refused there, though fresh: another one is not asked for because of it. */
  const refusing = new Map<string, string>();
  const accept = (answer: Answer): Answer => {
    accepted ||= answer.status >= 200 && answer.status < 300;
    return answer;
  };

  const send: Send = async (method, path, params = {}, body) => {
    // A list and a record of it are refused apart: one may be open where the other is not.
    const module = [method, ...path.split("/").map((part, index) => (index === 0 ? part : "{id}"))].join(" ");
    const url = new URL(path, base);
    if (url.origin !== base.origin) throw new Error(`${path} would leave ${base.origin}`);
    for (const [name, value] of Object.entries({ ...always.query, ...params })) url.searchParams.set(name, String(value));
    const request = { method, url, what: `${method} /${path}`, write: method === "POST", sent, ...(body === undefined ? {} : { body }) };
    const attempt = async (): Promise<{ answer: Answer; token: string }> => {
      const { token } = await auth.get();
      const headers = headersOf(called.system, always.header, {
        ...auth.headers(token),
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      });
      return { answer: await wire.send({ ...request, headers }), token };
    };
    const first = await attempt();
    if (first.answer.status !== 401) return accept(first.answer);
    if (refusing.get(module) === first.token) return { ...first.answer, refused: true };
    // The token was withdrawn: a new one, once. A 401 has done nothing, so even a write may be sent again.
    auth.drop(first.token);
    const { answer, token } = await attempt();
    if (answer.status !== 401 || !accepted) return accept(answer);
    refusing.set(module, token);
    return { ...answer, refused: true };
  };
  return { ...verbs(send, called), calls: () => calls, spent: () => limiter.spent() };
}

function verbs(send: Send, called: Called): Omit<HaloClient, "calls" | "spent"> {
  const read = async (path: string, params?: Params): Promise<unknown> =>
    dataOf(await send("GET", path, params), { what: `GET /${path}`, write: false }, called);
  return {
    read,
    list: (path, key, params = {}, told) =>
      readPages(path, key, (page) => read(path, { ...params, pageinate: true, page_size: pageSize, page_no: page, order: "id" }), told),
    async rows(path, params) {
      const rows = rowsIn(await read(path, params), path);
      if (!rows) throw new UnreachableError(`GET /${path}: HaloITSM's answer is not a list; check that halo.resourceServer is a Halo API`);
      return rows;
    },
    async get(path, id, params) {
      const place = `${path}/${encodeURIComponent(id)}`;
      const answer = await send("GET", place, params);
      if (answer.status === 404) return undefined;
      const record = recordOf(dataOf(answer, { what: `GET /${place}`, write: false }, called), path);
      const got = idText.safeParse(record?.["id"]);
      if (record && got.success && id !== "me" && got.data !== String(id)) {
        throw new RefusedError(
          `GET /${place}: HaloITSM gave the record ${got.data} instead; try again, and ask Halo's support if it stays so`,
          "other-record",
        );
      }
      return record;
    },
    async post(path, record) {
      const what = `POST /${path}`;
      const saved = recordOf(dataOf(await send("POST", path, {}, JSON.stringify([record])), { what, write: true }, called), path);
      const warning = saved?.["_warning"];
      if (typeof warning === "string" && warning.trim() !== "")
        throw new RefusedError(`${what}: HaloITSM warns: ${warning.slice(0, 300)}`, "warning", { advised: false });
      return saved;
    },
  };
}
