/**
 * What changed in Entra ID: Graph says which users and groups did since a link (delta queries). Types that Graph has no
 * changes of (mailboxes, photos, application roles) are read as ever. Decided in docs/decisions/0022.
 */
import { z } from "zod";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { changesSince, DeltaExpired, type DeltaLinks, linksNow } from "../../../providers/entra/delta.ts";
import type { Feed } from "./changes.ts";

/** Types of which the changes of users and groups tell; others are always read. */
const tracked: ReadonlySet<string> = new Set(["entra:User", "entra:Licence", "entra:Group"]);

export function entraFeed(client: EntraClient, tenant: string): Feed<DeltaLinks> {
  return {
    name: "Entra ID",
    words: {
      of: " of Entra ID",
      everything: "everything in Entra ID",
      fromNow: "Entra ID was not compared; the next `drift --since last` looks at what changes from now on.",
    },
    oldTag: "haloform:drift-entra",
    domain: { field: "tenant", value: tenant, is: (other) => other === tenant, called: (other) => `the tenant ${other}` },
    position: z.object({ users: z.string().exactOptional(), groups: z.string().exactOptional() }),
    now: () => linksNow(client),
    async since(from) {
      const { changed, removed, links } = await changesSince(client, from);
      return { changed, gone: new Set(removed.keys()), position: links };
    },
    isLost: (error): error is Error => error instanceof DeltaExpired,
    affected: async ({ gone }) => {
      const ids = [...gone];
      return (one) => {
        if (!tracked.has(one.type)) return true;
        // A member who is deleted leaves groups without a change of theirs, in the end.
        const computed = ids.length > 0 ? JSON.stringify(one.outputs["computed"] ?? {}) : "";
        return ids.some((id) => computed.includes(id));
      };
    },
    client: (definition) => definition.client(),
    mostSingle: (type) => (tracked.has(type) ? 50 : 0),
    settled: (lists) => lists,
  };
}
