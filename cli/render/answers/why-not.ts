/** What `why-not` found, for people to read. Pure. */
import picocolors from "picocolors";
import type { Point } from "../../../mappings/language/explain.ts";
import type { WhyNot } from "../../answers/answers.ts";
import { visible as safe } from "./show.ts";

/** Each rule with the lines of its condition that decided, and what the record has. */
export function printWhyNot(answer: WhyNot, colour: boolean): string {
  const c = picocolors.createColors(colour);
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
  const holder = /(?:^|\.)has_device$/u.test(point.at) ? "the account" : "the record";
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
