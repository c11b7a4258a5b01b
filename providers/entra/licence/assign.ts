/** From a user as it is to the licences wished: one assignLicense call that adds and removes together. */
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Answer, GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { licencesMayGo } from "../mailbox/gate.ts";
import { getUser, userValues } from "../user/list.ts";
import { type LicenceChange, licenceChange } from "./change.ts";
import type { LicenceInputs } from "./licence.ts";
import { catalogueOf } from "./skus.ts";
import { stockOf } from "./stock.ts";

/** Replication: what was just written may not be seen by the next call. Pauses before trying again, ms. */
const replication = [1000, 2000, 4000, 8000];

/**
 * Brings a user to the licences wished. Throws RefusedError (that person is parked) in the system's words. The answer of
 * assignLicense is trusted: reading back at once would often show the old state (eventual consistency).
 */
export async function assign(client: EntraClient, live: Live, wished: LicenceInputs): Promise<void> {
  let user = live;
  // Graph may know something newer than the bulk read: a licence inherited meanwhile, or taken away by our own first try
  // whose answer was lost. Then the user is read again, and again while replication still shows the old state.
  for (const pause of [0, 1000, 4000, undefined]) {
    try {
      return await assignOnce(client, user, wished);
    } catch (error) {
      if (pause === undefined || !(error instanceof GraphRefusal) || (error.kind !== "inherited" && error.kind !== "not-held")) throw error;
      if (pause > 0) await client.clock.sleep(pause);
      user = (await getUser(client, live.id)) ?? user;
    }
  }
}

async function assignOnce(client: EntraClient, live: Live, wished: LicenceInputs): Promise<void> {
  const change = licenceChange(live, wished);
  licencesMayGo(wished.person, change.remove);
  const who = userValues.parse(live.values).userPrincipalName || live.id;
  const path = `/users/${segment(live.id)}`;
  // Names are resolved before anything is written: a misspelt one must leave no half-done person.
  const catalogue = change.add.length + change.remove.length > 0 ? await catalogueOf(client) : undefined;
  const add = change.add.map((one) => {
    const sku = sure(catalogue).sku(one.sku);
    return { sku, body: { skuId: sku.id, disabledPlans: one.without.map((plan) => sure(catalogue).planId(sku, plan)) } };
  });
  const removed = change.remove.map((sku) => sure(catalogue).sku(sku));
  const freed = removed.filter((sku) => change.freed.some((name) => same(name, sku.name)));
  const seats = add.filter(({ sku }) => change.seats.some((name) => same(name, sku.name))).map(({ sku }) => sku);

  if (change.usageLocation !== undefined) {
    const answer = await client.submit({ method: "PATCH", path, body: { usageLocation: change.usageLocation } });
    if (answer.status >= 400) throw graphError(`set the usage location of ${who}`, "PATCH", path, answer);
  }
  if (add.length + removed.length === 0) return;

  const what = `${wording(change)} ${who}`;
  const stock = stockOf(client);
  await stock.take(seats, what);
  try {
    const body = { addLicenses: add.map((one) => one.body), removeLicenses: removed.map((sku) => sku.id) };
    const refused = await post(client, `${path}/assignLicense`, body, what, change.usageLocation !== undefined);
    if (refused) throw refused;
  } catch (error) {
    stock.giveBack(seats);
    const shortage = error instanceof GraphRefusal && error.kind === "no-seat" ? await stock.shortage(seats, what) : undefined;
    throw shortage ?? error;
  }
  stock.giveBack(freed);
}

/** The same body twice leaves the same licences, so it may be repeated; what replication explains is tried again. */
async function post(client: EntraClient, path: string, body: object, what: string, freshLocation: boolean): Promise<Error | undefined> {
  for (let tries = 0; ; tries += 1) {
    const answer: Answer = await client.submit({ method: "POST", path, body, repeatable: true });
    if (answer.status < 400) return undefined;
    const error = graphError(what, "POST", path, answer);
    const pause = replication[tries];
    const passing =
      error instanceof GraphRefusal &&
      (error.kind === "absent" || error.kind === "conflict" || (error.kind === "usage-location" && freshLocation));
    if (!passing || pause === undefined) return error;
    await client.clock.sleep(pause);
  }
}

/** "give SPE_E5 to and take SPE_E3 from" */
function wording(change: LicenceChange): string {
  const give = change.add.length > 0 ? `give ${change.add.map((one) => one.sku).join(", ")} to` : "";
  const take = change.remove.length > 0 ? `take ${change.remove.join(", ")} from` : "";
  return [give, take].filter((part) => part !== "").join(" and ");
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The catalogue of licences was not read.");
  return value;
}
