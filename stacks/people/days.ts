/**
 * People's first and last days (people.starts, people.ends): who has not begun yet, and whose last day is over. A last day is
 * worked to its end in people.zone. What is no day decides nothing: a human does. Pure.
 */

import type { Json } from "../../base/json.ts";
import { few } from "../../base/text.ts";
import { dayFieldsIn, dayOf, dayTemplate, isNoDay, todayIn } from "../../mappings/language/days.ts";
import { noDaysOf } from "../../mappings/language/feed-tests.ts";
import { feedDaysOf } from "../../mappings/language/feeds.ts";
import { compile, type Template } from "../../mappings/language/template.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Memory, SourceRecord } from "../model/types.ts";
import { calledIn, compareTexts } from "../model/values.ts";

/** Where somebody stands today. `at`: the part of people.yaml that says so. */
export type Standing =
  | { is: "here" }
  | { is: "later" | "over"; day: string; at: "starts" | "ends"; fields: readonly string[] }
  | { is: "unclear"; value: string; at: "starts" | "ends"; fields: readonly string[] };

/** What a record says of a day; `unclear`: what stands there is none. */
type Day = { none: true } | { day: string } | { unclear: string };

/** The day that a line of a mapping gives of a record; none where there is no line. */
export function dayGiven(template: Template | undefined, fields: SourceRecord["fields"], zone: string): Day {
  const text = template?.render(fields).trim() ?? "";
  if (isNoDay(text)) return { none: true };
  const day = dayOf(text, zone);
  return day === undefined ? { unclear: text } : { day };
}

/** The template of a line that gives a day. */
export const dayLine = (source: string | undefined): Template | undefined =>
  source === undefined ? undefined : compile(dayTemplate(source));

const parts = ["starts", "ends"] as const;

/** The same for everybody, by the day that it is now. */
export function standingOf({ people }: Pick<Mappings, "people">, now: Date): (record: SourceRecord) => Standing {
  const today = todayIn(now, people.zone);
  const [starts, ends] = parts.map((at) => dayLine(people[at]));
  if (!starts && !ends) return () => ({ is: "here" });
  return ({ fields }) => {
    const [first, last] = [dayGiven(starts, fields, people.zone), dayGiven(ends, fields, people.zone)];
    if ("unclear" in first) return { is: "unclear", value: first.unclear, at: "starts", fields: starts?.fields ?? [] };
    if ("unclear" in last) return { is: "unclear", value: last.unclear, at: "ends", fields: ends?.fields ?? [] };
    if ("day" in first && first.day > today) return { is: "later", day: first.day, at: "starts", fields: starts?.fields ?? [] };
    // A last day before the first one is of an earlier time here.
    const counts = "day" in last && !("day" in first && last.day < first.day);
    return counts && last.day < today ? { is: "over", day: last.day, at: "ends", fields: ends?.fields ?? [] } : { is: "here" };
  };
}

/** Fields of the first and last days. */
export function fieldsOfDays({ people }: Pick<Mappings, "people">): string[] {
  return parts.flatMap((at) => dayLine(people[at])?.fields ?? []);
}

/** The first of these fields that lost its values: then nobody new is known to be here. */
export function lostDays(
  records: readonly SourceRecord[],
  mappings: Pick<Mappings, "people" | "trust">,
  memory: Memory | undefined,
): string | undefined {
  const { count = 0, filled = {} } = memory?.source ?? {};
  return fieldsOfDays(mappings).find((field) => {
    const before = Object.hasOwn(filled, field) ? (filled[field] ?? 0) : 0;
    const now = records.filter(({ fields }) => !isNoDay(fields[field])).length;
    return before > 0 && count > 0 && records.length > 0 && (1 - now / records.length / (before / count)) * 100 > mappings.trust.emptied;
  });
}

/** Values that are no days where a condition asks for one: what hangs on them stays as it is. */
export function noDays(records: readonly SourceRecord[], mappings: Mappings): string[] {
  const said: { what: string; text: string }[] = [];
  const say = (what: string, { fields }: SourceRecord, value: Json | undefined): void => {
    said.push({ what, text: `${calledIn(fields, mappings.people.key)} says ${JSON.stringify(value).slice(0, 40)}` });
  };
  const ofRecords = [...dayFieldsIn(mappings)];
  const ofFeeds = feedDaysOf(mappings);
  for (const record of records) {
    for (const field of ofRecords) {
      const value = record.fields[field];
      if (!isNoDay(value) && dayOf(value) === undefined) say(field, record, value);
    }
    for (const ask of ofFeeds) for (const { field, value } of noDaysOf(record.fields, ask)) say(`${field} of ${ask.feed}`, record, value);
  }
  return [...Map.groupBy(said, ({ what }) => what)]
    .sort(([a], [b]) => compareTexts(a, b))
    .map(
      ([what, all]) =>
        `Conditions ask for a day in ${what}, and ${few([...new Set(all.map(({ text }) => text))])}: what hangs on it stays as it is; write it like 2027-01-04`,
    );
}
