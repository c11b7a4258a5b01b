/** Where a plan goes: which domain, which tenant, which Halo answered, by what they say of themselves. */
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Identity, System } from "../../providers/core/system.ts";
import { reached, type StackConfig } from "../../providers/systems.ts";
import { digestOf } from "../model/digest.ts";
import { readSystems } from "./asks.ts";
import type { Read } from "./lists.ts";

/** System → which one it is; `{}`: it does not say. */
export type Identities = { readonly [N in System]?: Partial<Identity> };
/** System → digest of those of its settings that a plan is bound to. */
export type SettingsParts = { readonly [N in System]?: string };

/** Those that this stack's plans rest on: what the mappings manage, and where people come from. */
function restedOn(mappings: Mappings, config: StackConfig) {
  const asked = new Set<string>([...readSystems(mappings), mappings.people.source.split(".")[0] ?? ""]);
  return reached.flatMap(({ name, target, accounts }) => {
    const settings = config[name];
    return target && settings && asked.has(name) ? [{ name, target, accounts, settings: settings as { [key: string]: unknown } }] : [];
  });
}

/** Asks each of them, all at once; `lists` are being read meanwhile. Throws what their clients throw. */
export async function readIdentities(mappings: Mappings, config: StackConfig, lists: Promise<Read>): Promise<Identities> {
  const asked = restedOn(mappings, config).map(async ({ name, target, accounts, settings }) => {
    const known = lists.then(({ all }) => all[accounts?.type ?? ""] ?? []);
    // Who does not look at them is not ended by their failure.
    known.catch(() => undefined);
    return [name, (await target.identity(settings as never, known)) ?? {}] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

/** Who asks, and how patiently, is not in it: a preview has an identity of its own. Pure. */
export function settingsParts(mappings: Mappings, config: StackConfig): SettingsParts {
  return Object.fromEntries(
    restedOn(mappings, config).map(({ name, target, settings }) => {
      const bound = Object.keys(target.settings).filter((key) => target.settings[key] === "plan");
      return [name, digestOf(Object.fromEntries(bound.map((key) => [key, settings[key]])))];
    }),
  );
}
