/** The plan as a pull-request comment: the summary is never folded and never cut, the rest is folded and fits. */
import type { Plan } from "../../../stacks/model/plan.ts";
import { visible } from "../answers/show.ts";
import { Budget, escapeMarkdown as esc, escapeTo, linkTo, marker } from "../github.ts";
import type { Card, Item } from "./items.ts";
import { headOf, type Pen, rowOf } from "./pen.ts";
import { type View, viewOf } from "./view.ts";
import { eventWords, plural } from "./words.ts";

export interface MarkdownOptions {
  /** People by key only, their values as dots; counts, fields and rules stay. */
  redact: boolean;
  /** Address of the whole plan (the uploaded bundle). http(s) only; anything else is left out. */
  link?: string;
  /** Most UTF-16 code units of the comment; at least 12,000. GitHub takes 65,536. */
  max?: number;
}

/** GitHub stores a comment's bytes too; a name in an Asian script is three bytes a character. */
const mostBytes = 64_999;
/** What the head can need at its very worst (every text at its limit, every character escaped), and room to count the rest. */
const leastMax = 12_000;

/**
 * The comment. Always begins with the stack's hidden marker (see `marker`), has the verdict and the whole summary, and
 * is never longer than `max` nor than 64,999 bytes: what does not fit is counted. Throws RangeError when max < 12,000.
 */
export function renderMarkdown(plan: Plan, { redact, link, max = 60_000 }: MarkdownOptions): string {
  if (!(max >= leastMax))
    throw new RangeError(`cannot render the comment into ${max} characters: the summary may need ${leastMax}; raise max`);
  const view = viewOf(plan, { redact, longest: 160 });
  const budget = new Budget(max, mostBytes);
  const whole = linkTo("plan.html", link);
  const head = headLines(view, plan.stack, whole);
  for (const line of head) budget.take(line);

  // Filled in the order of weight, written in the order of reading; each part leaves its rest to the next.
  const share = Math.floor(budget.least / 6);
  const fill = (most: number, make: (room: Budget) => string[]): string[] => {
    const room = budget.part(most);
    const made = make(room);
    budget.give(room);
    return made;
  };
  const list = (heading: string, texts: readonly string[], one: string, many: string): string[] =>
    fill(share, (room) => listed(heading, texts, one, many, room));
  const fold = (heading: string, lines: readonly string[], one: string, many: string, most = share): string[] =>
    fill(most, (room) => folded(`${heading} (${lines.length})`, lines, one, many, room));
  const breaches = list("**Limits that would be broken**", view.breaches, "more breach", "more breaches");
  const approvers = list("**Who must approve**", view.parts, "more part", "more parts");
  const twice = list("**Look twice**", view.twice, "more line", "more lines");
  const limits = fold("What is lost and gained, with its limits", view.limits.map(esc), "more limit", "more limits");
  const causes = list("**What many changes have in common**", view.causes, "more line", "more lines");
  const doubts = view.doubts.flatMap(({ heading, lines }) => list(`**${heading}**`, lines, "more doubt", "more doubts"));
  const parked = view.waiting.flatMap(({ heading, said, lines }) => {
    const waits = lines.map(
      ({ name, key, where, reason: why }) => `${esc(name)}${redact || key === "" ? "" : ` (${esc(key)})`} · ${esc(where)}: ${esc(why)}`,
    );
    return fill(Math.floor(share / view.waiting.length), (room) => folded(`${heading}: ${said}`, waits, "more line", "more lines", room));
  });
  const shared = fold("Shared things", view.shared.map(itemText), "more change", "more changes");
  const skus = view.licences.map(({ sku, state, seats, movement, cost }) =>
    [`<b>${esc(sku)}</b>`, ...[state, seats, movement, cost].filter((part) => part !== "").map(esc)].join("; "),
  );
  const licences = fold("Licences", skus, "more licence", "more licences", Math.floor(share / 2));
  const notes = fold("Notes", view.notes.map(esc), "more note", "more notes");
  const people = fill(Number.MAX_SAFE_INTEGER, (room) => peopleLines(view, room, redact, whole));
  return `${[...head, ...breaches, ...twice, ...approvers, ...causes, ...doubts, ...limits, ...people, ...shared, ...licences, ...parked, ...notes].join("\n")}\n`;
}

