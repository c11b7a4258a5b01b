/** Connection settings: what is not secret, from the stack's own file; checked by zod. Secrets come from the environment. */
import { z } from "zod";

const https = z.url().refine((value) => value.startsWith("https://"), "an https:// address");

export const haloConfig = z.strictObject({
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
});

export const entraConfig = z.strictObject({
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
});

const seconds = (description: string) => z.number().min(0.1).max(86_400).optional().meta({ description });

export const adConfig = z
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
  });

export const filesConfig = z.strictObject({
  homes: z.string().min(1).meta({ description: "Folder in which the home folders are, as this machine sees it: a mounted share." }),
  archive: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Folder for the home folders of people who have left; another share if need be." }),
  share: z
    .string()
    .regex(/^\/\/[^/\s]+\/[^/]+(?:\/[^/]+)*$/u, "a share such as //fs1.example.org/homes")
    .optional()
    .meta({ description: "The same folder as a Windows share, //server/share: needed for `acl` in files.yaml." }),
  smbcacls: z.string().min(1).default("smbcacls").meta({ description: "Samba's smbcacls, by name or path." }),
  user: z.string().min(1).optional().meta({
    description: "Account for the share (DOMAIN\\name); its password is FILES_PASSWORD. Left out = this machine's Kerberos ticket.",
  }),
});

/** The `haloform:` settings of Pulumi.<stack>.yaml. A system left out is not managed. */
export const stackConfig = z.strictObject({
  halo: haloConfig,
  entra: entraConfig.optional(),
  ad: adConfig.optional(),
  files: filesConfig.optional(),
  mappings: z.string().default("mappings").meta({ description: "Folder of the mapping files, relative to the project." }),
  expires: z.number().int().min(1).default(24).meta({ description: "Hours a plan may be applied after it was made." }),
});

/**
 * The settings of a stack, each given by its name: as it is, or (as Pulumi's configuration has it) in JSON where the setting
 * itself is no text. Throws ZodError.
 */
export function settingsFrom(given: (name: string) => unknown): StackConfig {
  const all = Object.entries(stackConfig.shape).flatMap(([name, schema]) => {
    const value = given(name);
    if (value === undefined) return [];
    return [[name, typeof value !== "string" || schema.safeParse(value).success ? value : fromJson(value)]];
  });
  return stackConfig.parse(Object.fromEntries(all));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export type StackConfig = z.infer<typeof stackConfig>;
export type HaloConfig = z.infer<typeof haloConfig>;
export type EntraConfig = z.infer<typeof entraConfig>;
export type AdConfig = z.infer<typeof adConfig>;
export type FilesConfig = z.infer<typeof filesConfig>;

let known: StackConfig | undefined;
let refusal: Error | undefined;
let waiting: { resolve(config: StackConfig): void; reject(error: Error): void }[] = [];

/** Tells this process the settings: the command line does at start, the provider process from the run file or Pulumi's configure. */
export function provideSettings(config: StackConfig): void {
  known = config;
  refusal = undefined;
  for (const { resolve } of waiting) resolve(config);
  waiting = [];
}

/** There are no usable settings, and nobody will provide any: whoever waits for them gets the error. */
export function refuseSettings(error: Error): void {
  refusal = error;
  for (const { reject } of waiting) reject(error);
  waiting = [];
}

/**
 * The settings of this process, as soon as they are known. A promise because Pulumi may call `read` before `configure`
 * has finished (facts: 6 of 7 reads did).
 */
export function settings(): Promise<StackConfig> {
  if (known) return Promise.resolve(known);
  return refusal ? Promise.reject(refusal) : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
}
