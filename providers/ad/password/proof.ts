/** Whether a password is an account's: asked of Active Directory by one login, which is closed at once. */

import { findByLogin } from "../reads.ts";
import { LoginError } from "../wire/errors.ts";
import { connect } from "../wire/session.ts";
import type { AdConfig } from "../wire/settings.ts";

export type PasswordProof = (config: AdConfig, login: string, password: string) => Promise<"right" | "wrong" | undefined>;

/**
 * "right" too where the account may not log on for another reason (must change the password, disabled, expired): AD says
 * which only to whom has the password. Undefined where no controller gives an answer. One wrong try counts for a lockout.
 */
export const proves: PasswordProof = async (config, login, password) => {
  try {
    const own = await connect(config, process.env["AD_BIND_PASSWORD"]);
    const account = await findByLogin(own, login, ["objectGUID"]);
    await own.close();
    if (account === undefined) return "wrong";
    return await tried({ ...config, bind: account.dn }, password);
  } catch {
    return undefined;
  }
};

async function tried(config: AdConfig, password: string): Promise<"right" | "wrong" | undefined> {
  try {
    const client = await connect(config, password);
    await client.close();
    return "right";
  } catch (error) {
    const reason = error instanceof LoginError ? error.reason : undefined;
    if (reason === "52e") return "wrong";
    return reason !== undefined && ["530", "531", "532", "533", "701", "773"].includes(reason) ? "right" : undefined;
  }
}
