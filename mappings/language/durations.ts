/** Lengths of time and shares of a whole, as mapping files write them. */
import { z } from "zod";
import { found } from "../text/issues.ts";

/** Days; null: never. */
export type Days = number | null;

const longest = 3650;
/** Years are counted as 365 days. */
const units: { readonly [unit: string]: number } = { day: 1, year: 365 };

/** `at once`, `never`, `7 days`, `after 7 days`, `1 year` → days. undefined: none of these. */
export function daysOf(text: string): Days | undefined {
  const words = text.trim().toLowerCase();
  if (words === "at once") return 0;
  if (words === "never") return null;
  const [, count = "", unit = ""] = /^(?:after )?(\d{1,4}) (day|year)s?$/u.exec(words) ?? [];
  const days = Number(count) * (units[unit] ?? Number.NaN);
  return Number.isNaN(days) || days > longest ? undefined : days;
}

const time = "(after )?\\d{1,4} (day|year)s?";

const expected = (what: string) => ({ error: ({ input }: { input?: unknown }) => `expected ${what}, found ${found(input)}` });

function duration<T extends Days>(what: string, pattern: string, isOne: (days: Days) => days is T) {
  // The pattern is for editors: our own words say more than it would.
  return z
    .string(expected(what))
    .meta({ pattern })
    .transform((value, context): T => {
      const days = daysOf(value);
      if (days !== undefined && isOne(days)) return days;
      context.addIssue({ code: "custom", message: `expected ${what}, found ${found(value)}` });
      return z.NEVER;
    });
}

/** When something happens. */
export const moment = duration(
  `at once, never, or a time such as "7 days" or "1 year" (at most ${longest} days)`,
  `^(at once|never|${time})$`,
  (_): _ is Days => true,
);

/** How long something lasts, or is waited for: a day at least. */
export const days = duration('a time such as "30 days" or "1 year"', `^${time}$`, (days): days is number => days !== null && days > 0);

const share = '"5 %"';
/** A share of a whole, `5 %`. */
export const perCent = z
  .string(expected(`per cent such as ${share}`))
  .meta({ pattern: "^\\d{1,3}(\\.\\d+)? ?%$" })
  .transform((value, context): number => {
    const number = Number(/^(\d{1,3}(?:\.\d+)?) ?%$/u.exec(value.trim())?.[1] ?? Number.NaN);
    if (number <= 100) return number;
    context.addIssue({ code: "custom", message: `expected per cent such as ${share}, from 0 to 100, found ${found(value)}` });
    return z.NEVER;
  });
