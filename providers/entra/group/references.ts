/** Members as mappings name them (`person:<key>`, `group:<name>`, `id:<Graph id>`) and as Graph knows them (ids). */

import type { Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import type { RunContext } from "../../core/definition.ts";
import { findAccount } from "../user/find.ts";

/** What the run knows a reference by: a person's key, or `group:<name>` itself. */
export const keyOf = (reference: string): string => reference.replace(/^person:/u, "");

/** The Graph id of a reference, as far as the run knows it. */
export function known(reference: string, context: Pick<RunContext, "account">): string | undefined {
  return reference.startsWith("id:") ? reference.slice(3) : context.account("entra", keyOf(reference));
}

/** The id of somebody who is to leave. Throws when the reference cannot be told: better loud than a member who stays unseen. */
export function memberOf(reference: string, context: Pick<RunContext, "account">): string {
  const id = known(reference, context);
  if (id === undefined)
    throw new Error(`The object in Entra ID of ${reference} is not known to this run; the next plan names it by its id.`);
  return id;
}

/** Graph ids of wished members; `waiting` are people without an account yet (one that Entra Connect brought is found) and groups not made yet. */
export async function resolveMembers(
  client: EntraClient,
  context: RunContext,
  references: readonly string[],
): Promise<{ ids: { [reference: string]: string }; waiting: string[] }> {
  const pairs = await Promise.all(
    references.map(async (reference) => {
      const id = known(reference, context);
      if (id !== undefined || reference.startsWith("group:")) return [reference, id] as const;
      const found = await findAccount(client, context, keyOf(reference));
      return [reference, "id" in found ? found.id : undefined] as const;
    }),
  );
  const ids: { [reference: string]: string } = {};
  const waiting: string[] = [];
  for (const [reference, id] of pairs) {
    if (id === undefined) waiting.push(reference);
    else ids[reference] = id;
  }
  return { ids, waiting: waiting.sort(order) };
}

/**
 * Live ids as references. A person is shown as such when the run knows the account or when the reference is managed and
 * the last run resolved it; anybody else by id. In additive mode only members are shown that are wished or that haloform
 * put there (`resolved` of the last outputs): what others added is not ours to compare.
 */
export function shownMembers(
  live: readonly string[],
  managed: { mode: string; members: readonly string[] },
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
): string[] {
  const resolved = readResolved(outputs);
  const names = new Map<string, string>();
  for (const reference of new Set([...Object.keys(resolved), ...managed.members])) {
    const id = known(reference, context) ?? (managed.members.includes(reference) ? resolved[reference] : undefined);
    if (id !== undefined) names.set(id, reference);
  }
  const ours = new Set(Object.values(resolved));
  const shown = managed.mode === "additive" ? live.filter((id) => names.has(id) || ours.has(id)) : live;
  const nameOf = (id: string): string => {
    const person = context.personOf("entra", id);
    return names.get(id) ?? (person === undefined ? `id:${id}` : person.startsWith("group:") ? person : `person:${person}`);
  };
  return [...new Set(shown.map(nameOf))].sort(order);
}

/** The `resolved` (or `owners`) of a group's last outputs: reference → Graph id. */
export function readResolved(outputs: Values, name: "resolved" | "owners" = "resolved"): { [reference: string]: string } {
  const resolved = outputs[name];
  if (typeof resolved !== "object" || resolved === null || Array.isArray(resolved)) return {};
  return Object.fromEntries(Object.entries(resolved).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
