/** Which administrative units are not haloform's to change, said before anything is sent. Pure. */
import { RefusedError } from "../../../base/errors.ts";
import type { Live } from "../../core/definition.ts";
import type { UnitInputs } from "./inputs.ts";
import { unitValues } from "./read.ts";

/** Why a unit cannot be managed; undefined = it can. Both facts: Graph reference, administrativeUnit. */
export function unmanageable({ values }: Pick<Live, "values">): string | undefined {
  const { restricted, dynamic } = unitValues.parse(values);
  if (restricted)
    return "its management is restricted (isMemberManagementRestricted): only who was given a role over this very unit may change its members, and Entra ID never lifts that";
  if (dynamic) return "its members follow a rule in Entra ID (dynamic membership)";
  return undefined;
}

/** Throws RefusedError with the reason. */
export function refuseUnmanageable(live: Live, wished: UnitInputs): void {
  const why = unmanageable(live);
  if (why !== undefined)
    throw new RefusedError(
      `Could not change the administrative unit ${wished.name}: ${why}; change it by hand, or name another`,
      "AdministrativeUnitNotManageable",
    );
}
