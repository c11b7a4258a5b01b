/** The columns of an inventory: which a kind has, and each row's texts. Pure. */
import type { InventoryRow, Kind, State } from "../../../stacks/inventory/model.ts";

export interface Column {
  /** In CSV: the same in every version. */
  name: string;
  /** Above a table for people. */
  title: string;
  text(row: InventoryRow): string;
}

const column = (name: string, title: string, text: Column["text"]): Column => ({ name, title, text });
const yes = (value: boolean | undefined): string => (value === undefined ? "" : value ? "yes" : "no");

const kind = column("kind", "Kind", (row) => row.kind);
const system = column("system", "System", (row) => row.system);
const sort = column("sort", "Sort", (row) => row.sort);
const name = column("name", "Name", (row) => row.name);
const id = column("id", "Id", (row) => row.id);
const holder = column("holder", "Held by", (row) => row.holder?.name ?? "");
const holderId = column("holder_id", "Holder's id", (row) => row.holder?.id ?? "");
const person = column("person", "Person", (row) => row.person?.name ?? "");
const key = column("key", "Key", (row) => row.person?.key ?? "");
const stage = column("stage", "Stage", (row) => row.person?.stage ?? "");
const state = column("state", "Whose", (row) => row.state);
const rule = column("rule", "Line", (row) => row.rule ?? "");
const enabled = column("enabled", "On", (row) => yes(row.enabled));
const guarded = column("protected", "Protected", (row) => yes(row.protected));
const lastSeen = column("last_seen", "Last seen", (row) => row.lastSeen ?? "");
const note = column("note", "Note", (row) => row.note ?? "");

/** Every column, for a file that holds all there is. */
export const allColumns: readonly Column[] = [
  ...[kind, system, sort, name, id, holder, holderId, person, key, stage, state, rule, enabled, guarded, lastSeen, note],
];

const day = { ...lastSeen, text: (row: InventoryRow): string => (row.lastSeen ?? "").slice(0, 10) };

/** What people look at. */
export const columnsFor = (of: Kind): readonly Column[] => [
  ...(of === "roles" || of === "teams" || of === "assets" ? [] : [system]),
  ...[sort, name],
  ...(of === "accounts" ? [] : [holder]),
  ...[person, key, state, rule, enabled],
  ...(of === "accounts" ? [guarded, day] : []),
  note,
];

/** What a state means, in a sentence. */
export const stateSays: { readonly [state in State]: string } = {
  mapped: "a line of the mapping files asks for it",
  record: "it is the record that its person comes from",
  unasked: "it is somebody's, and no line asks for it: given by hand",
  undecided: "it may be somebody's, and a human must decide, or its person is parked",
  nobody: "it is nobody's whom the source has",
  empty: "nobody holds it",
};
