/** One run at a time on this machine: who comes while another is under way goes again, and waits for nobody. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import { takeOver } from "./held-file.ts";
import { whenStopped } from "./stop.ts";

/** `at`: when it began, UTC ISO 8601. */
const runSchema = z.object({ pid: z.number().int(), at: z.string() });

/** Does `work`, unless another run that is not surely over holds the file: then `held` says since when. */
export async function alone<T>(file: string, now: Date, work: () => Promise<T>): Promise<{ done: T } | { held: string; pid: number }> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const at = now.toISOString();
  if (!takeOver(file, { at })) {
    const other = existsSync(file) ? readAs(runSchema, readFileSync(file, "utf8")) : undefined;
    return { held: other?.at ?? at, pid: other?.pid ?? 0 };
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
