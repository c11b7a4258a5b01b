/** The licence ledger in words: per SKU what is owned and used, what the plan wants and frees, and what that costs a month. */
import type { LedgerRow } from "../../../stacks/model/plan.ts";
import { clip, visible } from "./show.ts";

export interface LedgerLine {
  sku: string;
  /** `243 owned, 236 used → 240` */
  seats: string;
  /** `7 wanted, 3 short, 2 released`; empty where nothing moves. */
  movement: string;
  /** `+132.40 GBP a month`; empty without a price or a change. */
  cost: string;
  short: boolean;
  /** `suspended`; empty where the subscription is in order. */
  state: string;
}

const states: { readonly [state: string]: string } = {
  Warning: "ended, usable for now",
  Suspended: "suspended",
  Deleted: "deleted",
  LockedOut: "locked out",
  unknown: "not owned by the tenant",
};

/** One line a SKU, in the order of the plan. */
export function ledgerLines(rows: readonly LedgerRow[]): LedgerLine[] {
  return rows.map((row) => {
    const after = row.used + row.wanted - row.short - row.released;
    const moves = row.wanted + row.released > 0;
    return {
      sku: clip(visible(row.sku), 60),
      seats: `${number(row.owned)} owned, ${number(row.used)} used${moves ? ` → ${number(after)}` : ""}`,
      movement: moves ? `${number(row.wanted)} wanted, ${number(row.short)} short, ${number(row.released)} released` : "",
      cost: row.month ? `${row.month > 0 ? "+" : "−"}${money(Math.abs(row.month))} ${clip(visible(row.currency ?? ""), 3)} a month` : "",
      short: row.short > 0,
      state: row.state === undefined ? "" : (states[row.state] ?? clip(visible(row.state), 40)),
    };
  });
}

const number = (value: number): string => value.toLocaleString("en-GB");
const money = (value: number): string => value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
