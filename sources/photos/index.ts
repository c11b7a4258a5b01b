/** Photos of people: read, compared with what AD has, and converted where they differ. */
import pLimit from "p-limit";
import { sumOf } from "../../base/sum.ts";
import { PhotoError } from "./error.ts";
import { makePool } from "./pool.ts";
import { type PhotoSource, type Readers, readImage } from "./read.ts";

export type { PhotoSource } from "./read.ts";

/** A photo the middle asks for. */
export interface PhotoRequest {
  key: string;
  source: PhotoSource;
  /** Pixels. */
  size: number;
  /** What the last run made of which image, and what AD holds now: what is known is not made again. */
  known: { source: string; size: number; photo: string } | undefined;
  live: string;
}

/** What became of a request. `problem` is the end of a sentence that begins "the photo". */
export type PhotoFound = { source: string; photo: string } | { missing: true } | { problem: string };

/** Images read at the same time. */
const abreast = 8;

/** Reads all photos. `bytes`: those that AD does not hold yet, by their digest. Never throws because of an image. */
export async function readPhotos(
  requests: readonly PhotoRequest[],
  readers: Readers,
): Promise<{ found: ReadonlyMap<string, PhotoFound>; bytes: ReadonlyMap<string, Uint8Array> }> {
  const found = new Map<string, PhotoFound>();
  const bytes = new Map<string, Uint8Array>();
  const pool = makePool();
  const photoOf = async ({ source, size, known, live }: PhotoRequest): Promise<PhotoFound> => {
    const image = await readImage(source, readers);
    if (image === undefined) return { missing: true };
    const sum = sumOf(image);
    if (known && known.source === sum && known.size === size && known.photo !== "" && known.photo === live)
      return { source: sum, photo: live };
    const photo = await pool.convert(image, size);
    const made = sumOf(photo);
    if (made !== live) bytes.set(made, photo);
    return { source: sum, photo: made };
  };
  const read = async (request: PhotoRequest): Promise<void> => {
    try {
      found.set(request.key, await photoOf(request));
    } catch (error) {
      if (!(error instanceof PhotoError)) throw error;
      found.set(request.key, { problem: error.message });
    }
  };
  const limit = pLimit(abreast);
  try {
    await Promise.all(requests.map((request) => limit(read, request)));
  } finally {
    await pool.close();
  }
  return { found, bytes };
}
