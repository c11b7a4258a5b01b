/** What commands print besides the plan itself. Pure: from a result to text. */
import picocolors from "picocolors";
import { systemOf } from "../../../providers/systems.ts";
import type { DoctorReport, Drift } from "../../answers/answers.ts";
import { visible as safe, shown } from "./show.ts";

type Paint = ReturnType<typeof picocolors.createColors>;
const paint = (colour: boolean): Paint => picocolors.createColors(colour);

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
