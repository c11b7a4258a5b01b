/** A small Halo of a test's own: it answers what the test says, and remembers what it was asked. Real sockets, no fetch mocks. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HaloClient, HaloOptions } from "../../../../clients/halo/client.ts";
import { connectHalo } from "../../../../clients/halo/client.ts";
import type { HaloConfig } from "../../../../clients/halo/settings.ts";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export type Reply = {
  status?: number;
  json?: unknown;
  text?: string;
  type?: string;
  headers?: Record<string, string>;
  cut?: boolean;
  drop?: boolean;
};

export interface Served {
  url: string;
  /** Everything asked, the token and authinfo too. */
  asked: Asked[];
  /** Requests to the API only. */
  api(): Asked[];
  stop(): Promise<void>;
}

export const secret = "s3cret-never-shown";

/** Answers `/api/authinfo` and `/auth/token` by itself unless `handle` gives an answer for them. */
export async function serve(handle: (asked: Asked, url: string) => Reply | undefined | Promise<Reply | undefined>): Promise<Served> {
  const asked: Asked[] = [];
  let url = "";
  let tokens = 0;
  const usual = (call: Asked): Reply => {
    if (call.path === "/api/authinfo") return { json: { auth_url: `${url}/auth`, tenant_id: "northwind" } };
    if (call.path === "/auth/token") return { json: { access_token: `token-${++tokens}`, token_type: "Bearer", expires_in: 3600 } };
    return { status: 404, text: "Not Found" };
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const at = new URL(request.url ?? "/", url);
      const call: Asked = {
        method: request.method ?? "",
        path: at.pathname,
        query: at.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      asked.push(call);
      const reply = (await handle(call, url)) ?? usual(call);
      if (reply.drop) {
        request.socket.destroy();
        return;
      }
      const body = reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json));
      response.statusCode = reply.status ?? 200;
      response.setHeader("content-type", reply.type ?? (reply.text === undefined ? "application/json; charset=utf-8" : "text/plain"));
      for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
      if (reply.cut) {
        response.setHeader("content-length", Buffer.byteLength(body) + 100);
        response.write(body, () => request.socket.destroy());
        return;
      }
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    api: () => asked.filter((one) => one.path !== "/api/authinfo" && one.path !== "/auth/token"),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A clock that only moves when somebody sleeps. */
export function fakeClock(start = Date.parse("2026-01-15T08:00:00Z")): {
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  slept: () => number;
  move: (ms: number) => void;
} {
  let at = start;
  let slept = 0;
  return {
    now: () => new Date(at),
    async sleep(ms) {
      at += ms;
      slept += ms;
    },
    slept: () => slept,
    move(ms) {
      at += ms;
    },
  };
}

export function configOf(url: string, more: Partial<HaloConfig> = {}): HaloConfig {
  return { resourceServer: url, clientId: "app-1", scope: "all", limit: 300, window: 300, ...more };
}

export function clientOf(served: Served, more: Partial<HaloConfig> = {}, options: HaloOptions = {}): HaloClient {
  const clock = fakeClock();
  return connectHalo(configOf(served.url, more), secret, { now: clock.now, sleep: clock.sleep, ...options });
}

/** The message of what a promise is rejected with; it must be one line and hold no secret. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (/\n/u.test(error.message)) throw new Error(`Not one line: ${error.message}`);
    if (error.message.includes(secret) || /token-\d/u.test(error.message)) throw new Error("A secret is in a message");
    return error;
  }
  throw new Error("It did not fail.");
}

/** `count` invented people from id 101 up. */
export function people(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    id: 101 + index,
    name: `Person ${index}`,
    firstname: "Ada",
    surname: `Example${index}`,
    emailaddress: `p${index}@corp.example.com`,
    inactive: false,
    site_id: 18,
  }));
}

/** Answers `/Users` pages of `size` rows of `rows`, as Halo does. */
export function pageOf(rows: readonly unknown[], call: Asked, size = 100): Reply {
  const page = Number(call.query.get("page_no"));
  return {
    json: {
      page_no: page,
      page_size: size,
      record_count: rows.length,
      user_ids: [1, 2],
      users: rows.slice((page - 1) * size, page * size),
    },
  };
}
