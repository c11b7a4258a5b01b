/** Takes secrets out of what a command wrote, before anybody else sees it. */

/** What stands for a secret. */
export const masked = "•••";

/** Names of variables that hold a secret: haloform's own, and those of whatever it runs in. */
const secret = /(?:SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIALS?|APIKEY|API_KEY|PRIVATE_KEY|SIGNING_KEY|ACCESS_KEY)$/u;

/** The values of all secrets in an environment; one of less than four characters would mask half of what anybody writes. */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  const isSecret = ([name, value]: [string, string | undefined]): boolean => (value?.length ?? 0) >= 4 && secret.test(name.toUpperCase());
  return [
    ...new Set(
      Object.entries(environment)
        .filter(isSecret)
        .flatMap(([, value]) => value ?? []),
    ),
  ];
}

/** A secret as commands tend to write it: bare, in JSON, in an address, in base64, and line by line. */
export function formsOf(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const one of secrets) {
    if (one === "") continue;
    forms.add(one);
    forms.add(JSON.stringify(one).slice(1, -1));
    if (one.length < 4) continue;
    forms.add(encodeURIComponent(one.toWellFormed()));
    forms.add(new URLSearchParams([["", one]]).toString().slice(1));
    const base64 = Buffer.from(one).toString("base64");
    forms.add(base64);
    forms.add(base64.replace(/=+$/u, ""));
    for (const line of one.split(/\r?\n/u)) if (line.trim().length >= 8) forms.add(line.trim());
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** Replaces every secret in a text, the longest first. */
export function mask(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const form of formsOf(secrets)) result = result.replaceAll(form, masked);
  return result;
}

/**
 * Cuts bytes to `most` (the beginning, or with `end` the end) and masks them, so that neither a secret nor a part of one that
 * the cut went through is left. `bytes` hold more than `most` where there was more, at least the longest form's length.
 */
export function cutAndMask(bytes: Buffer, most: number, secrets: readonly string[], end: boolean): { text: string; cut: boolean } {
  const ranges = found(bytes, formsOf(secrets));
  if (bytes.length <= most) return { text: written(bytes, 0, bytes.length, ranges), cut: false };
  const from = end ? letterAt(bytes, bytes.length - most) : 0;
  const to = end ? bytes.length : letterBefore(bytes, most);
  return { text: written(bytes, from, to, ranges), cut: true };
}

type Range = readonly [from: number, to: number];

/** Where secrets stand, merged where they overlap, in order. */
function found(bytes: Buffer, forms: readonly string[]): Range[] {
  const all: Range[] = [];
  for (const form of forms) {
    const length = Buffer.byteLength(form);
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) all.push([at, at + length]);
  }
  all.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of all) {
    const last = merged.at(-1);
    if (last && from < last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function written(bytes: Buffer, from: number, to: number, ranges: readonly Range[]): string {
  let text = "";
  let at = from;
  for (const [start, stop] of ranges) {
    if (stop <= from) continue;
    if (start >= to) break;
    if (start > at) text += bytes.toString("utf8", at, start);
    text += masked;
    at = Math.max(at, stop);
  }
  return at < to ? text + bytes.toString("utf8", at, to) : text;
}

const inside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The first place from `at` on where a letter begins. */
function letterAt(bytes: Buffer, at: number): number {
  let place = at;
  while (place < bytes.length && place < at + 3 && inside(bytes[place])) place++;
  return place;
}

/** The last place up to `at` that cuts no letter. */
function letterBefore(bytes: Buffer, at: number): number {
  let place = at;
  while (place > 0 && place > at - 3 && inside(bytes[place])) place--;
  return place;
}
