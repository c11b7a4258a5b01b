/** The sandbox's own door, for tests and programs in other processes: plain http on loopback, opened by a random token. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hand } from "./hand.ts";
import type { Sandbox } from "./start.ts";
import { isObject, type Row } from "./web/json.ts";

export interface Control {
  url: string;
  token: string;
  stop(): Promise<void>;
}

async function bodyOf(message: IncomingMessage): Promise<Row> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const body: unknown = text === "" ? {} : JSON.parse(text);
  if (!isObject(body)) throw new Error("The body must be a JSON object.");
  return body;
}

/** Only names that a fault box has: a misspelt fault would prove nothing. */
function setFaults(box: object, wishes: unknown, system: string): void {
  if (!isObject(wishes)) return;
  for (const name of Object.keys(wishes))
    if (!(name in box) || name === "reset") throw new Error(`${system} has no fault ${name}; there are ${Object.keys(box).join(", ")}.`);
  Object.assign(box, wishes);
}

function faults(sandbox: Sandbox, body: Row): object {
  if (body["reset"] === true) {
    sandbox.halo.faults.reset();
    sandbox.graph.faults.reset();
    sandbox.connect.paused = false;
  }
  setFaults(sandbox.halo.faults, body["halo"], "halo");
  setFaults(sandbox.graph.faults, body["graph"], "graph");
  const connect = body["connect"];
  if (isObject(connect)) sandbox.connect.paused = connect["paused"] === true;
  return { halo: sandbox.halo.faults, graph: sandbox.graph.faults, connect: { paused: sandbox.connect.paused } };
}

/**
 * GET /calls, /writes, /violations, /snapshot, /log; POST /hand {ad, halo, graph}, /faults {halo, graph, connect, reset}, /settle (waits for Entra Connect), /stop.
 * Every call needs `Authorization: Bearer <token>`. Errors: 400 `{ error }` in one line.
 */
export async function startControl(sandbox: Sandbox, stop: () => void): Promise<Control> {
  const token = randomBytes(24).toString("base64url");
  const allowed = (message: IncomingMessage): boolean => {
    const given = Buffer.from((message.headers.authorization ?? "").replace(/^Bearer /u, ""));
    return given.length === token.length && timingSafeEqual(given, Buffer.from(token));
  };
  const answer = async (message: IncomingMessage): Promise<unknown> => {
    const what = `${message.method} ${new URL(message.url ?? "/", "http://localhost").pathname}`;
    if (what === "GET /calls") return sandbox.calls();
    if (what === "GET /writes") return { writes: sandbox.writes() };
    if (what === "GET /violations") return sandbox.violations();
    if (what === "GET /snapshot") return sandbox.snapshot();
    if (what === "GET /log") return { halo: sandbox.halo.log, graph: sandbox.graph.log, ldap: sandbox.ad.log.operations };
    if (what === "POST /faults") return faults(sandbox, await bodyOf(message));
    if (what === "POST /settle") return sandbox.connect.settled().then(() => ({ settled: true }));
    if (what === "POST /hand") {
      sandbox.hand((await bodyOf(message)) as Hand);
      return { done: true };
    }
    if (what === "POST /stop") {
      setImmediate(stop);
      return { stopping: true };
    }
    throw new Error(`The control has no ${what}.`);
  };
  const server = createServer((message, response) => {
    const send = (status: number, body: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (!allowed(message)) send(401, { error: "The token of sandbox.json is needed." });
    else
      answer(message).then(
        (body) => send(200, body),
        (error: unknown) => send(400, { error: (error instanceof Error ? error.message : String(error)).replace(/\s+/gu, " ") }),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // The answer to /stop may still be on its way.
        setTimeout(() => server.closeAllConnections(), 200).unref();
      }),
  };
}