export interface FailureOptions {
  stack: string;
  exitCode: number;
  /** A list: one line each. */
  message: string | readonly string[];
  /** The message is left out (it may name people), but for exit code 64, where no record was read yet. */
  redact: boolean;
  /** The caller knows that the message names nobody (the trust gate's counts): shown in spite of `redact`. */
  impersonal?: boolean;
}

/** The same comment when there is no plan: the preview failed, or was refused before a plan existed. */
export function renderFailure({ stack, exitCode, message, redact, impersonal }: FailureOptions): string {
  const refused = exitCode === 3;
  const heading = `#### ${refused ? "🛑" : "❌"} haloform · ${escapeTo(visible(stack), 300)}: ${refused ? "refused before a plan was made" : "the preview failed"}`;
  const verdict = `**${refused ? "Nothing will be applied." : "There is no plan to approve."}** Exit code ${exitCode}.`;
  const hidden = redact && exitCode !== 64 && impersonal !== true;
  const said = hidden ? ["The message is in the log of this run; it may name people, so it is not repeated here."] : sentences(message);
  const quoted = said.length === 1 ? said : said.map((one) => `- ${one}`);
  return `${[marker(stack), heading, "", verdict, "", ...quoted.map((one) => `> ${one}`)].join("\n")}\n`;
}

/** A message of several lines comes as a list; what looks like a line end within one of them does not end it. */
function sentences(message: string | readonly string[]): string[] {
  const all = typeof message === "string" ? [message] : message;
  const shown = all.slice(0, 20).map((one) => escapeTo(visible(one.trim()), all.length === 1 ? 6_000 : 1_500));
  return all.length > shown.length ? [...shown, `and ${all.length - shown.length} more, in the log of this run`] : shown;
}

function headLines(view: View, stack: string, whole: string): string[] {
  const sign = { refused: "🛑", nothing: "✅", ready: view.trust === "trusted" ? "📋" : "⚠️" }[view.verdict];
  const lines = [marker(stack), `#### ${sign} haloform · ${escapeTo(view.stack, 300)}: ${esc(view.verdictText)}`, ""];
  const raised = view.raised.slice(0, 5).map((raise) => `> ⬆️ ${escapeTo(raise, 300)}`);
  if (view.raised.length > raised.length) raised.push(`> and ${plural(view.raised.length - raised.length, "more limit")}`);
  if (raised.length > 0) lines.push(...raised, "");
  if (view.baseline !== "") lines.push(`⚠️ ${esc(view.baseline)}`, "");
  lines.push(`**${esc(view.sentence)}**`, "", "| | |", "|---|---|");
  lines.push(`| Source | ${escapeTo(view.source, 400)}: ${esc(view.trustText)} |`);
  lines.push(`| Guard | ${esc(view.guardText)} |`);
  const skus = view.figures.skus.slice(0, 8).map(({ sku, gained, lost }) => `${escapeTo(sku, 80)} +${gained} −${lost}`);
  if (view.figures.skus.length > skus.length) skus.push(`${view.figures.skus.length - skus.length} more`);
  if (skus.length > 0) lines.push(`| Licences | ${skus.join(", ")} |`);
  const ops = view.figures.ops.slice(0, 12).map(({ word, count }) => `${count} ${escapeTo(word, 30)}`);
  lines.push(`| Changes | ${ops.length === 0 ? "none" : ops.join(", ")}; ${view.figures.unchanged} as they should be |`);
  if (view.targets !== "") lines.push(`| For | ${escapeTo(view.targets, 1_200)} |`);
  lines.push(`| Expires | ${escapeTo(view.expires, 80)} (made ${escapeTo(view.made, 80)}) |`);
  lines.push(`| Digest | <code>${escapeTo(view.digest, 200)}</code> |`, `| Whole plan | ${whole} |`, "");
  if (view.verdict === "ready") {
    const digest = view.digest.replace(/[^A-Za-z0-9:]/gu, "");
    lines.push("To apply exactly this, after approval:", "", "```sh", `haloform up --plan DIR --approve ${digest}`, "```", "");
  }
  return lines;
}

