/**
 * ad:User: a person's account. Let go of, it stays as it is; deleted only as the last stage of a leaver (`deleted`), and then
 * brought back when the person is (deleted.ts). Its password is never touched once it has one.
 *
 * A new account is added disabled with a mark in adminDescription, then finished by one modify (first password, enabled,
 * mark gone). A run killed between the two leaves a marked, disabled account that the next one finishes.
 */

import { RefusedError } from "../../../base/errors.ts";
import { both, neither, whenSet, whenTrue } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { idsOf } from "../../core/references.ts";
import { unseenByAll } from "../../core/unseen.ts";
import { existsAlready, readBack, readUsers } from "../reads.ts";
import { attributeAccess, flagAccess } from "../values/access.ts";
import { knownAttributes } from "../values/attribute-table.ts";
import { child } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import { listOf } from "../values/syntax.ts";
import type { AdClient } from "../wire/client.ts";
import { guidOf, sidOf } from "../wire/entry.ts";
import { client } from "../wire/shared.ts";
import { disabledAccount, finishing } from "./account.ts";
import { addedBy, addedOf } from "./additive.ts";
import { deleteAccount, isDeleted, readDeleted, reanimate } from "./deleted.ts";
import { withHolder } from "./holder.ts";
import { type UserInputs, type UserOutputs, userInputs, userOutputs } from "./inputs.ts";
import { liveUser, rawValues, type UserAsked, type UserValues, valuesOfUser, viewUser } from "./live.ts";
import { firstPassword, keeping, rotate, rotates, withKey } from "./password.ts";
import { isPlain } from "./plain.ts";
import { askedFor, bring, check, entryOf, get, identifying, isSamePerson, linkLater, outputsOf, refuses, resume } from "./write.ts";

/** Under the stock CLI nobody says which attributes the mapping uses: then those that mappings commonly use are read. */
const ordinary: UserAsked = { attributes: knownAttributes.map((rule) => rule.name) };

/** A natural key that finds exactly one, in order: the person's number, the userPrincipalName, the login name. */
function find(all: readonly Live[], inputs: UserInputs): string | undefined {
  const live = all.filter((one) => !isDeleted(one));
  const keys = [
    ...identifying.map((name) => {
      const numberOf = ({ attributes }: Pick<UserValues, "attributes">): string | undefined => listOf(attributes[name])[0];
      return { proves: true, wished: numberOf(inputs), of: numberOf };
    }),
    { proves: false, wished: inputs.userPrincipalName, of: (values: UserValues) => values.userPrincipalName },
    { proves: false, wished: inputs.sAMAccountName, of: (values: UserValues) => values.sAMAccountName },
  ];
  for (const { proves, wished, of } of keys) {
    if (!wished) continue;
    const found = live.filter((one) => of(valuesOfUser(one))?.toLowerCase() === wished.toLowerCase());
    // a login or an address alone does not prove who it is: somebody else's number speaks against it
    const credible = proves ? found : found.filter((one) => isSamePerson(valuesOfUser(one), inputs) !== false);
    if (credible.length === 1) return credible[0]?.id;
    if (credible.length > 1) return undefined;
  }
  return undefined;
}

/** Brings a deleted account back and all the way to the wish: attributes, a new password, enabled. Its groups follow with the groups. */
async function restore(client: AdClient, deleted: Live, inputs: UserInputs, context: RunContext): Promise<UserOutputs> {
  check(inputs, child("CN", inputs.name, inputs.path));
  await reanimate(client, deleted, inputs);
  const live = await get(client, byGuid(deleted.id), askedFor(inputs));
  if (live === undefined)
    throw new RefusedError(
      `Could not finish the account of person ${inputs.person} (${inputs.name}): it was restored and is not to be read; the next run goes on with it.`,
      "unreadable",
    );
  context.announce("ad", inputs.person, live.id);
  return bring(client, live, inputs, viewUser(live, inputs, context), context, { finish: true });
}

