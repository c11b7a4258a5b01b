/** The mapping files of a stack as read: those of its own folder, over the common ones where it has them. */
import { join } from "node:path";
import type { MappingFile } from "../define.ts";
import type { Mistake, ReadFile, WrittenFile } from "../text/read.ts";
import { checkWritten, readBytes, readWritten } from "../text/read.ts";
import { merged, without } from "./merge.ts";
import { wordsOf } from "./words.ts";

/** A folder of mapping files; `label`: how it is called in errors and reasons. */
export interface Folder {
  dir: string;
  label: string;
}

/** One file of the registry as it counts. */
export interface Counted {
  file: MappingFile;
  /** Absent: it is as if there were no such file. */
  read?: ReadFile<unknown>;
  /** What it was made from, for the digest. */
  bytes: { name: string; bytes: Uint8Array }[];
  /** Of a client's file over a common one: what is written in that one, and what the client says of it. */
  client?: { common: unknown; own: WrittenFile; looser?: string };
}

/** Reads one file; undefined: neither folder has it. */
export async function readCounted(file: MappingFile, own: Folder, common: Folder | undefined): Promise<Counted | undefined> {
  const name = `${file.name}.yaml`;
  const [here, there] = [await readIn(own, name), common && (await readIn(common, name, common.label))];
  const bytes = [here && { name: file.name, bytes: here.bytes }, there && { name: `common/${file.name}`, bytes: there.bytes }].filter(
    (one) => one !== undefined,
  );
  const counted = (read: ReadFile<unknown>, client?: Counted["client"]): Counted => ({ file, bytes, read, ...(client ? { client } : {}) });
  const broken = [here, there].flatMap((one) => one?.mistakes ?? []);
  if (broken.length > 0) return counted(unusable(broken));
  const advice = "means" in file.whenMissing ? `; take the file away if ${file.whenMissing.means}` : "";
  if (!here) return there && counted(checkWritten(there, file.schema, advice));
  const called = there && `${common?.label}/${name}`;
  const { words, rest, mistakes } = wordsOf(here, called);
  if (mistakes.length > 0) return counted(unusable(mistakes));
  if (!there || called === undefined) return counted(checkWritten(rest, file.schema, advice));
  const client = { common: there.data, own: here, ...(words.looser === undefined ? {} : { looser: words.looser }) };
  if (words.common === "none") return { file, bytes, client };
  if (words.common === "replace") return counted(checkWritten(rest, file.schema, advice), client);
  const left = without(there, words.without ?? {}, here, called);
  if (left.mistakes.length > 0) return counted(unusable(left.mistakes));
  return counted(checkWritten(merged(file.schema, left, rest, file.client?.sums), file.schema, advice), client);
}

/** Of which nothing can be made. */
const unusable = (mistakes: Mistake[]): ReadFile<unknown> => ({
  written: undefined,
  mistakes,
  tainted: [],
  place: () => ({ line: 1, column: 1 }),
});

/** A file as written; `label`: its places say in which folder they are. */
async function readIn({ dir }: Folder, name: string, label?: string) {
  const bytes = await readBytes(join(dir, name));
  if (bytes === undefined) return undefined;
  const { data, place, mistakes } =
    typeof bytes === "string" ? { data: undefined, ...unusable([{ line: 1, column: 1, text: bytes }]) } : readWritten(bytes);
  const said = label === undefined ? {} : { in: label };
  const labelled: WrittenFile["place"] = (path, what) => ({ ...place(path, what), ...said });
  return {
    bytes: typeof bytes === "string" ? new Uint8Array() : bytes,
    data,
    place: labelled,
    mistakes: mistakes.map((one) => ({ ...one, ...said })),
  };
}
