/** `people.incremental`: how long details of Halo's people may come from an earlier read. */
import { z } from "zod";

export const incremental = z
  .strictObject({
    full: z
      .string()
      .regex(/^[1-9]\d{0,3} (?:runs?|hours?)$/u, 'such as "10 runs" or "24 hours"')
      .describe(
        'At the latest after so much everything is read again, and compared with what was remembered: `"10 runs"` or `"24 hours"`.',
      ),
  })
  .optional()
  .describe(
    "Of Entra ID (`entra.users`): only whom Graph's changes name is read again (delta queries). Of Halo: details that cost one call a person (or ticket) are taken from an earlier read while the person's row in the list, which is always read whole, has not changed. When a full read shows that the list, or Graph's changes, do not tell of everything, it is off until `--full`. Left out: everything is read every time.",
  );

/** How often everything is read: every so many runs, or milliseconds. */
export type Every = { runs: number } | { milliseconds: number };

/** `10 runs` → { runs: 10 }; the schema has checked the text. */
export function everyOf(text: string): Every {
  const count = Number.parseInt(text, 10);
  return text.includes("run") ? { runs: count } : { milliseconds: count * 3_600_000 };
}
