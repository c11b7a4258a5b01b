/**
 * An engine for tests, in the test's own process: everything of haloform is real (mappings, decisions, definitions, the adapter,
 * requests over HTTP and LDAP, the run folder, the state), Pulumi alone is absent. test/e2e/engine.test.ts holds it against the
 * real one.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Ledger } from "../../cli/ledger/ledger.ts";
import { type Pass, type Passed, pass } from "./pass.ts";
import {
  around,
  type EngineOptions,
  type Opened,
  type Previous,
  type Program,
  type Project,
  provider,
  type Run,
  type Step,
} from "./product.ts";
import { inRealm } from "./realm.ts";
import { StateFile, type Values } from "./state.ts";

interface Planned {
  format: "haloform.test-plan/1";
  steps: { [resource: string]: { op: Step["op"]; after?: unknown } };
}

const keyOf = (step: Step): string => `${step.type}::${step.name}`;

/** The stack of a project, as cli/engine opens it. `killed`: what was begun goes on without effect, and nothing is saved. */
export async function openForTests(
  project: Pick<Project, "home" | "stack" | "config">,
  { say, tell }: { say(line: string): void; tell(line: string): void },
  killed: AbortSignal,
): Promise<Opened> {
  const cli = await around();
  const state = new StateFile(project.home, project.stack);
  let handed: Previous["handed"];
  const phrase = (): string => cli.passphrase() ?? "";

  /** What comes to its end only for who was not killed: nothing comes after that. */
  const ended = async <T>(work: Promise<T>): Promise<T> => {
    const [settled] = await Promise.allSettled([work]);
    if (killed.aborted) return new Promise(() => undefined);
    if (settled.status === "rejected") throw settled.reason;
    return settled.value;
  };

  const run = (program: Program, given: Run, options: EngineOptions, apply?: (step: Step) => void): Promise<Passed & { folder: string }> =>
    cli.inRunFolder(project, given, say, async (folder) => {
      killed.addEventListener("abort", () => rmSync(folder, { recursive: true, force: true }));
      process.env["HALOFORM_RUN"] = folder;
      // The provider is a process of its own: it shares no client, no cache and no count with the command.
      const passed = await inRealm(async () => {
        const { onStep: onDone } = options;
        const waves = cli.wavesOf(program.resources);
        const all: Pass = { state, waves, provider: await provider(), providerLine: cli.providerLine, killed };
        return ended(pass({ ...all, ...(onDone ? { onDone } : {}), ...(apply ? { apply } : {}) }));
      }).finally(() => delete process.env["HALOFORM_RUN"]);
      if (passed.failure && !apply) throw passed.failure;
      return { ...passed, folder };
    });

  const tags = async (): Promise<{ readonly [name: string]: string }> => state.tags();
  const shelf = {
    patience: 0,
    tags,
    setTag: async (name: string, value: string) => state.tag(name, await ended(Promise.resolve(value))),
    exported: async () => state.raw(),
    putBack: async (before: { deployment?: unknown }) => state.replace(await ended(Promise.resolve(before))),
  };
  let opened: Promise<Ledger> | undefined;
  const ledger = (): Promise<Ledger> => (opened ??= cli.Ledger.open(project, shelf, { tell }));
  const edit: Opened["editPasswords"] = async (change) => {
    await ended(Promise.resolve());
    const stack = state.stackRow;
    if (!stack) throw new Error("there is no state yet: apply a plan first");
    const { passwords, ...outputs } = stack.outputs ?? {};
    const stored = { ...(passwords as Values | undefined) };
    if (!change(stored)) return;
    const rows = state.rows().filter((row) => row.type.startsWith("pulumi-nodejs:"));
    state.write(rows, Object.keys(stored).length > 0 ? { ...outputs, passwords: stored } : outputs, phrase());
    await (await ledger()).sign(cli.clock());
  };

  const made: Opened = {
    async previous() {
      const found = await cli.previousOf(project, ledger(), async () => state.exported(phrase()));
      handed = found.handed;
      return found;
    },
    async preview(program, given, options) {
      const { steps, folder } = await run(program, given, options);
      const planned: Planned = {
        format: "haloform.test-plan/1",
        steps: Object.fromEntries(steps.map((step) => [keyOf(step), { op: step.op, after: step.after }])),
      };
      if (options.planFile) writeFileSync(options.planFile, JSON.stringify(planned), { mode: 0o600 });
      return { steps, folder };
    },
    async up(program, given, options) {
      await options.begin();
      const planned = options.planFile ? (JSON.parse(readFileSync(options.planFile, "utf8")) as Planned) : undefined;
      const { rows, failure, folder } = await run(program, given, options, (step) => planned && held(planned, step));
      if (!failure) await options.end(folder);
      const outputs = state.stackRow?.outputs ?? {};
      const { passwords } = outputs;
      const next: Values = { memory: program.memory, ...(passwords === undefined ? {} : { passwords }) };
      state.write(rows, failure ? outputs : next, phrase());
      const lost = await cli.keepPasswords(edit, given, handed);
      const unsigned = await (await ledger()).signLeft(cli.clock());
      const why = [failure?.message, lost, unsigned].filter((one) => one !== undefined);
      return { folder, ...(why.length === 0 ? {} : { failure: why.join("; ") }) };
    },
    tags,
    ledger,
    unbelieved: () => cli.Ledger.unbelieved(project, shelf),
    // Commands of a test come one after the other.
    underLock: (work) => work(),
    async editPasswords(change) {
      (await ledger()).refusePasswords("this command");
      await edit(change);
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
