/**
 * Moves of home folders. Within a file system a rename. Elsewhere: copied beside the new place, every file checked, the old
 * folder put aside (so that nobody goes on working in it), looked at once more, the copy renamed into place, and only then
 * the old one removed. Each step is in the register before the next begins, so that a run that was killed is continued.
 */
import { chmod, chown, lstat, rename, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RefusedError } from "../../base/errors.ts";
import { type FilesClient, rootOf } from "./client.ts";
import { below, codeOf, kindOf, own, refusal, settleFolder } from "./paths.ts";
import type { Entry, Spot } from "./register.ts";
import { copyTree, scan } from "./tree.ts";

/** How often a folder that changes while it is copied is looked at again. */
const rounds = 3;

/** Where the parts of a move are. */
interface Ways {
  from: string;
  to: string;
  /** The copy, beside the new place: on its file system. */
  part: string;
  /** The old folder, put aside. */
  old: string;
}

async function waysOf(client: FilesClient, entry: Entry, to: Spot, make: boolean): Promise<Ways> {
  const from = await below(rootOf(client, entry.place), entry.path);
  const target = await below(rootOf(client, to.place), to.path, make);
  return { from, to: target, part: join(dirname(target), `${own}-${entry.id}.part`), old: join(dirname(from), `${own}-${entry.id}.old`) };
}

const spotOf = ({ place, path }: Spot): Spot => ({ place, path });

/** What is left of a move that was cut off: whether anything is, and where the folder can be found meanwhile. */
export async function interrupted(client: FilesClient, entry: Entry): Promise<{ at: Spot; unfinished: boolean } | undefined> {
  const { moving } = entry;
  const from = await below(rootOf(client, entry.place), entry.path);
  if (!moving) return (await kindOf(from)) === "folder" ? { at: spotOf(entry), unfinished: false } : undefined;
  const ways = await waysOf(client, entry, moving.to, false);
  const [source, target, part, old] = await Promise.all([kindOf(ways.from), kindOf(ways.to), kindOf(ways.part), kindOf(ways.old)]);
  if (old === "folder") return { at: spotOf(entry), unfinished: true };
  if (moving.step === "placed") return target === "folder" ? { at: spotOf(moving.to), unfinished: false } : undefined;
  if (source === "folder") return { at: spotOf(entry), unfinished: part === "folder" };
  // Renamed, and killed before it was written down.
  return target === "folder" ? { at: spotOf(moving.to), unfinished: false } : undefined;
}

/**
 * Called before a folder is put at a place where nothing is: whoever is written there is gone, or on the way to elsewhere by a run
 * that was killed, whose move is finished first. Else the new folder would be taken for the old one.
 */
export async function clear(client: FilesClient, id: string, spot: Spot): Promise<void> {
  for (const other of client.register().entries.values()) {
    if (other.id === id || !isDeepStrictEqual(spotOf(other), spotOf(spot))) continue;
    const found = await interrupted(client, other);
    if (found === undefined) client.register().remove(other.id);
    else await resume(client, other);
  }
}

/** Brings a folder to `to`, whatever an earlier run left half done. Returns the new entry. */
export async function move(client: FilesClient, given: Entry, to: Spot): Promise<Entry> {
  const object = `${given.place}/${given.path} to ${to.place}/${to.path}`;
  try {
    const entry = await resume(client, given, to);
    if (isDeepStrictEqual(spotOf(entry), spotOf(to))) return entry;
    const ways = await waysOf(client, entry, to, true);
    await refuseTaken(ways, `${to.place}/${to.path}`);
    await clear(client, entry.id, to);
    client.register().write({ ...entry, moving: { to: spotOf(to), step: "copying" } });
    client.onStep("begun");
    if (await renamed(ways)) {
      client.onStep("renamed");
      return finish(client, entry, to);
    }
    return await carry(client, entry, to, ways);
  } catch (error) {
    throw refusal("move", object, error);
  }
}

/** Never over something that is there, unless it is the same folder (another case of its name). */
async function refuseTaken(ways: Ways, called: string): Promise<void> {
  if ((await kindOf(ways.to)) === "nothing") return;
  const [one, other] = await Promise.all([lstat(ways.from).catch(() => undefined), lstat(ways.to)]);
  if (one && one.ino === other.ino && one.dev === other.dev) return;
  throw new RefusedError(
    `Could not move to ${called}: something else is there already; move it away, or change path in mappings/files.yaml.`,
    "taken",
  );
}

