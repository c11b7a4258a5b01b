/**
 * One HTTP request to a service of Microsoft's, by Node's own fetch: a bearer token, a client-request-id, no redirect, the whole
 * body within the time limit. `trusting`: how it is sent (base/certificates.ts). Why neither Graph's SDK nor ky: docs/decisions/0022.
 */
import { randomUUID } from "node:crypto";
import { parsed } from "../http/answer.ts";
import type { Answer } from "./errors.ts";

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Whole address, sent as it is. */
  url: string;
  headers?: { readonly [name: string]: string };
  /** A Buffer is sent as it is, anything else as JSON. */
  body?: unknown;
}

/** Any status is an answer. Throws what fetch throws where there is none. */
export async function send(
  { method, url, headers, body }: HttpRequest,
  bearer: string,
  signal: AbortSignal,
  trusting: typeof fetch = fetch,
): Promise<Answer> {
  const binary = Buffer.isBuffer(body);
  const response = await trusting(url, {
    method,
    headers: {
      accept: "application/json",
      "client-request-id": randomUUID(),
      ...(body === undefined || binary ? {} : { "content-type": "application/json" }),
      ...headers,
      authorization: `Bearer ${bearer}`,
    },
    ...(body === undefined ? {} : { body: binary ? new Uint8Array(body) : JSON.stringify(body) }),
    signal,
    // Nothing that we ask is redirected; following one could carry a body elsewhere.
    redirect: "error",
  });
  // A gateway's HTML page is an answer too: its status is what counts.
  return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
}
