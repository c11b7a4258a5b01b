/** mappings/sources.yaml: other systems of record than Halo's users: any REST API, CSV and JSON files. */
import { z } from "zod";
import { says, scalar } from "../language/asks.ts";

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
        .meta(says("Name of an environment variable that holds it: `SOURCE_HR_KEY`.")),
    }),
  ])
  .meta(says("A value, or `{ env: SOURCE_HR_KEY }`: taken from the environment, and never shown."));

const extra = z
  .array(
    z.strictObject({
      at: z.enum(["authorize", "token", "request"]).meta(says("With which request it is sent.")),
      in: z.enum(["header", "query", "body"]).meta(says("Where in it. `body` is for the token request's form.")),
      name: z.string().min(1).meta(says("The header's or parameter's name.")),
      value,
    }),
  )
  .default([])
  .meta(says("Further headers and parameters, by place."));

const oauth = {
  tokenUrl: address.meta(says("Where tokens are asked for.")),
  clientId: z.string().min(1).meta(says("Client id. The secret is in the environment: SOURCE_<NAME>_CLIENT_SECRET.")),
  scope: z.string().optional().meta(says("Scopes to ask for, separated by spaces.")),
  clientAuthentication: z.enum(["body", "basic"]).default("body").meta(says("How id and secret are sent: in the form, or as HTTP Basic.")),
  headerPrefix: z.string().default("Bearer").meta(says("What stands before the token in the Authorization header.")),
  extra,
};

const auth = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none").meta(says("`none`: not at all.")), extra }),
    z.strictObject({
      kind: z.literal("header").meta(says("`header`: a key in a header.")),
      name: header.default("Authorization").meta(says("The header that carries the key.")),
      prefix: z.string().default("Bearer").meta(says('What stands before the key; `""` for nothing. The key is in SOURCE_<NAME>_TOKEN.')),
      extra,
    }),
    z.strictObject({
      kind: z.literal("basic").meta(says("`basic`: HTTP Basic, with a user and a password.")),
      user: z.string().min(1).meta(says("The user. The password is in SOURCE_<NAME>_PASSWORD.")),
      extra,
    }),
    z.strictObject({
      kind: z.literal("clientCredentials").meta(says("`clientCredentials`: OAuth 2.0, as the application itself.")),
      ...oauth,
    }),
    z.strictObject({
      kind: z
        .literal("authorizationCode")
        .meta(says("`authorizationCode`: OAuth 2.0, as a person who logs in once (`haloform source login NAME`).")),
      authorizeUrl: address.meta(says("Where a person logs in, once: `haloform source login NAME` (with PKCE).")),
      redirectPort: z
        .number()
        .int()
        .min(1024)
        .max(65_535)
        .default(8976)
        .meta(says("Port of the callback on this machine that is registered there (address 127.0.0.1, path `/callback`).")),
      ...oauth,
    }),
  ])
  .default({ kind: "none", extra: [] })
  .meta(says("How the API is logged in to."));

const until = z
  .union([
    z.strictObject({ empty: z.literal(true).meta(says("Until a call gives no rows.")) }),
    z.strictObject({
      path: jsonPath.meta(says("JSON path of something in the answer.")),
      is: scalar.meta(says("Until what stands at the JSON path equals this.")),
    }),
    z.strictObject({ total: jsonPath.meta(says("Until as many rows have come as the number at this JSON path.")) }),
    z.strictObject({ short: z.number().int().min(1).meta(says("Until a call gives fewer rows than this page size.")) }),
  ])
  .meta(says("When the calling stops."));

