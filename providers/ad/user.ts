/**
 * ad:User: a person's account. Never deleted, its password never touched once it has one.
 *
 * A new account is added disabled with a mark in adminDescription, then finished by one modify (first password, enabled,
 * mark gone). A run killed between the two leaves a marked, disabled account that the next one finishes.
 */
import type { Definition, Live } from "../core/definition.ts";
import { RefusedError } from "../core/errors.ts";
import { disabledAccount, finishing } from "./account.ts";
import type { AdClient } from "./client.ts";
import { child } from "./dn.ts";
import { guidOf, sidOf } from "./entry.ts";
import { AdRefusedError } from "./errors.ts";
import { byGuid } from "./guid.ts";
import { readUsers } from "./reads.ts";
import { resolvedOf } from "./refs.ts";
import { client } from "./shared.ts";
import {
  liveUser,
  type UserInputs,
  type UserOutputs,
  type UserValues,
  userInputs,
  userOutputs,
  valuesOfUser,
  viewUser,
} from "./user-inputs.ts";
import { bring, check, entryOf, get, identifying, linkLater, list, outputsOf, resume } from "./user-write.ts";

/** A natural key that finds exactly one, in order: the person's number, the userPrincipalName, the login name. */
function find(live: readonly Live[], inputs: UserInputs): string | undefined {
  const same = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && a !== "" && a.toLowerCase() === (b ?? "").toLowerCase();
  const keys: ((values: UserValues) => boolean)[] = [
    ...identifying.map(
      (name) =>
        (values: UserValues): boolean =>
          same(list(inputs.attributes[name])[0], list(values.attributes[name])[0]),
    ),
    (values) => same(inputs.userPrincipalName, values.userPrincipalName),
    (values) => same(inputs.sAMAccountName, values.sAMAccountName),
  ];
  for (const [index, key] of keys.entries()) {
    const found = live.filter((one) => key(valuesOfUser(one)));
    // a login or an address alone does not prove who it is: somebody else's number speaks against it
    const credible =
      index < identifying.length
        ? found
        : found.filter((one) => identifying.every((name) => contradicts(valuesOfUser(one), inputs, name) === false));
    if (credible.length === 1) return credible[0]?.id;
    if (credible.length > 1) return undefined;
  }
  return undefined;
}

function contradicts(values: UserValues, inputs: UserInputs, name: string): boolean {
  const wished = list(inputs.attributes[name])[0];
  const found = list(values.attributes[name])[0];
  return wished !== undefined && found !== undefined && wished !== found;
}

export const user: Definition<UserInputs, UserOutputs, AdClient> = {
  type: "ad:User",
  system: "ad",
  inputs: userInputs as unknown as Definition<UserInputs, UserOutputs, AdClient>["inputs"],
  outputs: userOutputs as unknown as Definition<UserInputs, UserOutputs, AdClient>["outputs"],
  immutable: ["person"],
  retain: true,
  client,
  find,

  async list(client, options) {
    const entries = await readUsers(client, options?.attributes);
    const ids = new Map(entries.map((entry) => [entry.dn, guidOf(entry)]));
    return entries.map((entry) => liveUser(entry, (dn) => ids.get(dn))).filter((live) => live !== undefined);
  },

  view: (live, managed, outputs, context) => viewUser(live, managed, context, resolvedOf(outputs)),

  async create(client, inputs, context) {
    const dn = child("CN", inputs.name, inputs.path);
    check(inputs, dn);
    const { attributes, waiting } = entryOf(inputs, context);
    try {
      await client.add(dn, attributes);
    } catch (error) {
      if (error instanceof AdRefusedError && error.result === 68) return resume(client, inputs, context, error);
      throw error;
    }
    // sent together, answered one after the other: the id is needed, the password does not wait for it
    const [entry] = await Promise.all([
      client.read(dn, ["objectGUID", "objectSid"]),
      client.modify(dn, finishing(disabledAccount, inputs.enabled)),
    ]);
    const id = entry && guidOf(entry);
    if (entry === undefined || id === undefined)
      throw new RefusedError(`Could not read ${dn} after creating it; give haloform's account the right to read objectGUID.`, "unreadable");
    context.announce("ad", inputs.person, id);
    for (const name of waiting) await linkLater(client, id, name, inputs, context);
    return { id, outputs: outputsOf(dn, sidOf(entry), inputs, context) };
  },

  async update(client, id, inputs, was, context) {
    const live = (await context.liveById("ad:User")).get(id) ?? (await get(client, byGuid(id), Object.keys(inputs.attributes)));
    if (live === undefined)
      throw new RefusedError(
        `Could not change the account of person ${inputs.person} (${inputs.name}): it is gone from Active Directory; the next plan will see that.`,
        "gone",
      );
    return bring(client, live, inputs, was, context, false);
  },

  /** Letting go of an account leaves it as it is: leavers are disabled by an update, and nobody is deleted. */
  async delete() {},

  get: (client, id, options) => get(client, byGuid(id), options?.attributes),

  computed(live, inputs, context, outputs) {
    const values = valuesOfUser(live);
    return outputsOf(values.distinguishedName, values.sid, inputs, context, resolvedOf(outputs));
  },
};
