/** Accounts in Entra ID (entra.yaml): who has one that is made there, and what is written in those that come from AD. */
import { z } from "zod";
import { first } from "../language/lines.ts";
import { template } from "../language/words.ts";
import { attributeTemplates, forWhom, templateNames } from "./accounts.ts";
import { adPasswords } from "./ad-passwords.ts";

export const entraAccounts = first(
  z.array(
    z.strictObject({
      for: forWhom(),
      hybrid: z
        .boolean()
        .optional()
        .describe(
          "true: the account comes from Active Directory by Entra Connect, and only what the cloud masters (usageLocation, ageGroup, consentProvidedForMinor) is written here; false: the account is made, changed and disabled here. Left out: true for people who have or get an AD account by ad.yaml, false for the others.",
        ),
      userPrincipalName: template
        .optional()
        .describe(
          'userPrincipalName of an account that is made here: `"{{ login }}@example.com"`. `login` follows people.login and is unique in the tenant. Needed unless hybrid is true.',
        ),
      attributes: templateNames,
    }),
  ),
)
  .prefault({ first: [] })
  .describe("Accounts in Entra ID. Left out: haloform makes none there and changes none of their fields.");

export const entraAttributes = attributeTemplates.describe(
  "Named attribute templates: property of a Graph user → template. Properties not named are never touched. extensionAttribute1 to 15 and costCenter and division stand beside the others.",
);

export const entraPasswords = adPasswords
  .omit({ rotate: true })
  .optional()
  .describe(
    "First passwords of accounts that are made in Entra ID, and those of `haloform password reset --entra`. Left out: the section `passwords` of ad.yaml, and without that one a password that nobody gets to know.",
  );
