/** mappings/sources.yaml: other systems of record than Halo's users. */
import { type Check, checkOnce, placed } from "../check/check.ts";
import { defineFile } from "../define.ts";
import { jsonPaths } from "../language/json-path.ts";
import { type RestConfig, type SourcesFile, sourcesFile } from "../schema/sources.ts";
import type { Path } from "../text/document.ts";

export const sources = defineFile({
  name: "sources",
  schema: sourcesFile,
  check: checkSources,
  introduction:
    "Other systems of record than Halo's users: any REST API, CSV and JSON files (docs/sources.md says how). Without this file people come from Halo or from Entra ID.",
  whenMissing: { means: "people come from Halo" },
  rules: {},
});

type Auth = RestConfig["auth"];
type Extra = Auth["extra"][number];

/** Which requests a way of logging in makes, and where in each something further can be sent. */
const request: Extra["in"][] = ["header", "query"];
const token: Extra["in"][] = ["header", "query", "body"];
const sends: { [kind in Auth["kind"]]: { [at in Extra["at"]]?: Extra["in"][] } } = {
  none: { request },
  header: { request },
  basic: { request },
  clientCredentials: { token, request },
  authorizationCode: { authorize: ["query"], token, request },
};
const where: { [at in Extra["at"]]: string } = {
  authorize: "with authorize, which is an address that a browser opens",
  token: "with token",
  request: "with request, whose body is the endpoint's",
};

/** JSON paths that can be read, endpoints of different names, a POST where there is a body, joined columns that exist. */
function checkSources(check: Check, { sources }: SourcesFile): void {
  for (const [name, source] of Object.entries(sources)) {
    const at = ["sources", name];
    if (source.kind === "json") checkPath(check, source.select, [...at, "select"]);
    if (source.kind !== "rest") continue;
    for (const [{ at: request, in: part }, path] of placed(source.auth.extra, ...at, "auth", "extra")) {
      const requests = sends[source.auth.kind];
      if (!Object.hasOwn(requests, request))
        check.report(
          [...path, "at"],
          `expected ${Object.keys(requests).join(" or ")}, as ${source.auth.kind} has no other, found ${request}`,
        );
      else if (!requests[request]?.includes(part))
        check.report([...path, "in"], `expected ${requests[request]?.join(" or ")} ${where[request]}, found ${part}`);
    }
    const names = source.endpoints.map((endpoint) => endpoint.name);
    checkOnce(check, [...at, "endpoints"], names, "endpoint", (index) => [index, "name"]);
    for (const [endpoint, path] of placed(source.endpoints, ...at, "endpoints")) {
      checkPath(check, endpoint.select, [...path, "select"]);
      for (const [column, select] of Object.entries(endpoint.columns)) checkPath(check, select, [...path, "columns", column]);
      const { repeat } = endpoint;
      if (repeat?.by === "nextLink" || repeat?.by === "cursor") checkPath(check, repeat.at, [...path, "repeat", "at"]);
      if (repeat?.by === "pageCount") checkPath(check, repeat.pages, [...path, "repeat", "pages"]);
      if (repeat?.by === "parameter" && "path" in repeat.until) checkPath(check, repeat.until.path, [...path, "repeat", "until", "path"]);
      if (repeat?.by === "parameter" && "total" in repeat.until)
        checkPath(check, repeat.until.total, [...path, "repeat", "until", "total"]);
      if (endpoint.body !== undefined && endpoint.method === "GET")
        check.report([...path, "body"], "expected `method: POST` beside a body, found GET");
      if (repeat?.by === "parameter" && repeat.in === "body" && endpoint.method === "GET")
        check.report([...path, "repeat", "in"], "expected query, as a GET has no body, found body");
      const columns = Object.keys(endpoint.columns);
      if (columns.length > 0 && !columns.includes(source.unique))
        check.report(
          [...path, "columns"],
          `expected the column ${source.unique}, by which endpoints are joined (unique), among ${columns.join(", ")}`,
        );
    }
  }
}

function checkPath(check: Check, path: string, at: Path): void {
  try {
    jsonPaths.compile(path);
  } catch (error) {
    check.report(at, `expected a JSON path (RFC 9535), found ${JSON.stringify(path)}: ${(error as Error).message}`);
  }
}
