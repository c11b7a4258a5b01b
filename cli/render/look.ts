/** What the style and the scripts of haloform's pages have in common. Constants, so that a page's policy can name them by hash. */

export const look = `
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
code { font: .86em/1.45 ui-monospace, SFMono-Regular, Consolas, "Liberation Mono", monospace; }
.found { color: var(--soft); font-size: .9rem; margin: .75rem 0 0; }
.rows { margin: .35rem 0 0; } .rows > div { display: grid; grid-template-columns: minmax(7rem, 13rem) 1fr; gap: .1rem 1rem; padding: .25rem 0; }
.rows dt { color: var(--soft); } .rows dd { margin: 0; min-width: 0; }
.end { color: var(--soft); font-size: .9rem; padding: 2rem 0 3rem; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: end; margin: .75rem 0 0; }
.filters > div { display: grid; gap: .15rem; } .filters label { font-size: .82rem; color: var(--soft); } .filters .grow { flex: 1 1 16rem; }
.filters input, .filters select { font: inherit; font-size: 1rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; padding: .35rem .6rem; min-width: 0; max-width: 100%; }
@media (max-width: 40rem) {
  .wide { padding: 0 .9rem; } h1 { font-size: 1.5rem; } .figures { grid-auto-flow: row; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; margin-top: .5rem; } .figures.three { grid-template-columns: repeat(3, minmax(0, 1fr)); } .figures > li { padding: .6rem .75rem; } .figures b { font-size: 1.4rem; }
  .rows > div { grid-template-columns: 1fr; gap: 0; } .filters > div { flex: 1 1 8rem; }
}
@media print {
  :root { color-scheme: light; font-size: 12px; } body { background: none; } .skip, .filters { display: none; } h2 { break-after: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;

/** Text as it is looked for: without case, marks, and letters that few keyboards have. */
export const fold = `
const plain = { ł: "l", ø: "o", đ: "d", ð: "d", þ: "th", ß: "ss", æ: "ae", œ: "oe", ı: "i" };
const fold = (text) => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase().replace(/[łøđðþßæœı]/gu, (letter) => plain[letter]);`;
