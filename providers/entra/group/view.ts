/** A live group in the shape of the inputs: what the engine compares with the wish. Pure. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import type { GroupInputs, GroupState } from "./inputs.ts";
import { groupValues } from "./read.ts";
import { known, readResolved, shownMembers } from "./references.ts";

/** Only what `managed` holds. What was not read (the group had another name when it was listed) is taken as last known. */
export function viewGroup(
  live: Live,
  managed: GroupInputs,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
): GroupInputs {
  const values = groupValues.parse(live.values);
  const { members, owners, licences } = managed;
  const seen: GroupInputs = { name: values.name, mode: managed.mode, create: managed.create };
  if (managed.kind !== undefined) seen.kind = values.kind;
  if (managed.description !== undefined) seen.description = values.description;
  if (managed.mailNickname !== undefined) seen.mailNickname = values.mailNickname || managed.mailNickname;
  if (managed.visibility !== undefined) seen.visibility = visibilityOf(values.visibility) ?? managed.visibility;
  if (managed.rule !== undefined) seen.rule = values.rule.trim() || managed.rule;
  if (managed.ruleState !== undefined) seen.ruleState = values.ruleState === "Paused" ? "Paused" : "On";
  // Showing none of unread members would add everyone again; the next run reads them.
  if (members !== undefined)
    seen.members = values.members === undefined ? members : shownMembers(values.members, { mode: managed.mode, members }, outputs, context);
  if (owners !== undefined)
    seen.owners =
      values.owners === undefined
        ? owners
        : shownMembers(values.owners, { mode: managed.mode, members: owners }, { resolved: readResolved(outputs, "owners") }, context);
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
    const equal =
      meant.without.length === one.without.length && meant.without.every((plan) => one.without.some((other) => same(plan, other)));
    return { sku: meant.sku, without: equal ? meant.without : one.without };
  });
}

function visibilityOf(live: string): GroupInputs["visibility"] {
  return (["Public", "Private", "HiddenMembership"] as const).find((one) => same(one, live));
}

/** People and groups always; other members only where `mode` has to remember whom haloform put there (a state stays small). */
export function remembered(mode: GroupInputs["mode"], ids: { readonly [reference: string]: string }): { [reference: string]: string } {
  return Object.fromEntries(Object.entries(ids).filter(([reference]) => mode === "additive" || !reference.startsWith("id:")));
}

/** The outputs of a group that is as it was wished: what the run knows first, then the last outputs. */
export function computedGroup(wished: GroupInputs, context: Pick<RunContext, "account">, outputs: Values = {}): GroupState {
  const idsOf = (references: readonly string[], name: "resolved" | "owners"): { [reference: string]: string } => {
    const before = readResolved(outputs, name);
    return Object.fromEntries(
      references.flatMap((reference) => {
        const id = known(reference, context) ?? before[reference];
        return id === undefined ? [] : [[reference, id]];
      }),
    );
  };
  const ids = idsOf(wished.members ?? [], "resolved");
  return {
    resolved: remembered(wished.mode, ids),
    waiting: (wished.members ?? []).filter((reference) => ids[reference] === undefined),
    ...(wished.owners === undefined ? {} : { owners: remembered(wished.mode, idsOf(wished.owners, "owners")) }),
  };
}
