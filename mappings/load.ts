/** Loads the mapping files of a folder: all of them, or all of their mistakes. */
import { readdir } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { z } from "zod";
import { nearest } from "../base/text.ts";
import type { Check } from "./check/check.ts";
import { attributesOf, fieldsOf, recordOf } from "./check/fields.ts";
import type { MappingFile } from "./define.ts";
import { looserIn } from "./overrides/compare.ts";
import { type Counted, type Folder, readCounted } from "./overrides/folders.ts";
import { type Contents, registry } from "./registry.ts";
import { adFile } from "./schema/ad.ts";
import type { Mappings } from "./schema/all.ts";
import { type PeopleFile, peopleFile } from "./schema/people.ts";
import { sourcesFile } from "./schema/sources.ts";
import type { Path } from "./text/document.ts";
import { MappingError } from "./text/errors.ts";
import { pathText, pathWritten } from "./text/issues.ts";
import { digestOf, type Mistake, type ReadFile } from "./text/read.ts";
import { keysOf } from "./text/walk.ts";

export interface LoadOptions {
  /** Fields of the source's records that mappings may name, besides `custom.…` (Halo: LIST_FIELDS and DETAIL_FIELDS). */
  knownFields: readonly string[];
  /** How the folder is called in errors and reasons; its own name when left out. */
  label?: string;
  /** The folder of what is common to all clients: what stands in `dir` overrides it (docs/clients.md). */
  common?: string | undefined;
}

/** A file of the folder, as read, in the order of the registry. */
type Known = Counted & { read: ReadFile<unknown> };

/**
 * Reads the files of the registry from a folder; what it means that one is missing stands with it. Throws MappingError with one
 * line for every mistake of every file.
 */
export async function loadMappings(dir: string, options: LoadOptions): Promise<Mappings> {
  const label = options.label ?? basename(resolve(dir));
  const lines: Line[] = [];
  const common = commonOf(options.common, label);
  const all = await readAll({ dir, label }, common, lines);
  const known = all.filter((one): one is Known => one.read !== undefined);
  const parsed = parsedOf(known);
  const people = parsed.get(peopleFile) as PeopleFile | undefined;
  const of = <S extends z.ZodType>(schema: S): z.infer<S> | undefined => parsed.get(schema) as z.infer<S> | undefined;
  const source = people?.people.source ?? "halo.users";
  const named = new Map<string, string[]>();
  const placeOf = (schema: z.ZodType, path: Path): string => placeIn(label, known, schema, path);
  for (const { file, read } of known) {
    for (const mistake of read.mistakes) lines.push(lineOf(label, file, mistake));
    const check: Check = {
      of,
      isWhole: (schema, list) => isWhole(known, schema, list),
      source,
      record: recordOf(source),
      knownFields: fieldsOf(source, of(sourcesFile), options.knownFields),
      at: (path, schema = file.schema) => placeOf(schema, path),
      written: read.written,
      reads(field, path) {
        const place = placeOf(file.schema, path);
        const places = named.get(field) ?? [];
        if (!places.includes(place)) named.set(field, [...places, place]);
      },
      report(made, text, on = undefined) {
        const path = pathWritten(read.written, made);
        if (!isTainted(read, path)) lines.push(lineOf(label, file, { ...read.place(path, on ?? "value"), path, text }));
      },
    };
    if (read.value !== undefined) file.check(check, read.value);
  }
  const { sentences: looser, mistakes } = looserIn(all, { own: label, common: common?.label ?? "" });
  for (const { file, ...mistake } of mistakes) lines.push(lineOf(label, file, mistake));
  if (lines.length > 0) throw new MappingError(sorted(lines));
  if (!people) throw new MappingError([`${label}/people.yaml:1:1 expected a file, found none`]);
  return {
    ...contentsOf(parsed),
    at: (path) => placeOf(...fileOf(path)),
    digest: digestOf(all.flatMap(({ bytes }) => bytes)),
    ...(looser.length > 0 ? { looser } : {}),
    fields: [...named.keys()].sort(),
    named,
    adAttributes: attributesOf(people, of(adFile)),
  };
}

interface Line {
  /** Index in the registry; behind all of them for a file that is none. */
  file: number;
  line: number;
  column: number;
  text: string;
}

function commonOf(dir: string | undefined, label: string): Folder | undefined {
  if (dir === undefined) return undefined;
  const common = { dir, label: basename(resolve(dir)) };
  if (common.label !== label) return common;
  throw new MappingError([
    `${label}: expected another name than that of the common folder (${dir}); messages would not tell the two apart`,
  ]);
}

async function readAll(own: Folder, common: Folder | undefined, lines: Line[]): Promise<Counted[]> {
  for (const { dir, label } of common ? [own, common] : [own]) lines.push(...misnamed(await listed(dir, label), label));
  const counted: Counted[] = [];
  for (const file of registry) {
    const one = await readCounted(file, own, common);
    if (one) counted.push(one);
    if (!one?.read && "refused" in file.whenMissing)
      lines.push(lineOf(own.label, file, { line: 1, column: 1, text: `expected a file, found none; ${file.whenMissing.refused}` }));
  }
  return counted;
}

