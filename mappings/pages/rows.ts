/** The rows of a reference table: every field of a JSON Schema, at any depth and in every shape that a value may have. Pure. */
import type { z } from "zod";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

export interface Row {
  path: string;
  type: string;
  /** `**required**`, the default as JSON, or nothing. */
  fallback: string;
  description: string;
}

/** One of several shapes of a value, told apart by what one of its fields is: `kind: csv`. */
interface Shape {
  field: string;
  value: string;
  /** How many there are. */
  of: number;
}

/** A field in one shape. */
type Field = Row & { shape?: Shape | undefined };

/** Definitions that have a chapter of their own. */
const chapters: { [definition: string]: string } = { condition: "[condition](#conditions)", test: "[test](#conditions)" };

/** The fields of a map, and of all that lies below them; a path once, whichever shapes have it. */
export function rowsOf(schema: JsonSchema): Row[] {
  const fields = Map.groupBy(fieldsOf(schema, ""), ({ path }) => path);
  return [...fields].map(([path, all]) => ({
    path,
    type: [...new Set(all.flatMap(({ type }) => type.split(" or ")))].join(" or "),
    fallback: all.find(({ fallback }) => fallback.startsWith("`"))?.fallback ?? all[0]?.fallback ?? "",
    description: described(all),
  }));
}

/** What a field is for; with its shapes, unless it is the same in all. */
function described(fields: readonly Field[]): string {
  const texts = [...Map.groupBy(fields, ({ description }) => description)];
  return texts
    .map(([text, [first, ...others]]) => {
      const shape = first?.shape;
      if (!shape || first.path.endsWith(`.${shape.field}`) || (texts.length === 1 && others.length + 1 === shape.of)) return text;
      const values = [shape, ...others.flatMap((one) => one.shape ?? [])].map(({ value }) => `\`${value}\``);
      return `With \`${shape.field}\` ${values.join(" or ")}: ${text}`;
    })
    .join(" ");
}

function fieldsOf(schema: JsonSchema, path: string, shape?: Shape): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const inner = raw as JsonSchema;
    const here = path === "" ? name : `${path}.${name}`;
    const description = inner.description ?? "";
    return [
      { path: here, type: typeOf(inner), fallback: fallbackOf(inner, required.has(name)), description, shape },
      ...below(inner, here),
    ];
  });
}

/** What lies below a value: the fields of a map, of the entries of a list, of the values of a map by name. */
function below(schema: JsonSchema, path: string, shape?: Shape): Field[] {
  if (schema.$ref) return [];
  const shapes = shapesOf(schema);
  if (shapes) return shapes.flatMap((one) => below(one, path, shapeOf(one, shapes)));
  if (schema.items) return below(schema.items as JsonSchema, `${path}[]`);
  const values = valuesOf(schema);
  if (schema.properties) {
    const other = values && [{ path: `${path}.ATTRIBUTE`, type: typeOf(values), fallback: "", description: "Any other attribute." }];
    return [...fieldsOf(schema, path, shape), ...(other ?? [])];
  }
  if (!values) return [];
  const attribute = values.properties ? undefined : valuesOf(values);
  if (!attribute) return below(values, `${path}.NAME`);
  // A map in a map is an attribute template.
  const place = `${path}.NAME.ATTRIBUTE`;
  const row = { path: place, type: typeOf(attribute), fallback: "", description: "What the attribute shall hold." };
  return [row, ...below(attribute, place)];
}

/** The shapes that a value may have, where there are several. */
const shapesOf = (schema: JsonSchema): JsonSchema[] | undefined => (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;

/** What tells a shape apart: a field that has one value in it, and another one in every other shape. */
function shapeOf(one: JsonSchema, shapes: readonly JsonSchema[]): Shape | undefined {
  const constant = (shape: JsonSchema, field: string): unknown => (shape.properties?.[field] as JsonSchema | undefined)?.const;
  const field = Object.keys(one.properties ?? {}).find((name) => shapes.every((shape) => constant(shape, name) !== undefined));
  return field === undefined ? undefined : { field, value: String(constant(one, field)), of: shapes.length };
}

/** What a map holds by names that are not known beforehand. */
function valuesOf({ additionalProperties: values }: JsonSchema): JsonSchema | undefined {
  return typeof values === "object" && Object.keys(values).length > 0 ? (values as JsonSchema) : undefined;
}

export function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return chapters[schema.$ref.replace(/^.*\//u, "")] ?? "anything";
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${String(each)}\``).join(" or ");
  const shapes = shapesOf(schema);
  if (shapes) return [...new Set(shapes.map(typeOf))].join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type } as JsonSchema)).join(" or ");
  if (schema.type === "array") return `list of ${plural(typeOf((schema.items ?? {}) as JsonSchema))}`;
  if (schema.type === "object") return schema.properties ? `\`{ ${Object.keys(schema.properties).join(", ")} }\`` : "map";
  if (schema.type === "string") return schema.format === "date" ? "day" : "text";
  const range = [schema.minimum, schema.maximum].every((each) => each !== undefined && Math.abs(each) < 1e9)
    ? `, ${schema.minimum} to ${schema.maximum}`
    : "";
  if (schema.type === "integer") return `whole number${range}`;
  return schema.type === "boolean" ? "true or false" : `${schema.type ?? "anything"}${range}`;
}

function plural(type: string): string {
  return type === "text" ? "texts" : type === "text or number" ? "texts or numbers" : type;
}

function fallbackOf(schema: JsonSchema, required: boolean): string {
  if (required) return "**required**";
  if (schema.default === undefined) return "";
  const text = JSON.stringify(schema.default);
  // Such a default only says that the fields below have defaults of their own, or that there are no lines.
  return /^\{(?:"\w+":\[\])?\}$/u.test(text) ? "" : `\`${text}\``;
}
