/**
 * Whole requests judged by Graph's CSDL: the path from an entity set or singleton through keys, navigation, casts, actions
 * and functions; the names in $select, $filter and $expand; parameters of actions. One sentence a mistake.
 */
import { isObject } from "../web/json.ts";

export interface Property {
  /** `Edm.String`, `Collection(Edm.Guid)`, `graph.assignedLicense`. */
  type: string;
  nullable: boolean;
  navigation: boolean;
}

export interface Request {
  method: string;
  /** Below /v1.0, encoded. */
  path: string;
  query: URLSearchParams;
  /** JSON; "" when there is none. */
  body: string;
}

/** What the judge needs of the model. Type names are without their namespace. */
export interface Types {
  property(type: string, name: string): Property | undefined;
  /** Any type derived from this one has the property. */
  below(type: string, name: string): boolean;
  /** The type itself and what it is derived from. */
  bases(type: string): string[];
  check(type: string, value: unknown): string[];
  value(type: string, nullable: boolean, name: string, given: unknown): string[];
}

interface Operation {
  name: string;
  action: boolean;
  /** `user`, or `Collection(user)`. */
  bound: string;
  parameters: Map<string, Property>;
  returns: string | undefined;
}

/** Where a path leads. */
interface Place {
  kind: "one" | "many" | "operation" | "ref" | "value" | "count";
  type: string;
  operation?: Operation;
}

