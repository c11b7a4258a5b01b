/** Names of people, compared word by word: who marries keeps one. Pure. */
import { fold } from "../../base/text.ts";
import { ascii } from "../../mappings/language/text.ts";

/** The words of names, in plain letters where they can be written so: no letter alone, but those of a script that has words of one. */
export const wordsOf = (...names: readonly string[]): Set<string> =>
  new Set(
    names.flatMap((name) =>
      fold(name)
        .split(/[^\p{L}\p{M}\p{N}]+/u)
        .flatMap((word) => {
          const plain = ascii(word)
            .split(/[^a-z0-9]+/iu)
            .filter(Boolean);
          return plain.length === 0 ? word || [] : plain.map((one) => one.toLowerCase()).filter((one) => one.length > 1);
        }),
    ),
  );

/** Whether any word of one is in the other. */
export const sharesWord = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => [...one].some((word) => other.has(word));

/** The same, or a short form: Chris is Christopher. */
export const sharesForm = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((word) =>
    [...other].some((of) => word === of || (Math.min(word.length, of.length) > 2 && (word.startsWith(of) || of.startsWith(word)))),
  );
