/** Reading one mapping file: bytes → YAML → schema, with every mistake in words. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { z } from "zod";
import { type Path, type Place, parseYaml, type YamlFile } from "./document.ts";
import { explain, oneOf, type Problem, pathOf, valueAt } from "./issues.ts";
import { keysOf, placeholder, schemaAt } from "./walk.ts";

const LARGEST = 5 * 1024 * 1024;

/** A mistake with its place. `path` is absent where the file as a whole is meant. */
export interface Mistake extends Place {
  path?: Path;
  text: string;
}

/** One file as read. `value` is absent where nothing can be made of it; parts of it are placeholders where there are mistakes. */
export interface ReadFile<T> {
  written: unknown;
  value?: T;
  mistakes: Mistake[];
  /** Paths whose values are placeholders: what is said about them further on means nothing. */
  tainted: Path[];
  place: YamlFile["place"];
}

/** Reads the bytes of a mapping file; a sentence where that is not possible, undefined where there is none. */
export async function readBytes(path: string): Promise<Uint8Array | string | undefined> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) return "expected a file, found a folder";
    if (!about.isFile()) return "expected a file, found something else";
    if (about.size > LARGEST) return `expected a file of at most 5 MB, found ${Math.ceil(about.size / 1024 / 1024)} MB`;
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    return code === "EACCES"
      ? "expected a file that can be read, found one without permission"
      : `expected a file that can be read, found ${code ?? String(error)}`;
  }
}

/** A file as data, with the place of everything in it. */
export type WrittenFile = Pick<YamlFile, "data" | "place">;

const nowhere: YamlFile["place"] = () => ({ line: 1, column: 1 });

/** Parses the bytes of a file. */
export function readWritten(bytes: Uint8Array): WrittenFile & { mistakes: Mistake[] } {
  let source: string;
  try {
    source = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const text = "expected UTF-8 text, found a byte that is not; save the file as UTF-8";
    return { data: undefined, place: nowhere, mistakes: [{ ...firstBadByte(bytes), text }] };
  }
  const { data, problems, place } = parseYaml(source);
  return { data, place, mistakes: problems };
}

/** Checks what is written in a file by its schema. `whenEmpty` is the advice for an empty file. */
export function checkWritten<T>({ data, place }: WrittenFile, schema: z.ZodType<T>, whenEmpty = ""): ReadFile<T> {
  if (data === null || data === undefined) {
    const text = `expected ${oneOf(keysOf(schema))}, found an empty file${whenEmpty}`;
    return { written: undefined, mistakes: [{ ...place([], "value"), line: 1, column: 1, text }], tainted: [], place: nowhere };
  }
  const { value, problems: wrong, tainted } = parseAll(schema, data);
  return {
    written: data,
    ...(value === undefined ? {} : { value }),
    mistakes: wrong.map((problem) => ({ ...place(problem.path, problem.on ?? "value"), path: problem.path, text: problem.text })),
    tainted,
    place,
  };
}

/** A hash over the bytes of the files, by name; the same for the same contents. */
export function digestOf(files: readonly { name: string; bytes: Uint8Array }[]): string {
  const hash = createHash("sha256");
  for (const { name, bytes } of files) hash.update(`${name} ${bytes.length}\n`).update(bytes);
  return `sha256:${hash.digest("hex")}`;
}

/**
 * Checks data by a schema. Where values are wrong they are replaced by placeholders, so that the checks beyond the shape
 * can go on with the rest and one run tells all mistakes.
 */
function parseAll<T>(schema: z.ZodType<T>, data: unknown): { value?: T; problems: Problem[]; tainted: Path[] } {
  const first = schema.safeParse(data);
  if (first.success) return { value: first.data, problems: [], tainted: [] };
  const problems = withoutEchoes(first.error.issues.flatMap((issue) => explain(issue, schema, data)));
  const tainted: Path[] = [];
  const copy: unknown = JSON.parse(JSON.stringify(data));
  let issues: z.core.$ZodIssue[] = first.error.issues;
  for (let round = 0; round < 5; round++) {
    for (const issue of issues) {
      const path = pathOf(issue);
      const wrong = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      const instead = issue.code === "unrecognized_keys" ? undefined : placeholder(schemaAt(schema, path), round === 0);
      for (const each of wrong) put(copy, each, instead);
      tainted.push(...wrong);
    }
    const again = schema.safeParse(copy);
    if (again.success) return { value: again.data, problems, tainted };
    issues = again.error.issues;
  }
  return { problems, tainted };
}

/** A key misspelt is one mistake, not also the right key missing. */
function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const meant = new Set(
    problems.flatMap(({ path, meant: key }) => (key === undefined ? [] : [JSON.stringify([...path.slice(0, -1), key])])),
  );
  return problems.filter(({ path, text }) => !(text.includes(", found nothing") && meant.has(JSON.stringify(path))));
}

function put(data: unknown, path: Path, value: unknown): void {
  const holder = valueAt(data, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined || typeof holder !== "object" || holder === null) return;
  if (value === undefined && !Array.isArray(holder)) delete (holder as { [key: string]: unknown })[String(last)];
  else (holder as { [key: string]: unknown })[String(last)] = value;
}

function firstBadByte(bytes: Uint8Array): Place {
  const [before = ""] = new TextDecoder().decode(bytes).split("\ufffd");
  const rows = before.split("\n");
  return { line: rows.length, column: (rows.at(-1) ?? "").length + 1 };
}
