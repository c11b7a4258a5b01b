/** mappings/sources.yaml: other systems of record than Halo's users: any REST API, CSV and JSON files. */
import { z } from "zod";
import { filled, scalar, text } from "../language/asks.ts";
import { auth } from "./source-auth.ts";
import { address, header, jsonPath, value } from "./source-values.ts";

/** What is asked of something in an answer. */
const at = { path: jsonPath.describe("JSON path of something in the answer.") };
const answerTest = [
  z.strictObject({ ...at, is: scalar.describe("What stands at the JSON path equals this, whatever its case.") }),
  z.strictObject({ ...at, isNot: scalar.describe("What stands at the JSON path is something else, or nothing.") }),
  z.strictObject({
    ...at,
    empty: z.boolean().describe("`true`: nothing stands there (also null, an empty text or list); `false`: something does."),
  }),
  z.strictObject({ ...at, below: z.number().describe("What stands there is a number below this one.") }),
  z.strictObject({ ...at, above: z.number().describe("What stands there is a number above this one.") }),
  z.strictObject({ ...at, matches: text.describe("A regular expression is found in it (Unicode, without regard to case).") }),
] as const;

const until = z
  .union([
    z.strictObject({ empty: z.literal(true).describe("Until a call gives no rows.") }),
    ...answerTest,
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
      until: until.optional(),
      while: z
        .union(answerTest)
        .optional()
        .describe(
          "Instead of `until`: called again as long as this holds of the last answer: `{ path: $.next, empty: false }`. Neither = until a call gives no rows.",
        ),
    }),
    z.strictObject({
      by: z.literal("pageCount").describe("`pageCount`: by counting to the number of pages that the answer names."),
      parameter: filled.describe("The parameter that counts the pages: `page`."),
      start: z.number().int().default(1).describe("The number of the first page."),
      in: z.enum(["query", "body"]).default("query").describe("Where it is sent."),
      pages: jsonPath.describe("Where the number of pages stands."),
    }),
    z.strictObject({
      by: z.literal("nextLink").describe("`nextLink`: by the address that the answer names."),
      at: jsonPath.describe("Where the next address stands; none = the end. It must stay on the same host."),
    }),
    z.strictObject({
      by: z.literal("cursor").describe("`cursor`: by sending back a text that the answer holds."),
      at: jsonPath.describe("Where the next cursor stands; none = the end."),
      parameter: filled.describe("The parameter in which it is sent back."),
      in: z.enum(["query", "body"]).default("query").describe("Where it is sent."),
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
        .describe(
          "What it holds: a map for `json` and `form`, a text for `text`. A value `{ env: SOURCE_HR_KEY }` of a map is taken from the environment. Another message type (XML): `text`, with a Content-Type under `headers`.",
        ),
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
  one: z
    .string()
    .regex(/\{\{\s*key\s*\}\}/u, "a path with {{ key }} in it, such as people/{{ key }}")
    .optional()
    .describe(
      "Path of one person's record, such as `people/{{ key }}`. Whoever is missing in the list is asked for there before they count as gone: 404, 410 or an empty list says that they are; anything else, that the list hides them. Left out = nobody is asked for.",
    ),
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

export type AnswerTest = z.infer<(typeof answerTest)[number]>;
export type RestConfig = z.infer<typeof rest>;
export type EndpointConfig = RestConfig["endpoints"][number];
export type FileConfig = z.infer<typeof csv> | z.infer<typeof json>;

export type SourcesFile = z.infer<typeof sourcesFile>;
