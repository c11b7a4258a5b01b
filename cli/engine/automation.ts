/** Pulumi's engine, driven through the Automation API with the program inline. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { type EngineEvent, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";
import { parse, stringify } from "yaml";
import { ConfigurationError, oneLine, UnreachableError } from "../../base/errors.ts";
import { alive } from "../../base/owner.ts";
import { stopSignal, tellToStop } from "../../base/stop.ts";
import { EngineError, findEngine } from "../../engine/find.ts";
import { writeLauncher } from "../../engine/launcher.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import { type Run, removeRun, writeRun } from "../../providers/core/run.ts";
import { openVault } from "../../providers/core/vault.ts";
import type { DesiredResource, Memory } from "../../stacks/model/types.ts";
import type { Step } from "../../stacks/plan/input.ts";
import type { Handed } from "../../stacks/read/handed.ts";
import { nameOf, type Previous, parseExport, typeOf } from "../../stacks/read/previous.ts";
import { register } from "../../stacks/register/program.ts";
import { Refusal } from "../exit.ts";
import { readNoted } from "./noted.ts";
import { bringHome, type EngineAt, editPasswords, rekey, type Stored, wrongPassphrase } from "./passwords.ts";
import type { Project } from "./project.ts";
import { whenStopped } from "./stop.ts";

export interface Program {
  resources: readonly DesiredResource[];
  memory: Memory;
}

export interface Opened {
  previous(): Promise<Previous>;
  /** What the engine would do, after a refresh. `planFile`: where Pulumi's own plan goes. */
  preview(
    program: Program,
    run: Run,
    options: { planFile?: string; onStep?: (done: number) => void },
  ): Promise<{ steps: Step[]; folder: string }>;
  /** Applies. `folder` holds the provider's outcomes. */
  up(
    program: Program,
    run: Run,
    options: { planFile?: string; onStep?: (done: number) => void },
  ): Promise<{ folder: string; failure?: string }>;
  tag(name: string): Promise<string | undefined>;
  setTag(name: string, value: string): Promise<void>;
  /** Changes which passwords wait in the state; see password-state.ts. */
  editPasswords(change: (stored: Stored) => boolean): Promise<void>;
}

/** Environment of the engine, and so of the provider process. */
function environment(project: Pick<Project, "home">): Record<string, string> {
  // `||`: a workflow hands over a variable that is not set as an empty one.
  const backend = process.env["PULUMI_BACKEND_URL"] || `file://${join(project.home, "state")}`;
  if (backend.startsWith("file://")) mkdirSync(backend.slice("file://".length), { recursive: true });
  return {
    PULUMI_BACKEND_URL: backend,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Nothing secret is in the state unless passwords are handed over by it; Pulumi asks for a passphrase all the same.
    ...(process.env["PULUMI_CONFIG_PASSPHRASE"] === undefined && process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] === undefined
      ? { PULUMI_CONFIG_PASSPHRASE: "" }
      : {}),
    // The state is written once, at the end: writing it at each step costs the square of the people (docs/decisions/0005).
    PULUMI_SKIP_CHECKPOINTS: "true",
    // The engine then compares equal inputs itself and does not ask the provider: our rule exactly.
    PULUMI_ENABLE_LEGACY_DIFF: "true",
    // What a refresh found is in our own plan; the engine need not ask the provider once more to word it.
    PULUMI_ENABLE_LEGACY_REFRESH_DIFF: "true",
    ...withoutDebugLog(project),
    // A copy of the whole state at every run is the backend's business (versioned buckets), not ours.
    PULUMI_DISABLE_CHECKPOINT_BACKUPS: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
  };
}

/**
 * The engine keeps a debug log of every run in its home (`logs`): all inputs of all people, 13 KB a person, for a third of its
 * CPU time, encrypted with the stack's passphrase, which is empty here. No setting turns it off, but it goes without where it
 * cannot make the folder (docs/decisions/0013). So it gets a home of its own whose `logs` is a file; logins stay where they are.
 */
