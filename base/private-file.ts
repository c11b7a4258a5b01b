/** Files for this user alone: people's data, passwords on their way, what a run hands to its other process. */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * From now on whatever this process and those it starts write is this user's alone, where nobody says otherwise: the engine's
 * state and plans too. To be called before anything is written.
 */
export function keepPrivate(): void {
  process.umask(0o077);
}

/**
 * Makes a folder (0700) with those on the way. One that is there and others may look into is closed to them, with all that an
 * earlier version has left in it; somebody else's is left as it is. Returns it.
 */
export function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(folder, 0o700);
  return folder;
}

/**
 * Puts a file (0600) in place in one step: whoever reads it sees the old one or the whole new one, whatever ends this process,
 * and what it holds is on the disk when this returns. Folders on the way that are not there are made (0700). Throws what the
 * file system throws, and leaves nothing beside then.
 */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  try {
    writeThrough(beside, "w", text);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** Adds to a file (0600), which is made with its folders (0700) where it is not there, and has it on the disk when this returns. */
export function appendPrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeThrough(file, "a", text);
}

function writeThrough(file: string, flags: "w" | "a", text: string): void {
  const handle = openSync(file, flags, 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
