/** Where what is made once a machine is kept between runs and checkouts. */
import { mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/** HALOFORM_CACHE, or the user's cache folder. */
export function cacheFolder(): string {
  return process.env["HALOFORM_CACHE"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "haloform");
}

/**
 * Keeps compiled JavaScript between runs (most of a start is parsing), for this process and those
 * it starts. In the user's own folder and not in the machine's temporary one, which is Node's default: who can write there
 * could hand us code. A folder that cannot be made is no reason to stop.
 */
export function keepCompiled(): void {
  const folder = join(cacheFolder(), "compiled");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return;
  }
  process.env["NODE_COMPILE_CACHE"] ??= folder;
  enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
}
