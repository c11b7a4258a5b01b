/** One account gets a new password, and nothing else of it is written (`haloform password reset`). */
import { RefusedError } from "../../../base/errors.ts";
import type { PasswordRules } from "../../core/password-rules.ts";
import { valuesOfUser } from "../user/live.ts";
import { ownerOf, refuseOwn } from "../user/password.ts";
import { get } from "../user/write.ts";
import { byGuid } from "../values/guid.ts";
import { type AdClient, replace } from "../wire/client.ts";
import { givePassword } from "./set.ts";

export interface ResetRequest {
  /** objectGUID. */
  id: string;
  person: string;
  rules: PasswordRules;
  now: Date;
  /** Also takes a lockout after wrong passwords away. */
  unlock: boolean;
}

/** Reads the account afresh, as what was listed may be minutes old. Throws RefusedError before anything is written, and what givePassword throws. */
export async function resetPassword(ad: AdClient, request: ResetRequest): Promise<void> {
  const live = await get(ad, byGuid(request.id));
  if (!live)
    throw new RefusedError(
      `Could not reset the password of person ${request.person}: the account is gone from Active Directory; make a new plan.`,
      "gone",
    );
  const values = valuesOfUser(live);
  if (values.protected)
    throw new RefusedError(
      `Could not reset the password of ${values.distinguishedName}: it is a protected account of Active Directory; do it by hand.`,
      "protected",
    );
  await refuseOwn(values, "reset");
  await givePassword(ad, {
    target: byGuid(live.id),
    owner: ownerOf({ ...values, person: request.person }),
    why: "reset",
    rules: request.rules,
    now: request.now,
    with: request.unlock ? [replace("lockoutTime", "0")] : [],
  });
}
