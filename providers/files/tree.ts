/**
 * Copies a tree so that what is copied can be believed: each file is read, written through to the disk, read again and
 * compared by SHA-256. What an earlier try has copied already is kept. Links are copied as links and never followed, even
 * if somebody puts one there meanwhile; what is neither file, folder nor link is refused.
 */
import { createHash } from "node:crypto";
import { constants, existsSync, type Stats } from "node:fs";
import { chmod, chown, type FileHandle, lchown, lstat, mkdir, open, readdir, readlink, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { RefusedError } from "../../base/errors.ts";
import { codeOf, fileOnly, folderOnly, settleFolder } from "./paths.ts";

const maySetOwner = process.getuid?.() === 0;
/** A folder that is held open is reached by its descriptor: nobody can put a link in its place. Linux only. */
const descriptors = "/proc/self/fd";
const byDescriptor = existsSync(descriptors);

/** What a tree holds: relative path → what would differ if somebody changed it. */
export type Manifest = ReadonlyMap<string, string>;

export interface TreeOptions {
  /** Called before each file is copied; tests let it fail there. */
  onFile?: (path: string) => void;
}

async function inFolder<T>(path: string, work: (base: string, stat: Stats) => Promise<T>): Promise<T> {
  await using handle = await open(path, folderOnly);
  return await work(byDescriptor ? `${descriptors}/${handle.fd}` : path, await handle.stat());
}

/** A sign of what a file is: kind, size, time of change. Access times and the like do not matter. */
function sign(stat: Stats): string {
  return stat.isDirectory() ? "folder" : stat.isFile() ? `file ${stat.size} ${stat.mtimeMs}` : `link ${stat.mtimeMs}`;
}

function refuseName(path: string): never {
  throw new RefusedError(`Could not copy ${path}: its name is not UTF-8; rename it, and the next run moves the folder.`, "name");
}

/** Everything in a tree, and how many bytes its files have. */
export async function scan(root: string): Promise<{ manifest: Manifest; bytes: number }> {
  const manifest = new Map<string, string>();
  let bytes = 0;
  const visit = (folder: string, prefix: string): Promise<void> =>
    inFolder(folder, async (base) => {
      for (const name of (await readdir(base)).sort()) {
        const path = `${prefix}${name}`;
        if (name.includes("\uFFFD")) refuseName(path);
        const stat = await lstat(join(base, name));
        if (!stat.isDirectory() && !stat.isFile() && !stat.isSymbolicLink())
          throw new RefusedError(
            `Could not copy ${path}: it is a device, pipe or socket; remove it, and the next run moves the folder.`,
            "special",
          );
        manifest.set(path, sign(stat));
        if (stat.isFile()) bytes += stat.size;
        if (stat.isDirectory()) await visit(join(base, name), `${path}/`);
      }
    });
  await visit(root, "");
  return { manifest, bytes };
}

/** Makes `to` like `from`. `to` need not exist; what it has and `from` has not is removed. */
export async function copyTree(from: string, to: string, options: TreeOptions = {}, prefix = ""): Promise<void> {
  await inFolder(from, async (source, stat) => {
    await mkdir(to, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
    // A copy that is continued may be one of a folder that cannot be written to.
    await chmod(to, 0o700);
    await inFolder(to, async (target) => {
      const wanted = new Set(await readdir(source));
      for (const name of await readdir(target)) if (!wanted.has(name)) await rm(join(target, name), { recursive: true, force: true });
      for (const name of [...wanted].sort()) await copyOne(source, target, name, options, prefix);
    });
    await keepStat(to, stat);
    await settleFolder(to);
  });
}

async function copyOne(source: string, target: string, name: string, options: TreeOptions, prefix: string): Promise<void> {
  const [from, to] = [join(source, name), join(target, name)];
  const stat = await lstat(from);
  const there = await lstat(to).catch(() => undefined);
  if (there && kind(there) !== kind(stat)) await rm(to, { recursive: true, force: true });
  if (stat.isDirectory()) return copyTree(from, to, options, `${prefix}${name}/`);
  if (stat.isSymbolicLink()) {
    const leads = await readlink(from);
    if (there?.isSymbolicLink() && (await readlink(to)) === leads) return;
    await rm(to, { force: true });
    await symlink(leads, to);
    if (maySetOwner) await lchown(to, stat.uid, stat.gid);
    return;
  }
  options.onFile?.(`${prefix}${name}`);
  await copyFile(from, to, `${prefix}${name}`);
}

const kind = (stat: Stats): string => sign(stat).split(" ")[0] ?? "";

async function copyFile(from: string, to: string, called: string): Promise<void> {
  await using source = await open(from, fileOnly);
  const stat = await source.stat();
  if (!stat.isFile())
    throw new RefusedError(`Could not copy ${called}: it was replaced by something else meanwhile; the next run tries again.`, "changed");
  const there = await hashOf(to, stat.size);
  if (there === undefined || there !== (await hash(source))) {
    const sum = await write(source, to);
    if ((await hashOf(to)) !== sum)
      throw new RefusedError(
        `Could not copy ${called}: the copy differs from the original; look at the disks of the file server, then run it again.`,
        "differs",
      );
  }
  await using copy = await open(to, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  // Whose the copy is, decides haloform: a program that runs with its owner's rights must not become one with ours.
  await copy.chmod(stat.mode & 0o777).catch(ignoreUnsupported);
  if (maySetOwner) await copy.chown(stat.uid, stat.gid);
  await copy.utimes(stat.atime, stat.mtime);
}

/** A file from its beginning, whatever was read of it before. */
const pieces = (file: FileHandle): AsyncIterable<Buffer> => file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });

async function write(source: FileHandle, to: string): Promise<string> {
  await rm(to, { force: true });
  await using target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600);
  const sum = createHash("sha256");
  for await (const piece of pieces(source)) {
    sum.update(piece);
    await target.writeFile(piece);
  }
  await target.sync();
  return sum.digest("hex");
}

async function hash(source: FileHandle): Promise<string> {
  const sum = createHash("sha256");
  for await (const piece of pieces(source)) sum.update(piece);
  return sum.digest("hex");
}

/** The hash of a file, if there is one (of that size). */
async function hashOf(path: string, size?: number): Promise<string | undefined> {
  try {
    await using handle = await open(path, fileOnly);
    const stat = await handle.stat();
    return stat.isFile() && (size === undefined || stat.size === size) ? await hash(handle) : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function keepStat(path: string, stat: Stats): Promise<void> {
  if (maySetOwner) await chown(path, stat.uid, stat.gid);
  // Of the further bits only the sticky one, for the same reason.
  await chmod(path, stat.mode & 0o1777).catch(ignoreUnsupported);
  await utimes(path, stat.atime, stat.mtime);
}

function ignoreUnsupported(error: unknown): void {
  if (codeOf(error) !== "ENOTSUP" && codeOf(error) !== "ENOSYS") throw error;
}
