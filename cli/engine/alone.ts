/** One run at a time on this machine: who comes while another is under way goes again, and waits for nobody. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import { here, isOver, placeSchema } from "./holders.ts";
import { whenStopped } from "./stop.ts";

const lockSchema = placeSchema.extend({
  pid: z.number().int(),
  /** When it began, UTC ISO 8601. */
  at: z.string(),
});

/** Does `work`, unless another run that is not surely over holds the file: then `held` says since when. */
export async function alone<T>(file: string, now: Date, work: () => Promise<T>): Promise<{ done: T } | { held: string; pid: number }> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const mine = JSON.stringify({ ...here(), pid: process.pid, at: now.toISOString() });
  for (let look = 0; !taken(file, mine); look += 1) {
    const other = existsSync(file) ? readAs(lockSchema, readFileSync(file, "utf8")) : undefined;
    // One that is just being written is somebody's; one that a killed run left is nobody's.
    if (look > 0 || (other && !isOver(other))) return { held: other?.at ?? now.toISOString(), pid: other?.pid ?? 0 };
    rmSync(file, { force: true });
  }
  const release = (): void => rmSync(file, { force: true });
  const forget = whenStopped(release);
  try {
    return { done: await work() };
  } finally {
    release();
    forget();
  }
}

function taken(file: string, mine: string): boolean {
  try {
    writeFileSync(file, mine, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
