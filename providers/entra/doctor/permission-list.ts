/** `haloform doctor --permissions`: which application permissions of Graph the mapping needs, for what, and which of them the app has. */
import { RefusedError } from "../../../base/errors.ts";
import { connectEntra } from "../../../clients/graph/client.ts";
import type { Environment } from "../../../clients/graph/credential.ts";
import { operations } from "../../../clients/graph/permissions.ts";
import type { EntraConfig } from "../../../clients/graph/settings.ts";
import { type EntraNeeds, grantedTo, holding, principalOf, wanted } from "./granted.ts";

export interface NeededPermission {
  /** As in "User.Read.All". */
  permission: string;
  /** What haloform does with it, in words. */
  for: string[];
  /** `preview`: preview and drift need it already, and so does up. `up`: only what writes. */
  set: "preview" | "up";
  /** null: the app may not look at its own permissions. */
  granted: boolean | null;
}

/** What a mapping needs, without asking anybody: each permission once, for preview where it serves both. Sorted by set, then name. */
export function neededPermissions(needs: EntraNeeds): Omit<NeededPermission, "granted">[] {
  const found = new Map<string, Omit<NeededPermission, "granted">>();
  for (const operation of operations.filter((one) => wanted(one, needs))) {
    const one = found.get(operation.permission) ?? { permission: operation.permission, for: [], set: "up" };
    one.for.push(operation.operation);
    if (operation.needed === "read") one.set = "preview";
    found.set(operation.permission, one);
  }
  const rank = (one: { set: string; permission: string }): string => `${one.set === "preview" ? 0 : 1} ${one.permission}`;
  return [...found.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** The same with what was granted. Throws when Entra ID cannot be reached or does not let the app in. */
export async function permissionList(config: EntraConfig, env: Environment, needs: EntraNeeds): Promise<NeededPermission[]> {
  const client = connectEntra(config, env);
  const app = await principalOf(client, config.clientId, "read the app's service principal");
  const granted = app && (await grantedTo(client, app.id));
  return neededPermissions(needs).map((one) => ({ ...one, granted: granted ? holding(granted, one.permission) : null }));
}

/** A refusal or a network that is down must not hide what is needed: then nothing is said about what is granted. */
export async function permissionsOrUnknown(
  config: EntraConfig | undefined,
  env: Environment,
  needs: EntraNeeds,
): Promise<{ permissions: NeededPermission[]; note?: string }> {
  const unknown = neededPermissions(needs).map((one) => ({ ...one, granted: null }));
  if (!config) return { permissions: unknown, note: "The stack has no `haloform:entra` settings, so nobody was asked what is granted." };
  try {
    const permissions = await permissionList(config, env, needs);
    return permissions.some((one) => one.granted === null)
      ? {
          permissions,
          note: "The app may not look at its own permissions: give it Application.Read.All, or compare them in the app registration.",
        }
      : { permissions };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { permissions: unknown, note: error instanceof RefusedError ? error.message : `What is granted is not known: ${error.message}` };
  }
}
