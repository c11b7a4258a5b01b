/**
 * What this machine has seen signed, and what production has signed last: in the home, where nobody who writes states may write. A state
 * that is older than that was put back by somebody.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Home } from "../../base/home.ts";
import { readAs } from "../../base/json.ts";
import { writePrivate } from "../../base/private-file.ts";
import type { Signed } from "./journal.ts";

const seenSchema = z.object({
  format: z.literal("haloform.seen/1"),
  serial: z.number().int(),
  /** The signature of that number: two states of one number are two hands. */
  signature: z.string(),
});
type Seen = z.infer<typeof seenSchema>;

/** Where the newest number is noted that was seen of a stack. */
export const seenFile = ({ home, stack }: Home): string => join(home, "seen", `${stack}.json`);
/** Where production keeps the state that it has signed last, secrets as ciphertexts: what a run that was cut off goes back to. */
export const signedFile = ({ home, stack }: Home): string => join(home, "seen", `${stack}.signed.json`);

/** Throws where the file cannot be read: what was seen is then not known. */
export function seen(place: Home): Seen | undefined {
  const file = seenFile(place);
  if (!existsSync(file)) return undefined;
  const found = readAs(seenSchema, readFileSync(file, "utf8"));
  if (found) return found;
  throw new Error(`Could not read ${file}, which says what this machine has seen of the stack ${place.stack}; remove it to begin anew.`);
}

/** Notes what was seen; the same again is not written. */
export function noteSeen(place: Home, { serial, signature }: Pick<Signed, "serial" | "signature">): void {
  if (seen(place)?.signature === signature) return;
  writePrivate(seenFile(place), JSON.stringify({ format: "haloform.seen/1", serial, signature } satisfies Seen));
}

/** Why a signed state is not believed all the same; undefined: it is as new as what was seen. */
export function isOlder(place: Home, { serial, signature }: Pick<Signed, "serial" | "signature">): string | undefined {
  const last = seen(place);
  if (!last || serial > last.serial || (serial === last.serial && signature === last.signature)) return undefined;
  const is = serial < last.serial ? "it is older" : "it is another";
  return `${is} (number ${serial}) than what this machine has seen of it (number ${last.serial})`;
}
