/** A cause of drift as an issue. Names and values stay out of it: who may see the issues is not who may see the directory. */

import { shortDigest } from "../../../base/digest.ts";
import { systemOf } from "../../../providers/systems.ts";
import type { Drift, DriftCause } from "../../answers/drift.ts";
import { Budget, escapeMarkdown, escapeTo, linkTo } from "../github.ts";
import { visible } from "./show.ts";

export interface DriftMarkdownOptions {
  stack: string;
  /** Address of the run that found it. */
  link?: string | undefined;
}

/** Fields of one thing that are named; the rest is counted. */
const mostFields = 20;
/** A patch longer than this is in `haloform drift --keep` alone. */
const longestPatch = 15_000;

/** By which an issue is found again whatever its title: of a stack, and of one of its causes. The first line, not seen. */
export const stackMarker = (stack: string): string => `<!-- haloform-drift ${shortDigest(stack, 16)} `;
export const issueMarker = (stack: string, id: string): string => `${stackMarker(stack)}${shortDigest(id, 16)} -->`;

/** The systems that an issue's cause is in: while one of them is not read, nobody knows that it is settled. */
export const systemsMarker = ({ systems }: Pick<DriftCause, "systems">): string => `<!-- systems: ${systems.join(" ")} -->`;
export const markedSystems = (body: string): string[] => /<!-- systems: ([a-z ]*) -->/u.exec(body)?.[1]?.split(" ") ?? [];

/** `Drift in northwind: person 41` */
export function causeTitle({ id, kind, said }: DriftCause, stack: string): string {
  return visible(`Drift in ${stack}: ${kind === "person" ? `person ${id.slice("person:".length)}` : said}`).slice(0, 240);
}

/** Always shorter than GitHub's 65,536 characters: what does not fit is counted. */
export function causeMarkdown(cause: DriftCause, drift: Drift, { stack, link }: DriftMarkdownOptions): string {
  const room = new Budget(60_000, 64_999);
  const id = `<code>${escapeTo(visible(cause.id), 300)}</code>`;
  const where = cause.systems.map((system) => systemOf(system).title).join(" and ");
  const head = [
    issueMarker(stack, cause.id),
    systemsMarker(cause),
    `**Changed by hand** in ${where} since it was last applied to <code>${escapeTo(visible(stack), 300)}</code>${link === undefined ? "" : `, as ${linkTo("this run", link)} found`}. The cause is ${id}; \`haloform drift\` shows the values.`,
    "",
  ];
  const after = ["", ...waysOut(cause), ...drift.doubts.slice(0, 10).flatMap((doubt) => ["", escapeTo(visible(doubt), 1_000)])];
  for (const line of [...head, ...after, " ".repeat(100)]) room.take(line);
  const lines: string[] = [];
  for (const { at, paths } of cause.things) {
    const one = drift.found[at];
    if (one === undefined) continue;
    const fields = one.fields.filter(({ path }) => paths.includes(path));
    const line = `- ${escapeTo(visible(`${one.type} ${one.resource}`), 300)}: ${one.gone ? "is gone" : fieldsOf(fields)}`;
    if (!room.take(line)) break;
    lines.push(line);
  }
  if (lines.length < cause.things.length) lines.push(`- … and ${cause.things.length - lines.length} more`);
  return [...head, ...lines, ...after].join("\n");
}

/** What can be done about it. */
function waysOut({ id, keep }: DriftCause): string[] {
  const word = escapeTo(visible(id), 300);
  const lines = [
    `- **Put back**: run the workflow *up* by hand with <code>${word}</code> as *drift*, and approve its plan, which does nothing else.`,
    `- **Tolerate** it as it is until a day: <code>haloform drift --tolerate ${word} --until DAY --why REASON</code>`,
  ];
  if (keep.patch === undefined) lines.push("- **Keep**: no line of the mappings would make it wished.");
  else
    lines.push(
      `- **Keep**: <code>haloform drift --keep ${word} --pull-request</code> proposes these lines of the mappings, with a token of yours.`,
    );
  lines.push(...keep.cannot.slice(0, 20).map((why) => `  - ${escapeTo(visible(why), 500)}`));
  if (keep.cannot.length > 20) lines.push(`  - … and ${keep.cannot.length - 20} more`);
  if (keep.patch === undefined || keep.patch.length > longestPatch) return lines;
  // Longer than any run of backticks in it, so that nothing in it ends the block.
  const fence = "`".repeat(Math.max(3, ...[...keep.patch.matchAll(/`+/gu)].map(([run]) => run.length + 1)));
  return [...lines, "", `${fence}diff`, keep.patch.trimEnd(), fence];
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
