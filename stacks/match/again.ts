/**
 * The same human under another key: rehired, merged, renumbered, with lost zeros; and another human under a key that was given
 * away again. A person keeps the key under which haloform knew them first, whatever the record's is now, so that accounts,
 * memberships and memory stay whose they are (docs/decisions/0061). Pure.
 */
import { few, fold } from "../../base/text.ts";
import { directories } from "../../providers/systems.ts";
import { remembered } from "../model/remembered.ts";
import type { Ground, World } from "../model/scene.ts";
import { sourceName } from "../model/source-name.ts";
import { byEach, called, compareKeys, textOf } from "../model/values.ts";
import { managedBefore, type Roster, type Row } from "../people/roster.ts";
import { sharesForm, sharesWord, wordsOf } from "./names.ts";
import { addressesOf, type Trace, tracesOf } from "./traces.ts";

export interface Again {
  /** Each row under the key by which its person is known. */
  roster: Roster;
  /** Key → why a human must decide who this is. `always`: also where the person has an account of their own. */
  cases: ReadonlyMap<string, { reason: string; always: boolean }>;
  /** Those known before who may be here under another key: key → what is waited for. They keep what they have. */
  waiting: ReadonlyMap<string, string>;
  notes: string[];
}

/** What speaks for one human: `sure`, where it is enough; `stays`, where somebody who is only gone must not be disabled before it is clear. */
interface Likeness {
  sure: boolean;
  stays: boolean;
  by: string;
}

export function sameHumans(read: Roster, world: World): Again {
  const { mappings, memory } = world;
  const { newKey } = mappings.people;
  const rows = new Map(read.rows.map((row) => [row.key, row]));
  const managed = managedBefore(world.previous);
  const traceOf = tracesOf(world);
  const isDeclared = (key: string, was: string): boolean =>
    newKey.same.some((one) => String(one.person) === key && String(one.was) === was);
  const isOther = (key: string, was: string): boolean =>
    newKey.different.some((one) => String(one.person) === key && String(one.from) === was);

  const given = new Map<string, Trace>();
  for (const row of read.rows) {
    const name = memory?.people[row.key]?.name;
    if (!managed.has(row.key) || name === undefined || name === row.name || isDeclared(row.key, row.key)) continue;
    const trace = traceOf(row.key);
    if (isSomebodyElse(row, trace, mappings.people)) given.set(row.key, trace);
  }
  const isVacant = (key: string): boolean =>
    given.has(key) || (!read.duplicated.has(key) && !read.excluded.has(key) && rows.get(key)?.inactive !== false);
  const isFree = (key: string): boolean => rows.has(key) && (!managed.has(key) || given.has(key));
  const knownAs = new Map<string, string>();
  const says = (key: string, was: string): void => {
    if (key !== was && isFree(key) && isVacant(was) && !knownAs.has(key)) knownAs.set(key, was);
  };
  for (const [was, { key }] of Object.entries(memory?.people ?? {})) if (key !== undefined) says(key, was);
  for (const { person, was } of newKey.same)
    if (managed.has(String(was)) || rows.has(String(was)) || memory?.people[String(was)]) says(String(person), String(was));

  const taken = new Set(knownAs.values());
  const former = [...new Set([...managed, ...Object.keys(memory?.people ?? {})])]
    .filter((key) => isVacant(key) && !taken.has(key))
    .sort(compareKeys);
  const newcomers = read.rows.filter((row) => row.inactive === false && isFree(row.key) && !knownAs.has(row.key));
  const likes = former.length === 0 ? [] : likenesses(world, newcomers, former.map(traceOf), isOther);

  const notes: string[] = [];
  if (newKey.decide === "automatic" && world.trust.verdict === "trusted") {
    const sure = likes.filter((one) => one.sure);
    const only = (pick: (one: Likely) => string, key: string): boolean => sure.filter((one) => pick(one) === key).length === 1;
    const certain = sure.filter((one) => only(({ row }) => row.key, one.row.key) && only(({ trace }) => trace.key, one.trace.key));
    for (const { row, trace } of certain) knownAs.set(row.key, trace.key);
    const names = certain.map(({ row, trace, by }) => `${called(row)}, before ${trace.key}, by ${by}`).sort();
    if (names.length > 0)
      notes.push(
        `${names.length} ${names.length === 1 ? "person is" : "people are"} known again under another key, and keep what they have: ${few(names)}`,
      );
  }
  const open = likes.filter(({ row, trace }) => !knownAs.has(row.key) && ![...knownAs.values()].includes(trace.key));
  return {
    ...casesOf(world, open, new Map([...given].filter(([key]) => !knownAs.has(key))), rows),
    roster: moved(read, knownAs, given),
    notes,
  };
}

