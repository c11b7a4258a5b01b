/**
 * A stack as its backend keeps it, read without the engine where that can be: a folder, PostgreSQL. Its place is only read, so that a
 * right to read is enough: no stack is made there, no metadata, no lock, no tag (docs/decisions/0102). What is in the state, and what
 * its digest is, is told by this also beside an engine: another version of it might word what it exports in another way.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import { once } from "../../base/once.ts";
import { removeRun } from "../../providers/core/run.ts";
import type { Exported, Tags } from "../ledger/shelf.ts";
import { postgresAddress } from "./backend.ts";
import { backendOf, environment, readingAt, stateFolder, workFolder } from "./environment.ts";
import { readPostgres } from "./postgres.ts";
import type { Project } from "./project.ts";
import { newRunFolder } from "./run-folder.ts";
import { type EngineAt, engineIfThere } from "./state.ts";

type Place = Pick<Project, "folder" | "home" | "stack">;

export interface Kept {
  /** Secrets as ciphertexts; without `deployment` where there is no stack (a first run). Parsed when it is first asked for. */
  state(): Promise<Exported>;
  tags: Tags;
}

const tagsSchema = z.record(z.string(), z.string());
const tagsFile = z.object({ tags: tagsSchema });
const checkpointFile = z.object({
  version: z.number().int(),
  features: z.array(z.string()).optional(),
  checkpoint: z.object({ latest: z.unknown() }),
});

/** Reads what there is of the stack, without the engine; undefined: only the engine can read that place. */
export function keptBy(project: Place): (() => Promise<Kept>) | undefined {
  const { stack } = project;
  const read = readerOf(project);
  return read && (async () => keptIn(await read([meta, ...filesOf(stack, [...Object.keys(unpack), tagsEnd])]), stack));
}

/** The same for who asks for the tags alone: a state of thousands stays where it is. */
export function tagsBy(project: Place): (() => Promise<Tags>) | undefined {
  const { stack } = project;
  const read = readerOf(project);
  return read && (async () => tagsIn(await read([meta, ...filesOf(stack, [tagsEnd])]), stack));
}

/** Reads what there is of some files, all as of one moment where the place can do that. */
function readerOf(project: Place): ((names: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>) | undefined {
  const source = stateFolder(project);
  if (source !== undefined) return async (names) => filesIn(source, names);
  const postgres = postgresAddress(backendOf(project));
  return postgres && ((names) => readPostgres(postgres, names));
}

const book = ".pulumi";
const meta = `${book}/meta.yaml`;
/** As the engine lays the files of stacks out (pkg/backend/diy): with the project's name, or as it was before. */
const stacks = { now: `${book}/stacks/haloform`, before: `${book}/stacks` };
const unpack: { readonly [end: string]: (bytes: Buffer) => Buffer } = {
  ".json": (bytes) => bytes,
  ".json.gz": gunzipSync,
  ".json.zst": zstdDecompressSync,
};

const tagsEnd = ".pulumi-tags";

const filesOf = (stack: string, ends: readonly string[]): string[] =>
  Object.values(stacks).flatMap((folder) => ends.map((end) => `${folder}/${stack}${end}`));

/** What is there of these files, the one that was written last at the end: that is the one the engine reads. */
function filesIn(folder: string, names: readonly string[]): Map<string, Buffer> {
  const found = names.flatMap((name) => {
    try {
      return [{ name, at: statSync(join(folder, name)).mtimeMs }];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
  return new Map(found.sort((a, b) => a.at - b.at).map(({ name }) => [name, readFileSync(join(folder, name))]));
}

/** What the files of the stack begin with. */
const baseOf = (files: ReadonlyMap<string, Buffer>, stack: string): string => `${files.has(meta) ? stacks.now : stacks.before}/${stack}`;

const parsed = (bytes: Buffer): unknown => JSON.parse(String(bytes));

function tagsIn(files: ReadonlyMap<string, Buffer>, stack: string): Tags {
  const tags = files.get(`${baseOf(files, stack)}${tagsEnd}`);
  return tags ? tagsFile.parse(parsed(tags)).tags : {};
}

function keptIn(files: ReadonlyMap<string, Buffer>, stack: string): Kept {
  const base = baseOf(files, stack);
  const last = [...files.keys()].findLast((name) => name.startsWith(base) && name.slice(base.length) in unpack);
  return {
    state: once(async () => {
      const file = last === undefined ? undefined : unpack[last.slice(base.length)]?.(files.get(last) ?? Buffer.of());
      if (!file) return {};
      const { checkpoint, ...rest } = checkpointFile.parse(parsed(file));
      return { ...rest, deployment: checkpoint.latest };
    }),
    tags: tagsIn(files, stack),
  };
}

/** The same by the engine, from wherever it keeps states; it must be on PATH. */
export function keptByEngine(project: Place): Promise<Kept> {
  return reading(project, async (at) => {
    const [state, tags] = await Promise.all([engineIfThere(at, ["stack", "export"]).then(stateIn), tagsByEngine(at)]);
    return { state, tags };
  });
}

/** The same for who asks for the state alone. */
export function stateByEngine(project: Place): Promise<Exported> {
  return reading(project, async (at) => stateIn(await engineIfThere(at, ["stack", "export"]))());
}

const stateIn = (document: string | undefined): (() => Promise<Exported>) =>
  once(async () => (document === undefined ? {} : (JSON.parse(document) as Exported)));

/** Runs the engine for who only reads, in a home that goes with it. */
async function reading<T>(project: Place, work: (at: EngineAt) => Promise<T>): Promise<T> {
  const home = newRunFolder(project, "reads-");
  try {
    const place = { folder: project.folder, home, stack: project.stack };
    return await work({ cwd: workFolder(place), env: readingAt(environment(place, backendOf(project))), stack: project.stack });
  } finally {
    removeRun(home);
  }
}

/** The tags of a stack by the engine, which must be on PATH; none where there is no stack. */
export async function tagsByEngine(at: EngineAt): Promise<Tags> {
  const tags = await engineIfThere({ ...at, env: readingAt(at.env) }, ["stack", "tag", "ls", "--json"]);
  return tags === undefined ? {} : tagsSchema.parse(JSON.parse(tags));
}
