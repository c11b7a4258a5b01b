/**
 * Registers the wished resources with Pulumi. The `__provider` line is one constant that loads `#providers` at run time:
 * state names an alias and a type token, never a file or a closure (docs/decisions/0001).
 */
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../base/json.ts";
import { dynamicPrefix, providerLine } from "../../providers/core/urn.ts";
import type { DesiredResource, Memory } from "../model/types.ts";
import { wavesOf } from "../model/waves.ts";
import { type Handed, stored } from "../read/handed.ts";

class Managed extends pulumi.CustomResource {
  constructor(resource: DesiredResource) {
    super(
      `${dynamicPrefix}${resource.type}`,
      resource.name,
      { ...(resource.inputs as Values), __provider: providerLine(resource.type), computed: undefined },
      // Leaving the program lets go of the object; nothing about people is ever deleted by that (promise 4).
      { retainOnDelete: true },
    );
  }
}

/** Resources that the engine has been told of and has not dealt with. It goes through them one after the other anyway. */
const ahead = 500;

/**
 * Registers resources in order, and ends when the engine has dealt with all. Never all at once: it would wait for seconds
 * until the last of thousands has been made ready.
 */
async function registerWave(wave: readonly DesiredResource[]): Promise<void> {
  let open = 0;
  let next: () => void = () => undefined;
  const ended = (): void => {
    open -= 1;
    next();
  };
  const all: Promise<void>[] = [];
  for (const one of wave) {
    while (open >= ahead) await new Promise<void>((free) => (next = free));
    open += 1;
    const urn = (new Managed(one).urn as unknown as { promise(): Promise<string> }).promise();
    // A failed registration rejects (stock CLI only); the others go on, and Pulumi itself says what failed.
    all.push(urn.then(ended, ended));
  }
  await Promise.all(all);
}

/**
 * Registers everything, wave by wave: a group's members and a licence's person exist before the group and the licence are
 * touched, without an edge in the state for each of them. Returns the stack's outputs; `handed`, asked at the end, gives the
 * passwords that wait to be read, each a secret or a ciphertext for its recipients.
 */
export async function register(
  resources: readonly DesiredResource[],
  memory: Memory,
  handed: () => Handed | undefined = () => undefined,
): Promise<{ memory: Memory; passwords?: object }> {
  await withoutTraces(async () => {
    for (const wave of wavesOf(resources)) await registerWave(wave);
  });
  const passwords = Object.entries(handed() ?? {}).map(([key, one]) => [key, stored(one, (text) => pulumi.secret(text))]);
  return { memory, ...(passwords.length > 0 ? { passwords: Object.fromEntries(passwords) as object } : {}) };
}

/**
 * Does `work` without what the SDK does for those who debug programs: a stack trace for every promise (a tenth of the time of
 * 5,000 resources), two debug messages a resource to the engine (a fifth), and in every resource's state the places in the
 * program where it was made (300 bytes, with the paths of the machine that ran it). There are no settings for these; where
 * another SDK has them elsewhere, this does nothing.
 */
export async function withoutTraces<T>(work: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  const { debug } = pulumi.log;
  const callsites: unknown = Reflect.get(pulumi.Resource, "callsites");
  Error.stackTraceLimit = 0;
  Reflect.set(pulumi.log, "debug", () => Promise.resolve());
  if (typeof callsites === "function") Reflect.set(pulumi.Resource, "callsites", () => []);
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = limit;
    Reflect.set(pulumi.log, "debug", debug);
    if (typeof callsites === "function") Reflect.set(pulumi.Resource, "callsites", callsites);
  }
}
