/** mappings/sources.yaml: other systems of record than Halo's users: any REST API, CSV and JSON files. */
import { z } from "zod";
import { filled, scalar, text } from "../language/asks.ts";

const address = z.url().refine((value) => value.startsWith("https://"), "an https:// address");
const jsonPath = z.string().regex(/^\$/u, "a JSON path that begins with $, such as $.data[*]");
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, "the name of an HTTP header");

const value = z
  .union([
    scalar,
    z.strictObject({
      env: z
        .string()
        .regex(/^SOURCE_[A-Z0-9_]+$/u, "the name of a variable that begins with SOURCE_")
        .describe("Name of an environment variable that holds it: `SOURCE_HR_KEY`."),
    }),
  ])
  .describe("A value, or `{ env: SOURCE_HR_KEY }`: taken from the environment, and never shown.");

const extra = z
  .array(
    z.strictObject({
      at: z
        .enum(["authorize", "token", "request"])
        .describe("With which request it is sent: opening the login page, asking for a token, every request."),
      in: z.enum(["header", "query", "body"]).describe("Where in it: `query` with authorize; `body` is the form of the token request."),
      name: filled.describe("The header's or parameter's name."),
      value,
    }),
  )
  .default([])
  .describe("Further headers and parameters, by place.");

const oauth = {
  tokenUrl: address.describe("Where tokens are asked for."),
  clientId: filled.describe("Client id. The secret is in the environment: SOURCE_<NAME>_CLIENT_SECRET."),
  scope: text.optional().describe("Scopes to ask for, separated by spaces."),
  clientAuthentication: z.enum(["body", "basic"]).default("body").describe("How id and secret are sent: in the form, or as HTTP Basic."),
  headerPrefix: text.default("Bearer").describe("What stands before the token in the Authorization header."),
  extra,
};

const auth = z
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
      kind: z
        .literal("authorizationCode")
        .describe("`authorizationCode`: OAuth 2.0, as a person who logs in once (`haloform source login NAME`)."),
      authorizeUrl: address.describe("Where a person logs in, once: `haloform source login NAME` (with PKCE)."),
      redirectPort: z
        .number()
        .int()
        .min(1024)
        .max(65_535)
        .default(8976)
        .describe("Port of the callback on this machine that is registered there (address 127.0.0.1, path `/callback`)."),
      ...oauth,
    }),
  ])
  .default({ kind: "none", extra: [] })
  .describe("How the API is logged in to.");

const until = z
  .union([
    z.strictObject({ empty: z.literal(true).describe("Until a call gives no rows.") }),
    z.strictObject({
      path: jsonPath.describe("JSON path of something in the answer."),
      is: scalar.describe("Until what stands at the JSON path equals this."),
    }),
    z.strictObject({ total: jsonPath.describe("Until as many rows have come as the number at this JSON path.") }),
    z.strictObject({ short: z.number().int().min(1).describe("Until a call gives fewer rows than this page size.") }),
  ])
  .describe("When the calling stops.");

const repeat = z
  .discriminatedUnion("by", [
    z.strictObject({
      by: z.literal("parameter").describe("`parameter`: by counting, until something says that it is the end."),
      parameter: filled.describe("The parameter that counts: `page`, `offset`."),
      in: z.enum(["query", "body"]).default("query").describe("Where it is sent."),
      start: z.number().int().default(1).describe("Its first value."),
      step: z.number().int().min(1).default(1).describe("How much it grows with every call."),
      until: until.default({ empty: true }),
    }),
    z.strictObject({
      by: z.literal("pageCount").describe("`pageCount`: by counting to the number of pages that the answer names."),
      parameter: filled.describe("The parameter that counts the pages: `page`."),
      start: z.number().int().default(1).describe("The number of the first page."),
      pages: jsonPath.describe("Where the number of pages stands."),
    }),
    z.strictObject({
      by: z.literal("nextLink").describe("`nextLink`: by the address that the answer names."),
      at: jsonPath.describe("Where the next address stands; none = the end. It must stay on the same host."),
    }),
    z.strictObject({
      by: z.literal("cursor").describe("`cursor`: by sending back a text that the answer holds."),
      at: jsonPath.describe("Where the next cursor stands; none = the end."),
      parameter: filled.describe("The parameter of the query in which it is sent back."),
    }),
  ])
  .describe("How further pages are asked for. Left out = one call.");

const endpoint = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][\w-]*$/iu, "a short name")
    .describe("For messages and reasons: `employees`."),
  path: filled.describe("Appended to `base`."),
  method: z.enum(["GET", "POST"]).default("GET").describe("POST is for APIs that search by it; it must not change anything."),
  headers: z.record(header, value).default({}).describe("Headers to send, besides those of `auth`: name → value."),
  query: z.record(text, value).default({}).describe("Parameters of the query: name → value."),
  body: z
    .strictObject({
      type: z.enum(["json", "form", "text"]).default("json").describe("Message type: application/json, a form, or text."),
      content: z
        .union([z.record(text, z.json()), text])
        .default({})
        .describe("What it holds: a map for `json` and `form`, a text for `text`."),
    })
    .optional()
    .describe("What a POST sends."),
  select: jsonPath.default("$[*]").describe("JSON path (RFC 9535) of the rows in the answer."),
  columns: z
    .record(text, jsonPath)
    .default({})
    .describe("Column → JSON path within a row. Left out = every element of the row, nested ones as `address.city`."),
  prefix: text.default("").describe("Put before every column's name, where two endpoints use the same names."),
  repeat: repeat.optional(),
});

const rest = z.strictObject({
  kind: z.literal("rest").default("rest").describe("`rest`: a REST API."),
  base: address.describe("The API's address; endpoints are appended."),
  auth,
  endpoints: z.array(endpoint).min(1).describe("What is called. The first gives the people; the others are joined to it."),
  unique: filled.describe("The column that is unique to a person and the same in all endpoints; `people.key` is this one."),
  limit: z.number().int().min(1).default(300).describe("Requests allowed in `window` seconds."),
  window: z.number().int().min(1).default(300).describe("Seconds in which `limit` requests are allowed."),
  timeout: z.number().int().min(1).max(600).default(60).describe("Seconds for one answer."),
  ca: text.optional().describe("Path of a PEM file with a further certificate authority."),
});

const csv = z.strictObject({
  kind: z.literal("csv").describe("`csv`: a file with separated columns; its first line names them."),
  file: filled.describe("Path, relative to the mappings folder."),
  separator: z.string().length(1).default(",").describe("What stands between columns."),
  encoding: z.enum(["utf-8", "utf-16le", "windows-1252"]).default("utf-8").describe("How its text is encoded."),
  unique: filled.describe("The column that identifies a person."),
});
const json = z.strictObject({
  kind: z.literal("json").describe("`json`: a JSON file."),
  file: filled.describe("Path, relative to the mappings folder."),
  select: jsonPath.default("$[*]").describe("JSON path of the rows."),
  unique: filled.describe("The column that identifies a person."),
});

export const sourcesFile = z.strictObject({
  sources: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/u, "a lower-case name"), z.union([rest, csv, json]))
    .describe("Name → where its records come from. `people.source: NAME` in people.yaml uses one instead of Halo's users."),
});

export type RestConfig = z.infer<typeof rest>;
export type EndpointConfig = RestConfig["endpoints"][number];
export type FileConfig = z.infer<typeof csv> | z.infer<typeof json>;

export type SourcesFile = z.infer<typeof sourcesFile>;
