/** What a run took and gave, as it is kept; and as earlier versions kept it. Pure. */
import { z } from "zod";
import { givenAs, takenAs } from "../../providers/core/access.ts";
import type { Loss } from "../../stacks/model/types.ts";

const tally = z.object({
  as: z.enum([...takenAs, ...givenAs]),
  system: z.string().exactOptional(),
  per: z.record(z.string(), z.string()).exactOptional(),
  each: z.number().int().exactOptional(),
  of: z.array(z.string()).exactOptional(),
  count: z.number().int().exactOptional(),
});
export const lossSchema: z.ZodType<Loss> = z.object({
  at: z.string(),
  counted: z.array(tally),
  population: z.record(z.string(), z.number()).exactOptional(),
});

/** As versions wrote it that knew five classes: names begin with the letter of their class. */
const letters = { disabled: "d", memberships: "m", licences: "l", deleted: "x", folders: "f" } as const;
const older = z
  .object({
    at: z.string(),
    disabled: z.number().int(),
    memberships: z.number().int(),
    licences: z.number().int(),
    deleted: z.number().int().optional(),
    folders: z.number().int().optional(),
    of: z.array(z.string()).optional(),
  })
  .transform(
    ({ at, of: names = [], ...counts }): Loss => ({
      at,
      counted: (Object.keys(letters) as (keyof typeof letters)[]).flatMap((as) => {
        const of = names.flatMap((name) => (name.startsWith(letters[as]) ? [name.slice(1)] : []));
        const count = (counts[as] ?? 0) - of.length;
        return [...(of.length > 0 ? [{ as, of }] : []), ...(count > 0 ? [{ as, count }] : [])];
      }),
    }),
  );
/** The tag of earlier versions. */
export const oldLosses = z.array(z.union([lossSchema, older]));
