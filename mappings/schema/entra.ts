/** mappings/entra.yaml: licences and cloud groups. */
import { z } from "zod";
import { every } from "../language/lines.ts";
import { says, template } from "../language/words.ts";
import { application, entraGroup } from "./entra-groups.ts";
import { entraLicence, prices } from "./entra-licences.ts";
import { administrativeUnit } from "./entra-units.ts";
import { entraAccounts, entraAttributes, entraPasswords } from "./entra-users.ts";
import { mailboxes, replyLines } from "./mailboxes.ts";
import { entraPhotos } from "./photos.ts";

export const entraFile = z.strictObject({
  accounts: entraAccounts,
  attributes: entraAttributes,
  passwords: entraPasswords,
  usageLocation: template
    .optional()
    .meta(
      says(
        "Two letters (ISO 3166-1) set before the first licence when the account has none. Where there is neither, or no such country, the person is parked in the plan.",
      ),
    ),
  licences: every(z.array(entraLicence))
    .prefault({ every: [] })
    .meta(says("Licences and who gets them, assigned directly. Somebody who has the SKU through a group already has it.")),
  prices,
  groups: z.array(entraGroup).default([]).meta(says("Cloud groups and who belongs in them.")),
  applications: z.array(application).default([]).meta(says("Roles of enterprise applications, and who is assigned to them.")),
  administrativeUnits: z
    .array(administrativeUnit)
    .default([])
    .describe("Administrative units, over which roles of Entra ID can be given, and who is in them. haloform gives no such role."),
  mailboxes,
  replies: replyLines,
  photos: entraPhotos,
});

export type EntraFile = z.infer<typeof entraFile>;
