/** mappings/sources.yaml: other systems of record than Halo's users. */
import { type Check, checkOnce, placed } from "../check/check.ts";
import { checkPattern } from "../check/language.ts";
import { checkAuth, checkHeaders } from "../check/source-auth.ts";
import { defineFile } from "../define.ts";
import { jsonPaths } from "../language/json-path.ts";
import { variableOf } from "../schema/source-values.ts";
import { type EndpointConfig, type RestConfig, type SourcesFile, sourcesFile } from "../schema/sources.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const sources = defineFile({
  name: "sources",
  schema: sourcesFile,
  check: checkSources,
  introduction:
    "Other systems of record than Halo's users: any REST API, CSV and JSON files (docs/sources.md says how). Without this file people come from Halo or from Entra ID.",
  whenMissing: { means: "people come from Halo" },
  rules: {},
});

/** JSON paths that can be read, endpoints of different names, a POST where there is a body, joined columns that exist. */
function checkSources(check: Check, { sources }: SourcesFile): void {
  for (const [name, source] of Object.entries(sources)) {
    const at = ["sources", name];
    if (source.kind === "json") checkPath(check, source.select, [...at, "select"]);
    if (source.kind !== "rest") continue;
    checkAuth(check, source.auth, name, [...at, "auth"]);
    const names = source.endpoints.map((endpoint) => endpoint.name);
    checkOnce(check, [...at, "endpoints"], names, "endpoint", (index) => [index, "name"]);
    for (const [endpoint, path] of placed(source.endpoints, ...at, "endpoints")) checkEndpoint(check, endpoint, source, path);
  }
}

function checkEndpoint(check: Check, endpoint: EndpointConfig, { auth, unique }: RestConfig, path: Path): void {
  checkPath(check, endpoint.select, [...path, "select"]);
  for (const [column, select] of Object.entries(endpoint.columns)) checkPath(check, select, [...path, "columns", column]);
  checkHeaders(check, auth, endpoint.headers, [...path, "headers"]);
  checkBody(check, endpoint, path);
  if (endpoint.repeat) checkRepeat(check, endpoint, endpoint.repeat, [...path, "repeat"]);
  const columns = Object.keys(endpoint.columns);
  if (columns.length > 0 && !columns.includes(unique))
    check.report(
      [...path, "columns"],
      `expected the column ${unique}, by which endpoints are joined (unique), among ${columns.join(", ")}`,
    );
}

function checkBody(check: Check, { body, method }: EndpointConfig, path: Path): void {
  if (body === undefined) return;
  if (method === "GET") check.report([...path, "body"], "expected `method: POST` beside a body, found GET");
  const at = [...path, "body", "content"];
  if (typeof body.content === "string") {
    if (body.type === "form") check.report(at, "expected a map of names and values with form, found a text; `type: text` sends a text");
    return;
  }
  for (const [name, value] of Object.entries(body.content)) {
    if (variableOf(value) !== undefined || value === null || typeof value !== "object") continue;
    if (body.type === "form")
      check.report([...at, name], `expected a value with form, found ${found(value)}; \`type: json\` sends maps and lists`);
    else if (!Array.isArray(value) && Object.keys(value).join() === "env")
      check.report([...at, name, "env"], `expected the name of a variable that begins with SOURCE_, found ${found(value["env"])}`);
  }
}

type Repeat = NonNullable<EndpointConfig["repeat"]>;

function checkRepeat(check: Check, { method, body }: EndpointConfig, repeat: Repeat, path: Path): void {
  if (repeat.by === "nextLink" || repeat.by === "cursor") checkPath(check, repeat.at, [...path, "at"]);
  if (repeat.by === "pageCount") checkPath(check, repeat.pages, [...path, "pages"]);
  if (repeat.by === "parameter") checkStop(check, repeat, path);
  if (repeat.by === "nextLink" || repeat.in === "query") return;
  if (method === "GET") check.report([...path, "in"], "expected query, as a GET has no body, found body");
  else if (body?.type === "text" || typeof body?.content === "string")
    check.report([...path, "in"], "expected query, as a text has no parameters, found body; a body of type json or form with a map has");
}

function checkStop(check: Check, repeat: Extract<Repeat, { by: "parameter" }>, path: Path): void {
  if (repeat.until && repeat.while)
    check.report(
      [...path, "while"],
      "expected until or while, found both; until says when it ends, while as long as what it goes on",
      "key",
    );
  for (const word of ["until", "while"] as const) {
    const stop = repeat[word];
    if (!stop) continue;
    if ("path" in stop) checkPath(check, stop.path, [...path, word, "path"]);
    if ("total" in stop) checkPath(check, stop.total, [...path, word, "total"]);
    if ("matches" in stop) checkPattern(check, stop.matches, [...path, word, "matches"]);
  }
}

function checkPath(check: Check, path: string, at: Path): void {
  try {
    jsonPaths.compile(path);
  } catch (error) {
    check.report(at, `expected a JSON path (RFC 9535), found ${JSON.stringify(path)}: ${(error as Error).message}`);
  }
}
