/** An administrative unit of mappings/entra.yaml. */
import { z } from "zod";
import { condition } from "../language/words.ts";
import { counting } from "./membership.ts";

export const administrativeUnit = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(256)
    .describe("displayName of the administrative unit. One of restricted management, or filled by a rule of Entra ID, is left to you."),
  description: z.string().optional().describe("The unit's description; left out = not managed."),
  for: condition.describe("Which people belong in it. `{}` is everybody. Groups and devices in it are left alone."),
  ...counting,
  create: z.boolean().default(true).describe("Create it when missing; false = it must exist."),
});
