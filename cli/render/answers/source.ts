/** `haloform source test` in words. Pure. */
import picocolors from "picocolors";
import type { SourceTest, TokenTest } from "../../answers/answers.ts";
import { aligned, cut, visible as safe } from "./show.ts";

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
  const [head = "", ...table] = aligned([["element", "kind", "filled", "mapping", "example"], ...rows]);
  lines.push("", c.bold(head), ...table);
  if (test.further)
    lines.push(
      "",
      `${test.further.length} more fields cost one call a person, and are read where a mapping names them: ${test.further.join(", ")}.`,
    );
  for (const person of test.people) {
    lines.push("", c.bold(`${safe(person.name)} (${safe(person.key)})`));
    for (const reason of person.parked) lines.push(c.yellow(`  parked: ${safe(reason)}`));
    for (const made of person.makes) {
      lines.push(`  ${made.type}`);
      for (const [path, value] of made.values) lines.push(`    ${safe(path)}: ${short(value)}`);
    }
    if (person.makes.length === 0 && person.parked.length === 0) lines.push("  The mapping makes nothing of this record.");
  }
  for (const { endpoint, answer } of test.raw ?? []) {
    const text = JSON.stringify(answer, null, 2);
    const cut = text.length > mostRaw ? `${text.slice(0, mostRaw)}\n… (${text.length} characters; all of them with --json)` : text;
    lines.push(
      "",
      c.bold(`As it came: ${safe(endpoint)}`),
      ...cut.split("\n").map((line) => line.slice(0, /\S|$/u.exec(line)?.index) + safe(line.trimStart())),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** `haloform source test --token` in words. */
export function printToken({ source, kind, status, expires, seconds, scopes, refresh }: TokenTest, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const list = (all: readonly string[]): string => (all.length === 0 ? "none" : all.map(safe).join(", "));
  const says = scopes.says === "nobody" ? "as asked for: neither the answer nor the token says" : `as ${scopes.says} says`;
  const rows: [string, string][] = [
    ["status", `a token was given${status === undefined ? "" : ` (${status})`}`],
    ["scopes asked for", list(scopes.asked)],
    ["scopes granted", `${list(scopes.granted)} (${says})`],
    ["ends", expires === undefined ? "nobody says" : `${expires} (in ${seconds} seconds)`],
    ["renewing", `${refresh.works ? "works" : "does not work"}: ${refresh.why}`],
  ];
  const lines = rows.map(([what, text]) => `  ${what.padEnd(16)}  ${text}`);
  const lacking = scopes.lacking.length === 0 ? [] : [c.yellow(`  not granted: ${list(scopes.lacking)}`)];
  return `${[c.bold(`${safe(source)}: a token by ${kind}`), ...lines, ...lacking].join("\n")}\n`;
}

/** Characters of an answer that are shown. */
const mostRaw = 10_000;

function short(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  return cut(safe(typeof value === "string" ? value : JSON.stringify(value)), 60);
}
