/** A live group in the shape of the inputs: what the engine compares with the wish. Pure. */
import type { Values } from "../../../base/json.ts";
import { same, sameNames } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { byId, idIn, idsOf, knownIn, orLast, remember, resolve, view } from "../../core/references.ts";
import type { GroupInputs, GroupOutputs } from "./inputs.ts";
import { groupValues } from "./read.ts";

/** Only what `managed` holds. What was not read (the group had another name when it was listed) is taken as last known. */
export function viewGroup(
  live: Live,
  managed: GroupInputs,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
): GroupInputs {
  const values = groupValues.parse(live.values);
  const { members, owners, licences } = managed;
  const shown = (live: readonly string[] | undefined, wished: string[], field: "resolved" | "owners"): string[] =>
    // Showing none of unread members would add everyone again; the next run reads them.
    live === undefined
      ? wished
      : view(live, { mode: managed.mode, members: wished }, idsOf(outputs, field), knownIn("entra", context), byId);
  const seen: GroupInputs = { name: values.name, mode: managed.mode, create: managed.create };
  if (managed.kind !== undefined) seen.kind = values.kind;
  if (managed.description !== undefined) seen.description = values.description;
  if (managed.mailNickname !== undefined) seen.mailNickname = values.mailNickname || managed.mailNickname;
  if (managed.visibility !== undefined) seen.visibility = visibilityOf(values.visibility) ?? managed.visibility;
  if (managed.rule !== undefined) seen.rule = values.rule.trim() || managed.rule;
  if (managed.ruleState !== undefined) seen.ruleState = values.ruleState === "Paused" ? "Paused" : "On";
  if (members !== undefined) seen.members = shown(values.members, members, "resolved");
  if (owners !== undefined) seen.owners = shown(values.owners, owners, "owners");
  if (licences !== undefined) seen.licences = values.licences === undefined ? licences : shownLicences(values.licences, licences);
  // not facts of the directory: how the members are to be managed
  if (managed.may !== undefined) seen.may = managed.may;
  if (managed.privileged !== undefined) seen.privileged = managed.privileged;
  return seen;
}

/** In the wish's own spelling where it means the same. */
function shownLicences(
  live: NonNullable<GroupInputs["licences"]>,
  wished: NonNullable<GroupInputs["licences"]>,
): NonNullable<GroupInputs["licences"]> {
  return live.map((one) => {
    const meant = wished.find((other) => same(other.sku, one.sku));
    if (!meant) return one;
    return { sku: meant.sku, without: sameNames(meant.without, one.without) ? meant.without : one.without };
  });
}

function visibilityOf(live: string): GroupInputs["visibility"] {
  return (["Public", "Private", "HiddenMembership"] as const).find((one) => same(one, live));
}

/** The outputs of a group that is as it was wished: what the run knows first, then the last outputs. */
export function computedGroup(wished: GroupInputs, context: Pick<RunContext, "account">, outputs?: Values): GroupOutputs {
  const known = (references: readonly string[], field: "resolved" | "owners") =>
    resolve(references, orLast(idIn("entra", context), idsOf(outputs, field)));
  const { ids, waiting } = known(wished.members ?? [], "resolved");
  return {
    resolved: remember(wished.mode, ids),
    waiting,
    ...(wished.owners === undefined ? {} : { owners: remember(wished.mode, known(wished.owners, "owners").ids) }),
  };
}
