/** One HTTP request to an API: within the limit, with a time limit, repeated only where that is harmless. */
import ky from "ky";
import { fetchTrusting } from "../../base/certificates.ts";
import { ConfigurationError, UnreachableError } from "../../base/errors.ts";
import { type Answer, type Asked, type Called, retryAfterMs, UncertainError, wordsOf } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { Limiter } from "./limiter.ts";

interface WireRequest extends Asked {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** Told each time it is sent: a repetition is a request too. */
  sent?: () => void;
}

export interface Wire {
  /** The answer, whatever its status; 429 and (unless it writes) gateway errors are waited out first. */
  send(request: WireRequest): Promise<Answer>;
}

export interface WireOptions extends Clock {
  limiter: Limiter;
  /** Milliseconds a request with its answer may take. */
  timeout: number;
  called: Called;
  /** PEM file of a further certificate authority. */
  ca: string | undefined;
}

/** Bytes of the largest answer that is read. */
const largest = 50 * 1024 * 1024;
/** Repetitions after the first try. */
const repetitions = 3;
/** Milliseconds that 429 is waited out before it becomes an error. */
const patience = 10 * 60 * 1000;

export function makeWire({ limiter, timeout, called, now, sleep, ca }: WireOptions): Wire {
  const trusting = fetchTrusting(ca);
  const once = async ({ method, url, headers, body }: WireRequest): Promise<Answer> => {
    const signal = AbortSignal.timeout(timeout);
    const response = await ky(url, {
      fetch: trusting,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal,
      redirect: "manual",
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      cache: "no-store",
    });
    return {
      status: response.status,
      body: await bodyOf(response, signal),
      contentType: response.headers.get("content-type") ?? "",
      location: response.headers.get("location"),
      retryAfter: response.headers.get("retry-after"),
    };
  };

  return {
    async send(request) {
      let failures = 0;
      let refusals = 0;
      let firstRefusal = 0;
      for (;;) {
        await limiter.take();
        request.sent?.();
        let answer: Answer;
        try {
          answer = await once(request);
        } catch (error) {
          if (error instanceof ConfigurationError) throw error;
          const { reason, lasting } = faultOf(error, timeout, called);
          const line = `${request.what}: ${called.system} at ${request.url.origin} ${reason}`;
          if (request.write) throw new UncertainError(`${line}; it may or may not have been done`, { cause: error });
          if (lasting || failures >= repetitions) throw new UnreachableError(line, { cause: error });
          await sleep(1000 * 2 ** failures++);
          continue;
        }
        if (answer.status === 429) {
          // Rejected calls may count too, so a short pause only makes it worse: half a minute, then a whole one.
          const seconds = secondsOf(answer.retryAfter, now()) ?? (refusals === 0 ? 30 : 60);
          if (refusals++ === 0) firstRefusal = now().getTime();
          if (now().getTime() + seconds * 1000 - firstRefusal > patience) {
            throw new UnreachableError(
              `${request.what}: ${called.system} has answered 429 for ten minutes (${wordsOf(answer)}); lower ${called.limit}, or stop what else uses these credentials`,
            );
          }
          limiter.pause(seconds);
          continue;
        }
        if (answer.status >= 502 && answer.status <= 504 && !request.write && failures < repetitions) {
          await sleep(Math.min(60, secondsOf(answer.retryAfter, now()) ?? 2 ** failures) * 1000);
          failures++;
          continue;
        }
        return answer;
      }
    },
  };
}

class TooLarge extends Error {}

/** The whole body within the time limit: fetch itself forgets its signal once the headers are there. */
async function bodyOf(response: Response, signal: AbortSignal): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  const whole = new WritableStream<Uint8Array>({
    write(chunk) {
      size += chunk.length;
      if (size > largest) throw new TooLarge();
      chunks.push(chunk);
    },
  });
  await response.body.pipeTo(whole, { signal });
  // JSON.parse does not know the byte order mark that some servers send.
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/u, "");
}

/** Seconds of a Retry-After header, at least 1; undefined when there is none that makes sense. */
function secondsOf(header: string | null, now: Date): number | undefined {
  const asked = retryAfterMs(header, now.getTime());
  return asked === undefined ? undefined : Math.max(1, Math.ceil(asked / 1000));
}

/** What a failed request means, and whether a further try could help. */
function faultOf(error: unknown, timeout: number, called: Called): { reason: string; lasting: boolean } {
  if (error instanceof TooLarge) return { reason: `sends more than ${largest / 1024 / 1024} MB in one answer`, lasting: true };
  const codes: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") codes.push(at.code);
    if (at.name === "TimeoutError") return { reason: `gave no whole answer in ${timeout / 1000} s; try again later`, lasting: false };
  }
  const code = codes.at(-1) ?? "connection lost";
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/u.test(code)) {
    return {
      reason: `shows a certificate that is not trusted (${code}); name its certificate authority in ${called.authority} or renew it`,
      lasting: true,
    };
  }
  if (code === "ENOTFOUND") return { reason: `is not known by name (${code}); check ${called.address}`, lasting: true };
  return { reason: `cannot be reached or broke off (${code}); check the network and try again`, lasting: false };
}
