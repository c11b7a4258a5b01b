/** The table over all clients as one self-contained page: no request leaves it, and nothing in a name can run or style anything in it. */
import type { Fleet, FleetClient } from "../../answers/fleet.ts";
import { clip, visible } from "../answers/show.ts";
import { esc, headHtml } from "../html.ts";
import { fold, look } from "../look.ts";
import { columns, saidOf, stateSays, summaryOf } from "./columns.ts";

const style = `${look}
.wide { max-width: 100rem; } .scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; margin: .75rem 0 0; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; } th, td { text-align: left; vertical-align: top; padding: .5rem .8rem; border-top: 1px solid var(--line); } thead th { border: 0; background: var(--raised); white-space: nowrap; } tbody th { font-weight: 600; min-width: 9rem; } td { overflow-wrap: normal; min-width: 5rem; } td.drift, td.lastRun, td.at { min-width: 9.5rem; }
.refused, .failed, .stopped { color: var(--loss); } .waits { color: var(--warn); } td.refused, td.failed, td.stopped, td.waits { font-weight: 600; }
.said { margin: .3rem 0 0; padding-left: 1.2rem; } section.one { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1.1rem; margin: .75rem 0 0; } section.one h2 { font-size: 1.1rem; margin: 0; } .doubt { color: var(--warn); }
@media print { .scroll { overflow: visible; border: 0; } }
`;

const script = `
const $ = (id) => document.getElementById(id);${fold}
const rows = [...document.querySelectorAll("tbody tr")].map((row) => ({ row, text: fold(row.textContent), state: row.dataset.state }));
function filter() {
  const words = fold($("find").value).split(/\\s+/u).filter(Boolean), state = $("state").value;
  let shown = 0;
  for (const one of rows) { one.row.hidden = !((state === "" || one.state === state) && words.every((word) => one.text.includes(word))); if (!one.row.hidden) shown += 1; }
  $("found").textContent = shown + " of " + rows.length + " clients";
}
for (const one of document.querySelectorAll("[data-script]")) one.hidden = false;
$("find").addEventListener("input", filter);
$("state").addEventListener("change", filter);
filter();
`;

const text = (given: string, longest = 500): string => esc(clip(visible(given), longest));

/** A whole document, ending in a line break. */
export function fleetPage({ of, made, clients }: Fleet): string {
  const title = of === "preview" ? "All clients: what waits" : "All clients: what is kept";
  const states = (Object.keys(stateSays) as FleetClient["state"][]).filter((state) => clients.some((row) => row.state === state));
  const asked = of === "preview" ? "as each was read then" : "of what earlier runs left; no system was asked";
  return `${headHtml(text(title), style, script)}
<body>
<a class="skip" href="#clients">Skip to the clients</a>
<header class="top"><div class="wide">
<p class="brand">haloform</p>
<div class="title"><h1>${text(title)}</h1></div>
<p class="sentence">${text(summaryOf(clients))}. Made on ${made.slice(0, 10)} at ${made.slice(11, 16)} UTC, ${asked}.</p>
</div></header>
<main class="wide">
<div class="filters" role="search" data-script hidden>
<div class="grow"><label for="find">Find in every column</label><input id="find" type="search" autocomplete="off" spellcheck="false"></div>
<div><label for="state">State</label><select id="state"><option value="">all</option>${states.map((state) => `<option value="${state}">${stateSays[state]}</option>`).join("")}</select></div>
</div>
<p class="found" id="found" role="status"></p>
<div class="scroll" role="region" aria-label="Clients" tabindex="0">
<table id="clients"><thead><tr>${columns.map(({ title: head }) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>${clients.map(rowOf).join("\n")}</tbody></table>
</div>
${clients.map(said).filter(Boolean).join("\n")}
<p class="end">A plan is approved and applied client by client.</p>
</main>
<script>${script}</script>
</body>
</html>
`;
}

function rowOf(row: FleetClient): string {
  const cells = columns.map(({ name, text: of }) => {
    if (name === "client") return `<th scope="row">${text(of(row), 120)}</th>`;
    return `<td class="${name === "state" ? row.state : name}">${text(of(row))}</td>`;
  });
  return `<tr data-state="${row.state}">${cells.join("")}</tr>`;
}

/** What there is to say of a client beside its row. */
function said(row: FleetClient): string {
  const lines = saidOf(row);
  if (lines.length === 0) return "";
  const list = lines.slice(0, 50).map(({ kind, text: line }) => `<li class="${kind}">${text(line)}</li>`);
  const more = lines.length > 50 ? `<p>And ${lines.length - 50} more, in its own preview.</p>` : "";
  return `<section class="one"><h2>${text(row.client, 120)}</h2><ul class="said">${list.join("")}</ul>${more}</section>`;
}
