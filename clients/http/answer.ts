/** Turning an HTTP answer into data or into one clear line. Bodies and secrets never stand in a message. */
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";

/**
 * A write got no readable answer: it may or may not have been done. The caller looks before it tries again, because
 * Halo has no upsert: a repeated POST without an id makes a second record (facts: Halo write semantics 2).
 */
export class UncertainError extends UnreachableError {}

/** An HTTP answer with its whole body. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
  /** Where a redirect points to. */
  location: string | null;
  retryAfter: string | null;
  /** A 401 although the same credentials are good elsewhere: not the sign-in is refused, but this one thing. */
  refused?: true;
}

/** What the API is called in messages, and which settings lead to it. */
export interface Called {
  /** `HaloITSM` */
  system: string;
  /** The setting that holds its address: `halo.resourceServer`. */
  address: string;
  /** The setting that holds further certificate authorities: `halo.ca`. */
  authority: string;
  /** The setting that holds how many requests are allowed: `halo.limit`. */
  limit: string;
  /** What to check where a fresh token is not accepted anywhere (401), and where something is forbidden (403, or 401 there alone). */
  rights: { token: string; forbidden: string };
}

/** Which request an answer belongs to, in words (`GET /Users`), and whether it may have changed something. */
export interface Asked {
  what: string;
  write: boolean;
}

const longest = 300;

function looksLikeHtml({ body, contentType }: Answer): boolean {
  return /html/iu.test(contentType) || /^\s*<(?:!doctype|html|head|body)/iu.test(body);
}

/** JSON; undefined for what is none, as a gateway's HTML page or nothing at all. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/**
 * The API's own words in an error answer, cut to one short line: `errorMessage`, then the message of a .NET exception,
 * then `Message`, then OAuth's `error`, then the raw text (the order of HaloAPI's New-HaloError); else the errors of an ASP.NET model,
 * `{"id":["The value is not valid."]}`, by themselves or under `errors` (recorded of HaloPSA 2.236).
 */
export function wordsOf(answer: Answer): string {
  if (looksLikeHtml(answer)) return "an HTML page";
  const value = parsed(answer.body);
  const object = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  const names = ["errorMessage", "Message", "message", "error_description", "error"];
  const said = (object ? [...names.map((name) => object[name]), modelErrors(object)] : [value === undefined ? answer.body : value]).find(
    isText,
  );
  const line = oneLine(said ?? "no explanation");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** `id: The value is not valid.`, of each property that has words. */
function modelErrors(object: Record<string, unknown>): string {
  const { errors } = object;
  const all = typeof errors === "object" && errors !== null ? (errors as Record<string, unknown>) : object;
  return Object.entries(all)
    .flatMap(([name, words]) => (Array.isArray(words) ? words.filter(isText).map((one) => (name === "" ? one : `${name}: ${one}`)) : []))
    .join(" ");
}

/** What there is to do about a status, in words. */
function advice(status: number, called: Called): string {
  if (status === 401 || status === 403) return `; ${called.rights.forbidden}`;
  if (status === 404) return `; check the id or path, and that this part of ${called.system} is switched on`;
  return "";
}

/**
 * The JSON of a good answer (undefined for an empty body).
 * @throws ConfigurationError for 401 and redirects, RefusedError for a 401 of one thing alone, other 4xx and 500, UnreachableError for gateways, HTML
 * and JSON that cannot be read; for a write the last is an UncertainError.
 */
export function dataOf(answer: Answer, { what, write }: Asked, called: Called): unknown {
  const { system } = called;
  const { status } = answer;
  const unreadable = write ? UncertainError : UnreachableError;
  if (status >= 300 && status < 400) {
    throw new ConfigurationError(
      `${what}: ${system} redirects to ${placeOf(answer.location)}, which is not followed; correct ${called.address}`,
    );
  }
  if (status === 401 && !answer.refused) {
    throw new ConfigurationError(`${what}: ${system} answers 401 to a fresh token (${wordsOf(answer)}); ${called.rights.token}`);
  }
  if (status >= 502 && status <= 504) {
    throw new unreadable(oneLine(`${what}: ${system} answers ${status} (${wordsOf(answer)}); try again later`));
  }
  if (status < 200 || status >= 300) {
    const mend = advice(status, called);
    const known = answer.refused ? " here, to credentials that it takes elsewhere" : "";
    throw new RefusedError(`${what}: ${system} answers ${status}${known}: ${wordsOf(answer)}${mend}`, String(status), {
      advised: mend !== "",
    });
  }
  if (answer.body.trim() === "") return undefined;
  if (looksLikeHtml(answer)) {
    throw new unreadable(
      `${what}: ${system} answers with an HTML page instead of JSON; check ${called.address} and that no login page or proxy stands in between`,
    );
  }
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new unreadable(
      `${what}: ${system}'s answer of ${answer.body.length} characters is not readable JSON (cut off, or not JSON at all); try again, then look at proxies in between`,
    );
  }
}

/** Scheme, host and path of a redirect's target; queries may carry codes. */
function placeOf(location: string | null): string {
  if (location === null) return "nowhere";
  const url = URL.parse(location, "https://same-host.invalid");
  if (!url) return "an address that is none";
  return url.hostname === "same-host.invalid" ? url.pathname : `${url.origin}${url.pathname}`;
}

/**
 * Milliseconds asked for by a Retry-After header (seconds, of Graph decimals too, or a date); undefined when there is none or it
 * is not understood.
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
