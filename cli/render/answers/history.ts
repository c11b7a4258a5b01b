/** `haloform history` in words. Pure. */
import picocolors from "picocolors";
import type { History, HistoryRun, HistorySync } from "../../answers/answers.ts";
import type { Words } from "../../answers/stops.ts";
import type { Evidence } from "../../approval/evidence.ts";
import { calledBy } from "../../ledger/said-schema.ts";
import { visible as safe, shown } from "./show.ts";

type Paint = ReturnType<typeof picocolors.createColors>;

/** Newest first: when, who, what was read, what came of it, and each change. */
export function printHistory(history: History & Words, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const lines: string[] = [];
  for (const wrong of history.broken) lines.push(c.red(`The run record cannot be trusted: ${safe(wrong)}.`));
  for (const stop of history.stops.filter((one) => !one.lifted)) lines.push(...stopLines(stop, c.red));
  const all = [
    ...history.stops.flatMap((stop) => (stop.lifted ? [{ at: stop.at, lines: stopLines(stop, c.yellow) }] : [])),
    ...history.emergencies.map((one) => ({ at: one.at, lines: emergencyLines(one, c) })),
    ...history.runs.map((run) => ({ at: run.at, lines: runLines(run, c) })),
    ...history.syncs.map((sync) => ({ at: sync.at, lines: syncLines(sync, c) })),
  ].sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
  if (all.length === 0) lines.push("No such run is recorded here; `haloform preview` and `up` write one each.");
  for (const one of all) {
    if (lines.length > 0) lines.push("");
    lines.push(...one.lines);
  }
  return `${lines.join("\n")}\n`;
}

/** `2027-01-04T08:00:00Z  ada@build-3  stopped the stack: why`, and who has lifted it. */
function stopLines({ at, why, lifted, gone, ...by }: Words["stops"][number], paint: (text: string) => string): string[] {
  const then = lifted && `  lifted ${lifted.at} by ${safe(calledBy(lifted))}${lifted.why === undefined ? "" : `: ${safe(lifted.why)}`}`;
  const end = then ?? `  nothing is written until \`haloform go\`${gone ? "; it was taken away from where the state is" : ""}`;
  return [paint(`${safe(at)}  ${safe(calledBy(by))}  stopped the stack: ${safe(why)}`), end];
}

function emergencyLines({ at, who, why, ticket, widened, plan, review }: Words["emergencies"][number], c: Paint): string[] {
  return [
    c.yellow(`${at}  ${safe(who)} (signed)  widened limits, ${safe(ticket)}: ${safe(why)}`),
    c.dim(`  plan ${plan}`),
    `  ${safe(widened)}`,
    review ? `  signed off ${review.at} by ${safe(review.name)}: ${safe(review.found)}` : c.red("  nobody else has looked at it"),
  ];
}

function runLines(run: HistoryRun, c: Paint): string[] {
  return [
    c.bold(`${run.at}  ${safe(run.by)}  ${endedWords[run.ended]}`),
    c.dim(`  plan ${run.plan}`),
    ...(run.approvals ?? []).map(
      (one) => `  approved by ${safe(approvedBy(one))}${one.part === "all" ? "" : c.dim(`   of the part ${one.part}, ${one.digest}`)}`,
    ),
    ...(run.failure ? [c.red(`  ${safe(run.failure)}`)] : []),
    ...run.changes.flatMap((one) => changeLines(one, c)),
    ...run.parked.map((one) => c.yellow(`  parked: ${safe(one.who)}: ${safe(one.reason)}`)),
    ...run.pending.map((one) => c.cyan(`  pending: ${safe(one.who)}: ${safe(one.reason)}`)),
  ];
}

/** `2027-01-04T08:00:00Z  ada@build-3  preview: done` and what it read and found. */
function syncLines({ at, first, times, by, command, result, read, found, said, seconds }: HistorySync, c: Paint): string[] {
  const isBad = result === "refused" || result === "failed";
  const often = times > 1 ? `, ${times} times since ${first}` : "";
  const counts = Object.entries(found).map(([name, count]) => `${safe(name)} ${count}`);
  const took = Object.entries(read?.calls ?? {}).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  return [
    `${c.bold(`${at}  ${safe(by)}  ${safe(command)}: `)}${(isBad ? c.red : result === "done" ? c.green : c.yellow)(result)}${often}`,
    ...(read
      ? [c.dim(`  read ${[readWords(read), ...(took.length > 0 ? [`in ${took.join(", ")} requests`] : []), `${seconds} s`].join(", ")}`)]
      : []),
    ...(counts.length > 0 ? [`  found ${counts.join(", ")}`] : []),
    ...said.map((line) => (isBad ? c.red : c.yellow)(`  ${safe(line)}`)),
  ];
}

function readWords({ source, records, from, accounts }: NonNullable<HistorySync["read"]>): string {
  const held = Object.entries(accounts).map(([system, count]) => `${count} accounts in ${safe(system)}`);
  return [`${records} records of ${safe(source)}${from === undefined ? "" : ` as captured in ${safe(from)}`}`, ...held].join(", ");
}

/** `ada@example.com at 2027-01-04T08:00:00Z, with the key SHA256:…` */
function approvedBy({ approver, at, how, by }: Evidence): string {
  const ways: { readonly [way in Evidence["how"]]: string } = {
    ssh: `at ${at}, with the key ${by}`,
    "github-review": `at ${at}, by a review of ${by} on GitHub`,
    "github-environment": `by the environment's approval of ${by} on GitHub, seen at ${at}`,
  };
  return `${approver} ${ways[how]}`;
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
