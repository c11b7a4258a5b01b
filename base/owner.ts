/**
 * A provider whose run is over must stop: after `kill -9` of haloform the engine dies with it, but this process is left
 * behind and could still write while the next run is reading (facts: measured). So it watches, and asks before each write.
 */
import { readFileSync } from "node:fs";

const every = 250;

/** Whether a process of this machine is there and runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // Dead, but still listed: in a container whose first process reaps nobody, a killed engine stays like that for ever.
  return !/^[ZX]/u.test(statOf(pid)[0] ?? "");
}

/** State and parent of a process, as Linux tells them; nothing elsewhere, and of who is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/**
 * The engine: our parent under haloform's launcher (which execs), the parent of the launcher shell under the SDK's own.
 * The latter by /proc, so on Linux only; elsewhere our own parent stands for it.
 */
function enginePid(): number {
  return process.env["HALOFORM_LAUNCHER"] === "exec" ? process.ppid : Number(statOf(process.ppid)[1] ?? process.ppid);
}

let watched: number[] = [];
let watching = false;
/** Our parent at the start, where that is the engine itself. */
const parent = process.env["HALOFORM_LAUNCHER"] === "exec" ? process.ppid : undefined;

/** Ends this process soon after any of the given processes (and the engine) is gone. Called again, it watches the owner too. */
export function stopWith(owner: number | undefined): void {
  // An engine that is our parent is known to be gone by our having another: it need not be asked for.
  const engine = parent === undefined ? [enginePid()] : [];
  watched = [...new Set([...engine, ...(owner === undefined ? [] : [owner])])].filter((pid) => pid > 1);
  if (!watching) setInterval(stopIfOrphan, every).unref();
  watching = true;
  stopIfOrphan();
}

/** Called before every write. */
export function stopIfOrphan(): void {
  // Handed over to another parent: the engine is dead, whatever its number means by now.
  const orphan = parent !== undefined && (parent === 1 || process.ppid !== parent);
  if (orphan || watched.some((pid) => !alive(pid))) process.exit(1);
}