function withoutDebugLog(project: Pick<Project, "home">): Record<string, string> {
  if (process.env["HALOFORM_ENGINE_LOG"] === "1") return {};
  const home = join(project.home, "engine");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const logs = join(home, "logs");
  if (!existsSync(logs))
    writeFileSync(logs, "This is a file so that the engine keeps no debug log of people's data; HALOFORM_ENGINE_LOG=1 lets it.\n");
  const credentials = process.env["PULUMI_CREDENTIALS_PATH"] ?? process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return { PULUMI_HOME: home, PULUMI_CREDENTIALS_PATH: credentials };
}

export async function openStack(project: Project, say: (line: string) => void): Promise<Opened> {
  const stack = await selectStack(project, say).catch((error: unknown) => {
    throw error instanceof EngineError ? error : new Error(`Could not open the stack ${project.stack}: ${failureOf(error)}`);
  });
  nameStack(project);
  return opened(stack, project);
}

const workFolder = (project: Pick<Project, "home" | "stack">): string => join(project.home, "work", project.stack);

/**
 * Puts the stack's name into its configuration as Pulumi has it: so it stands in the state beside the provider, which finds
 * the settings by it when nobody hands them over (the stock `pulumi refresh` asks no program). Not the settings themselves:
 * the identity that previews has others than the one that applies, and the engine holds a plan to its configuration.
 */
function nameStack(project: Project): void {
  const file = join(workFolder(project), `Pulumi.${project.stack}.yaml`);
  const content = (existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {}) as Record<string, unknown>;
  settle(file, stringify({ ...content, config: { "haloform:stack": project.stack } }));
}

/** Gives a file its contents in one step, where it does not have them: another run of this project may be reading it. */
function settle(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * Operations of the engine at a time: they wait for answers of other systems, so the number of cores says nothing. Two of
 * Graph's batches (clients/graph/batch.ts): one fills while the other is under way, and both are full.
 */
export const parallel = 40;

/** How the engine is run, everywhere the same. */
export const engineOptions = { parallel, refresh: true, suppressProgress: true, suppressOutputs: true, color: "never" } as const;

/** The engine, found and ready to run a program for the project's stack. */
export async function selectStack(project: Pick<Project, "folder" | "stack" | "home">, say: (line: string) => void): Promise<Stack> {
  const engine = await findEngine(say);
  const launcher = writeLauncher(join(project.home, "tools"));
  process.env["PATH"] = [dirname(process.execPath), launcher, dirname(engine.path), process.env["PATH"] ?? ""].join(delimiter);
  // A workflow hands over a variable that is not set as an empty one, and Pulumi would take that before the file.
  if (process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] && process.env["PULUMI_CONFIG_PASSPHRASE"] === "")
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  const env = environment(project);
  // A work folder of our own: Pulumi writes its salt into the stack file it finds, and Pulumi.<stack>.yaml is git's.
  const workDir = workFolder(project);
  mkdirSync(workDir, { recursive: true });
  // Not by the Automation API's projectSettings: it empties the file first, under the eyes of a second run.
  settle(join(workDir, "Pulumi.yaml"), stringify({ name: "haloform", runtime: "nodejs", main: relative(workDir, project.folder) }));
  // Not by its `get`, which would ask the engine for the version that is known already.
  const pulumiCommand = Reflect.construct(PulumiCommand, ["pulumi", new SemVer(engine.version)]) as PulumiCommand;
  const open = (): Promise<Stack> =>
    LocalWorkspace.createOrSelectStack(
      { stackName: project.stack, projectName: "haloform", program: async () => undefined },
      { workDir, envVars: env, pulumiCommand },
    );
  return open().catch((error: unknown) => {
    // Another run made it between our looking and our making.
    if (/stack '.*' already exists/u.test(String(error))) return open();
    throw error;
  });
}

