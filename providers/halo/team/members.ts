/** Members of teams and boards as mappings name them (`person:<key>`, `id:<number>`) and as Halo knows them (numbers as text). */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { RunContext } from "../../core/definition.ts";

/** Whose numbers are meant: people on a board as users have the number that is their key. */
export type As = "agent" | "user";
type Known = Pick<RunContext, "account" | "personOf">;

const keyOf = (reference: string): string => reference.slice("person:".length);

/** The number of a reference, as far as the run knows it. */
export function numberOf(reference: string, as: As, context: Pick<RunContext, "account">): string | undefined {
  if (reference.startsWith("id:")) return reference.slice("id:".length);
  return as === "user" ? keyOf(reference) : context.account("halo", keyOf(reference));
}

export interface Resolved {
  /** Reference → number. */
  ids: Map<string, string>;
  /** People without an agent yet. */
  waiting: string[];
}

export function resolveMembers(references: readonly string[], as: As, context: Pick<RunContext, "account">): Resolved {
  const found: Resolved = { ids: new Map(), waiting: [] };
  for (const reference of references) {
    const id = numberOf(reference, as, context);
    if (id === undefined) found.waiting.push(reference);
    else found.ids.set(reference, id);
  }
  return found;
}

/** The number of somebody who is to leave: as the run knows it, else as the last run wrote it down. Better loud than a member who stays unseen. */
export function leaverOf(reference: string, as: As, context: Pick<RunContext, "account">, outputs: Values): string {
  const id = numberOf(reference, as, context) ?? readResolved(outputs).get(reference);
  if (id === undefined)
    throw new RefusedError(
      `Could not take ${reference} out: the Halo agent is not known to this run; the next plan names it by its number`,
      "unknown-member",
    );
  return id;
}

/**
 * Live numbers as references, canonical. In additive mode only those are shown that are wished or that haloform put there:
 * what others added is not ours to compare.
 */
export function shownMembers(
  live: readonly string[],
  managed: { mode: string; members: readonly string[] },
  as: As,
  outputs: Values,
  context: Known,
): string[] {
  const resolved = readResolved(outputs);
  const names = new Map<string, string>();
  for (const reference of new Set([...resolved.keys(), ...managed.members])) {
    const id = numberOf(reference, as, context) ?? resolved.get(reference);
    if (id !== undefined) names.set(id, reference);
  }
  const shown = managed.mode === "additive" ? live.filter((id) => names.has(id)) : live;
  const nameOf = (id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const person = as === "agent" ? context.personOf("halo", id) : undefined;
    return person === undefined ? `id:${id}` : `person:${person}`;
  };
  return [...new Set(shown.map(nameOf))].sort();
}

/** The `resolved` of the last outputs. */
function readResolved(outputs: Values): Map<string, string> {
  const { resolved } = outputs;
  if (typeof resolved !== "object" || resolved === null || Array.isArray(resolved)) return new Map();
  return new Map(Object.entries(resolved).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** Outputs of a team or board: what later runs need to know who was meant. */
export function memberOutputsOf(references: readonly string[], as: As, context: Pick<RunContext, "account">, outputs: Values = {}) {
  const before = readResolved(outputs);
  const resolved: { [reference: string]: string } = {};
  const waiting: string[] = [];
  for (const reference of references) {
    const id = numberOf(reference, as, context) ?? before.get(reference);
    if (id === undefined) waiting.push(reference);
    else resolved[reference] = id;
  }
  return { resolved, waiting };
}
