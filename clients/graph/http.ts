/**
 * One HTTP request to Graph, through the SDK's middleware chain: its AuthenticationHandler gives the token only to Graph's
 * own hosts and the configured one, over https, and its TelemetryHandler adds client-request-id.
 */

import type { TokenCredential } from "@azure/identity";
import {
  AuthenticationHandler,
  Client,
  type Context,
  type Middleware,
  type MiddlewareOptions,
  ResponseType,
  TelemetryHandler,
} from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import type { Answer } from "./errors.ts";

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Whole address, sent as it is. */
  url: string;
  headers?: { readonly [name: string]: string };
  body?: unknown;
  /** A read may be ended half way; a write is let through, so that its answer is known. */
  signal?: AbortSignal | undefined;
}

const tokens = new WeakMap<Answer, string>();

/** The token a request was sent with, by its answer; kept apart so that it is in nothing that is printed. */
export const tokenOf = (answer: Answer): string | undefined => tokens.get(answer);

/** The token could not be had; `cause` is what the credential said. */
export class NoToken extends Error {}
/** There was no answer; `cause` is what fetch said. */
export class NoAnswer extends Error {}

/**
 * Says which address a request is really for (the SDK takes URLs apart and puts queries together in another order, but a
 * nextLink is opaque) and keeps what went wrong (the SDK wraps what a middleware throws and loses its cause).
 */
class WholeUrl implements MiddlewareOptions {
  readonly url: string;
  /** Ends the request early. */
  signal: AbortSignal | undefined;
  /** With which it was sent. */
  token: string | undefined;
  failure: unknown;
  constructor(url: string) {
    this.url = url;
  }
}

class WholeUrlMiddleware implements Middleware {
  #next: Middleware | undefined;
  setNext(next: Middleware): void {
    this.#next = next;
  }
  async execute(context: Context): Promise<void> {
    const whole = context.middlewareControl?.getMiddlewareOptions(WholeUrl);
    if (!(whole instanceof WholeUrl)) throw new Error("A request without its address.");
    context.request = whole.url;
    try {
      await this.#next?.execute(context);
    } catch (error) {
      whole.failure = error;
      throw error;
    }
  }
}

class FetchMiddleware implements Middleware {
  readonly #timeout: number;
  constructor(timeout: number) {
    this.#timeout = timeout;
  }
  async execute(context: Context): Promise<void> {
    // Graph does not redirect what we ask; following one could carry a body elsewhere.
    const whole = context.middlewareControl?.getMiddlewareOptions(WholeUrl);
    const ends = AbortSignal.timeout(this.#timeout);
    let signal = ends;
    if (whole instanceof WholeUrl) {
      const sent = new Headers(context.options?.headers as HeadersInit | undefined).get("authorization");
      whole.token = sent?.replace(/^Bearer /iu, "");
      if (whole.signal) signal = AbortSignal.any([ends, whole.signal]);
    }
    const options = { ...context.options, redirect: "error" as const, signal };
    context.response = await fetch(context.request, options);
  }
}

/** `origin` is Graph's `https://host[:port]`. Throws NoToken or NoAnswer (their `cause` says why); any status is an answer. */
export function graphHttp(origin: string, credential: TokenCredential, timeout: number): (request: HttpRequest) => Promise<Answer> {
  const provider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${origin}/.default`] });
  const token = async (): Promise<string> => {
    try {
      return await provider.getAccessToken();
    } catch (error) {
      throw new NoToken("no token", { cause: error });
    }
  };
  const client = Client.initWithMiddleware({
    middleware: [
      new WholeUrlMiddleware(),
      new AuthenticationHandler({ getAccessToken: token }),
      new TelemetryHandler(),
      new FetchMiddleware(timeout),
    ],
    baseUrl: origin,
    defaultVersion: "v1.0",
    customHosts: new Set([new URL(origin).hostname]),
  });
  return async (request) => {
    const whole = new WholeUrl(request.url);
    whole.signal = request.signal;
    const call = client
      .api("/")
      .middlewareOptions([whole])
      .responseType(ResponseType.RAW)
      .headers({ accept: "application/json", ...request.headers });
    try {
      const response: Response = await send(call, request);
      const text = await response.text();
      const answer: Answer = { status: response.status, headers: response.headers, body: json(text) };
      if (whole.token !== undefined) tokens.set(answer, whole.token);
      return answer;
    } catch (error) {
      const kept = whole.failure ?? error;
      throw kept instanceof NoToken ? kept : new NoAnswer("no answer", { cause: kept });
    }
  };
}

function send(call: ReturnType<Client["api"]>, request: HttpRequest): Promise<Response> {
  switch (request.method) {
    case "GET":
      return call.get();
    case "DELETE":
      return call.delete();
    case "PATCH":
      return call.patch(request.body);
    case "PUT":
      return call.put(request.body);
    case "POST":
      return call.post(request.body);
  }
}

/** A gateway's HTML page is an answer too: its status is what counts. */
function json(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
