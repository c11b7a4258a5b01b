/** From a user as it is to the licences wished: one assignLicense call that adds and removes together. */
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { licencesMayGo } from "../mailbox/gate.ts";
import { isAbsent, submit } from "../send.ts";
import { getUser, userValues } from "../user/list.ts";
import { type LicenceChange, licenceChange } from "./change.ts";
import type { LicenceInputs } from "./inputs.ts";
import { type Catalogue, catalogueOf, type Sku } from "./skus.ts";
import { stockOf } from "./stock.ts";

/**
 * Brings a user to the licences wished. Throws RefusedError (that person is parked) in the system's words. The answer of
 * assignLicense is trusted: reading back at once would often show the old state (eventual consistency).
 */
export async function assign(client: EntraClient, live: Live, wished: LicenceInputs): Promise<void> {
  let user: Live | undefined;
  // Graph may know something newer than the bulk read: a licence inherited meanwhile, or taken away by our own first try
  // whose answer was lost. Then the user is read again, and again while replication still shows the old state.
  const error = await client.again(
    async () => {
      user = user ? ((await getUser(client, live.id)) ?? user) : live;
      return assignOnce(client, user, wished).then(
        () => undefined,
        (error: unknown) => error,
      );
    },
    (error) => error instanceof GraphRefusal && (error.kind === "inherited" || error.kind === "not-held"),
  );
  if (error !== undefined) throw error;
}

async function assignOnce(client: EntraClient, live: Live, wished: LicenceInputs): Promise<void> {
  const change = licenceChange(live, wished);
  licencesMayGo(wished.person, change.remove);
  const { usageLocation } = change;
  const who = userValues.parse(live.values).userPrincipalName || live.id;
  const path = `/users/${segment(live.id)}`;
  // Names are resolved before anything is written: a misspelt one must leave no half-done person.
  const named = change.add.length + change.remove.length > 0 ? byIds(change, await catalogueOf(client)) : undefined;
  if (usageLocation !== undefined)
    await submit(client, { method: "PATCH", path, body: { usageLocation } }, { what: `set the usage location of ${who}` });
  if (!named) return;
  const { body, seats, freed } = named;
  const what = `${wording(change)} ${who}`;
  const stock = stockOf(client);
  await stock.take(seats, what);
  try {
    // The same body twice leaves the same licences, so it may be repeated.
    const request = { method: "POST", path: `${path}/assignLicense`, body, repeatable: true } as const;
    const passing = (refusal: GraphRefusal): boolean =>
      isAbsent(refusal) || refusal.kind === "conflict" || (refusal.kind === "usage-location" && usageLocation !== undefined);
    await submit(client, request, { what, passing });
  } catch (error) {
    stock.giveBack(seats);
    const shortage = error instanceof GraphRefusal && error.kind === "no-seat" ? await stock.shortage(seats, what) : undefined;
    throw shortage ?? error;
  }
  stock.giveBack(freed);
}

/** The change as Graph takes it, and the SKUs whose seats it needs and frees. Throws RefusedError with the nearest right name. */
function byIds(change: LicenceChange, catalogue: Catalogue) {
  const add = change.add.map(({ sku: name, without }) => {
    const sku = catalogue.sku(name);
    return { sku, body: { skuId: sku.id, disabledPlans: without.map((plan) => catalogue.planId(sku, plan)) } };
  });
  const removed = change.remove.map(catalogue.sku);
  const body = { addLicenses: add.map((one) => one.body), removeLicenses: removed.map((sku) => sku.id) };
  const among = (skus: readonly Sku[], names: readonly string[]): Sku[] => skus.filter((sku) => names.some((name) => same(name, sku.name)));
  const added = add.map(({ sku }) => sku);
  return { body, seats: among(added, change.seats), freed: among(removed, change.freed) };
}

/** "give SPE_E5 to and take SPE_E3 from" */
function wording(change: LicenceChange): string {
  const give = change.add.length > 0 ? `give ${change.add.map((one) => one.sku).join(", ")} to` : "";
  const take = change.remove.length > 0 ? `take ${change.remove.join(", ")} from` : "";
  return [give, take].filter((part) => part !== "").join(" and ");
}