const local = (type: string): string => type.replace(/\b(?:microsoft\.graph|graph)\./gu, "");
const attribute = (text: string, name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`, "u").exec(text)?.[1];
const item = (type: string): string | undefined => /^Collection\((.*)\)$/u.exec(type)?.[1];

function parse(xml: string): { roots: Map<string, string>; operations: Map<string, Operation[]> } {
  const start = xml.indexOf('<Schema Namespace="microsoft.graph"');
  const schema = xml.slice(start, xml.indexOf("</Schema>", start));
  const roots = new Map<string, string>();
  for (const [, kind, name = "", type = ""] of schema.matchAll(/<(EntitySet|Singleton) Name="([^"]+)" (?:EntityType|Type)="([^"]+)"/gu))
    roots.set(name.toLowerCase(), kind === "EntitySet" ? `Collection(${local(type)})` : local(type));
  const operations = new Map<string, Operation[]>();
  for (const [, kind, head = "", inside = ""] of schema.matchAll(/<(Action|Function) ([^>]*IsBound="true"[^>]*)>([\s\S]*?)<\/\1>/gu)) {
    const [first, ...rest] = [...inside.matchAll(/<Parameter ([^>]*)\/>/gu)].map(([, text = ""]) => text);
    const returns = /<ReturnType ([^>]*)\/>/u.exec(inside)?.[1];
    const name = attribute(head, "Name") ?? "";
    const made: Operation = {
      name,
      action: kind === "Action",
      bound: local(attribute(first ?? "", "Type") ?? ""),
      parameters: new Map(
        rest.map((text) => [
          attribute(text, "Name") ?? "",
          { type: attribute(text, "Type") ?? "Edm.String", nullable: attribute(text, "Nullable") !== "false", navigation: false },
        ]),
      ),
      returns: returns && local(attribute(returns, "Type") ?? ""),
    };
    operations.set(name.toLowerCase(), [...(operations.get(name.toLowerCase()) ?? []), made]);
  }
  return { roots, operations };
}

const words = new Set("and or not eq ne gt ge lt le in has any all true false null startswith endswith contains".split(" "));
const known = new Set("$select $filter $expand $top $count $orderby $search $skiptoken $deltatoken $skip $format".split(" "));

/** Names of properties in a filter, the first part of each path. */
function namesIn(filter: string): string[] {
  const bare = filter
    .replace(/'(?:[^']|'')*'/gu, "''")
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/giu, "''")
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z?/gu, "''");
  const variables = new Set([...bare.matchAll(/\b(?:any|all)\((\w+):/gu)].map(([, name]) => name));
  return [...bare.matchAll(/[A-Za-z_]\w*(?:\/[$\w]+)*/gu)]
    .map(([name]) => name.split("/")[0] ?? "")
    .filter((name) => !words.has(name.toLowerCase()) && !variables.has(name));
}

/** Splits at commas that are not inside parentheses. */
const list = (text: string): string[] => text.split(/,(?![^(]*\))/u).map((one) => one.trim());

/** Judges a request: one sentence a mistake. `xml` is read when the first request comes. */
export function requestJudge(xml: () => string, types: Types): (request: Request) => string[] {
  let read: ReturnType<typeof parse> | undefined;
  const model = (): ReturnType<typeof parse> => (read ??= parse(xml()));

  const operationOf = (name: string, type: string, many: boolean): Operation | undefined => {
    const plain = name.replace(/^microsoft\.graph\./u, "").replace(/\(.*\)$/u, "");
    const fitting = types.bases(type).map((one) => (many ? `Collection(${one})` : one));
    return model()
      .operations.get(plain.toLowerCase())
      ?.find((one) => fitting.includes(one.bound));
  };
  const placeOf = (type: string): Place => {
    const one = item(type);
    return one === undefined ? { kind: "one", type } : { kind: "many", type: one };
  };

  /** Where a path leads, or the segment that leads nowhere. */
  function walk(path: string): Place | string {
    const segments = path
      .replace(/^\/+/u, "")
      .split("/")
      .map((one) => decodeURIComponent(one));
    const [, root = "", key] = /^([\w.]+)(\(.*\))?$/u.exec(segments[0] ?? "") ?? [];
    const type = model().roots.get(root.toLowerCase());
    if (type === undefined) return segments[0] ?? "";
    let at = placeOf(type);
    if (key !== undefined && key !== "()") at = { kind: "one", type: at.type };
    for (const segment of segments.slice(1)) {
      if (segment === "$ref" || segment === "$value" || segment === "$count") {
        at = { kind: segment.slice(1) as "ref" | "value" | "count", type: at.type };
        continue;
      }
      if (at.kind !== "one" && at.kind !== "many") return segment;
      const operation = operationOf(segment, at.type, at.kind === "many");
      const cast = /^microsoft\.graph\.(\w+)$/u.exec(segment)?.[1];
      if (operation) {
        const returned = operation.returns === undefined ? undefined : (item(operation.returns) ?? operation.returns);
        at = { kind: "operation", type: returned ?? "", operation };
      } else if (cast !== undefined && types.bases(cast).includes(at.type)) at = { ...at, type: cast };
      else if (at.kind === "many") at = { kind: "one", type: at.type };
      else {
        const [, name = "", ended] = /^(\w+)(\(.*\))?$/u.exec(segment) ?? [];
        const property = types.property(at.type, name);
        if (!property) return segment;
        at = placeOf(local(property.type));
        if (ended !== undefined) at = { kind: "one", type: at.type };
      }
    }
    return at;
  }

  const has = (type: string, name: string): boolean => name === "*" || types.property(type, name) !== undefined || types.below(type, name);

  function queryMistakes(type: string, query: URLSearchParams, functions: boolean): string[] {
    const found: string[] = [];
    const unknown = (name: string): string => `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`;
    for (const [name, text] of query) {
      if (!name.startsWith("$")) {
        if (!functions) found.push(`There is no query parameter ${name}.`);
      } else if (!known.has(name.toLowerCase())) found.push(`The query parameter '${name}' is not supported.`);
      else if (name === "$select")
        found.push(
          ...list(text)
            .map((one) => one.split("/")[0] ?? "")
            .filter((one) => !has(type, one))
            .map((one) => `$select: ${unknown(one)}`),
        );
      else if (name === "$filter" || name === "$orderby") {
        const named = name === "$filter" ? namesIn(text) : list(text).map((one) => one.split(/[ /]/u)[0] ?? "");
        found.push(...named.filter((one) => !has(type, one)).map((one) => `${name}: ${unknown(one)}`));
      } else if (name === "$expand")
        for (const one of list(text)) {
          const [, navigation = "", inside] = /^(\w+)(?:\((.*)\))?$/u.exec(one) ?? [];
          const property = types.property(type, navigation);
          if (!property?.navigation) found.push(`$expand: ${unknown(navigation === "" ? one : navigation)}`);
          else if (inside)
            found.push(
              ...queryMistakes(local(item(property.type) ?? property.type), new URLSearchParams(inside.replaceAll(";", "&")), false),
            );
        }
    }
    return found;
  }

  function bodyMistakes(place: Place, { method, body }: Request): string[] {
    if (body === "" || method === "GET" || method === "DELETE" || place.kind === "value") return [];
    let given: unknown;
    try {
      given = JSON.parse(body);
    } catch {
      return ["The body is no JSON."];
    }
    if (!isObject(given)) return ["The body is no object."];
    if (place.kind === "ref")
      return typeof given["@odata.id"] === "string" && Object.keys(given).length === 1
        ? []
        : ["A reference has @odata.id and nothing else."];
    if (place.kind !== "operation") return types.check(place.type, given);
    const { name = "", parameters = new Map<string, Property>() } = place.operation ?? {};
    const wrong = Object.entries(given).flatMap(([key, value]) => {
      const parameter = parameters.get(key);
      return parameter
        ? types.value(parameter.type, parameter.nullable, key, value)
        : [`The parameter '${key}' in the request payload is not a valid parameter for the operation '${name}'.`];
    });
    const missing = [...parameters]
      .filter(([key, one]) => !one.nullable && !(key in given))
      .map(([key]) => `The parameter '${key}' of the operation '${name}' is missing.`);
    return [...wrong, ...missing];
  }

  return (request) => {
    const at = walk(request.path);
    if (typeof at === "string") return [`Resource not found for the segment '${at}'.`];
    if (at.kind === "operation" && request.method !== (at.operation?.action ? "POST" : "GET"))
      return [`The operation '${at.operation?.name ?? ""}' is not called by ${request.method}.`];
    return [...queryMistakes(at.type, request.query, at.kind === "operation"), ...bodyMistakes(at, request)];
  };
}
