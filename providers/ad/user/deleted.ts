/**
 * Deleted accounts. A deletion in AD leaves a tombstone in CN=Deleted Objects for some months: with the recycle bin a whole
 * one, without it little more than objectGUID, objectSid and the login. Such accounts are read with the living ones, so that
 * the state's ids find them; deleted only when disabled, after a snapshot; and brought back under their old id and SID
 * ("reanimated", MS-ADTS 3.1.1.5.3.7) when the person comes back.
 */
import { AndFilter, EqualityFilter, NotFilter, PresenceFilter } from "ldapts";
import { RefusedError } from "../../../base/errors.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { userAttributes } from "../reads.ts";
import { child } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import { type AdClient, type Entry, type Modification, replace } from "../wire/client.ts";
import { guidOf, protectionOf, refuseInside, textOf } from "../wire/entry.ts";
import { AdRefusedError } from "../wire/errors.ts";
import { isDisabled, unfinishedMark } from "./account.ts";
import type { UserInputs } from "./inputs.ts";
import { liveUser, type UserValues, valuesOfUser } from "./live.ts";
import { writeSnapshot } from "./snapshot.ts";

/** Users, not computers (nor managed service accounts, which are computers): tombstones have no objectCategory. */
const isDeletedUser = new AndFilter({
  filters: [
    new EqualityFilter({ attribute: "isDeleted", value: "TRUE" }),
    new EqualityFilter({ attribute: "objectClass", value: "user" }),
    new NotFilter({ filter: new EqualityFilter({ attribute: "objectClass", value: "computer" }) }),
  ],
});

export const deletedObjects = (base: string): string => `CN=Deleted Objects,${base}`;

/** Every deleted account that AD still has; none where haloform's account may not look there (doctor says so). */
export async function readDeleted(client: AdClient, more: readonly string[] = []): Promise<Live[]> {
  try {
    const entries = await client.search({
      base: deletedObjects(client.base),
      scope: "one",
      filter: isDeletedUser,
      attributes: [...new Set([...userAttributes, "lastKnownParent", "isRecycled", ...more])],
      deleted: true,
    });
    return entries.flatMap((entry) => liveDeleted(entry) ?? []);
  } catch (error) {
    if (error instanceof AdRefusedError) return [];
    throw error;
  }
}

/** A tombstone as a live object: `deleted`, under the name and place it had. */
function liveDeleted(entry: Entry): Live | undefined {
  const live = liveUser(entry, () => undefined);
  if (!live) return undefined;
  const values = valuesOfUser(live);
  const { isDeleted: _deleted, lastKnownParent: _parent, isRecycled, ...attributes } = values.attributes;
  return {
    id: live.id,
    values: {
      ...values,
      attributes,
      name: values.name.replace(/\nDEL:.*$/su, ""),
      path: textOf(entry, "lastKnownParent") ?? "",
      enabled: false,
      unfinished: false,
      memberOf: [],
      deleted: true,
      // No recycle bin: nearly every attribute, the groups and the password are lost.
      ...(isRecycled === "TRUE" ? { recycled: true } : {}),
    },
  };
}

export function isDeleted(live: Live | undefined): boolean {
  return live?.values["deleted"] === true;
}

/**
 * Deletes an account whose stage has come. Refused unless it is disabled, unprotected, and has nothing below it; a snapshot
 * is written first. Already gone is success, where reading it says so too. Throws RefusedError, and what the client throws.
 */
export async function deleteAccount(client: AdClient, live: Live, inputs: UserInputs, context: RunContext): Promise<void> {
  const target = byGuid(live.id);
  const entry = await client.read(target, ["*", "tokenGroups"]);
  if (entry === undefined) return;
  const refuse = (why: string, advice: string, code: string): never => {
    throw new RefusedError(`Could not delete ${entry.dn}: ${why}; ${advice}.`, code);
  };
  if (guidOf(entry) !== live.id) refuse("it is another object than the one that was planned", "make a new plan", "other");
  const reason = protectedBecause(live) ?? protectionOf(entry);
  if (reason !== undefined) refuse(reason, "delete it by hand if that is meant", "protected");
  refuseInside(entry, context.guard?.sids);
  if (!isDisabled(textOf(entry, "userAccountControl")))
    refuse("somebody has enabled it since the plan", "let the source say that the person is active, or disable it", "enabled");
  const anything = new PresenceFilter({ attribute: "objectClass" });
  const below = await client.search({ base: entry.dn, scope: "one", filter: anything, attributes: ["objectClass"] });
  const [first] = below;
  if (first)
    refuse(
      `${below.length} object(s) lie below it, such as ${first.dn}`,
      "look at them (a phone or a device registered for the person) and remove them by hand",
      "children",
    );
  writeSnapshot({ person: inputs.person, id: live.id, entry, at: context.now() });
  try {
    await client.delete(target);
  } catch (error) {
    const isSaid = error instanceof AdRefusedError && error.result === 32;
    if (!isSaid || (await client.read(target, ["objectGUID"]))) throw error;
  }
}

/**
 * Brings a deleted account back, disabled and marked as unfinished: whoever finishes it gives it a new password. Throws
 * RefusedError where AD no longer can.
 */
export async function reanimate(client: AdClient, live: Live, inputs: UserInputs): Promise<void> {
  const values = valuesOfUser(live);
  const dn = child("CN", inputs.name, inputs.path);
  const reason = protectedBecause(live);
  if (reason !== undefined) throw new RefusedError(`Could not restore ${dn}: ${reason}; restore it by hand if that is meant.`, "protected");
  const control = Number(values["userAccountControl"] ?? 0);
  const enabled = !isDisabled(String(control));
  const bare = values["recycled"] === true;
  const disabling = replace("userAccountControl", String(control | 2));
  const changes: Modification[] = [
    { op: "delete", attribute: "isDeleted", values: [] },
    replace("distinguishedName", dn),
    replace("adminDescription", unfinishedMark),
    // With the recycle bin it would come back as it went: enabled, under its old password.
    ...(enabled && !bare ? [disabling] : []),
    ...(inputs.sAMAccountName.toLowerCase() === values.sAMAccountName.toLowerCase()
      ? []
      : [replace("sAMAccountName", inputs.sAMAccountName)]),
    ...(renamed(values, inputs) ? [replace("userPrincipalName", inputs.userPrincipalName ?? "")] : []),
  ];
  await client.modify(values.distinguishedName, changes, { what: `${dn} (deleted, to bring it back)`, deleted: true });
  // Without the bin it has no password, so nobody gets in meanwhile; Samba does not take this in the same modify.
  if (enabled && bare) await client.modify(byGuid(live.id), [disabling], { what: dn });
}

/** Somebody else may have its old userPrincipalName by now. */
function renamed(values: UserValues, inputs: UserInputs): boolean {
  const { userPrincipalName: wished } = inputs;
  return wished !== undefined && values.userPrincipalName !== "" && values.userPrincipalName.toLowerCase() !== wished.toLowerCase();
}

function protectedBecause(live: Live): string | undefined {
  const { protected: kept, protectedBecause: because } = valuesOfUser(live);
  return kept ? because || "it is a protected account of Active Directory" : undefined;
}
