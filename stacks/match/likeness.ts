/** How much speaks for somebody being somebody known before: addresses, numbers, names, birth fields, keys that are nearly one. Pure. */
import { fold } from "../../base/text.ts";
import { remembered } from "../model/remembered.ts";
import type { World } from "../model/scene.ts";
import { byEach, textOf } from "../model/values.ts";
import type { Row } from "../people/roster.ts";
import { sharesWord, wordsOf } from "./names.ts";
import { addressesOf, type Trace } from "./traces.ts";

/** What speaks for one human: `sure`, where it is enough; `stays`, where somebody who is only gone must not be disabled before it is clear. */
interface Likeness {
  sure: boolean;
  stays: boolean;
  /** An earlier plan has asked. */
  asked: boolean;
  by: string;
}

/** Somebody who may be somebody known before. */
export interface Likely extends Likeness {
  row: Row;
  trace: Trace;
}

export function likenesses(
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
    ...trace.likes.map((key) => `l ${key}`),
    ...endedOf(trace).flatMap((row) => (row ? [`n ${nameKey(row.name)}`] : [...wordsOf(...trace.names)].map((word) => `f ${word}`))),
  ]);
  return newcomers.flatMap((row) => {
    const mine: Mine = { ...addressesOf(people, row.record), row, birth: birthOf(people.newKey.birth, row) };
    const hints = [
      ...[...mine.addresses].map((one) => `@ ${one}`),
      `n ${nameKey(row.name)}`,
      ...[...mine.numbers].map((one) => `# ${one}`),
      `k ${bare(row.key)}`,
      `l ${row.key}`,
      ...[...firstWords(row)].map((word) => `f ${word}`),
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
  const isNamed = isCalled(row, trace);
  const known = wordsOf(...trace.names);
  const shares = sharesWord(wordsOf(row.name), known);
  // Of a family that shares a name and an address only the first name tells who it is.
  const isFirst = isNamed || sharesWord(firstWords(row), known);
  const isAlike = bare(row.key) === bare(trace.key);
  const isBorn = birth === undefined || born === undefined ? undefined : birth === born;
  // Whose record was asked about may have got another one since.
  const wasLike = trace.likes.includes(row.key) || endedOf(trace).some((one) => (one ? nameKey(one.name) === nameKey(row.name) : isFirst));
  // Nothing but the key, which is nearly the same: enough to ask, where no name says otherwise.
  const isKey = isAlike && (shares || known.size === 0 || isUnnamed(row.record));
  const isMarked = address !== undefined || number !== undefined;
  const says = isMarked || ((isNamed || isKey) && isBorn !== false);
  if (!wasLike && !says) return undefined;
  const by = [
    ...(address === undefined ? [] : [`the address ${address}`]),
    ...(number === undefined ? [] : [`the number ${number.slice(number.indexOf(" ") + 1)}`]),
    ...(isNamed ? [`the name ${row.name}`] : []),
    ...(isBorn ? ["the birth fields"] : []),
    ...(isAlike ? [`the key ${row.key}`] : []),
    ...(says ? [] : ["what an earlier plan asked"]),
  ];
  const sure = isBorn !== false && ((isMarked && (isFirst || (isAlike && shares))) || (isNamed && (isBorn === true || isAlike)));
  // A namesake with another address is nobody's reason to keep an account on.
  const differs = !wasLike && !isMarked && addresses.size > 0 && trace.addresses.size > 0;
  return { sure, stays: sure || !differs, asked: wasLike, by: by.join(" and ") };
}

const endedOf = ({ ended }: Trace): (Row | undefined)[] => [...(ended?.values() ?? [])];

/** The words of a record's first name. */
export const firstWords = ({ record }: Pick<Row, "record">): Set<string> => wordsOf(textOf(record.fields["firstname"]));

/** Whether a record names nobody; there may be none. */
export const isUnnamed = (record: Row["record"] | undefined): boolean =>
  record !== undefined && ["name", "firstname", "surname"].every((field) => textOf(record.fields[field]) === "");

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

const isCalled = ({ name }: Row, { names }: Trace): boolean => names.some((one) => nameKey(one) === nameKey(name));