/** Each person folded, while there is room; room for the sentence that counts the rest is kept back. */
function peopleLines(view: View, room: Budget, redact: boolean, whole: string): string[] {
  const lines: string[] = [];
  const reserve = room.part(200 + whole.length);
  let hidden = 0;
  let full = false;
  for (const section of view.sections) {
    const heading = `\n##### ${section.heading} (${section.cards.length})\n`;
    full ||= !room.take(heading);
    if (!full) lines.push(heading);
    for (const card of section.cards) {
      const block = full ? undefined : personBlock(card, room, redact);
      full = block === undefined;
      if (block === undefined) hidden += 1;
      else lines.push(...block);
    }
  }
  room.give(reserve);
  return hidden === 0 ? lines : [...lines, "", `… and ${plural(hidden, "more person", "more people")}: see ${whole}`];
}

/** Undefined when not even the folded heading fits. What one person's changes take is limited; the rest of theirs is counted. */
function personBlock(card: Card, room: Budget, redact: boolean): string[] | undefined {
  const chips = card.chips.slice(0, 6).map((chip) => chip.text);
  const name = `<b>${esc(card.name)}</b>${redact ? "" : ` (${esc(card.key)})`} ${eventWords[card.event].word}`;
  const reason = `${esc(card.why)}${pen.why(card.from)}`.trim();
  const open = `<details><summary>${name}${chips.length > 0 ? ` · ${esc(chips.join(", "))}` : ""}</summary>\n${reason === "" ? "" : `\n${reason}\n`}`;
  const close = "\n</details>";
  if (!room.take(`${open}\n${close}\n${" ".repeat(restRoom)}`)) return undefined;
  const part = room.part(6_000);
  part.give(new Budget(restRoom, restRoom));
  const body = bullets(card.items.map(itemText), "more change", "more changes", part);
  room.give(part);
  return [open, ...body, close];
}

/** A group of 400 new members is one change: its first fields tell what it is about. */
const mostRows = 12;

const code = (text: string): string => `<code>${esc(text)}</code>`;
const pen: Pen = {
  text: esc,
  what: (text) => `<b>${esc(text)}</b>`,
  after: (value, comes) => `${comes ? "+ " : ""}${code(value)}`,
  gone: (value) => `− ${code(value)}`,
  stays: (value) => `${code(value)} stays`,
  changed: (before, after) => `${code(before)} → ${code(after)}`,
  alike: " (look the same, differ in hidden characters or type)",
  why: (why) => (why === undefined ? "" : ` <sub>${esc(why.source)}${why.note === "" ? "" : `: ${esc(why.note)}`}</sub>`),
};

/** A change as a list entry, with a nested entry a field. */
function itemText(item: Item): string {
  const rows = item.rows.slice(0, mostRows).map((row) => rowOf(row, pen).join(": "));
  if (item.rows.length > mostRows) rows.push(`… and ${plural(item.rows.length - mostRows, "more field")}: see plan.html`);
  const pending = item.pending === "" ? "" : ` · <i>${esc(item.pending)}</i>`;
  return [`${headOf(item, pen)}${pending}${pen.why(item.why)}`, ...rows.map((line) => `  - ${line}`)].join("\n");
}

/** Enough for the sentence that counts what does not fit. */
const restRoom = 80;

/** Bullets while they fit, then how many do not: `- … and 12 more changes: see plan.html`. */
function bullets(texts: readonly string[], one: string, many: string, room: Budget): string[] {
  const reserve = room.part(restRoom);
  const lines: string[] = [];
  for (const text of texts) {
    const line = `- ${text}`;
    if (!room.take(line)) break;
    lines.push(line);
  }
  room.give(reserve);
  const left = texts.length - lines.length;
  const rest = `- … and ${plural(left, one, many)}: see plan.html`;
  return left > 0 && room.take(rest) ? [...lines, rest] : lines;
}

function listed(heading: string, texts: readonly string[], one: string, many: string, room: Budget): string[] {
  if (texts.length === 0 || !room.take(`${heading}\n\n`)) return [];
  return [heading, "", ...bullets(texts.map(esc), one, many, room), ""];
}

function folded(heading: string, texts: readonly string[], one: string, many: string, room: Budget): string[] {
  const open = `\n<details><summary>${heading}</summary>\n`;
  const close = "\n</details>";
  if (texts.length === 0 || !room.take(`${open}\n${close}`)) return [];
  return [open, ...bullets(texts, one, many, room), close];
}
