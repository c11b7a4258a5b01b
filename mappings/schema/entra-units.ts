/** An administrative unit of mappings/entra.yaml. */
import { z } from "zod";
import { condition, says } from "../language/words.ts";
import { counting } from "./membership.ts";

export const administrativeUnit = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(256)
    .meta(says("displayName of the administrative unit. One of restricted management, or filled by a rule of Entra ID, is left to you.")),
  description: z.string().optional().meta(says("The unit's description; left out = not managed.")),
  members: condition.meta(says("Which people belong in it. `{}` is everybody. Groups and devices in it are left alone.")),
  ...counting,
  create: z.boolean().default(true).meta(says("Create it when missing; false = it must exist.")),
});
