/** The style and the one script of an inventory's page. Constants, so that the page's policy can name them by hash. */
import { fold, look } from "../look.ts";

/** As plan.html looks, and a table of which only the rows in sight are drawn: each as high as every other. */
export const style = `${look}
.wide { max-width: 100rem; } .figures { grid-auto-flow: row; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .5rem; } .figures > li { padding: .5rem .8rem; } .figures b { font-size: 1.3rem; } .figures span { display: block; line-height: 1.35; } .kinds { margin-top: 1rem; }
.kinds { display: flex; flex-wrap: wrap; gap: .4rem; }
.kinds button, .one button { font: inherit; font-size: .95rem; color: inherit; background: var(--sheet); border: 1px solid var(--soft); border-radius: 99px; padding: .3rem .9rem; cursor: pointer; }
.kinds button[aria-pressed=true] { background: var(--accent); color: var(--page); border-color: var(--accent); font-weight: 600; } .kinds button span { opacity: .85; }
.scroll { overflow: auto; height: max(20rem, calc(100vh - 15rem)); background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; margin: .5rem 0 0; }
.list { border-collapse: collapse; width: 100%; font-size: .92rem; }
.list th { position: sticky; top: 0; z-index: 1; background: var(--raised); text-align: left; padding: 0; white-space: nowrap; }
.list th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: .5rem .7rem; width: 100%; text-align: left; cursor: pointer; } .list th[aria-sort=ascending] button::after { content: " \\2191" / ""; } .list th[aria-sort=descending] button::after { content: " \\2193" / ""; }
.list td { padding: 0 .7rem; height: 2.3rem; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; border-top: 1px solid var(--line); overflow-wrap: normal; }
.list tr[aria-selected=true] td { background: var(--raised); } .list tr[aria-selected=true] { outline: 2px solid var(--accent); outline-offset: -2px; } .list tbody tr:not(.space):hover td { background: var(--raised); cursor: pointer; }
.list .space td { padding: 0; border: 0; height: auto; } .list .nobody, .list .unasked, .list .undecided { font-weight: 600; } .list .nobody { color: var(--loss); } .list .unasked, .list .undecided { color: var(--warn); } .list .mapped { color: var(--gain); }
.means { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0 0; font-size: .9rem; color: var(--soft); } .means dt { font-weight: 600; } .means dd { margin: 0; }
.one { color: var(--ink); background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.4rem; width: min(46rem, calc(100vw - 2rem)); } .one::backdrop { background: rgb(0 0 0 / .45); } .one h2 { margin: 0 0 .5rem; }
@media (max-width: 40rem) {
  .scroll { height: 75vh; } .list thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .list, .list tbody { display: block; } .list tbody tr:not(.space) { display: grid; grid-template-columns: 1fr 1fr; align-content: start; gap: 0 .75rem; height: 8rem; overflow: hidden; padding: .45rem .8rem; border-top: 1px solid var(--line); } .list tr.space, .list tr.space td { display: block; }
  .list tbody tr:not(.space) td { display: block; height: auto; border: 0; padding: 0; min-width: 0; max-width: none; } .list td:not(:empty)::before { content: attr(data-label) ": "; color: var(--soft); font-weight: 400; } .list td:empty { display: none !important; } .list tr td[data-label=Name] { grid-column: 1 / -1; order: -1; font-weight: 600; } .list td[data-label=Name]:not(:empty)::before { content: ""; } .list tr[aria-selected=true] td, .list tbody tr:not(.space):hover td { background: none; } .list tr[aria-selected=true] { background: var(--raised); }
}
@media print { .scroll { height: auto; overflow: visible; border: 0; } .kinds { display: none; } .list td { white-space: normal; height: auto; } .list th { position: static; } }
`;

