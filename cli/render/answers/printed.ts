/** What commands print besides the plan itself. Pure: from a result to text. */
import picocolors from "picocolors";
import { countsOf } from "../../../base/calls.ts";
import type { Point } from "../../../mappings/language/explain.ts";
import { callOf, systemOf } from "../../../providers/systems.ts";
import type { Because } from "../../../stacks/model/types.ts";
import type { DoctorReport, Drift, History, HistoryRun, SourceTest, UpResult, Why, WhyNot } from "../../answers/answers.ts";
import { visible as safe, shown } from "./show.ts";

type Paint = ReturnType<typeof picocolors.createColors>;
const paint = (colour: boolean): Paint => picocolors.createColors(colour);

export function printUp(result: UpResult, colour: boolean): string {
  const c = paint(colour);
  const done = Object.entries(result.done).map(([op, count]) => `${count} ${op}`);
  const lines = [c.bold(done.length === 0 ? "Nothing was to be done." : `Applied: ${done.join(", ")}.`)];
  for (const one of result.parked) lines.push(`${c.yellow("parked")}  ${safe(one.who)}: ${safe(one.reason)}`);
  for (const line of result.notes ?? []) lines.push(c.dim(`note    ${safe(line)}`));
  for (const one of result.pending) lines.push(`${c.cyan("pending")} ${safe(one.who)}: ${safe(one.reason)}`);
  for (const one of result.ran ?? []) {
    const last = one.output.trimEnd().split(/\r?\n/u).at(-1) ?? "";
    lines.push(`${c.green("ran")}     ${safe(one.command)} for ${safe(one.who)}${last === "" ? "" : `: ${safe(last.slice(0, 300))}`}`);
  }
  const counts = countsOf(result.calls).map(([counter, count]) => `${callOf(counter)} ${count}`);
  lines.push(c.dim(`Requests: ${counts.join(", ")}.`));
  return `${lines.join("\n")}\n`;
}

export function printDrift(drift: Drift, colour: boolean): string {
  const c = paint(colour);
  const lines = [
    c.bold(
      drift.found.length === 0
        ? `No drift: ${drift.checked} things are as they were applied.`
        : `${drift.found.length} of ${drift.checked} things were changed by hand:`,
    ),
  ];
  for (const one of drift.found) {
    lines.push(`${one.type} ${safe(one.label)}${one.gone ? c.red(" is gone") : ""}`);
    for (const field of one.fields) lines.push(`    ${safe(field.path)}: applied ${shown(field.wanted)}, found ${shown(field.found)}`);
  }
  if (drift.since) {
    const { last, changed, looked, systems, notes } = drift.since;
    const names = systems.map((system) => systemOf(system).title).join(" and ");
    for (const line of notes) lines.push(c.yellow(safe(line)));
    const how = last === undefined ? "read in full" : `${changed} objects changed there since ${last}, ${looked} things looked at`;
    lines.push(c.dim(`Only ${names} ${systems.length > 1 ? "were" : "was"} compared: ${how}.`));
  }
  if (drift.waiting > 0) lines.push(`${drift.waiting} changes that the source or the mappings ask for wait for a plan (haloform preview).`);
  for (const doubt of drift.doubts) lines.push(c.yellow(safe(doubt)));
  return `${lines.join("\n")}\n`;
}

export function printWhy(why: Why, colour: boolean): string {
  const c = paint(colour);
  const lines = [c.bold(`${safe(why.name)} (${why.key}): ${why.stage}${because(why.because)}`)];
  for (const [system, id] of Object.entries(why.accounts)) lines.push(c.dim(`  ${system}: ${id}`));
  for (const reason of why.parked) lines.push(c.yellow(`  parked: ${safe(reason)}`));
  let last = "";
  for (const value of why.values) {
    const head = `${value.type} ${value.resource}`;
    if (head !== last) lines.push(`\n${c.bold(value.type)} ${safe(value.resource)}`);
    last = head;
    const same = JSON.stringify(value.wanted) === JSON.stringify(value.found);
    lines.push(
      `  ${safe(value.path)}: ${shown(value.wanted)}${same ? "" : c.yellow(` (now ${shown(value.found)})`)}${c.dim(because(value.because))}`,
    );
  }
  if (why.values.length === 0) lines.push("  Nothing that haloform manages fits; see the record with --json.");
  return `${lines.join("\n")}\n`;
}

