/** What has to be known of a domain to reach it: `haloform:ad`. */
import { z } from "zod";
import { defineSettings } from "../../../base/settings.ts";

const seconds = (description: string) => z.number().min(0.1).max(86_400).optional().meta({ description });

export const adSettings = defineSettings(
  "ad",
  z
    .strictObject({
      url: z
        .union([z.string(), z.array(z.string()).min(1)])
        .transform((v) => (Array.isArray(v) ? v : [v]))
        .pipe(z.array(z.string().regex(/^ldaps?:\/\//u, "an ldaps:// address"))),
      base: z.string().regex(/DC=/iu, "a distinguishedName such as DC=corp,DC=example,DC=com"),
      bind: z.string().min(1).meta({ description: "The account haloform binds as: distinguishedName or userPrincipalName." }),
      ca: z.string().optional(),
      startTls: z.boolean().optional().meta({
        description: "true: ldap:// addresses are allowed, and every connection is turned to TLS before anything else is sent.",
      }),
      timeouts: z
        .strictObject({
          connect: seconds("Seconds for connecting, TLS included; 10 when left out."),
          operation: seconds("Seconds for the answer to one request (one page of a list); 30 when left out."),
          total: seconds("Seconds for a whole bulk read; 600 when left out."),
        })
        .optional(),
    })
    .refine((ad) => ad.startTls === true || ad.url.every((url) => url.startsWith("ldaps://")), {
      path: ["url"],
      error: "an ldaps:// address, or an ldap:// one with `startTls: true`: passwords travel over it",
    }),
);

export type AdConfig = z.infer<typeof adSettings.schema>;
