/**
 * The provider process: what the constant `__provider` line of every state loads, through `require`, so nothing reached from
 * here may use top-level await.
 */
import { existsSync, readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { trustCertificates } from "../base/certificates.ts";
import { ConfigurationError, oneLine } from "../base/errors.ts";
import { stopIfOrphan, stopWith } from "../base/owner.ts";
import { provideSettings, refuseSettings, settingsFrom } from "../base/settings.ts";
import { stopWithRun } from "../base/stop.ts";
import { type Adapted, adapt, type Session } from "./core/adapter.ts";
import { makeContext } from "./core/context.ts";
import type { Live } from "./core/definition.ts";
import { readRun, runFolder } from "./core/run.ts";
import { definition } from "./registry.ts";

let session: Promise<Session> | undefined;

/**
 * The provider process's side of the run: made once, lazily, whichever call comes first. Under the stock CLI a refresh
 * may come before the program has written the run file: then it is opened again as soon as the file is there.
 */
async function open(): Promise<Session> {
  const folder = runFolder(process.argv[2]);
  const opened = await (session ??= begin(folder));
  if (opened.run || !folder || !existsSync(join(folder, "run.json"))) return opened;
  session = begin(folder);
  return session;
}

async function begin(folder: string | undefined): Promise<Session> {
  const run = readRun(folder);
  // haloform always prepares a run: without one it has been killed, and nobody waits for this process any more.
  if (process.env["HALOFORM_RUN"] && !run) process.exit(1);
  if (run) {
    if (folder) stopWithRun(folder);
    provideSettings(run.settings);
    trustCertificates(run.settings);
    // Halo's rolling window does not know that we are two processes.
    (await import("../clients/halo/shared.ts")).useHaloOptions({ spent: run.spent });
  }
  // The stock CLI has no process of ours above the engine: its program ends before the engine does.
  stopWith(run?.mode === "haloform" ? run.owner : undefined);
  const list = async (type: string): Promise<readonly Live[]> => {
    const one = definition(type);
    const asked = run?.asked[type] ?? one.unasked;
    return asked === undefined ? [] : one.list(await one.client(), asked);
  };
  return { run, folder, context: makeContext(run, list), beforeWrite: stopIfOrphan };
}

/**
 * Under the stock CLI the settings come with the configuration that the state keeps: in whole where the stock CLI wrote it,
 * as the stack's name where haloform did.
 */
function configure(request: { config: { get(key: string): string | undefined } }): void {
  if (process.env["HALOFORM_RUN"]) return;
  try {
    const stack = request.config.get("haloform:stack");
    const settings = settingsFrom(stack === undefined ? (key) => request.config.get(`haloform:${key}`) : readStackFile(stack));
    trustCertificates(settings);
    provideSettings(settings);
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

/** What the constant line in every state calls. Returns synchronously, as Pulumi does not await it. */
export function provider(type: string): Adapted & { configure: typeof configure } {
  keepLoaded();
  return { ...adaptedTo(type), configure };
}

/** An unknown token must fail the operation that names it, not the whole process. */
function adaptedTo(type: string): Adapted {
  try {
    return adapt(definition(type), open);
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
