/** A file that one process alone can make: whoever has made it does something that nobody else does meanwhile. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import { here, isOver, placeSchema } from "./holders.ts";

const holderSchema = placeSchema.extend({ pid: z.number().int() });
/** So many milliseconds after it was made it says who has made it. */
const young = 10_000;

/** Makes it; false: somebody has. `more`: what it says besides who has made it. */
function take(file: string, more: object = {}): boolean {
  try {
    writeFileSync(file, JSON.stringify({ ...here(), pid: process.pid, ...more }), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Makes it, also where whoever has made it has surely ended (docs/decisions/0094). Only one process at a time looks at what was left: else the
 * second one would take away what the first has just made.
 */
export function takeOver(file: string, more: object = {}): boolean {
  if (take(file, more)) return true;
  if (!isLeft(file)) return false;
  const looking = `${file}.over`;
  if (!take(looking)) {
    // Cut off in between: whoever comes next takes it over.
    if (isLeft(looking)) rmSync(looking, { force: true });
    return false;
  }
  try {
    if (isLeft(file)) rmSync(file, { force: true });
    return take(file, more);
  } finally {
    rmSync(looking, { force: true });
  }
}

/** Whether whoever has made it has surely ended. */
function isLeft(file: string): boolean {
  try {
    const holder = readAs(holderSchema, readFileSync(file, "utf8"));
    // It is made and written in one go: what says nothing for long, or is of a day to come, was cut off in between.
    return holder ? isOver(holder) : Math.abs(Date.now() - statSync(file).mtimeMs) > young;
  } catch {
    return false;
  }
}