async function listed(dir: string, label: string): Promise<string[]> {
  const found = await readdir(dir).catch((error: NodeJS.ErrnoException) => error.code ?? String(error));
  if (typeof found !== "string") return found;
  const what = found === "ENOENT" ? "nothing of that name" : found === "ENOTDIR" ? "a file" : found;
  throw new MappingError([`${label}: expected a folder with people.yaml and the other mapping files, found ${what}`]);
}

/** A misnamed file would silently mean "this system is not managed": `ad.yml`, `Entra.yaml`, `people.yaml.yaml`. */
function misnamed(listed: readonly string[], label: string): Line[] {
  const names = registry.map(({ name }) => name);
  const others = listed.filter((entry) => /\.ya?ml$/iu.test(entry) && !names.some((name) => entry === `${name}.yaml`));
  return others.sort().map((other) => {
    const meant = nearest(other.replace(/(?:\.ya?ml)+$/iu, ""), names);
    const advice = meant ? `did you mean "${meant}.yaml"?` : "take it out of this folder";
    const text = `${label}/${other}:1:1 expected one of ${names.map((name) => `${name}.yaml`).join(", ")}, found ${JSON.stringify(other)}; ${advice}`;
    return { file: registry.length, line: 1, column: 1, text };
  });
}

/** What the files say, by their schemas; of what is missing its defaults, where it has some. */
function parsedOf(known: readonly Known[]): ReadonlyMap<z.ZodType, unknown> {
  const parsed = new Map<z.ZodType, unknown>();
  for (const { schema, whenMissing } of registry) {
    const read = known.find(({ file }) => file.schema === schema)?.read;
    if (read?.value !== undefined) parsed.set(schema, read.value);
    else if (!read && "defaults" in whenMissing) parsed.set(schema, schema.parse({}));
  }
  return parsed;
}

/** The same by the keys of `Mappings`. */
function contentsOf(parsed: ReadonlyMap<z.ZodType, unknown>): Contents {
  const contents = Object.fromEntries(
    registry.flatMap(({ schema, key }): [string, unknown][] => {
      const value = parsed.get(schema);
      if (value === undefined) return [];
      if (key !== undefined) return [[key, value]];
      // A section that is an empty list asks for nothing: it is as if it were not there.
      return Object.entries(value as object).filter(([, section]) => !Array.isArray(section) || section.length > 0);
    }),
  );
  // What is needed is there, or loading has ended with a mistake.
  return contents as Contents;
}

const within = (tainted: Path, path: Path): boolean =>
  tainted.length <= path.length && tainted.every((step, index) => step === path[index]);

/** Whether a mistake is about a placeholder: what could not be read has been told. */
const isTainted = (read: ReadFile<unknown>, path: Path): boolean => read.tainted.some((tainted) => within(tainted, path));

/** Whether every name in a list could be read. */
function isWhole(known: readonly Known[], schema: z.ZodType, list: string): boolean {
  const read = known.find(({ file }) => file.schema === schema)?.read;
  if (!read) return true;
  return read.value !== undefined && !read.tainted.some(([first, , field]) => first === list && (field === undefined || field === "name"));
}

function lineOf(label: string, file: MappingFile, { line, column, path, text, in: folder = label }: Mistake): Line {
  const where = path && path.length > 0 ? ` ${pathText(path)}:` : "";
  return { file: registry.indexOf(file), line, column, text: `${folder}/${file.name}.yaml:${line}:${column}${where} ${text}` };
}

function sorted(lines: readonly Line[]): string[] {
  const ordered = [...lines].sort((a, b) => a.file - b.file || a.line - b.line || a.column - b.column);
  return [...new Set(ordered.map((each) => each.text))];
}

/** `mappings/ad.yaml:12`; without a line where the file is not there. */
function placeIn(label: string, known: readonly Known[], schema: z.ZodType, path: Path): string {
  const one = known.find(({ file }) => file.schema === schema);
  const name = registry.find((file) => file.schema === schema)?.name;
  if (!one) return `${label}/${name}.yaml`;
  const { line, in: folder = label } = one.read.place(pathWritten(one.read.written, path), "key");
  return `${folder}/${name}.yaml:${line}`;
}

/** A path begins with its file, `["ad", "accounts", 0]`; of a file without a key also with a section: `["people", "login"]`, `["trust", …]`. */
function fileOf(path: Path): [schema: z.ZodType, path: Path] {
  const [first, second] = path;
  for (const { name, key, schema } of registry) {
    const sections: readonly unknown[] = key === undefined ? keysOf(schema) : [];
    if (first === name && (key !== undefined || sections.includes(second))) return [schema, path.slice(1)];
    if (sections.includes(first)) return [schema, path];
  }
  return [peopleFile, path];
}
