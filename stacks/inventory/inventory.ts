/** The inventory: rows of the kinds that are asked for, in the order of system and name, and how many there are. Pure. */
import { directories } from "../../providers/systems.ts";
import { compareKeys, compareTexts } from "../model/values.ts";
import { accountRows } from "./accounts.ts";
import { assetRows, groupRows, holdersOf, licenceRows, roleRows, teamRows } from "./held.ts";
import type { Count, InventoryRow, Kind } from "./model.ts";
import { type Inventoried, ownersIn } from "./owners.ts";

const rowsBy = { accounts: accountRows, roles: roleRows, teams: teamRows, groups: groupRows, licences: licenceRows, assets: assetRows };

export function inventoryRows(given: Inventoried, asked: readonly Kind[]): InventoryRow[] {
  const owners = ownersIn(given);
  const holders = holdersOf(given, owners);
  return asked.flatMap((kind) => rowsBy[kind](given, owners, holders).sort(byName));
}

const systemsInOrder = directories.map(({ name }) => name);

const byName = (a: InventoryRow, b: InventoryRow): number =>
  systemsInOrder.indexOf(a.system) - systemsInOrder.indexOf(b.system) ||
  compareTexts(a.sort, b.sort) ||
  compareTexts(a.name.toLowerCase(), b.name.toLowerCase()) ||
  compareKeys(a.id, b.id) ||
  compareTexts(a.holder?.name ?? "", b.holder?.name ?? "");

/** Of each kind and system that was read; also of what there is none. */
export function countsOf(rows: readonly InventoryRow[], read: readonly Pick<Count, "kind" | "system">[]): Count[] {
  const all = Map.groupBy(rows, ({ kind, system }) => `${kind} ${system}`);
  return read.map(({ kind, system }) => {
    const some = all.get(`${kind} ${system}`) ?? [];
    const by: Count["by"] = {};
    for (const { state } of some) by[state] = (by[state] ?? 0) + 1;
    return { kind, system, things: new Set(some.map((one) => `${one.sort} ${one.id}`)).size, by };
  });
}

/** What is asked to be shown: rows of these systems and states, and with this text in them. */
export interface Shown {
  systems?: readonly string[] | undefined;
  states?: readonly string[] | undefined;
}

export const shownRows = (rows: readonly InventoryRow[], { systems, states }: Shown): InventoryRow[] =>
  rows.filter((row) => (systems?.includes(row.system) ?? true) && (states?.includes(row.state) ?? true));

/** Without names and values of people: who is known by key only; what they have is counted, not named. */
export function redacted(rows: readonly InventoryRow[], dots: string): InventoryRow[] {
  return rows.map((row) => {
    const { person, holder, lastSeen: _seen, note: _note, ...rest } = row;
    const isOwn = row.kind === "accounts" || row.kind === "assets";
    return {
      ...rest,
      ...(isOwn ? { id: "", name: dots } : {}),
      ...(holder ? { holder: { id: "", name: dots } } : {}),
      ...(person ? { person: { ...person, name: "" } } : {}),
    };
  });
}
