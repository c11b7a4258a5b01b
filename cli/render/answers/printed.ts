/** What commands print besides the plan itself. Pure: from a result to text. */
import picocolors from "picocolors";
import type { System } from "../../../providers/core/system.ts";
import { systemOf } from "../../../providers/systems.ts";
import type { DoctorReport, Shown } from "../../answers/answers.ts";
import type { Drift, DriftProposed } from "../../answers/drift.ts";
import { renderText } from "../plan/text.ts";
import { fieldName, moment, noun, setEntry } from "../plan/words.ts";
import { visible as safe, valueText } from "./show.ts";

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
  for (const { id, said, things, keep } of drift.causes) {
    lines.push("", `${c.bold(safe(said))}  ${c.dim(safe(id))}`);
    for (const { at, paths } of things) {
      const one = drift.found[at];
      if (one === undefined) continue;
      const title = systemOf(one.type.slice(0, one.type.indexOf(":")) as System).title;
      const whose = one.of === undefined || one.of === said ? "" : ` of ${safe(one.of)}`;
      lines.push(`${title} ${noun(one.type)} ${safe(one.label)}${whose}${one.gone ? c.red(" is gone") : ""}`);
      lines.push(...one.fields.filter(({ path }) => paths.includes(path)).map((field) => `    ${drifted(field)}`));
    }
    lines.push(c.dim(`    to put it back, and nothing else: haloform preview --drift ${word(id)} --out DIR`));
    if (keep.patch !== undefined) lines.push(c.dim(`    to keep it: haloform drift --keep ${word(id)}`));
  }
  if (drift.causes.length > 0) lines.push("");
  if (drift.since) {
    const { last, changed, looked, systems, notes } = drift.since;
    const names = systems.map((system) => systemOf(system).title).join(" and ");
    for (const line of notes) lines.push(c.yellow(safe(line)));
    const how = last === undefined ? "read in full" : `${changed} objects changed there since ${last}, ${looked} things looked at`;
    lines.push(c.dim(`Only ${names} ${systems.length > 1 ? "were" : "was"} compared: ${how}.`));
  }
  if (drift.tolerated) lines.push(printTolerated(drift.tolerated).trimEnd());
  if (drift.waiting > 0) lines.push(`${drift.waiting} changes that the source or the mappings ask for wait for a plan (haloform preview).`);
  for (const doubt of drift.doubts) lines.push(c.yellow(safe(doubt)));
  return `${lines.join("\n")}\n`;
}

/** As a shell takes it. */
const word = (text: string): string => (/^[\w:.@-]+$/u.test(text) ? text : `'${safe(text).replaceAll("'", "'\\''")}'`);

/** A line each: what is let be, by whom, until when and why. */
export function printTolerated(all: NonNullable<Drift["tolerated"]>): string {
  return all
    .map(
      ({ cause, things, by, until, why }) => `Tolerated until ${moment(until)} by ${safe(by)}: ${things} of ${safe(cause)}: ${safe(why)}\n`,
    )
    .join("");
}

export const printProposed = ({ url, isNew }: DriftProposed): string => `${isNew ? "Proposed" : "It is proposed already"}: ${safe(url)}\n`;

/** The plan, and what of its bundle may be believed. */
export function printShown({ plan, files, expired }: Shown, colour: boolean): string {
  const c = paint(colour);
  const lines = files.map(({ name, shows }) => {
    if (shows === "nothing") return `${name} is not in the bundle.`;
    return shows === "this plan" ? c.green(`${name} shows this plan.`) : c.red(`${name} shows something else: do not go by it.`);
  });
  if (expired) lines.push(c.yellow("It has expired and cannot be applied any more."));
  return `${renderText(plan, { colour })}\nplan.json, world.json and operations.json belong together; what is approved is the digest above.\n${lines.join("\n")}\n`;
}

/** `title: applied Lead, found Boss`, `member Ada Example (41): taken out` */
function drifted({ path, wanted, found, names }: Drift["found"][number]["fields"][number]): string {
  const resolve = (reference: string): string => names?.[reference] ?? reference.replace(/^dn:/u, "");
  const entry = setEntry(path);
  if (entry && wanted === null) return `${entry.noun} ${valueText(found, resolve)}: put in`;
  if (entry && found === null) return `${entry.noun} ${valueText(wanted, resolve)}: taken out`;
  const name = entry ? `${entry.noun} ${resolve(entry.member)}` : fieldName(path);
  return `${safe(name)}: applied ${valueText(wanted, resolve)}, found ${valueText(found, resolve)}`;
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