export const user = define<UserInputs, UserOutputs, AdClient, UserAsked>({
  type: "ad:User",
  system: "ad",
  noun: "account",
  about: "person",
  account: true,
  key: ({ person }) => person,
  place: ({ name, path }) => child("CN", name, path),
  label: ({ sAMAccountName }) => sAMAccountName,
  wave: ({ deleted }) => (deleted ? "afterwards" : "accounts"),
  silent: ["person", "additive", "syntax"],
  access: {
    person: neither,
    name: neither,
    path: both("rules"),
    enabled: whenTrue("disabled"),
    sAMAccountName: both("lockedOut"),
    userPrincipalName: both("lockedOut"),
    attributes: attributeAccess,
    syntax: neither,
    additive: neither,
    flags: flagAccess,
    passwordKey: both("lockedOut"),
    deleted: whenSet("deleted"),
  },
  inputs: userInputs,
  isPlain,
  outputs: userOutputs,
  refuses,
  unasked: ordinary,
  immutable: ["person"],
  client,
  find,

  async list(client, { attributes, syntax }) {
    const [entries, deleted] = await Promise.all([readUsers(client, attributes), readDeleted(client, attributes)]);
    const ids = new Map(entries.map((entry) => [entry.dn, guidOf(entry)]));
    return [...entries.flatMap((entry) => liveUser(entry, (dn) => ids.get(dn), syntax) ?? []), ...deleted];
  },

  // A tombstone has little of what it had.
  doubts: (live) => unseenByAll(live.filter((one) => !isDeleted(one))),

  view: (live, managed, outputs, context) =>
    // What is wished of a deleted account is as it was wished, but for its being there.
    isDeleted(live)
      ? { ...managed, deleted: true }
      : withKey(viewUser(live, managed, context, idsOf(outputs), addedOf(outputs)), managed, outputs),

  async create(client, inputs, context) {
    const dn = child("CN", inputs.name, inputs.path);
    check(inputs, dn);
    const { attributes, waiting } = entryOf(inputs, context);
    try {
      await client.add(dn, attributes);
    } catch (error) {
      if (!existsAlready(error)) throw await withHolder(client, inputs, error);
      const made = await resume(client, inputs, context, error);
      return { ...made, outputs: keeping(made.outputs, inputs) };
    }
    // sent together, answered one after the other: the id is needed, the password does not wait for it
    const [{ id, entry }] = await Promise.all([
      readBack(client, dn, ["objectGUID", "objectSid"]),
      firstPassword(client, dn, inputs, context, finishing(disabledAccount, inputs.enabled, inputs)),
    ]);
    context.announce("ad", inputs.person, id);
    for (const name of waiting) await linkLater(client, id, name, inputs, context);
    return { id, outputs: keeping(outputsOf(dn, sidOf(entry), inputs, context), inputs) };
  },

  async update(client, live, inputs, was, context, last) {
    if (inputs.deleted) {
      if (!isDeleted(live)) await deleteAccount(client, live, inputs, context);
      const values = valuesOfUser(live);
      return keeping(outputsOf(values.distinguishedName, values.sid, inputs, context, last, addedOf(last)), inputs, last);
    }
    if (isDeleted(live)) return keeping(await restore(client, live, inputs, context), inputs);
    const outputs = await bring(client, live, inputs, was, context, { last }).catch(async (error: unknown) => {
      throw await withHolder(client, inputs, error, live.id);
    });
    const values = valuesOfUser(live);
    if (rotates(inputs, values, last)) await rotate(client, live.id, inputs, values, context);
    return keeping(outputs, inputs, inputs.passwordKey === undefined ? last : undefined);
  },

  get: (client, id, asked = ordinary) => get(client, byGuid(id), asked),

  computed(live, inputs, context, outputs) {
    const values = valuesOfUser(live);
    const added = addedOf(outputs) ?? addedBy(inputs, (name) => rawValues(values, name));
    const known = outputsOf(values.distinguishedName, values.sid, inputs, context, outputs, added);
    return keeping(known, inputs, outputs);
  },
});
