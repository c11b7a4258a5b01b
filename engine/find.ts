/**
 * Where the Pulumi engine comes from: a suitable `pulumi` on PATH, the cache, the official download, a build from its
 * Go module. One clear message when none works. Never inside the checkout.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { canRun, onPath, pathFolders } from "../base/on-path.ts";
import { privateFolder } from "../base/private-file.ts";
import { build } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { download } from "./download.ts";
import { engineVersion, oldestEngine, suitable } from "./version.ts";

const run = promisify(execFile);
const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";

export interface Engine {
  /** Full path of the `pulumi` program. */
  path: string;
  version: string;
  from: "PATH" | "cache" | "download" | "build";
}

const pin = "HALOFORM_ENGINE_SHA256";

/** Throws where the environment names the engines that may be run, by their SHA-256, and this is none of them. `known`: its own, where it is known. */
async function refuseUnnamed(path: string, known?: string): Promise<void> {
  const named = process.env[pin];
  // A workflow hands over a variable that is not set as an empty one.
  if (!named || !existsSync(path)) return;
  const sum = known ?? (await sumOf(path));
  if (
    !named
      .toLowerCase()
      .split(/[\s,]+/u)
      .includes(sum)
  )
    throw new Error(`${path} has the SHA-256 ${sum}, which ${pin} does not name`);
}

/** Asks the program, if it may be run. Throws as refuseUnnamed does. */
async function versionOf(path: string): Promise<string | undefined> {
  await refuseUnnamed(path);
  try {
    const { stdout } = await run(path, ["version"], { timeout: 30_000, env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** SHA-256 of a file, in hex. */
export async function sumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 4 * 1024 * 1024 }), hash);
  return hash.digest("hex");
}

const noteOf = (path: string): string => `${path}.sum`;

/**
 * The version of the engine in the cache, where it is still what was put there. Undefined where nothing is known of it. Throws
 * where it is another file: who could change it could have it run.
 */
async function knownToRun(path: string): Promise<string | undefined> {
  if (!canRun(path) || !existsSync(noteOf(path))) return undefined;
  const [version = "", sum] = readFileSync(noteOf(path), "utf8").trim().split(" ");
  const is = await sumOf(path);
  if (sum !== is) throw new Error(`${path} is not the file that was put there`);
  await refuseUnnamed(path, is);
  return suitable(version) ? version : undefined;
}

async function remember(path: string, version: string): Promise<void> {
  try {
    writeFileSync(noteOf(path), `${version} ${await sumOf(path)}\n`);
  } catch {
    // a cache that cannot be written is asked each time
  }
}

export class EngineError extends Error {
  override name = "EngineError" as const;
}

/**
 * Finds or gets the engine. `say` gets a sentence for every step that takes long.
 * @throws EngineError with one line that lists what was tried.
 */
export async function findEngine(say: (line: string) => void = () => undefined): Promise<Engine> {
  const tried: string[] = [];
  // A package of that name is not the engine.
  const found = onPath(
    name,
    pathFolders().filter((folder) => !folder.includes("node_modules")),
  );
  if (found) {
    try {
      const version = await versionOf(found);
      if (version && suitable(version)) return { path: found, version, from: "PATH" };
      tried.push(`${found} is ${version ?? "not working"} (needed: ${oldestEngine} or newer, below 4)`);
    } catch (error) {
      tried.push((error as Error).message);
    }
  } else tried.push("no pulumi on PATH");

  return pinnedEngine(say, tried);
}

/** The version that haloform is tested with: from the cache, the download, or the build. `tried`: what came to nothing before. Throws as findEngine does. */
export async function pinnedEngine(say: (line: string) => void, tried: string[] = []): Promise<Engine> {
  const folder = join(cacheFolder(), "engine", `v${engineVersion}`);
  const kept = join(folder, name);
  try {
    const known = await knownToRun(kept);
    const version = known ?? (await versionOf(kept));
    if (version && suitable(version)) {
      if (!known) await remember(kept, version);
      return { path: kept, version, from: "cache" };
    }
  } catch (error) {
    say(`${(error as Error).message}; it is got anew`);
    tried.push(`cache: ${(error as Error).message}`);
  }

  privateFolder(folder);
  const ways = { download, build };
  for (const from of ["download", "build"] as const) {
    try {
      await ways[from](kept, say);
      const version = await versionOf(kept);
      if (version && suitable(version)) {
        await remember(kept, version);
        return { path: kept, version, from };
      }
      tried.push(`${from}: the result does not run`);
    } catch (error) {
      tried.push(`${from}: ${(error as Error).message}`);
    }
  }
  throw new EngineError(
    `Could not get the Pulumi engine (${tried.join("; ")}). Install Pulumi ${engineVersion} (https://www.pulumi.com/docs/install/), or Go 1.25.11 or newer so that it can be built, and run this again.`,
  );
}
