/** mappings/halo.yaml: agent roles and agents. */
import { z } from "zod";
import { condition, filled, template, text, textList } from "../language/words.ts";
import { haloAssets } from "./halo-assets.ts";
import { haloLicences } from "./halo-licences.ts";
import { boards, grants, licensedRoles, teams } from "./halo-teams.ts";
import { haloTickets } from "./halo-tickets.ts";

export const haloFile = z.strictObject({
  roles: z
    .array(
      z.strictObject({
        name: filled.describe("The role's name in Halo."),
        notes: text.optional().describe("The role's notes; left out = not managed."),
        permissions: z.record(text, text).optional().describe("The role's claims: type → value. Left out = not managed."),
      }),
    )
    .default([])
    .describe("Agent roles to create when missing."),
  agents: z
    .array(
      z.strictObject({
        for: condition.describe("Who is an agent by this line. Several lines add up."),
        name: template.optional().describe("The agent's display name; left out = first name and surname."),
        roles: textList
          .default([])
          .describe("Roles by name. Roles named anywhere in this file are owned: agents who are not entitled lose them."),
        teams: textList.default([]).describe("Teams by name; owned in the same way."),
        team: text.optional().describe("The default team: one of the teams named in this file."),
        licenceType: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe(
            "The kind of seat, by Halo's own number (`licence_type`: named or concurrent; the numbers are not documented, so look at an agent who has it). Left out = not managed.",
          ),
      }),
    )
    .default([])
    .describe("Who is an agent in Halo, with which roles and teams."),
  grants,
  licensedRoles,
  teams,
  boards,
  licences: haloLicences,
  tickets: haloTickets,
  assets: haloAssets,
});

export type HaloFile = z.infer<typeof haloFile>;
