/**
 * What commands that change nothing work on: a copy of the stack's state in a private folder of their own. The place of the
 * state is only read, so that a right to read is enough: no stack is made there, no metadata, no lock, no tag
 * (docs/decisions/0102).
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Home } from "../../base/home.ts";
import { writePrivate } from "../../base/private-file.ts";
import { removeRun } from "../../providers/core/run.ts";
import { type PostgresAddress, postgresAddress } from "./backend.ts";
import { backendOf, environment, readingAt, stateFolder, workFolder } from "./environment.ts";
import { readPostgres } from "./postgres.ts";
import type { Project } from "./project.ts";
import { newRunFolder } from "./run-folder.ts";
import { engine } from "./state.ts";

/** Where the copy is: a home of its own, with the state where a home has it. */
export interface Copy {
  folder: string;
  home: string;
  stack: string;
  backend: string;
}

/** A state as the engine exports it, as far as it is told from the checkpoint that a backend keeps. */
const exportSchema = z.looseObject({ version: z.number().int(), features: z.array(z.string()).optional(), deployment: z.unknown() });
const tagsSchema = z.record(z.string(), z.string());

/**
 * Copies what there is of the stack; nothing where there is none (a first run). The engine must be on PATH. The copy is gone with
 * this process, or swept up by the next run. Throws with the engine's words where the state cannot be read.
 */
export async function copyStack(project: Pick<Project, "folder" | "home" | "stack">): Promise<Copy> {
  const home = newRunFolder(project, "copy-");
  process.once("exit", () => removeRun(home));
  const state = join(home, "state");
  const copy = { folder: project.folder, home, stack: project.stack, backend: `file://${state}` };
  const source = stateFolder(project);
  const postgres = postgresAddress(backendOf(project));
  if (source !== undefined) copyFiles(source, state, project.stack);
  else if (postgres) await fetchFiles(postgres, state, project.stack);
  else await exported(project, copy, state);
  return copy;
}

const book = ".pulumi";
const stacks = `${book}/stacks/haloform`;

const ends = [".json", ".json.gz", ".json.zst", ".pulumi-tags"];

/** The files of a stack, as the engine lays them out (pkg/backend/diy): with its project's name, or as it was before. The first has the state. */
export const stackFiles = (stack: string): string[] =>
  [stacks, `${book}/stacks`].flatMap((folder) => ends.map((end) => `${folder}/${stack}${end}`));

const filesOf = (stack: string): string[] => [`${book}/meta.yaml`, ...stackFiles(stack)];

function copyFiles(from: string, to: string, stack: string): void {
  mkdirSync(join(to, stacks), { recursive: true, mode: 0o700 });
  for (const file of filesOf(stack)) {
    try {
      copyFileSync(join(from, file), join(to, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

async function fetchFiles(from: PostgresAddress, to: string, stack: string): Promise<void> {
  for (const [file, bytes] of await readPostgres(from, filesOf(stack))) {
    mkdirSync(dirname(join(to, file)), { recursive: true, mode: 0o700 });
    writeFileSync(join(to, file), bytes, { mode: 0o600 });
  }
}

/** By the engine, from wherever it keeps states. */
async function exported(project: Home, copy: Copy, state: string): Promise<void> {
  const at = { cwd: workFolder(copy), env: readingAt(environment(copy, backendOf(project))), stack: project.stack };
  const [document, tags] = await Promise.all(
    [
      ["stack", "export"],
      ["stack", "tag", "ls", "--json"],
    ].map((args) =>
      engine(at, args).catch((error: unknown) => {
        if (/no stack named/u.test(String(error))) return undefined;
        throw error;
      }),
    ),
  );
  if (document === undefined) return;
  const { version, features, deployment } = exportSchema.parse(JSON.parse(document));
  const checkpoint = { stack: `organization/haloform/${project.stack}`, latest: deployment };
  const kept = { version, ...(features ? { features } : {}), checkpoint };
  writePrivate(join(state, book, "meta.yaml"), "version: 1\n");
  writePrivate(join(state, stacks, `${project.stack}.json`), JSON.stringify(kept));
  if (tags !== undefined)
    writePrivate(
      join(state, stacks, `${project.stack}.pulumi-tags`),
      JSON.stringify({ version: 1, tags: tagsSchema.parse(JSON.parse(tags)) }),
    );
}
