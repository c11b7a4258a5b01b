/** Pulumi's engine, driven through the Automation API with the program inline. */
import { delimiter, dirname, join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";
import { once } from "../../base/once.ts";
import { privateFolder } from "../../base/private-file.ts";
import { EngineError, findEngine } from "../../engine/find.ts";
import { writeLauncher } from "../../engine/launcher.ts";
import { readGiven } from "../../providers/core/given.ts";
import type { Run } from "../../providers/core/run.ts";
import type { Previous } from "../../stacks/read/previous.ts";
import { register } from "../../stacks/register/program.ts";
import { clock } from "../clock.ts";
import { Refusal } from "../exit.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Exported, Shelf, Tags } from "../ledger/shelf.ts";
import type { Voice } from "../say.ts";
import { refuseUnverifiedBackend } from "./backend.ts";
import { beginning, onlyUnderLock } from "./beginning.ts";
import { besideOf } from "./beside.ts";
import { backendOf, environment, nameStack, useSalt, workFolder } from "./environment.ts";
import { failureOf } from "./failure.ts";
import { keptBy, keptByEngine, tagsBy } from "./kept.ts";
import { unlocked } from "./lock.ts";
import type { Opened, Readable, Stored } from "./opened.ts";
import { exportState, leavePassphrase, underPassphrase } from "./passphrase.ts";
import { editPasswords, keepPasswords } from "./passwords.ts";
import { previousOf } from "./previous.ts";
import type { Project } from "./project.ts";
import { inRunFolder } from "./run-folder.ts";
import { documentsOf } from "./shards/documents.ts";
import { beginIn, laidOut, type Settling, settled } from "./shards/settle.ts";
import { Shards } from "./shards/shards.ts";
import { type EngineAt, exportPlain, importState } from "./state.ts";
import { refuseThrowaway } from "./throwaway.ts";
import { toldOf } from "./told.ts";

/**
 * Operations of the engine at a time: they wait for answers of other systems, so the number of cores says nothing. Two of
 * Graph's batches (clients/graph/batch.ts): one fills while the other is under way, and both are full.
 */
export const parallel = 40;

/** How the engine is run, everywhere the same. */
export const engineOptions = { parallel, refresh: true, suppressProgress: true, suppressOutputs: true, color: "never" } as const;

/** Opens the project's stack; it is made where it is missing. Throws EngineError where there is no engine, and what Pulumi said. */
export async function openStack(project: Project, voice: Voice): Promise<Opened> {
  if (project.openStack) return project.openStack(project, voice);
  refuseThrowaway(project, process.env);
  refuseUnverifiedBackend(backendOf(project));
  const stack = await selectStack(project, voice.say).catch((error: unknown) => {
    throw couldNotOpen(project, error);
  });
  nameStack(project);
  // The SDK's `up` asks the engine twice for the outputs and once for its history afterwards, which nobody here reads.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return opened(stack, project, voice);
}

/**
 * Reads the project's stack, for commands that change nothing: where the state is, it is only read, and the engine is only used where
 * nothing else can read that place. Throws as openStack does.
 */
export async function openToRead(project: Project, voice: Voice): Promise<Readable> {
  if (project.openStack) return project.openStack(project, voice);
  refuseThrowaway(project, process.env);
  refuseUnverifiedBackend(backendOf(project));
  // What lies in the home is closed to others with it.
  privateFolder(project.home);
  const read = keptBy(project);
  const found = await (read ? read() : useEngine(project, voice.say).then(() => keptByEngine(project))).catch((error: unknown) => {
    throw couldNotOpen(project, error);
  });
  // What is to be done to the stack first, is done to what was read of it, and nobody needs to hear of it.
  let { tags } = found;
  const shards = new Shards(project.stack, documentsOf(project));
  let state = once(() => shards.whole(found.state));
  const shelf: Shelf = {
    patience: 0,
    tags: async () => tags,
    setTag: async (name, value) => void (tags = { ...tags, [name]: value }),
    exported: () => state(),
    putBack: async (before) => void (state = async () => before),
    beside: besideOf(project),
  };
  const ledger = once(() => Ledger.open(project, shelf, { tell: () => undefined }));
  return { previous: () => previousOf(project, ledger(), shelf), ledger, tags: shelf.tags, lying: () => shards.last };
}

const couldNotOpen = ({ stack }: Project, error: unknown): Error =>
  error instanceof EngineError ? error : new Error(`Could not open the stack ${stack}: ${failureOf(error)}`);

type Place = Pick<Project, "folder" | "stack" | "home"> & Partial<Pick<Project, "config">>;

/** The engine, found and ready to run a program for the project's stack. `provider`: another provider process than haloform's. */
export async function selectStack(project: Place, say: (line: string) => void, provider?: string): Promise<Stack> {
  return select(project, await useEngine(project, say, provider));
}

/** Finds the engine and puts it on PATH with what it starts; returns its version. */
async function useEngine(project: Place, say: (line: string) => void, provider?: string): Promise<string> {
  const engine = await findEngine(say);
  const launcher = writeLauncher(join(project.home, "tools"), provider);
  process.env["PATH"] = [dirname(process.execPath), launcher, dirname(engine.path), process.env["PATH"] ?? ""].join(delimiter);
  // A workflow hands over a variable that is not set as an empty one, and Pulumi would take that before the file.
  if (process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] && process.env["PULUMI_CONFIG_PASSPHRASE"] === "")
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  return engine.version;
}

