/** Details of an earlier read of Halo, on this machine (sources/earlier.ts). */
import { z } from "zod";
import { earlier, keptIn } from "../earlier.ts";

const file = z.object({
  ...earlier,
  /** `Users/101` → the digest of its row in the list, and what is kept of its details. */
  kept: z.record(z.string(), z.object({ list: z.string(), row: z.record(z.string(), z.json()) })),
});
export type DetailsFile = z.infer<typeof file>;

export const keptDetails = keptIn("halo-details", file);
