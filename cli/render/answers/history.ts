/** The run record for people to read. Pure. */
import picocolors from "picocolors";
import type { History, HistoryRun } from "../../answers/answers.ts";
import { visible as safe, shown } from "./show.ts";

/** Newest run first: when, who, what came of it, and each change. */
export function printHistory(history: History, colour: boolean): string {
  const c = picocolors.createColors(colour);
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

function changeLines(change: HistoryRun["changes"][number], c: ReturnType<typeof picocolors.createColors>): string[] {
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