async function renamed(ways: Ways): Promise<boolean> {
  try {
    await rename(ways.from, ways.to);
  } catch (error) {
    if (codeOf(error) === "EXDEV") return false;
    throw error;
  }
  await Promise.all([settleFolder(dirname(ways.from)), settleFolder(dirname(ways.to))]);
  return true;
}

function finish(client: FilesClient, { moving: _moving, ...entry }: Entry, to: Spot): Entry {
  const done: Entry = { ...entry, ...spotOf(to) };
  client.register().write(done);
  return done;
}

/** Continues what was cut off, as far as it still leads to `to` (absent: as far as it was begun); else puts it back in order. */
export async function resume(client: FilesClient, entry: Entry, to?: Spot): Promise<Entry> {
  const { moving } = entry;
  if (!moving) return entry;
  const ways = await waysOf(client, entry, moving.to, true);
  const [source, target, part, old] = await Promise.all([kindOf(ways.from), kindOf(ways.to), kindOf(ways.part), kindOf(ways.old)]);
  // As long as there is a copy beside it, or the folder where it was, what lies at the new place is somebody else's.
  const placed = moving.step === "taken" && target === "folder" && part !== "folder" && source !== "folder";
  if (moving.step === "placed" || placed) {
    await discard(ways.old);
    return finish(client, entry, moving.to);
  }
  if (old === "folder") return place(client, entry, moving.to, ways);
  if (source !== "folder" && target === "folder") return finish(client, entry, moving.to);
  if (isDeepStrictEqual(moving.to, spotOf(to ?? moving.to))) return entry;
  await rm(ways.part, { recursive: true, force: true });
  return finish(client, entry, entry);
}

async function carry(client: FilesClient, entry: Entry, to: Spot, ways: Ways): Promise<Entry> {
  const { part } = ways;
  try {
    await room(ways);
    for (let round = 1; ; round++) {
      const before = await scan(ways.from);
      await copyTree(ways.from, part, client.tree);
      client.onStep("copied");
      if (isDeepStrictEqual((await scan(ways.from)).manifest, before.manifest)) break;
      if (round === rounds)
        throw new RefusedError(
          `Could not move ${entry.path}: files in it change while they are copied; run it again when the person is logged off.`,
          "busy",
        );
    }
  } catch (error) {
    // A full disk must not stay full of a copy that is of no use.
    if (["ENOSPC", "EDQUOT"].includes(codeOf(error)) || (error instanceof RefusedError && error.code === "ENOSPC")) {
      await rm(part, { recursive: true, force: true });
      finish(client, entry, entry);
    }
    throw error;
  }
  client.register().write({ ...entry, moving: { to: spotOf(to), step: "taken" } });
  await rename(ways.from, ways.old);
  await settleFolder(dirname(ways.from));
  client.onStep("taken");
  return place(client, entry, to, ways);
}

/** From the folder put aside to the new place: what was written in the last moment comes along. */
async function place(client: FilesClient, entry: Entry, to: Spot, ways: Ways): Promise<Entry> {
  await copyTree(ways.old, ways.part, client.tree);
  await refuseTaken(ways, `${to.place}/${to.path}`);
  await rename(ways.part, ways.to);
  await settleFolder(dirname(ways.to));
  client.onStep("placed");
  client.register().write({ ...entry, moving: { to: spotOf(to), step: "placed" } });
  await discard(ways.old, () => client.onStep("removing"));
  return finish(client, entry, to);
}

/** Removes a folder for good. First nobody but us may enter it: a link put into it meanwhile would lead elsewhere. */
export async function discard(path: string, before: () => void = () => undefined): Promise<void> {
  if ((await kindOf(path)) !== "folder") return;
  if (process.getuid?.() === 0) await chown(path, 0, 0);
  await chmod(path, 0o700).catch(() => undefined);
  before();
  await rm(path, { recursive: true, force: true });
  await settleFolder(dirname(path));
}

/** Refuses a copy that cannot fit, before the disk is full for everybody. */
async function room(ways: Ways): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(ways.part));
  const { bytes } = await scan(ways.from);
  const there = (await kindOf(ways.part)) === "folder" ? (await scan(ways.part)).bytes : 0;
  const need = bytes - there;
  // Some shares do not say how much is free.
  if (bavail === 0 && need > 0 && bsize === 0) return;
  if (need > bavail * bsize)
    throw new RefusedError(
      `Could not copy ${ways.from} to ${dirname(ways.to)}: the disk is full (${megabytes(need)} needed, ${megabytes(bavail * bsize)} free); nothing was changed; make room, and the next run does it.`,
      "ENOSPC",
    );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
