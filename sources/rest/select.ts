/** From an answer to rows: JSON paths (RFC 9535), flat columns. Pure. */
import type { JSONPathQuery } from "json-p3";
import type { Json } from "../../base/json.ts";
import { jsonPaths } from "../../mappings/language/json-path.ts";

const compiled = new Map<string, JSONPathQuery>();

function query(path: string): JSONPathQuery {
  const known = compiled.get(path) ?? jsonPaths.compile(path);
  compiled.set(path, known);
  return known;
}

/** Everything at the path. One after the other: of one step's results at once the library takes no more than a call has arguments. */
export function allAt(path: string, data: Json): Json[] {
  return Array.from(query(path).lazyQuery(data as never), (node) => node.value as Json);
}

/** The first at the path; undefined when there is nothing or null. */
export function firstAt(path: string, data: Json): Json | undefined {
  const [found] = allAt(path, data);
  return found === null ? undefined : found;
}

export type Row = { [column: string]: Json };

/** A row's columns: those named, or every element, nested ones joined by dots; lists stay lists. */
export function rowOf(element: Json, columns: { readonly [column: string]: string }, prefix: string): Row | undefined {
  if (element === null || typeof element !== "object" || Array.isArray(element)) return undefined;
  const names = Object.entries(columns);
  const row: Row = {};
  if (names.length > 0) {
    for (const [name, path] of names) {
      const found = allAt(path, element);
      row[prefix + name] = found.length > 1 ? found : (found[0] ?? null);
    }
    return row;
  }
  flatten(element, prefix, row);
  return row;
}

function flatten(value: { [key: string]: Json }, prefix: string, into: Row): void {
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) flatten(inner, `${prefix}${key}.`, into);
    else into[prefix + key] = inner;
  }
}
