/** Canonical inputs of halo:User. */
import { z } from "zod";
import { names } from "../agent/inputs.ts";

const text = z.string().trim();

/** Keys in order of code units: the same text for the same content. */
const texts = z
  .record(z.string(), text)
  .default({})
  .transform((all) => Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))));

export const userInputs = z.strictObject({
  /** The key of the person in the source. */
  person: z.string().min(1),
  /** The user's display name. */
  name: text.exactOptional(),
  /** `Client/Site`; the site decides the client. */
  site: text.exactOptional(),
  /** false = `inactive`. */
  enabled: z.boolean().exactOptional(),
  /** Field of Halo → text; "" = cleared. */
  fields: texts,
  /** Custom field (`CFName`) → text; of a list the option's label. */
  custom: texts,
  /** Roles of users (of the portal) by name. */
  roles: names.exactOptional(),
  /** The roles that the mapping names: only they are compared and changed. */
  of: z.strictObject({ roles: names }).exactOptional(),
});
export type UserInputs = z.infer<typeof userInputs>;
