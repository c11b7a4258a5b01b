/**
 * An engine for tests, in the test's own process: everything of haloform is real (mappings, decisions, definitions, the adapter,
 * requests over HTTP and LDAP, the run folder, the state), Pulumi alone is absent. test/e2e/engine.test.ts holds it against the
 * real one.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Pass, type Passed, pass } from "./pass.ts";
import { around, type Opened, type Program, provider, type Run, type Step } from "./product.ts";
import { inRealm } from "./realm.ts";
import { StateFile, type Values } from "./state.ts";

interface Planned {
  format: "haloform.test-plan/1";
  steps: { [resource: string]: { op: Step["op"]; after?: unknown } };
}

const keyOf = (step: Step): string => `${step.type}::${step.name}`;

/** Whether a run is still to be: `kill -9` without a process. */
export class Life {
  killed = false;
  /** Resolves when a run that was killed has nothing under way any more. */
  readonly drained: Promise<void>;
  readonly #drain: () => void;
  #folder: string | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.drained = promise;
    this.#drain = resolve;
  }

  kill(): void {
    this.killed = true;
    // Nobody waits for answers that cannot come.
    if (this.#folder !== undefined) writeFileSync(join(this.#folder, "stop"), "");
  }

  /** A run in this folder begins and ends. */
  async during<T>(folder: string, work: () => Promise<T>): Promise<T> {
    this.#folder = folder;
    try {
      const value = await work();
      return this.killed ? await this.#end() : value;
    } catch (error) {
      if (this.killed) await this.#end();
      throw error;
    } finally {
      this.#folder = undefined;
    }
  }

  #end(): Promise<never> {
    this.#drain();
    return new Promise(() => undefined);
  }
}

/** The stack of a project, as cli/engine opens it. */
export async function openForTests(project: { home: string; stack: string }, life: Life): Promise<Opened> {
  const cli = await around();
  const state = new StateFile(project.home, project.stack);
  const phrase = (): string => cli.passphrase() ?? "";

  async function run(
    program: Program,
    given: Run,
    options: { onStep?: (done: number) => void },
    apply?: (step: Step) => void,
  ): Promise<Passed & { folder: string }> {
    const runs = join(project.home, "runs");
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    const folder = mkdtempSync(join(runs, `run-${process.pid}-`));
    cli.writeRun(folder, given);
    process.env["HALOFORM_RUN"] = folder;
    try {
      // The provider is a process of its own: it shares no client, no cache and no count with the command.
      const passed = await life.during(folder, () =>
        inRealm(async () => {
          const given: Pass = { state, waves: cli.wavesOf(program.resources), provider: await provider(), providerLine: cli.providerLine };
          const { onStep: onDone } = options;
          return pass({ ...given, over: () => life.killed, ...(onDone ? { onDone } : {}), ...(apply ? { apply } : {}) });
        }),
      );
      return { ...passed, folder };
    } catch (error) {
      cli.removeRun(folder);
      throw error;
    } finally {
      delete process.env["HALOFORM_RUN"];
    }
  }

  const made: Opened = {
    async previous() {
      return { ...cli.parseExport(state.exported(phrase())), noted: () => cli.readNoted(made) };
    },
    async preview(program, given, options) {
      const { steps, failure, folder } = await run(program, given, options);
      if (failure) {
        cli.removeRun(folder);
        throw failure;
      }
      const planned: Planned = {
        format: "haloform.test-plan/1",
        steps: Object.fromEntries(steps.map((step) => [keyOf(step), { op: step.op, after: step.after }])),
      };
      if (options.planFile) writeFileSync(options.planFile, JSON.stringify(planned), { mode: 0o600 });
      return { steps, folder };
    },
    async up(program, given, options) {
      const planned = options.planFile ? (JSON.parse(readFileSync(options.planFile, "utf8")) as Planned) : undefined;
      const { rows, failure, folder } = await run(program, given, options, (step) => planned && held(planned, step));
      const outputs = state.stackRow?.outputs ?? {};
      const { passwords } = outputs;
      const next: Values = { memory: program.memory, ...(passwords === undefined ? {} : { passwords }) };
      state.write(rows, failure ? outputs : next, phrase());
      const lost = await cli.keepPasswords(made.editPasswords, given);
      const why = [...(failure ? [failure.message] : []), ...(lost === undefined ? [] : [lost])];
      return { folder, ...(why.length === 0 ? {} : { failure: why.join("; ") }) };
    },
    tag: async (name) => state.tags()[name],
    setTag: async (name, value) => state.tag(name, value),
    async editPasswords(change) {
      const stack = state.stackRow;
      if (!stack) throw new Error("there is no state yet: apply a plan first");
      const { passwords, ...outputs } = stack.outputs ?? {};
      const stored = { ...(passwords as Values | undefined) };
      if (!change(stored)) return;
      const rows = state.rows().filter((row) => row.type.startsWith("pulumi-nodejs:"));
      state.write(rows, Object.keys(stored).length > 0 ? { ...outputs, passwords: stored } : outputs, phrase());
    },
  };
  return made;
}

/** Only what was planned is done, with the inputs it was planned with. */
function held(planned: Planned, step: Step): void {
  const found = planned.steps[keyOf(step)];
  if (found?.op === step.op && JSON.stringify(found.after) === JSON.stringify(step.after)) return;
  throw new Error(`resource ${keyOf(step)} violates plan: ${step.op} was not planned, or with other inputs`);
}
