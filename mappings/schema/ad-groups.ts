/** A group of mappings/ad.yaml and who belongs in it. */
import { z } from "zod";
import { condition, mode, says } from "./shared.ts";

export const adGroup = z.strictObject({
  name: z.string().min(1).max(64).meta(says("sAMAccountName of the group.")),
  ou: z.string().optional().meta(says("Where to create it when missing (distinguishedName); left out = it must exist.")),
  scope: z.enum(["global", "universal", "domainLocal"]).default("global").meta(says("Scope of a group that is created.")),
  kind: z.enum(["security", "distribution"]).default("security").meta(says("Kind of a group that is created.")),
  description: z.string().optional().meta(says("The group's description; left out = not managed.")),
  members: condition.meta(says("Who belongs in it.")),
  mode,
  from: z.iso.date().optional().meta(says("First day (UTC) on which `members` counts: `2027-01-04`.")),
  until: z.iso.date().optional().meta(says("Last day (UTC) on which `members` counts.")),
  because: z.string().optional().meta(says("A sentence shown in the plan beside every member this brings or takes.")),
});
