/** Errors a definition or a client may throw. Each message has verb, object, cause and what to do, in one line. */

import { withoutHidden } from "./clean.ts";

/** The connection settings or the environment are not usable. Exit code 1. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError" as const;
}

/** A system said no to one operation: `park` the person, go on with the rest. `code` is the system's own. */
export class RefusedError extends Error {
  override name = "RefusedError" as const;
  readonly code: string;
  /** The message says what to do; false: it is only the system's own words. */
  readonly advised: boolean;
  constructor(message: string, code: string, { advised = true, ...options }: ErrorOptions & { advised?: boolean } = {}) {
    super(oneLine(message), options);
    this.code = code;
    this.advised = advised;
  }
}

/** Not an error of anybody: something must happen elsewhere first (Entra Connect has not brought the account yet). */
export class PendingError extends Error {
  override name = "PendingError" as const;
}

/** The system cannot be reached or does not answer in time. */
export class UnreachableError extends Error {
  override name = "UnreachableError" as const;
}

/** Several errors of one operation as one: the first, and how many more there are like it. Undefined where there is none. */
export function summed(errors: readonly Error[]): Error | undefined {
  const [first] = errors;
  if (!(first instanceof RefusedError) || errors.length === 1) return first;
  return new RefusedError(`${first.message} (and ${errors.length - 1} more like it)`, first.code, { cause: first });
}

/**
 * Folds line breaks and runs of blanks, and takes out what a terminal would obey or that is not to be seen (a system's answer may
 * be in it), so that a message is one line in a log, a plan and a comment.
 */
export function oneLine(text: string): string {
  return withoutHidden(text.replace(escapes, "")).replace(/\s+/gu, " ").trim();
}

/** What a terminal takes for an order: it begins with ESC or CSI and ends with a letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const escapes = /(?:\u{1B}\[|\u{9B})[\d;?]*[A-Za-z]/gu;
