/** What has to be known of a Halo to reach it: `haloform:halo`. */
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
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
      clientId: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "Client ID of the Halo application; left out where an API key signs in (HALO_API_KEY)." }),
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
    .superRefine(({ signIn: asked, clientId }, context) => {
      if (asked && clientId === undefined)
        context.addIssue({ code: "custom", path: ["clientId"], message: "expected the application's Client ID beside signIn, found none" });
      const named = { variables: "HALO", auth: "signIn", application: "haloform:halo" };
      for (const { path, text } of asked ? refusals(asked, named) : [])
        context.addIssue({ code: "custom", path: ["signIn", ...path], message: text });
    }),
);

export type HaloConfig = z.infer<typeof haloSettings.schema>;

/**
 * By what an application is let in: the secret of its client id, for which it gets tokens, or an API key, which goes with every request
 * (header `X-Halo-Api-Key`; Halo's guide on its API: since 2.212, as a last resort; header as public clients send it).
 */
export type HaloCredential = { secret: string } | { key: string };

/** What is in the environment of it. @throws ConfigurationError where there is none, or both */
export function credentialOf(
  { clientId, signIn: asked }: Pick<HaloConfig, "clientId" | "signIn">,
  env: Readonly<Record<string, string | undefined>>,
): HaloCredential {
  const [secret, key] = [env["HALO_CLIENT_SECRET"], env["HALO_API_KEY"]];
  if (secret && key)
    throw new ConfigurationError(
      "Sign in to HaloITSM: HALO_CLIENT_SECRET and HALO_API_KEY are both set; leave the one in the environment that is meant",
    );
  if (key && asked)
    throw new ConfigurationError("Sign in to HaloITSM: halo.signIn and HALO_API_KEY are both set; leave the one that is meant");
  if (asked) return { secret: secret ?? "" };
  if (key) {
    if (/^[\x21-\x7e]+$/u.test(key)) return { key };
    throw new ConfigurationError(
      "Sign in to HaloITSM: HALO_API_KEY holds a blank, a line break or a letter that no header can; copy it again",
    );
  }
  if (!secret)
    throw new ConfigurationError(
      "Sign in to HaloITSM: HALO_CLIENT_SECRET is not set; put the client secret of the Halo application into the environment, or an API key into HALO_API_KEY",
    );
  if (clientId === undefined)
    throw new ConfigurationError(
      "Sign in to HaloITSM: halo.clientId is not set, without which HALO_CLIENT_SECRET is of no use; set it in Pulumi.<stack>.yaml",
    );
  return { secret };
}

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

/** The same where an API key signs in. */
export const calledBy = (credential: HaloCredential): Called =>
  "key" in credential
    ? {
        ...called,
        credential: "the API key",
        rights: {
          token: "Halo knows API keys since its release 2.212; make a new one in Halo if this one has ended, and set HALO_API_KEY",
          forbidden: "give the agent that the API key stands for the right to do this, and check what the key is allowed",
        },
      }
    : called;
