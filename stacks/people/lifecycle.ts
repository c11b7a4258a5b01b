/** At which stage everybody is: active, leaver, or held with what they have. */

import { defined } from "../../base/defined.ts";
import { FEED_FIELDS } from "../../mappings/language/feed-tests.ts";
import { feedsBesideGroups } from "../../mappings/language/feeds.ts";
import { LEFT } from "../../mappings/language/left.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Path } from "../../mappings/text/document.ts";
import type { Again } from "../match/again.ts";
import type { World } from "../model/scene.ts";
import { sourceName } from "../model/source-name.ts";
import type { Because, Parked, SourceRecord, StageName, Subject } from "../model/types.ts";
import { called, compareKeys } from "../model/values.ts";
import { guardedKeys } from "../read/protected.ts";
import { type Standing, standingOf } from "./days.ts";
import { type Lost, lostIn } from "./lost.ts";
import { managedBefore, type Row } from "./roster.ts";
import { dueAt, stagesOf, upcoming } from "./stages.ts";

type Ended = Extract<Standing, { is: "later" | "over" }>;
type Given = Pick<World, "mappings" | "previous" | "memory" | "trust" | "now" | "hidden" | "overfull">;

/** Everybody who is in the source or was managed before, in order of the key; notes and parked people by the way. */
export function subjects(
  { roster, waiting, likes }: Pick<Again, "roster" | "waiting" | "likes">,
  given: Given,
): { subjects: Subject[]; notes: string[]; parked: Parked[] } {
  const { mappings, memory } = given;
  const source = sourceName(mappings.people.source);
  const doubted = given.trust.verdict !== "trusted";
  const before = managedBefore(given.previous);
  const rows = new Map(roster.rows.map((row) => [row.key, row]));
  const guarded = guardedKeys(mappings);
  const keys = new Set([...rows.keys(), ...roster.duplicated.keys(), ...before, ...Object.keys(memory?.people ?? {})]);
  const notes: string[] = [];
  const parked: Parked[] = [];
  const all: Subject[] = [];
  const why = reasonsOf(mappings, given.trust);
  const standing = standingOf(mappings, given.now);
  const lostOf = lostIn(mappings, given.trust.emptied);

  for (const key of [...keys].sort(compareKeys)) {
    const row = rows.get(key);
    const excluded = roster.excluded.get(key);
    const twins = roster.duplicated.get(key);
    const past = memory?.people[key];
    if (excluded && !before.has(key)) continue;
    const known = before.has(key) || past !== undefined;
    const name = row?.name ?? past?.name ?? excluded?.name ?? twins?.map((one) => one.name).sort()[0] ?? key;
    const subject: Subject = {
      key,
      name,
      stage: "active",
      accounts: {},
      known,
      parkedIn: new Set(),
      before: before.has(key),
      leaverBefore: past?.leaverSince !== undefined,
      due: none,
      inactive: row?.inactive === true,
    };
    const asked = likes.get(key);
    if (asked) subject.likes = asked;
    if (row) subject.record = row.record;
    if (row?.recordKey !== undefined) subject.recordKey = row.recordKey;
    const absent = !row && !excluded && !twins;
    const hidden = absent ? given.hidden?.get(key) : undefined;
    const since = past?.absentSince ?? (doubted ? undefined : given.now.toISOString());
    if (absent && since !== undefined && hidden === undefined) subject.absentSince = since;
    const isGuarded = guarded({ key, recordKey: row ? row.recordKey : past?.key });
    const waits = waiting.get(key);
    const overfull = given.overfull?.get(row?.recordKey ?? key);
    const lost = row && lostOf(row.record);
    if (isGuarded) {
      subject.guarded = true;
      subject.keep = why.protected(row?.record);
    } else if (doubted) subject.keep = why.doubted();
    all.push(subject);

    if (twins) {
      hold(subject, why.duplicated(twins));
      const names = twins.map((one) => one.name).sort();
      const reason = `${twins.length} records of ${source} have the key ${key} (${names.join("; ")}): correct ${source}; until then nothing changes for this person`;
      parked.push({ key, name, where: "source", reason });
    } else if (doubted && known) hold(subject, why.doubted());
    else if (row && !subject.inactive && !excluded && (row.inactive === undefined || given.trust.left === "doubted" || lost)) {
      const because = lost ? why.lost(row.record, lost) : why.unclear(row.record);
      hold(subject, because);
      parked.push({ key, name, where: "source", reason: `${because.note}; until that is clear nothing is made for this person` });
    } else if (excluded) {
      hold(subject, why.excluded(excluded));
      notes.push(
        `${called(subject)} is no longer selected by people.for (${why.place(["people", "people", "for"])}): keeps everything as it is; disable the account by hand, or let ${source} say inactive`,
      );
    } else if (waits !== undefined && !isGuarded) hold(subject, why.waiting(waits));
    else if (hidden !== undefined && !isGuarded) {
      hold(subject, why.hidden(hidden));
      notes.push(`${called(subject)} ${hidden}; keeps everything as it is until ${source} is clear`);
    } else if (row && overfull !== undefined && !subject.inactive) {
      hold(subject, why.overfull(overfull, row.record));
      const reason = `${overfull}: shorten them in ${source}, or the template; until then nothing changes for this person`;
      parked.push({ key, name, where: "source", reason });
    } else if (absent || subject.inactive) leave(subject, given, why, isGuarded, notes);
    else if (row) byDays(subject, standing(row.record), { given, why, guarded: isGuarded, notes, parked });
  }
  const keyless = roster.keyless.slice(0, 5).map((one) => one.ref);
  if (keyless.length > 0)
    notes.push(`${roster.keyless.length} record(s) of ${source} without ${mappings.people.key} are ignored: ${keyless.sort().join(", ")}`);
  const heldByDoubt = all.filter((one) => one.stage === "held" && one.known).length;
  if (doubted && heldByDoubt > 0)
    notes.push(`The read of ${source} is doubted: ${heldByDoubt} people known before keep what they have, and nobody loses anything`);
  return { subjects: all, notes, parked };
}

