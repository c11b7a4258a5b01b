/** What Graph would refuse or undo in a group, said before anything is sent. Pure. */

import { RefusedError } from "../../../base/errors.ts";
import type { Live } from "../../core/definition.ts";
import type { GroupInputs } from "./inputs.ts";
import { type GroupValues, groupValues } from "./read.ts";

/** Why a group of this sort cannot be brought to the wish; undefined = it can. */
export function unmanageable(group: GroupValues, wished: GroupInputs): string | undefined {
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
