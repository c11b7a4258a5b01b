/** A file that one process alone can make: whoever has made it does something that nobody else does meanwhile. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import { here, isOver, placeSchema } from "./holders.ts";

const holderSchema = placeSchema.extend({ pid: z.number().int() });
/** So many milliseconds after it was made it says who has made it. */
const young = 10_000;

/** Makes it; false: somebody has. `more`: what it says besides who has made it. */
export function take(file: string, more: object = {}): boolean {
  try {
    writeFileSync(file, JSON.stringify({ ...here(), pid: process.pid, ...more }), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether whoever has made it has surely ended: then the next may take it over (docs/decisions/0094). */
export function isLeft(file: string): boolean {
  try {
    const holder = readAs(holderSchema, readFileSync(file, "utf8"));
    // It is made and written in one go: what is empty for long was cut off in between.
    return holder ? isOver(holder) : Date.now() - statSync(file).mtimeMs > young;
  } catch {
    return false;
  }
}
