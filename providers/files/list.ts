/** The bulk read of home folders: what is registered and there, and what could be a home. Contents of folders are never read. */

import { createHash } from "node:crypto";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { chunks } from "../../base/chunks.ts";
import type { Live } from "../core/definition.ts";
import { type FilesClient, rootOf } from "./client.ts";
import { interrupted } from "./move.ts";
import { below, isName, refusal } from "./paths.ts";
import type { Entry, Spot } from "./register.ts";

/** What `Live.values` of a home folder holds. */
export const values = z.object({
  /** "" where nobody is registered for it. */
  person: z.string(),
  place: z.enum(["homes", "archive"]),
  path: z.string(),
  owner: z.number(),
  group: z.number(),
  rights: z.string(),
  acl: z.array(z.string()),
  unfinished: z.boolean(),
});

/** Questions to the file server at the same time. */
const abreast = 32;

async function liveOf(
  client: FilesClient,
  spot: Spot,
  entry: Pick<Entry, "id" | "person" | "acl"> | undefined,
  unfinished: boolean,
): Promise<Live | undefined> {
  const path = await below(rootOf(client, spot.place), spot.path);
  const stat = await lstat(path).catch(() => undefined);
  if (!unfinished && !stat?.isDirectory()) return undefined;
  return {
    id: entry?.id ?? natural(spot, `${stat?.dev} ${stat?.ino}`),
    values: {
      person: entry?.person ?? "",
      ...spot,
      owner: stat?.uid ?? 0,
      group: stat?.gid ?? 0,
      rights: `0${((stat?.mode ?? 0) & 0o777).toString(8).padStart(3, "0")}`,
      acl: entry?.acl ?? [],
      unfinished,
    },
  };
}

/** The id of a folder nobody has registered yet: the same in both processes of a run. */
function natural(spot: Spot, inode: string): string {
  return `found-${createHash("sha256").update(`${spot.place} ${spot.path} ${inode}`).digest("hex").slice(0, 24)}`;
}

/**
 * Every registered folder that is there, and the folders nobody is registered for that could be a home: those as deep below
 * the homes as the mapping's paths (`depths`). Folders' own contents are never read.
 */
export async function list(client: FilesClient, depths: ReadonlySet<number>): Promise<Live[]> {
  const register = client.register(true);
  const found: Live[] = [];
  const occupied = new Set<string>();
  const registered = async (entry: Entry): Promise<void> => {
    const there = await interrupted(client, entry);
    if (!there) return;
    occupied.add(`${there.at.place}/${there.at.path}`);
    if (entry.moving) occupied.add(`${entry.moving.to.place}/${entry.moving.to.path}`);
    const live = await liveOf(client, there.at, entry, there.unfinished);
    if (live) found.push(live);
  };
  const entries = [...register.entries.values()].filter((entry) => entry.place !== "archive" || client.archive !== undefined);
  for (const some of chunks(entries, abreast)) await Promise.all(some.map(registered));
  const deepest = Math.max(0, ...depths);
  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    for (const one of await readdir(folder, { withFileTypes: true })) {
      if (!one.isDirectory() || !isName(one.name)) continue;
      const path = `${prefix}${one.name}`;
      if (occupied.has(`homes/${path}`)) continue;
      const live = depths.has(depth) ? await liveOf(client, { place: "homes", path }, undefined, false) : undefined;
      if (live) found.push(live);
      if (depth < deepest) await visit(join(folder, one.name), `${path}/`, depth + 1);
    }
  };
  if (deepest > 0) await visit(client.homes, "", 1).catch((error: unknown) => Promise.reject(refusal("read", client.homes, error)));
  return found;
}
