/** What `source test` found, as a table and three people. Pure. */
import picocolors from "picocolors";
import type { SourceTest } from "../../answers/answers.ts";
import { visible as safe } from "./show.ts";

/** Columns as wide as what stands in them; examples cut to one line. */
export function printSourceTest(test: SourceTest, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const lines = [c.bold(`${safe(test.source)}: ${test.records} records on ${test.pages} page${test.pages === 1 ? "" : "s"}`)];
  for (const doubt of test.doubts) lines.push(c.yellow(safe(doubt)));
  const rows = test.elements.map((one) => [
    safe(one.name),
    one.kinds.join(", ") || "-",
    `${one.filled}/${test.records}`,
    one.used ? "used" : "",
    short(one.example),
  ]);
  const head = ["element", "kind", "filled", "mapping", "example"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const row = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  lines.push("", c.bold(row(head)), ...rows.map(row));
  for (const person of test.people) {
    lines.push("", c.bold(`${safe(person.name)} (${safe(person.key)})`));
    for (const reason of person.parked) lines.push(c.yellow(`  parked: ${safe(reason)}`));
    for (const made of person.makes) {
      lines.push(`  ${made.type}`);
      for (const [path, value] of made.values) lines.push(`    ${safe(path)}: ${short(value)}`);
    }
    if (person.makes.length === 0 && person.parked.length === 0) lines.push("  The mapping makes nothing of this record.");
  }
  return `${lines.join("\n")}\n`;
}

function short(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  const text = safe(typeof value === "string" ? value : JSON.stringify(value));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
