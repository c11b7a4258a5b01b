/** Reads a source that is a REST API: every endpoint with all its pages, joined into one record a person. */

import { UnreachableError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { type Called, dataOf } from "../../clients/http/answer.ts";
import { type Clock, stoppable } from "../../clients/http/clock.ts";
import { makeLimiter } from "../../clients/http/limiter.ts";
import { makeWire } from "../../clients/http/wire.ts";
import { headersOf, textOf } from "../../clients/oauth/secrets.ts";
import { variableOf } from "../../mappings/schema/source-values.ts";
import type { EndpointConfig, RestConfig } from "../../mappings/schema/sources.ts";
import type { AskOne, ReadReport, SourceAnswers, SourceRecord } from "../record.ts";
import { makeLogin, placeOf } from "./auth.ts";
import { join, type Part } from "./join.ts";
import { type Call, readPages } from "./pages.ts";
import { rowOf } from "./select.ts";

export interface SourceRead {
  records: SourceRecord[];
  read: ReadReport;
  /** The answers of each endpoint as they came (`source test`, `source pull`). */
  answers: SourceAnswers;
}

export interface RestOptions extends Partial<Clock> {
  name: string;
  tokenFile: string;
  onWait?: (seconds: number) => void;
  /** Aborted: nobody waits any longer. Default: the run's own. */
  signal?: AbortSignal;
  /** Bytes that one read may bring. Default: 200 MB. */
  largest?: number;
}

/** How messages name a source. */
function calledAs(name: string): Called {
  const at = `sources.${name}`;
  return {
    system: `The source ${name}`,
    address: `${at}.base and the endpoint's path`,
    authority: `${at}.ca`,
    limit: `${at}.limit`,
    rights: {
      token: `check ${at}.auth: the client's id, secret and scope`,
      forbidden: "give the client that haloform logs in with the right to read this",
    },
  };
}

/** Bytes that one read of a source may bring: what it holds of them in memory is several times as much. */
const most = 200 * 1024 * 1024;

type Send = (endpoint: EndpointConfig, call: Call, absent?: readonly number[]) => Promise<Json>;

/** Sends calls, each with the login and within the limit. `absent`: statuses that say that there is nothing, which is null then. */
function sender(config: RestConfig, options: RestOptions): Send {
  const called = calledAs(options.name);
  const clock = stoppable(options, called.system);
  const limiter = makeLimiter({ ...clock, limit: config.limit, window: config.window, onWait: options.onWait });
  const wire = makeWire({ ...clock, limiter, called, timeout: config.timeout * 1000 });
  const place = placeOf(options.name, options.tokenFile, clock.now);
  const login = makeLogin(config.auth, place);
  const base = new URL(`${config.base.replace(/\/+$/u, "")}/`);
  const { largest = most } = options;
  let bytes = 0;
  return async (endpoint, call, absent = []) => {
    const url = address(base, endpoint, call, options.name);
    for (const [key, value] of Object.entries(login.query)) url.searchParams.set(key, value);
    const { text, type } = message(endpoint, call, options.name);
    const what = `${endpoint.method} ${url.pathname}`;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await wire.send({
        method: endpoint.method,
        url,
        what,
        write: false,
        headers: headersOf(
          place.called,
          { accept: "application/json", ...type },
          await login.headers(),
          texts(endpoint.headers, options.name),
        ),
        ...(text === undefined ? {} : { body: text }),
      });
      // Withdrawn: once more with a new token, then a message that says what to renew.
      if (answer.status === 401 && attempt === 1 && login.renew()) continue;
      if (absent.includes(answer.status)) return null;
      bytes += answer.body.length;
      if (bytes > largest)
        throw new UnreachableError(
          `${what}: ${called.system} has sent more than ${Math.ceil(largest / 1024 / 1024)} MB in one read; ask for fewer fields or people in sources.${options.name}`,
        );
      const data = dataOf(answer, { what, write: false }, called);
      if (data === undefined) throw new UnreachableError(`${what}: ${called.system} answers with nothing where JSON was expected`);
      return data as Json;
    }
  };
}

