/** From a user as it is to the licences wished: one assignLicense call that adds and removes together. */
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { licencesMayGo } from "../mailbox/gate.ts";
import { getUser, userValues } from "../user/list.ts";
import { type LicenceChange, licenceChange } from "./change.ts";
import type { LicenceInputs } from "./inputs.ts";
import { catalogueOf } from "./skus.ts";
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
    const what = `set the usage location of ${who}`;
    const answer = await client.submit({ method: "PATCH", path, body: { usageLocation: change.usageLocation } }, { what });
    if (answer.status >= 400) throw graphError(what, "PATCH", path, answer);
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

/** The same body twice leaves the same licences, so it may be repeated. */
async function post(client: EntraClient, path: string, body: object, what: string, freshLocation: boolean): Promise<Error | undefined> {
  const passing = ({ kind }: GraphRefusal): boolean =>
    kind === "absent" || kind === "conflict" || (kind === "usage-location" && freshLocation);
  const answer = await client.submit({ method: "POST", path, body, repeatable: true }, { what, passing });
  return answer.status < 400 ? undefined : graphError(what, "POST", path, answer);
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
