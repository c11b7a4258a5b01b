/**
 * An engine for tests, in the test's own process: everything of haloform is real (mappings, decisions, definitions, the adapter,
 * requests over HTTP and LDAP, the run folder, the state), Pulumi alone is absent. test/e2e/engine.test.ts holds it against the
 * real one.
 */
import { rmSync } from "node:fs";
import type { Ledger } from "../../cli/ledger/ledger.ts";
import { type Pass, type Passed, pass } from "./pass.ts";
import { around, type Opened, type Previous, type Program, type Project, provider, type Run, type Step } from "./product.ts";
import { inRealm } from "./realm.ts";
import { StateFile, type Values } from "./state.ts";

type Follow = Parameters<Opened["up"]>[2]["follow"];

const keyOf = (one: { type: string; name: string }): string => `${one.type}::${one.name}`;

/** Set to 1 in a command's environment, the engine is told of everything, as one without targets is. */
export const everything = "HALOFORM_TEST_EVERYTHING";

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

  const run = (program: Program, given: Run, follow: Follow): Promise<Passed & { folder: string }> =>
    cli.inRunFolder(project, given, say, async (folder) => {
      killed.addEventListener("abort", () => rmSync(folder, { recursive: true, force: true }));
      process.env["HALOFORM_RUN"] = folder;
      const whole: Pick<Pass, "state" | "waves" | "providerLine" | "killed"> = {
        ...{ state, waves: cli.wavesOf(program.resources), providerLine: cli.providerLine, killed },
      };
      // The provider is a process of its own: it shares no client, no cache and no count with the command, nor the two with each other.
      const inProcess = (more: Partial<Pass>): Promise<Passed> =>
        inRealm(async () => ended(pass({ ...whole, provider: await provider(), ...more })));
      const followed = follow?.(folder);
      try {
        const { steps, failure } = await inProcess({});
        if (failure) throw failure;
        refuseUntold(steps, program);
        const told = process.env[everything] === "1" ? {} : { told: program.moving };
        const passed = await inProcess({ ...told, apply: (step) => refuseUnplanned(given, step) });
        return { ...passed, folder };
      } finally {
        followed?.();
        delete process.env["HALOFORM_RUN"];
      }
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
      const found = await cli.previousOf(project, ledger(), shelf, async () => state.exported(phrase()));
      handed = found.handed;
      return found;
    },
    async up(program, given, options) {
      await options.begin();
      const { rows, failure, folder } = await run(program, given, options.follow);
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

/** The whole way finds nothing to do besides what the engine is told of. */
function refuseUntold(steps: readonly Step[], { moving }: Program): void {
  const untold = steps.filter((one) => one.op !== "same" && !moving.has(keyOf(one)));
  if (untold.length > 0)
    throw new Error(`the engine would also do what it is not told of: ${untold.map((one) => `${one.op} ${keyOf(one)}`).join(", ")}`);
}

/** Only what was approved is begun; the provider holds its values against it. */
function refuseUnplanned({ approved }: Run, step: Step): void {
  const found = approved?.operations.find((one) => keyOf(one) === keyOf(step));
  if (step.op !== "same" && found?.op !== step.op) throw new Error(`resource ${keyOf(step)} violates plan: ${step.op} was not approved`);
}
