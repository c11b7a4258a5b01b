/** A small https server of the sandbox: one handler from a plain request to a plain reply, keep-alive, and a stop that waits for nobody. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** A PEM key and certificate (with the chain, if any). */
export interface Tls {
  key: string;
  cert: string;
}

/** A request, read whole. Header names are in lower case. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
  /** The body as it came, for what is no text. */
  bytes?: Buffer;
}

/** A reply. `body` is sent as JSON, `text` as it is; `cut` destroys the connection instead of answering. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  text?: string;
  cut?: boolean;
}

/** What a server did with a request; the order of a log is the order of arrival. */
export interface Entry {
  method: string;
  path: string;
  query: string;
  status: number;
  /** Client id of the caller, when it said who it is. */
  client?: string;
  /** A request that may change something (also when it was refused). */
  write: boolean;
  /** The JSON body of a write, for tests to look at. */
  body?: unknown;
}

export interface WebServer {
  port: number;
  url: string;
  stop(): Promise<void>;
}

/** Reads a request whole (up to 32 MB, which is more than any of the real systems take). */
async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.cut) {
    response.socket?.destroy();
    return;
  }
  const headers: Record<string, string | number> = { ...reply.headers };
  const text = reply.text ?? (reply.body === undefined ? "" : JSON.stringify(reply.body));
  if (reply.body !== undefined && !headers["content-type"]) headers["content-type"] = "application/json; charset=utf-8";
  headers["content-length"] = Buffer.byteLength(text);
  response.writeHead(reply.status, headers);
  response.end(text);
}

function callOf(message: IncomingMessage, bytes: Buffer): Call {
  const url = new URL(message.url ?? "/", "https://localhost");
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return { method: message.method ?? "GET", path: url.pathname, query: url.searchParams, headers, body: bytes.toString("utf8"), bytes };
}

/** Listens on 127.0.0.1 (port 0: any free one). The handler's own mistakes are answered as 500 with their text, so that a test sees them. */
export async function serve(options: { tls: Tls; port?: number; handle: (call: Call) => Reply | Promise<Reply> }): Promise<WebServer> {
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      send(response, await options.handle(callOf(message, await read(message))));
    } catch (error) {
      if (!response.headersSent)
        send(response, { status: 500, text: `the sandbox itself failed: ${error instanceof Error ? error.stack : String(error)}` });
    }
  };
  const server: Server = createServer({ ...options.tls, minVersion: "TLSv1.2" }, (message, response) => void answer(message, response));
  // Longer than clients keep idle connections, so that the server is never the one to close first.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const port = (server.address() as AddressInfo).port;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits; 0 or less does not yield. */
export async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
