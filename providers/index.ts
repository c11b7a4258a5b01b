/**
 * The registry: what can be managed. State names these tokens for ever (a test freezes the list). Loaded by the constant
 * `__provider` line through `require`, so nothing reached from here may use top-level await; systems load when first used.
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
import type { Definition, Live, Values } from "./core/definition.ts";
import { readRun, runFolder } from "./core/run.ts";

const loaders: { readonly [type: string]: () => Promise<Definition> } = {
  "ad:OrganizationalUnit": async () => (await import("./ad/index.ts")).organizationalUnit as unknown as Definition,
  "ad:User": async () => (await import("./ad/index.ts")).user as unknown as Definition,
  "ad:Group": async () => (await import("./ad/index.ts")).group as unknown as Definition,
  "ad:Contact": async () => (await import("./ad/index.ts")).contact as unknown as Definition,
  "ad:Computer": async () => (await import("./ad/index.ts")).computer as unknown as Definition,
  "ad:Photo": async () => (await import("./ad/user/photo.ts")).photo as unknown as Definition,
  "files:HomeFolder": async () => (await import("./files/index.ts")).home as unknown as Definition,
  "entra:User": async () => (await import("./entra/index.ts")).user as unknown as Definition,
  "entra:Licence": async () => (await import("./entra/index.ts")).licence as unknown as Definition,
  "entra:Group": async () => (await import("./entra/index.ts")).group as unknown as Definition,
  "entra:AppAssignment": async () => (await import("./entra/app/assignment.ts")).appAssignment as unknown as Definition,
  "entra:Mailbox": async () => (await import("./entra/mailbox/mailbox.ts")).mailbox as unknown as Definition,
  "entra:AutomaticReplies": async () => (await import("./entra/mailbox/auto-reply.ts")).automaticReplies as unknown as Definition,
  "entra:Photo": async () => (await import("./entra/user/photo.ts")).photo as unknown as Definition,
  "halo:Role": async () => (await import("./halo/index.ts")).role as unknown as Definition,
  "halo:Agent": async () => (await import("./halo/index.ts")).agent as unknown as Definition,
  "halo:Team": async () => (await import("./halo/team/team.ts")).team as unknown as Definition,
  "halo:ChangeAdvisoryBoard": async () => (await import("./halo/team/board.ts")).board as unknown as Definition,
  "halo:Client": async () => (await import("./halo/index.ts")).client as unknown as Definition,
  "halo:Site": async () => (await import("./halo/index.ts")).site as unknown as Definition,
  "halo:User": async () => (await import("./halo/index.ts")).user as unknown as Definition,
  "halo:Licence": async () => (await import("./halo/licence.ts")).licence as unknown as Definition,
  "halo:Ticket": async () => (await import("./halo/ticket/ticket.ts")).ticket as unknown as Definition,
  "halo:Asset": async () => (await import("./halo/asset.ts")).asset as unknown as Definition,
  "script:Run": async () => (await import("./script/index.ts")).run as unknown as Definition,
};

export const types: readonly string[] = Object.keys(loaders);

/** The definition of a type token. Throws for a token nobody registered. */
export function definition(type: string): Promise<Definition> {
  const load = loaders[type];
  if (!load) throw new Error(`There is no resource type ${type}; known are ${types.join(", ")}.`);
  return load();
}

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
    const one = await definition(type);
    return one.list(await one.client(), { attributes: run?.attributes[type] ?? [] });
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

let kept = false;

/** Node writes what it compiled at a quiet end; the engine ends this process without asking. So it is written once all is loaded. */
function keepLoaded(): void {
  if (!kept) setImmediate(flushCompileCache);
  kept = true;
}

/** What the constant line in every state calls. Returns synchronously, as Pulumi does not await it. */
export function provider(type: string): Adapted & { configure: typeof configure } {
  const adapted = definition(type).then((one) => adapt(one, open));
  // An unknown token must fail the operation that names it, not the whole process.
  adapted.then(keepLoaded, () => undefined);
  return {
    configure,
    check: async (olds: Values, news: Values) => (await adapted).check(olds, news),
    create: async (inputs: Values) => (await adapted).create(inputs),
    read: async (id: string, props: Values) => (await adapted).read(id, props),
    update: async (id: string, olds: Values, news: Values) => (await adapted).update(id, olds, news),
    delete: async (id: string, props: Values) => (await adapted).delete(id, props),
  };
}
