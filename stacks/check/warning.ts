/** What is said of lines of the mapping files, and from what. Types, and a number. */
import type { Facts, holds } from "../../mappings/language/condition.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Person } from "../model/types.ts";
import type { Roster } from "../people/roster.ts";

export interface CheckedLine {
  /** `mappings/ad.yaml:32` */
  rule: string;
  /** `groups GG-Sales` */
  of: string;
  /** People who are here for whom it holds; null: that cannot be told without the systems. Of `people where` all records. */
  holds: number | null;
  /** Of those who have left. */
  left: number | null;
  /** Of how many it is not known, as it hangs on what is doubted or was not read. */
  unsure?: number;
  /** Where only the first line that holds counts: for how many of all these it is this one. */
  decides?: number;
  /** Why it asks for nobody today, or cannot be told. */
  note?: string;
}

export interface Warning {
  rule: string;
  kind: "nobody" | "everybody" | "never decides" | "value" | "field" | "pattern" | "protected" | "ended" | "twice" | "approval";
  /** A sentence without any value of a record. */
  text: string;
  /** Goes on with what stands in records. */
  hint?: string;
  /** Fewer people than `common` have what the hint names: nothing for where others read along. */
  isRare?: true;
}

/** A value that so many people share says nothing about one of them. */
export const common = 5;

export interface Checked {
  people: number;
  left: number;
  lines: CheckedLine[];
  warnings: Warning[];
}

/** Facts by the key that a record has itself, as a roster has them; `people`: by the keys under which they are known. */
export function byRecordKey(
  people: readonly Pick<Person, "key" | "recordKey" | "record">[],
  facts: CheckWorld["facts"],
): CheckWorld["facts"] {
  const known = new Map(people.flatMap(({ key, recordKey, record }) => (record ? [[recordKey ?? key, key] as const] : [])));
  return (key) => facts(known.get(key) ?? "");
}

export interface CheckWorld {
  mappings: Mappings;
  now: Date;
  roster: Roster;
  /** What conditions are decided on, of everybody in the roster's rows. */
  facts(key: string): Facts | undefined;
  /** Decides a condition on them, once for each; left out: each time anew. */
  decide?: typeof holds;
  /** What the systems hold; undefined: they were not read. */
  live: { [type: string]: readonly Live[] } | undefined;
}
