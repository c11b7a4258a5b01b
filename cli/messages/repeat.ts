/** When something is told, and when again: once, and again when it is another thing. Pure. */
import { defined } from "../../base/defined.ts";
import { digestOf, shortDigest } from "../../base/digest.ts";
import type { Told } from "../ledger/journal.ts";
import type { Item } from "./news.ts";

/** What a run found. `standing` is absent where it ended before it knew: then what was told stands. */
export interface Found {
  standing?: readonly Item[];
  trouble?: Item;
  /** The plan that waits. */
  plan?: Told["plan"];
}

export interface Due {
  /** To be remembered, were every channel told. */
  told: Told;
  /** Which channels are told: all of them, or only those that could not be told the last time. */
  to: readonly string[];
  /** It is another thing than was told last; else the same is tried again. */
  isNews: boolean;
}

/** So many ids a stack's tag has room for; of more there is one over all of them. */
const room = 200;

/** What is to be told now; undefined: nothing. `channels`: those there are. */
export function due(
  last: Told | undefined,
  { standing, trouble, plan: made }: Found,
  now: Date,
  channels: readonly string[],
): Due | undefined {
  const found = standing && [...new Set(standing.map(({ id }) => id))].sort();
  const ids = found === undefined ? (last?.standing ?? []) : found.length > room ? [shortDigest(found, 12)] : found;
  const isNews = ids.join() !== (last?.standing ?? []).join() || trouble?.id !== last?.trouble;
  const to = isNews ? channels : channels.filter((one) => last?.open?.[one] !== undefined);
  if (!isNews && to.length === 0) return undefined;
  // The same as once before is another message all the same: what was settled meanwhile has come again.
  const id = isNews ? digestOf([last?.id ?? "", ids, trouble?.id ?? ""]) : (last?.id ?? "");
  const plan = standing === undefined ? last?.plan : made;
  return { told: { id, at: now.toISOString(), standing: ids, ...defined({ trouble: trouble?.id, plan }) }, to, isNews };
}

/** What is remembered once some channels could not be told (why, each). Pure. */
export function remembered({ told }: Due, failed: { readonly [channel: string]: string }): Told {
  return Object.keys(failed).length > 0 ? { ...told, open: { ...failed } } : told;
}
