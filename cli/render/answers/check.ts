/** `haloform check` in words, and as annotations of a pull request. Pure. */
import picocolors from "picocolors";
import type { CheckedLine, Warning } from "../../../stacks/check/warning.ts";
import { sourceName } from "../../../stacks/model/source-name.ts";
import type { CheckPerson, CheckReport } from "../../answers/answers.ts";
import { plural } from "../plan/words.ts";
import { clip, visible as safe } from "./show.ts";
import { printRules, printWhy } from "./why.ts";

type Paint = ReturnType<typeof picocolors.createColors>;

/** Each line with the people for whom it holds, then the warnings. */
export function printCheck(report: CheckReport, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const lines = [printLines(report, colour), printWarnings(report.warnings, colour).trimEnd()];
  for (const doubt of report.doubts) lines.push(c.yellow(safe(doubt)));
  return `${lines.join("\n")}\n`;
}

/** Each warning with its line, and what stands in records. */
export function printWarnings(warnings: readonly Warning[], colour: boolean): string {
  const c = picocolors.createColors(colour);
  const lines = warnings.map(({ rule, text, hint = "" }) => `${safe(rule)}  ${c.yellow(safe(`${text}${hint}`))}`);
  return `${[c.bold(headOf(warnings)), ...lines].join("\n")}\n`;
}

/** The table alone: nothing of any record is in it. */
export function printLines(report: CheckReport, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const when = report.captured === undefined ? "" : ` as captured on ${report.captured}`;
  const read = `${report.records} records of ${sourceName(report.source)}${when}: ${plural(report.people, "person", "people")}, of whom ${report.left} ${report.left === 1 ? "has" : "have"} left`;
  const lines = [c.bold(safe(report.systems ? read : `${read}; what the systems hold is not in the capture`))];
  const width = Math.max(0, ...report.lines.map(({ of }) => Math.min(safe(of).length, longest)));
  for (const [file, all] of Map.groupBy(report.lines, ({ rule }) => rule.replace(/:\d+$/u, ""))) {
    lines.push("", c.bold(safe(file)));
    for (const line of all) lines.push(row(line, width, c));
  }
  return `${lines.join("\n")}\n`;
}

/** Letters of a line's name before it is cut. */
const longest = 60;

function row({ rule, of, holds, left, unsure, decides, note }: CheckedLine, width: number, c: Paint): string {
  const more = [
    ...(left ? [`and ${left} who ${left === 1 ? "has" : "have"} left`] : []),
    ...(unsure === undefined ? [] : [`not known of ${unsure}`]),
    ...(decides === undefined ? [] : [`decides for ${decides}`]),
    ...(note === undefined ? [] : [safe(note)]),
  ];
  const name = clip(safe(of), longest).padEnd(width);
  const place = (/:(\d+)$/u.exec(rule)?.[1] ?? "").padStart(5);
  return `${c.dim(place)}  ${name}  ${String(holds ?? "?").padStart(6)}${more.length > 0 ? `  ${c.dim(more.join("; "))}` : ""}`;
}

/** One person: what is wished with its rule, then every rule. */
export function printCheckPerson({ rules, ...person }: CheckPerson, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const unread = person.systems ? "" : "What the systems hold is not in the capture: which accounts and groups there are is not known.";
  const why = printWhy({ ...person, format: "haloform.why/1" }, colour, unread).trimEnd();
  return `${[why, ...printRules(rules, c)].join("\n")}\n`;
}

/** So many of one kind GitHub shows of a step. */
const most = 10;

/**
 * Each warning as GitHub's annotation of its line, for a job's log, where others read along: no value is in it that few people have.
 * `placeOf`: the file and line of a rule.
 */
export function annotations(warnings: readonly Warning[], placeOf: (rule: string) => { file: string; line: number }): string {
  const told = warnings.map(({ rule, text, hint = "", isRare }) => ({ ...placeOf(rule), text: `${text}${isRare ? "" : hint}` }));
  const shown = told.length > most ? told.slice(0, most - 1) : told;
  const rest = told.slice(shown.length);
  const lines = shown.map(({ file, line, text }) => annotation(text, { file, line: String(line) }));
  if (rest.length > 0)
    lines.push(annotation(`${rest.length} more warnings about lines of the mapping files are in the log of this step`, {}));
  for (const { file, line, text } of rest) lines.push(`- ${safe(`${file}:${line} ${text}`)}`);
  return `${lines.length === 0 ? "No warnings." : lines.join("\n")}\n`;
}

function annotation(text: string, place: { [name: string]: string }): string {
  const properties = Object.entries({ ...place, title: "haloform check" }).map(([name, value]) => `${name}=${property(safe(value))}`);
  return `::warning ${properties.join(",")}::${data(safe(text))}`;
}

/** As the runner reads them (actions/toolkit, packages/core/src/command.ts). */
const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function headOf(warnings: readonly Warning[]): string {
  return warnings.length === 0 ? "No warnings." : `${plural(warnings.length, "warning")}:`;
}
