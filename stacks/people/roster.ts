/** From records to people: one row a key, and who is left aside and why. */
import { factsOfRecord, holds } from "../../mappings/language/condition.ts";
import { hasLeft, LEFT } from "../../mappings/language/left.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { personOf } from "../model/scene.ts";
import type { PreviousResource, SourceRecord } from "../model/types.ts";
import { compareKeys, compareTexts, nameOf, peopleAmong, textOf } from "../model/values.ts";

/** A person as the source has them now. */
export interface Row {
  key: string;
  /** For people to read: "Ada Example". */
  name: string;
  record: SourceRecord;
  /** The record's own key, where the person is known under an earlier one (stacks/match/again.ts). */
  recordKey?: string;
  /** Whether somebody has left, by the record; undefined where it says neither. */
  inactive: boolean | undefined;
}

export interface Roster {
  /** One a person, in order of the key. */
  rows: Row[];
  /** Records for which `people.for` does not hold: service accounts and the like. */
  excluded: ReadonlyMap<string, Row>;
  /** Keys that more than one record has: nobody can say which is right. */
  duplicated: ReadonlyMap<string, Row[]>;
  /** Records without a key. */
  keyless: SourceRecord[];
}

/** Reads the records. The order they come in does not matter. */
export function roster(records: readonly SourceRecord[], mappings: Pick<Mappings, "people">): Roster {
  const { key: field, for: condition } = mappings.people;
  const read = records.map((record): Row => {
    const key = textOf(record.fields[field]);
    return { key, name: nameOf(record.fields, key), record, inactive: hasLeft(record.fields[LEFT], mappings.people.inactive) };
  });
  const byKey = Map.groupBy(read, (row) => row.key);
  const keyless = (byKey.get("") ?? []).map((row) => row.record);
  byKey.delete("");
  const rows: Row[] = [];
  const excluded = new Map<string, Row>();
  const duplicated = new Map<string, Row[]>();
  for (const key of [...byKey.keys()].sort(compareKeys)) {
    const all = byKey.get(key) ?? [];
    const people = condition ? all.filter((row) => holds(condition, factsOfRecord(row.record.fields, key)).holds) : all;
    // Of several that are left aside the same one is named, whatever their order.
    const [row] = people.length > 0 ? people : all.toSorted((a, b) => compareTexts(a.name, b.name));
    if (!row) continue;
    if (people.length === 0) excluded.set(key, row);
    else if (all.length > 1) duplicated.set(key, all);
    else rows.push(row);
  }
  return { rows, excluded, duplicated, keyless };
}

/** Keys of everybody who has a resource or a place in a group by the last run. */
export function managedBefore(previous: readonly PreviousResource[]): Set<string> {
  return new Set(previous.flatMap((resource) => [personOf(resource) ?? [], peopleAmong(resource.inputs["members"])].flat()));
}