/** Rows under the keys by which their people are known; a row that means somebody else, or whose person is here by another, is none. */
function moved(read: Roster, knownAs: ReadonlyMap<string, string>, given: ReadonlyMap<string, unknown>): Roster {
  if (knownAs.size + given.size === 0) return read;
  const taken = new Set(knownAs.values());
  const rows = read.rows.flatMap((row): Row[] => {
    const was = knownAs.get(row.key);
    if (was !== undefined) return [{ ...row, key: was, recordKey: row.key }];
    return given.has(row.key) || taken.has(row.key) ? [] : [row];
  });
  return { ...read, rows: rows.sort((a, b) => compareKeys(a.key, b.key)) };
}

/** Somebody who may be somebody known before. */
interface Likely extends Likeness {
  row: Row;
  trace: Trace;
}

function likenesses(
  { mappings: { people } }: Pick<World, "mappings">,
  newcomers: readonly Row[],
  former: readonly Trace[],
  isOther: (key: string, was: string) => boolean,
): Likely[] {
  const byHint = byEach(former, (trace) => [
    ...[...trace.addresses].map((one) => `@ ${one}`),
    ...trace.names.map((name) => `n ${nameKey(name)}`),
    ...[...trace.numbers].map((one) => `# ${one}`),
    `k ${bare(trace.key)}`,
  ]);
  return newcomers.flatMap((row) => {
    const mine: Mine = { ...addressesOf(people, row.record), row, birth: birthOf(people.newKey.birth, row) };
    const hints = [
      ...[...mine.addresses].map((one) => `@ ${one}`),
      `n ${nameKey(row.name)}`,
      ...[...mine.numbers].map((one) => `# ${one}`),
      `k ${bare(row.key)}`,
    ];
    const found = new Set(hints.flatMap((hint) => byHint.get(hint) ?? []));
    return [...found].flatMap((trace) => {
      if (trace.key === row.key || isOther(row.key, trace.key)) return [];
      const like = likeness(mine, trace, birthOf(people.newKey.birth, trace.row));
      return like ? [{ row, trace, ...like }] : [];
    });
  });
}

interface Mine {
  row: Row;
  addresses: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
  birth: string | undefined;
}

function likeness({ row, addresses, numbers, birth }: Mine, trace: Trace, born: string | undefined): Likeness | undefined {
  const address = [...addresses].find((one) => trace.addresses.has(one));
  const number = [...numbers].find((one) => trace.numbers.has(one));
  const words = wordsOf(row.name);
  const isNamed = trace.names.some((name) => nameKey(name) !== "" && nameKey(name) === nameKey(row.name));
  const shares = isNamed || sharesWord(words, wordsOf(...trace.names));
  const isAlike = bare(row.key) === bare(trace.key);
  const isBorn = birth === undefined || born === undefined ? undefined : birth === born;
  if (address === undefined && number === undefined && (!isNamed || isBorn === false)) return undefined;
  const by = [
    ...(address === undefined ? [] : [`the address ${address}`]),
    ...(number === undefined ? [] : [`the number ${number.slice(number.indexOf(" ") + 1)}`]),
    ...(isNamed ? [`the name ${row.name}`] : []),
    ...(isBorn ? ["the birth fields"] : []),
  ];
  const sure =
    isBorn !== false &&
    ((address !== undefined && (shares || isAlike)) || (number !== undefined && shares) || (isNamed && (isBorn || isAlike)));
  // A namesake with another address is nobody's reason to keep an account on.
  const differs = address === undefined && number === undefined && addresses.size > 0 && trace.addresses.size > 0;
  return { sure: sure === true, stays: sure === true || !differs, by: by.join(" and ") };
}

/** The words of a name in any order: "Example, Ada" is "Ada Example". */
const nameKey = remembered((name: string): string => [...wordsOf(name)].sort().join(" ") || fold(name));

/** A key without what spreadsheets and exports lose or add. */
const bare = (key: string): string =>
  fold(key)
    .replace(/[^a-z0-9]/gu, "")
    .replace(/^0+(?=.)/u, "");