async function select(project: Place, version: string): Promise<Stack> {
  const envVars = environment(project);
  const workDir = workFolder(project);
  // Not by its `get`, which would ask the engine for the version that is known already.
  const pulumiCommand = Reflect.construct(PulumiCommand, ["pulumi", new SemVer(version)]) as PulumiCommand;
  const open = (): Promise<Stack> =>
    LocalWorkspace.createOrSelectStack(
      { stackName: project.stack, projectName: "haloform", program: async () => undefined },
      { workDir, envVars, pulumiCommand },
    );
  return open().catch((error: unknown) => {
    // Another run made it between our looking and our making.
    if (/stack '.*' already exists/u.test(String(error))) return open();
    throw error;
  });
}

/** Runs in a folder of their own, which the provider process is told of. */
const runsIn =
  (stack: Stack, project: Project, { say }: Voice) =>
  <T>(run: Run, work: (folder: string) => Promise<T>): Promise<T> =>
    inRunFolder(project, run, say, (folder) => {
      stack.workspace.envVars["HALOFORM_RUN"] = folder;
      return work(folder);
    });

function opened(stack: Stack, project: Project, voice: Voice): Opened {
  const at: EngineAt = { cwd: stack.workspace.workDir, env: stack.workspace.envVars, stack: stack.name };
  let last: Previous | undefined;
  // What the secrets are under is part of what is signed.
  const unlockState = <T>(work: () => Promise<T>): Promise<T> =>
    underPassphrase(at, project, voice, work, async () => (await ledger()).sign(clock()));
  const inRun = runsIn(stack, project, voice);
  const locked = <T>(work: () => Promise<T>): Promise<T> =>
    unlocked(stack, project.home, voice, () => useSalt(project, readHead).then(work));
  const tags = tagsBy(project) ?? ((): Promise<Tags> => stack.workspace.listTags(stack.name));
  const shards = new Shards(project.stack, documentsOf(project));
  const readHead = async (): Promise<Exported> => (await keptBy(project)?.())?.state() ?? exportPlain(at);
  const putHead = (head: Exported): Promise<void> => locked(() => importState(at, head));
  const shelf: Shelf = {
    patience: 1000,
    tags,
    setTag: (name, value) => stack.workspace.setTag(stack.name, name, value),
    exported: () => shards.whole(readHead),
    putBack: async (state) => putHead(await shards.back(state, readHead)),
    beside: besideOf(project),
  };
  const ledger = once(() => Ledger.open(project, shelf, voice));
  // The one that writes: that which is believed, or that of who takes over what is there.
  let book = ledger;
  const early = async () => (await book()).rewritten(clock);
  const underLock: Opened["underLock"] = (work) =>
    unlockState(() => locked(() => onlyUnderLock(work, (program) => stack.up({ ...engineOptions, program }), early)));
  const settling: Settling = { shards, readHead, underLock, putHead: signed(early, (head) => unlockState(() => putHead(head))) };
  const made: Opened = {
    async previous() {
      const found = await previousOf(project, ledger(), shelf, () => unlockState(() => exportState(stack, project)));
      last = found;
      return found;
    },
    up: (program, run, options) => {
      const apart = shards.forRun(program.moving, last?.resources ?? []);
      return inRun(apart ? { ...run, carried: apart.carried } : run, async (folder) => {
        // Not by the engine's events: with all states in them, those cost the engine half of its time.
        const followed = options.follow?.(folder);
        const { resources, options: targeted } = toldOf(stack.name, program, last, apart?.here);
        const whole = async () => {
          const outputs = await register(resources, program.memory, () => last?.handed);
          await options.end(folder);
          return apart ? { ...outputs, shards: apart.output } : outputs;
        };
        const begun = beginning(beginIn(settling, project.config.shards, options.begin), whole, early);
        const apply = () => begun.over(stack.up({ ...engineOptions, ...targeted, program: begun.program }));
        const failed = await unlockState(() => locked(apply))
          .then(
            () => [],
            (error: unknown) => {
              if (error instanceof Refusal || !begun.has()) throw error;
              return [failureOf(error)];
            },
          )
          .finally(followed);
        const book = await ledger();
        const came = { resources: program.resources, memory: program.memory, given: readGiven(folder) };
        const edit = async (change: (all: Stored) => boolean): Promise<void> => {
          // What was given to the state is forgotten here only when nothing can put back the one of before.
          if (await editPasswords(at, change)) await book.sign(clock(), came);
        };
        const lost = await keepPasswords(edit, run, last?.handed);
        if (lost === undefined) await leavePassphrase(at, project, voice);
        const unsigned = await book.signLeft(clock(), came);
        const waiting = { settings: project.config.shards, most: program.moving.size, values: program.values ?? new Map() };
        // What is not signed stays where it lies: the next run may have to put back the state of before.
        if (unsigned === undefined) await settled(settling, { ...waiting, isMine: () => book.refuseMoved() }, voice);
        const failures = [...failed, ...[lost, unsigned].filter((one) => one !== undefined)];
        return { folder, ...(failures.length === 0 ? {} : { failure: failures.join("; ") }) };
      });
    },
    ledger,
    async unbelieved() {
      const found = await Ledger.unbelieved(project, shelf);
      book = async () => found.ledger;
      return found;
    },
    underLock,
    tags,
    lying: () => shards.last,
    layOut: async (target, values, begin) => laidOut(settling, { target, values, isMine: begin }),
    async editPasswords(change) {
      const book = await ledger();
      book.refusePasswords("this command");
      const refuse = async (head: Exported): Promise<void> => book.refuseOther(await shards.whole(async () => head));
      if (await unlockState(() => editPasswords(at, change, refuse))) await book.sign(clock());
    },
  };
  return made;
}

/** What is put in place of a signed state goes through the engine, which encrypts anew what waits in it: it is signed as it came to lie. */
function signed(early: () => Promise<() => Promise<void>>, put: (head: Exported) => Promise<void>): (head: Exported) => Promise<void> {
  return async (head) => {
    const sign = await early();
    await put(head);
    await sign();
  };
}
