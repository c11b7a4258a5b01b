/** What many changes of a plan have in common: one value of many records, and what else these people share. Pure. */
import type { Values } from "../../base/json.ts";
import type { Plan } from "../model/plan.ts";
import type { Person } from "../model/types.ts";
import { compareTexts, textsOf } from "../model/values.ts";

export type Cause = NonNullable<Plan["causes"]>[number];

/** Fewer people are read one by one. */
const many = 5;
/** More lines are read by nobody. */
const most = 5;

/** The largest first. */
export function causesOf({ people }: Pick<Plan, "people">, everybody: readonly Pick<Person, "key" | "record">[]): Cause[] {
  const by = new Map<string, { rules: Map<string, number>; values: { [field: string]: string }; people: Set<string>; changes: number }>();
  for (const { key, changes } of people)
    for (const { fields } of changes)
      for (const { because } of fields) {
        if (!because?.values) continue;
        const { rule, values } = because;
        const name = JSON.stringify(values);
        const cause = by.get(name) ?? { rules: new Map<string, number>(), values, people: new Set<string>(), changes: 0 };
        by.set(name, cause);
        cause.rules.set(rule, (cause.rules.get(rule) ?? 0) + 1);
        cause.people.add(key);
        cause.changes += 1;
      }
  const large = [...by.values()].filter((one) => one.people.size >= many);
  const records = new Map(everybody.flatMap(({ key, record }) => (record ? [[key, record.fields] as const] : [])));
  return large
    .sort((a, b) => b.people.size - a.people.size || b.changes - a.changes)
    .slice(0, most)
    .map(({ rules, values, people: theirs, changes }) => ({
      rules: [...rules].sort(([a, many], [b, more]) => more - many || compareTexts(a, b)).map(([rule]) => rule),
      ...{ values, people: theirs.size, changes },
      shared: sharedBy(theirs, Object.keys(values), records),
    }));
}

/** Values that all of them have and few others, the rarest first. */
function sharedBy(keys: ReadonlySet<string>, but: readonly string[], records: ReadonlyMap<string, Values>): Cause["shared"] {
  const [first] = keys;
  const own = records.get(first ?? "");
  if (!own) return [];
  const textIn = (fields: Values | undefined, name: string): string => textsOf(fields?.[name]).join(", ");
  const found = Object.keys(own).flatMap((field): Cause["shared"] => {
    const value = textIn(own, field);
    // Numbers, days and flags say nothing to a reader.
    if (but.includes(field) || /^(?:[\d.:TZ -]*|true|false)$/u.test(value)) return [];
    for (const key of keys) if (textIn(records.get(key), field) !== value) return [];
    let of = 0;
    for (const fields of records.values()) if (textIn(fields, field) === value) of += 1;
    return of <= keys.size * 2 ? [{ field, value, of }] : [];
  });
  return found.sort((a, b) => a.of - b.of).slice(0, 2);
}