const repeat = z
  .discriminatedUnion("by", [
    z.strictObject({
      by: z.literal("parameter").meta(says("`parameter`: by counting, until something says that it is the end.")),
      parameter: z.string().min(1).meta(says("The parameter that counts: `page`, `offset`.")),
      in: z.enum(["query", "body"]).default("query").meta(says("Where it is sent.")),
      start: z.number().int().default(1).meta(says("Its first value.")),
      step: z.number().int().min(1).default(1).meta(says("How much it grows with every call.")),
      until: until.default({ empty: true }),
    }),
    z.strictObject({
      by: z.literal("pageCount").meta(says("`pageCount`: by counting to the number of pages that the answer names.")),
      parameter: z.string().min(1).meta(says("The parameter that counts the pages: `page`.")),
      start: z.number().int().default(1).meta(says("The number of the first page.")),
      pages: jsonPath.meta(says("Where the number of pages stands.")),
    }),
    z.strictObject({
      by: z.literal("nextLink").meta(says("`nextLink`: by the address that the answer names.")),
      at: jsonPath.meta(says("Where the next address stands; none = the end. It must stay on the same host.")),
    }),
    z.strictObject({
      by: z.literal("cursor").meta(says("`cursor`: by sending back a text that the answer holds.")),
      at: jsonPath.meta(says("Where the next cursor stands; none = the end.")),
      parameter: z.string().min(1).meta(says("The parameter of the query in which it is sent back.")),
    }),
  ])
  .meta(says("How further pages are asked for. Left out = one call."));

const endpoint = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][\w-]*$/iu, "a short name")
    .meta(says("For messages and reasons: `employees`.")),
  path: z.string().min(1).meta(says("Appended to `base`.")),
  method: z.enum(["GET", "POST"]).default("GET").meta(says("POST is for APIs that search by it; it must not change anything.")),
  headers: z.record(header, value).default({}).meta(says("Headers to send, besides those of `auth`: name → value.")),
  query: z.record(z.string(), value).default({}).meta(says("Parameters of the query: name → value.")),
  body: z
    .strictObject({
      type: z.enum(["json", "form", "text"]).default("json").meta(says("Message type: application/json, a form, or text.")),
      content: z
        .union([z.record(z.string(), z.json()), z.string()])
        .default({})
        .meta(says("What it holds: a map for `json` and `form`, a text for `text`.")),
    })
    .optional()
    .meta(says("What a POST sends.")),
  select: jsonPath.default("$[*]").meta(says("JSON path (RFC 9535) of the rows in the answer.")),
  columns: z
    .record(z.string(), jsonPath)
    .default({})
    .meta(says("Column → JSON path within a row. Left out = every element of the row, nested ones as `address.city`.")),
  prefix: z.string().default("").meta(says("Put before every column's name, where two endpoints use the same names.")),
  repeat: repeat.optional(),
});

const rest = z.strictObject({
  kind: z.literal("rest").default("rest").meta(says("`rest`: a REST API.")),
  base: address.meta(says("The API's address; endpoints are appended.")),
  auth,
  endpoints: z.array(endpoint).min(1).meta(says("What is called. The first gives the people; the others are joined to it.")),
  unique: z.string().min(1).meta(says("The column that is unique to a person and the same in all endpoints; `people.key` is this one.")),
  limit: z.number().int().min(1).default(300).meta(says("Requests allowed in `window` seconds.")),
  window: z.number().int().min(1).default(300).meta(says("Seconds in which `limit` requests are allowed.")),
  timeout: z.number().int().min(1).max(600).default(60).meta(says("Seconds for one answer.")),
  ca: z.string().optional().meta(says("Path of a PEM file with a further certificate authority.")),
});

const csv = z.strictObject({
  kind: z.literal("csv").meta(says("`csv`: a file with separated columns; its first line names them.")),
  file: z.string().min(1).meta(says("Path, relative to the mappings folder.")),
  separator: z.string().length(1).default(",").meta(says("What stands between columns.")),
  encoding: z.enum(["utf-8", "utf-16le", "windows-1252"]).default("utf-8").meta(says("How its text is encoded.")),
  unique: z.string().min(1).meta(says("The column that identifies a person.")),
});
const json = z.strictObject({
  kind: z.literal("json").meta(says("`json`: a JSON file.")),
  file: z.string().min(1).meta(says("Path, relative to the mappings folder.")),
  select: jsonPath.default("$[*]").meta(says("JSON path of the rows.")),
  unique: z.string().min(1).meta(says("The column that identifies a person.")),
});

export const sourcesFile = z.strictObject({
  sources: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/u, "a lower-case name"), z.union([rest, csv, json]))
    .meta(says("Name → where its records come from. `people.from: NAME` in people.yaml uses one instead of Halo's users.")),
});

export type RestConfig = z.infer<typeof rest>;
export type EndpointConfig = RestConfig["endpoints"][number];
export type FileConfig = z.infer<typeof csv> | z.infer<typeof json>;

export type SourcesFile = z.infer<typeof sourcesFile>;
