/** zod's issues in an administrator's words: what was expected, what was found, which name was probably meant. */
import type { z } from "zod";
import { didYouMean, nearest } from "../../base/text.ts";
import type { Path } from "./document.ts";
import { keysOf, type Schema, schemaAt } from "./walk.ts";

/** A mistake at a path of one file. `on: "key"`: the key itself is wrong, not what it holds. */
export interface Problem {
  path: Path;
  text: string;
  on?: "key";
  /** The key that a wrong key was probably meant to be. */
  meant?: string;
}

/** Turns an issue about `data` (checked by `schema`) into problems. */
export function explain(issue: z.core.$ZodIssue, schema: Schema, data: unknown): Problem[] {
  const path = pathOf(issue);
  const value = valueAt(data, path);
  const expected = (what: string, hint = ""): Problem[] => [{ path, text: `expected ${what}, found ${found(value)}${hint}` }];
  // Our own words, where a schema says them whole.
  if (/^expected .*, found /su.test(issue.message)) return [{ path, text: issue.message }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(path, key, keysOf(schemaAt(schema, path))));
    case "invalid_union":
      return union(issue, path, schema, data);
    case "invalid_type":
      return expected(TYPES[issue.expected] ?? issue.expected, `${hint(issue.expected, value)}${what(value, schemaAt(schema, path))}`);
    case "invalid_value": {
      const near = typeof value === "string" ? nearest(value, issue.values.map(String)) : undefined;
      return expected(oneOf(issue.values.map(String)), `${didYouMean(near)}${what(value, schemaAt(schema, path))}`);
    }
    case "too_small":
      return expected(size(issue.origin, "at least", issue.minimum));
    case "too_big":
      return expected(size(issue.origin, "at most", issue.maximum));
    case "invalid_format":
      return expected(formatWords(issue));
    default:
      return expected(`something else (${issue.message})`);
  }
}

/** Where an issue is, as paths of files are written. */
export const pathOf = ({ path }: z.core.$ZodIssue): Path => path.map((step) => (typeof step === "symbol" ? String(step) : step));

/** A pattern's own words, where the schema gives some. */
function formatWords({ format, message }: { format: string; message: string }): string {
  if (format === "date") return "a day such as 2027-01-04";
  return format === "regex" && !message.startsWith("Invalid") ? message : format;
}

/** Words of other tools, and of earlier files, for what has one word here. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ...{ when: ["for"], where: ["for", "devices"], members: ["for"], users: ["for"], exported: ["for"], for: ["events"] },
    ...{ from: ["source", "starts"], until: ["ends", "lasts"], start: ["starts"], end: ["ends"], onLeaving: ["share"] },
  }),
);

/** Which of the words that are known a wrong one was probably meant to be. */
export const meantBy = (word: string, known: readonly string[]): string | undefined =>
  SYNONYMS.get(word)?.find((one) => known.includes(one)) ?? nearest(word, known);

/** A wrong key of a map that knows its keys. */
function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  const near = meantBy(key, known);
  return {
    path: [...path, key],
    on: "key",
    text: `expected ${oneOf(known)}, found ${JSON.stringify(key)}${didYouMean(near)}`,
    ...(near ? { meant: near } : {}),
  };
}

/** A value for people to read, short. */
export function found(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  if (typeof value !== "string") return String(value);
  const all = [...value];
  return JSON.stringify(all.length > 60 ? `${all.slice(0, 60).join("")}…` : value);
}

export function oneOf(words: readonly string[]): string {
  if (words.length === 0) return "nothing more";
  return words.length === 1 ? String(words[0]) : `one of ${words.join(", ")}`;
}

export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { [key: string]: unknown })[String(step)];
  }
  return value;
}

/**
 * A path of what was made of a file, as a path in the file: what is a plain list there may stand under a word of its own here
 * (`accounts[0]` under `accounts.first[0]`; language/lines.ts).
 */
export function pathWritten(data: unknown, path: Path): Path {
  const written: (string | number)[] = [];
  for (const step of path) {
    const value = valueAt(data, written);
    const [word, ...others] = typeof step === "number" && typeof value === "object" && value !== null ? Object.keys(value) : [];
    if (word !== undefined && others.length === 0 && !Array.isArray(value)) written.push(word);
    written.push(step);
  }
  return written;
}

/** `accounts.first[0].for["Job title"]` */
export function pathText(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : /^[\w.-]+$/u.test(step) ? `${index === 0 ? "" : "."}${step}` : `[${JSON.stringify(step)}]`,
    )
    .join("");
}

/** A map where one of several shapes was wanted: the shape it comes nearest to is the one to talk about. */
function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, schema: Schema, data: unknown): Problem[] {
  const value = valueAt(data, path);
  const here = schemaAt(schema, path);
  const known = keysOf(here);
  // A word of conditions in another tool's spelling would be taken for a field of the record.
  const word = String(path.at(-1));
  const camel = word.replace(/_(\w)/gu, (_, letter: string) => letter.toUpperCase());
  const words = keysOf(schemaAt(schema, path.slice(0, -1)));
  if (camel !== word && words.includes(camel)) return [unknownKey(path.slice(0, -1), word, words)];
  const isField = value === null && known.includes("empty");
  const blank: Problem = {
    path,
    text: `expected ${issue.message}, found ${found(value)}${isField ? "; for an empty field write { empty: true }" : ""}`,
  };
  if (typeof value !== "object" || value === null || Array.isArray(value) || known.length === 0) return [blank];
  const wrong = Object.keys(value).filter((key) => !known.includes(key));
  if (wrong.length > 0) return wrong.map((key) => unknownKey(path, key, known));
  const shape = issue.errors.find((errors) => errors.every((each) => each.path.length > 0));
  if (!shape) return [blank];
  return shape.flatMap((inner) => explain({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, schema, data));
}

const TYPES: { [type: string]: string } = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function hint(type: string, value: unknown): string {
  if (type === "string" && (typeof value === "number" || typeof value === "boolean")) return `; write it in quotes: "${value}"`;
  if (type === "array" && value !== null && value !== undefined)
    return typeof value === "object" ? "; begin each entry with a dash" : `; write [${value}]`;
  if (type === "number" && typeof value === "string" && /^\d+(?:\.\d+)?\s*%?$/u.test(value)) return `; write ${Number.parseFloat(value)}`;
  return "";
}

/** Of what is left out, what it is for: the first sentence of its description. */
function what(value: unknown, schema: Schema | undefined): string {
  if (value !== undefined && value !== null) return "";
  const [first = ""] = (schema as z.ZodType | undefined)?.description?.split(/(?<=\.)\s/u) ?? [];
  return first ? ` (${first.replace(/\.$/u, "")})` : "";
}

function size(origin: string, bound: string, limit: number | bigint): string {
  if (origin === "string") return `${bound} ${limit} ${limit === 1 ? "character" : "characters"}`;
  return origin === "array" ? `${bound} ${limit} ${limit === 1 ? "entry" : "entries"}` : `${bound} ${limit}`;
}
