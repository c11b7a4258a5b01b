/**
 * A client's mapping file over the common one of its name. Maps of settings add up key by key, and the client's word counts; of a list of
 * lines a client's line takes the place of those that are called the same, and others are added; of two conditions both must hold; every
 * other value is the client's. Where anything comes from is kept. Pure.
 */
import { didYouMean, fold, nearest } from "../../base/text.ts";
import type { Path } from "../text/document.ts";
import type { Mistake, WrittenFile } from "../text/read.ts";
import { keysOf, type Schema, schemaAt, unwrapped } from "../text/walk.ts";

/** A value, and where it stands. */
interface Part {
  value: unknown;
  from: WrittenFile;
  path: Path;
  /** Of what is put together: where each piece stands. */
  inner?: ReadonlyMap<string | number, Part>;
}

type Entries = { readonly [key: string]: unknown };

/** `sums`: lists of values that add up, as `protected.people`. */
export function merged(schema: Schema, common: WrittenFile, own: WrittenFile, sums: readonly string[] = []): WrittenFile {
  const whole = both(schema, root(common), root(own), new Set(sums));
  return { data: whole.value, place: (path, what) => placed(whole, path, what) };
}

const root = (file: WrittenFile): Part => ({ value: file.data, from: file, path: [] });

function placed(whole: Part, path: Path, what: "key" | "value") {
  let part = whole;
  let at = 0;
  for (; at < path.length; at++) {
    const next = part.inner?.get(path[at] ?? "");
    if (!next) break;
    part = next;
  }
  // Of what neither file says the nearest parent's place counts, which is that of what was found.
  return part.from.place([...part.path, ...(part.inner ? [] : path.slice(at))], what);
}

const isMap = (value: unknown): value is Entries => typeof value === "object" && value !== null && !Array.isArray(value);

function both(schema: Schema, common: Part, own: Part, sums: ReadonlySet<string>): Part {
  const { type } = (unwrapped(schema) as { _zod: { def: { type: string } } })._zod.def;
  if (isMap(common.value) && isMap(own.value)) {
    if (isCondition(schema)) return conditions(common, own);
    if (type === "object" || type === "record") return maps(schema, common, own, sums);
  }
  if (type === "array" && Array.isArray(common.value) && Array.isArray(own.value)) {
    if (keysOf(schemaAt(schema, [0])).length > 0) return lists(own, lines(entries(common), entries(own), String(own.path.at(-1))));
    if (sums.has(own.path.join("."))) return lists(own, summed(entries(common), entries(own)));
  }
  return own;
}

const isCondition = (schema: Schema): boolean => ["any", "all", "not"].every((word) => keysOf(schema).includes(word));

/** Both must hold: a client's condition lets in nobody whom the common one keeps out. */
function conditions(common: Part, own: Part): Part {
  const all: Part = { value: [common.value, own.value], from: own.from, path: own.path, inner: new Map([common, own].entries()) };
  return { value: { all: all.value }, from: own.from, path: own.path, inner: new Map([["all", all]]) };
}

const child = ({ value, from, path }: Part, key: string): Part => ({ value: (value as Entries)[key], from, path: [...path, key] });

function maps(schema: Schema, common: Part, own: Part, sums: ReadonlySet<string>): Part {
  const inner = new Map<string, Part>();
  for (const key of new Set([...Object.keys(common.value as Entries), ...Object.keys(own.value as Entries)])) {
    const [ofCommon, ofOwn] = [common, own].map((one) => (Object.hasOwn(one.value as Entries, key) ? child(one, key) : undefined));
    const below = schemaAt(schema, [key]);
    const part = ofCommon && ofOwn && below ? both(below, ofCommon, ofOwn, sums) : (ofOwn ?? ofCommon);
    if (part) inner.set(key, part);
  }
  return { value: Object.fromEntries([...inner].map(([key, part]) => [key, part.value])), from: own.from, path: own.path, inner };
}

const entries = ({ value, from, path }: Part): Part[] =>
  (value as unknown[]).map((one, index) => ({ value: one, from, path: [...path, index] }));

const lists = (own: Part, parts: readonly Part[]): Part => ({
  value: parts.map(({ value }) => value),
  from: own.from,
  path: own.path,
  inner: new Map(parts.entries()),
});

