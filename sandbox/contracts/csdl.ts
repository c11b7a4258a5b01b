/** Microsoft Graph's CSDL as a judge: which properties a type has, and of what type a value must be. */
import { existsSync, readFileSync } from "node:fs";
import { isObject } from "../web/json.ts";
import { type Property, type Request, requestJudge } from "./csdl-request.ts";

export interface Csdl {
  /** A property of a type (inherited ones too) by its exact name. */
  property(type: string, name: string): Property | undefined;
  /** Whether a type is known at all. */
  knows(type: string): boolean;
  /** One sentence per mistake in a body, in the manner of Graph. */
  check(type: string, value: unknown): string[];
  /** One sentence per mistake in a whole request: path, query, body. */
  request(request: Request): string[];
}

interface Type {
  base?: string;
  properties: Map<string, Property>;
}

interface Model {
  types: Map<string, Type>;
  enums: Map<string, Set<string>>;
}

const attribute = (text: string, name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`, "u").exec(text)?.[1];
const local = (type: string): string => type.replace(/^(?:microsoft\.graph|graph)\./u, "");

function parse(xml: string): Model {
  const start = xml.indexOf('<Schema Namespace="microsoft.graph"');
  const schema = xml.slice(start, xml.indexOf("</Schema>", start));
  const model: Model = { types: new Map(), enums: new Map() };
  let type: Type | undefined;
  let members: Set<string> | undefined;
  for (const [, element = "", rest = ""] of schema.matchAll(
    /<(EntityType|ComplexType|EnumType|Property|NavigationProperty|Member|Action|Function) ([^>]*)>/gu,
  )) {
    const name = attribute(rest, "Name") ?? "";
    if (element === "EntityType" || element === "ComplexType") {
      const base = attribute(rest, "BaseType");
      type = { properties: new Map(), ...(base === undefined ? {} : { base: local(base) }) };
      model.types.set(name, type);
    } else if (element === "EnumType") {
      members = new Set();
      model.enums.set(name, members);
    } else if (element === "Member") members?.add(name);
    else if (element === "Property" || element === "NavigationProperty")
      type?.properties.set(name, {
        type: attribute(rest, "Type") ?? "Edm.String",
        nullable: attribute(rest, "Nullable") !== "false",
        navigation: element === "NavigationProperty",
      });
    else type = undefined;
  }
  return model;
}

const scalars: Record<string, (value: unknown) => boolean> = {
  "Edm.String": (v) => typeof v === "string",
  "Edm.Boolean": (v) => typeof v === "boolean",
  "Edm.Int32": (v) => Number.isInteger(v),
  "Edm.Int64": (v) => Number.isInteger(v),
  "Edm.Double": (v) => typeof v === "number",
  "Edm.Guid": (v) => typeof v === "string" && /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/iu.test(v),
  "Edm.DateTimeOffset": (v) => typeof v === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u.test(v),
  "Edm.Date": (v) => typeof v === "string" && /^\d{4}-\d\d-\d\d$/u.test(v),
};

const kind = (value: unknown): string => (Array.isArray(value) ? "StartArray" : isObject(value) ? "StartObject" : "PrimitiveValue");

/** Reads `<dir>/graph-v1.0.csdl.xml`; undefined when it is not there: the server is then less strict. */
export function csdl(dir: string | undefined): Csdl | undefined {
  const file = dir === undefined ? "" : `${dir}/graph-v1.0.csdl.xml`;
  if (!file || !existsSync(file)) return undefined;
  let model: Model | undefined;
  // The file is 3.5 MB: read when it is first needed.
  const loaded = (): Model => (model ??= parse(readFileSync(file, "utf8")));
  const property = (type: string, name: string): Property | undefined => {
    for (let current: string | undefined = type; current !== undefined; current = loaded().types.get(current)?.base) {
      const found = loaded().types.get(current)?.properties.get(name);
      if (found) return found;
    }
    return undefined;
  };
  const value = (type: string, nullable: boolean, name: string, given: unknown): string[] => {
    if (given === null)
      return nullable
        ? []
        : [
            `A null value was found for the property named '${name}', which has the expected type '${type}[Nullable=False]'. The expected type '${type}[Nullable=False]' does not allow null values.`,
          ];
    const item = /^Collection\((.*)\)$/u.exec(type)?.[1];
    if (item !== undefined) {
      if (!Array.isArray(given))
        return [
          `When trying to read the value of the property '${name}', a node of type '${kind(given)}' was found; however, a 'StartArray' node was expected.`,
        ];
      return given.flatMap((element) => value(item, false, name, element));
    }
    const scalar = scalars[type];
    if (scalar)
      return scalar(given)
        ? []
        : [
            `Cannot convert the literal '${isObject(given) || Array.isArray(given) ? kind(given) : String(given)}' to the expected type '${type}'.`,
          ];
    const members = loaded().enums.get(local(type));
    if (members)
      return typeof given === "string" && members.has(given)
        ? []
        : [`Cannot convert the literal '${String(given)}' to the expected type '${type}'.`];
    if (!loaded().types.has(local(type))) return [];
    if (!isObject(given))
      return [
        `When trying to read the value of the property '${name}', a node of type '${kind(given)}' was found; however, a 'StartObject' node was expected.`,
      ];
    return check(local(type), given);
  };
  const check = (type: string, given: unknown): string[] => {
    if (!isObject(given))
      return ["Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."];
    return Object.entries(given).flatMap(([key, inner]) => {
      if (key.startsWith("@")) return [];
      const [name = "", annotation] = key.split("@");
      const found = property(type, name);
      if (!found) return [`Invalid property '${name}': it does not exist on type 'microsoft.graph.${type}'.`];
      if (annotation === "odata.bind") return found.navigation ? [] : [`The property '${name}' is not a navigation property.`];
      return value(found.type, found.nullable, name, inner);
    });
  };
  const bases = (type: string): string[] => {
    const found: string[] = [];
    for (let current: string | undefined = type; current !== undefined; current = loaded().types.get(current)?.base) found.push(current);
    return found;
  };
  const below = (type: string, name: string): boolean =>
    [...loaded().types].some(([one, { properties }]) => properties.has(name) && bases(one).includes(type));
  const request = requestJudge(() => readFileSync(file, "utf8"), { property, check, value, bases, below });
  return { property, check, request, knows: (type) => loaded().types.has(type) };
}
