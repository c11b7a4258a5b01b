/** The cards of plan.html: a person or a shared thing each, with what happens to them, how dangerous it is and whether it can be put back. */
import { systemNames } from "../../../providers/systems.ts";
import { capital } from "../../../stacks/model/source-name.ts";
import { esc } from "../html.ts";
import type { Item } from "./items.ts";
import { headOf, type Pen, rowOf } from "./pen.ts";
import type { Entry } from "./risks.ts";
import { riskWords, undoWords } from "./words.ts";

export function cardHtml(card: Entry, open: boolean): string {
  const undone = card.undo === "no" ? [{ text: undoWords.no, tone: "loss" }] : [];
  const marked = [...card.chips, ...undone, ...card.parts.map((part) => ({ text: `part ${part}`, tone: "part" }))];
  const chips = marked.map(({ text, tone }) => `<span class="chip ${tone}">${esc(text)}</span>`).join(" ");
  const why = card.why === "" && card.from === undefined ? "" : `<span class="why">${esc(card.why)}${pen.why(card.from)}</span>`;
  const body = card.items.length === 0 ? "<li>No change to accounts.</li>" : card.items.map(itemHtml).join("\n");
  const key = card.key === "" ? "" : ` <span class="key">${esc(card.key)}</span>`;
  const systems = systemNames.filter((system) => card.items.some((item) => item.system === system));
  const marks = `data-kind="${card.kind}" data-system="${systems.join(" ")}" data-risk="${card.risk}" data-undo="${card.undo}"${card.parts.length > 0 ? ` data-part="${esc(card.parts.join(" "))}"` : ""}`;
  return `<details class="card" data-find ${marks}${open ? " open" : ""}><summary><h3><bdi>${esc(card.name)}</bdi></h3>${key}${why}<span class="chips">${chips}</span></summary><ul class="items">${body}</ul></details>`;
}

const named = (text: string): string => `<bdi>${esc(text)}</bdi>`;
const pen: Pen = {
  text: named,
  what: (text) => `<b>${esc(text)}</b>`,
  after: (value, comes) => `<ins>${comes ? "+ " : ""}${named(value)}</ins>`,
  gone: (value) => `<del>− ${named(value)}</del>`,
  stays: (value) => `${named(value)} stays`,
  changed: (before, after) =>
    `<del><span class="hide">before: </span>${named(before)}</del><span class="arrow" aria-hidden="true">→</span><ins><span class="hide">after: </span>${named(after)}</ins>`,
  alike: " <small>look the same, differ in hidden characters or type</small>",
  why: (why) =>
    why === undefined ? "" : `<span class="from">${why.note === "" ? "" : `${esc(why.note)} · `}<code>${esc(why.source)}</code></span>`,
};

function itemHtml(item: Item): string {
  const pending = item.pending === "" ? "" : ` <em class="pending">${esc(item.pending)}</em>`;
  const rows = item.rows.map((row) => `<div><dt>${esc(row.name)}</dt><dd>${rowOf(row, pen)[1]}</dd></div>`);
  return `<li class="${item.tone}"><p>${headOf(item, pen)}${pending}${worries(item)}${pen.why(item.why)}</p>${rows.length === 0 ? "" : `<dl class="rows">${rows.join("")}</dl>`}</li>`;
}

/** Why it is dangerous, and what of it nobody puts back. */
function worries({ risk: { risk, why }, undo }: Item): string {
  const said = (kind: string, head: string, text: string): string =>
    text === "" ? "" : `<span class="worry ${kind}"><b>${head}:</b> ${esc(text)}</span>`;
  return `${said("risky", riskWords[risk].word, why)}${said("undo", capital(undoWords[undo.back]), undo.why)}`;
}
