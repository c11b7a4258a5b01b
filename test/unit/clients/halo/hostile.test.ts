/**
 * A hostile or broken HaloITSM, through client, reader, trust gate and wish: never a wrong removal, never a hang, one clear line.
 * A small server of the test's own, real sockets, a clock that moves only when somebody waits.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectHalo } from "../../../../clients/halo/client.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import { readPeople } from "../../../../sources/halo/people.ts";
import { judge } from "../../../../sources/trust.ts";
import { leftOf } from "../../../../stacks/people/left.ts";
import { type Wish, wish } from "../../../../stacks/wish/wish.ts";
import { apply, mappings, next, world } from "../../stacks/world.ts";
import { configOf, fakeClock, secret } from "./server.ts";

type Row = Record<string, unknown>;
interface Answer {
  page_no?: unknown;
  record_count?: unknown;
  users?: unknown;
  [more: string]: unknown;
}
interface Case {
  name: string;
  /** Changes what page N says. */
  data?: (answer: Answer & { users: Row[] }, page: number) => unknown;
  /** Answers page N by itself; false = as usual. `body` is what would have been said, `asked` counts all requests. */
  wire?: (response: ServerResponse, page: number, body: string, asked: number, request: IncomingMessage) => boolean;
  /** Everybody's rows. */
  rows?: (rows: Row[]) => Row[];
  verdict: "trusted" | "doubted" | "refused" | "thrown";
  says?: RegExp;
  /** Milliseconds an answer may take. */
  timeout?: number;
}

const size = 230;
const people = (): Row[] =>
  Array.from({ length: size }, (_, index) => ({
    id: 101 + index,
    name: `Ada Example${index}`,
    firstname: "Ada",
    surname: `Example${index}`,
    emailaddress: `p${index}@corp.example.com`,
    site_name: "Main",
    title: "Analyst",
    inactive: false,
    isserviceaccount: false,
    customfields: [{ id: 201, value: "Sales", display: "Sales" }],
  }));
const fields = ["firstname", "surname", "emailaddress", "site_name", "title", "isserviceaccount", "custom.CFDepartment"];
const trust = { shrink: 20, emptied: 50, onDoubt: "hold" as const };

const send = (response: ServerResponse, status: number, body: string | Buffer, headers: Record<string, string> = {}): true => {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(body);
  return true;
};
/** What a page answers once, or so many times, instead of the usual. */
const times = (count: number, page: number, answer: (response: ServerResponse, body: string) => true): NonNullable<Case["wire"]> => {
  let left = count;
  return (response, at, body) => (at === page && left-- > 0 ? answer(response, body) : false);
};
const always =
  (page: number, answer: (response: ServerResponse, body: string) => unknown): NonNullable<Case["wire"]> =>
  (response, at, body) => {
    if (at !== page) return false;
    answer(response, body);
    return true;
  };
const row = (rows: Row[], index: number, change: Row): Row[] => rows.map((one, at) => (at === index ? { ...one, ...change } : one));
const html = "<!DOCTYPE html><html><body>Please log in</body></html>";

let elsewhere: { url: string; asked: IncomingMessage[]; stop(): void };

