/** Names of people, compared word by word: who marries keeps one. Pure. */
import { ascii } from "../../mappings/language/text.ts";

/** The words of names, in plain letters; none where a name has no letters that can be written so. */
export const wordsOf = (...names: readonly string[]): Set<string> =>
  new Set(
    names.flatMap((name) =>
      ascii(name)
        .toLowerCase()
        .split(/[^a-z0-9]+/u)
        .filter((word) => word.length > 1),
    ),
  );

/** Whether any word of one is in the other. */
export const sharesWord = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => [...one].some((word) => other.has(word));

/** The same, or a short form: Chris is Christopher. */
export const sharesForm = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((word) =>
    [...other].some((of) => word === of || (Math.min(word.length, of.length) > 2 && (word.startsWith(of) || of.startsWith(word)))),
  );
