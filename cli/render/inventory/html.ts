/** An inventory as one self-contained page: no request leaves it, and nothing in a name can run or style anything in it. */
import { systemOf } from "../../../providers/systems.ts";
import { type Inventory, type Kind, states } from "../../../stacks/inventory/model.ts";
import { sourceName } from "../../../stacks/model/source-name.ts";
import { visible } from "../answers/show.ts";
import { alert, esc, headHtml } from "../html.ts";
import { plural } from "../plan/words.ts";
import { allColumns, columnsFor, stateSays } from "./columns.ts";
import { script, style } from "./page.ts";

/** A whole document, ending in a line break. Names and values of people are in it, unless they were taken out of the rows. */
export function inventoryPage(inventory: Inventory): string {
  const { stack, at, source, kinds, counts, unread } = inventory;
  const read = `As read on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC, with ${plural(source.records, "record", "records")} of ${sourceName(source.name)}.`;
  const title = kinds.length === 1 && kinds[0] ? `${kinds[0]} of ${stack}` : `Inventory of ${stack}`;
  return `${headHtml(text(title), style, script)}
<body>
<a class="skip" href="#list">Skip to the rows</a>
<header class="top"><div class="wide">
<p class="brand">haloform</p>
<div class="title"><h1>${text(title)}</h1></div>
<p class="sentence">${text(read)}</p>
</div></header>
<main class="wide">
${alert(
  "refused",
  "Not read",
  unread.map(({ kind, system, why }) => visible(`${kind} of ${systemOf(system).title}: ${why}`)),
)}
${alert("doubt", "Doubts: who is whose may be wrong", inventory.doubts.map(visible))}
<ul class="figures" aria-label="How many there are">${counts.map(figure).join("")}</ul>
${kinds.length > 1 ? `<div class="kinds" role="group" aria-label="Kind" data-script hidden>${kinds.map((kind) => kindButton(inventory, kind)).join("")}</div>` : ""}
<div class="filters" role="search" data-script hidden>
<div class="grow"><label for="find">Find in every column</label><input id="find" type="search" autocomplete="off" spellcheck="false"></div>
<div><label for="system">System</label><select id="system"></select></div>
<div><label for="state">Whose</label><select id="state"></select></div>
<div><label for="enabled">On</label><select id="enabled"></select></div>
<div><label for="sort">Sort by</label><select id="sort"></select></div>
</div>
<p class="found" id="found" role="status"></p>
<p data-unscripted>The rows are drawn by a script. Without one, ask for them as a table: <code>haloform inventory accounts --out accounts.csv</code></p>
<div class="scroll" id="scroll" data-script hidden>
<table class="list" id="list" role="grid" tabindex="0" aria-readonly="true" aria-label="Rows"><thead role="rowgroup"><tr id="head" role="row" aria-rowindex="1"></tr></thead><tbody id="body" role="rowgroup"></tbody></table>
</div>
<dl class="means">${states.map((state) => `<dt>${state}</dt><dd>${esc(stateSays[state])}</dd>`).join("")}</dl>
${inventory.notes.length > 0 ? `<h2>Notes</h2><ul>${inventory.notes.map((note) => `<li>${text(note)}</li>`).join("")}</ul>` : ""}
<dialog class="one" id="one" aria-labelledby="one-h"><h2 id="one-h"></h2><dl class="rows" id="one-rows"></dl><p><button type="button" id="close">Close</button></p></dialog>
<p class="end">Arrow keys move through the rows, Enter shows all of one.</p>
</main>
<script type="application/json" id="data">${dataOf(inventory)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const text = (given: string): string => esc(visible(given));

function figure({ kind, system, things, by }: Inventory["counts"][number]): string {
  const parts = (["nobody", "unasked", "undecided"] as const).flatMap((state) =>
    by[state] === undefined ? [] : [`${by[state]} ${state === "nobody" ? "nobody's" : state}`],
  );
  return `<li><b>${things.toLocaleString("en-GB")}</b> <span>${kind} in ${esc(systemOf(system).title)}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}</span></li>`;
}

function kindButton({ rows }: Inventory, kind: Kind): string {
  const count = rows.filter((row) => row.kind === kind).length;
  return `<button type="button" value="${kind}" aria-pressed="false">${kind} <span>${count.toLocaleString("en-GB")}</span></button>`;
}

/** Of each kind its columns (those without a title are shown with one row alone) and its rows, as JSON that ends no script. */
function dataOf({ kinds, rows }: Inventory): string {
  const parts = kinds.map((kind) => {
    const shown = columnsFor(kind);
    const columns = [...shown, ...allColumns.filter(({ name }) => name !== "kind" && !shown.some((one) => one.name === name))];
    return {
      kind,
      columns: columns.map(({ name, title }) => ({ name, title: shown.some((one) => one.name === name) ? title : "", says: title })),
      rows: rows.filter((row) => row.kind === kind).map((row) => columns.map((column) => visible(column.text(row)))),
    };
  });
  return JSON.stringify(parts).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
