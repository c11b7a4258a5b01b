/** The style and the one script of plan.html. Constants, so that the page's policy can name them by hash. */

export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #12161c); --sheet: light-dark(#ffffff, #1a2029); --raised: light-dark(#f0f2f5, #232b36);
  --ink: light-dark(#18202b, #e8ecf2); --soft: light-dark(#4d5a6b, #a5b1c2); --line: light-dark(#dde2e9, #303a48);
  --accent: light-dark(#0b5f73, #6cc6d9); --gain: light-dark(#176639, #7fd8a2); --gain-bg: light-dark(#e5f4ea, #16301f);
  --loss: light-dark(#a11f2c, #ff9ea4); --loss-bg: light-dark(#fcebec, #3a191d); --warn: light-dark(#7a4b00, #f2c26b); --warn-bg: light-dark(#fdf3dc, #352913);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 7rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; background: var(--sheet); padding: .5rem 1rem; z-index: 9; }
.wide { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
.top { background: var(--sheet); border-bottom: 1px solid var(--line); padding: 1.75rem 0 1.5rem; }
.brand { margin: 0; color: var(--accent); font-weight: 700; letter-spacing: .02em; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin: .1rem 0 .5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; margin: 0; }
h2 { font-size: 1.3rem; margin: 2.25rem 0 .75rem; letter-spacing: -.01em; }
h2 .n { color: var(--soft); font-weight: 400; margin-left: .25rem; }
h3 { font-size: 1rem; margin: 0; display: inline; }
.badge { border-radius: 99px; padding: .2rem .8rem; font-weight: 600; font-size: .9rem; }
.badge.ready, .badge.nothing { background: var(--gain-bg); color: var(--gain); } .badge.refused { background: var(--loss-bg); color: var(--loss); }
.sentence { font-size: 1.1rem; max-width: 78ch; margin: 0; text-wrap: pretty; }
.alert { border: 1px solid currentColor; border-left-width: 5px; border-radius: 10px; padding: .9rem 1.1rem; margin: 1.25rem 0 0; }
.alert h2 { margin: 0 0 .25rem; font-size: 1.05rem; } .alert ul { margin: 0; padding-left: 1.2rem; } .alert li { color: var(--ink); }
.alert.refused { background: var(--loss-bg); color: var(--loss); } .alert.doubt { background: var(--warn-bg); color: var(--warn); }
.figures { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: .75rem; margin: .75rem 0 0; padding: 0; list-style: none; }
header + main .figures:first-of-type { margin-top: 1.5rem; }
.figures > li { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: .85rem 1rem; }
.figures b { display: block; font-size: 1.75rem; line-height: 1.2; font-variant-numeric: tabular-nums; letter-spacing: -.02em; white-space: nowrap; }
.figures span { color: var(--soft); font-size: .9rem; }
.figures i { font-style: normal; } .up { color: var(--gain); } .down { color: var(--loss); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .1rem 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: .85rem 1.1rem; margin: .75rem 0 0; }
.facts div { display: flex; gap: .75rem; padding: .2rem 0; } .facts .full { grid-column: 1 / -1; }
.facts dt { color: var(--soft); flex: 0 0 6.2rem; } .facts dd { margin: 0; min-width: 0; }
code { font: .86em/1.45 ui-monospace, SFMono-Regular, Consolas, "Liberation Mono", monospace; }
.command { display: block; background: var(--raised); border-radius: 8px; padding: .55rem .75rem; user-select: all; }
.bar { position: sticky; top: 0; z-index: 5; background: var(--page); border-bottom: 1px solid var(--line); margin-top: 1.5rem; padding: .7rem 0; }
.bar .wide { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.bar ul { display: flex; gap: .4rem; list-style: none; margin: 0; padding: 0; flex-wrap: wrap; }
.bar li a { display: block; text-decoration: none; color: var(--ink); background: var(--sheet); border: 1px solid var(--line); border-radius: 99px; padding: .25rem .75rem; font-size: .9rem; }
.bar li a:hover { border-color: var(--accent); } .bar li span { color: var(--soft); }
.find { display: flex; flex: 1 1 15rem; gap: .5rem; align-items: center; }
.find input { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; padding: .35rem .7rem; }
.find input::placeholder { color: var(--soft); opacity: 1; }
.find button { font: inherit; font-size: .9rem; color: inherit; background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; padding: .4rem .7rem; white-space: nowrap; cursor: pointer; }
.found { color: var(--soft); font-size: .9rem; margin: .75rem 0 0; }
.sheet, .card { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; margin: 0 0 .6rem; }
.sheet { padding: .35rem 1.1rem; }
.many .card { content-visibility: auto; contain-intrinsic-size: auto 5.2rem; }
.card { border-left-width: 4px; border-left-color: var(--soft); } #leavers .card { border-left-color: var(--loss); }
#joiners .card, #rejoiners .card { border-left-color: var(--gain); } #movers .card { border-left-color: var(--accent); }
.card > summary { cursor: pointer; list-style: none; padding: .75rem 2.6rem .75rem 1.1rem; position: relative; border-radius: 12px; }
.card > summary::-webkit-details-marker { display: none; }
.card > summary::after { content: ""; position: absolute; right: 1.2rem; top: 1.2rem; width: .5rem; height: .5rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(45deg); }
.card[open] > summary::after { transform: rotate(225deg); top: 1.4rem; }
.card > summary:hover { background: var(--raised); }
.key { color: var(--soft); margin-left: .4rem; font-size: .9rem; } .why { display: block; color: var(--soft); }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .35rem; }
.chip { font-size: .82rem; border-radius: 6px; padding: .08rem .5rem; background: var(--raised); color: var(--ink); }
.chip.gain, ins { background: var(--gain-bg); color: var(--gain); } .chip.loss, del { background: var(--loss-bg); color: var(--loss); }
.items { list-style: none; margin: 0; padding: 0; } .card .items { padding: 0 1.1rem .5rem; }
.items > li { border-top: 1px solid var(--line); padding: .6rem 0; } .sheet .items > li:first-child { border-top: 0; }
.items p { margin: 0; } .gain > p > b { color: var(--gain); } .loss > p > b { color: var(--loss); }
.pending { font-style: normal; color: var(--warn); background: var(--warn-bg); border-radius: 6px; padding: .08rem .5rem; font-size: .82rem; margin-left: .35rem; }
.from { display: block; color: var(--soft); font-size: .82rem; }
.rows { margin: .35rem 0 0; } .rows > div { display: grid; grid-template-columns: minmax(7rem, 13rem) 1fr; gap: .1rem 1rem; padding: .25rem 0; }
.rows dt { color: var(--soft); } .rows dd { margin: 0; min-width: 0; }
del, ins { text-decoration: none; border-radius: 5px; padding: .05rem .4rem; -webkit-box-decoration-break: clone; box-decoration-break: clone; white-space: pre-wrap; }
.arrow { color: var(--soft); padding: 0 .35rem; } .hide { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.parked li { padding: .55rem 0; border-top: 1px solid var(--line); } .parked li:first-child { border-top: 0; } .parked ul { list-style: none; margin: 0; padding: 0; }
.end { color: var(--soft); font-size: .9rem; padding: 2rem 0 3rem; }
@media (max-width: 40rem) {
  .wide { padding: 0 .9rem; } h1 { font-size: 1.5rem; } .figures { grid-auto-flow: row; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; margin-top: .5rem; } .figures.three { grid-template-columns: repeat(3, minmax(0, 1fr)); } .figures > li { padding: .6rem .75rem; } .figures b { font-size: 1.4rem; }
  .bar ul { flex-wrap: nowrap; overflow-x: auto; max-width: 100%; } .bar li { flex: none; } .bar nav { min-width: 0; max-width: 100%; }
  .rows > div { grid-template-columns: 1fr; gap: 0; } .facts div { display: block; }
}
@media print {
  :root { color-scheme: light; font-size: 12px; } body { background: none; } .bar, .skip { display: none; } .many .card { content-visibility: visible; } .card { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } h2 { break-after: avoid; } .card > summary::after { display: none; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;

/** Finds people by what stands in their card, opens and closes all, opens all for printing. The page reads well without it. */
export const script = `
const field = document.getElementById("find"), found = document.getElementById("found"), all = document.getElementById("all");
const cards = [...document.querySelectorAll("[data-find]")];
const fold = (text) => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase();
const texts = new Map();
const textOf = (card) => { let text = texts.get(card); if (text === undefined) texts.set(card, text = fold(card.textContent)); return text; };
document.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
let timer;
field?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => {
  const words = fold(field.value).split(/\\s+/u).filter(Boolean);
  let count = 0;
  for (const card of cards) { const hit = words.every((word) => textOf(card).includes(word)); card.hidden = !hit; if (hit) count += 1; }
  for (const part of document.querySelectorAll("[data-people]")) part.hidden = !part.querySelector("[data-find]:not([hidden])");
  found.textContent = words.length === 0 ? "" : count + " of " + cards.length + " people";
}, 60); });
all?.addEventListener("click", () => {
  const open = all.dataset.open !== "yes";
  for (const card of cards) card.open = open;
  all.dataset.open = open ? "yes" : "no";
  all.textContent = open ? "Close all" : "Open all";
});
let closed = [];
addEventListener("beforeprint", () => { closed = cards.filter((card) => !card.open); for (const card of closed) card.open = true; });
addEventListener("afterprint", () => { for (const card of closed) card.open = false; });
`;
