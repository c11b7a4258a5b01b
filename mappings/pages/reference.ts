/** The reference page of the mapping files, made from the registry and the JSON Schemas. Pure. */
import type { MappingFile } from "../define.ts";
import { FILTERS } from "../language/template.ts";
import { type JsonSchema, type Row, rowsOf } from "./rows.ts";

/** A mapping file with its JSON Schema and an example of it. */
export interface Chapter {
  file: Pick<MappingFile, "name" | "introduction" | "afterword">;
  schema: JsonSchema;
  example: string;
}

const OUR_FILTERS: { [filter: string]: string } = {
  ascii: "Plain letters: `Zoë Łukasz` → `Zoe Lukasz`, `ß` → `ss`, `ø` → `o`.",
  phone: "A number, plainly: `+44 (0)20 7946-0123` → `+44 20 7946 0123`.",
  initials: "First letters: `Anna Lena Smith` → `ALS`.",
  letters: "Only letters and digits: `O'Neil-Smith` → `ONeilSmith`.",
  dn: "Escapes a value for a distinguishedName (RFC 4514). `accounts.first[].ou` does so by itself.",
  slice: "`slice: 0` is the first character, `slice: 0, 3` the first three, `slice: -2, 2` the last two.",
  day: "A date of a form that nobody could guess, as ISO: `day: 'dd.mm.yyyy'` (any order and signs), `'excel'` (days), `'filetime'`, `'unix'`, `'unixMs'`. Values that mean that there is no date follow: `day: 'dd/mm/yyyy', '01/01/2099'`. What is not of this form stays as it is, and is refused where a date is wanted.",
  endOfDay: "When a day ends, in UTC: `endOfDay: 'America/New_York'` of `2027-01-31` is `2027-02-01T05:00:00Z`. Without a zone UTC's.",
  date: "`date: '%d/%m/%Y'` of a date, in UTC. There is no `now`: a plan must not change by waiting.",
};

/** Markdown, a chapter a file. */
export function referencePage(chapters: readonly Chapter[]): string {
  const parts = [
    "# Mapping files",
    "<!-- Written by `npm run generate` from mappings/registry.ts and what it lists. Edit that. -->",
    "The files in `mappings/` say how people in HaloITSM become accounts, groups, licences and agents. They are YAML 1.2, plain data: no tags, each key once (1 and '1' are one key), and long numbers in quotes. Editors that know the YAML language server check them while you type: the first line of every file names its schema. A mistake is told as `file:line:column field: what was expected, what was found`, all mistakes at once, before any system is asked anything. Many companies share files, and say what each has otherwise: [Many clients](clients.md).",
    "A word means the same in every file. `for` is for whom a line is, a [condition](#conditions). Of the lines under `first` the first that holds for somebody decides; of those under `every` all that hold add up. `starts` and `ends` are days, both included, in `people.zone`. Times are written `at once`, `7 days`, `1 year` or `never`, shares `5 %`.",
    conditions((chapters.find(({ schema }) => schema.$defs)?.schema.$defs ?? {}) as { [name: string]: JsonSchema }),
    templates(),
  ];
  for (const { file, schema, example } of chapters)
    parts.push(
      `## ${file.name}.yaml`,
      file.introduction,
      ["| field | type | default | |", "|---|---|---|---|", ...rowsOf(schema).map(tableRow)].join("\n"),
      "Example:",
      `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
      file.afterword ?? "",
    );
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function tableRow({ path, type, fallback, description }: Row): string {
  return `| \`${path}\` | ${cell(type)} | ${cell(fallback)} | ${cell(description)} |`;
}

function conditions({ condition = {}, test = {} }: { [name: string]: JsonSchema }): string {
  const words = rowsOf(condition).filter(({ path }) => !path.endsWith(".ATTRIBUTE"));
  const tests = rowsOf({ properties: { title: test } }).slice(1);
  return `## Conditions

${condition.description ?? ""}

| line | holds when |
|---|---|
| \`title: Accountant\` | the field is this value; 18, 18.0 and "18" are the same number, \`false\` also means absent |
| \`site_name: [Main, Harbour]\` | the field is one of these |
| \`title: { matches: ^Field }\` | the regular expression is found in the field |
| \`mobilenumber2: { empty: true }\` | the field is empty or absent (\`false\`: it holds something) |
| \`custom.CFStartDate: { before: in 14 days }\` | the day in the field is before that day; also \`today\`, \`14 days ago\`, \`2027-01-04\`, and \`after\`. Nothing is neither before nor after; what is no day changes nothing for its person, and the plan says so |
| \`custom.CFDepartment: Sales\` | the same for a custom field, by its name in Halo |
${[...words, ...tests].map(({ path, description }) => `| \`${path}\` | ${cell(description)} |`).join("\n")}`;
}

function templates(): string {
  const ours = Object.entries(OUR_FILTERS).map(([filter, text]) => `| \`${filter}\` | ${cell(text)} |`);
  const others = FILTERS.filter((filter) => !Object.hasOwn(OUR_FILTERS, filter)).map((filter) => `\`${filter}\``);
  return `## Templates

Text with fields of the record in it, in [Liquid](https://liquidjs.com/): \`"{{ firstname }} {{ surname | upcase }}"\`. Write them in quotes. Custom fields are \`custom.CFName\`; outside people.yaml \`login\` is the account's login name. A field that is absent is empty, and an empty field is absent: \`{% if title %}\` holds for neither, whatever the source writes for nothing. Blanks at the ends are taken away. Tags are \`if\`, \`unless\`, \`case\`, \`assign\`, \`capture\`, \`comment\`, \`raw\` and \`echo\`; there are no loops, and a value of a \`case\` stands in one \`when\` only.

| filter | what it does |
|---|---|
${ours.join("\n")}

As in Liquid: ${others.join(", ")}.`;
}

function cell(text: string): string {
  return text.replace(/\|/gu, "\\|").replace(/\s+/gu, " ");
}
