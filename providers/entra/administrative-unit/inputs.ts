/** entra:AdministrativeUnit: inputs and outputs. */
import { z } from "zod";
import { references } from "../group/inputs.ts";

export const unitInputs = z.strictObject({
  /** displayName. */
  name: z.string().trim().min(1).max(256),
  /** Absent = not managed; "" = none. */
  description: z.string().trim().exactOptional(),
  /** exact: people who are not wished are taken out; additive: only those haloform put there. */
  mode: z.enum(["exact", "additive"]).default("exact"),
  /** People only: `person:<key>`, or `id:<Graph id>` for those no mapping knows. */
  members: references,
  /** Make it when missing. */
  create: z.boolean().default(true),
});
export type UnitInputs = z.infer<typeof unitInputs>;

export const unitOutputs = z.object({
  /** Reference → Graph id, of the members that exist. */
  resolved: z.record(z.string(), z.string()),
  /** References whose account does not exist yet. */
  waiting: z.array(z.string()),
});
export type UnitOutputs = z.infer<typeof unitOutputs>;

/** What `list` is asked for: names of the units whose members are wanted. */
export interface UnitsAsked {
  members: readonly string[];
}
