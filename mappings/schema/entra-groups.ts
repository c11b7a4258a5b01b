/** A cloud group of mappings/entra.yaml, and the roles of applications. */
import { z } from "zod";
import { condition, filled, filledList, text, textList } from "../language/words.ts";
import { belonging, counting } from "./membership.ts";

/** Members that are no people of Halo. */
const contents = z.strictObject({
  groups: filledList.default([]).describe("Groups by name (displayName): of this file, or others that exist in Entra ID."),
  ids: filledList.default([]).describe("Anything else by its object id: devices, service principals."),
});

export const entraGroup = z.strictObject({
  name: filled.max(256).describe("displayName of the cloud group. Groups synced from AD belong in ad.yaml."),
  kind: z
    .enum(["security", "microsoft365", "mailSecurity", "distribution"])
    .optional()
    .describe(
      "What it is: a group that is created is made so (left out: `security`), one that exists must be so. `mailSecurity` and `distribution` are read only: changing them needs Exchange Online.",
    ),
  description: text.optional().describe("The group's description; left out = not managed."),
  mailNickname: filled
    .max(64)
    .optional()
    .describe("The part of its address before the @; left out = not managed, and made from the name when it is created."),
  visibility: z
    .enum(["Public", "Private", "HiddenMembership"])
    .optional()
    .describe("Who may see a Microsoft 365 group; left out = not managed. `HiddenMembership` only when it is created."),
  rule: filled
    .max(3072)
    .optional()
    .describe(
      'Rule by which Entra ID itself fills the group (dynamic membership): `(user.department -eq "Sales")`. Then its members are never managed.',
    ),
  ruleState: z.enum(["On", "Paused"]).optional().describe("Whether Entra ID follows the rule; left out = not managed, `On` when created."),
  ...belonging(contents, "groups, devices, service principals"),
  owners: condition
    .optional()
    .describe("Which people own it; left out = not managed. Applications that own it are left alone, and the last owner is never removed."),
  licences: z
    .array(
      z.strictObject({
        sku: filled.describe("skuPartNumber, as in SPE_E3."),
        without: textList.default([]).describe("Names of service plans to switch off."),
      }),
    )
    .optional()
    .describe(
      "Licences that Entra ID gives to every direct member, these and no others; left out = not managed. Whoever gets one so is not given it a second time by `licences` of this file.",
    ),
  ...counting,
  create: z.boolean().default(true).describe("Create it when missing; false = it must exist."),
});

export const application = z.strictObject({
  name: filled.optional().describe("displayName of the enterprise application."),
  appId: z.guid().optional().describe("Its application (client) id, where the name is not enough."),
  role: filled.optional().describe("Value or name of the app role; left out = default access, for an application that has no roles."),
  for: condition.optional().describe("Which people are assigned to it."),
  groups: filledList
    .default([])
    .describe(
      "Groups that are assigned to it, by displayName: of this file, or others that exist. Members of groups inside them do not count.",
    ),
  ...counting,
});
