/** Turning an HTTP answer into data or into one clear line. Bodies and secrets never stand in a message. */
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../providers/core/errors.ts";
import { asRow } from "./decode.ts";
import { UncertainError } from "./errors.ts";

/** An HTTP answer with its whole body. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
  /** Where a redirect points to. */
  location?: string;
  retryAfter?: string;
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

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/**
 * Halo's own words in an error answer, cut to one short line: `errorMessage`, then the message of a .NET exception,
 * then `Message`, then OAuth's `error`, then the raw text (the order of HaloAPI's New-HaloError).
 */
export function haloWords(answer: Answer): string {
  if (looksLikeHtml(answer)) return "an HTML page";
  const value = parsed(answer.body);
  const object = asRow(value);
  const said = object
    ? (textOf(object["errorMessage"]) ??
      textOf(object["Message"]) ??
      textOf(object["message"]) ??
      textOf(object["error_description"]) ??
      textOf(object["error"]))
    : (textOf(value) ?? (value === undefined ? textOf(answer.body) : undefined));
  const line = oneLine(said ?? "no explanation");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** What there is to do about a status, in words. */
function advice(status: number): string {
  if (status === 403)
    return "; give the agent that the Halo application logs in as the right to do this, and check the application's permissions";
  if (status === 404) return "; check the id, and that this part of Halo is switched on";
  return "";
}

/**
 * The JSON of a good answer (undefined for an empty body).
 * @throws ConfigurationError for 401 and redirects, RefusedError for other 4xx and 500, UnreachableError for gateways, HTML
 * and JSON that cannot be read; for a write the last is an UncertainError.
 */
export function dataOf(answer: Answer, { what, write }: Asked): unknown {
  const { status } = answer;
  const unreadable = write ? UncertainError : UnreachableError;
  if (status >= 300 && status < 400) {
    throw new ConfigurationError(
      `${what}: HaloITSM redirects to ${placeOf(answer.location)}, which is not followed; set halo.resourceServer to the Resource Server shown in Halo's API details`,
    );
  }
  if (status === 401) {
    throw new ConfigurationError(
      `${what}: HaloITSM answers 401 to a fresh token (${haloWords(answer)}); check halo.scope, the Halo application's permissions and that the agent it logs in as is enabled`,
    );
  }
  if (status >= 502 && status <= 504) {
    throw new unreadable(oneLine(`${what}: HaloITSM answers ${status} (${haloWords(answer)}); try again later`));
  }
  if (status < 200 || status >= 300) {
    throw new RefusedError(`${what}: HaloITSM answers ${status}: ${haloWords(answer)}${advice(status)}`, String(status));
  }
  if (answer.body.trim() === "") return undefined;
  if (looksLikeHtml(answer)) {
    throw new unreadable(
      `${what}: HaloITSM answers with an HTML page instead of JSON; check that halo.resourceServer is the Resource Server and that no login page or proxy stands in between`,
    );
  }
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new unreadable(
      `${what}: HaloITSM's answer of ${answer.body.length} characters is not readable JSON (cut off, or not JSON at all); try again, then look at proxies in between`,
    );
  }
}

/** Scheme, host and path of a redirect's target; queries may carry codes. */
function placeOf(location: string | undefined): string {
  if (location === undefined) return "nowhere";
  const url = URL.parse(location, "https://same-host.invalid");
  if (!url) return "an address that is none";
  return url.hostname === "same-host.invalid" ? url.pathname : `${url.origin}${url.pathname}`;
}