function hold(subject: Subject, because: Because): void {
  subject.stage = "held";
  subject.because = because;
  subject.keep = because;
}

/** Somebody whom the source calls here: not yet, no more by the last day, or nobody knows. */
function byDays(
  subject: Subject,
  stands: Standing,
  { given, why, guarded, notes, parked }: { given: Given; why: Reasons; guarded: boolean; notes: string[]; parked: Parked[] },
): void {
  if (stands.is === "here" || !subject.record) return;
  if (stands.is === "over") {
    subject.inactive = true;
    leave(subject, given, why, guarded, notes, stands);
    return;
  }
  const because = why.day(subject.record, stands);
  hold(subject, because);
  if (stands.is === "later") notes.push(`${called(subject)} starts on ${stands.day}: until then nothing is made, enabled or given`);
  else {
    const reason = `${because.note} (${because.rule}); until it is written like 2027-01-04 nothing changes for this person`;
    parked.push({ key: subject.key, name: subject.name, where: "source", reason });
  }
}

/** Inactive, or gone from a read that is believed. */
function leave(subject: Subject, given: Given, why: Reasons, guarded: boolean, notes: string[], over?: Ended): void {
  const kind = subject.record ? "inactive" : "absent";
  const because = over && subject.record ? why.day(subject.record, over) : why.leaver(subject, kind);
  if (guarded) {
    hold(subject, why.protected(subject.record));
    if (subject.known)
      notes.push(`${called(subject)} is ${because.note ?? kind}, and protected (${subject.because?.rule}): nothing is taken away`);
  } else if (!over && !given.mappings.safety.leaver.when.includes(kind)) {
    hold(subject, { ...because, note: `${because.note}; leaver.when does not name ${kind}, so everything is kept` });
    if (subject.known)
      notes.push(
        `${called(subject)} is ${because.note ?? kind}, which leaver.when (${because.rule}) does not name: keeps everything as it is`,
      );
  } else if (given.trust.verdict !== "trusted") hold(subject, why.doubted());
  else stage(subject, given, because, notes);
}

const none: ReadonlySet<StageName> = new Set();

/** A leaver, at the stages that have come; before the first of them still held with everything. */
function stage(subject: Subject, given: Given, because: Because, notes: string[]): void {
  const { leaver } = given.mappings.safety;
  const past = given.memory?.people[subject.key];
  const since = past?.leaverSince ?? past?.seenLeaving ?? given.now.toISOString();
  const stages = stagesOf(leaver, since);
  const due = dueAt(stages, given.now);
  subject.leaverSince = since;
  const coming = upcoming(stages, given.now);
  if (coming !== undefined && (subject.known || subject.record)) notes.push(`${called(subject)} left on ${since.slice(0, 10)}: ${coming}`);
  if (due.has("disable")) {
    subject.stage = "leaver";
    subject.because = because;
    subject.due = due;
  } else hold(subject, { ...because, note: `${because.note}; ${coming}, and keeps everything until then` });
}

