/**
 * Regular expressions of the mapping files. They are held against values that anybody may write into a record, so they are
 * decided in a time that grows with the text and no faster (RE2): JavaScript's own take twice as long for each further letter
 * of some texts, and one title would stop every plan.
 */
import { RE2JS } from "re2js";

export interface Regex {
  /** As the mapping file has it. */
  readonly source: string;
  /** Whether it is found in the text, of which the first 4,000 characters are looked at. */
  test(text: string): boolean;
}

/** Characters of a value that are looked at. */
const longest = 4_000;
/** Texts whose answer is remembered; thousands of people have a few titles. */
const most = 10_000;

/** It is a regular expression, and none that is decided in linear time. */
export class NotLinearError extends Error {
  override name = "NotLinearError" as const;
}

const compiled = new Map<string, Regex>();

/** Compiles it once a process. Throws SyntaxError where it is none, NotLinearError where it asks for what cannot be had. */
export function regex(pattern: string): Regex {
  const known = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, known);
  return known;
}

function compile(pattern: string): Regex {
  // Its syntax is JavaScript's, as editors and the JSON schemas have it: what is wrong is said in those words.
  new RegExp(pattern, "iu");
  const linear = linearOf(pattern);
  const answers = new Map<string, boolean>();
  return {
    source: pattern,
    test(whole) {
      const text = whole.length > longest ? whole.slice(0, longest) : whole;
      const answer = answers.get(text) ?? linear.test(text);
      if (answers.size >= most) answers.clear();
      answers.set(text, answer);
      return answer;
    },
  };
}

/** A name that is referred back to, which RE2 would take for a k. */
const back = /(?<!\\)(?:\\\\)*\\k</u;

function linearOf(pattern: string): RE2JS {
  if (back.test(pattern)) throw new NotLinearError("references back: `\\k<`");
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new NotLinearError((error instanceof Error ? error.message : String(error)).replace(/^error parsing regexp: /u, ""));
  }
}
