/** Who belongs somewhere: what lines about groups, in AD and in Entra ID, and about roles of applications have in common. */
import { z } from "zod";
import { condition, mode, text } from "../language/words.ts";

/** The people in a group, and what else is; `contents` says what else the system lets into one, `things` names it for people. */
export function belonging<C extends z.ZodType>(contents: C, things: string) {
  return {
    for: condition.optional().describe("Which people belong in it. `{}` is everybody; left out = nobody, only what `contains` names."),
    contains: contents.optional().describe(`Members that are no people of Halo: ${things}.`),
    may: condition
      .optional()
      .describe(
        "Which people may be in it besides: they are neither put in nor taken out. Leavers are taken out all the same. With `mode: exact`.",
      ),
    mayContain: contents.optional().describe("Other objects that may be in it: neither put in nor taken out. With `mode: exact`."),
  };
}

/** How such a line counts, and from which day to which. */
export const counting = {
  mode,
  starts: z.iso.date().optional().describe("First day, in `people.zone`, on which the people count: `2027-01-04`."),
  ends: z.iso.date().optional().describe("Last day, in `people.zone`, on which the people count."),
  because: text.optional().describe("A sentence shown in the plan beside everybody this brings or takes."),
};
