/** What `up` prints: what happened to whom. Pure. */
import picocolors from "picocolors";
import { countsOf } from "../../../base/calls.ts";
import { callOf } from "../../../providers/systems.ts";
import { capital } from "../../../stacks/model/source-name.ts";
import type { UpResult } from "../../answers/answers.ts";
import { plural } from "../plan/words.ts";
import { visible as safe } from "./show.ts";

type Paint = ReturnType<typeof picocolors.createColors>;

/** So many people are told of by name whose changes were all done; the others are counted. Whoever is left with something is always told of. */
const mostDone = 50;

const fateWords: readonly [UpResult["people"][number]["result"], string][] = [
  ["done", "done for"],
  ["part", "in part for"],
  ["refused", "refused for"],
  ["pending", "waits for"],
  ["undone", "not done for"],
];

/** `Done for 9 people, in part for 2, refused for 1; 3 shared things changed.` */
function upSentence({ people, shared, refused, pending, done, failure }: UpResult): string {
  const counts = fateWords
    .map(([fate, words]) => ({ words, count: people.filter((one) => one.result === fate).length }))
    .filter(({ count }) => count > 0);
  const who = counts.map(
    ({ words, count }, index) => `${words} ${index === 0 ? plural(count, "person", "people") : count.toLocaleString("en-GB")}`,
  );
  const changed = shared.filter(({ result }) => result === "done").length;
  const taken = done["adopt"] ?? 0;
  const parts = [
    who.join(", "),
    changed > 0 ? `${plural(changed, "shared thing")} changed` : "",
    changed < shared.length ? `${plural(shared.length - changed, "shared thing")} not` : "",
    taken > 0 ? `${plural(taken, "existing thing")} taken over` : "",
  ].filter((part) => part !== "");
  const wrote = Object.values(done).some((count) => count > 0);
  if (parts.length === 0)
    parts.push(
      wrote ? "done" : refused.length + pending.length > 0 || failure !== undefined ? "nothing was done" : "nothing was to be done",
    );
  return `${capital(parts.join("; "))}.`;
}

/** A name that is the key's already (`up --redact`) does not say it twice. */
const called = (name: string, key: string): string => (name === `person ${key}` ? safe(name) : `${safe(name)} (${safe(key)})`);

/** What was done to whom, and what was not: a line a person. */
function fateLines(people: UpResult["people"], c: Paint): string[] {
  const all = people.filter(({ done }) => done.length > 0).sort((a, b) => Number(a.result === "done") - Number(b.result === "done"));
  const left = all.filter(({ result }) => result !== "done").length;
  const shown = all.slice(0, Math.max(left, mostDone));
  const line = ({ key, name, result, done }: UpResult["people"][number]): string =>
    `${result === "done" ? c.green("done   ") : c.yellow("in part")} ${called(name, key)}: ${safe(done.join(", "))}`;
  return [
    ...shown.map(line),
    ...(all.length > shown.length
      ? [c.dim(`        … and ${plural(all.length - shown.length, "more person", "more people")}: see --json`)]
      : []),
    ...people
      .filter(({ undone }) => undone.length > 0)
      .map(({ key, name, undone }) => `${c.yellow("not done")} ${called(name, key)}: ${safe(undone.join(", "))}`),
  ];
}

export function printUp(result: UpResult, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const lines = [c.bold(upSentence(result)), ...fateLines(result.people, c)];
  const refused = new Set(result.refused.map((one) => JSON.stringify(one)));
  const parked = result.parked.filter((one) => !refused.has(JSON.stringify(one)));
  for (const one of result.refused) lines.push(`${c.red("refused")} ${safe(one.who)}: ${safe(one.reason)}`);
  for (const one of parked) lines.push(`${c.yellow("parked")}  ${safe(one.who)}: ${safe(one.reason)}`);
  for (const line of result.notes ?? []) lines.push(c.dim(`note    ${safe(line)}`));
  for (const one of result.pending) lines.push(`${c.cyan("pending")} ${safe(one.who)}: ${safe(one.reason)}`);
  for (const one of result.ran ?? []) {
    const last = one.output.trimEnd().split(/\r?\n/u).at(-1) ?? "";
    lines.push(`${c.green("ran")}     ${safe(one.command)} for ${safe(one.who)}${last === "" ? "" : `: ${safe(last.slice(0, 300))}`}`);
  }
  for (const one of result.parts?.waiting ?? []) lines.push(`${c.yellow("waits")}   ${one.id} · ${one.holds}: for ${safe(one.needs)}`);
  const counts = countsOf(result.calls).map(([counter, count]) => `${callOf(counter)} ${count}`);
  lines.push(c.dim(`Requests: ${counts.join(", ")}.`));
  return `${lines.join("\n")}\n`;
}
