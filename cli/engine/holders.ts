/**
 * Which engines haloform has started, and where: what tells a lock that a killed run left from one that is alive elsewhere. The
 * engine's lock has a host's name and a process's number, and two containers that share a state may have both in common.
 */
import { channel } from "node:diagnostics_channel";
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { shortDigest } from "../../base/digest.ts";
import { readAs } from "../../base/json.ts";
import { alive } from "../../base/owner.ts";
import { writePrivate } from "../../base/private-file.ts";
import { folderIn } from "./backend.ts";

/** Where a process's number means that process. */
export const placeSchema = z.object({
  /** This boot of this kernel and its space of numbers; elsewhere than on Linux the host's name. */
  place: z.string(),
  /** The machine, where numbers are its own and no container's: after another boot nothing of before is alive. */
  machine: z.string().optional(),
});
type Place = z.infer<typeof placeSchema>;

const holderSchema = placeSchema.extend({
  /** Number of the engine's process. */
  pid: z.number().int(),
  /** When it was started, UTC ISO 8601. */
  at: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** Linux gives the machine's own space of process numbers always the same name (PROC_PID_INIT_INO). */
const ownNumbers = "pid:[4026531836]";
/** The engine takes the lock at its start; so many milliseconds later at most. */
const start = 120_000;

export function here(): Place {
  try {
    const numbers = readlinkSync("/proc/self/ns/pid");
    const place = `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${numbers}`;
    return numbers === ownNumbers ? { place, machine: readFileSync("/etc/machine-id", "utf8").trim() } : { place };
  } catch {
    return { place: hostname() };
  }
}

/** Where they are noted: beside a state that is a folder, as a home may be another one for each job; else in the home. `at`: where the engine runs. */
export function holdersFolder(home: string, backend: string | undefined, at = home): string {
  const folder = folderIn(backend ?? "", at);
  return folder === undefined ? join(home, "engines") : join(folder, ".haloform", "engines");
}

/** Does `work`, and writes down which engines it starts with the command `verb` for as long as it goes on. */
export async function holding<T>(folder: string, verb: string, work: () => Promise<T>): Promise<T> {
  const files: string[] = [];
  const started = (message: unknown): void => {
    const { process: child } = message as { process: { once(event: "spawn", act: () => void): void; spawnargs?: string[]; pid?: number } };
    child.once("spawn", () => {
      const [program = "", ...args] = child.spawnargs ?? [];
      if (child.pid === undefined || basename(program, ".exe") !== "pulumi" || !args.includes(verb)) return;
      const holder: Holder = { ...here(), pid: child.pid, at: new Date().toISOString() };
      const file = join(folder, `${child.pid}-${Date.now()}.json`);
      files.push(file);
      writePrivate(file, JSON.stringify(holder));
    });
  };
  const processes = channel("child_process");
  processes.subscribe(started);
  try {
    return await work();
  } finally {
    processes.unsubscribe(started);
    for (const file of files) rmSync(file, { force: true });
  }
}

/** Whether an engine that took a lock is surely gone: one that is noted, started here when the lock was taken. */
export function isGone(folder: string, { host, pid, at }: { host: string | undefined; pid: number; at: string | undefined }): boolean {
  if (host !== hostname()) return false;
  const now = here();
  const taken = Date.parse(at ?? "");
  return holders(folder).some((one) => {
    const since = taken - Date.parse(one.at);
    // The engine's clock has whole seconds.
    if (one.pid !== pid || !(since > -2_000 && since < start)) return false;
    return isOver(one, now);
  });
}

/** Whether a process is surely gone: it is not there where its number means it, or its machine has started anew since. */
export function isOver(one: Place & { pid: number }, now: Place = here()): boolean {
  if (one.place === now.place) return !alive(one.pid);
  return one.machine !== undefined && one.machine !== "" && one.machine === now.machine;
}

/**
 * Marks an engine whose lock is to be released as ours to release, and says whether it was this process that did: of several, one alone.
 * Killed before it has said `released`, it leaves the mark of a process that is gone, and the next run goes on from there.
 */
export function claim(folder: string, pid: number): boolean {
  let isOurs = false;
  for (const name of claimable(folder)) {
    if (!name.startsWith(`${pid}-`)) continue;
    try {
      // Of several that rename one file, one finds it.
      renameSync(join(folder, name), join(folder, `${name.split(mark)[0]}${ownMark()}`));
      isOurs = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return isOurs;
}

/** Forgets an engine that was claimed: its lock is released. */
export function released(folder: string, pid: number): void {
  for (const name of names(folder)) if (name.startsWith(`${pid}-`) && name.endsWith(ownMark())) rmSync(join(folder, name), { force: true });
}

const mark = ".released-by-";

/** This place, short enough for the name of a file. */
function shortHere(): Required<Place> {
  const { place, machine = "" } = here();
  return { place: shortDigest(place, 12), machine: machine === "" ? "" : shortDigest(machine, 12) };
}

/** This process at the end of a file's name: number, place and machine. */
function ownMark(): string {
  const { place, machine } = shortHere();
  return `${mark}${process.pid}~${place}~${machine}`;
}

/** Files of engines that nobody releases now. */
function claimable(folder: string): string[] {
  const now = shortHere();
  return names(folder).filter((name) => {
    const [, by] = name.split(mark);
    if (by === undefined) return true;
    const [pid, place = "", machine = ""] = by.split("~");
    return isOver({ pid: Number(pid), place, machine }, now);
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function holders(folder: string): Holder[] {
  return claimable(folder).flatMap((name) => {
    try {
      return readAs(holderSchema, readFileSync(join(folder, name), "utf8")) ?? [];
    } catch {
      // A run that has just ended takes its own away.
      return [];
    }
  });
}
