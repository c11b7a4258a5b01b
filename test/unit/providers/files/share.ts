/** A share for tests: two roots on one file system, or on two where there is a second one to write to. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectFiles, type FilesClient } from "../../../../providers/files/client.ts";
import { type HomeInputs, home } from "../../../../providers/files/home.ts";
import { type MemoryContext, memoryContext } from "../../../contract/context.ts";

export interface Share {
  homes: string;
  archive: string;
  /** The process begins anew: what it knew is gone. `step`: it ends at this step of a move. */
  client(step?: string): Promise<FilesClient>;
  context(client: FilesClient): MemoryContext;
  stop(): void;
}

/** Thrown where a test lets the process end. */
export class Killed extends Error {}

/** A second file system, or undefined where this machine has none that we may write to. */
export const otherDisk = ["/dev/shm"].find((path) => existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev);

export function share(second = tmpdir()): Share {
  const [first, other] = [mkdtempSync(join(tmpdir(), "haloform-homes-")), mkdtempSync(join(second, "haloform-archive-"))];
  return {
    homes: first,
    archive: other,
    async client(step) {
      const client = await connectFiles({ homes: first, archive: other, smbcacls: "smbcacls" }, undefined);
      const onStep = (name: string): void => {
        if (name === step) throw new Killed(name);
      };
      return { ...client, onStep };
    },
    context: (client) => memoryContext(() => home.list(client, { depths: [1, 2] })),
    stop() {
      for (const root of [first, other]) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Writes files: path → text. */
export function fill(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Everything in a folder: path → text, `→ target` of a link, or `/` of a folder. haloform's own things too. */
export function contents(root: string, prefix = ""): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of readdirSync(join(root, prefix)).sort()) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const stat = lstatSync(join(root, path));
    if (stat.isSymbolicLink()) all[path] = `→ ${readlinkSync(join(root, path))}`;
    else if (stat.isDirectory()) Object.assign(all, { [path]: "/" }, contents(root, path));
    else all[path] = readFileSync(join(root, path), "utf8");
  }
  return all;
}

/** A home as the plan would have it. */
export const wish = (path: string, more: Partial<HomeInputs> = {}): HomeInputs => ({ person: "41", place: "homes", path, ...more });
