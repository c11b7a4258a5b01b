/** `auth` of a source in mappings/sources.yaml: how an API is logged in to. */
import { z } from "zod";
import { callback, clientAuthentication, extraOf } from "../../clients/oauth/schema.ts";
import { filled, text } from "../language/asks.ts";
import { address, header, value } from "./source-values.ts";

const extra = extraOf(value);

const oauth = {
  tokenUrl: address.describe("Where tokens are asked for."),
  clientId: filled.describe(
    "Client id. The secret is in the environment: SOURCE_<NAME>_CLIENT_SECRET; but for `clientCredentials` there may be none (a public client).",
  ),
  scope: text.optional().describe("Scopes to ask for, separated by spaces."),
  clientAuthentication,
  headerPrefix: text.default("Bearer").describe("What stands before the token in the Authorization header."),
  extra,
};

export const auth = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none").describe("`none`: not at all."), extra }),
    z.strictObject({
      kind: z.literal("header").describe("`header`: a key in a header."),
      name: header.default("Authorization").describe("The header that carries the key."),
      prefix: text.default("Bearer").describe('What stands before the key; `""` for nothing. The key is in SOURCE_<NAME>_TOKEN.'),
      extra,
    }),
    z.strictObject({
      kind: z.literal("basic").describe("`basic`: HTTP Basic, with a user and a password."),
      user: filled.describe("The user. The password is in SOURCE_<NAME>_PASSWORD."),
      extra,
    }),
    z.strictObject({
      kind: z.literal("clientCredentials").describe("`clientCredentials`: OAuth 2.0, as the application itself."),
      ...oauth,
    }),
    z.strictObject({
      kind: z.literal("password").describe("`password`: OAuth 2.0, with the name and password of a user who is there for this alone."),
      user: filled.describe("The user. The password is in SOURCE_<NAME>_PASSWORD."),
      ...oauth,
    }),
    z.strictObject({
      kind: z
        .literal("authorizationCode")
        .describe("`authorizationCode`: OAuth 2.0, as a person who logs in once (`haloform source login NAME`)."),
      authorizeUrl: address.describe("Where a person logs in, once: `haloform source login NAME` (with PKCE)."),
      ...callback,
      ...oauth,
    }),
  ])
  .default({ kind: "none", extra: [] })
  .describe("How the API is logged in to.");

export type SourceAuth = z.infer<typeof auth>;
