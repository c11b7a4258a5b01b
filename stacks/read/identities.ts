/** Where a plan goes: which domain, which tenant, which Halo answered, by what they say of themselves. */

import { digestOf } from "../../base/digest.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Identity, System } from "../../providers/core/system.ts";
import { reached, type StackConfig } from "../../providers/systems.ts";
import { readSystems } from "./asks.ts";
import type { Read } from "./lists.ts";

/** System → which one it is; `{}`: it does not say. */
export type Identities = { readonly [N in System]?: Partial<Identity> };
/** Setting (a system's, or another of the stack) → digest of what of it a plan is bound to. */
export type SettingsParts = { readonly [name: string]: string };

/** Those that this stack's plans rest on: what the mappings manage, and where people come from (`only`: nothing is done there). */
function restedOn(mappings: Mappings, config: StackConfig) {
  const managed: ReadonlySet<string> = readSystems(mappings);
  const [source] = mappings.people.source.split(".");
  return reached.flatMap(({ name, target, accounts }) => {
    const settings = config[name] as { [key: string]: unknown } | undefined;
    if (!target || !settings || !(managed.has(name) || name === source)) return [];
    return [{ name, target, accounts, settings, only: !managed.has(name) }];
  });
}

/**
 * Asks each of them, all at once; `lists` are being read meanwhile. `from`: people are those of a capture, and their source is not asked.
 * Throws what their clients throw.
 */
export async function readIdentities(
  mappings: Mappings,
  config: StackConfig,
  lists: Promise<Read>,
  from: string | undefined,
): Promise<Identities> {
  const asked = restedOn(mappings, config).map(async ({ name, target, accounts, settings, only }) => {
    if (only && from !== undefined) return [name, {}] as const;
    const known = lists.then(({ all }) => all[accounts?.type ?? ""] ?? []);
    // Who does not look at them is not ended by their failure.
    known.catch(() => undefined);
    return [name, (await target.identity(settings as never, known)) ?? {}] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

/** Who asks, and how patiently, is not in it: a preview has an identity of its own. Pure. */
export function settingsParts(mappings: Mappings, config: StackConfig): SettingsParts {
  const ofSystems = restedOn(mappings, config).map(({ name, target, settings }) => {
    const bound = Object.keys(target.settings).filter((key) => target.settings[key] === "plan");
    return [name, digestOf(Object.fromEntries(bound.map((key) => [key, settings[key]])))];
  });
  // What the mapping files say is a part of its own; when a plan expires stands in it; whose approval counts is
  // asked when it is applied; who is told of it, and in how many parts the state lies, changes nothing.
  const apart = new Set<string>([
    "mappings",
    "common",
    "expires",
    "approvers",
    "signers",
    "messages",
    "shards",
    ...reached.map(({ name }) => name),
  ]);
  const others = Object.entries(config).filter(([name, value]) => !apart.has(name) && value !== undefined);
  return Object.fromEntries([...ofSystems, ...others.map(([name, value]) => [name, digestOf(value)])]);
}