/** What the birth fields of a record say together; undefined where one is empty, or none is declared. */
function birthOf(fields: readonly string[], row: Row | undefined): string | undefined {
  const texts = fields.map((field) => fold(textOf(row?.record.fields[field])));
  return row === undefined || texts.length === 0 || texts.includes("") ? undefined : texts.join("\u0000");
}

/** Whether the record of a key is another human's than the one known under it: no word of a name and no address is left. */
function isSomebodyElse(row: Row, trace: Trace, people: World["mappings"]["people"]): boolean {
  const { firstname = "", surname = "", name = "" } = row.record.fields;
  const words = wordsOf(textOf(name), textOf(firstname), textOf(surname));
  const known = wordsOf(...trace.names);
  if (words.size === 0 || known.size === 0 || sharesForm(words, known)) return false;
  const { addresses } = addressesOf(people, row.record);
  return addresses.size > 0 && trace.addresses.size > 0 && ![...addresses].some((one) => trace.addresses.has(one));
}

function casesOf(
  world: World,
  likes: readonly Likely[],
  given: ReadonlyMap<string, Trace>,
  rows: ReadonlyMap<string, Row>,
): Pick<Again, "cases" | "waiting"> {
  const { mappings, memory } = world;
  const source = sourceName(mappings.people.from);
  const cases = new Map<string, { reason: string; always: boolean }>();
  const waiting = new Map<string, string>();
  /** Whether somebody known before keeps everything until it is decided: who leaves only now, and may be here under another key. */
  const waits = (key: string, who: string): boolean => {
    if (memory?.people[key]?.leaverSince !== undefined) return false;
    waiting.set(key, `may be ${who}: keeps everything until that is decided`);
    return true;
  };
  const place = mappings.at(["people", "people", "newKey"]);
  const said = (all: readonly Likely[]): string =>
    all
      .map(({ row, trace, by, sure, stays: mayStay }) => {
        const gone = given.has(trace.key) || rows.get(trace.key)?.inactive !== true ? `gone from ${source}` : `inactive in ${source}`;
        // Somebody who has left by their own record is disabled for no more than a name.
        const stays = (sure || (mayStay && !gone.startsWith("inactive"))) && waits(trace.key, called(row));
        const meanwhile = stays ? "who keeps everything until then" : "who is a leaver all the same";
        return `${called(trace)}, ${gone}, by ${by}${trace.label === undefined ? "" : ` (${trace.label})`}, ${meanwhile}`;
      })
      .sort()
      .join("; ");
  const byRow = Map.groupBy(likes, ({ row }) => row.key);
  for (const [key, all] of byRow) {
    const [first] = all;
    if (given.has(key) || !first) continue;
    cases.set(key, {
      always: all.some((one) => one.stays),
      reason: `looks like ${said(all)}: no second account is made; if they are one person, write ${pair(key, "was", first)} under people.newKey.same (${place}), and the account is taken over; if not, write ${pair(key, "from", first)} under people.newKey.different`,
    });
  }
  for (const [key, trace] of given) {
    const row = rows.get(key);
    if (!row) continue;
    waits(key, "here under another key");
    const likely = byRow.get(key) ?? [];
    const looks = likely.length === 0 ? "" : `; ${row.name} looks like ${said(likely)}`;
    cases.set(key, {
      always: true,
      reason: `the record ${key} of ${source} is ${row.name} now, and what is known under this key is ${trace.name}'s${trace.label === undefined ? "" : ` (${trace.label})`}${looks}: nothing is given from one to the other; give ${row.name} a key of their own in ${source}, or write who they are under people.newKey.same (${place}): ${pair(key, "was", likely[0] ?? { trace })}`,
    });
  }
  return { cases, waiting };
}

/** Leaves to a human whether somebody is somebody known before: one case, whatever the systems. Once accounts have been found. */
export function parkLookalikes(ground: Ground, cases: Again["cases"]): void {
  for (const [key, { reason, always }] of cases) {
    const subject = ground.byKey.get(key);
    if (!subject || (!always && Object.keys(subject.accounts).length > 0)) continue;
    for (const { name } of directories) subject.parkedIn.add(name);
    if (subject.stage !== "leaver") subject.keep ??= { rule: ground.at("people", "people", "newKey"), note: `parked: ${reason}` };
    ground.parked.push({ key, name: subject.name, reason, where: "matching" });
  }
}

/** A line as it is written: the key of the record, and the other. */
const pair = (key: string, word: "was" | "from", { trace }: Pick<Likely, "trace">): string =>
  `{ person: ${JSON.stringify(key)}, ${word}: ${JSON.stringify(trace.key)} }`;
