/** Who is wanted in which group of mappings/ad.yaml, by the conditions alone: groups may ask for other groups. */
import type { Values } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import { type Facts, groupsOf, holds } from "../../mappings/language/condition.ts";
import type { AdFile, Condition, Mappings } from "../../mappings/schema/all.ts";
import type { Subject } from "../people/lifecycle.ts";

/** What deciding needs of a person. */
export type Known = Pick<Subject, "key" | "record">;

/** Devices of a person's Entra account. */
export type DevicesOf = (subject: Known) => readonly Values[];

export interface Verdict {
  holds: boolean;
  /** Fields that decided. */
  fields: string[];
  /** It hangs on a feed whose read is doubted: everything stays as it is. */
  unsure?: true;
}

export interface Wanted {
  /** Index of the group in mappings/ad.yaml → person's key → whether wanted, and by which fields. */
  groups: ReadonlyMap<number, ReadonlyMap<string, Verdict>>;
  /** Index of the group → why nobody is wanted now (outside of from/until). */
  closed: ReadonlyMap<number, string>;
  /** Decides another condition for a person. Nobody without a record meets any. */
  decide(condition: Condition, subject: Known): Verdict;
  /** What is decided on; undefined of who has no record. */
  facts(subject: Known): Facts | undefined;
  /** Sentences: groups that ask for each other in a circle. */
  problems: string[];
}

const no: Verdict = { holds: false, fields: [] };

/** Evaluates all groups in the order in which they ask for each other. */
export function wantedIn(mappings: Mappings, subjects: readonly Known[], now: Date, devicesOf: DevicesOf = () => []): Wanted {
  const groups = mappings.ad?.groups ?? [];
  const mine = new Map<string, Set<string>>(subjects.map((subject) => [subject.key, new Set()]));
  const unsure = new Map<string, Set<string>>(subjects.map((subject) => [subject.key, new Set()]));
  const facts = (subject: Known): Facts | undefined =>
    subject.record && {
      fields: subject.record.fields,
      key: subject.key,
      groups: mine.get(subject.key) ?? new Set(),
      devices: devicesOf(subject),
      now,
      unsure: unsure.get(subject.key) ?? new Set(),
    };
  const decide = (condition: Condition, subject: Known): Verdict => {
    const known = facts(subject);
    return known ? holds(condition, known) : no;
  };

  const { order, problems } = ordered(groups, mappings);
  const verdicts = new Map<number, Map<string, Verdict>>();
  const closed = new Map<number, string>();
  for (const index of order) {
    const group = groups[index];
    if (!group) continue;
    const shut = closedNow(group, now);
    if (shut) closed.set(index, shut);
    const people = new Map<string, Verdict>();
    for (const subject of subjects) {
      if (!subject.record) continue;
      const verdict = shut || !group.members ? no : decide(group.members, subject);
      people.set(subject.key, verdict);
      if (verdict.holds) mine.get(subject.key)?.add(group.name);
      if (verdict.unsure) unsure.get(subject.key)?.add(group.name);
    }
    verdicts.set(index, people);
  }
  return { groups: verdicts, closed, decide, facts, problems };
}

/** Why a line with `from` and `until` asks for nobody today (UTC); undefined = it does. */
export function closedNow(group: { from?: string | undefined; until?: string | undefined }, now: Date): string | undefined {
  const today = now.toISOString().slice(0, 10);
  if (group.from !== undefined && today < group.from) return `begins on ${group.from}`;
  if (group.until !== undefined && today > group.until) return `ended on ${group.until}`;
  return undefined;
}

/** Indexes such that a group comes after those it asks for. */
function ordered(groups: AdFile["groups"], mappings: Mappings): { order: number[]; problems: string[] } {
  const indexOf = new Map<string, number[]>();
  groups.forEach((group, index) => {
    indexOf.set(fold(group.name), [...(indexOf.get(fold(group.name)) ?? []), index]);
  });
  const order: number[] = [];
  const problems: string[] = [];
  const state = new Map<number, "open" | "done">();
  const visit = (index: number, path: string[]): void => {
    const group = groups[index];
    if (!group || state.get(index) === "done") return;
    if (state.get(index) === "open") {
      problems.push(
        `the groups ${[...path, group.name].join(" → ")} ask for each other in a circle (${mappings.at(["ad", "groups", index, "members"])}): break it`,
      );
      return;
    }
    state.set(index, "open");
    for (const name of group.members ? groupsOf(group.members) : [])
      for (const next of indexOf.get(fold(name)) ?? []) visit(next, [...path, group.name]);
    state.set(index, "done");
    order.push(index);
  };
  groups.forEach((_group, index) => {
    visit(index, []);
  });
  return { order, problems };
}
