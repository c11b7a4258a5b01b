/** People of an earlier read of Entra ID, on this machine (sources/earlier.ts). */
import { z } from "zod";
import { earlier, keptIn } from "../earlier.ts";
import { entraRow } from "./rows.ts";

const row = z.unknown().transform((given, context) => {
  const known = entraRow(given);
  if (known) return known;
  context.addIssue({ code: "custom", message: "no user" });
  return z.NEVER;
});

const file = z.object({
  ...earlier,
  /** Where to go on from in Graph's changes. */
  links: z.object({ users: z.string().optional(), groups: z.string().optional() }),
  users: z.array(row),
  groups: z.array(z.object({ id: z.string(), name: z.string(), members: z.array(z.string()) })),
  /** Ids of those who were deleted since: nobody's manager while they are. */
  removed: z.array(z.string()),
});
export type PeopleFile = z.infer<typeof file>;

export const keptPeople = keptIn("entra-people", file);
