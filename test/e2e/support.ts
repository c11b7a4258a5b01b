/** A whole world for a test: the sandbox, a stack of its own, mapping files to change, and the command line. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import { safetyFile } from "../../mappings/schema/safety.ts";
import { type Sandbox, type SandboxConfig, type SandboxEnv, type SandboxOptions, startSandbox } from "../../sandbox/start.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { type Ended, type Running, start } from "../engine/command.ts";

export const root = resolve(import.meta.dirname, "..", "..");

export type { Ended };

/** A plan that was made: the bundle's folder, and what the command said. */
export interface Made {
  plan: Plan;
  folder: string;
  ended: Ended;
}

export interface Commands {
  run(args: readonly string[], more?: NodeJS.ProcessEnv): Promise<Ended>;
  /** preview --out: the plan and what was printed. Fails the test where preview did not end with one of `codes`. */
  plan(name?: string, codes?: readonly number[]): Promise<Made>;
  /** up of a plan that was just made. */
  up(made: { plan: Plan; folder: string }): Promise<Ended>;
  /** preview and up; fails the test unless up ends with one of `codes`. */
  converge(codes?: readonly number[]): Promise<{ plan: Plan; ended: Ended }>;
}

/** The commands run in the test's process on the engine for tests (test/engine); those of `processes` as the user runs them. */
export interface World extends Commands {
  sandbox: Sandbox;
  /** Where state, runs and bundles of this world are; inside the checkout, as `#providers` must be found from there. */
  home: string;
  mappings: string;
  stackFile: string;
  env: NodeJS.ProcessEnv;
  /** Starts a command in this process, to be cut off. */
  begin(args: readonly string[], more?: NodeJS.ProcessEnv, stdin?: Readable): Running;
  /** The command line as a process, with Pulumi's engine and its provider process. */
  processes: Commands & { start(args: readonly string[], more?: NodeJS.ProcessEnv): ChildProcess };
  /** Applied once more, all changes nothing, and nothing is written; who is parked may still be. */
  nothingIsLeft(): Promise<Plan>;
  /** Changes a mapping file as data. */
  edit(file: string, change: (content: Record<string, unknown>) => void): void;
  stop(): Promise<void>;
}

export interface WorldOptions extends Omit<SandboxOptions, "dir"> {
  /** true keeps the limits of mappings/safety.yaml; else they are lifted, as 4 leavers of 40 people are more than 5 %. */
  limits?: boolean;
  /** Another name than `test`. */
  stack?: string;
}

export function writeStack(file: string, config: SandboxConfig): void {
  // The sandbox counts Halo's requests as Halo does; a test makes more runs in five minutes than a company does.
  const halo = { ...config.halo, limit: 100_000 };
  writeFileSync(file, stringify({ config: { "haloform:halo": halo, "haloform:entra": config.entra, "haloform:ad": config.ad } }));
}

/** What knows no stack, and the commands of which only some know one: a test names settings and mappings itself. */
const namesItsOwn = /^(?:-.*|fleet|show|password|keys|sandbox|quickstart|)$/u;

