/** What a client's file says of the common file of its name, beside what it maps: `common`, `without`, `looser`. */
import { z } from "zod";
import { filled, textList } from "../language/words.ts";
import type { Path } from "../text/document.ts";
import { oneOf, valueAt } from "../text/issues.ts";
import { checkWritten, type Mistake, type WrittenFile } from "../text/read.ts";

const ways = ["extend", "replace", "none"] as const;

/** The words, as the schemas for editors have them too. */
export const clientWords = z.strictObject({
  common: z
    .enum(ways)
    .optional()
    .describe(
      "In a client's folder beside a common one (`haloform:common`): `extend` the common file of this name by what stands here, `replace` it, or have `none`: as if there were no such file.",
    ),
  without: z
    .record(z.string(), z.union([z.literal("all"), textList], { error: "all, or a list of names" }))
    .optional()
    .describe(
      "With `common: extend`: lines and entries of the common file that this client has not, by section and name: `{ groups: [GG-VPN] }`; `{ accounts: all }` is the whole section.",
    ),
  looser: filled
    .optional()
    .describe(
      "Why this client is protected less than the common files say: higher limits, less that is protected, other approvals. Without it that is a mistake; with it every plan says so first.",
    ),
});

export type ClientWords = z.infer<typeof clientWords>;
const names = Object.keys(clientWords.shape) as (keyof ClientWords)[];

/** Takes the words off a client's file. `common`: where the common file of its name is; undefined: there is none. */
export function wordsOf(file: WrittenFile, common: string | undefined): { words: ClientWords; rest: WrittenFile; mistakes: Mistake[] } {
  const { data, place } = file;
  if (typeof data !== "object" || data === null || Array.isArray(data))
    return { words: {}, rest: file, mistakes: common === undefined ? [] : [missing(file, common)] };
  const all = data as { readonly [word: string]: unknown };
  const given = Object.fromEntries(names.flatMap((word) => (Object.hasOwn(all, word) ? [[word, all[word]]] : [])));
  const rest = Object.fromEntries(Object.entries(all).filter(([word]) => !Object.hasOwn(given, word)));
  const { value = {}, mistakes } = checkWritten({ data: given, place }, clientWords);
  const at = (path: Path, text: string): Mistake => ({ ...place(path, "key"), path, text });
  if (mistakes.length === 0 && common === undefined)
    for (const word of Object.keys(given))
      mistakes.push(at([word], "expected nothing of the kind, found it; there is no common file of this name"));
  else if (mistakes.length === 0 && common !== undefined) {
    if (value.common === undefined) mistakes.push(missing(file, common));
    else if (value.common !== "extend" && value.without)
      mistakes.push(at(["without"], `expected common: extend beside it, found ${value.common}`));
    if (value.common === "none" && Object.keys(rest).length > 0)
      mistakes.push(at([Object.keys(rest)[0] ?? ""], "expected nothing more beside common: none, found it; say replace or extend"));
  }
  return { words: value, rest: { data: Object.keys(rest).length === 0 && value.common === "replace" ? undefined : rest, place }, mistakes };
}

const missing = ({ data, place }: WrittenFile, common: string): Mistake => ({
  ...place(valueAt(data, ["common"]) === undefined ? [] : ["common"], "key"),
  text: `expected common: ${oneOf([...ways])} in this file, found none; there is ${common} too, and it must be said how the two go together`,
});
