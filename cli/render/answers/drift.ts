/** Drift as an issue's text. Names and values stay out of it: who may see the issues is not who may see the directory. */
import type { Drift } from "../../answers/answers.ts";
import { Budget, escapeMarkdown, escapeTo, linkTo } from "../github.ts";
import { visible } from "./show.ts";

export interface DriftMarkdownOptions {
  stack: string;
  /** Address of the run that found it. */
  link?: string | undefined;
}

/** Fields of one thing that are named; the rest is counted. */
const mostFields = 20;

/** Always shorter than GitHub's 65,536 characters: what does not fit is counted. */
export function driftMarkdown(drift: Drift, { stack, link }: DriftMarkdownOptions): string {
  const room = new Budget(60_000, 64_999);
  const after: string[] = [];
  if (drift.waiting > 0)
    after.push("", `${drift.waiting} changes that the source or the mappings ask for wait for a plan; they are not drift.`);
  for (const doubt of drift.doubts.slice(0, 10)) after.push("", escapeTo(visible(doubt), 1_000));
  const lines = [
    `**${drift.found.length} of ${drift.checked} things in <code>${escapeTo(visible(stack), 300)}</code> were changed by hand** since they were last applied${link === undefined ? "" : `, as ${linkTo("this run", link)} found`}.`,
    "",
    "To put them back, run the workflow *up* and approve its plan. To keep a change, ask for it in the source of people or in the mappings. `haloform drift` shows the values.",
    "",
  ];
  for (const line of [...lines, ...after, " ".repeat(100)]) room.take(line);
  let shown = 0;
  for (const one of drift.found) {
    const line = `- ${escapeTo(visible(`${one.type} ${one.resource}`), 300)}: ${one.gone ? "is gone" : fieldsOf(one.fields)}`;
    if (!room.take(line)) break;
    lines.push(line);
    shown += 1;
  }
  if (shown < drift.found.length) lines.push(`- … and ${drift.found.length - shown} more`);
  return [...lines, ...after].join("\n");
}

type Field = Drift["found"][number]["fields"][number];

function fieldsOf(fields: readonly Field[]): string {
  const named = fields.slice(0, mostFields).map(fieldOf);
  return [...named, ...(fields.length > mostFields ? [`${fields.length - mostFields} more`] : [])].join(", ");
}

/** `attributes.title` by its path; a member by the key of the record, or, as a distinguishedName is a name, not at all. */
function fieldOf({ path, found }: Field): string {
  const ref = /^members\.(.*)$/su.exec(path)?.[1];
  if (ref === undefined) return escapeTo(visible(path), 200);
  const who = ref.startsWith("person:") ? `person ${ref.slice("person:".length)}` : "somebody whom the mappings do not name";
  return `${escapeMarkdown(visible(who))} ${found === null ? "taken out" : "put in"}`;
}
