/** `haloform doctor --permissions`: which application permissions of Graph the mapping needs, for what, and which of them the app has. */

import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import { order } from "../../../base/order.ts";
import { connectEntra } from "../../../clients/graph/client.ts";
import type { Environment } from "../../../clients/graph/credential.ts";
import { dangers, operations } from "../../../clients/graph/permissions.ts";
import type { EntraConfig } from "../../../clients/graph/settings.ts";
import { type EntraNeeds, grantedTo, holding, principalOf, wanted } from "./granted.ts";

export interface NeededPermission {
  /** As in "User.Read.All". */
  permission: string;
  /** What haloform does with it, in words. */
  for: string[];
  /** `preview`: preview and drift need it already, and so does up. `up`: only what writes. */
  set: "preview" | "up";
  /** What is not done without it, while everything else goes on; absent: haloform does not do without. */
  without?: string;
  /** What else somebody could do with it. */
  danger?: string;
  /** null: the app may not look at its own permissions. */
  granted: boolean | null;
}

/** What a mapping needs, without asking anybody: each permission once, for preview where it serves both. Sorted by set, then name. */
function neededPermissions(needs: EntraNeeds): Omit<NeededPermission, "granted">[] {
  const byPermission = Map.groupBy(
    operations.filter((one) => wanted(one, needs)),
    (one) => one.permission,
  );
  const found = [...byPermission].map(([permission, all]) => {
    const set = all.some((one) => one.needed === "read") ? ("preview" as const) : ("up" as const);
    const [first] = all;
    const without = all.every((one) => one.without !== undefined) ? first?.without : undefined;
    return { permission, for: all.map((one) => one.operation), set, ...defined({ without, danger: dangers[permission] }) };
  });
  return found.sort((a, b) => order(a.set, b.set) || order(a.permission, b.permission));
}

/** A refusal or a network that is down must not hide what is needed: then nothing is said about what is granted. */
export async function permissionsOrUnknown(
  config: EntraConfig | undefined,
  env: Environment,
  needs: EntraNeeds,
): Promise<{ permissions: NeededPermission[]; note?: string }> {
  const needed = neededPermissions(needs);
  const unknown = needed.map((one) => ({ ...one, granted: null }));
  if (!config) return { permissions: unknown, note: "The stack has no `haloform:entra` settings, so nobody was asked what is granted." };
  try {
    const client = connectEntra(config, env);
    const app = await principalOf(client, config.clientId, "read the app's service principal");
    const granted = app && (await grantedTo(client, app.id));
    if (granted) return { permissions: needed.map((one) => ({ ...one, granted: holding(granted, one.permission) })) };
    const note = "The app may not look at its own permissions: give it Application.Read.All, or compare them in the app registration.";
    return { permissions: unknown, note };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { permissions: unknown, note: error instanceof RefusedError ? error.message : `What is granted is not known: ${error.message}` };
  }
}
