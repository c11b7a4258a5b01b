/**
 * The time a command works with. HALOFORM_NOW sets another one, for tests and drills ("who would be deleted in March?"):
 * the plan then says so, and `up` takes it only where every system is on this machine (the sandbox) and HALOFORM_DRILL says the
 * stack's name: an address of this machine may be a tunnel, and nobody can tell where a share or a source is.
 */
import type { StackConfig } from "../providers/systems.ts";
import { Refusal, UsageError } from "./exit.ts";

const variable = "HALOFORM_NOW";
/** Has a drill applied to a sandbox: the stack's name. */
const word = "HALOFORM_DRILL";

/** By so many milliseconds two clocks may differ. */
export const clocks = 5 * 60_000;

/** Now, or what HALOFORM_NOW says. Throws UsageError where that is no time. */
export function clock(env: NodeJS.ProcessEnv = process.env): Date {
  const text = env[variable];
  if (!text) return new Date();
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)?$/u.test(text) || Number.isNaN(time.getTime()))
    throw new UsageError(`${variable}=${text}: expected a UTC time such as 2027-03-01T08:00:00Z.`);
  return time;
}

/** What a plan must say of its clock; undefined: it is the real one. */
export function clockNote(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env[variable]
    ? `Made for ${clock(env).toISOString()}, as ${variable} says, and not for the present: a drill, not to be applied to real systems`
    : undefined;
}

/** Refuses to apply anything at a time that is not the present, unless every system is on this machine and it is meant. */
export function refuseDrill(config: StackConfig, stack: string, env: NodeJS.ProcessEnv = process.env): void {
  if (!env[variable]) return;
  const { halo, ad, entra } = config;
  const addresses = [halo.resourceServer, ...(ad?.url ?? []), ...(entra ? [entra.graph ?? "https://graph.microsoft.com"] : [])];
  const away = addresses.find((address) => !/^(?:localhost|127\.0\.0\.1|\[?::1\]?)$/u.test(new URL(address).hostname));
  if (away !== undefined)
    throw new Refusal([`${variable} is set, and ${away} is a real system: a drill ends with the plan. Unset ${variable} to apply.`]);
  if (env[word] !== stack)
    throw new Refusal([
      `${variable} is set, and a drill ends with the plan. Unset ${variable} to apply; where all systems of the stack ${stack} are a sandbox, set ${word}=${stack}.`,
    ]);
}

/** A plan from the future would bring stages forward whose day has not come. */
export function refuseFuture(made: string, now: Date): void {
  if (Date.parse(made) > now.getTime() + clocks)
    throw new Refusal([
      `the plan was made at ${made}, which has not come yet (it is ${now.toISOString()}): it was made with another clock. Make a new one.`,
    ]);
}
