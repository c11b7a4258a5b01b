/** mappings/ad.yaml: accounts, their attributes, organizational units, groups. */
import { z } from "zod";
import { first } from "../language/lines.ts";
import { template } from "../language/words.ts";
import { attributeTemplates, forWhom, templateNames } from "./accounts.ts";
import { accountFlags, attributeSyntax } from "./ad-attributes.ts";
import { adComputer, adContact, adGroup, adUnit } from "./ad-groups.ts";
import { adPasswords } from "./ad-passwords.ts";
import { adPhotos } from "./photos.ts";

export const adFile = z.strictObject({
  accounts: first(
    z
      .array(
        z.strictObject({
          for: forWhom(),
          ou: template.describe("distinguishedName of the organizational unit, as a template. Values put in are escaped."),
          name: template
            .default("{{ firstname }} {{ surname }}")
            .describe("The account's common name (cn). A second person of the same name in the same OU gets ` (2)`."),
          attributes: templateNames,
          flags: accountFlags,
        }),
      )
      .min(1),
  ).describe("Who gets an AD account, and where."),
  attributes: attributeTemplates.describe(
    "Named attribute templates: LDAP attribute name → template. Attributes not named are never touched.",
  ),
  syntax: attributeSyntax,
  ous: z
    .array(adUnit)
    .default([])
    .describe("Organizational units to create when missing (distinguishedName), besides those that `accounts` and `groups` need."),
  groups: z.array(adGroup).default([]).describe("Groups and who belongs in them."),
  contacts: z.array(adContact).default([]).describe("Contacts (people outside with an address, without an account). Never deleted."),
  computers: first(z.array(adComputer))
    .prefault({ first: [] })
    .describe("Computer accounts to disable or to move. Never created, enabled or deleted."),
  photos: adPhotos,
  passwords: adPasswords
    .optional()
    .describe("Passwords of new accounts, and new ones for existing ones. Left out = a new account gets one that nobody gets to know."),
});

export type AdFile = z.infer<typeof adFile>;
