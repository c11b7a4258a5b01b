/** What commands print besides the plan itself. Pure: from a result to text. */

import picocolors from "picocolors";
import { countsOf } from "../../../base/calls.ts";
import { callOf, systemOf } from "../../../providers/systems.ts";
import type { Because } from "../../../stacks/model/types.ts";
import type { DoctorReport, Drift, UpResult, Why } from "../../answers/answers.ts";
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
