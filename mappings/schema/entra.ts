/** mappings/entra.yaml: licences and cloud groups. */
import { z } from "zod";
import { condition, mode, says, template } from "./shared.ts";

export const entraFile = z.strictObject({
  usageLocation: template.optional().meta(says("Two letters (ISO 3166-1) set before the first licence when the account has none.")),
  licences: z
    .array(
      z.strictObject({
        sku: z
          .string()
          .min(1)
          .meta(
            says("skuPartNumber, as in SPE_E3. A SKU named here is owned: people who are not entitled lose a direct assignment of it."),
          ),
        without: z.array(z.string()).default([]).meta(says("Names of service plans to switch off.")),
        for: condition.meta(says("Who gets it.")),
      }),
    )
    .default([])
    .meta(says("Licences and who gets them, assigned directly. Somebody who has the SKU through a group already has it.")),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256).meta(says("displayName of the cloud security group. Groups synced from AD belong in ad.yaml.")),
        description: z.string().optional().meta(says("The group's description; left out = not managed.")),
        members: condition.meta(says("Who belongs in it.")),
        mode,
        create: z.boolean().default(true).meta(says("Create it when missing; false = it must exist.")),
      }),
    )
    .default([])
    .meta(says("Cloud groups and who belongs in them.")),
});
