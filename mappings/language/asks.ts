/** What a line of a condition asks of one value: the part of the language that feeds and records have in common. */
import { z } from "zod";

/** Says what a field is for; editors show it and the reference page prints it. */
export const says = (description: string) => ({ description });

export const text = z.string();
export const textList = z.array(text);
/** A text that holds something. */
export const filled = text.min(1);
export const filledList = z.array(filled);
/** The number that Halo gave a client or a site. */
export const haloId = z.number().int().positive();
export const scalar = z.union([text, z.number(), z.boolean()]);

/** It has a name, so that the JSON Schema says it once. */
export const test = z
  .union(
    [
      scalar,
      z.array(scalar).min(1),
      z.strictObject({ matches: text.describe("A regular expression is found in it (Unicode, without regard to case).") }),
      z.strictObject({ empty: z.boolean().describe("`true`: it is empty or absent; `false`: it holds something.") }),
    ],
    { error: "a value, a list of values, { matches: regex } or { empty: true }" },
  )
  .meta({ id: "test", description: "A value, a list of values (any of them), `{ matches: regex }` or `{ empty: true }`." });
