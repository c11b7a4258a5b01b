/**
 * The client of HaloITSM's REST API (the same for HaloPSA and HaloServiceDesk): few verbs, one token, one limiter.
 * Paths are resource names without a slash: `Users`, `Agent`, `Roles`.
 */
import { calls as counted } from "../../base/calls.ts";
import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { HaloConfig } from "../../base/settings.ts";
import { type Answer, dataOf } from "../http/answer.ts";
import { makeLimiter } from "../http/limiter.ts";
import { makeWire, realClock } from "../http/wire.ts";
import { makeAuth } from "./auth.ts";
import { called } from "./called.ts";
import type { Row } from "./decode.ts";
import { asRow, idText, integer, recordOf, rowsOf } from "./decode.ts";

export { UncertainError } from "../http/errors.ts";

type Params = Readonly<Record<string, string | number | boolean>>;

/** A paged read. Incomplete reads say why in `doubts`; they are never silently short. */
interface HaloList {
  /** Every row once (by `id`), in the order they came. Rows without an id are kept. */
  rows: Row[];
  /** What Halo said there is; undefined when it did not say. */
  recordCount: number | undefined;
  pages: number;
  complete: boolean;
  doubts: string[];
}

export interface HaloClient {
  /**
   * Everything of a paged resource, 100 rows a call (Halo caps pages there), until `record_count` rows are there or a
   * page is empty. A page after the first that fails makes the read incomplete; the first page's error is thrown.
   */
  list(path: string, key: string, params?: Params): Promise<HaloList>;
  /** Everything of an unpaged resource: a bare array or an envelope. */
  rows(path: string, params?: Params): Promise<Row[]>;
  /** One record by id; undefined when there is none. */
  get(path: string, id: number | string, params?: Params): Promise<Row | undefined>;
  /**
   * Writes one record (with `id`: changes it; without: makes a new one, always). Returns what Halo says it saved, or
   * undefined when it says nothing. Never repeated after a failure without an answer: that is an UncertainError.
   */
  post(path: string, record: Row): Promise<Row | undefined>;
  /** API requests sent so far; signing in is not counted. */
  calls(): number;
  /** Times (milliseconds since 1970) of the requests in Halo's window, for another process of the same run. */
  spent(): number[];
}

export interface HaloOptions {
  now?: () => Date;
  /** Waits so many milliseconds. */
  sleep?: (milliseconds: number) => Promise<void>;
  /** Times (milliseconds since 1970) of requests that another process made in the window. */
  spent?: readonly number[];
  /** Told once a second while the limit makes us wait, with the seconds left. */
  onWait?: (seconds: number) => void;
  /** Milliseconds a request may take; 60,000 when left out. */
  timeout?: number;
}

const pageSize = 100;
/** Pages under way at the same time: one is on its way while another is made. More would only meet Halo's limit earlier. */
const abreast = 2;

