/** How a change is laid out, for every rendering alike; a rendering's pen is how it writes the parts. Pure. */
import type { Row } from "../answers/show.ts";
import type { Item, Tone, Why } from "./items.ts";

export interface Pen {
  /** A text that may be anybody's. */
  text(text: string): string;
  /** What happens to a thing. */
  what(text: string, tone: Tone): string;
  /** A value that is there afterwards; `comes`: a member of a set that was not there before. */
  after(value: string, comes: boolean): string;
  /** A member of a set that goes. */
  gone(value: string): string;
  changed(before: string, after: string): string;
  /** A value that is no longer managed and stays. */
  stays(value: string): string;
  /** Behind two values that look the same and are not. */
  alike: string;
  why(why: Why | undefined): string;
}

/** `Active Directory account aexample is disabled` */
export function headOf({ thing, what, quiet, tone }: Item, pen: Pen): string {
  return `${pen.text(thing)}${quiet ? "" : ` ${pen.what(what, tone)}`}`;
}

/** The name of a row, and its values with where they come from. */
export function rowOf(row: Item["rows"][number], pen: Pen, from = row.from): [name: string, values: string] {
  return [pen.text(row.name), `${valuesOf(row, pen)}${row.alike ? pen.alike : ""}${pen.why(from)}`];
}

function valuesOf({ kind, before, after }: Row, pen: Pen): string {
  if (kind === "stays") return pen.stays(after);
  if (kind === "set" || kind === "added") return pen.after(after, kind === "added");
  return kind === "removed" ? pen.gone(before) : pen.changed(before, after);
}
