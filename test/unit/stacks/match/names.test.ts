/** Names of people, word by word. */
import { describe, expect, it } from "vitest";
import { sharesForm, sharesWord, wordsOf } from "../../../../stacks/match/names.ts";

describe("the words of a name", () => {
  it.each<[string, string[]]>([
    ["Ada Example-Smith", ["ada", "example", "smith"]],
    ["Zoë O'Neil", ["zoe", "neil"]],
    ["Zoe\u0308 Stra\u00dfe", ["zoe", "strasse"]],
    ["J. R. Example", ["example"]],
    ["李 伟", ["李", "伟"]],
    ["李 O'Neil", ["李", "neil"]],
    ["", []],
    [" - ", []],
  ])("%s", (name, words) => expect([...wordsOf(name)]).toEqual(words));
  it("of several names once", () => expect([...wordsOf("Ada Example", "EXAMPLE, Ada")]).toEqual(["ada", "example"]));
});

it.each<[string, string, boolean, boolean]>([
  ["Ada Example", "ada other", true, true],
  ["Ada Example", "Ben Other", false, false],
  ["李 伟", "李 O'Neil", true, true],
  ["李 O'Neil", "Ada O'Neil", true, true],
  ["李", "Ada", false, false],
  ["Chris Example", "Christopher Other", false, true],
  ["Christopher Example", "Chris Other", false, true],
  ["Al Example", "Alma Other", false, false],
])("%s and %s: a word %s, or a short form %s", (one, other, word, form) => {
  expect(sharesWord(wordsOf(one), wordsOf(other))).toBe(word);
  expect(sharesForm(wordsOf(one), wordsOf(other))).toBe(form);
});
