/**
 * Who gets a seat, and what that does to the stock: counted over the whole plan before the first write. Pure; the run may
 * still find less than was counted (others take seats too), then Graph has the last word.
 */
import { compareKeys } from "../../model/values.ts";

/** Of a SKU: seats that may be used, and how many are. */
export interface Stock {
  owned: number;
  used: number;
}

/** Somebody's licences as they would change. */
export interface Asker {
  key: string;
  /** SKUs that need a seat. */
  takes: readonly string[];
  /** SKUs whose seat comes free. */
  gives: readonly string[];
}

export interface Shares {
  /** Key → SKUs for which there is no seat. Who gives something up for what cannot be had gives up nothing. */
  denied: ReadonlyMap<string, readonly string[]>;
  /** Key → after how many rounds of others their seats are free; absent = at once. */
  rounds: ReadonlyMap<string, number>;
  /** SKU → seats asked for, not to be had, and given back. */
  sums: ReadonlyMap<string, Sum>;
}

interface Sum {
  wanted: number;
  short: number;
  released: number;
}

/** What is granted or denied as one: a swap whole, additions one by one. */
type Unit = Asker;

/**
 * Deals out the seats in order of the key: first those that are free, then those that others give back, in the order in which
 * they really come free (two people who want each other's seat wait for a third one: nobody is left without for a moment).
 */
export function share(stock: ReadonlyMap<string, Stock>, askers: readonly Asker[]): Shares {
  const sums = new Map<string, Sum>();
  const sum = (sku: string): Sum => {
    const known = sums.get(sku) ?? { wanted: 0, short: 0, released: 0 };
    sums.set(sku, known);
    return known;
  };
  /** SKU → seats that come (or are missing, where more are used than owned) by the round after which they are there. */
  const pool = new Map([...stock].map(([sku, { owned, used }]) => [sku, [owned - used]]));
  const rounds = new Map<string, number>();
  const denied = new Map<string, string[]>();

  const release = (skus: readonly string[], round: number): void => {
    for (const sku of skus) {
      sum(sku).released += 1;
      const free = pool.get(sku) ?? [0];
      free[round + 1] = (free[round + 1] ?? 0) + 1;
      pool.set(sku, free);
    }
  };
  /** The first round from which on a seat is free and stays so, all that come and go counted up; undefined = none. */
  const earliest = (sku: string): number | undefined => {
    let at: number | undefined;
    let free = 0;
    for (const [round, seats = 0] of Array.from(pool.get(sku) ?? []).entries()) {
      free += seats;
      at = free > 0 ? (at ?? round) : undefined;
    }
    return at;
  };

  let waiting: Unit[] = [];
  for (const { key, takes, gives } of [...askers].sort((a, b) => compareKeys(a.key, b.key))) {
    for (const sku of takes) sum(sku).wanted += 1;
    if (takes.length === 0) release(gives, 0);
    else if (gives.length > 0) waiting.push({ key, takes, gives });
    else waiting.push(...takes.map((sku) => ({ key, takes: [sku], gives: [] })));
  }
  for (let again = true; again; ) {
    again = false;
    const unserved: Unit[] = [];
    for (const [index, unit] of waiting.entries()) {
      const found = unit.takes.map((sku) => earliest(sku));
      if (found.some((round) => round === undefined)) {
        unserved.push(unit);
        continue;
      }
      const round = Math.max(...found.map((one) => one ?? 0));
      unit.takes.forEach((sku, at) => {
        const free = pool.get(sku);
        if (free) free[found[at] ?? 0] = (free[found[at] ?? 0] ?? 0) - 1;
      });
      if (round > 0) rounds.set(unit.key, Math.max(round, rounds.get(unit.key) ?? 0));
      release(unit.gives, round);
      // Whoever comes first and waits for what has just come free is served before anybody later.
      if (unserved.some((one) => one.takes.some((sku) => unit.gives.includes(sku)))) {
        waiting = [...unserved, ...waiting.slice(index + 1)];
        again = true;
        break;
      }
    }
    if (!again) waiting = unserved;
  }
  for (const unit of waiting) {
    const none = unit.takes.filter((sku) => earliest(sku) === undefined);
    for (const sku of unit.takes) {
      if (none.includes(sku)) sum(sku).short += 1;
      else sum(sku).wanted -= 1; // not asked for after all: it would come with what is not there
    }
    denied.set(unit.key, [...(denied.get(unit.key) ?? []), ...none]);
  }
  return { denied, rounds, sums };
}
