/** Every system, one line each; what others know of systems is derived from their objects (core/system.ts). Loads no client. */
import { z } from "zod";
import type { Calls } from "../base/calls.ts";
import { readAuthorities } from "../base/certificates.ts";
import { publicKey } from "../base/ed25519.ts";
import { provideSettings } from "../base/settings.ts";
import { ad } from "./ad/system.ts";
import { approverSettings } from "./approvers.ts";
import { messageSettings } from "./core/message-settings.ts";
import { passwordSettings } from "./core/password-rules.ts";
import { shardSettings } from "./core/shard-settings.ts";
import type { Accounts, Asked, Directory, System, SystemFacts } from "./core/system.ts";
import { entra } from "./entra/system.ts";
import { files } from "./files/system.ts";
import { halo } from "./halo/system.ts";
import { script } from "./script/system.ts";

const registered = { ad, entra, halo, files, script } satisfies { [N in System]: SystemFacts & { name: N } };
type Registered = typeof registered;

/** The systems that are reached, and so have settings and a doctor. */
export type Reached = { [N in System]: Registered[N] extends { settings: object; doctor: unknown } ? N : never }[System];
/** What the doctor of a system asks about the mappings. */
export type NeedsOf<N extends Reached> = Registered[N]["doctor"] extends (asked: Asked<never, infer T>) => unknown ? T : never;

export const systems: readonly SystemFacts[] = Object.values(registered);
export const systemNames = Object.keys(registered) as [System, ...System[]];

export type ReachedFacts = SystemFacts & { readonly name: Reached };
/** In the order in which the doctor asks them: what every stack has before what it may have. */
export const reached = systems
  .filter((one): one is ReachedFacts => one.settings !== undefined)
  .sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));
/** Variables of the environment whose values no line of haloform may show. */
export const secretsOf: readonly string[] = systems.flatMap((one) => one.secrets ?? []);

/** What a request of that protocol is called: "Graph call". */
export const callOf = (counter: keyof Calls): string => systems.find((one) => one.calls?.counter === counter)?.calls?.title ?? counter;

/** A system that holds people's accounts, with how they are found there. */
export interface DirectoryFacts extends SystemFacts {
  readonly name: Directory;
  readonly accounts: Accounts;
}

export const directories = systems.filter((one): one is DirectoryFacts => one.accounts !== undefined);

export const systemOf = (name: System): SystemFacts => registered[name];

/** The settings of every system that is reached, by name. */
type Schemas = {
  [N in Reached]: Registered[N] extends { required: true }
    ? Registered[N]["settings"]["schema"]
    : z.ZodOptional<Registered[N]["settings"]["schema"]>;
};
const schemas = Object.fromEntries(
  reached.flatMap(({ name, settings, required }) => (settings ? [[name, required ? settings.schema : settings.schema.optional()]] : [])),
) as unknown as Schemas;

/** Hours that a plan may be applied at most: an approval of last month is nobody's decision of today. */
export const longestPlan = 168;

/** The `haloform:` settings of Pulumi.<stack>.yaml. A system left out is not managed. */
export const stackConfig = z.strictObject({
  ...schemas,
  mappings: z.string().default("mappings").meta({ description: "Folder of the mapping files, relative to the project." }),
  common: z.string().min(1).optional().meta({
    description:
      "Folder of the mapping files that are common to all clients, relative to the project: those of `mappings` override them (docs/clients.md).",
  }),
  keys: z
    .array(z.string().refine((line) => publicKey(line) !== undefined, "expected a line that `haloform keys new` gave (ed25519:…)"))
    .min(1)
    .optional()
    .meta({
      description:
        "Public keys of production, a line each as `haloform keys new` gives it: what the state says is then believed only where one of them has signed it. Two while one takes the place of the other.",
    }),
  signers: z.string().optional().meta({
    description:
      "File of the SSH keys of people who may sign (allowed_signers of ssh-keygen), relative to the project: who approves a plan, lifts a stop, breaks the glass and looks at it afterwards.",
  }),
  shards: shardSettings.optional().meta({
    description:
      "The state is kept in so many parts, so that the engine never has to read it whole (docs/scale.md); `haloform shards set` lays it out.",
  }),
  passwords: passwordSettings.optional().meta({ description: "Who can read new passwords (docs/operations.md)." }),
  messages: messageSettings.optional().meta({ description: "Whom `haloform unattended` tells, and how (docs/operations.md)." }),
  approvers: approverSettings.optional().meta({
    description: "Who may approve a plan, and how that is verified (docs/operations.md): `up` applies nothing without it then.",
  }),
  expires: z
    .number()
    .int()
    .min(1)
    .max(longestPlan, `a whole number from 1 to ${longestPlan}: a plan may be applied for 7 days at most`)
    .default(24)
    .meta({ description: "Hours a plan may be applied after it was made." }),
});

export type StackConfig = z.infer<typeof stackConfig>;

/**
 * The settings of a stack, each given by its name: as it is, or (as Pulumi's configuration has it) in JSON where the setting
 * itself is no text. Throws ZodError.
 */
export function settingsFrom(given: (name: string) => unknown): StackConfig {
  const all = Object.entries(stackConfig.shape).flatMap(([name, schema]) => {
    const value = given(name);
    if (value === undefined) return [];
    return [[name, typeof value !== "string" || schema.safeParse(value).success ? value : fromJson(value)]];
  });
  return stackConfig.parse(Object.fromEntries(all));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Has this process work with these settings. Throws ConfigurationError, also where an authority cannot be read: one of theirs, or of
 * `more` (others' than the systems').
 */
export function useSettings(config: StackConfig, more: readonly string[] = []): void {
  readAuthorities([...authoritiesIn(config), ...more]);
  provideSettings(config);
}

/** Further certificate authorities: `ca` of each system's settings. */
export function authoritiesIn(config: Partial<Pick<StackConfig, Reached>>): string[] {
  return systems.flatMap(({ name }) => {
    const own: { ca?: string } | undefined = (config as { [name: string]: object | undefined })[name];
    return own?.ca === undefined ? [] : [own.ca];
  });
}

/** The doctor of a system, told what it has to know of the mappings. */
export function doctorOf<N extends Reached>(name: N, asked: Asked<StackConfig[N], NeedsOf<N>>) {
  return registered[name].doctor(asked as never);
}
