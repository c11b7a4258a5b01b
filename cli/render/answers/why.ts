/** `haloform why`, `why-not` and `check` of one person, in words. Pure. */
import picocolors from "picocolors";
import type { Point } from "../../../mappings/language/explain.ts";
import type { Because } from "../../../stacks/model/types.ts";
import { called } from "../../../stacks/model/values.ts";
import type { RuleVerdict, Why, WhyNot } from "../../answers/answers.ts";
import { visible as safe, shown } from "./show.ts";

type Paint = ReturnType<typeof picocolors.createColors>;

/** `unread`: what there is is not known. */
export function printWhy(why: Why, colour: boolean, unread = ""): string {
  const c = picocolors.createColors(colour);
  const lines = [c.bold(`${safe(called(why))}: ${why.stage}${because(why.because)}`)];
  for (const [system, id] of Object.entries(why.accounts)) lines.push(c.dim(`  ${system}: ${safe(id)}`));
  lines.push(...said(why, c));
  if (unread !== "") lines.push(c.yellow(`  ${unread}`));
  let last = "";
  for (const value of why.values) {
    const head = `${value.type} ${value.resource}`;
    if (head !== last) lines.push(`\n${c.bold(value.type)} ${safe(value.resource)}`);
    last = head;
    const same = unread !== "" || JSON.stringify(value.wanted) === JSON.stringify(value.found);
    lines.push(
      `  ${safe(nameOf(value))}: ${shown(value.wanted)}${same ? "" : c.yellow(` (now ${shown(value.found)})`)}${c.dim(because(value.because))}`,
    );
  }
  if (why.values.length === 0)
    lines.push(
      why.stage === "left aside"
        ? "  Nothing is managed of it: people.for does not hold."
        : "  Nothing that haloform manages fits; see the record with --json.",
    );
  return `${lines.join("\n")}\n`;
}

/** What is said of somebody beside the values and rules. */
const said = ({ parked, notes }: Pick<Why, "parked" | "notes">, c: Paint): string[] => [
  ...parked.map((reason) => c.yellow(`  parked: ${safe(reason)}`)),
  ...notes.map((note) => c.yellow(`  ${safe(note)}`)),
];

/** An entry of a list stands behind the list's name: `roles: Approver`. */
function nameOf({ path, wanted, found }: Why["values"][number]): string {
  const entry = wanted ?? found;
  return typeof entry === "string" && path.endsWith(`.${entry}`) ? path.slice(0, -entry.length - 1) : path;
}

/** Each rule with the lines of its condition that decided, and what the record has. */
export function printWhyNot(answer: WhyNot, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const why = answer.because?.note ? ` (${answer.because.note})` : "";
  const lines = [c.bold(safe(`${called(answer)}: ${answer.stage}${why}`))];
  lines.push(...said(answer, c));
  lines.push(...printRules(answer.rules, c));
  if (answer.rules.length === 0) lines.push("  Every rule of the mappings matches.");
  return `${lines.join("\n")}\n`;
}

export function printRules(all: readonly RuleVerdict[], c: Paint): string[] {
  return all.flatMap((rule) => [
    `\n${c.bold(safe(rule.of))}  ${rule.holds ? c.green("matches") : c.yellow("does not match")}  ${c.dim(safe(rule.rule))}`,
    ...rule.points.map((point) => `  ${safe(sentence(point, rule.holds))}`),
    ...(rule.note ? [`  ${c.yellow(safe(rule.note))}`] : []),
  ]);
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

function because(reason: Because | undefined): string {
  if (!reason) return "";
  const record = [reason.record, reason.field].filter((part) => part !== undefined).join(" ");
  // The blanks before it are ours: made visible, they would look like a part of the value.
  return `   ${safe([reason.rule, record, reason.note].filter((part) => part !== undefined && part !== "").join(" · "))}`;
}
