/**
 * Connection settings of this process: what is not secret, from the stack's own file. Each system says what its settings are
 * (`defineSettings`, in its client's folder); providers/systems.ts puts them together. Secrets come from the environment.
 */
import { z } from "zod";

/** An address of a service, TLS only. */
export const https = z.url().refine((value) => value.startsWith("https://"), "an https:// address");

/** All settings of a stack, each by its name, checked already (providers/systems.ts). */
export type Settings = Readonly<Record<string, unknown>>;

let known: Settings | undefined;
/** What whoever asks too early waits for: Pulumi may call `read` before `configure` has finished (facts: 6 of 7 reads did). */
const first = Promise.withResolvers<Settings>();
// Refused while nobody waits, it is told to whoever asks.
first.promise.catch(() => undefined);

/** Tells this process the settings: the command line does at start, the provider process from the run file or Pulumi's configure. */
export function provideSettings(all: Settings): void {
  known = all;
  first.resolve(all);
}

/** There are no usable settings, and nobody will provide any: whoever waits for them gets the error. */
export function refuseSettings(error: Error): void {
  first.reject(error);
}

/** What a system has to be told to be reached: `haloform:<name>` of Pulumi.<stack>.yaml. */
export interface SystemSettings<S extends z.ZodType> {
  schema: S;
  /** Those of this process, as soon as they are known; undefined: the stack does not have the system. */
  given(): Promise<z.infer<S> | undefined>;
}

export function defineSettings<S extends z.ZodType>(name: string, schema: S): SystemSettings<S> {
  return { schema, given: async () => (known ?? (await first.promise))[name] as z.infer<S> | undefined };
}
