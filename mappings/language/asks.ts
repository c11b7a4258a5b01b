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

/** A day that a condition compares with. Which texts are days, mappings/check/language.ts checks. */
const day = text;
const isAfter = "The day in it is after this one. What is no day changes nothing for its person.";

/** It has a name, so that the JSON Schema says it once. */
export const test = z
  .union(
    [
      scalar,
      z.array(scalar).min(1),
      z.strictObject({
        matches: text.describe(
          "A regular expression is found in it (Unicode, without regard to case), in its first 4,000 characters. There are no look-around and no references back (`(?=`, `(?<!`, `\\1`), and no repeats above 1000: what anybody writes into a record must not hold up a plan.",
        ),
      }),
      z.strictObject({
        before: day.describe("The day in it is before this one: `today`, `14 days ago`, `in 14 days` or `2027-01-04`."),
        after: day.optional().describe(isAfter),
      }),
      z.strictObject({ after: day.describe(isAfter) }),
      z.strictObject({ empty: z.boolean().describe("`true`: it is empty or absent; `false`: it holds something.") }),
    ],
    { error: "a value, a list of values, { matches: regex }, { empty: true } or { before: today }" },
  )
  .meta({
    id: "test",
    description:
      "A value, a list of values (any of them), `{ matches: regex }`, `{ empty: true }` or `{ before: today, after: 14 days ago }`.",
  });
