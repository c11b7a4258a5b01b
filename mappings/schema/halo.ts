/** mappings/halo.yaml: agent roles and agents. */
import { z } from "zod";
import { condition, says, template } from "../language/words.ts";
import { haloAssets } from "./halo-assets.ts";
import { haloLicences } from "./halo-licences.ts";
import { boards, grants, licensedRoles, teams } from "./halo-teams.ts";
import { haloTickets } from "./halo-tickets.ts";

export const haloFile = z.strictObject({
  roles: z
    .array(
      z.strictObject({
        name: z.string().min(1).meta(says("The role's name in Halo.")),
        notes: z.string().optional().meta(says("The role's notes; left out = not managed.")),
        permissions: z.record(z.string(), z.string()).optional().meta(says("The role's claims: type → value. Left out = not managed.")),
      }),
    )
    .default([])
    .meta(says("Agent roles to create when missing.")),
  agents: z
    .array(
      z.strictObject({
        for: condition.meta(says("Who is an agent by this line. Several lines add up.")),
        name: template.optional().meta(says("The agent's display name; left out = first name and surname.")),
        roles: z
          .array(z.string())
          .default([])
          .meta(says("Roles by name. Roles named anywhere in this file are owned: agents who are not entitled lose them.")),
        teams: z.array(z.string()).default([]).meta(says("Teams by name; owned in the same way.")),
        team: z.string().optional().meta(says("The default team: one of the teams named in this file.")),
        licenceType: z
          .number()
          .int()
          .min(0)
          .optional()
          .meta(
            says(
              "The kind of seat, by Halo's own number (`licence_type`: named or concurrent; the numbers are not documented, so look at an agent who has it). Left out = not managed.",
            ),
          ),
      }),
    )
    .default([])
    .meta(says("Who is an agent in Halo, with which roles and teams.")),
  grants,
  licensedRoles,
  teams,
  boards,
  licences: haloLicences,
  tickets: haloTickets,
  assets: haloAssets,
});

export type HaloFile = z.infer<typeof haloFile>;