/** Where the first line that holds decides, a client's come first; everywhere else they take the place of those called the same, or come last. */
function lines(common: readonly Part[], own: readonly Part[], word: string): Part[] {
  if (word === "first") return [...own, ...common];
  const idOf = ({ value }: Part): string | undefined => identityOf(value, word);
  const called = Map.groupBy(own, idOf);
  const taken = new Set<string>();
  const kept = common.flatMap((line) => {
    const identity = idOf(line);
    const instead = identity === undefined ? undefined : called.get(identity);
    if (identity === undefined || !instead) return [line];
    if (taken.has(identity)) return [];
    taken.add(identity);
    return instead;
  });
  return [...kept, ...own.filter((line) => !taken.has(idOf(line) ?? ""))];
}

function summed(common: readonly Part[], own: readonly Part[]): Part[] {
  const there = new Set(common.map(({ value }) => fold(String(value))));
  return [...common, ...own.filter(({ value }) => !there.has(fold(String(value))))];
}

/** By which a line is known, and what else tells two of them apart; the first that it has. */
const identities: readonly (readonly string[])[] = [
  ["name", "client", "role", "department"],
  ["sku"],
  ["ou"],
  ["appId", "role"],
  ["person", "was", "isNot"],
];

/** Undefined: a line that is called nothing. Of lines that add up only a licence is: what they name besides is what they make. */
function identityOf(line: unknown, word: string | undefined): string | undefined {
  if (typeof line === "string") return JSON.stringify([fold(line)]);
  const known = word === "every" ? identities.filter(([field]) => field === "sku") : identities;
  const fields = isMap(line) ? known.find(([field = ""]) => line[field] !== undefined) : undefined;
  return fields && JSON.stringify(fields.map((field) => fold(String((line as Entries)[field] ?? ""))));
}

const nameOf = (line: unknown, word: string | undefined): string => {
  const [name = ""] = JSON.parse(identityOf(line, word) ?? "[]") as string[];
  return name;
};

/**
 * The common file without the lines and entries that a client takes out of it: by section, then the line's name, or the key of a map.
 * What is not there is a mistake.
 */
export function without(
  common: WrittenFile,
  out: { readonly [section: string]: readonly string[] | "all" },
  own: WrittenFile,
  called: string,
): WrittenFile & { mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const data = { ...(common.data as Entries) };
  const missing = (path: Path, name: string, what: string, near?: string): Mistake => ({
    ...{ ...own.place(path, typeof path.at(-1) === "number" ? "value" : "key"), path },
    text: `expected ${what}, found ${JSON.stringify(name)}${didYouMean(near)}`,
  });
  // Where a line stood before lines were taken out, by section.
  const moved = new Map<string, { word: string | undefined; places: number[] }>();
  for (const [section, names] of Object.entries(out)) {
    const there = data[section];
    if (names === "all") {
      if (there === undefined) mistakes.push(missing(["without", section], section, `a section of ${called}`));
      delete data[section];
      continue;
    }
    const word = isMap(there) && Array.isArray(there["every"]) ? "every" : undefined;
    const list = word === undefined ? there : (there as Entries)[word];
    const known = Array.isArray(list) ? list.map((line) => nameOf(line, word)) : isMap(there) ? Object.keys(there).map(fold) : [];
    for (const [index, name] of names.entries()) {
      if (known.includes(fold(name))) continue;
      const near = nearest(fold(name), known);
      mistakes.push(missing(["without", section, index], name, `a line or an entry of ${section} in ${called}`, near));
    }
    const isOut = (name: string): boolean => names.some((one) => fold(one) === fold(name));
    if (Array.isArray(list)) {
      const places = [...list.keys()].filter((index) => !isOut(known[index] ?? ""));
      const left = places.map((index) => list[index]);
      data[section] = word === undefined ? left : { ...(there as Entries), [word]: left };
      moved.set(section, { word, places });
    } else if (isMap(there)) data[section] = Object.fromEntries(Object.entries(there).filter(([key]) => !isOut(key)));
  }
  const place: WrittenFile["place"] = (path, what) => {
    const { word, places } = moved.get(String(path[0])) ?? { word: undefined, places: undefined };
    const at = word === undefined ? 1 : 2;
    const index = path[at];
    if (!places || typeof index !== "number" || (word !== undefined && path[1] !== word)) return common.place(path, what);
    return common.place([...path.slice(0, at), places[index] ?? index, ...path.slice(at + 1)], what);
  };
  return { data, place, mistakes };
}