/** Each rule with the lines of its condition that decided, and what the record has. */
export function printWhyNot(answer: WhyNot, colour: boolean): string {
  const c = paint(colour);
  const why = answer.because?.note ? ` (${answer.because.note})` : "";
  const lines = [c.bold(safe(`${answer.name} (${answer.key}): ${answer.stage}${why}`))];
  for (const reason of answer.parked) lines.push(c.yellow(safe(`  parked: ${reason}`)));
  for (const rule of answer.rules) {
    lines.push(`\n${c.bold(safe(rule.of))}  ${rule.holds ? c.green("matches") : c.yellow("does not match")}  ${c.dim(safe(rule.rule))}`);
    for (const point of rule.points) lines.push(`  ${safe(sentence(point, rule.holds))}`);
    if (rule.note) lines.push(`  ${c.yellow(safe(rule.note))}`);
  }
  if (answer.rules.length === 0) lines.push("  Every rule of the mappings matches.");
  return `${lines.join("\n")}\n`;
}

function sentence(point: Point, held: boolean): string {
  const holder = /(?:^|\.)hasDevice$/u.test(point.at) ? "the account" : "the record";
  const found = point.found === undefined ? "" : `: ${holder} has ${show(point.found)}`;
  const negated = /(?:^|\.)not(?:\.|$)/u.test(point.at);
  const asked = `${point.at} ${point.asks}${found}`;
  if (held) return asked;
  return negated && point.holds ? `${asked}, which excludes` : `${asked}, which does not fit`;
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "nothing";
  return typeof value === "string" ? `"${value}"` : JSON.stringify(value);
}

/** Columns as wide as what stands in them; examples cut to one line. */
export function printSourceTest(test: SourceTest, colour: boolean): string {
  const c = paint(colour);
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

/** Newest run first: when, who, what came of it, and each change. */
export function printHistory(history: History, colour: boolean): string {
  const c = paint(colour);
  const lines: string[] = [];
  for (const wrong of history.broken) lines.push(c.red(`The run record cannot be trusted: ${safe(wrong)}.`));
  if (history.runs.length === 0) lines.push("No run is recorded here yet; `haloform up` writes one.");
  for (const run of history.runs) {
    lines.push(`${lines.length > 0 ? "\n" : ""}${c.bold(`${run.at}  ${safe(run.by)}  ${endedWords[run.ended]}`)}`);
    lines.push(c.dim(`  plan ${run.plan}`));
    if (run.failure) lines.push(c.red(`  ${safe(run.failure)}`));
    for (const one of run.changes) lines.push(...changeLines(one, c));
    for (const one of run.parked) lines.push(c.yellow(`  parked: ${safe(one.who)}: ${safe(one.reason)}`));
    for (const one of run.pending) lines.push(c.cyan(`  pending: ${safe(one.who)}: ${safe(one.reason)}`));
  }
  return `${lines.join("\n")}\n`;
}

const endedWords: { readonly [ended in HistoryRun["ended"]]: string } = {
  done: "done",
  parked: "done, with somebody parked",
  failed: "failed",
  "cut off": "cut off (the next run found what it had done)",
};

function changeLines(change: HistoryRun["changes"][number], c: Paint): string[] {
  const who = change.name === undefined ? "" : `${safe(change.name)} (${change.person}) · `;
  const result = change.result === "done" ? "" : c.yellow(` [${change.result}${change.message ? `: ${safe(change.message)}` : ""}]`);
  const head = `  ${who}${change.type} ${safe(change.label)}: ${change.op}${result}`;
  return [
    head,
    ...change.fields.map((field) => {
      const why = field.because
        ? c.dim(
            `   ${safe([field.because.rule, field.because.record, field.because.field, field.because.note].filter(Boolean).join(" · "))}`,
          )
        : "";
      return `      ${safe(field.path)}: ${shown(field.before)} → ${shown(field.after)}${why}`;
    }),
  ];
}

export function printDoctor(report: DoctorReport, colour: boolean): string {
  const c = paint(colour);
  const mark = { ok: c.green("✓"), warn: c.yellow("!"), bad: c.red("✗") };
  const lines = report.checks.map(
    (check) =>
      `${mark[check.state]} ${check.system.padEnd(7)} ${safe(check.said)}${check.advice ? `\n          ${safe(check.advice)}` : ""}`,
  );
  lines.push(
    report.ok ? c.bold("Everything that is turned on can be reached and used.") : c.bold("Something is missing: see the lines with ✗."),
  );
  return `${lines.join("\n")}\n`;
}

function because(reason: Because | undefined): string {
  if (!reason) return "";
  const record = [reason.record, reason.field].filter((part) => part !== undefined).join(" ");
  return safe(`   ${[reason.rule, record, reason.note].filter((part) => part !== undefined && part !== "").join(" · ")}`);
}