/** The sentences of the stages, each with its rule. */
function reasonsOf(mappings: Mappings, { doubts, leftBy = LEFT }: Given["trust"]) {
  const { source: from, key: field } = mappings.people;
  const source = sourceName(from);
  const place = (path: Path): string => mappings.at(path);
  const why = (path: Path, note: string, more: Partial<Because> = {}): Because => ({ rule: place(path), ...more, note });
  return {
    place,
    waiting: (note: string) => why(["people", "people", "newKey"], note),
    protected: (record: SourceRecord | undefined) =>
      why(["safety", "protected", "people"], "protected: nothing is ever taken from this person", defined({ record: record?.ref })),
    doubted: () => why(["people", "trust"], `the read of ${source} is doubted${doubts[0] ? `: ${doubts[0]}` : ""}`),
    unclear: (record: SourceRecord) =>
      why(["people", "trust"], `whether this person has left is not known: ${leftBy} is doubted${doubts[0] ? ` (${doubts[0]})` : ""}`, {
        record: record.ref,
        field: leftBy,
      }),
    lost: (record: SourceRecord, { field, path }: Lost) =>
      why(path, `what this person is to have is not known: ${field} decides it and is doubted (${doubts[0]})`, {
        record: record.ref,
        field,
      }),
    hidden: (note: string) => why(["people", "trust"], note),
    overfull: (note: string, record: SourceRecord) => why(["people", "people"], note, { record: record.ref }),
    day(record: SourceRecord, stands: Exclude<Standing, { is: "here" }>): Because {
      const note =
        stands.is === "unclear"
          ? `people.${stands.at} gives ${JSON.stringify(stands.value.slice(0, 40))}, which is no day`
          : stands.is === "later"
            ? `starts on ${stands.day}`
            : `the last day was ${stands.day}`;
      return why(["people", "people", stands.at], note, { record: record.ref, field: stands.fields.join(", ") });
    },
    duplicated: (rows: readonly Row[]) =>
      why(["people", "people", "key"], "several records have this key", { record: `${from} ${rows[0]?.key}`, field }),
    excluded: ({ record }: Row) =>
      why(["people", "people", "for"], "no longer selected by people.for: everything is kept", { record: record.ref }),
    leaver(subject: Subject, kind: "inactive" | "absent"): Because {
      const path = ["safety", "leaver", "when"];
      if (kind === "inactive" && subject.record)
        return why(path, `inactive in ${source}`, { record: subject.record.ref, field: "inactive" });
      const since = subject.absentSince?.slice(0, 10);
      return why(path, `absent from ${source}${since ? ` since ${since}` : ""}`, { record: `${from} ${subject.key}` });
    },
  };
}
type Reasons = ReturnType<typeof reasonsOf>;

/** The records, each saying which feeds are doubted, so that conditions know. */
export function doubtedRecords({ records, feeds }: Pick<World, "records" | "feeds">): readonly SourceRecord[] {
  const doubted = feeds?.doubted ?? [];
  if (doubted.length === 0) return records;
  return records.map((record) => ({ ...record, fields: { ...record.fields, [FEED_FIELDS.doubted]: [...doubted] } }));
}

/**
 * Members of groups stay one by one (stacks/wish/members.ts). Where accounts, licences, agents or folders hang on a doubted feed
 * nobody can tell which of somebody's values do, so that everybody who is not a leaver keeps what they have.
 */
export function keepWhatFeedsGave({ feeds, mappings }: Pick<World, "feeds" | "mappings">, subjects: readonly Subject[]): void {
  const asked = feedsBesideGroups(mappings);
  const feed = (feeds?.doubted ?? []).find((one) => (asked as ReadonlySet<string>).has(one));
  if (feed === undefined) return;
  for (const subject of subjects)
    if (subject.stage !== "leaver")
      subject.keep ??= {
        rule: mappings.at(["people", "trust"]),
        note: `the read of ${feed === "devices" ? "" : "Halo's "}${feed} is doubted`,
      };
}
