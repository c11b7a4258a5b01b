/** The share as this process uses it: its roots, the register of folders, and the command for Windows rights. */
import { realpath, stat } from "node:fs/promises";
import { ConfigurationError, oneLine } from "../../base/errors.ts";
import { once } from "../../base/once.ts";
import { type AclCommand, aclCommand } from "./acl.ts";
import { type Register, readRegister, type Spot } from "./register.ts";
import { type FilesConfig, filesSettings } from "./settings.ts";
import type { TreeOptions } from "./tree.ts";

export interface FilesClient {
  readonly homes: string;
  readonly archive: string | undefined;
  /** As it stands on the disk now. Whoever writes keeps the one they got. */
  register(fresh?: boolean): Register;
  setAcl: AclCommand;
  /** Told of each step of a move, by name; tests let the process end there. */
  onStep(step: string): void;
  tree: TreeOptions;
}

/** The folder of a root. Throws where the mapping asks for one that the settings do not name. */
export function rootOf(client: FilesClient, place: Spot["place"]): string {
  if (place === "homes") return client.homes;
  if (client.archive !== undefined) return client.archive;
  throw new ConfigurationError("Could not use the archive: `haloform:files` has no archive; add the folder to Pulumi.<stack>.yaml.");
}

/** Opens the share. Throws ConfigurationError where a root is not there: a share that is not mounted must not look empty. */
export async function connectFiles(config: FilesConfig, password: string | undefined): Promise<FilesClient> {
  const homes = await root(config.homes, "homes");
  const archive = config.archive === undefined ? undefined : await root(config.archive, "archive");
  if (archive !== undefined && (inside(archive, homes) || inside(homes, archive)))
    throw new ConfigurationError(
      `Could not use ${homes} and ${archive}: one is inside the other; give homes and archive folders of their own in haloform:files.`,
    );
  let known: Register | undefined;
  return {
    homes,
    archive,
    register: (fresh = false) => (known = fresh || !known ? readRegister(homes) : known),
    setAcl: aclCommand(config, password),
    onStep: () => undefined,
    tree: {},
  };
}

async function root(path: string, name: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return await realpath(path);
  } catch (error) {
    throw new ConfigurationError(
      oneLine(
        `Could not open ${path}: ${(error as Error).message}; mount the share, or correct haloform:files ${name} in Pulumi.<stack>.yaml.`,
      ),
      { cause: error },
    );
  }
  throw new ConfigurationError(`Could not open ${path}: it is no folder; correct haloform:files ${name} in Pulumi.<stack>.yaml.`);
}

function inside(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other.replace(/[/\\]$/u, "")}/`);
}

/** One client a process. */
export const client = once(async (): Promise<FilesClient> => {
  const files = await filesSettings.given();
  if (!files)
    throw new ConfigurationError(
      "Could not open the home folders: the stack has no `files` settings; add `haloform:files` with homes to Pulumi.<stack>.yaml.",
    );
  return connectFiles(files, process.env["FILES_PASSWORD"]);
});
