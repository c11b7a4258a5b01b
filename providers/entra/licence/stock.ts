/**
 * Seats: what the tenant owns, less what is used, less what this run took since that was read. Asked before each
 * assignment, so that only who finds none is parked. Graph stays the judge: counting too little costs one refusal of its own.
 */
import { RefusedError } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Catalogue, catalogueOf, type Sku } from "./skus.ts";

/** How long to wait for a seat that another person of this run may be giving back (swaps at full stock), ms. */
const patience = 1500;
/** Reading the numbers again more often than this tells nothing new, ms. */
const refreshEvery = 2000;

export interface Stock {
  /** Takes one seat of each, all or none. Throws RefusedError "no free SPE_E3 licence (owned 25, used 25)". */
  take(skus: readonly Sku[], what: string): Promise<void>;
  /** Seats that came free: licences removed, or taken for an assignment that failed. */
  giveBack(skus: readonly Sku[]): void;
  /** Graph itself found no seat where we counted one: the error to show, with fresh numbers. */
  shortage(skus: readonly Sku[], what: string): Promise<RefusedError | undefined>;
}

const stocks = new WeakMap<EntraClient, Stock>();

/** The one count of a client, and so of a provider process. */
export function stockOf(client: EntraClient): Stock {
  const known = stocks.get(client) ?? makeStock(client);
  stocks.set(client, known);
  return known;
}

/** The first SKU without a free seat. Synchronous, so that two persons cannot both see the last seat. */
function missing(catalogue: Catalogue, skus: readonly Sku[], taken: ReadonlyMap<string, number>): Sku | undefined {
  for (const sku of skus) {
    const now = catalogue.skus.find((one) => one.id === sku.id) ?? sku;
    const used = now.used + (taken.get(sku.id) ?? 0);
    if (used >= now.owned) return { ...now, used };
  }
  return undefined;
}

function makeStock(client: EntraClient): Stock {
  const { clock } = client;
  /** SKU id → taken less given back since the numbers were read. */
  const taken = new Map<string, number>();
  /** SKUs that somebody waited for in vain, with nothing given back since. */
  const hopeless = new Set<string>();
  let readAt: number | undefined;
  let refreshing: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  /** The missing SKU, or undefined after having taken a seat of each. */
  async function tryTake(skus: readonly Sku[]): Promise<Sku | undefined> {
    const catalogue = await catalogueOf(client);
    readAt ??= clock.now();
    const none = missing(catalogue, skus, taken);
    if (!none) for (const sku of skus) taken.set(sku.id, (taken.get(sku.id) ?? 0) + 1);
    return none;
  }

  async function refresh(): Promise<void> {
    if (readAt !== undefined && clock.now() - readAt < refreshEvery) return;
    refreshing ??= catalogueOf
      .again(client)
      .then(() => {
        readAt = clock.now();
        taken.clear();
      })
      .finally(() => {
        refreshing = undefined;
      });
    await refreshing;
  }

  const refused = (none: Sku, what: string): RefusedError =>
    new RefusedError(
      `Could not ${what}: no free ${none.name} licence (owned ${none.owned}, used ${none.used}); buy or free one`,
      "NoFreeLicence",
    );

  return {
    async take(skus, what) {
      if (skus.length === 0) return;
      const until = clock.now() + patience;
      let none = await tryTake(skus);
      while (none && !hopeless.has(none.id) && clock.now() < until) {
        await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), clock.sleep(until - clock.now())]);
        none = await tryTake(skus);
      }
      if (!none) return;
      await refresh();
      none = await tryTake(skus);
      if (!none) return;
      hopeless.add(none.id);
      throw refused(none, what);
    },
    giveBack(skus) {
      if (skus.length === 0) return;
      for (const sku of skus) {
        taken.set(sku.id, (taken.get(sku.id) ?? 0) - 1);
        hopeless.delete(sku.id);
      }
      const all = waiting;
      waiting = [];
      for (const one of all) one();
    },
    async shortage(skus, what) {
      await refresh();
      const none = missing(await catalogueOf(client), skus, taken);
      return none ? refused(none, what) : undefined;
    },
  };
}