/** Asks for one person's record, where the source says at which path (`one`). */
export function askRest(config: RestConfig, options: RestOptions): AskOne | undefined {
  const [first] = config.endpoints;
  const { one } = config;
  if (one === undefined || !first) return undefined;
  const send = sender(config, options);
  return async (id) => {
    const path = one.replace(/\{\{\s*key\s*\}\}/gu, encodeURIComponent(id));
    const { headers } = first;
    const found = await send({ ...first, name: "one", path, method: "GET", headers, query: {} }, {}, [404, 410]);
    return found === null || (Array.isArray(found) && found.length === 0) ? "gone" : "there";
  };
}

/** @throws ConfigurationError, RefusedError or UnreachableError when not even the first page of an endpoint can be read. */
export async function readRest(config: RestConfig, options: RestOptions): Promise<SourceRead> {
  const send = sender(config, options);
  const parts: Part[] = [];
  const answers: SourceRead["answers"] = [];
  const read: ReadReport = { recordCount: undefined, rows: 0, pages: 0, complete: true, doubts: [] };
  for (const [index, endpoint] of config.endpoints.entries()) {
    const pages = await readPages(endpoint, (call) => send(endpoint, call));
    const rows = pages.elements.map((element) => rowOf(element, endpoint.columns, endpoint.prefix)).filter((row) => row !== undefined);
    if (rows.length < pages.elements.length)
      pages.doubts.push(`${endpoint.name}: ${pages.elements.length - rows.length} element(s) at ${endpoint.select} are no objects`);
    parts.push({ name: endpoint.name, rows, prefix: endpoint.prefix });
    answers.push({ endpoint: endpoint.name, answers: pages.answers });
    read.pages += pages.pages;
    read.complete &&= pages.complete;
    read.doubts.push(...pages.doubts);
    if (index === 0) {
      read.rows = rows.length;
      read.recordCount = pages.total;
    }
  }
  const joined = join(options.name, parts, config.unique);
  read.doubts.push(...joined.doubts);
  return { records: joined.records, read, answers };
}

/** The address of a call; one that the API gave itself must stay where it was asked. */
function address(base: URL, endpoint: EndpointConfig, call: Call, source: string): URL {
  const own = new URL(endpoint.path.replace(/^\/+/u, ""), base);
  if (own.origin !== base.origin)
    throw new UnreachableError(`The path of ${endpoint.name} leaves ${base.origin}; correct sources.${source}.`);
  if (call.url !== undefined) {
    const next = URL.parse(call.url, own);
    if (!next || next.origin !== base.origin)
      throw new UnreachableError(`the next page is said to be on another host (${next?.origin ?? "no address"}), which is not followed`);
    return next;
  }
  for (const [key, value] of Object.entries(texts(endpoint.query, source))) own.searchParams.set(key, value);
  for (const [key, value] of Object.entries(call.query ?? {})) own.searchParams.set(key, value);
  return own;
}

function texts(values: EndpointConfig["query"], source: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, textOf(value, `${key} of the source ${source}`)]));
}

/** The body in its message type. */
function message({ method, body }: EndpointConfig, call: Call, source: string): { text?: string; type: Record<string, string> } {
  if (method === "GET") return { type: {} };
  const { type = "json", content = {} } = body ?? {};
  if (type === "text")
    return { text: typeof content === "string" ? content : JSON.stringify(content), type: { "content-type": "text/plain; charset=utf-8" } };
  const merged = { ...(typeof content === "string" ? {} : filled(content, source)), ...call.body };
  if (type === "form")
    return {
      text: new URLSearchParams(Object.entries(merged).map(([key, value]) => [key, String(value)])).toString(),
      type: { "content-type": "application/x-www-form-urlencoded" },
    };
  return { text: typeof content === "string" ? content : JSON.stringify(merged), type: { "content-type": "application/json" } };
}

/** A body with what the environment holds: `{ key: { env: SOURCE_HR_KEY } }`. */
function filled(content: { [name: string]: Json }, source: string): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const env = variableOf(value);
      return [name, env === undefined ? value : textOf({ env }, `${name} of the source ${source}`)];
    }),
  );
}
