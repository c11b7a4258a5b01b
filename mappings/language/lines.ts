/**
 * Lists of lines that say for whom they are. The word above them says how they decide: `first`, only the first that holds counts;
 * `every`, all that hold add up. In the parsed file they are plain lists.
 */
import { z } from "zod";
import { found } from "../text/issues.ts";

const under = (word: string, decides: string) => ({
  error: ({ code, input }: { code: string; input?: unknown }) =>
    code === "invalid_type" ? `expected { ${word}: […] }, of which ${decides}, found ${found(input)}` : undefined,
});

/** Lines of which the first that holds decides. */
export const first = <L extends z.ZodType>(lines: L) =>
  z
    .strictObject(
      { first: lines.describe("The lines; the first that holds decides.") },
      under("first", "the first line that holds decides"),
    )
    .transform((written) => (written as { first: z.output<L> }).first);

/** Lines that add up. */
export const every = <L extends z.ZodType>(lines: L) =>
  z
    .strictObject({ every: lines.describe("The lines; all that hold add up.") }, under("every", "all lines that hold add up"))
    .transform((written) => (written as { every: z.output<L> }).every);
