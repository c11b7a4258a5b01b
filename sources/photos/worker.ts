/** Converts one image at a time for pool.ts. What an image does to a decoder stays in here. */
import { convert } from "./convert.ts";
import { PhotoError } from "./error.ts";

/** What came of an image; errors lose their class on the way out of a worker. */
export type Converted = { photo: Uint8Array } | { problem: string };

export default async function converted({ bytes, size }: { bytes: Uint8Array; size: number }): Promise<Converted> {
  try {
    return { photo: await convert(Buffer.from(bytes), size) };
  } catch (error) {
    return { problem: error instanceof PhotoError ? error.message : "is broken; save it anew" };
  }
}
