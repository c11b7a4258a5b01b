/**
 * What an image file says of itself, read before anything is unpacked: a file of a few kilobytes may unpack to gigabytes.
 * JPEG (ITU T.81) and PNG (RFC 2083) only.
 */
import { inflateSync } from "node:zlib";
import { PhotoError } from "./error.ts";

/** More pixels than any camera for portraits has; 100 MB unpacked. */
export const mostPixels = 25_000_000;

export interface Header {
  kind: "jpeg" | "png";
  width: number;
  height: number;
}

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Kind and size of an image. Throws PhotoError for what is neither, is broken or is too large. */
export function headerOf(bytes: Buffer): Header {
  const header = bytes.subarray(0, 8).equals(png)
    ? pngHeader(bytes)
    : bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8
      ? jpegHeader(bytes)
      : undefined;
  if (header === undefined) throw new PhotoError("is neither JPEG nor PNG; save it as one of them");
  if (header.width === 0 || header.height === 0) throw new PhotoError("is broken (it says that it is empty); save it anew");
  if (header.width * header.height > mostPixels)
    throw new PhotoError(
      `is too large (${header.width} × ${header.height} pixels, ${mostPixels / 1e6} million are allowed); make it smaller`,
    );
  return header;
}

function pngHeader(bytes: Buffer): Header {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR") throw new PhotoError("is a broken PNG; save it anew");
  const header: Header = { kind: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  const interlaced = bytes[28] === 1;
  // The library bounds what it unpacks of a plain PNG, but not of an interlaced one.
  if (interlaced && header.width * header.height <= mostPixels) checkInterlaced(bytes, header);
  return header;
}

function checkInterlaced(bytes: Buffer, { width, height }: Header): void {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  try {
    // Eight bytes a pixel at most, and a byte for each row of each of the seven passes.
    inflateSync(Buffer.concat(parts), { maxOutputLength: width * height * 8 + 7 * height + 1024 });
  } catch (error) {
    throw new PhotoError("is a PNG whose data is broken or far larger than it says; save it anew", { cause: error });
  }
}

function jpegHeader(bytes: Buffer): Header {
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes, and markers without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    // Start of frame, of every kind but the tables and arithmetic conditioning that share its range.
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { kind: "jpeg", width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw new PhotoError("is a broken JPEG; save it anew");
}
