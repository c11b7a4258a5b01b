/**
 * What the provider process answers with (providers/process.ts). Under the stock CLI without haloform's launcher, the constant
 * `__provider` line of every state loads this through `require`, so nothing reached from here may use top-level await.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { refuseUnverified } from "../base/certificates.ts";
import { ConfigurationError, oneLine } from "../base/errors.ts";
import { stopIfOrphan, stopWith } from "../base/owner.ts";
import { writePrivate } from "../base/private-file.ts";
import { refuseSettings } from "../base/settings.ts";
import { stopWithRun } from "../base/stop.ts";
import { sayWaits, waitsFile } from "../base/waits.ts";
import { type Adapted, adapt } from "./core/adapter.ts";
import type { Session } from "./core/attempt.ts";
import { carrying } from "./core/carried.ts";
import { fenced } from "./core/fence.ts";
import { noting } from "./core/given.ts";
import { type Run, readRun, runFolder } from "./core/run.ts";
import { definition } from "./registry.ts";
import { contextOf } from "./run-context.ts";
import { settingsFrom, stackConfig, useSettings } from "./systems.ts";

/** The session of this process, and what it was begun on: the run (if any), and when the file of one was written. */
let session: { made: Promise<Session>; run: Run | undefined; written: number | undefined } | undefined;

/**
 * The provider process's side of the run: made once, lazily, whichever call comes first. Under the stock CLI a refresh
 * may come before the program has written the run file: then it is begun anew, once, by whichever call first sees the file.
 */
async function open(): Promise<Session> {
  refuseUnverified();
  if (session?.run) return session.made;
  const folder = runFolder(process.argv[2]);
  const written = folder === undefined ? undefined : statSync(join(folder, "run.json"), { throwIfNoEntry: false })?.mtimeMs;
  // Nothing is waited for between the question and the answer: operations come in side by side.
  if (session === undefined || written !== session.written) {
    const run = readRun(folder);
    session = { made: begin(folder, run), run, written };
  }
  return session.made;
}

async function begin(folder: string | undefined, run: Run | undefined): Promise<Session> {
  // haloform always prepares a run: without one it has been killed, and nobody waits for this process any more.
  if (process.env["HALOFORM_RUN"] && !run) process.exit(1);
  if (run) {
    if (folder) {
      stopWithRun(folder);
      // Nobody sees this process: the command line says it (cli/engine/run-folder.ts).
      sayWaits((line) => existsSync(folder) && writePrivate(join(folder, waitsFile), line));
    }
    useSettings(stackConfig.parse(run.settings));
    // Halo's rolling window does not know that we are two processes.
    (await import("../clients/halo/shared.ts")).useHaloOptions({ spent: run.spent });
  }
  // The stock CLI has no process of ours above the engine: its program ends before the engine does.
  stopWith(run?.mode === "haloform" ? run.owner : undefined);
  return { run, folder, context: contextOf(run), beforeWrite: stopIfOrphan };
}

/**
 * Under the stock CLI the settings come with the configuration that the state keeps: in whole where the stock CLI wrote it,
 * as the stack's name where haloform did.
 */
export function configure(get: (key: string) => string | undefined): void {
  if (process.env["HALOFORM_RUN"]) return;
  try {
    const stack = get("haloform:stack");
    const given = settingsFrom(stack === undefined ? (key) => get(`haloform:${key}`) : readStackFile(stack));
    useSettings(given);
  } catch (error) {
    // Not thrown: Pulumi asks the other operations to wait for a `configure` that failed, for ever.
    const cause =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `haloform:${issue.path.join(".")}: ${issue.message}`).join("; ")
        : String((error as Error).message);
    refuseSettings(
      new ConfigurationError(
        `The settings by which the systems would be asked are not usable (${oneLine(cause)}); mend the stack's file, and run \`pulumi up\` without --refresh once where the state is older than it.`,
      ),
    );
  }
}

/** `haloform:KEY` of a stack's file. */
function readStackFile(stack: string): (key: string) => unknown {
  const file = process.env["HALOFORM_CONFIG_FILE"] || join(import.meta.dirname, "..", `Pulumi.${stack}.yaml`);
  const content = z.object({ config: z.record(z.string(), z.unknown()) }).parse(parse(readFileSync(file, "utf8")));
  return (key) => content.config[`haloform:${key}`];
}

interface Configured {
  configure(request: { config: { get(key: string): string | undefined } }): void;
}

/** What the constant line in every state calls. Returns synchronously, as Pulumi does not await it. */
export function provider(type: string): Adapted & Configured {
  keepLoaded();
  return { ...adaptedTo(type), configure: ({ config }) => configure((key) => config.get(key)) };
}

/** An unknown token must fail the operation that names it, not the whole process. */
function adaptedTo(type: string): Adapted {
  try {
    const runNow = async (): Promise<Run | undefined> => (await open()).run;
    const carried = carrying(type, fenced(type, adapt(definition(type), open), runNow), runNow);
    // The outermost: what it notes is what the engine gets.
    return noting(type, carried, async () => {
      const { run, folder } = await open();
      const keys = run?.settings["keys"];
      return Array.isArray(keys) && keys.length > 0 ? folder : undefined;
    });
  } catch (error) {
    const fail = (): Promise<never> => Promise.reject(error);
    return { check: fail, create: fail, read: fail, update: fail, delete: fail };
  }
}

let kept = false;

/** Node writes what it compiled at a quiet end; the engine ends this process without asking. So it is written once all is loaded. */
function keepLoaded(): void {
  if (!kept) setImmediate(flushCompileCache);
  kept = true;
}
