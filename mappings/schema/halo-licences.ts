/** mappings/halo.yaml, licences: what the tenant owns, as software licences of a client in Halo. */
import { z } from "zod";
import { filledList, haloId } from "../language/words.ts";

export const haloLicences = z
  .strictObject({
    client: haloId.describe("Number of the client in Halo who owns the licences."),
    from: z.literal("entra").default("entra").describe("Where the numbers come from: the tenant's own subscriptions."),
    skus: filledList.min(1).optional().describe("Part numbers, of those that entra.yaml names under `licences`; left out = all of them."),
    link: z
      .boolean()
      .default(true)
      .describe(
        "Link the users in Halo who have the licence, and only them. `false`: links are not managed. Needs `people.from: halo.users`.",
      ),
  })
  .optional()
  .describe(
    "The tenant's licences in Halo, with how many there are. Never beside Halo's own Entra licence import or its CSP integration: `haloform doctor` and the plan say so where one of them writes the same.",
  );
