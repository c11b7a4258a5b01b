/** ad:User's passwords: the first one, and the one a new key of the mapping asks for. Never one on adoption. */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { RunContext } from "../../core/definition.ts";
import type { PasswordOwner } from "../../core/password-give.ts";
import { givePassword, rulesOf } from "../password/set.ts";
import { sameDn } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import { listOf } from "../values/syntax.ts";
import type { AdClient } from "../wire/client.ts";
import { adSettings } from "../wire/settings.ts";
import type { Finish } from "./account.ts";
import type { UserInputs, UserOutputs } from "./inputs.ts";
import type { UserValues } from "./live.ts";

/** Whose password it is, of an account as it is wished or as it is. */
export function ownerOf(inputs: Omit<PasswordOwner, "names"> & Pick<UserInputs, "attributes">): PasswordOwner {
  const names = Object.entries(inputs.attributes).flatMap(([name, values]) =>
    /^(?:displayName|givenName|sn|initials)$/iu.test(name) ? listOf(values) : [],
  );
  const { person, name, sAMAccountName, userPrincipalName } = inputs;
  return { person, name, sAMAccountName, userPrincipalName, names };
}

/** The first password of an account that was only added, and with it (a command: after it) what lets the person in. */
export function firstPassword(client: AdClient, target: string, inputs: UserInputs, context: RunContext, finish: Finish): Promise<void> {
  return givePassword(client, {
    target,
    owner: ownerOf(inputs),
    why: "created",
    rules: rulesOf(context, finish.mustChange),
    now: context.now(),
    release: finish.release,
  });
}

/** `outputs` are undefined on adoption: an account that is taken over keeps its password, whatever the key. */
export function rotates(inputs: UserInputs, values: UserValues, outputs: Values | undefined): boolean {
  return inputs.passwordKey !== undefined && outputs !== undefined && outputs["passwordKey"] !== inputs.passwordKey && !values.unfinished;
}

/** Gives an existing account a new password. */
export async function rotate(client: AdClient, id: string, inputs: UserInputs, values: UserValues, context: RunContext): Promise<void> {
  await refuseOwn(values, "rotate");
  await givePassword(client, { target: byGuid(id), owner: ownerOf(inputs), why: "rotated", rules: rulesOf(context), now: context.now() });
}

/** haloform's own account gets no new password: nobody would put it into AD_BIND_PASSWORD. Throws RefusedError. */
export async function refuseOwn(values: UserValues, verb: string): Promise<void> {
  const bind = (await adSettings.given())?.bind ?? "";
  const own = bind.includes("=") ? sameDn(bind, values.distinguishedName) : bind.toLowerCase() === values.userPrincipalName.toLowerCase();
  if (own && bind !== "")
    throw new RefusedError(
      `Could not ${verb} the password of ${values.distinguishedName}: it is the account haloform itself logs in with; change it by hand, and AD_BIND_PASSWORD with it.`,
      "own",
    );
}

/** The key that counts for an account: the one its password was last made under; on adoption (no outputs) the wished one. */
function keyOf(inputs: UserInputs, last: Values | undefined): { passwordKey?: string } {
  const key = last?.["distinguishedName"] === undefined ? inputs.passwordKey : last["passwordKey"];
  return typeof key === "string" ? { passwordKey: key } : {};
}

/** The view of an account with its key, where one is managed. */
export function withKey(view: UserInputs, managed: UserInputs, outputs: Values): UserInputs {
  return managed.passwordKey === undefined ? view : { ...view, ...keyOf(managed, outputs) };
}

/** Outputs that remember the key. */
export function keeping(outputs: UserOutputs, inputs: UserInputs, last?: Values): UserOutputs {
  return { ...outputs, ...keyOf(inputs, last) };
}
