/**
 * entra:User: a person's account in Entra ID. One that is made in the cloud is managed whole; of one that Entra Connect brings
 * from Active Directory (`hybrid`) only what the cloud masters is written. Let go of, it stays as it is; deleted only as the last
 * stage of a leaver, and then restored when the person comes back (within 30 days). Its password is never touched once it has one.
 */

import { RefusedError } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { both, neither, whenSet, whenTrue } from "../../core/access.ts";
import { define, type Live, type Made } from "../../core/definition.ts";
import { unseenByAll } from "../../core/unseen.ts";
import { ofPerson } from "../facts.ts";
import { propertyAccess } from "./attributes.ts";
import { findAccount, withoutAccount } from "./find.ts";
import { type UserInputs, type UserOutputs, userInputs, userOutputs } from "./inputs.ts";
import { allProperties, getAccount, isDeleted, listAccounts, valuesOf, viewAccount } from "./live.ts";
import { bring, computedOf, createAccount, deleteAccount, restoreAccount } from "./write.ts";

/** By employeeId, then by name; a name alone does not prove who it is where the number speaks against it. */
function find(all: readonly Live[], inputs: UserInputs): Live | undefined {
  const living = all.filter((one) => !isDeleted(one));
  const number = inputs.attributes["employeeId"];
  const numbered = typeof number === "string" && number !== "";
  const byNumber = numbered ? living.filter((one) => valuesOf(one).attributes["employeeId"] === number) : [];
  if (byNumber.length > 0) return byNumber.length === 1 ? byNumber[0] : undefined;
  const upn = inputs.userPrincipalName?.toLowerCase();
  const named = upn === undefined ? [] : living.filter((one) => valuesOf(one).userPrincipalName.toLowerCase() === upn);
  const other = valuesOf(named[0] ?? { id: "", values: {} }).attributes["employeeId"];
  return named.length === 1 && !(numbered && other !== undefined && other !== number) ? named[0] : undefined;
}

export const user = define<UserInputs, UserOutputs, EntraClient, { properties: readonly string[] }>({
  type: "entra:User",
  ...ofPerson,
  noun: "cloud account",
  label: ({ userPrincipalName }) => userPrincipalName ?? "account",
  // What the cloud masters of an account from AD hangs on that account; a deletion comes after everything else.
  wave: ({ deleted, hybrid }) => (deleted ? "afterwards" : hybrid ? "members" : "accounts"),
  silent: ["person", "hybrid"],
  access: {
    person: neither,
    hybrid: neither,
    userPrincipalName: both("lockedOut"),
    enabled: whenTrue("disabled"),
    attributes: propertyAccess,
    sessions: whenSet({ takes: "lockedOut" }),
    deleted: whenSet("deleted"),
  },
  inputs: userInputs,
  outputs: userOutputs,
  unasked: { properties: allProperties },
  client: entra,
  find: (all, inputs) => find(all, inputs)?.id,
  list: (client, { properties }) => listAccounts(client, properties),
  get: (client, id, asked) => getAccount(client, id, asked?.properties ?? allProperties),
  doubts: (live) => unseenByAll(live.filter((one) => !isDeleted(one))),
  view: viewAccount,

  async create(client, inputs, context) {
    const bringLive = async (live: Live): Promise<Made<UserOutputs>> => ({
      id: live.id,
      outputs: await bring(client, live, inputs, viewAccount(live, inputs, {}, context), context),
    });
    if (inputs.hybrid) {
      const found = await findAccount(client, context, inputs.person);
      if ("missing" in found)
        throw withoutAccount(
          found,
          `The Entra account of person ${inputs.person} waits`,
          `Could not write the Entra account of person ${inputs.person}: it should come from Active Directory, and there is no AD account; give the person one in ad.yaml, or set hybrid: false`,
          context.failed?.(inputs.person),
        );
      const live = (await context.liveById("entra:User")).get(found.id) ?? (await getAccount(client, found.id));
      if (live) return bringLive(live);
      throw new RefusedError(
        `Could not change the Entra account of person ${inputs.person} (${inputs.userPrincipalName ?? "from Active Directory"}): it is gone; the next plan will see that`,
        "Request_ResourceNotFound",
      );
    }
    const live = find(await context.live("entra:User"), inputs);
    // An earlier run made it and was cut off: it is finished, never made twice.
    if (live && !valuesOf(live).synced) {
      context.announce("entra", inputs.person, live.id);
      return bringLive(live);
    }
    return createAccount(client, inputs, context);
  },

  async update(client, live, inputs, was, context, last) {
    if (inputs.deleted) {
      if (!isDeleted(live)) await deleteAccount(client, live, inputs);
      return computedOf(valuesOf(live).userPrincipalName, inputs, context, last);
    }
    if (isDeleted(live)) return restoreAccount(client, live, inputs, context);
    return bring(client, live, inputs, was, context, last);
  },

  computed: (live, inputs, context, outputs = {}) => {
    const known = outputs["userPrincipalName"] !== undefined;
    const { sessions, ...rest } = inputs;
    const revoked = sessions !== undefined && (!known || outputs["revoked"] === true);
    return computedOf(valuesOf(live).userPrincipalName, revoked ? inputs : rest, context, outputs);
  },
});
