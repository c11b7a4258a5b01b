/**
 * Whether somebody has left, in the words that sources use for it (the field `inactive`). What is no such word is never guessed:
 * `undefined`, and then the read is doubted (stacks/people/left.ts).
 */
import type { Json } from "../../base/json.ts";
import { fold } from "../../base/text.ts";

/** The field that says who has left, in the records of every source. */
export const LEFT = "inactive";

/** Words of a mapping beside the usual ones (`people.inactive`). */
export interface LeftWords {
  left: readonly string[];
  here: readonly string[];
}

/** English, German and French as people and spreadsheets write them; case and blanks do not count. */
export const LEFT_WORDS: LeftWords = {
  left: ["true", "yes", "y", "t", "1", "inactive", "ja", "j", "wahr", "inaktiv", "oui", "vrai", "inactif"],
  here: ["false", "no", "n", "f", "0", "active", "nein", "falsch", "aktiv", "non", "faux", "actif"],
};

const usual = new Map([...LEFT_WORDS.left.map((word) => [word, true] as const), ...LEFT_WORDS.here.map((word) => [word, false] as const)]);

/** true: has left; false: is here, which nothing at all means too; undefined: not to be understood. A mapping's words count first. */
export function hasLeft(value: Json | undefined, words?: LeftWords): boolean | undefined {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const word = fold(String(value));
  if (word === "") return false;
  if (words?.left.some((one) => fold(one) === word)) return true;
  if (words?.here.some((one) => fold(one) === word)) return false;
  return usual.get(word.replace(/^([01])\.0+$/u, "$1"));
}
