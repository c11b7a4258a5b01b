/** An image as AD takes it: square, small, JPEG, without anything but pixels. Runs in a worker (pool.ts). */
import { createJimp } from "@jimp/core";
import jpeg from "@jimp/js-jpeg";
import png from "@jimp/js-png";
import { methods as cover } from "@jimp/plugin-cover";
import { PhotoError } from "./error.ts";
import { headerOf } from "./header.ts";

/** AD's limit for thumbnailPhoto, in bytes. */
const largest = 102_400;
/** JPEG qualities tried in this order until the photo is small enough. */
const qualities = [85, 75, 60, 45, 30, 15];

const Image = createJimp({ formats: [jpeg, png], plugins: [cover] });

/**
 * The middle of the image, `size` × `size`, turned as the camera was held, on white. The same bytes for the same image,
 * always. Throws PhotoError for images that cannot be read.
 */
export async function convert(bytes: Buffer, size: number): Promise<Buffer> {
  headerOf(bytes);
  const image = await Image.fromBuffer(bytes, {
    "image/jpeg": { maxMemoryUsageInMB: 1024, tolerantDecoding: false },
    "image/png": {},
  }).catch((error: unknown) => {
    throw new PhotoError("is broken; save it anew", { cause: error });
  });
  image.cover({ w: size, h: size });
  const { width, height, data } = image.bitmap;
  // A new image of the pixels alone: what else the file held (EXIF with places and times) stays behind.
  const clean = new Image({ width, height, data: onWhite(Buffer.from(data)) });
  for (const quality of qualities) {
    const photo = await clean.getBuffer("image/jpeg", { quality });
    if (photo.length <= largest) return Buffer.from(photo);
  }
  throw new PhotoError(`does not get below ${largest / 1024} KB at ${size} pixels; lower size in mappings/ad.yaml`);
}

/** JPEG knows no transparency, and black would show through. */
function onWhite(data: Buffer): Buffer {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = (data[at + 3] ?? 255) / 255;
    for (let colour = 0; colour < 3; colour++) data[at + colour] = Math.round((data[at + colour] ?? 0) * alpha + 255 * (1 - alpha));
    data[at + 3] = 255;
  }
  return data;
}
