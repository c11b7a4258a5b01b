/** Members of cloud groups and their like, in Entra ID: whom Entra Connect has brought meanwhile is found; the rest is core/references.ts. */
import { summed } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import type { RunContext } from "../core/definition.ts";
import {
  byId,
  type Delta,
  delta,
  type Ids,
  idIn,
  idsOf,
  joinLater,
  keyOf,
  knownIn,
  orLast,
  remember,
  resolve,
  view,
} from "../core/references.ts";
import { findAccount } from "./user/find.ts";

/** What inputs say of members. */
interface Wished {
  mode: string;
  members: readonly string[];
  leave?: readonly string[] | undefined;
}

/** What outputs keep of members: reference → Graph id, and the references of those who do not exist yet. */
export type MemberOutputs = { resolved: Ids; waiting: string[] };

/** Puts them in, or takes them out. Resolves with what could not be done. */
type Write = (ids: readonly string[]) => Promise<Error[]>;

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

/** Has each of those who wait put in as soon as the run knows them. */
export function addLater(context: RunContext, waiting: readonly string[], add: Write): Promise<void> {
  return joinLater("entra", waiting, context, async (id) => {
    const [failed] = await add([id]);
    if (failed) throw failed;
  });
}

/** Brings members from `was` to the wish. Joined before left; everything that can be done is done, then the first refusal is thrown. */
export async function bringMembers(
  client: EntraClient,
  context: RunContext,
  wished: Wished,
  was: Wished,
  { add, remove }: { add: Write; remove: Write },
): Promise<MemberOutputs> {
  const { join, leave, ids, waiting } = await deltaOf(client, context, wished.members, was.members);
  const error = summed([...(await add(join)), ...(await remove(leave))]);
  if (error) throw error;
  await addLater(context, waiting, add);
  return { resolved: remember(wished.mode, ids), waiting };
}

/** Live ids as references; `field` of the last outputs knew them. */
export function shownMembers(
  live: readonly string[],
  managed: Wished,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
  field?: string,
): string[] {
  return view(live, managed, idsOf(outputs, field), knownIn("entra", context), byId);
}

/** The outputs of members that are as wished: what the run knows first, then the last outputs. */
export function computedMembers(
  { mode, members }: Wished,
  context: Pick<RunContext, "account">,
  outputs: Values | undefined,
  field?: string,
): MemberOutputs {
  const { ids, waiting } = resolve(members, orLast(idIn("entra", context), idsOf(outputs, field)));
  return { resolved: remember(mode, ids), waiting };
}
