/** Mapping folders for tests: a small right one, with files replaced. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMappings } from "../../../mappings/load.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { MappingError } from "../../../mappings/text/errors.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../sources/halo/fields.ts";

export const knownFields = [...LIST_FIELDS, ...DETAIL_FIELDS];

export type Files = { [name: string]: string | Uint8Array | undefined };

const PEOPLE = `people:
  source: halo.users
  login: { is: "{{ firstname }}" }
`;

/** Runs `use` on a folder with people.yaml and `files` (name without .yaml; undefined = not there). */
export async function inFolder<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "haloform-mappings-"));
  try {
    for (const [name, text] of Object.entries({ people: PEOPLE, ...files })) {
      if (text !== undefined) await writeFile(join(dir, name.includes(".") ? name : `${name}.yaml`), text);
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export function load(files: Files): Promise<Mappings> {
  return inFolder(files, (dir) => loadMappings(dir, { knownFields, label: "mappings" }));
}

/** The lines of the error that loading gives; none when it works. */
export async function mistakes(files: Files): Promise<readonly string[]> {
  return inFolder(files, mistakesIn);
}

export async function mistakesIn(dir: string): Promise<readonly string[]> {
  try {
    await loadMappings(dir, { knownFields, label: "mappings" });
    return [];
  } catch (error) {
    if (error instanceof MappingError) return error.lines;
    throw error;
  }
}