function opened(stack: Stack, project: Project): Opened {
  const inFolder = async <T>(run: Run, work: (folder: string) => Promise<T>): Promise<T> => {
    const runs = join(project.home, "runs");
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    sweep(runs);
    const folder = mkdtempSync(join(runs, `run-${process.pid}-`));
    writeRun(folder, run);
    stack.workspace.envVars["HALOFORM_RUN"] = folder;
    const tell = (): void => tellToStop(folder);
    if (stopSignal.aborted) tell();
    stopSignal.addEventListener("abort", tell, { once: true });
    const kept = whenStopped(() => removeRun(folder));
    try {
      return await work(folder);
    } catch (error) {
      // Nobody is told where it is, so nobody else can remove it.
      removeRun(folder);
      throw error;
    } finally {
      stopSignal.removeEventListener("abort", tell);
      kept();
    }
  };
  // The SDK's `up` asks the engine twice for the outputs and once for its history afterwards, which nobody here reads.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  const at: EngineAt = { cwd: stack.workspace.workDir, env: stack.workspace.envVars, stack: stack.name };
  let handed: Handed | undefined;
  const common = (program: Program, options: { planFile?: string }, onDone?: () => void) => ({
    program: () => register(program.resources, program.memory, () => handed, onDone),
    ...engineOptions,
    ...(options.planFile ? { plan: options.planFile } : {}),
  });
  const made: Opened = {
    async previous() {
      const found = parseExport(await underPassphrase(at, project, () => exportState(stack, project)));
      handed = found.handed;
      return { ...found, noted: () => readNoted(made) };
    },
    preview: (program, run, options) =>
      inFolder(run, async (folder) => {
        const steps = new Map<string, Step>();
        const onEvent = (event: EngineEvent): void => {
          const step = stepOf(event);
          if (!step) return;
          steps.set(`${step.type}::${step.name}`, step);
          options.onStep?.(steps.size);
        };
        try {
          await underPassphrase(at, project, () => stack.preview({ ...common(program, options), onEvent }));
        } catch (error) {
          throw new Error(failureOf(error));
        }
        if (options.planFile && handed) withoutPasswords(options.planFile);
        return { steps: [...steps.values()], folder };
      }),
    up: (program, run, options) =>
      inFolder(run, async (folder) => {
        let done = 0;
        // Counted here and not by the engine's events: with all states in them, those cost the engine half of its time.
        const apply = () => stack.up(common(program, options, () => options.onStep?.((done += 1))));
        try {
          await underPassphrase(at, project, () => unlocked(stack, apply));
        } catch (error) {
          if (error instanceof Refusal) throw error;
          const lost = await keepPasswords(at, run);
          return { folder, failure: [failureOf(error), ...(lost === undefined ? [] : [lost])].join("; ") };
        }
        const failure = await keepPasswords(at, run);
        return { folder, ...(failure === undefined ? {} : { failure }) };
      }),
    async tag(name) {
      const tags = await stack.workspace.listTags(stack.name);
      return tags[name];
    },
    setTag: (name, value) => stack.workspace.setTag(stack.name, name, value),
    editPasswords: (change) => underPassphrase(at, project, () => editPasswords(at, change)),
  };
  return made;
}

/** Does `work`; where the state is still under the empty passphrase, puts it under the one that is set now, and does it again. */
async function underPassphrase<T>(at: EngineAt, project: Project, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal || passphrase() === undefined || !wrongPassphrase.test(String(error))) throw error;
    const file = join(workFolder(project), `Pulumi.${project.stack}.yaml`);
    if (!(await rekey(at, () => settle(file, stringify({ config: { "haloform:stack": project.stack } }))))) throw error;
    process.stderr.write("The state was kept without a passphrase; from now on PULUMI_CONFIG_PASSPHRASE is the one it is under.\n");
    return work();
  }
}

/** The exported state, secrets shown. Throws ConfigurationError where the passphrase does not open it. */
async function exportState(stack: Stack, project: Project): Promise<unknown> {
  try {
    return await stack.exportStack();
  } catch (error) {
    if (!wrongPassphrase.test(String(error))) throw error;
    throw new ConfigurationError(
      `Could not read the state of the stack ${project.stack}: PULUMI_CONFIG_PASSPHRASE ${passphrase() === undefined ? "is empty, and the state was encrypted with one" : "is not the passphrase it was encrypted with"}; set the one it was made with.`,
    );
  }
}

/** New passwords go from this machine into the state. Returns why they did not. */
async function keepPasswords(at: EngineAt, run: Run): Promise<string | undefined> {
  const vault = run.passwords?.vault ?? run.cloudPasswords?.vault;
  const phrase = vault === undefined ? undefined : passphrase();
  if (vault === undefined || phrase === undefined) return undefined;
  try {
    await bringHome(at, openVault(vault, phrase));
    return undefined;
  } catch (error) {
    return `new passwords could not be put into the state (${oneLine((error as Error).message)}); they are kept, encrypted, on this machine (${vault}), where \`haloform password show\` finds them, and the next run puts them there`;
  }
}

