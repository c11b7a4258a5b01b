/** One account of the cloud gets a new password or a Temporary Access Pass, and nothing else of it is written. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import type { PasswordRules } from "../../core/password-rules.ts";
import { send, understood } from "../send.ts";
import { getAccount, valuesOf } from "./live.ts";
import { giveCloudPassword, ownerOf } from "./password.ts";

export interface CloudReset {
  /** Graph id. */
  id: string;
  person: string;
  rules: PasswordRules;
  now: Date;
  /** Also ends the sign-in sessions that were begun with the old password. */
  revoke: boolean;
}

/** Read afresh, as what was listed may be minutes old. Throws RefusedError before anything is written. */
async function accountOf(client: EntraClient, id: string, person: string, verb: string): Promise<Live> {
  const live = await getAccount(client, id);
  if (!live) throw new RefusedError(`Could not ${verb} of person ${person}: the account is gone from Entra ID; make a new plan.`, "gone");
  return live;
}

/** Throws RefusedError (nothing written), and what giving a password throws. */
export async function resetCloudPassword(client: EntraClient, { id, person, rules, now, revoke }: CloudReset): Promise<void> {
  const live = await accountOf(client, id, person, "reset the password");
  const { userPrincipalName: upn, synced, unfinished, attributes } = valuesOf(live);
  if (synced)
    throw new RefusedError(
      `Could not reset the password of ${upn} in Entra ID: the account comes from Active Directory; reset it there (without --entra).`,
      "synced",
    );
  if (unfinished)
    throw new RefusedError(
      `Could not reset the password of ${upn}: the account is not finished; the next \`haloform up\` finishes it.`,
      "unfinished",
    );
  const owner = ownerOf(person, upn, attributes);
  const path = `/users/${segment(id)}`;
  await giveCloudPassword({ owner, rules, why: "reset", now, after: "nobody knows the password it has now" }, (passwordProfile) =>
    send(client, { method: "PATCH", path, body: { passwordProfile } }, `reset the password of ${upn}`),
  );
  if (revoke)
    await send(client, { method: "POST", path: `${path}/revokeSignInSessions`, repeatable: true }, `revoke the sign-in sessions of ${upn}`);
}

const answerSchema = z.looseObject({ temporaryAccessPass: z.string().min(1), lifetimeInMinutes: z.number() });

/** A pass that lets the person sign in once and register a method of their own. Graph shows it in this answer and never again. */
export async function temporaryAccessPass(
  client: EntraClient,
  { id, person, minutes }: { id: string; person: string; minutes: number },
): Promise<{ pass: string; minutes: number; userPrincipalName: string }> {
  const live = await accountOf(client, id, person, "give a Temporary Access Pass");
  const upn = valuesOf(live).userPrincipalName;
  const path = `/users/${segment(id)}/authentication/temporaryAccessPassMethods`;
  const body = { lifetimeInMinutes: minutes, isUsableOnce: true };
  const what = `give ${upn} a Temporary Access Pass`;
  const answer = await send(client, { method: "POST", path, body }, what);
  const { temporaryAccessPass: pass, lifetimeInMinutes } = understood(answerSchema, answer.body, what);
  return { pass, minutes: lifetimeInMinutes, userPrincipalName: upn };
}
