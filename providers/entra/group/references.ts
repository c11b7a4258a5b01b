/** Members of cloud groups and of app roles: whom Entra Connect has brought meanwhile is found; the rest is core/references.ts. */
import type { EntraClient } from "../../../clients/graph/client.ts";
import type { RunContext } from "../../core/definition.ts";
import { type Delta, delta, type Ids, idIn, keyOf, resolve } from "../../core/references.ts";
import { findAccount } from "../user/find.ts";

/**
 * Who joins and who leaves, with the ids of all who are wished; `waiting` join as soon as they exist. Throws where somebody is to
 * leave of whom only the reference is known: better loud than a member who stays unseen.
 */
export async function deltaOf(
  client: EntraClient,
  context: RunContext,
  wished: readonly string[],
  was: readonly string[],
): Promise<Pick<Delta, "join" | "leave"> & { ids: Ids; waiting: string[] }> {
  const idOf = idIn("entra", context);
  const absent = wished.filter((reference) => reference.startsWith("person:") && idOf(reference) === undefined);
  // Whoever is found is announced, and so known to the run.
  await Promise.all(absent.map((reference) => findAccount(client, context, keyOf(reference) ?? "")));
  const { ids, waiting } = resolve(wished, idOf);
  const { join, leave, unknown } = delta(wished, ids, was, idOf);
  if (unknown[0] !== undefined)
    throw new Error(`The object in Entra ID of ${unknown[0]} is not known to this run; the next plan names it by its id.`);
  return { join, leave, ids, waiting };
}
