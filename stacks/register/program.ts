/**
 * Registers the wished resources with Pulumi. The `__provider` line is one constant that loads `#providers` at run time:
 * state names an alias and a type token, never a file or a closure (docs/decisions/0001).
 */
import * as pulumi from "@pulumi/pulumi";
import type { DesiredResource, Memory } from "../model/types.ts";
import { wavesOf } from "../model/waves.ts";
import { type Handed, stored } from "../read/handed.ts";
import { telling } from "./tell.ts";

/** Resources that the engine has been told of and has not dealt with. It goes through them one after the other anyway. */
const ahead = 500;

/**
 * Registers resources in order, and ends when the engine has dealt with all. Never all at once: it would wait for seconds
 * until the last of thousands has been made ready.
 */
async function registerWave(wave: readonly DesiredResource[], tell: (resource: DesiredResource) => Promise<unknown>): Promise<void> {
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
    // A failed registration rejects (stock CLI only); the others go on, and Pulumi itself says what failed.
    all.push(tell(one).then(ended, ended));
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
  const tell = await telling();
  for (const wave of wavesOf(resources)) await registerWave(wave, tell);
  const passwords = Object.entries(handed() ?? {}).map(([key, one]) => [key, stored(one, (text) => pulumi.secret(text))]);
  return { memory, ...(passwords.length > 0 ? { passwords: Object.fromEntries(passwords) as object } : {}) };
}