const cases: Case[] = [
  {
    name: "HTML instead of JSON at once",
    wire: always(1, (r) => send(r, 200, html, { "content-type": "text/html" })),
    verdict: "thrown",
    says: /HTML page instead of JSON/u,
  },
  {
    name: "HTML instead of JSON in the middle",
    wire: always(2, (r) => send(r, 200, html, { "content-type": "text/html" })),
    verdict: "doubted",
    says: /page 2 of \/Users failed/u,
  },
  { name: "HTML that says it is JSON", wire: always(2, (r) => send(r, 200, html)), verdict: "doubted", says: /HTML page/u },
  {
    name: "200 with an error body at once",
    wire: always(1, (r) => send(r, 200, '{"ClassName":"System.Exception","Message":"boom"}')),
    verdict: "thrown",
    says: /no list "users"/u,
  },
  {
    name: "200 with an error body in the middle",
    wire: always(2, (r) => send(r, 200, '{"error":"boom"}')),
    verdict: "doubted",
    says: /page 2 of \/Users has no list/u,
  },
  {
    name: "200 with a text",
    wire: always(2, (r) => send(r, 200, '"Object reference not set"')),
    verdict: "doubted",
    says: /no list "users"/u,
  },
  { name: "200 with nothing", wire: always(2, (r) => send(r, 200, "")), verdict: "doubted", says: /no list "users"/u },
  { name: "null for the list", data: (a, page) => (page === 2 ? { ...a, users: null } : a), verdict: "doubted", says: /no list "users"/u },
  {
    name: "a page repeated",
    data: (a, page) => (page === 2 ? { ...a, users: people().slice(0, 100) } : a),
    verdict: "doubted",
    says: /100 rows of \/Users twice/u,
  },
  { name: "the same page for ever", data: (a) => ({ ...a, users: people().slice(0, 100) }), verdict: "doubted", says: /gave 100/u },
  {
    name: "a page missing",
    data: (a, page) => (page === 2 ? { ...a, users: people().slice(200) } : page === 3 ? { ...a, users: [] } : a),
    verdict: "doubted",
    says: /230 rows but gave 130/u,
  },
  {
    name: "an empty page in the middle",
    data: (a, page) => (page === 2 ? { ...a, users: [] } : a),
    verdict: "doubted",
    says: /230 rows but gave 100/u,
  },
  {
    name: "an empty first page and a count",
    data: (a, page) => (page === 1 ? { ...a, users: [] } : a),
    verdict: "refused",
    says: /no people at all/u,
  },
  { name: "a count one too high", data: (a) => ({ ...a, record_count: size + 1 }), verdict: "doubted", says: /231 rows but gave 230/u },
  { name: "a count one too low", data: (a) => ({ ...a, record_count: size - 1 }), verdict: "doubted", says: /229 rows but gave 230/u },
  { name: "a count of 0", data: (a) => ({ ...a, record_count: 0 }), verdict: "doubted", says: /0 rows but gave/u },
  { name: "a negative count", data: (a) => ({ ...a, record_count: -5 }), verdict: "doubted", says: /-5 rows but gave/u },
  { name: "a count as text", data: (a) => ({ ...a, record_count: "230" }), verdict: "trusted" },
  { name: "a count that is words", data: (a) => ({ ...a, record_count: "many" }), verdict: "doubted", says: /does not say how many/u },
  {
    name: "a count that changes",
    data: (a, page) => ({ ...a, record_count: page === 1 ? 300 : size }),
    verdict: "doubted",
    says: /changed its count/u,
  },
  { name: "a count of no size on earth", data: (a) => ({ ...a, record_count: 1e300 }), verdict: "doubted", says: /does not say how many/u },
  { name: "everybody on one page, then the same", data: (a) => ({ ...a, users: people() }), verdict: "trusted" },
  {
    name: "ids as floats",
    wire: always(1, (r, body) => send(r, 200, body.replaceAll(/"id":(\d+),"name"/gu, '"id":$1.0,"name"'))),
    verdict: "trusted",
  },
  { name: "ids as texts", rows: (rows) => rows.map((one) => ({ ...one, id: `${String(one["id"])}.0` })), verdict: "trusted" },
  {
    name: "ids of no use",
    rows: (rows) => rows.map((one, at) => (at < 3 ? { ...one, id: [null, "abc", 1.5][at] } : one)),
    verdict: "doubted",
    says: /without a usable id/u,
  },
  {
    name: "ids that lose their digits",
    rows: (rows) => row(rows, 4, { id: 2 ** 53 + 2 }),
    verdict: "doubted",
    says: /without a usable id/u,
  },
  {
    name: "NaN for an id",
    wire: always(1, (r, body) => send(r, 200, body.replace('"id":101,', '"id":NaN,'))),
    verdict: "thrown",
    says: /not readable JSON/u,
  },
  { name: "dates of 1900", rows: (rows) => rows.map((one) => ({ ...one, contract_end_date: "1900-01-01T00:00:00" })), verdict: "trusted" },
  {
    name: "custom fields of 1900",
    rows: (rows) => rows.map((one) => ({ ...one, customfields: [{ id: 201, value: "1900-01-01T00:00:00", display: "" }] })),
    verdict: "doubted",
    says: /custom\.CFDepartment is filled for 0/u,
  },
  {
    name: "all surnames missing",
    rows: (rows) => rows.map(({ surname: _gone, ...one }) => one),
    verdict: "doubted",
    says: /surname is filled for 0/u,
  },
  {
    name: "three names missing",
    rows: (rows) => rows.map((one, at) => (at < 3 ? { ...one, name: null, firstname: null, surname: null } : one)),
    verdict: "trusted",
  },
  {
    name: "sites missing for most",
    rows: (rows) => rows.map((one, at) => (at < 200 ? { ...one, site_name: "" } : one)),
    verdict: "doubted",
    says: /site_name is filled for 30/u,
  },
  {
    name: "duplicate addresses",
    rows: (rows) => rows.map((one) => ({ ...one, emailaddress: "all@corp.example.com" })),
    verdict: "trusted",
  },
  {
    name: "inactive that is neither",
    rows: (rows) => row(rows, 0, { inactive: "maybe" }),
    verdict: "doubted",
    says: /"maybe", which means neither that somebody has left/u,
  },
  {
    name: "a user who moved between pages",
    data: (a, page) => (page === 2 ? { ...a, users: [people()[99] ?? {}, ...a.users.slice(1)] } : a),
    verdict: "doubted",
    says: /1 row of \/Users twice/u,
  },
  {
    name: "a row that is no object",
    data: (a, page) => (page === 1 ? { ...a, users: [...a.users.slice(1), "Ada"] } : a),
    verdict: "doubted",
    says: /230 rows but gave 229/u,
  },
  { name: "half the people", rows: (rows) => rows.slice(0, 115), verdict: "doubted", says: /trust\.shrink/u },
  { name: "nobody", rows: () => [], verdict: "refused", says: /no people at all/u },
  {
    name: "__proto__ keys",
    wire: always(1, (r, body) =>
      send(
        r,
        200,
        body.replaceAll(
          '"firstname":"Ada"',
          '"__proto__":{"inactive":true,"polluted":true},"constructor":{"inactive":true},"firstname":"Ada"',
        ),
      ),
    ),
    verdict: "trusted",
  },
  {
    name: "a tower of brackets",
    wire: always(2, (r) => send(r, 200, `${"[".repeat(200_000)}${"]".repeat(200_000)}`)),
    verdict: "doubted",
    says: /230 rows but gave 100/u,
  },
  {
    name: "deep nesting in a field",
    rows: (rows) => row(rows, 3, { notes: Array.from({ length: 500 }).reduce((inner: unknown) => ({ inner }), 1), title: { deep: [] } }),
    // A mapping reads the title: it only looks empty.
    verdict: "doubted",
    says: /1 value of title of Halo's users was not understood/u,
  },
  {
    name: "a truncated body",
    wire: always(2, (r, body) => send(r, 200, body.slice(0, body.length / 2))),
    verdict: "doubted",
    says: /not readable JSON/u,
  },
  {
    name: "a connection cut in the middle of a body",
    wire: always(2, (r, body) => {
      r.writeHead(200, { "content-type": "application/json", "content-length": String(body.length) });
      r.write(body.slice(0, 500), () => r.socket?.destroy());
    }),
    verdict: "doubted",
    says: /broke off/u,
  },
  {
    name: "a hang in the middle of a body",
    wire: always(2, (r, body) => {
      r.writeHead(200, { "content-type": "application/json" });
      r.write(body.slice(0, 500));
    }),
    verdict: "doubted",
    says: /no whole answer in 0\.15 s/u,
    timeout: 150,
  },
  {
    name: "a hang before any answer",
    wire: always(1, () => undefined),
    verdict: "thrown",
    says: /no whole answer in 0\.15 s/u,
    timeout: 150,
  },
  {
    name: "gzip that is good",
    wire: always(2, (r, body) => send(r, 200, gzipSync(body), { "content-encoding": "gzip" })),
    verdict: "trusted",
  },
  {
    name: "gzip that is broken",
    wire: always(2, (r, body) => send(r, 200, gzipSync(body).subarray(0, 300), { "content-encoding": "gzip" })),
    verdict: "doubted",
    says: /page 2 of \/Users failed/u,
  },
  {
    name: "gzip that is none",
    wire: always(2, (r, body) => send(r, 200, body, { "content-encoding": "gzip" })),
    verdict: "doubted",
    says: /page 2 of \/Users failed/u,
  },
  {
    name: "a bomb of 100 MB in gzip",
    wire: always(2, (r) => send(r, 200, bomb(), { "content-encoding": "gzip" })),
    verdict: "doubted",
    says: /more than 50 MB/u,
    timeout: 10_000,
  },
  {
    name: "chunked garbage",
    wire: always(2, (r) => void r.socket?.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nnonsense")),
    verdict: "doubted",
    says: /page 2 of \/Users failed/u,
  },
  {
    name: "no HTTP at all",
    wire: always(2, (r) => void r.socket?.end("SSH-2.0-OpenSSH_9.0\r\n")),
    verdict: "doubted",
    says: /page 2 of \/Users failed/u,
  },
  { name: "a byte order mark", wire: always(1, (r, body) => send(r, 200, `\uFEFF${body}`)), verdict: "trusted" },
  {
    name: "another charset",
    wire: always(2, (r, body) =>
      send(r, 200, Buffer.from(body.replaceAll("Analyst", "Kapitän"), "latin1"), {
        "content-type": "application/json; charset=iso-8859-1",
      }),
    ),
    verdict: "trusted",
  },
  {
    name: "500 once",
    wire: times(1, 2, (r) => send(r, 500, '{"Message":"Execution Timeout Expired."}')),
    verdict: "doubted",
    says: /500: Execution Timeout Expired/u,
  },
  {
    name: "503 twice with Retry-After in the past",
    wire: times(2, 2, (r) => send(r, 503, "", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" })),
    verdict: "trusted",
  },
  {
    name: "503 with an HTTP date",
    wire: times(1, 1, (r) => send(r, 503, "", { "retry-after": "Thu, 15 Jan 2026 08:00:30 GMT" })),
    verdict: "trusted",
  },
  { name: "503 for ever", wire: always(2, (r) => send(r, 503, "")), verdict: "doubted", says: /answers 503/u },
  {
    name: "429 for five minutes",
    wire: times(6, 2, (r) => send(r, 429, "Rate Limit Reached - 300 Requests per rolling 5 minute window")),
    verdict: "trusted",
  },
  {
    name: "429 for ten minutes",
    wire: always(2, (r) => send(r, 429, "Rate Limit Reached")),
    verdict: "doubted",
    says: /429 for ten minutes/u,
  },
  {
    name: "429 with a Retry-After of a year",
    wire: always(2, (r) => send(r, 429, "", { "retry-after": "31536000" })),
    verdict: "doubted",
    says: /429 for ten minutes/u,
  },
  { name: "401 once in the middle", wire: times(1, 2, (r) => send(r, 401, "")), verdict: "trusted" },
  {
    name: "401 for ever in the middle",
    wire: always(2, (r) => send(r, 401, "")),
    verdict: "doubted",
    says: /401 here, to credentials that it takes elsewhere/u,
  },
  { name: "403 in the middle", wire: always(3, (r) => send(r, 403, '{"Message":"no"}')), verdict: "doubted", says: /answers 403/u },
  { name: "404 in the middle", wire: always(3, (r) => send(r, 404, "Not Found")), verdict: "doubted", says: /answers 404/u },
  {
    name: "a redirect to another host",
    wire: always(2, (r) => send(r, 302, "", { location: `${elsewhere.url}/api/Users` })),
    verdict: "thrown",
    says: /redirects to .*not followed/u,
  },
  {
    name: "a redirect to itself",
    wire: always(2, (r) => send(r, 307, "", { location: "/api/Users" })),
    verdict: "thrown",
    says: /redirects/u,
  },
];

let packed: Buffer | undefined;
function bomb(): Buffer {
  packed ??= gzipSync(Buffer.alloc(100 * 1024 * 1024, " "));
  return packed;
}

/** A Halo that behaves as the case says. */
async function hostile(one: Case): Promise<{ url: string; stop(): void; asked: () => number }> {
  let asked = 0;
  let url = "";
  const rows = one.rows?.(people()) ?? people();
  const server = createServer((request, response) => {
    request.resume();
    const at = new URL(request.url ?? "/", url);
    if (at.pathname === "/api/authinfo") return void send(response, 200, JSON.stringify({ auth_url: `${url}/auth` }));
    if (at.pathname === "/auth/token")
      return void send(response, 200, JSON.stringify({ access_token: `token-${asked}`, expires_in: 3600 }));
    if (at.pathname === "/api/FieldInfo") return void send(response, 200, JSON.stringify([{ id: 201, name: "CFDepartment", type: 2 }]));
    const id = /^\/api\/Users\/(\d+)$/u.exec(at.pathname)?.[1];
    if (id !== undefined) return void send(response, 200, JSON.stringify(rows.find((known) => Number(known["id"]) === Number(id)) ?? {}));
    asked++;
    const page = Number(at.searchParams.get("page_no"));
    const answer = { page_no: page, page_size: 100, record_count: rows.length, users: rows.slice((page - 1) * 100, page * 100) };
    const body = JSON.stringify(one.data ? one.data(answer, page) : answer);
    if (one.wire?.(response, page, body, asked, request)) return;
    send(response, 200, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked: () => asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a run would take from anybody: accounts disabled, memberships and licences lost. */
function losses(before: readonly { type: string; name: string; inputs: Row }[], wished: Wish): string[] {
  return before.flatMap(({ type, name, inputs }) => {
    const now = wished.resources.find((one) => one.type === type && one.name === name)?.inputs;
    if (!now) return [`${type} ${name} is gone`];
    const lost = ((inputs["members"] as string[] | undefined) ?? []).filter(
      (ref) => !((now["members"] as string[] | undefined) ?? []).includes(ref),
    );
    return [
      ...(inputs["enabled"] === true && now["enabled"] === false ? [`${name} is disabled`] : []),
      ...lost.map((ref) => `${name} loses ${ref}`),
      ...(((inputs["skus"] as unknown[] | undefined) ?? []).length > ((now["skus"] as unknown[] | undefined) ?? []).length
        ? [`${name} loses a licence`]
        : []),
    ];
  });
}

const maps = mappings({ halo: null });
async function read(url: string, timeout = 3000) {
  const clock = fakeClock();
  const client = connectHalo(configOf(url, { limit: 10_000 }), secret, { now: clock.now, sleep: clock.sleep, timeout });
  return await readPeople(client, { fields });
}
let before: ReturnType<typeof world>;
let memory: NonNullable<ReturnType<typeof judge>["memory"]>;
const folder = mkdtempSync(join(tmpdir(), "haloform-hostile-"));

beforeAll(async () => {
  const good = await hostile({ name: "good", verdict: "trusted" });
  const { records, read: report } = await read(good.url);
  good.stop();
  const judged = judge({ records, read: report, memory: undefined, trust, fields });
  if (!judged.memory) throw new Error(judged.doubts.join("; "));
  memory = judged.memory;
  const first = world({ mappings: maps, records, trust: judged });
  before = next(first, apply(first, wish(first)));
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    send(response, 200, "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  elsewhere = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop: () => server.close() };
});
afterAll(() => {
  elsewhere.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("S3: a hostile Halo takes nothing from anybody and is said in one line", () => {
  test("there are at least forty of them, and the good read would have been able to take something", () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(before.previous.filter((one) => one.type === "ad:User")).toHaveLength(size);
    const gone = { ...before, records: before.records.slice(1) };
    expect(losses(before.previous, wish({ ...gone, trust: { verdict: "trusted", doubts: [], memory } }))).not.toEqual([]);
  });

  test.concurrent.each(cases)("$name: $verdict", async (one) => {
    const server = await hostile(one);
    try {
      const result = await read(server.url, one.timeout).then(
        (value) => value,
        (error: unknown) => error as Error,
      );
      // Four tries at most for a page, nine pages at the very most: nobody asks for ever.
      expect(server.asked()).toBeLessThan(40);
      if (result instanceof Error) {
        expect(one.verdict, result.message).toBe("thrown");
        expect(result.message).toMatch(one.says ?? /./u);
        expect(result.message).not.toMatch(/\n|token-\d/u);
        expect(result.message).not.toContain(secret);
        return;
      }
      const { doubts: more } = leftOf(result.records, maps, before.memory);
      const judged = judge({ records: result.records, read: result.read, memory, trust, fields, more });
      expect({ verdict: judged.verdict, doubts: judged.doubts.join(" | ") }).toMatchObject({ verdict: one.verdict });
      if (one.says) expect(judged.doubts.join(" | ")).toMatch(one.says);
      for (const doubt of judged.doubts) expect(doubt).not.toMatch(/\n|token-\d/u);
      if (one.verdict !== "trusted") expect(judged.memory).toEqual(memory);
      const wished = wish({ ...before, records: result.records, trust: judged });
      if (one.verdict === "refused") expect(wished.refused).not.toEqual([]);
      else expect(losses(before.previous, wished)).toEqual([]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    } finally {
      server.stop();
    }
  });

  test("no token goes to another host", () => expect(elsewhere.asked).toEqual([]));

  test("a certificate for another name is refused before any secret is sent", async () => {
    const { tls: pair } = await certificates(folder);
    let asked = 0;
    const server = createTlsServer({ ...pair }, (_request, response) => {
      asked++;
      send(response, 200, "{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.2", resolve));
    const error = (await read(`https://127.0.0.2:${(server.address() as AddressInfo).port}`).catch((refusal: unknown) => refusal)) as Error;
    server.close();
    expect(error.message).toMatch(/certificate that is not trusted/u);
    expect(asked).toBe(0);
  });
});
