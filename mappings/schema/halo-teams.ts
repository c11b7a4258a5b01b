/** Sections of mappings/halo.yaml about more than one agent: roles and teams on top, teams, change advisory boards. */
import { z } from "zod";
import { every } from "../language/lines.ts";
import { condition, filled, filledList, givingMode, mode } from "../language/words.ts";

export const grants = every(
  z.array(
    z.strictObject({
      for: condition.describe("Who gets them; `{}` is everybody."),
      roles: filledList.default([]).describe("Roles by name; owned as those of `agents`."),
      teams: filledList.default([]).describe("Teams by name; owned in the same way."),
      mode: givingMode("the role or team"),
    }),
  ),
)
  .prefault({ every: [] })
  .describe(
    "Roles and teams on top of those of `agents`, for people who are agents by a line there. A line here makes nobody an agent by itself.",
  );

export const licensedRoles = z
  .union([z.literal("all"), filledList.min(1)], { error: "all, or a list of roles" })
  .optional()
  .describe(
    "Roles that need an agent licence: `all`, or their names. An agent of this file who has none of them is disabled, which frees the licence, and enabled again with the first. Left out = whoever a line of `agents` asks for is enabled.",
  );

const others = z
  .enum(["remove", "keep"])
  .default("remove")
  .describe(
    "With `mode: exact`, members who are nobody this mapping knows: `remove` takes them out too; `keep` leaves them, as agents of another tenant whom another stack puts in.",
  );

export const teams = z
  .array(
    z.strictObject({
      name: filled.describe("The team's name in Halo; created when missing."),
      department: filled
        .optional()
        .describe("The department it is in, by name; one that another team of Halo is in. Left out = not managed."),
      for: condition
        .optional()
        .describe(
          "Which agents are in it. Left out = its members are not managed here. A team with `for` here is in no `teams` list of agents or grants.",
        ),
      mode,
      others,
    }),
  )
  .default([])
  .describe("Teams to create, and who is in them.");

export const boards = z
  .array(
    z.strictObject({
      name: filled.describe("The change advisory board's name in Halo."),
      for: condition.describe("Who is on it."),
      as: z
        .enum(["agent", "user"])
        .default("agent")
        .describe(
          "`agent`: people are on it as the agents they are; `user`: as Halo users (only where people come from halo.users). Members of the other kind, and bare addresses, are left alone.",
        ),
      mode,
      others,
      create: z.boolean().default(true).describe("Create it when missing; false = it must exist."),
      allMustApprove: z.boolean().optional().describe("Everybody must approve; left out = not managed."),
      approvalsNeeded: z.number().int().min(0).optional().describe("How many approvals are needed; left out = not managed."),
    }),
  )
  .default([])
  .describe("Change advisory boards and who is on them.");