/** Connects (lazily: nothing is sent before the first verb). `resourceServer` may end in `/api` or not. */
export function connectHalo(config: HaloConfig, secret: string, options: HaloOptions = {}): HaloClient {
  const clock = { now: options.now ?? realClock.now, sleep: options.sleep ?? realClock.sleep };
  const server = new URL(`${config.resourceServer.replace(/\/+$/u, "").replace(/\/api$/iu, "")}/`);
  const base = new URL("api/", server);
  const limiter = makeLimiter({ ...clock, limit: config.limit, window: config.window, spent: options.spent ?? [], onWait: options.onWait });
  const wire = makeWire({ ...clock, limiter, called, timeout: options.timeout ?? 60_000 });
  const auth = makeAuth(config, secret, server, base, wire, clock);
  let calls = 0;

  const send = async (method: "GET" | "POST", path: string, params: Params = {}, body?: string): Promise<Answer> => {
    const url = new URL(path, base);
    if (url.origin !== base.origin) throw new Error(`${path} would leave ${base.origin}`);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, String(value));
    const request = { method, url, what: `${method} /${path}`, write: method === "POST", ...(body === undefined ? {} : { body }) };
    const attempt = async (): Promise<{ answer: Answer; token: string }> => {
      const token = await auth.token();
      calls++;
      counted.halo++;
      const headers = {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      };
      return { answer: await wire.send({ ...request, headers }), token };
    };
    const first = await attempt();
    if (first.answer.status !== 401) return first.answer;
    // The token was withdrawn: a new one, once. A 401 has done nothing, so even a write may be sent again.
    auth.drop(first.token);
    return (await attempt()).answer;
  };

  const read = async (path: string, params?: Params): Promise<unknown> =>
    dataOf(await send("GET", path, params), { what: `GET /${path}`, write: false }, called);

  return {
    async list(path, key, params = {}) {
      const rows: Row[] = [];
      const seen = new Set<number>();
      const doubts: string[] = [];
      let recordCount: number | undefined;
      let repeated = 0;
      let fullest = 0;
      let page = 1;
      const ask = (number: number): Promise<unknown> =>
        read(path, { ...params, pageinate: true, page_size: pageSize, page_no: number, order: "id" });
      /** Pages asked for in advance, as far as the count says that they exist. */
      const asked = new Map<number, Promise<unknown>>();
      for (; ; page++) {
        const what = `page ${page} of /${path}`;
        let answer: unknown;
        try {
          answer = await (asked.get(page) ?? ask(page));
          asked.delete(page);
        } catch (error) {
          if (page === 1 || !(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
          doubts.push(`The read is incomplete: ${what} failed (${oneLine(error.message)})`);
          break;
        }
        const part = rowsOf(answer, path, key);
        if (!part) {
          if (page === 1)
            throw new UnreachableError(
              `GET /${path}: HaloITSM's answer has no list "${key}"; check that halo.resourceServer is a Halo API`,
            );
          doubts.push(`The read is incomplete: ${what} has no list "${key}"`);
          break;
        }
        const announced = integer.safeParse(asRow(answer)?.["record_count"]);
        if (announced.success) {
          if (recordCount !== undefined && announced.data !== recordCount) {
            doubts.push(`HaloITSM changed its count of /${path} while it was read: ${recordCount}, then ${announced.data} on page ${page}`);
          }
          recordCount = announced.data;
        }
        // A page that is not full may be the last, whatever the count says.
        const last = part.length === pageSize ? Math.min(page + abreast, Math.ceil((recordCount ?? 0) / pageSize)) : page;
        for (let next = page + 1; next <= last; next++) {
          if (asked.has(next)) continue;
          const coming = ask(next);
          // Nobody may be waiting for it any more, where an earlier page ends the read.
          coming.catch(() => undefined);
          asked.set(next, coming);
        }
        const before = rows.length;
        for (const row of part) {
          const id = integer.safeParse(row["id"]);
          if (id.success && seen.has(id.data)) {
            repeated++;
            continue;
          }
          if (id.success) seen.add(id.data);
          rows.push(row);
        }
        fullest = Math.max(fullest, part.length);
        // Enough rows on a page that is not full is the end. A full page proves nothing (a count may be too low), so one more is asked for.
        const enough = recordCount !== undefined && rows.length >= recordCount;
        if (part.length === 0 || rows.length === before || (enough && part.length < Math.max(fullest, pageSize))) break;
      }
      if (repeated > 0) doubts.push(`HaloITSM sent ${repeated} ${repeated === 1 ? "row" : "rows"} of /${path} twice`);
      if (recordCount === undefined)
        doubts.push(`HaloITSM does not say how many rows /${path} has, so that ${rows.length} cannot be checked`);
      else if (rows.length !== recordCount) doubts.push(`HaloITSM says /${path} has ${recordCount} rows but gave ${rows.length}`);
      return { rows, recordCount, pages: page, complete: doubts.length === 0, doubts };
    },
    async rows(path, params) {
      const rows = rowsOf(await read(path, params), path);
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
        throw new RefusedError(`GET /${place}: HaloITSM gave the record ${got.data} instead`, "other-record");
      }
      return record;
    },
    async post(path, record) {
      const what = `POST /${path}`;
      const saved = recordOf(dataOf(await send("POST", path, {}, JSON.stringify([record])), { what, write: true }, called), path);
      const warning = saved?.["_warning"];
      if (typeof warning === "string" && warning.trim() !== "")
        throw new RefusedError(`${what}: HaloITSM warns: ${warning.slice(0, 300)}`, "warning");
      return saved;
    },
    calls: () => calls,
    spent: () => limiter.spent(),
  };
}
