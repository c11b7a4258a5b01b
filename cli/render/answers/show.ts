/** Values as text for people: nothing in a name may hide, reorder or rewrite what stands around it. */
import { setEntry } from "../plan/words.ts";

/** What an absent or empty value is called. */
export const nothing = "(nothing)";

/**
 * Controls, format characters (bidi overrides, zero-width blanks, tags), odd spaces, line separators, lone surrogates,
 * fillers: everything that is not seen. Kept: plain space, joiners and variation selectors (emoji, Persian, Indic).
 */
const unseen =
  /(?! |\u{200C}|\u{200D}|\u{FE0E}|\u{FE0F})[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u{2800}]/gu;

/** Makes the unseen seen (`⟨U+202E⟩`, `⟨U+000A⟩`) and the edges' blanks too (`␣`). */
export function visible(text: string): string {
  return text
    .replace(unseen, (each) => `⟨U+${(each.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`)
    .replace(/^ +| +$/gu, (blanks) => "␣".repeat(blanks.length));
}

/** Any value on one line of a terminal: `(nothing)`, the text itself, or JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return nothing;
  return visible(typeof value === "string" ? value : JSON.stringify(value));
}

/** Cut to at most `longest` code units, never through a surrogate pair, with the full length said. */
export function clip(text: string, longest: number, full = text.length): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/u, "")}… (${full} characters)`;
}

/** Cut to at most `longest` code units with the ellipsis, never through a surrogate pair. */
export const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;

/** Rows of cells as lines, in columns as wide as what stands in them; the last cell as it is. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((most, cells) => Math.max(most, cells[column]?.length ?? 0), 0));
  return rows.map((cells) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  "),
  );
}

/** Both cut, but so that the first place where they differ stays in sight. */
export function clipPair(before: string, after: string, longest: number): [string, string] {
  if (before.length <= longest && after.length <= longest) return [before, after];
  let same = 0;
  while (same < Math.min(before.length, after.length) && before[same] === after[same]) same += 1;
  const from = same < longest / 2 ? 0 : same - 20;
  const tail = (text: string) =>
    from === 0 || text.length <= longest / 2 ? text : `…${text.slice(from).replace(/^[\uDC00-\uDFFF]/u, "")}`;
  return [clip(tail(before), longest, before.length), clip(tail(after), longest, after.length)];
}

/** Resolves a reference such as `person:41` to what people call it; `name`: what its field says that it is called. */
export type Resolve = (reference: string, name?: string) => string;

/** A JSON value as a person would write it. `true` is yes; a licence is `SPE_E3 without A, B`. */
export function valueText(value: unknown, resolve: Resolve): string {
  if (value === null || value === undefined || value === "") return nothing;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return visible(resolve(value));
  if (Array.isArray(value)) return value.length === 0 ? nothing : value.map((each) => valueText(each, resolve)).join(", ");
  if (typeof value !== "object") return String(value);
  const { sku, without, ...rest } = value as Record<string, unknown>;
  if (typeof sku === "string" && Object.keys(rest).length === 0) {
    return Array.isArray(without) && without.length > 0 ? `${visible(sku)} without ${valueText(without, resolve)}` : visible(sku);
  }
  const parts = Object.entries(value).map(([key, each]) => `${visible(key)}: ${valueText(each, resolve)}`);
  return parts.length === 0 ? nothing : parts.join(", ");
}

/** One row of a change: a value before → after, the value of a new thing (`set`), one that is let go of and stays, or a member of a set that comes or goes. */
export interface Row {
  /** `title`; for a member of a set its noun: `member`, `licence`, `role`. */
  name: string;
  kind: "changed" | "set" | "stays" | "added" | "removed";
  before: string;
  after: string;
  /** The two values look the same and are not: an accent built another way, 18 and "18". */
  alike: boolean;
}

/** `field.stays`: no longer managed. `fresh`: the thing itself is new, so that what its fields held before says nothing. Undefined when both sides show nothing (null → ""): not a change for a reader. */
export function row(
  field: { path: string; before?: unknown; after?: unknown; stays?: boolean },
  name: string,
  longest: number,
  resolve: Resolve,
  fresh: boolean,
): Row | undefined {
  const old = valueText(field.before, resolve);
  const now = valueText(field.after, resolve);
  if (old === nothing && now === nothing) return undefined;
  const isMember = setEntry(field.path) !== undefined;
  const moved = field.before === null ? "added" : field.after === null ? "removed" : "changed";
  const kind = isMember ? moved : field.stays === true ? "stays" : fresh && old === nothing ? "set" : "changed";
  const [before, after] = clipPair(old, now, longest);
  return { name, kind, before, after, alike: kind === "changed" && before.normalize() === after.normalize() };
}
