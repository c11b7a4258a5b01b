/** What has to be known of a tenant to reach it, Exchange Online included: `haloform:entra`. */
import { z } from "zod";
import { defineSettings, https } from "../../base/settings.ts";

export const entraSettings = defineSettings(
  "entra",
  z.strictObject({
    tenantId: z.string().min(1),
    clientId: z.string().min(1),
    cloud: z.enum(["global", "usgov", "dod", "china"]).optional().meta({
      description:
        "Microsoft's cloud the tenant is in: `global` (when left out), `usgov` (GCC High), `dod`, `china` (21Vianet). `authority` and `graph` go before its addresses.",
    }),
    authority: https.optional(),
    graph: https.optional(),
    exchange: https.optional().meta({
      description:
        "Address of Exchange Online's admin interface; https://outlook.office365.com (or that of Graph's national cloud) when left out.",
    }),
    ca: z.string().optional(),
    limit: z.number().int().min(100).optional().meta({
      description:
        "Writes haloform may make in 150 seconds; 3,000 when left out (Graph allows each app 3,000; more is answered with 429). Less leaves room for others that use the same app.",
    }),
    syncWait: z.number().int().min(0).max(3600).default(0).meta({
      description:
        "Seconds to wait within a run for Entra Connect to bring an account made in AD; 0 = the licence is pending until the next run.",
    }),
  }),
);

export type EntraConfig = z.infer<typeof entraSettings.schema>;
