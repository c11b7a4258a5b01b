/** What `haloform doctor` finds: one line each, with what to do where something is wrong. */

import { isIP } from "node:net";
import tls from "node:tls";
import { fetchTrusting, trustOf } from "../../base/certificates.ts";
import { oneLine } from "../../base/errors.ts";

export interface Check {
  system: string;
  state: "ok" | "warn" | "bad";
  said: string;
  advice?: string;
}

/** Says the time as it is when asked; a doctor's run may last for minutes. */
export type Now = () => Date;

const day = 86_400_000;

export const ok = (system: string, said: string): Check => ({ system, state: "ok", said: oneLine(said) });
const finding =
  (state: "warn" | "bad") =>
  (system: string, said: string, advice: string): Check => ({ system, state, said: oneLine(said), advice: oneLine(advice) });
export const warn = finding("warn");
export const bad = finding("bad");

/** What is said of one system. */
export function checks(system: string) {
  return {
    ok: (said: string): Check => ok(system, said),
    warn: (said: string, advice: string): Check => warn(system, said, advice),
    bad: (said: string, advice: string): Check => bad(system, said, advice),
    failed: (error: unknown): Check => failed(system, error),
  };
}

/** An error as a check. Our own messages end in "; what to do": that part becomes the advice. */
export function failed(system: string, error: unknown): Check {
  const said = oneLine(error instanceof Error ? error.message : String(error));
  const at = said.lastIndexOf("; ");
  if (at < 0) return { system, state: "bad", said };
  const advice = said.slice(at + 2);
  return { system, state: "bad", said: said.slice(0, at), advice: `${advice.slice(0, 1).toUpperCase()}${advice.slice(1)}` };
}

/** A doctor that breaks is a finding too, and does not stop the others. */
export async function safely(system: string, work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [failed(system, error)];
  }
}

/** Something that ends on a day: bad when it is past, a warning 30 days ahead. `what` as in "the certificate of x". */
export function untilCheck(system: string, what: string, until: Date, now: Date, advice: string): Check {
  const days = Math.floor((until.getTime() - now.getTime()) / day);
  const date = until.toISOString().slice(0, 10);
  if (until <= now) return bad(system, `${what} ended on ${date}`, advice);
  const said = `${what} is good until ${date} (${days} ${days === 1 ? "day" : "days"})`;
  return days < 30 ? warn(system, said, advice) : ok(system, said);
}

/** Why a connection did not come about, by Node's and OpenSSL's codes. */
const mends: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^CERT_HAS_EXPIRED$/u, "Renew the server's certificate; nothing connects until then."],
  [/^CERT_NOT_YET_VALID$/u, "Set this machine's clock right (NTP), or wait until the certificate begins."],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/u, "Use the name that stands in the certificate, as the address in the stack's settings."],
  [
    /SELF_SIGNED|UNABLE_TO_|^CERT_/u,
    "Put the certificate authority's PEM file into `ca` of this system's settings, or renew the certificate.",
  ],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/u, "Check the name in the stack's settings, and this machine's DNS."],
  [
    /^(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/u,
    "Check address and port in the stack's settings, the firewall, and whether the server runs.",
  ],
  [/^/u, "Check the address, the firewall, and `ca` in the stack's settings."],
];

/** Connects, verifies (also by the authority in the file `ca`), and says until when the certificate is good. Warns 30 days ahead. */
export async function certificateCheck(system: string, address: string, now: Date, ca?: string): Promise<Check> {
  try {
    return await certificateSeen(system, address, now, trustOf(ca));
  } catch (error) {
    return failed(system, error);
  }
}

function certificateSeen(system: string, address: string, now: Date, trust: ReturnType<typeof trustOf>): Promise<Check> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  const port = Number(url.port || (url.protocol === "ldaps:" ? 636 : 443));
  return new Promise((done) => {
    // An address of digits is no server name (RFC 6066); it is checked against the certificate all the same.
    const socket = tls.connect({ host, port, timeout: 10_000, ...trust, ...(isIP(host) ? {} : { servername: host }) }, () => {
      const until = new Date(socket.getPeerCertificate().valid_to);
      socket.destroy();
      done(untilCheck(system, `the certificate of ${host}:${port}`, until, now, "Renew it before then; afterwards nothing connects."));
    });
    const fail = (code: string, why: string): void => {
      socket.destroy();
      const advice = mends.find(([known]) => known.test(code))?.[1] ?? "";
      const said = /CERT|SELF_SIGNED|UNABLE_TO_/u.test(code)
        ? `the certificate of ${host}:${port} is not accepted: ${why} (${code})`
        : `${host}:${port} cannot be reached: ${why}`;
      done(bad(system, said, advice));
    };
    socket.on("error", (error: NodeJS.ErrnoException & { errors?: Error[] }) =>
      fail(error.code ?? "", error.message || error.errors?.[0]?.message || error.code || "no reason given"),
    );
    socket.on("timeout", () => fail("ETIMEDOUT", "no answer within 10 s"));
  });
}

/** Says how far a server's clock is from ours; tokens and plans go wrong beyond five minutes. */
export function clockCheck(system: string, theirs: Date, now: Date): Check {
  const seconds = Math.round((theirs.getTime() - now.getTime()) / 1000);
  const apart = Math.abs(seconds);
  const said = apart <= 2 ? "its clock agrees with ours" : `its clock is ${apart} s ${seconds > 0 ? "ahead of" : "behind"} ours`;
  return apart > 300
    ? bad(system, said, "Set the clocks right (NTP), first on this machine: sign-in tokens are refused beyond five minutes.")
    : ok(system, said);
}

/** The same by the Date header of any answer from this address. */
export async function httpClockCheck(system: string, address: string | URL, now: Now, ca?: string): Promise<Check> {
  try {
    const answer = await fetchTrusting(ca)(address, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(10_000) });
    return dateCheck(system, answer.headers.get("date"), now());
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return warn(system, `its clock cannot be compared: ${why}`, "Look at the other lines first.");
  }
}

/** The clock by a Date header as it came. */
export function dateCheck(system: string, header: string | null, now: Date): Check {
  const theirs = new Date(header ?? "");
  if (Number.isNaN(theirs.getTime()))
    return warn(system, "its clock cannot be compared: it sends no Date header", "Make sure that this machine's clock is set by NTP.");
  return clockCheck(system, theirs, now);
}

/** `A`, `A and B`, `A, B and 3 more`. */
export function few(names: readonly string[], most = 3): string {
  if (names.length > most) return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