/** A bundle is kept and handed around: it has no passwords, also no encrypted ones. */
function withoutPasswords(planFile: string): void {
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as { resourcePlans?: Record<string, { state?: Record<string, unknown> }> };
  for (const one of Object.values(plan.resourcePlans ?? {})) delete one.state?.["passwords"];
  writeFileSync(planFile, JSON.stringify(plan), { mode: 0o600 });
}

/** Removes what killed runs left behind: their folders hold everything that was read of people. */
function sweep(runs: string): void {
  for (const name of readdirSync(runs)) {
    const pid = /^run-(\d+)-/u.exec(name)?.[1];
    if (pid !== undefined && !alive(Number(pid))) removeRun(join(runs, name));
  }
}

/** A step of the engine for one of our resources; refreshes are not steps. */
function stepOf(event: EngineEvent): Step | undefined {
  const meta = event.resourcePreEvent?.metadata;
  if (!meta || meta.op === "refresh") return undefined;
  const type = typeOf(meta.urn);
  if (!type) return undefined;
  const inputs = (state: { inputs?: Record<string, unknown> } | undefined): { [key: string]: never } => {
    const { __provider: _line, ...rest } = state?.inputs ?? {};
    return rest as { [key: string]: never };
  };
  const op: Step["op"] = meta.op === "same" || meta.op === "create" || meta.op === "update" || meta.op === "delete" ? meta.op : "replace";
  return {
    op,
    type,
    name: nameOf(meta.urn),
    ...(meta.old ? { before: inputs(meta.old) } : {}),
    ...(meta.new ? { after: inputs(meta.new) } : {}),
  };
}

const locked = /currently locked by \d+ lock/u;
const owner = /created by ([^\s@]+)@(\S+) \(pid (\d+)\) at (\S+)/u;

/**
 * Runs `apply`; where the stack is locked by a process of this machine that is gone (a killed run), releases the lock,
 * once, and runs it again. A lock that may be alive is refused, with its owner.
 */
async function unlocked<T>(stack: Stack, apply: () => Promise<T>): Promise<T> {
  try {
    return await apply();
  } catch (error) {
    const text = String((error as Error).message);
    if (!locked.test(text)) throw error;
    const [, user, host, pid, at] = owner.exec(text) ?? [];
    if (host === hostname() && pid !== undefined && !alive(Number(pid))) {
      process.stderr.write(`The last run (process ${pid}, ${at}) was cut off; its lock is released.\n`);
      await stack.cancel();
      return apply();
    }
    throw new Refusal([
      `another run holds the stack: ${user ?? "somebody"} on ${host ?? "another machine"} (process ${pid ?? "unknown"}) since ${at ?? "unknown"}. Wait for it to end; if it is surely dead, release the stack: ${cancelCommand(stack)}`,
    ]);
  }
}

/** What an administrator can paste to release a stack: the engine is often not on PATH, and does not know the backend. */
function cancelCommand(stack: Stack): string {
  const { PULUMI_BACKEND_URL: backend } = stack.workspace.envVars;
  const engine =
    (process.env["PATH"] ?? "")
      .split(delimiter)
      .map((folder) => join(folder, "pulumi"))
      .find((file) => existsSync(file)) ?? "pulumi";
  return `PULUMI_BACKEND_URL='${backend}' ${passphrase() === undefined ? "PULUMI_CONFIG_PASSPHRASE= " : ""}${engine} cancel --stack organization/haloform/${stack.name} --yes`;
}

/** The cause in Pulumi's output: its `error:` lines, without the frame of the command. */
function failureOf(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  const text = String((error as Error).message ?? error);
  const causes = [...new Set(text.split("\n").flatMap((line) => /error: (.*)$/u.exec(line)?.[1]?.trim() ?? []))].filter(
    (line) => !/^(?:update failed|preview failed)$/u.test(line),
  );
  return oneLine(causes.length > 0 ? causes.slice(0, 5).join("; ") : text.slice(0, 2000));
}
