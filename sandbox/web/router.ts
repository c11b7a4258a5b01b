/** Finds the handler of a method and a path. Patterns are segments; `:name` takes one. Paths are matched without regard to case, as both systems do. */
export interface Route<H> {
  method: string;
  segments: string[];
  handler: H;
}

export interface Found<H> {
  handler: H;
  parameters: Record<string, string>;
}

/** `"GET /users/:id"` → handler. */
export function routes<H>(table: Record<string, H>): Route<H>[] {
  return Object.entries(table).map(([key, handler]) => {
    const [method = "", pattern = ""] = key.split(" ");
    return { method, segments: pattern.split("/").slice(1), handler };
  });
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith(":")) parameters[part.slice(1)] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return parameters;
}

/** The handler of a request; `"method"` when the path exists with other methods, undefined when it does not exist. Segments come decoded. */
export function find<H>(table: readonly Route<H>[], method: string, path: string): Found<H> | "method" | undefined {
  let segments: string[];
  try {
    segments = path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
  let other = false;
  for (const route of table) {
    const parameters = match(route.segments, segments);
    if (parameters && route.method === method) return { handler: route.handler, parameters };
    if (parameters) other = true;
  }
  return other ? "method" : undefined;
}
