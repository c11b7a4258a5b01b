/** The plan for a terminal or a log. */
import pc from "picocolors";
import type { Plan } from "../../../stacks/model/plan.ts";
import type { Item, Why } from "./items.ts";
import { headOf, type Pen, rowOf } from "./pen.ts";
import { type View, viewOf } from "./view.ts";
import { plural } from "./words.ts";

export interface TextOptions {
  colour: boolean;
  /** Most people shown; the rest is counted. */
  limit?: number;
}

type Colours = ReturnType<typeof pc.createColors>;

/** Summary, refusals and doubts first; then person by person; then shared things, the parked and notes. Ends in a line break. */
export function renderText(plan: Plan, { colour, limit = Number.POSITIVE_INFINITY }: TextOptions): string {
  const colours = pc.createColors(colour);
  const view = viewOf(plan, { redact: false, longest: 160 });
  const lines = headLines(view, colours);
  if (view.parts.length > 0)
    lines.push("", colours.bold(`Who must approve (${view.parts.length})`), ...view.parts.map((line) => `  ${line}`));
  // One by one: a call takes no hundred thousand arguments, and a plan may have as many lines.
  for (const line of peopleLines(view, colours, limit)) lines.push(line);
  if (view.shared.length > 0)
    lines.push("", colours.bold(`Shared things (${view.shared.length})`));
  for (const item of view.shared) for (const line of itemLines(item, "  ", colours)) lines.push(line);
  if (view.licences.length > 0) lines.push("", colours.bold("Licences"), ...ledgerText(view.licences, colours));
  for (const { heading, said, lines: waiting } of view.waiting) {
    lines.push("", colours.yellow(colours.bold(`${heading}: ${said}`)));
    for (const { name, key, where, reason } of waiting)
      lines.push(`  ${colours.bold(name)}${key === "" ? "" : ` (${key})`} · ${where}: ${reason}`);
  }
  if (view.notes.length > 0) lines.push("", colours.bold("Notes"));
  for (const note of view.notes) lines.push(`  ${note}`);
  return `${lines.join("\n")}\n`;
}

function headLines(view: View, colours: Colours): string[] {
  const paint = view.verdict === "refused" ? colours.red : colours.green;
  const lines = [`${colours.bold(`Plan for ${view.stack}`)} · ${paint(colours.bold(view.verdictText))}`];
  lines.push(...view.raised.map((raise) => colours.yellow(`  ↑ ${raise}`)));
  if (view.baseline !== "") lines.push(colours.yellow(`  ! ${view.baseline}`));
  if (view.breaches.length > 0) lines.push(...view.breaches.map((breach) => colours.red(`  ✗ ${breach}`)));
  lines.push(...view.twice.map((line) => colours.yellow(`  ! ${line}`)));
  lines.push(...view.doubts.flatMap(({ lines: all }) => all.map((doubt) => colours.yellow(`  ! ${doubt}`))));
  lines.push(view.sentence, "");
  const trust = view.trust === "trusted" ? view.trustText : colours.yellow(view.trustText);
  lines.push(`Source   ${view.source}: ${trust}`);
  lines.push(`Guard    ${view.breaches.length > 0 ? colours.red(view.guardText) : view.guardText}`);
  for (const [index, limit] of view.limits.entries()) lines.push(`${index === 0 ? "Limits " : "       "}  ${limit}`);
  for (const { sku, gained, lost } of view.figures.skus) lines.push(`Licence  ${sku}: ${gained} assigned, ${lost} returned`);
  if (view.targets !== "") lines.push(`For      ${view.targets}`);
  lines.push(`Made     ${view.made}; expires ${view.expires}`, `Digest   ${view.digest}`);
  lines.push(colours.dim(`         ${plural(view.figures.unchanged, "resource is", "resources are")} as they should be; ${view.calls}`));
  return lines;
}

/** `SPE_E3  243 owned, 236 used → 240; 7 wanted, 0 short, 3 released; +132.40 GBP a month` */
function ledgerText(rows: View["licences"], colours: Colours): string[] {
  const longest = Math.max(...rows.map((row) => row.sku.length));
  return rows.map(({ sku, seats, movement, cost, short, state }) => {
    const parts = [state === "" ? seats : colours.yellow(`${state}; ${seats}`), short ? colours.yellow(movement) : movement, cost];
    return `  ${sku.padEnd(longest)}  ${parts.filter((part) => part !== "").join("; ")}`;
  });
}

function peopleLines(view: View, colours: Colours, limit: number): string[] {
  const lines: string[] = [];
  let left = limit;
  let hidden = 0;
  for (const section of view.sections) {
    const shown = section.cards.slice(0, left);
    left -= shown.length;
    hidden += section.cards.length - shown.length;
    if (shown.length > 0) lines.push("", colours.bold(`${section.heading} (${section.cards.length})`));
    for (const card of shown) {
      lines.push(`  ${colours.bold(card.name)} (${card.key})${card.why === "" ? "" : ` — ${card.why}`}${whyText(card.from, colours)}`);
      lines.push(...card.items.flatMap((item) => itemLines(item, "    ", colours)));
      if (card.items.length === 0) lines.push(colours.dim("    no change to accounts"));
    }
  }
  if (hidden > 0) lines.push("", `… and ${plural(hidden, "more person", "more people")}: see plan.html`);
  return lines;
}

const penOf = (colours: Colours): Pen => ({
  text: (text) => text,
  what: (text, tone) => (tone === "gain" ? colours.green(text) : tone === "loss" ? colours.red(text) : text),
  after: (value, comes) => colours.green(comes ? `+ ${value}` : value),
  gone: (value) => colours.red(`- ${value}`),
  stays: (value) => `${value} stays`,
  changed: (before, after) => `${colours.red(before)} → ${colours.green(after)}`,
  alike: " (they look the same and differ in hidden characters or type)",
  why: (why) => whyText(why, colours),
});

/** One field: all on one line. Several: a heading line, then a line each. */
function itemLines(item: Item, indent: string, colours: Colours): string[] {
  const pen = penOf(colours);
  const only = item.rows.length === 1;
  const pending = item.pending === "" ? "" : colours.yellow(` · ${item.pending}`);
  const rows = item.rows.map((row) => rowOf(row, pen, row.from ?? (only ? item.why : undefined)).join(": "));
  if (only && item.quiet) return [`${indent}${item.thing} · ${rows[0]}${pending}`];
  return [`${indent}${headOf(item, pen)}${only ? "" : pen.why(item.why)}${pending}`, ...rows.map((row) => `${indent}  ${row}`)];
}

function whyText(why: Why | undefined, colours: Colours): string {
  if (why === undefined) return "";
  const note = why.note === "" ? "" : `: ${why.note}`;
  return colours.dim(`   (${why.source}${note})`);
}
