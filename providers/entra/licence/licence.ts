/** entra:Licence — the licences a person is given directly. The id is the Graph user's. */

import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { unseenByAll } from "../../core/unseen.ts";
import { ofPerson } from "../facts.ts";
import { findAccount, withoutAccount } from "../user/find.ts";
import { getUser, listUsers, userValues } from "../user/list.ts";
import { freshAccount } from "../user/write.ts";
import { assign } from "./assign.ts";
import {
  canonicalNames,
  canonicalSkus,
  type LicenceInputs,
  type LicenceOutputs,
  licenceInputs,
  licenceOutputs,
  plansOf,
} from "./inputs.ts";
import { isPlain } from "./plain.ts";

/** Part numbers that really come through a group. */
function inheritedSkus(live: Live): string[] {
  const { inherited } = userValues.parse(live.values);
  return canonicalNames(inherited.filter((one) => one.error === undefined).map((one) => one.sku));
}

/**
 * The live user in the inputs' shape. A wished SKU that comes through a group counts as had; a direct one of `of` that
 * nobody wishes is shown, so that it goes; one whose group is left in this run does not count as had; one that is on record but failed is not shown, so that it is tried again.
 * An existing usageLocation is respected: whatever it is, it is shown as the wished one.
 */
export function viewLicence(live: Live, managed: LicenceInputs): LicenceInputs {
  const user = userValues.parse(live.values);
  const inherited = inheritedSkus(live).filter((one) => !managed.leaving?.some((sku) => same(sku, one)));
  const skus: { sku: string; without: string[] }[] = [];
  const coming = (managed.through ?? []).filter((one) => !user.direct.some((direct) => same(direct.sku, one)));
  for (const wished of managed.skus) if ([...inherited, ...coming].some((one) => same(one, wished.sku))) skus.push(wished);
  for (const direct of user.direct) {
    if (skus.some((one) => same(one.sku, direct.sku))) continue;
    const wished = managed.skus.find((one) => same(one.sku, direct.sku));
    if (wished ? direct.error !== undefined : !managed.of.some((one) => same(one, direct.sku))) continue;
    const without = direct.without.map((plan) => wished?.without.find((one) => same(one, plan)) ?? plan);
    skus.push({ sku: wished?.sku ?? managed.of.find((one) => same(one, direct.sku)) ?? direct.sku, without });
  }
  return {
    person: managed.person,
    ...(user.usageLocation ? defined({ usageLocation: managed.usageLocation }) : {}),
    skus: canonicalSkus(skus),
    of: managed.of,
    ...defined({ through: managed.through, leaving: managed.leaving }),
  };
}

const computed = (live: Live): LicenceOutputs => ({
  userPrincipalName: userValues.parse(live.values).userPrincipalName,
  inherited: inheritedSkus(live),
});

export const licence = define<LicenceInputs, LicenceOutputs, EntraClient, { properties: readonly string[] }>({
  type: "entra:Licence",
  ...ofPerson,
  noun: "licences",
  label: () => "licences",
  wave: ({ leaving = [] }) => (leaving.length > 0 ? "own licences" : "members"),
  sets: ["skus:sku", "of"],
  silent: ["person", "of", "through", "leaving"],
  access: {
    person: neither,
    usageLocation: neither,
    skus: entries("licences", plansOf),
    of: neither,
    through: neither,
    leaving: neither,
  },
  inputs: licenceInputs,
  isPlain,
  outputs: licenceOutputs,
  client: entra,
  unasked: { properties: [] },
  list: (client, { properties }) => listUsers(client, properties),
  doubts: unseenByAll,
  get: (client, id, asked) => getUser(client, id, asked?.properties),
  /** A person has no natural key in Entra ID: matching says whose account is whose. */
  view: viewLicence,
  async create(client, wished, context) {
    const found = await findAccount(client, context, wished.person);
    if ("missing" in found)
      throw withoutAccount(
        found,
        `The licences of person ${wished.person} wait`,
        `Could not set licences of person ${wished.person}: there is no account in Entra ID, and none in AD from which one could come; give the person an account first`,
        context.failed?.(wished.person),
      );
    const { id } = found;
    // From the run's bulk read, else asked for: somebody who was brought in during this run.
    const listed = found.live ?? (await context.liveById("entra:Licence")).get(id);
    const live = listed ?? freshAccount(client, id) ?? (await getUser(client, id));
    if (!live)
      throw new RefusedError(
        `Could not set licences of the Entra user ${id}: it is gone; the next plan will see that`,
        "Request_ResourceNotFound",
      );
    await assign(client, live, wished);
    return { id: live.id, outputs: computed(live) };
  },
  async update(client, live, wished) {
    await assign(client, live, wished);
    return computed(live);
  },
  computed,
});
