/** What has to be known of a Halo to reach it: `haloform:halo`. */
import { z } from "zod";
import { defineSettings, https } from "../../base/settings.ts";
import type { Called } from "../http/answer.ts";
import { refusals } from "../oauth/refused.ts";
import { callback, clientAuthentication, extraOf, valueFrom } from "../oauth/schema.ts";

const oauth = { clientAuthentication, extra: extraOf(valueFrom("HALO_", "HALO_KEY")) };

/** The ways of a source of sources.yaml (`auth`), with Halo's own addresses. */
const signIn = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("clientCredentials"), ...oauth }),
  z.strictObject({ kind: z.literal("password"), user: z.string().min(1), ...oauth }),
  z.strictObject({ kind: z.literal("authorizationCode"), authorizeUrl: https.optional(), ...callback, ...oauth }),
]);

export const haloSettings = defineSettings(
  "halo",
  z
    .strictObject({
      resourceServer: https.meta({
        description: "Halo's Resource Server, as shown in its API details: https://example.haloitsm.com (with or without /api).",
      }),
      authorisationServer: https
        .optional()
        .meta({ description: "Halo's Authorisation Server; discovered by /api/authinfo when left out." }),
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
      signIn: signIn.optional().meta({
        description: "How haloform signs in; the application itself, with HALO_CLIENT_SECRET, when left out.",
      }),
    })
    .superRefine(({ signIn: asked }, context) => {
      const named = { variables: "HALO", auth: "signIn", application: "haloform:halo" };
      for (const { path, text } of asked ? refusals(asked, named) : [])
        context.addIssue({ code: "custom", path: ["signIn", ...path], message: text });
    }),
);

export type HaloConfig = z.infer<typeof haloSettings.schema>;

/** The address of the Halo server without `/api`. */
export const serverOf = ({ resourceServer }: Pick<HaloConfig, "resourceServer">): URL =>
  new URL(`${resourceServer.replace(/\/+$/u, "").replace(/\/api$/iu, "")}/`);

/** How messages name Halo, and the settings that lead to it. */
export const called: Called = {
  system: "HaloITSM",
  address: "halo.resourceServer (the Resource Server shown in Halo's API details)",
  authority: "halo.ca",
  limit: "halo.limit",
  rights: {
    token: "check halo.scope, the Halo application's permissions and that the agent it logs in as is enabled",
    forbidden: "give the agent that the Halo application logs in as the right to do this, and check the application's permissions",
  },
};
