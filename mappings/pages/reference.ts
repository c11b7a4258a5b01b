/** The reference page of the mapping files, made from their JSON Schemas. Pure. */
import type { z } from "zod";
import { GUARDED_GROUPS } from "../language/names.ts";
import { FILTERS } from "../language/template.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

const INTRODUCTIONS: { [file: string]: string } = {
  people: "Who the people are, how their existing accounts are recognised, how logins are named. This file must be there.",
  ad: "Accounts and groups in Active Directory. Without this file AD is not managed.",
  entra: "Licences and cloud groups in Entra ID. Without this file Entra ID is not managed.",
  halo: "Agents and their roles in HaloITSM itself. Without this file agents are not managed.",
  "halo-users":
    "People as users (contacts) of HaloITSM, and its sites and clients. Without this file they are not managed. docs/sources.md says how people come from Entra ID.",
  safety: "What may be lost and what is never touched. Without this file the defaults count.",
  scripts:
    "Your own commands, run for a person before or after something happens to them (docs/operations.md says how). Without this file there are none.",
};

const OUR_FILTERS: { [filter: string]: string } = {
  ascii: "Plain letters: `Zoë Łukasz` → `Zoe Lukasz`, `ß` → `ss`, `ø` → `o`.",
  phone: "A number, plainly: `+44 (0)20 7946-0123` → `+44 20 7946 0123`.",
  initials: "First letters: `Anna Lena Smith` → `ALS`.",
  letters: "Only letters and digits: `O'Neil-Smith` → `ONeilSmith`.",
  dn: "Escapes a value for a distinguishedName (RFC 4514). `accounts[].ou` does so by itself.",
  slice: "`slice: 0` is the first character, `slice: 0, 3` the first three, `slice: -2, 2` the last two.",
  date: "`date: '%d/%m/%Y'` of a date in Halo, in UTC. There is no `now`: a plan must not change by waiting.",
};

/** Markdown, from the schema and the sample of every file. */
export function referencePage(schemas: { [file: string]: JsonSchema }, examples: { [file: string]: string }): string {
  const parts = [
    "# Mapping files",
    "<!-- Written by `npm run generate` from mappings/schema/all.ts. Edit that. -->",
    "The files in `mappings/` say how people in HaloITSM become accounts, groups, licences and agents. They are YAML 1.2. Editors that know the YAML language server check them while you type: the first line of every file names its schema. A mistake is told as `file:line:column field: what was expected, what was found`, all mistakes at once, before any system is asked anything.",
    conditions(schemas["people"]),
    templates(),
  ];
  for (const [file, schema] of Object.entries(schemas)) {
    parts.push(
      `## ${file}.yaml`,
      INTRODUCTIONS[file] ?? "",
      table(schema),
      "Example:",
      `\`\`\`yaml\n${(examples[file] ?? "").trimEnd()}\n\`\`\``,
    );
    if (file === "safety") parts.push(`Always protected, listed or not: ${GUARDED_GROUPS.join(", ")}.`);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function conditions(people: JsonSchema | undefined): string {
  const condition = (people?.$defs as { [name: string]: JsonSchema } | undefined)?.["condition"];
  const rows = Object.entries(condition?.properties ?? {}).map(
    ([word, schema]) => `| \`${word}\` | ${cell((schema as JsonSchema).description)} |`,
  );
  return `## Conditions

${condition?.description ?? ""}

| line | holds when |
|---|---|
| \`title: Accountant\` | the field is this value; 18, 18.0 and "18" are the same number, \`false\` also means absent |
| \`site_name: [Main, Harbour]\` | the field is one of these |
| \`title: { matches: ^Field }\` | the regular expression is found in the field |
| \`mobilenumber2: { empty: true }\` | the field is empty or absent (\`false\`: it holds something) |
| \`custom.CFDepartment: Sales\` | the same for a custom field, by its name in Halo |
${rows.join("\n")}`;
}

function templates(): string {
  const ours = Object.entries(OUR_FILTERS).map(([filter, text]) => `| \`${filter}\` | ${cell(text)} |`);
  const others = FILTERS.filter((filter) => !Object.hasOwn(OUR_FILTERS, filter)).map((filter) => `\`${filter}\``);
  return `## Templates

Text with fields of the record in it, in [Liquid](https://liquidjs.com/): \`"{{ firstname }} {{ surname | upcase }}"\`. Write them in quotes. Custom fields are \`custom.CFName\`; outside people.yaml \`login\` is the account's login name. A field that is absent is empty. Blanks at the ends are taken away. Tags are \`if\`, \`unless\`, \`case\`, \`assign\`, \`capture\`, \`comment\`, \`raw\` and \`echo\`; there are no loops.

| filter | what it does |
|---|---|
${ours.join("\n")}

As in Liquid: ${others.join(", ")}.`;
}

interface Row {
  path: string;
  type: string;
  fallback: string;
  description: string;
}

function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, "").map(
    ({ path, type, fallback, description }) => `| \`${path}\` | ${cell(type)} | ${cell(fallback)} | ${cell(description)} |`,
  );
  return ["| field | type | default | |", "|---|---|---|---|", ...rows].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): Row[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const inner = raw as JsonSchema;
    const path = `${prefix}${name}`;
    const row: Row = { path, type: typeOf(inner), fallback: fallbackOf(inner, required.has(name)), description: inner.description ?? "" };
    return [row, ...below(inner, path)];
  });
}

function below(schema: JsonSchema, path: string): Row[] {
  if (schema.$ref) return [];
  if (schema.properties) {
    const more = typeof schema.additionalProperties === "object" && Object.keys(schema.additionalProperties).length > 0;
    const other = {
      path: `${path}.ATTRIBUTE`,
      type: typeOf(schema.additionalProperties as JsonSchema),
      fallback: "",
      description: "Any other attribute.",
    };
    return [...rowsOf(schema, `${path}.`), ...(more ? [other] : [])];
  }
  const items = schema.items as JsonSchema | undefined;
  if (items?.properties) return rowsOf(items, `${path}[].`);
  const values = typeof schema.additionalProperties === "object" ? (schema.additionalProperties as JsonSchema) : undefined;
  if (values === undefined) return (schema.anyOf ?? []).flatMap((option) => below(option as JsonSchema, path));
  const place = `${path}.NAME`;
  const attribute = typeof values.additionalProperties === "object" ? (values.additionalProperties as JsonSchema) : undefined;
  if (!attribute) return [];
  return [
    { path: `${place}.ATTRIBUTE`, type: typeOf(attribute), fallback: "", description: "What the attribute shall hold." },
    ...below(attribute, `${place}.ATTRIBUTE`),
  ];
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return "[condition](#conditions)";
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${String(each)}\``).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map((option) => typeOf(option as JsonSchema)))].join(" or ");
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
  // `{}` as a default only says that the fields below have defaults of their own.
  return text === "{}" ? "" : `\`${text}\``;
}

function cell(text: string | undefined): string {
  return (text ?? "").replace(/\|/gu, "\\|").replace(/\s+/gu, " ");
}
