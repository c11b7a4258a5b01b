/** Canonical inputs of halo:User, halo:Site and halo:Client. */
import { z } from "zod";
import { names } from "../agent/inputs.ts";

const text = z.string().trim();
const filled = text.min(1);

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

const address = z.strictObject({
  line1: text.exactOptional(),
  line2: text.exactOptional(),
  line3: text.exactOptional(),
  line4: text.exactOptional(),
  postcode: text.exactOptional(),
});

export const siteInputs = z
  .strictObject({
    /** `Client/Site`: sites of two clients may have one name. */
    name: filled,
    client: filled,
    enabled: z.boolean(),
    notes: text.exactOptional(),
    phonenumber: text.exactOptional(),
    timezone: text.exactOptional(),
    ref: text.exactOptional(),
    address: address.exactOptional(),
  })
  .refine((site) => site.name.startsWith(`${site.client}/`) && site.name.length > site.client.length + 1, {
    error: "the name is Client/Site",
    path: ["name"],
  });
export type SiteInputs = z.infer<typeof siteInputs>;

export const clientInputs = z.strictObject({
  name: filled,
  enabled: z.boolean(),
  notes: text.exactOptional(),
  website: text.exactOptional(),
  ref: text.exactOptional(),
});
export type ClientInputs = z.infer<typeof clientInputs>;
