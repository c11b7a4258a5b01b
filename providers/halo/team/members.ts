/** Canonical inputs of teams and boards, and their members as Halo knows them: numbers as text; what is not Halo's own about it: core/references.ts. */

import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { RunContext } from "../../core/definition.ts";
import { byId, type IdOf, type Ids, idIn, idsOf, keyOf, orLast, resolve, view } from "../../core/references.ts";
import { name } from "../agent/inputs.ts";

/** `person:<key>`, or `id:<number>` for whom no person of the source is. */
const members = z.array(z.string().regex(/^(?:person|id):./u)).transform((all) => [...new Set(all)].sort());
const mode = z.enum(["exact", "additive"]);

export const teamInputs = z.strictObject({
  name,
  /** The department's name. */
  department: name.exactOptional(),
  mode,
  members: members.exactOptional(),
});
export type TeamInputs = z.infer<typeof teamInputs>;

export const boardInputs = z.strictObject({
  name,
  /** Whether members are meant as agents or as users. */
  as: z.enum(["agent", "user"]),
  mode,
  allMustApprove: z.boolean().exactOptional(),
  approvalsNeeded: z.number().int().exactOptional(),
  members,
});
export type BoardInputs = z.infer<typeof boardInputs>;

/** Who the members were when they were last written, and who had no agent yet. */
export const memberOutputs = z.object({ resolved: z.record(z.string(), z.string()), waiting: z.array(z.string()) });
export type MemberOutputs = z.infer<typeof memberOutputs>;

/** Whose numbers are meant. */
export type As = "agent" | "user";

/** The number of a reference, as far as the run knows it. */
const numberIn =
  (as: As, context: Pick<RunContext, "account" | "haloUser">): IdOf =>
  (reference) => {
    const key = as === "user" ? keyOf(reference) : undefined;
    return key === undefined ? idIn("halo", context)(reference) : context.haloUser ? context.haloUser(key) : key;
  };

/** `ids`: reference → number; `waiting`: people without an agent yet. */
export const resolveMembers = (references: readonly string[], as: As, context: Pick<RunContext, "account" | "haloUser">) =>
  resolve(references, numberIn(as, context));

/** The number of somebody who is to leave: as the run knows it, else as the last run wrote it down. Better loud than a member who stays unseen. */
export function leaverOf(reference: string, as: As, context: Pick<RunContext, "account" | "haloUser">, outputs: Values): string {
  const id = orLast(numberIn(as, context), idsOf(outputs))(reference);
  if (id === undefined)
    throw new RefusedError(
      `Could not take ${reference} out: the Halo agent is not known to this run; the next plan names it by its number`,
      "unknown-member",
    );
  return id;
}

/** Live numbers as references, canonical. Whom the last run knew is called as it was then: who leaves is found by that. */
export function shownMembers(
  live: readonly string[],
  managed: { mode: string; members: readonly string[] },
  as: As,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf" | "haloUser" | "personOfHaloUser">,
): string[] {
  const last = idsOf(outputs);
  const known = {
    idOf: orLast(numberIn(as, context), last),
    keyOf: (id: string) => (as === "agent" ? context.personOf("halo", id) : undefined),
  };
  return view(live, managed, last, known, byId);
}

/** Outputs of a team or board: what later runs need to know who was meant. */
export function memberOutputsOf(
  references: readonly string[],
  as: As,
  context: Pick<RunContext, "account" | "haloUser">,
  outputs?: Values,
): { resolved: Ids; waiting: string[] } {
  const { ids, waiting } = resolve(references, orLast(numberIn(as, context), idsOf(outputs)));
  return { resolved: ids, waiting };
}
