/** Images for tests, made of nothing but numbers. */
import { createJimp } from "@jimp/core";
import jpeg from "@jimp/js-jpeg";
import png from "@jimp/js-png";

const Image = createJimp({ formats: [jpeg, png] });

/** A picture whose corners differ, so that turning it shows: red top left, green top right, blue below. */
export async function picture(kind: "jpeg" | "png", width = 320, height = 240, shade = 0): Promise<Buffer> {
  const image = new Image({ width, height, color: 0x000000ff });
  const { data } = image.bitmap;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const [red, green, blue] = y >= height / 2 ? [shade, 0, 255] : x < width / 2 ? [255, shade, 0] : [0, 255, shade];
      data.set([red ?? 0, green ?? 0, blue ?? 0, 255], at);
    }
  return Buffer.from(kind === "jpeg" ? await image.getBuffer("image/jpeg", { quality: 90 }) : await image.getBuffer("image/png"));
}

/** The colour in the middle of a quarter of a JPEG: `[right, below]`, each 0 or 1. */
export async function colour(photo: Buffer, right: 0 | 1, below: 0 | 1): Promise<number[]> {
  const { bitmap } = await Image.fromBuffer(photo);
  const x = Math.floor(bitmap.width * (0.25 + right / 2));
  const y = Math.floor(bitmap.height * (0.25 + below / 2));
  return [...bitmap.data.subarray((y * bitmap.width + x) * 4, (y * bitmap.width + x) * 4 + 3)];
}

/** The same JPEG with an EXIF part that says how the camera was held, and where. */
export function withExif(photo: Buffer, orientation: number, place: string): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write("MM");
  tiff.writeUInt16BE(42, 2);
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from("Exif\0\0"), tiff, Buffer.from(place)]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([photo.subarray(0, 2), head, body, photo.subarray(2)]);
}
