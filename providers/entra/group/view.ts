/** A live group beside its wish: in the shape of the inputs, as the engine compares them, and what Graph would refuse or undo in it. Pure. */
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same, sameNames } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { computedMembers, shownMembers } from "../references.ts";
import type { GroupInputs, GroupLicence, GroupOutputs } from "./inputs.ts";
import { type GroupValues, groupValues } from "./read.ts";

/** Only what `managed` holds. What was not read (the group had another name when it was listed) is taken as last known. */
export function viewGroup(
  live: Live,
  managed: GroupInputs,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
): GroupInputs {
  const values = groupValues.parse(live.values);
  const { members, leave, owners, licences } = managed;
  const shown = (live: readonly string[] | undefined, wished: string[], field: "resolved" | "owners"): string[] =>
    // Showing none of unread members would add everyone again; the next run reads them.
    live === undefined
      ? wished
      : shownMembers(live, { mode: managed.mode, members: wished, ...(field === "resolved" ? { leave } : {}) }, outputs, context, field);
  return {
    // How members are to be managed (mode, may, privileged) is no fact of the directory.
    ...managed,
    name: values.name,
    ...defined({
      kind: managed.kind && values.kind,
      description: managed.description === undefined ? undefined : values.description,
      mailNickname: managed.mailNickname && (values.mailNickname || managed.mailNickname),
      visibility: managed.visibility && (visibilityOf(values.visibility) ?? managed.visibility),
      rule: managed.rule && (values.rule.trim() || managed.rule),
      ruleState: managed.ruleState && (values.ruleState === "Paused" ? "Paused" : "On"),
      members: members && shown(values.members, members, "resolved"),
      owners: owners && shown(values.owners, owners, "owners"),
      licences: licences && values.licences && shownLicences(values.licences, licences),
    }),
  };
}

/** In the wish's own spelling where it means the same. */
function shownLicences(live: readonly GroupLicence[], wished: readonly GroupLicence[]): GroupLicence[] {
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
  const { mode, members = [], owners } = wished;
  return {
    ...computedMembers({ mode, members }, context, outputs),
    ...(owners && { owners: computedMembers({ mode, members: owners }, context, outputs, "owners").resolved }),
  };
}

/** Why a group of this sort cannot be brought to the wish; undefined = it can. */
function unmanageable(group: GroupValues, wished: GroupInputs): string | undefined {
  if (group.synced) return "it is synchronised from Active Directory; name it in mappings/ad.yaml instead";
  if (group.exchange)
    return "it needs Exchange Online, as only Exchange can change a mail-enabled security or distribution group; change it there, or name another group";
  if (group.roleAssignable && !wished.privileged)
    return "it can hold Entra roles (isAssignableToRole), which haloform does not hand out; name another group, or this one in mappings/safety.yaml under protected.allow";
  if (group.dynamic && wished.rule === undefined)
    return "its members follow a rule in Entra ID (dynamic membership); manage its `rule`, or name another group";
  if (!group.dynamic && wished.rule !== undefined)
    return "it has members of its own, and with a rule all of them would go; convert it in Entra ID by hand, or name another group";
  if (wished.kind !== undefined && wished.kind !== group.kind)
    return `it is ${kindWords[group.kind]}, not ${kindWords[wished.kind]}, and Entra ID converts none; correct \`kind\`, or name another group`;
  return undefined;
}

export const kindWords = {
  security: "a security group",
  microsoft365: "a Microsoft 365 group",
  mailSecurity: "a mail-enabled security group",
  distribution: "a distribution list",
} as const;

/** Throws RefusedError with the reason. */
export function refuseUnmanageable(live: Live, wished: GroupInputs): void {
  const why = unmanageable(groupValues.parse(live.values), wished);
  if (why !== undefined) throw new RefusedError(`Could not change the group ${wished.name}: ${why}`, "GroupNotManageable");
}
