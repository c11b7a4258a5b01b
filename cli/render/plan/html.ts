/** The plan as one self-contained page: no request leaves it, nothing in a record can run or style anything in it. */
import { chunks } from "../../../base/chunks.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { alert, esc, headHtml } from "../html.ts";
import { cardHtml } from "./cards.ts";
import { filtersHtml } from "./filters.ts";
import { script, style } from "./page.ts";
import { partsHtml } from "./parts-html.ts";
import { byRisk, type Group, undoLine } from "./risks.ts";
import { type View, viewOf } from "./view.ts";
import { listed, plural } from "./words.ts";

/** More open cards than this would bury the summary of the sections below. */
const mostOpen = 10;

/** From here on the browser lays out only the cards in sight, so many at once: with each by itself too it looks for them twice as long. */
const many = 200;
const together = 10;

/** A whole document, ending in a line break. People's names and values are in it: it belongs with the plan, not in a comment. */
export function renderHtml(plan: Plan): string {
  const view = viewOf(plan, { redact: false, longest: 2_000 });
  const groups = byRisk(view);
  const cards = groups.reduce((sum, group) => sum + group.cards.length, 0);
  return `${headHtml(`${esc(view.stack)}: ${esc(view.verdictText)}`, style, script)}
<body${cards > many ? ' class="many"' : ""}>
<a class="skip" href="#main">Skip to the changes</a>
<header class="top"><div class="wide">
<p class="brand">haloform</p>
<div class="title"><h1>Plan for <bdi>${esc(view.stack)}</bdi></h1><span class="badge ${view.verdict}">${esc(view.verdictText)}</span></div>
${view.raised.map((raise) => `<p class="sentence">↑ ${esc(raise)}</p>\n`).join("")}<p class="sentence">${esc(view.sentence)}</p>
</div></header>
<main>
<div class="wide">
${alert("doubt", "First run", view.baseline === "" ? [] : [view.baseline])}${alert("refused", "Refused", view.breaches)}${alert("doubt", "Look twice", view.twice)}${view.doubts.map(({ heading, lines }) => alert("doubt", heading, lines)).join("")}${figuresHtml(view)}${facts(view)}${sheet("parts", "Who must approve", plan.parts?.length ?? 0, list([partsHtml(plan.parts ?? [])]))}
</div>
${bar(view, groups)}
<div class="wide" id="main" tabindex="-1">
${filtersHtml(groups)}<p class="found" id="found" role="status"></p>
${view.sections.length === 0 ? "<p>No person changes in this plan.</p>" : ""}${groups.map(section).join("\n")}
${licences(view)}${parked(view)}
${sheet("notes", "Notes", view.notes.length, list(view.notes.map((note) => `<li>${esc(note)}</li>`)))}
</div>
</main>
<footer class="end"><div class="wide">${esc(plural(view.figures.unchanged, "resource is", "resources are"))} as they should be. Read with ${esc(view.calls)}.</div></footer>
<script>${script}</script>
</body>
</html>
`;
}

function heading(id: string, text: string, count: number): string {
  return `<h2 id="${id}-h">${text} <span class="n">${count.toLocaleString("en-GB")}</span></h2>`;
}

function figuresHtml({ figures: count }: View): string {
  const number = (value: number) => value.toLocaleString("en-GB");
  const both = (of: { gained: number; lost: number }) => `<i class="up">+${number(of.gained)}</i> <i class="down">−${number(of.lost)}</i>`;
  const tiles = (name: string, list: readonly (readonly [string, string])[]) =>
    `<ul class="figures${list.length % 3 === 0 ? " three" : ""}" aria-label="${name}">${list.map(([value, label]) => `<li><b>${value}</b> <span>${label}</span></li>`).join("")}</ul>`;
  const people: [string, string][] = [
    [number(count.leavers), "leave"],
    [number(count.joiners), "join"],
    [number(count.movers), "change"],
  ];
  if (count.rejoiners > 0) people.push([number(count.rejoiners), "come back"]);
  if (count.others > 0) people.push([number(count.others), "put right"]);
  const access = [
    [number(count.disabled), "accounts disabled"],
    [both(count.memberships), "group memberships"],
    [both(count.licences), "licences"],
    [number(count.parked.held), "parked"],
    ...(count.parked.part > 0 ? ([[number(count.parked.part), "wait in part"]] as const) : []),
  ] as const;
  return tiles("People", people) + tiles("Access", access);
}