export async function world(options: WorldOptions = {}): Promise<World> {
  const tests = join(root, ".haloform", "tests");
  mkdirSync(tests, { recursive: true });
  const home = mkdtempSync(join(tests, "world-"));
  const { stack = "test", limits = false, ...sandboxOptions } = options;
  const sandbox = await startSandbox({ people: 40, haloLimit: 0, graphLimit: 0, ...sandboxOptions, dir: join(home, "sandbox") });
  const mappings = join(home, "mappings");
  mkdirSync(mappings);
  for (const file of ["people", "ad", "entra", "halo", "safety"])
    cpSync(join(root, "mappings", `${file}.yaml`), join(mappings, `${file}.yaml`));
  const stackFile = join(home, `Pulumi.${stack}.yaml`);
  writeStack(stackFile, sandbox.config);
  const env: NodeJS.ProcessEnv = { ...process.env, ...secrets(sandbox.env), HALOFORM_HOME: home, HALOFORM_STACK: stack, NO_COLOR: "1" };
  // What a test does on another day is applied, as on any sandbox where that is meant.
  env["HALOFORM_DRILL"] = stack;
  delete env["PULUMI_BACKEND_URL"];
  // Where the tests run as a job, what they start is none: its state is in the checkout.
  for (const name of ["CI", "GITHUB_ACTIONS"]) delete env[name];
  const given = (args: readonly string[]): string[] =>
    namesItsOwn.test(args[0] ?? "") ? [...args] : [...args, "--config-file", stackFile, "--mappings", mappings];
  const spawned = (args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [join(root, "cli", "main.ts"), ...given(args)], {
      cwd: root,
      env: { ...env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const begin: World["begin"] = (args, more = {}, stdin) => start(given(args), { ...env, ...more }, stdin);
  let bundles = 0;
  const commands = (run: Commands["run"]): Commands => {
    const made: Commands = {
      run,
      async plan(name = `plan-${(bundles += 1)}`, codes = [0]) {
        const folder = join(home, name);
        // A plan here is made sooner than Entra Connect brings what has just been changed by hand, and would be stale at once.
        if (!sandbox.connect.paused) await sandbox.connect.settled();
        const done = await run(["preview", "--out", folder]);
        if (!codes.includes(done.code ?? -1)) throw new Error(`preview ended with ${done.code}: ${done.err}\n${done.out.slice(0, 2000)}`);
        return { plan: planSchema.parse(JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"))), folder, ended: done };
      },
      up: (plan) => run(["up", "--plan", plan.folder, "--approve", plan.plan.digest]),
      async converge(codes = [0]) {
        const planned = await made.plan();
        const done = await made.up(planned);
        if (!codes.includes(done.code ?? -1)) throw new Error(`up ended with ${done.code}: ${done.err}\n${done.out}`);
        await sandbox.connect.settled();
        return { plan: planned.plan, ended: done };
      },
    };
    return made;
  };
  const here = commands((args, more) => begin(args, more).over);
  const made: World = {
    ...{ sandbox, home, mappings, stackFile, env, begin },
    ...here,
    processes: { ...commands((args, more) => ended(spawned(args, more))), start: spawned },
    async nothingIsLeft() {
      const writes = sandbox.writes();
      const { plan } = await here.converge([0, 4]);
      expect(real(plan)).toEqual([]);
      expect(changeCount(plan)).toBe(0);
      expect(sandbox.writes()).toBe(writes);
      return plan;
    },
    edit(file, change) {
      const path = join(mappings, `${file}.yaml`);
      const content = (existsSync(path) ? (parse(readFileSync(path, "utf8")) ?? {}) : {}) as Record<string, unknown>;
      change(content);
      writeFileSync(path, stringify(content));
    },
    async stop() {
      // Halo ignores what it does not know without a word, and Graph by the parameter: whatever any scenario sent, the
      // contract of its system must have it.
      const wrong = sandbox.violations();
      await sandbox.stop();
      rmSync(home, { recursive: true, force: true });
      if (wrong.length > 0) throw new Error(`The contracts do not have what was sent: ${wrong.join("; ")}`);
    },
  };
  if (!limits) {
    made.edit("safety", (content) => {
      content["limits"] = lifted();
    });
  }
  return made;
}

/** No limit on anything. */
const lifted = () => Object.fromEntries(Object.keys(safetyFile.parse({}).limits).map((name) => [name, { most: 100_000 }]));

/** Changes the settings of a world's stack. */
export function configure<Config extends object = Record<string, unknown>>(
  w: Pick<World, "stackFile">,
  change: (config: Config) => void,
): void {
  const file = parse(readFileSync(w.stackFile, "utf8")) as { config: Config };
  change(file.config);
  writeFileSync(w.stackFile, stringify(file));
}

/** Says who may sign, by lines of allowed signers, and names the file in the settings. */
export function allow(w: Pick<World, "home" | "stackFile">, ...lines: string[]): void {
  const file = join(w.home, "allowed_signers");
  writeFileSync(file, lines.join(""));
  configure(w, (config) => void (config["haloform:signers"] = file));
}

export function secrets(env: SandboxEnv): NodeJS.ProcessEnv {
  return { ...env };
}

export function ended(child: ChildProcess): Promise<Ended> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (data: Buffer) => (out += data));
  child.stderr?.on("data", (data: Buffer) => (err += data));
  return new Promise((done) => child.on("close", (code) => done({ code, out, err })));
}

/** Changes of a plan that touch anything (an adoption that changes no field does not). */
export function real(plan: Plan): { who: string; type: string; op: string; fields: string[] }[] {
  const all = [
    ...plan.people.flatMap((one) => one.changes.map((change) => ({ who: one.key, change }))),
    ...plan.shared.map((change) => ({ who: "", change })),
  ];
  return all.flatMap(({ who, change }) =>
    change.op === "adopt" && change.fields.length === 0
      ? []
      : [{ who, type: change.type, op: change.op, fields: change.fields.map((field) => field.path) }],
  );
}
