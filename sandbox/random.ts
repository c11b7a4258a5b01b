/** Chance that repeats: everything invented in the sandbox comes from a seed, never from the machine. */
import { createHash } from "node:crypto";

export interface Chance {
  /** A whole number from 0 up to (not including) `below`. */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
  /** True with the given probability (0 to 1). */
  happens(probability: number): boolean;
}

/** mulberry32: small, quick and good enough to mix names. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    happens: (probability) => next() < probability,
    pick: (list) => {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new Error("cannot pick from an empty list");
      return chosen;
    },
  };
}

/** A GUID that depends on the words given and nothing else. */
export function guidOf(...words: readonly (string | number)[]): string {
  const hex = createHash("sha256").update(words.join("\u0000")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
