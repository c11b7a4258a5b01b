/** What has to be known of a Halo to reach it: `haloform:halo`. */
import { z } from "zod";
import { defineSettings, https } from "../../base/settings.ts";

export const haloSettings = defineSettings(
  "halo",
  z.strictObject({
    resourceServer: https.meta({
      description: "Halo's Resource Server, as shown in its API details: https://example.haloitsm.com (with or without /api).",
    }),
    authorisationServer: https.optional().meta({ description: "Halo's Authorisation Server; discovered by /api/authinfo when left out." }),
    tenant: z.string().optional().meta({ description: "Tenant, for hosted Halo; discovered when left out." }),
    clientId: z.string().min(1),
    scope: z.string().default("all"),
    limit: z
      .number()
      .int()
      .min(10)
      .default(300)
      .meta({ description: "Requests allowed in `window` seconds (Halo: 300 in a rolling 5 minutes)." }),
    window: z.number().int().min(1).default(300),
    ca: z.string().optional().meta({ description: "Path of a PEM file with a further certificate authority." }),
  }),
);

export type HaloConfig = z.infer<typeof haloSettings.schema>;
