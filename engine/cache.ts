/** Where what is made once a machine is kept between runs and checkouts. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { privateFolder } from "../base/private-file.ts";

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
    privateFolder(folder);
  } catch {
    return;
  }
  process.env["NODE_COMPILE_CACHE"] ??= folder;
  enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
}