/** Finds, filters and sorts rows, and draws those in sight. Filters are measured as "filter" (performance.measure). */
export const script = `
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);${fold}
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const [grid, body, scroll, find, found, sorts, dialog] = ["list", "body", "scroll", "find", "found", "sort", "one"].map($);
const selects = ["system", "state", "enabled"].map($);
let part = data[0], shown = [], active = 0, sorted = -1, down = false, high = 0, frame = 0;
const at = (name) => part.columns.findIndex((column) => column.name === name);
const element = (name, text, attributes = {}) => { const made = document.createElement(name); if (text !== "") made.textContent = text; for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value); return made; };
const foldedOf = () => { part.folded ??= part.rows.map((row) => fold(row.join("\\n"))); return part.folded; };

function filter() {
  performance.mark("filter-start");
  const words = fold(find.value).split(/\\s+/u).filter(Boolean);
  const tests = selects.map((select) => [at(select.id), select.value]).filter(([column, value]) => column >= 0 && value !== "");
  const folded = words.length > 0 ? foldedOf() : [];
  shown = [];
  part.rows.forEach((row, index) => { if (tests.every(([column, value]) => row[column] === value) && words.every((word) => folded[index].includes(word))) shown.push(row); });
  if (sorted >= 0) shown.sort((a, b) => (down ? -1 : 1) * collator.compare(a[sorted], b[sorted]));
  active = 0;
  scroll.scrollTop = 0;
  grid.setAttribute("aria-rowcount", String(shown.length + 1));
  draw();
  found.textContent = shown.length.toLocaleString("en-GB") + " of " + part.rows.length.toLocaleString("en-GB") + " rows";
  performance.measure("filter", "filter-start");
}

function rowAt(index) {
  const row = element("tr", "", { role: "row", id: "row-" + index, "aria-rowindex": String(index + 2), "aria-selected": String(index === active) });
  part.columns.forEach((column, place) => { if (column.title) row.append(element("td", shown[index][place], { role: "gridcell", "data-label": column.title, title: shown[index][place], ...(column.name === "state" ? { class: shown[index][place] } : {}) })); });
  row.addEventListener("click", () => { active = index; open(); });
  return row;
}

function space(height) { const row = element("tr", "", { class: "space", role: "presentation" }); const cell = element("td", "", { role: "presentation", colspan: String(part.columns.length) }); cell.style.height = height + "px"; row.append(cell); return row; }

function draw(all = false) {
  frame = 0;
  if (high === 0 && shown.length > 0) { body.replaceChildren(rowAt(0)); high = body.firstElementChild.getBoundingClientRect().height || 37; }
  const more = 10, top = all ? 0 : Math.max(0, Math.floor(scroll.scrollTop / (high || 37)) - more);
  const end = all ? shown.length : Math.min(shown.length, top + Math.ceil(scroll.clientHeight / (high || 37)) + 2 * more);
  const rows = [];
  for (let index = top; index < end; index += 1) rows.push(rowAt(index));
  body.replaceChildren(space(top * high), ...rows, space((shown.length - end) * high));
  if (shown.length > 0) grid.setAttribute("aria-activedescendant", "row-" + active); else grid.removeAttribute("aria-activedescendant");
}
const later = () => { frame ||= requestAnimationFrame(() => draw()); };

function show(kind) {
  part = data.find((one) => one.kind === kind) ?? data[0];
  for (const button of document.querySelectorAll(".kinds button")) button.setAttribute("aria-pressed", String(button.value === part.kind));
  for (const [place, column] of part.columns.entries()) if (!part.rows.some((row) => row[place] !== "")) column.title = "";
  const visible = part.columns.filter((column) => column.title);
  $("head").replaceChildren(...visible.map((column) => { const head = element("th", "", { role: "columnheader", scope: "col", "aria-sort": "none" }); const button = element("button", column.title, { type: "button" }); button.addEventListener("click", () => sortBy(at(column.name))); head.append(button); return head; }));
  sorts.replaceChildren(element("option", "as listed", { value: "-1" }), ...visible.map((column) => element("option", column.title, { value: String(at(column.name)) })));
  for (const select of selects) {
    const place = at(select.id), values = place < 0 ? [] : [...new Set(part.rows.map((row) => row[place]))].filter(Boolean).sort();
    const before = select.value;
    select.replaceChildren(element("option", "all", { value: "" }), ...values.map((value) => element("option", value, { value })));
    select.value = values.includes(before) ? before : "";
    select.parentElement.hidden = values.length < 2;
  }
  grid.setAttribute("aria-label", part.kind);
  sorted = -1; down = false; high = 0;
  filter();
}

function sortBy(column) {
  down = sorted === column && column >= 0 ? !down : false;
  sorted = column;
  sorts.value = String(column);
  part.columns.filter((one) => one.title).forEach((one, place) => $("head").children[place].setAttribute("aria-sort", at(one.name) !== sorted ? "none" : down ? "descending" : "ascending"));
  filter();
}

function open() {
  const row = shown[active];
  if (!row) return;
  $("one-h").textContent = row[at("name")];
  $("one-rows").replaceChildren(...part.columns.flatMap((column, place) => { if (row[place] === "") return []; const line = element("div", ""); line.append(element("dt", column.title || column.says), element("dd", row[place])); return [line]; }));
  dialog.showModal();
  draw();
}

function move(to) {
  active = Math.max(0, Math.min(shown.length - 1, to));
  const head = $("head").getBoundingClientRect().height, top = active * high;
  if (top < scroll.scrollTop) scroll.scrollTop = top;
  else if (top + high > scroll.scrollTop + scroll.clientHeight - head) scroll.scrollTop = top + high - scroll.clientHeight + head;
  draw();
}

grid.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(scroll.clientHeight / (high || 37)) - 1);
  const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: shown.length - 1 }[event.key];
  if (event.target !== grid || (to === undefined && event.key !== "Enter")) return;
  event.preventDefault();
  if (to === undefined) open(); else move(to);
});
let timer;
find.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 60); });
for (const select of selects) select.addEventListener("change", filter);
sorts.addEventListener("change", () => sortBy(Number(sorts.value)));
scroll.addEventListener("scroll", later, { passive: true });
addEventListener("resize", () => { high = 0; later(); });
document.querySelectorAll(".kinds button").forEach((button) => button.addEventListener("click", () => show(button.value)));
$("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => grid.focus());
addEventListener("beforeprint", () => draw(true));
addEventListener("afterprint", () => draw());
document.querySelectorAll("[data-script]").forEach((one) => { one.hidden = false; });
document.querySelectorAll("[data-unscripted]").forEach((one) => { one.hidden = true; });
show(data[0]?.kind);
(globalThis.requestIdleCallback ?? setTimeout)(foldedOf);
`;
