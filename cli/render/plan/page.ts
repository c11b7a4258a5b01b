/** The style and the one script of plan.html. Constants, so that the page's policy can name them by hash. */
import { fold, look } from "../look.ts";

export const style = `${look}
.badge { border-radius: 99px; padding: .2rem .8rem; font-weight: 600; font-size: .9rem; }
.badge.ready, .badge.nothing { background: var(--gain-bg); color: var(--gain); } .badge.refused { background: var(--loss-bg); color: var(--loss); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .1rem 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: .85rem 1.1rem; margin: .75rem 0 0; }
.facts div { display: flex; gap: .75rem; padding: .2rem 0; } .facts .full { grid-column: 1 / -1; }
.facts dt { color: var(--soft); flex: 0 0 6.2rem; } .facts dd { margin: 0; min-width: 0; }
.command { display: block; background: var(--raised); border-radius: 8px; padding: .55rem .75rem; user-select: all; }
.bar { position: sticky; top: 0; z-index: 5; background: var(--page); border-bottom: 1px solid var(--line); margin-top: 1.5rem; padding: .7rem 0; }
.bar .wide { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.bar ul { display: flex; gap: .4rem; list-style: none; margin: 0; padding: 0; flex-wrap: wrap; }
.bar li a { display: block; text-decoration: none; color: var(--ink); background: var(--sheet); border: 1px solid var(--line); border-radius: 99px; padding: .25rem .75rem; font-size: .9rem; }
.bar li a:hover { border-color: var(--accent); } .bar li span { color: var(--soft); }
.filters button { font: inherit; font-size: .9rem; color: inherit; background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; padding: .4rem .7rem; white-space: nowrap; cursor: pointer; }
.sheet, .card { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; margin: 0 0 .6rem; }
.sheet { padding: .35rem 1.1rem; }
.many .whole { content-visibility: auto; contain-intrinsic-size: auto 76rem; }
.card { border-left-width: 4px; border-left-color: var(--soft); } .card[data-kind=leaver] { border-left-color: var(--loss); }
.card[data-kind=joiner], .card[data-kind=rejoiner] { border-left-color: var(--gain); } .card[data-kind=mover] { border-left-color: var(--accent); }
.card > summary { cursor: pointer; list-style: none; padding: .75rem 2.6rem .75rem 1.1rem; position: relative; border-radius: 12px; }
.card > summary::-webkit-details-marker { display: none; }
.card > summary::after { content: ""; position: absolute; right: 1.2rem; top: 1.2rem; width: .5rem; height: .5rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(45deg); }
.card[open] > summary::after { transform: rotate(225deg); top: 1.4rem; }
.card > summary:hover { background: var(--raised); }
.key { color: var(--soft); margin-left: .4rem; font-size: .9rem; } .why { display: block; color: var(--soft); }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .35rem; }
.chip { font-size: .82rem; border-radius: 6px; padding: .08rem .5rem; background: var(--raised); color: var(--ink); }
.chip.warn { background: var(--warn-bg); color: var(--warn); } .chip.part { background: none; border: 1px solid var(--soft); }
.chip.gain, ins { background: var(--gain-bg); color: var(--gain); } .chip.loss, del { background: var(--loss-bg); color: var(--loss); }
.items { list-style: none; margin: 0; padding: 0; } .card .items { padding: 0 1.1rem .5rem; }
.items > li { border-top: 1px solid var(--line); padding: .6rem 0; }
.items p { margin: 0; } .gain > p > b { color: var(--gain); } .loss > p > b { color: var(--loss); }
.pending { font-style: normal; color: var(--warn); background: var(--warn-bg); border-radius: 6px; padding: .08rem .5rem; font-size: .82rem; margin-left: .35rem; }
.from { display: block; color: var(--soft); font-size: .82rem; }
del, ins { text-decoration: none; border-radius: 5px; padding: .05rem .4rem; -webkit-box-decoration-break: clone; box-decoration-break: clone; white-space: pre-wrap; }
.arrow { color: var(--soft); padding: 0 .35rem; } .hide { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.parked li { padding: .55rem 0; border-top: 1px solid var(--line); } .parked li:first-child { border-top: 0; } .parked ul { list-style: none; margin: 0; padding: 0; }
.says { color: var(--soft); margin: -.5rem 0 .75rem; max-width: 78ch; } .worry { display: block; font-size: .9rem; } .worry b { font-weight: 600; } .worry.risky b { color: var(--loss); } .worry.undo b { color: var(--warn); }
.part h3 { margin-right: .4rem; } .part p { margin: .15rem 0; } .part ul { list-style: disc; padding-left: 1.2rem; } .part li { padding: 0; border: 0; }
@media (max-width: 40rem) {
  .bar ul { flex-wrap: nowrap; overflow-x: auto; max-width: 100%; } .bar li { flex: none; } .bar nav { min-width: 0; max-width: 100%; } .facts div { display: block; }
}
@media print {
  .bar { display: none; } .many .whole { content-visibility: visible !important; } .card { break-inside: avoid; } .card > summary::after { display: none; }
  .card[hidden], [data-cards][hidden] { display: block !important; } details::details-content { content-visibility: visible; block-size: auto; }
}
`;

/** Finds and filters cards, opens and closes all, opens all for printing. The page reads well without it. Long work is done in pieces. */
export const script = `
const $ = (id) => document.getElementById(id);
const [field, found, all] = ["find", "found", "all"].map($);
const cards = [...document.querySelectorAll("[data-find]")], sections = [...document.querySelectorAll("[data-cards]")];
const selects = [...document.querySelectorAll("[data-filter]")];
const nouns = cards.some((card) => card.dataset.kind === "shared") ? " people and things" : " people";${fold}
const texts = new Map();
const textOf = (card) => { let text = texts.get(card); if (text === undefined) texts.set(card, text = fold(card.textContent)); return text; };
const pause = () => new Promise((resolve) => setTimeout(resolve));
const turns = {};
/** Every card in pieces of 20 ms; false where the same was begun anew meanwhile. */
async function each(what, act) {
  const mine = turns[what] = (turns[what] ?? 0) + 1;
  let since = performance.now();
  for (const card of cards) { act(card); if (performance.now() - since > 20) { await pause(); if (mine !== turns[what]) return false; since = performance.now(); } }
  return true;
}
async function filter() {
  const words = fold(field.value).split(/\\s+/u).filter(Boolean), tests = selects.filter((select) => select.value !== "");
  const hits = new Set();
  if (!(await each("filter", (card) => { if (tests.every((select) => (card.dataset[select.id] ?? "").split(" ").includes(select.value)) && words.every((word) => textOf(card).includes(word))) hits.add(card); }))) return;
  if (!(await each("filter", (card) => { const hidden = !hits.has(card); if (card.hidden !== hidden) card.hidden = hidden; }))) return;
  for (const section of sections) section.hidden = !section.querySelector("[data-find]:not([hidden])");
  found.textContent = words.length + tests.length === 0 ? "" : hits.size + " of " + cards.length + nouns;
}
let timer;
field?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 60); });
for (const select of selects) select.addEventListener("change", filter);
all?.addEventListener("click", () => {
  const open = all.dataset.open !== "yes";
  all.dataset.open = open ? "yes" : "no";
  all.textContent = open ? "Close all" : "Open all";
  void each("open", (card) => { card.open = open; });
});
let closed = [];
addEventListener("beforeprint", () => { closed = cards.filter((card) => !card.open); for (const card of closed) card.open = true; });
addEventListener("afterprint", () => { for (const card of closed) card.open = false; });
document.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
`;
