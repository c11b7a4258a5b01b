/**
 * Where the Pulumi engine comes from: a suitable `pulumi` on PATH, the cache, the official download, a build from its
 * Go module. One clear message when none works. Never inside the checkout.
 */
import { execFile } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { canRun, onPath, pathFolders } from "../base/on-path.ts";
import { privateFolder } from "../base/private-file.ts";
import { build } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { download } from "./download.ts";
import { engineVersion, oldestEngine, suitable } from "./version.ts";

const run = promisify(execFile);

export interface Engine {
  /** Full path of the `pulumi` program. */
  path: string;
  version: string;
  from: "PATH" | "cache" | "download" | "build";
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["version"], { timeout: 30_000, env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** What says that a file is the one that ran before: asking it again costs every command a quarter of a second. */
const identity = (path: string): string => {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
};

/** The version of the engine in the cache, where this very file has answered before. */
function knownToRun(path: string): string | undefined {
  if (!canRun(path)) return undefined;
  try {
    const [version, ...rest] = readFileSync(`${path}.ran`, "utf8").split(" ");
    return rest.join(" ") === identity(path) && version && suitable(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

function remember(path: string, version: string): void {
  try {
    writeFileSync(`${path}.ran`, `${version} ${identity(path)}`);
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
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  // A package of that name is not the engine.
  const found = onPath(
    name,
    pathFolders().filter((folder) => !folder.includes("node_modules")),
  );
  if (found) {
    const version = await versionOf(found);
    if (version && suitable(version)) return { path: found, version, from: "PATH" };
    tried.push(`${found} is ${version ?? "not working"} (needed: ${oldestEngine} or newer, below 4)`);
  } else tried.push("no pulumi on PATH");

  const folder = join(cacheFolder(), "engine", `v${engineVersion}`);
  const kept = join(folder, name);
  const known = knownToRun(kept);
  const version = known ?? (await versionOf(kept));
  if (version && suitable(version)) {
    if (!known) remember(kept, version);
    return { path: kept, version, from: "cache" };
  }

  privateFolder(folder);
  const ways = { download, build };
  for (const from of ["download", "build"] as const) {
    try {
      await ways[from](kept, say);
      const version = await versionOf(kept);
      if (version && suitable(version)) return { path: kept, version, from };
      tried.push(`${from}: the result does not run`);
    } catch (error) {
      tried.push(`${from}: ${(error as Error).message}`);
    }
  }
  throw new EngineError(
    `Could not get the Pulumi engine (${tried.join("; ")}). Install Pulumi ${engineVersion} (https://www.pulumi.com/docs/install/), or Go 1.25.11 or newer so that it can be built, and run this again.`,
  );
}
