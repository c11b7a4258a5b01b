/** What the checks of one mapping file are given, and what all of them say alike. No I/O. */
import type { z } from "zod";
import { fold } from "../../base/text.ts";
import type { Path } from "../text/document.ts";
import { found, type Problem, valueAt } from "../text/issues.ts";

/** One file's checks: where mistakes go, and what is known. */
export interface Check {
  /** What a mapping file says, this one or another, by its schema; undefined: there is none, or nothing can be made of it. */
  of<S extends z.ZodType>(schema: S): z.infer<S> | undefined;
  /** Whether every name in a list of a mapping file could be read: else one that is not found may be the one that could not. */
  isWhole(schema: z.ZodType, list: string): boolean;
  /** Where people come from: `people.source`. */
  source: string;
  /** What a record of it is called: `the Halo record`. */
  record: string;
  knownFields: readonly string[] | undefined;
  report(path: Path, text: string, on?: Problem["on"]): void;
  /** `mappings/ad.yaml:12`, of this file; of another by its schema. */
  at(path: Path, schema?: z.ZodType): string;
  /** The file as written, before defaults. */
  written: unknown;
  /** Notes a field of the record that something in the file reads, and where. */
  reads(field: string, path: Path): void;
}

/** The entries of a list that stands at a path, each with its own path. */
export function* placed<T>(list: readonly T[], ...path: Path): Generator<[entry: T, path: Path]> {
  for (const [index, entry] of list.entries()) yield [entry, [...path, index]];
}

/** Whether the file itself says something at a path, or only a default does. */
export function isWritten(check: Check, path: Path): boolean {
  return valueAt(check.written, path) !== undefined;
}

/**
 * Names (or numbers) that may stand in a list once only, whatever their case. `path` is the list's; `step` leads from it to the
 * name of the entry at an index, and is the index itself where the entries are the names.
 */
export function checkOnce(
  check: Check,
  path: Path,
  names: readonly (string | number)[],
  what: string,
  step: (index: number, name: string) => Path = (index) => [index],
  keyOf: (name: string) => string = fold,
): void {
  const seen = new Map<string, Path>();
  for (const [index, name] of names.entries()) {
    const here = [...path, ...step(index, String(name))];
    const key = keyOf(String(name));
    const first = seen.get(key);
    if (first) check.report(here, `expected each ${what} once, found ${found(name)} again (first at ${check.at(first)})`);
    else seen.set(key, here);
  }
}

/** The same for a list of entries that have a name. */
export function checkNamesOnce(check: Check, list: string, entries: readonly { name: string }[], what: string): void {
  const names = entries.map((one) => one.name);
  checkOnce(check, [list], names, what, (index) => [index, "name"]);
}

/** The same for the names of a map. */
export function checkKeysOnce(check: Check, path: Path, map: object, what: string): void {
  checkOnce(check, path, Object.keys(map), what, (_, name) => [name]);
}

/** Something is either kept exactly or added to, in whichever of several lines it is named. */
export function checkModes(
  check: Check,
  lines: Iterable<[line: { mode: string }, path: Path, names: readonly string[]]>,
  what: string,
): void {
  const first = new Map<string, { mode: string; path: Path }>();
  for (const [{ mode }, path, names] of lines)
    for (const name of names) {
      const known = first.get(fold(name));
      if (!known) first.set(fold(name), { mode, path });
      else if (known.mode !== mode)
        check.report(
          [...path, "mode"],
          `expected one mode for the ${what} ${found(name)}, found ${mode}, and ${known.mode} at ${check.at(known.path)}; it counts for all lines that name it`,
        );
    }
}

/** Of lines of which the first that holds decides, none may stand after the one for everybody: it would never be used. */
export function checkOrder(check: Check, lines: readonly { for?: object | undefined }[], list: string): void {
  const everybody = lines.findIndex((line) => Object.keys(line.for ?? {}).length === 0);
  if (everybody < 0) return;
  for (const index of lines.keys())
    if (index > everybody)
      check.report(
        [list, index],
        `expected the line for everybody last, found one after ${list}.first[${everybody}], which is for everybody; it would never be used (put it before, or give that one a for)`,
      );
}

/** The first and the last day of a line. */
export function checkDays(check: Check, { starts, ends }: { starts?: string | undefined; ends?: string | undefined }, path: Path): void {
  if (starts !== undefined && ends !== undefined && starts > ends)
    check.report([...path, "ends"], `expected a day not before starts (${starts}), found ${ends}`);
}

/** A licence's part number, and the service plans that are on or off. */
export function checkSku(check: Check, sku: string, plans: readonly string[], path: Path, list = "without"): void {
  if (!/^[A-Za-z0-9_.-]+$/u.test(sku)) check.report([...path, "sku"], `expected a skuPartNumber such as SPE_E3, found ${found(sku)}`);
  checkOnce(check, [...path, list], plans, "service plan");
}
