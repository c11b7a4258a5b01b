/** An inventory on a terminal, and as CSV. Pure. */
import picocolors from "picocolors";
import { csvOf } from "../../../base/csv.ts";
import { systemOf } from "../../../providers/systems.ts";
import { type Inventory, type InventoryRow, states } from "../../../stacks/inventory/model.ts";
import { sourceName } from "../../../stacks/model/source-name.ts";
import { aligned, cut, visible as safe } from "../answers/show.ts";
import { plural } from "../plan/words.ts";
import { allColumns, columnsFor, stateSays } from "./columns.ts";

type Paint = ReturnType<typeof picocolors.createColors>;

/** Letters of a cell before it is cut. */
const widest = 48;

/** Of one kind all rows; of several how many there are, and how to see them. */
export function printInventory(inventory: Inventory, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const { source, at, kinds } = inventory;
  const lines = [
    c.bold(safe(`${inventory.stack}: read ${at}, ${plural(source.records, "record", "records")} of ${sourceName(source.name)}`)),
  ];
  for (const doubt of inventory.doubts) lines.push(c.yellow(`Doubt: ${safe(doubt)}`));
  const [only] = kinds;
  if (only !== undefined && kinds.length === 1) lines.push("", ...tableOf(inventory.rows, columnsFor(only), c));
  lines.push("", ...countLines(inventory, c));
  for (const { kind, system, why } of inventory.unread) lines.push(c.red(`Not read: ${kind} of ${systemOf(system).title}: ${safe(why)}`));
  for (const note of inventory.notes) lines.push(c.dim(safe(note)));
  if (kinds.length > 1) lines.push("", ...moreLines);
  return `${lines.join("\n")}\n`;
}

const moreLines = [
  "See one kind: haloform inventory accounts (roles, teams, groups, licences, assets).",
  "Only what nobody asked for: --state unasked; what is nobody's: --state nobody; one system: --system ad.",
  "For a spreadsheet: --out FILE.csv; a page to search in: --out FILE.html; for programs: --out FILE.json.",
];

function tableOf(rows: readonly InventoryRow[], columns: ReturnType<typeof columnsFor>, c: Paint): string[] {
  if (rows.length === 0) return ["Nothing is there that was asked for."];
  const used = columns.filter(({ text }) => rows.some((row) => text(row) !== ""));
  const cells = rows.map((row) => used.map(({ text }) => cut(safe(text(row)), widest)));
  const [head = "", ...lines] = aligned([used.map(({ title }) => title), ...cells]).map((line) => line.trimEnd());
  return [c.bold(head), ...lines.map((line, index) => (byHand.has(rows[index]?.state) ? c.yellow(line) : line))];
}

/** What nobody asked for. */
const byHand: ReadonlySet<string | undefined> = new Set(["nobody", "unasked"]);

/** `accounts in Active Directory: 243 (mapped 230, nobody 13)` */
function countLines({ counts, kinds, rows }: Inventory, c: Paint): string[] {
  const lines = counts.map(({ kind, system, things, by }) => {
    const parts = states.flatMap((state) => (by[state] === undefined ? [] : [`${state} ${by[state]}`]));
    const head = `${kind} in ${systemOf(system).title}`.padEnd(30);
    return `${c.bold(head)} ${String(things).padStart(6)}   ${parts.join(", ")}`;
  });
  if (kinds.length > 1) return lines;
  const said = states.filter((state) => rows.some((row) => row.state === state));
  return [...lines, ...said.map((state) => c.dim(`  ${state}: ${stateSays[state]}`))];
}

/** Every column of every row; nothing in it is a formula. */
export function csvInventory({ rows }: Pick<Inventory, "rows">): string {
  return csvOf([allColumns.map(({ name }) => name), ...rows.map((row) => allColumns.map(({ text }) => text(row)))]);
}
