/** Where things are on disk: below a root, through real folders only. A symbolic link on the way is refused, wherever it leads. */
import { constants } from "node:fs";
import { chmod, lstat, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { RefusedError } from "../../base/errors.ts";

/** haloform's own things in a root or beside a home begin so; no home may. */
export const own = ".haloform";

/** Windows has neither of the two; there a junction shows as a symbolic link to lstat. */
export const folderOnly = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
export const fileOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

/** Whether a name can be that of a home or of a folder above one: also not one that Windows reads as another. */
export function isName(name: string): boolean {
  return name !== "" && !/[\\/:\0]|[. ]$/u.test(name) && !name.toLowerCase().startsWith(own);
}

/** The names of a relative path. Throws RefusedError for anything that could lead out of the root. */
function names(path: string): string[] {
  const parts = path.split("/");
  const bad = parts.find((name) => !isName(name));
  if (bad !== undefined)
    throw new RefusedError(
      `Could not use the folder ${JSON.stringify(path)}: ${JSON.stringify(bad)} is no name in it; correct path in mappings/files.yaml.`,
      "path",
    );
  return parts;
}

/** What is there: a folder, something else, or nothing. Links are not followed. */
export async function kindOf(path: string): Promise<"folder" | "other" | "nothing"> {
  try {
    return (await lstat(path)).isDirectory() ? "folder" : "other";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return "nothing";
    throw error;
  }
}

/**
 * The absolute path of a folder below a root, every folder on the way proven to be one. `make`: those that are missing
 * are made (0755, whatever this process's umask: people go through them), the last one never.
 */
export async function below(root: string, path: string, make = false): Promise<string> {
  let here = root;
  const parts = names(path);
  for (const name of parts.slice(0, -1)) {
    here = join(here, name);
    const kind = await kindOf(here);
    if (kind === "other")
      throw new RefusedError(
        `Could not use ${here}: it is no folder but a file or a link; a home folder never lies behind one. Move it away.`,
        "link",
      );
    if (kind === "nothing" && make)
      await mkdir(here).then(
        // Its group's bit comes from the folder that it is in, where that has it.
        async () => chmod(here, ((await lstat(here)).mode & 0o2000) | 0o755),
        (error: unknown) => {
          if (codeOf(error) !== "EEXIST") throw error;
        },
      );
  }
  return join(here, parts.at(-1) ?? "");
}

/** Makes sure that a change of a folder's entries survives a power cut. Where the system cannot, it is left at that. */
export async function settleFolder(path: string): Promise<void> {
  try {
    await using handle = await open(path, folderOnly);
    await handle.sync();
  } catch {
    // SMB and Windows do not sync folders
  }
}

/** Words for what file systems say. */
export function refusal(verb: string, object: string, error: unknown): Error {
  const code = codeOf(error);
  // What is no word of the file system is a mistake of ours, or a message of its own.
  if (error instanceof RefusedError || (error instanceof Error && code === "")) return error;
  const [cause, advice] = causes[code] ?? [error instanceof Error ? error.message : String(error), "look at the file server"];
  return new RefusedError(`Could not ${verb} ${object}: ${cause}${code === "" ? "" : ` (${code})`}; ${advice}.`, code || "files", {
    cause: error,
  });
}

const causes: { readonly [code: string]: readonly [cause: string, advice: string] } = {
  ENOSPC: ["the disk is full", "make room, and the next run does it"],
  EDQUOT: ["the quota is used up", "raise it, and the next run does it"],
  EACCES: ["haloform's account may not do that there", "give it full rights on the share"],
  EPERM: [
    "haloform's account may not do that there",
    "give it full rights on the share (to set owners it must be root, or the share's administrator)",
  ],
  EROFS: ["the share is mounted read-only", "mount it for writing"],
  ESTALE: ["the share was mounted anew", "run it again"],
  EIO: ["the disk or the connection failed", "look at the file server, then run it again"],
  ENOTCONN: ["the share is not connected", "mount it, then run it again"],
  EHOSTDOWN: ["the file server does not answer", "look at it, then run it again"],
  EBUSY: ["somebody uses it", "run it again when nobody is logged on to it"],
  ENAMETOOLONG: ["the path is too long", "shorten the path in mappings/files.yaml"],
};
