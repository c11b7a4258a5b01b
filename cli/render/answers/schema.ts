/** `haloform source test tickets --schema` in words. Pure. */
import picocolors from "picocolors";
import type { SchemaAnswer } from "../../answers/answers.ts";
import { aligned, visible as safe } from "./show.ts";

/** Most values of a field that are listed. */
const mostValues = 12;

export function printSchema({ types, statuses, priorities, fields, unread }: SchemaAnswer, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
    rows.length === 0 ? [c.bold(`${title}: none are seen`), ""] : [c.bold(title), ...table([head, ...rows]), ""];
  const lines = [
    ...section(
      "Ticket types",
      ["id", "name", "group", "use"],
      types.map((one) => [String(one.id), one.name, one.group, one.use]),
    ),
    ...section(
      "Statuses, by kind: conditions and tickets mean those of tickets",
      ["kind", "id", "name"],
      statuses.map((one) => [one.kind, String(one.id), one.name]),
    ),
    ...section(
      "Priorities, by service level",
      ["sla", "id", "name", ""],
      priorities.map((one) => [String(one.sla), String(one.id), one.name, one.hidden ? "hidden" : ""]),
    ),
    ...section(
      "Fields, as conditions on tickets name them",
      ["name", "label", "kind", "values"],
      fields.map((one) => [one.name, one.label, one.kind, valuesOf(one.values)]),
    ),
    ...unread.map((line) => c.yellow(`Not read: ${safe(line)}`)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

const valuesOf = (values: readonly string[]): string =>
  [...values.slice(0, mostValues), ...(values.length > mostValues ? [`and ${values.length - mostValues} more`] : [])].join(", ");

const table = (rows: readonly (readonly string[])[]): string[] =>
  aligned(rows.map((row) => row.map(safe))).map((line) => `  ${line}`.trimEnd());
