/**
 * What was read of each type, in the run folder: a file a type, a line an object, its id in front. The provider process looks at one
 * object at a time, so it keeps where each begins, and parses the one that is asked for: what a company has is in memory once, in the
 * command line.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Live, LiveById } from "./definition.ts";

const valuesSchema = z.record(z.string(), z.json());
const [tab, newline] = [9, 10];
/** Bytes that are written, and read through, at a time. */
const block = 1 << 18;

const folderOf = (folder: string): string => join(folder, "live");
/** Types are `ad:User`; a colon is no letter of a file name everywhere. */
const fileOf = (folder: string, type: string): string => join(folderOf(folder), encodeURIComponent(type));

/** Writes them (0600). JSON has no tab and no end of line of its own, so these can stand between. */
export function writeLive(folder: string, live: { readonly [type: string]: readonly Live[] }): void {
  // Whoever still reads those of before has them open.
  rmSync(folderOf(folder), { recursive: true, force: true });
  mkdirSync(folderOf(folder), { recursive: true, mode: 0o700 });
  for (const [type, all] of Object.entries(live)) {
    const file = openSync(fileOf(folder, type), "wx", 0o600);
    try {
      let text = "";
      for (const { id, values } of all) {
        text += `${JSON.stringify(id)}\t${JSON.stringify(values)}\n`;
        if (text.length < block) continue;
        writeAll(file, text);
        text = "";
      }
      writeAll(file, text);
    } finally {
      closeSync(file);
    }
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** What a run has read of a type. */
export interface LiveFile extends LiveById {
  all(): Live[];
}

/** The types that were read, of which nothing is open while nobody asks. */
export function liveIn(folder: string): { readonly [type: string]: LiveFile } {
  const types = readdirSync(folderOf(folder)).map(decodeURIComponent);
  return Object.fromEntries(types.map((type) => [type, new Indexed(fileOf(folder, type))]));
}

/** Where a line is. */
interface Place {
  at: number;
  length: number;
}

class Indexed implements LiveFile {
  readonly #path: string;
  #places: Map<string, Place> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  has(id: string): boolean {
    return this.#index().has(id);
  }

  get(id: string): Live | undefined {
    const place = this.#index().get(id);
    return place && this.#opened((file) => lineAt(file, place, id));
  }

  all(): Live[] {
    const places = [...this.#index()];
    return this.#opened((file) => places.map(([id, place]) => lineAt(file, place, id)));
  }

  #index(): Map<string, Place> {
    this.#places ??= this.#opened(placesIn);
    return this.#places;
  }

  #opened<T>(work: (file: number) => T): T {
    const file = openSync(this.#path, "r");
    try {
      return work(file);
    } finally {
      closeSync(file);
    }
  }
}

function lineAt(file: number, { at, length }: Place, id: string): Live {
  const bytes = Buffer.allocUnsafe(length);
  for (let read = 0; read < length; ) {
    const more = readSync(file, bytes, read, length - read, at + read);
    if (more === 0) break;
    read += more;
  }
  const end = bytes.indexOf(tab);
  // Under the stock CLI a program that begins anew writes its own into the same folder.
  if (end === -1 || idIn(bytes.subarray(0, end)) !== id)
    throw new Error(`What the run has read of ${id} is no longer there; run it again.`);
  return { id, values: valuesSchema.parse(JSON.parse(bytes.subarray(end + 1).toString("utf8"))) as Live["values"] };
}

const idIn = (bytes: Buffer): string => z.string().parse(JSON.parse(bytes.toString("utf8")));

/** By one walk through the file, of which only ids are kept. */
function placesIn(file: number): Map<string, Place> {
  const places = new Map<string, Place>();
  const chunk = Buffer.allocUnsafe(block);
  let id: string | undefined;
  /** What a block before this one has of an id. */
  let begun = Buffer.alloc(0);
  let start = 0;
  for (let position = 0; ; ) {
    const length = readSync(file, chunk, 0, block, position);
    if (length === 0) return places;
    for (let at = 0; at < length; ) {
      const found = chunk.subarray(0, length).indexOf(id === undefined ? tab : newline, at);
      const end = found === -1 ? length : found;
      if (id === undefined) begun = Buffer.concat([begun, chunk.subarray(at, end)]);
      if (found !== -1 && id === undefined) id = idIn(begun);
      else if (found !== -1 && id !== undefined) {
        places.set(id, { at: start, length: position + end - start });
        id = undefined;
        begun = Buffer.alloc(0);
        start = position + end + 1;
      }
      at = end + 1;
    }
    position += length;
  }
}
