/** Halo's own OpenAPI file as a judge of requests: which parameters and properties exist, and of what type. */
import { existsSync, readFileSync } from "node:fs";
import { type HaloVersion, newestHalo } from "../halo/versions.ts";
import { FloatLiteral, isObject, type Row } from "../web/json.ts";
import { addLater } from "./halo-2026.ts";

interface Schema {
  type?: string;
  format?: string;
  nullable?: boolean;
  items?: Schema;
  $ref?: string;
  properties?: Record<string, Schema>;
}

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema?: { type?: string } }[] }>>;
  components: { schemas: Record<string, Schema> };
}

/** What a body looks like to Halo: what it cannot read (400), what it ignores silently, and what is left. */
export interface Checked {
  refused: string[];
  ignored: string[];
  value: unknown;
}

export interface HaloContract {
  /** Query parameters (lower case) of an operation with their types (`bool`, `int`, `string`); undefined when the contract does not have it. */
  parameters(method: string, path: string): ReadonlyMap<string, string> | undefined;
  check(schema: string, value: unknown): Checked;
}

/** Which of Halo's own files judges a release: that of 2024, or that of March 2025 with what came later. */
const files: Readonly<Record<HaloVersion, string>> = {
  "2.196": "halo-openapi.json",
  "2.236": "halo-openapi-2025-03.json",
  "2.250": "halo-openapi-2025-03.json",
};

/** Reads the contract of a release (the newest, when none is said) in `dir`; undefined when it is not there: the server is then less strict. */
export function haloContract(dir: string | undefined, version: HaloVersion = newestHalo): HaloContract | undefined {
  const file = dir === undefined ? "" : `${dir}/${files[version]}`;
  if (!file || !existsSync(file)) return undefined;
  const document = JSON.parse(readFileSync(file, "utf8")) as Document;
  if (version !== "2.196") addLater(document, version === newestHalo);
  const schemas = document.components.schemas;
  const lower = new Map<string, Map<string, [string, Schema]>>();
  const propertiesOf = (name: string): Map<string, [string, Schema]> => {
    let known = lower.get(name);
    if (!known) {
      known = new Map(Object.entries(schemas[name]?.properties ?? {}).map(([key, schema]) => [key.toLowerCase(), [key, schema]]));
      lower.set(name, known);
    }
    return known;
  };
  const paths = new Map(Object.entries(document.paths).map(([path, item]) => [path.toLowerCase(), item]));
  return {
    parameters(method, path) {
      const operation = paths.get(path.toLowerCase())?.[method.toLowerCase()];
      if (!operation) return undefined;
      return new Map(
        (operation.parameters ?? []).filter((p) => p.in === "query").map((p) => [p.name.toLowerCase(), p.schema?.type ?? "string"]),
      );
    },
    check(schema, value) {
      const checked: Checked = { refused: [], ignored: [], value: undefined };
      checked.value = walk({ $ref: schema }, value, "$", checked, propertiesOf);
      return checked;
    },
  };
}

type Properties = (name: string) => Map<string, [string, Schema]>;

function scalar(schema: Schema, value: unknown, path: string, checked: Checked): unknown {
  const plain = value instanceof FloatLiteral ? value.value : value;
  if (schema.type === "integer") {
    if (value instanceof FloatLiteral) checked.refused.push(`Input string '${value.source}' is not a valid integer. Path '${path}'.`);
    else if (typeof plain === "string" && !/^-?\d+$/u.test(plain))
      checked.refused.push(`Could not convert string to integer: ${plain}. Path '${path}'.`);
    else if (typeof plain !== "number" && typeof plain !== "string")
      checked.refused.push(`Unexpected character encountered while parsing value. Path '${path}'.`);
    return Number(plain);
  }
  if (schema.type === "number" && typeof plain !== "number") checked.refused.push(`Could not convert to double. Path '${path}'.`);
  if (schema.type === "boolean" && typeof plain !== "boolean")
    checked.refused.push(`Could not convert to boolean: ${String(plain)}. Path '${path}'.`);
  if (schema.type === "string" && typeof plain === "object")
    checked.refused.push(`Unexpected character encountered while parsing value. Path '${path}'.`);
  return schema.type === "string" ? String(plain) : plain;
}

function walk(schema: Schema, value: unknown, path: string, checked: Checked, properties: Properties): unknown {
  if (value === null) {
    // Nearly everything is nullable; ids and counters are not.
    if (!schema.nullable && !schema.$ref && (schema.type === "integer" || schema.type === "boolean" || schema.type === "number"))
      checked.refused.push(`Error converting value {null} to type '${schema.type}'. Path '${path}'.`);
    return null;
  }
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    if (!isObject(value)) {
      checked.refused.push(`Cannot deserialize the current JSON value into type '${name}'. Path '${path}'.`);
      return undefined;
    }
    const known = properties(name);
    const clean: Row = {};
    for (const [key, inner] of Object.entries(value)) {
      const property = known.get(key.toLowerCase());
      if (property) clean[property[0]] = walk(property[1], inner, `${path}.${key}`, checked, properties);
      else checked.ignored.push(`${name} has no property ${key} (${path}.${key})`);
    }
    return clean;
  }
  if (schema.type === "array") {
    if (Array.isArray(value)) return value.map((item, index) => walk(schema.items ?? {}, item, `${path}[${index}]`, checked, properties));
    checked.refused.push(`Cannot deserialize the current JSON value into an array. Path '${path}'.`);
    return undefined;
  }
  if (schema.type === undefined || schema.type === "object") return plainly(value);
  return scalar(schema, value, path, checked);
}

/** The value without float literals. */
export function plainly(value: unknown): unknown {
  if (value instanceof FloatLiteral) return value.value;
  if (Array.isArray(value)) return value.map(plainly);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainly(inner)]));
  return value;
}

/** What is checked without the contract: ids must be integers. */
export function checkPlainly(value: unknown): Checked {
  const checked: Checked = { refused: [], ignored: [], value: undefined };
  const look = (inner: unknown, path: string): void => {
    if (Array.isArray(inner)) for (const [index, item] of inner.entries()) look(item, `${path}[${index}]`);
    else if (isObject(inner))
      for (const [key, item] of Object.entries(inner)) {
        if (item instanceof FloatLiteral && /(?:^|_)id$/u.test(key) && key !== "site_id" && key !== "client_id")
          checked.refused.push(`Input string '${item.source}' is not a valid integer. Path '${path}.${key}'.`);
        look(item, `${path}.${key}`);
      }
  };
  look(value, "$");
  checked.value = plainly(value);
  return checked;
}
