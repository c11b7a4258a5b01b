/** mappings/halo.yaml: agent roles and agents; licences and assets. */
import { z } from "zod";
import { every, first } from "../language/lines.ts";
import { condition, filled, filledList, givingMode, haloId, template, text, textList } from "../language/words.ts";
import { boards, grants, licensedRoles, teams } from "./halo-teams.ts";
import { haloTickets } from "./halo-tickets.ts";

/** What the tenant owns, as software licences of a client in Halo. */
const haloLicences = z
  .strictObject({
    client: haloId.describe("Number of the client in Halo who owns the licences."),
    from: z.literal("entra").default("entra").describe("Where the numbers come from: the tenant's own subscriptions."),
    skus: z
      .union([z.literal("all"), filledList.min(1)], { error: "all, or a list of part numbers" })
      .optional()
      .describe(
        "Part numbers of what the tenant owns, or `all`; left out = those that entra.yaml names under `licences`. One that entra.yaml does not name is only written down in Halo: nobody gets or loses it.",
      ),
    link: z
      .boolean()
      .default(true)
      .describe(
        "Link the users in Halo who have the licence, and only them. `false`: links are not managed. Needs `people.source: halo.users`, or `users` of halo-users.yaml, by which people's users in Halo are known.",
      ),
    decides: z
      .enum(["entra", "halo"])
      .default("entra")
      .describe(
        "`entra`: who has a licence is linked in Halo. `halo`: who is linked in Halo has the licence in Entra ID, of those whom its `for` in entra.yaml allows; whoever has one already is linked first, and loses it only when unlinked in Halo after that.",
      ),
  })
  .optional()
  .describe(
    "The tenant's licences in Halo, with how many there are. Never beside Halo's own Entra licence import or its CSP integration: `haloform doctor` and the plan say so where one of them writes the same.",
  );

/** Devices of Intune as assets in Halo. */
const haloAssets = z
  .strictObject({
    from: z.literal("entra.devices").default("entra.devices").describe("Where they come from: devices that Intune manages."),
    client: haloId.describe("Number of the client in Halo who owns devices of nobody."),
    site: haloId.describe("Number of the site of devices of nobody; a person's device is at the person's site."),
    types: first(
      z
        .array(
          z.strictObject({
            type: filled.describe("Name of the asset type in Halo, such as `Laptop`."),
            devices: z
              .partialRecord(
                z.enum(["operatingSystem", "manufacturer", "model", "deviceName", "ownerType", "complianceState"]),
                z.union([text, textList.min(1)]),
              )
              .default({})
              .describe("Which devices: values of theirs, each one or several; any case. Left out = every device."),
            fields: z
              .record(filled, template)
              .default({})
              .describe("Fields of this type, beside those of `fields` below, which every type has."),
          }),
        )
        .min(1),
    ).describe("Which type a device is. A device that none fits is no asset."),
    fields: z
      .record(filled, template)
      .default({})
      .describe("Field of the asset type, by name → template over the device: `Purpose: '{{ model }}'`. Other fields are left alone."),
    onRetired: z
      .enum(["inactive", "keep"])
      .default("inactive")
      .describe("What becomes of the asset of a device that Intune no longer has. It is never deleted."),
  })
  .optional()
  .describe("Devices of Intune as assets in Halo, by their serial number (`inventory_number`), linked to their owners. Needs entra.yaml.");

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
  agents: every(
    z.array(
      z.strictObject({
        for: condition.describe("Who is an agent by this line."),
        name: template.optional().describe("The agent's display name; left out = first name and surname."),
        roles: textList
          .default([])
          .describe(
            "Roles by name. Roles named anywhere in this file are owned: agents who are not entitled lose them, unless they are `additive`.",
          ),
        teams: textList.default([]).describe("Teams by name; owned in the same way."),
        mode: givingMode("the role or team"),
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
    ),
  )
    .prefault({ every: [] })
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
