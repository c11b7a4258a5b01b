/** What sources.yaml must be beyond its shape. No I/O. */
import { JSONPathEnvironment } from "json-p3";
import type { SourcesFile } from "../schema/all.ts";
import type { Parsed } from "./check.ts";
import { type Check, checkOnce } from "./check.ts";

const environment = new JSONPathEnvironment();

/** JSON paths that can be read, endpoints of different names, a POST where there is a body, joined columns that exist. */
export function checkSources(check: Check, { sources }: SourcesFile): void {
  for (const [name, source] of Object.entries(sources)) {
    const at = ["sources", name];
    if (source.kind === "json") checkPath(check, source.select, [...at, "select"]);
    if (source.kind !== "rest") continue;
    checkOnce(
      check,
      "sources",
      source.endpoints.map((endpoint, index) => ({ name: endpoint.name, path: [...at, "endpoints", index, "name"] })),
      "endpoint",
    );
    for (const [index, endpoint] of source.endpoints.entries()) {
      const path = [...at, "endpoints", index];
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

/** The columns that the source of the people has; undefined where only its answers tell (then every field is taken as it stands). */
export function columnsOf({ people, sources }: Parsed): string[] | undefined {
  const source = sources?.sources[people?.people.from ?? ""];
  if (source?.kind !== "rest" || source.endpoints.some((endpoint) => Object.keys(endpoint.columns).length === 0)) return undefined;
  return [...new Set(source.endpoints.flatMap((endpoint) => Object.keys(endpoint.columns).map((column) => endpoint.prefix + column)))];
}

function checkPath(check: Check, path: string, at: (string | number)[]): void {
  try {
    environment.compile(path);
  } catch (error) {
    check.report(at, `expected a JSON path (RFC 9535), found ${JSON.stringify(path)}: ${(error as Error).message}`);
  }
}
