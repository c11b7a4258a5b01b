/** Reads the image of one person: from a folder, from an address, or from Halo. */
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import ky, { HTTPError } from "ky";
import { oneLine } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { PhotoError } from "./error.ts";

/** Where a person's image is: worked out by the pure middle from the mapping and the record. */
export type PhotoSource =
  | { kind: "file"; folder: string; name: string }
  | { kind: "url"; url: string; hosts: readonly string[] }
  | { kind: "halo"; id: string };

/** Bytes of the largest image that is read. */
export const mostBytes = 10 * 1024 * 1024;

export interface Readers {
  /** Folder against which a relative folder of the mapping is meant. */
  project: string;
  /** Asked for only where a photo is in Halo. */
  halo: () => Promise<Pick<HaloClient, "get">>;
}

/** The image, or undefined where there is none. Throws PhotoError for one that cannot be read. */
export async function readImage(source: PhotoSource, readers: Readers): Promise<Buffer | undefined> {
  if (source.kind === "file") return fromFolder(resolve(readers.project, source.folder), source.name);
  if (source.kind === "url") return fromAddress(source.url, source.hosts);
  return fromHalo(readers.halo, source.id);
}

async function fromFolder(folder: string, name: string): Promise<Buffer | undefined> {
  if (name === "" || name === "." || name === ".." || /[/\\\0]/u.test(name))
    throw new PhotoError("has a name that leads out of its folder; correct name in mappings/ad.yaml");
  const base = await realpath(folder).catch(() => {
    throw new PhotoError(`is in ${folder}, which is not there; correct folder in mappings/ad.yaml`);
  });
  const file = join(base, name);
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return undefined;
  if (!real.startsWith(base + sep)) throw new PhotoError("is a link that leads out of its folder; put the file itself there");
  const handle = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch((error: Error) => {
    throw new PhotoError(`cannot be read (${oneLine(error.message)}); look at its rights`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new PhotoError("is no file; put an image there");
    if (stat.size > mostBytes) throw tooLarge();
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const tooLarge = (): PhotoError => new PhotoError(`is larger than ${mostBytes / 1024 / 1024} MB; make it smaller`);

async function fromAddress(address: string, hosts: readonly string[]): Promise<Buffer | undefined> {
  if (address === "") return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "")
    throw new PhotoError("has no https:// address; correct url in mappings/ad.yaml");
  if (!hosts.includes(url.host))
    throw new PhotoError(`is on ${url.host}, which hosts of mappings/ad.yaml does not name; add it, or correct the record`);
  try {
    const answer = await ky.get(url, {
      redirect: "manual",
      timeout: 20_000,
      retry: { limit: 2 },
      throwHttpErrors: true,
      credentials: "omit",
      headers: { accept: "image/jpeg, image/png" },
    });
    return await limited(answer);
  } catch (error) {
    if (error instanceof PhotoError) throw error;
    if (error instanceof HTTPError && (error.response.status === 404 || error.response.status === 410)) return undefined;
    if (error instanceof HTTPError && error.response.status < 400)
      throw new PhotoError(`leads elsewhere (HTTP ${error.response.status}); give the address itself in url of mappings/ad.yaml`);
    const why = error instanceof HTTPError ? `HTTP ${error.response.status}` : oneLine((error as Error).message);
    throw new PhotoError(`cannot be fetched from ${url.host} (${why}); look at that server`);
  }
}

async function limited(answer: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > mostBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** `imagedata` of /Users/{id}: base64, with or without the head of a data: address. */
async function fromHalo(halo: Readers["halo"], id: string): Promise<Buffer | undefined> {
  const client = await halo();
  const row = await client.get("Users", id, { includedetails: true }).catch((error: Error) => {
    throw new PhotoError(`cannot be read from Halo (${oneLine(error.message)}); try again, or save it anew there`);
  });
  const text = row?.["imagedata"];
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const base64 = text.trim().replace(/^data:[^,]*;base64,/iu, "");
  if (base64.length > mostBytes * 1.4) throw tooLarge();
  if (!/^[A-Za-z0-9+/=\s]*$/u.test(base64)) throw new PhotoError("is no base64 in Halo's imagedata; put the image into Halo anew");
  return Buffer.from(base64, "base64");
}