function facts(view: View): string {
  const licences = view.figures.skus.map(({ sku, gained, lost }) => `<bdi>${esc(sku)}</bdi> +${gained} −${lost}`);
  const ops = listed(view.figures.ops.map(({ word, count }) => `${count.toLocaleString("en-GB")} ${word}`));
  const row = (name: string, value: string, full = true): string =>
    `<div${full ? ' class="full"' : ""}><dt>${name}</dt><dd>${value}</dd></div>`;
  const rows = [
    row("Source", esc(`${view.source}: ${view.trustText}`), false),
    row("Guard", esc(view.guardText), false),
    ...(view.limits.length > 0 ? [row("Limits", view.limits.map(esc).join("<br>"))] : []),
    ...(view.causes.length > 0 ? [row("In common", view.causes.map(esc).join("<br>"))] : []),
    row("Made", esc(view.made), false),
    row("Expires", esc(view.expires), false),
    ...(view.targets === "" ? [] : [row("For", esc(view.targets))]),
    row("Changes", esc(ops === "" ? "none" : ops)),
    ...(view.verdict === "nothing" ? [] : [row("Put back", esc(undoLine(view)))]),
    ...(licences.length > 0 ? [row("Licences", licences.join(", "))] : []),
    row("Digest", `<code>${esc(view.digest)}</code>`),
  ];
  if (view.verdict === "ready" && view.parts.length === 0)
    rows.push(
      row("To approve", "the whole plan as one"),
      row("To apply", `<code class="command">haloform up --plan DIR --approve ${esc(view.digest)}</code>`),
    );
  return `<dl class="facts">${rows.join("")}</dl>`;
}

function bar(view: View, groups: readonly Group[]): string {
  const links = [
    ["parts", "Who must approve", view.parts.length] as const,
    ...groups.map(({ id, heading: name, cards }) => [id, name, cards.length] as const),
    ["licences", "Licences", view.licences.length] as const,
    ["parked", "Parked", waitingCount(view)] as const,
    ["notes", "Notes", view.notes.length] as const,
  ].filter(([, , count]) => count > 0);
  if (links.length === 0) return "";
  const list = links.map(([id, name, count]) => `<li><a href="#${id}">${name} <span>${count.toLocaleString("en-GB")}</span></a></li>`);
  return `<div class="bar"><div class="wide"><nav aria-label="Sections of the plan"><ul>${list.join("")}</ul></nav></div></div>`;
}

function section({ id, heading: name, says, risk, cards }: Group): string {
  const open = risk !== "rest" && risk !== "lost" && cards.length <= mostOpen;
  const lots = chunks(cards, together).map(
    (lot) =>
      `<div class="lot${lot.length === together ? " whole" : ""}" data-cards>${lot.map((card) => cardHtml(card, open)).join("\n")}</div>`,
  );
  return `<section id="${id}" aria-labelledby="${id}-h" data-cards>${heading(id, name, cards.length)}<p class="says">${says}</p>${lots.join("\n")}</section>`;
}

/** A section of the page; nothing where it holds nothing. */
function sheet(id: string, name: string, count: number, body: string): string {
  return count === 0 ? "" : `<section id="${id}" aria-labelledby="${id}-h">${heading(id, name, count)}${body}</section>`;
}

const list = (entries: readonly string[]): string => `<div class="sheet parked"><ul>${entries.join("")}</ul></div>`;

/** The licence ledger: one entry a SKU. */
function licences(view: View): string {
  const rows = view.licences.map(
    ({ sku, seats, movement, cost, short, state }) =>
      `<li><b><bdi>${esc(sku)}</bdi></b>${state === "" ? "" : ` <span class="chip loss">${esc(state)}</span>`}${short ? ' <span class="chip loss">short</span>' : ""}<br>${esc([seats, movement, cost].filter((part) => part !== "").join("; "))}</li>`,
  );
  return rows.length === 0 ? "" : `${sheet("licences", "Licences", rows.length, list(rows))}\n`;
}

const entry = ({ name, key, where, reason }: View["waiting"][number]["lines"][number]): string =>
  `<li><b><bdi>${esc(name)}</bdi></b>${key === "" ? "" : ` <span class="key">${esc(key)}</span>`} <span class="chip">${esc(where)}</span><br>${esc(reason)}</li>`;

function parked(view: View): string {
  const body = view.waiting.map(({ heading: name, said, lines }) => `<p><b>${esc(name)}</b>: ${esc(said)}.</p>${list(lines.map(entry))}`);
  return sheet("parked", "Parked", waitingCount(view), body.join("\n"));
}

/** People and things. */
const waitingCount = ({ figures: { parked: count } }: View): number => count.held + count.part + count.thing;
