/**
 * script:Run: a command of the administrator's, run once for a person and an event. The state is its only record (`recorded`):
 * what it did is nothing that could be read back. docs/decisions/0018.
 */

import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { ConfigurationError, PendingError, RefusedError } from "../../base/errors.ts";
import { once } from "../../base/once.ts";
import { noAccess } from "../core/access.ts";
import { type Command, type CommandResult, failureOf, runCommand } from "../core/command.ts";
import { variables } from "../core/command-helper.ts";
import { define, type Live, type Made, nothingComputed, type RunContext } from "../core/definition.ts";
import { mask, secretsOf } from "../core/mask.ts";
import { programOf } from "./program.ts";

const inputs = z.strictObject({
  /** The same for every attempt at this event of this person: what makes a repeated run recognisable. (Pulumi keeps `id` for itself.) */
  once: z.string().min(1),
  /** The command's name in the mapping. */
  name: z.string().min(1),
  person: z.string().min(1),
  /** The person's name. */
  called: z.string(),
  stack: z.string(),
  when: z.enum(["before", "after"]),
  event: z.string().min(1),
  /** When the event was first planned, UTC ISO 8601. */
  at: z.string().min(1),
  key: z.string(),
  run: z.array(z.string()).min(1),
  /** Seconds. */
  timeout: z.number().positive(),
  /** Names of variables it gets; `secrets`: those whose values are masked. */
  env: z.array(z.string()).transform(sorted),
  secrets: z.array(z.string()).transform(sorted),
  /** What it asked for. */
  fields: z.record(z.string(), z.json()),
  /** Names of further fields whose values are only known when it runs: `objectGUID`, and those that are secret. */
  late: z.array(z.string()).transform(sorted),
});
export type RunInputs = z.infer<typeof inputs>;
type RunOutputs = Record<string, never>;

/** Bytes of its output that are kept. */
const maxOutputBytes = 64 * 1024;
/** What every command gets of our environment. */
const passed = ["PATH", "HOME", "LANG", "TZ"];

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** What runs a command, and what ran in this process: the same event is not run twice in one. */
export interface ScriptClient {
  run(command: Command): Promise<CommandResult>;
  /** Folder that relative paths start from. */
  project: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** id → what was asked. */
  ran: Map<string, RunInputs>;
}

/** What is known only once an account is there, and in which system that is. */
const lateAccounts: { readonly [name: string]: "ad" | "entra" } = { objectGUID: "ad", entraId: "entra" };

/** What a command reads on its stdin, `haloform.script/1`. */
export function inputOf(inputs: RunInputs, context: Pick<RunContext, "account" | "secretsFor">): string {
  const accounts = Object.fromEntries(
    (["ad", "entra", "halo"] as const).flatMap((system) => {
      const id = context.account(system, inputs.person);
      return id === undefined ? [] : [[system, id]];
    }),
  );
  const secret = context.secretsFor?.(inputs.once) ?? {};
  const late = Object.fromEntries(
    inputs.late.map((name) => [name, lateAccounts[name] ? (accounts[lateAccounts[name]] ?? null) : (secret[name] ?? null)]),
  );
  const { once, name, stack, when, event, at } = inputs;
  return `${JSON.stringify({
    format: "haloform.script/1",
    id: once,
    script: name,
    stack,
    when,
    event,
    at,
    person: { key: inputs.person, name: inputs.called },
    fields: { ...inputs.fields, ...late },
    accounts,
  })}\n`;
}

function environmentOf({ environment }: ScriptClient, inputs: RunInputs): Record<string, string> {
  const asked = [...inputs.env, ...inputs.secrets];
  // The mapping's check says so too; but what is asked here may have been noted by a version that did not.
  const foreign = asked.find((name) => !/^SCRIPT_/u.test(name) && !passed.includes(name));
  if (foreign !== undefined)
    throw new RefusedError(
      `Could not run ${inputs.name}: it asks for the environment variable ${foreign}, and a command gets only those that begin with SCRIPT_; rename it so in the mapping and where haloform runs.`,
      "environment",
    );
  const missing = asked.find((name) => environment[name] === undefined && !passed.includes(name));
  if (missing !== undefined)
    throw new RefusedError(
      `Could not run ${inputs.name}: it asks for the environment variable ${missing}, which is not set; set it where haloform runs.`,
      "environment",
    );
  return variables(environment, [...passed, ...asked]);
}

async function runOnce(client: ScriptClient, inputs: RunInputs, context: RunContext): Promise<Made<RunOutputs>> {
  if (client.ran.has(inputs.once)) return { id: inputs.once, outputs: {} };
  for (const [name, system] of Object.entries(lateAccounts))
    if (inputs.when === "after" && inputs.late.includes(name) && context.account(system, inputs.person) === undefined)
      throw new PendingError(
        system === "ad"
          ? `${inputs.name} waits for the objectGUID of the AD account, which does not exist yet`
          : `${inputs.name} waits for the id of the Entra account, which does not exist yet`,
      );
  const hidden = [
    ...secretsOf(client.environment),
    ...inputs.secrets.flatMap((name) => client.environment[name] ?? []),
    ...Object.values(context.secretsFor?.(inputs.once) ?? {}),
  ].filter((value) => value !== "");
  const [program = "", ...args] = inputs.run;
  const timeoutMs = inputs.timeout * 1000;
  const result = await client.run({
    argv: [programOf(program, client.project), ...args],
    input: inputOf(inputs, context),
    timeoutMs,
    env: environmentOf(client, inputs),
    maxOutputBytes,
    secrets: hidden,
    cwd: client.project,
    ...defined({ sum: context.sumOf?.(inputs.name) }),
  });
  const failure = failureOf(result, timeoutMs);
  if (failure !== undefined)
    throw new RefusedError(mask(`The command ${inputs.name} (${inputs.when} ${inputs.event}) ${failure}`, hidden), "command");
  client.ran.set(inputs.once, inputs);
  return { id: inputs.once, outputs: {}, said: result.stdout };
}

export const run = define<RunInputs, RunOutputs, ScriptClient>({
  type: "script:Run",
  system: "script",
  noun: "command",
  about: "thing",
  key: ({ once }) => once,
  label: ({ name }) => name,
  wave: ({ when }) => (when === "before" ? "before" : "afterwards"),
  // What a command does is its own affair; haloform gives and takes nothing by it.
  access: noAccess(inputs),
  inputs,
  ...nothingComputed,
  unasked: {},
  recorded: true,
  gate: ({ when }) => when,

  client: once(async () => {
    if (process.platform === "win32")
      throw new ConfigurationError(
        "Commands (mappings/scripts.yaml) need process groups, which Windows does not have; run haloform on Linux or macOS.",
      );
    return { run: runCommand, project: process.cwd(), environment: process.env, ran: new Map() };
  }),

  async list(client) {
    return [...client.ran].map(([id, values]) => ({ id, values }));
  },

  find: (live, inputs) => live.find((one) => one.id === inputs.once)?.id,

  view: (live) => live.values as RunInputs,

  create: runOnce,

  /** Another event, or another `key`: the command runs again. */
  async update(client, { id }, inputs, _was, context) {
    await runOnce(client, inputs, context);
    client.ran.set(id, inputs);
    return {};
  },

  async get(client, id): Promise<Live | undefined> {
    const values = client.ran.get(id);
    return values && { id, values };
  },
});
