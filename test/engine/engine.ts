/**
 * An engine for tests, in the test's own process: everything of haloform is real (mappings, decisions, definitions, the adapter,
 * requests over HTTP and LDAP, the run folder, the state), Pulumi alone is absent. test/e2e/engine.test.ts holds it against the
 * real one.
 */
import { rmSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { Ledger } from "../../cli/ledger/ledger.ts";
import { type Pass, type Passed, pass } from "./pass.ts";
import { around, type Opened, type Previous, type Program, type Project, provider, type Run, type RunGiven, type Step } from "./product.ts";
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

  const run = (program: Program, given: Run, follow: Follow, here?: ReadonlySet<string>): Promise<Passed & { folder: string }> =>
    cli.inRunFolder(project, given, say, async (folder) => {
      killed.addEventListener("abort", () => rmSync(folder, { recursive: true, force: true }));
      process.env["HALOFORM_RUN"] = folder;
      const whole: Pick<Pass, "state" | "waves" | "providerLine" | "killed"> = {
        ...{ state, waves: cli.wavesOf(engineHas(program, here)), providerLine: cli.providerLine, killed },
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
  // As Pulumi has them (cli/engine/shards/documents.ts): stacks of their own, written only by who is not killed.
  const other = (stack: string): StateFile => new StateFile(project.home, stack);
  const shards = new cli.Shards(project.stack, {
    read: async (stack) => other(stack).raw(),
    write: async (stack, rows) => other(stack).replace(await ended(turn(stackOf(stack, cli.boxed(rows))))),
    remove: async (stack) => ended(turn(stack)).then(() => other(stack).remove()),
  });
  const readHead = async (): Promise<{ deployment?: unknown }> => state.raw();
  const putHead = async (head: { deployment?: unknown }): Promise<void> => state.replace(await ended(turn(head)));
  const shelf = {
    patience: 0,
    tags,
    setTag: async (name: string, value: string) => state.tag(name, await ended(Promise.resolve(value))),
    exported: () => shards.whole(readHead),
    putBack: async (before: { deployment?: unknown }) => putHead(await shards.back(before, readHead)),
  };
  let opened: Promise<Ledger> | undefined;
  const ledger = (): Promise<Ledger> => (opened ??= cli.Ledger.open(project, shelf, { tell }));
  /** What a run has given; absent: no run has. */
  let came: RunGiven | undefined;
  const edit: Opened["editPasswords"] = async (change) => {
    await ended(Promise.resolve());
    const stack = state.stackRow;
    if (!stack) throw new Error("there is no state yet: apply a plan first");
    const { passwords, ...outputs } = stack.outputs ?? {};
    const stored = { ...(passwords as Values | undefined) };
    if (!change(stored)) return;
    const rows = state.rows().filter((row) => row.type.startsWith("pulumi-nodejs:"));
    state.write(rows, Object.keys(stored).length > 0 ? { ...outputs, passwords: stored } : outputs, phrase());
    await (await ledger()).sign(cli.clock(), came);
  };

  // Commands of a test come one after the other.
  const underLock: Opened["underLock"] = (work) => work();
  const settling = { shards, readHead, underLock, putHead };
  let last: Previous | undefined;
  const made: Opened = {
    async previous() {
      const found = await cli.previousOf(project, ledger(), shelf, async () => state.exported(phrase()));
      handed = found.handed;
      last = found;
      return found;
    },
    async up(program, given, options) {
      await cli.beginIn(settling, project.config.shards, options.begin)();
      const apart = shards.forRun(program.moving, last?.resources ?? []);
      const told = apart ? { ...given, carried: apart.carried } : given;
      const { rows, failure, folder } = await run(program, told, options.follow, apart?.here);
      if (!failure) await options.end(folder);
      const outputs = state.stackRow?.outputs ?? {};
      const { passwords } = outputs;
      const next: Values = {
        memory: program.memory,
        ...(passwords === undefined ? {} : { passwords }),
        ...(apart ? { shards: apart.output } : {}),
      };
      state.write(rows, failure ? outputs : next, phrase());
      came = { resources: program.resources, memory: program.memory, given: cli.readGiven(folder) };
      const lost = await cli.keepPasswords(edit, given, handed);
      const unsigned = await (await ledger()).signLeft(cli.clock(), came);
      const waiting = { settings: project.config.shards, most: program.moving.size, values: program.values ?? new Map() };
      if (unsigned === undefined)
        await cli.settled(settling, { ...waiting, isMine: async () => (await ledger()).refuseMoved() }, { say, tell });
      const why = [failure?.message, lost, unsigned].filter((one) => one !== undefined);
      return { folder, ...(why.length === 0 ? {} : { failure: why.join("; ") }) };
    },
    tags,
    ledger,
    unbelieved: () => cli.Ledger.unbelieved(project, shelf),
    underLock,
    lying: () => shards.last,
    layOut: (target, values, begin) => cli.laidOut(settling, { target, values, isMine: begin }),
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

/** What a whole run in the head would be told of: what lies in shards and does not move is nothing to it. */
function engineHas({ resources, moving }: Program, here: ReadonlySet<string> | undefined): Program["resources"] {
  return here ? resources.filter((one) => moving.has(keyOf(one)) || here.has(keyOf(one))) : resources;
}

/** A stack of one resource with these outputs, as it is imported. */
function stackOf(stack: string, outputs: object): { deployment: object } {
  const type = "pulumi:pulumi:Stack";
  return {
    deployment: { resources: [{ urn: `urn:pulumi:${stack}::haloform::${type}::haloform-${stack}`, custom: false, type, outputs }] },
  };
}

/** Only what was approved is begun; the provider holds its values against it. */
function refuseUnplanned({ approved, carried }: Run, step: Step): void {
  // New to this engine, and not to the state: whatever it comes to, the provider holds it against the plan.
  if (step.op === "create" && carried?.[keyOf(step)]) return;
  const found = approved?.operations.find((one) => keyOf(one) === keyOf(step));
  if (step.op !== "same" && found?.op !== step.op) throw new Error(`resource ${keyOf(step)} violates plan: ${step.op} was not approved`);
}
