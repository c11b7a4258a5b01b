/**
 * Who has left by the source's own words, and whether that can be believed: a value that no word means, and a field that
 * vanished, was emptied or turned round for many. Pure.
 */
import { didYouMean, few, nearest } from "../../base/text.ts";
import { isEmpty } from "../../mappings/language/empty.ts";
import { hasLeft, LEFT } from "../../mappings/language/left.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { perCent } from "../../sources/trust.ts";
import type { Memory, SourceRecord } from "../model/types.ts";
import { textOf } from "../model/values.ts";

export interface Left {
  /** The records, `inactive` as true or false where it is understood and as it came where it is not. */
  records: SourceRecord[];
  /** Plain sentences that name record and field. */
  doubts: string[];
  /** The field itself is doubted, and not a value or two: then nobody new is known to be here. */
  isDoubted: boolean;
  /** What is said without any doubt: that nothing says who has left. */
  notes: string[];
}

/** So many people who had left must be back at once before a share of them says anything. */
const fewest = 3;

export function leftOf(records: readonly SourceRecord[], mappings: Pick<Mappings, "people" | "trust">, memory: Memory | undefined): Left {
  const words = mappings.people.inactive;
  const read = records.map((record) => {
    const left = hasLeft(record.fields[LEFT], words);
    const isBlank = left === false && isEmpty(record.fields[LEFT]);
    return { record, left, isBlank };
  });
  const unclear = read.filter((one) => one.left === undefined).map(({ record }) => record);
  const column = doubtsOfField(read, mappings, memory);
  return {
    records: read.map(({ record, left, isBlank }) =>
      left === undefined || isBlank || record.fields[LEFT] === left ? record : { ...record, fields: { ...record.fields, [LEFT]: left } },
    ),
    doubts: [...unclearValues(unclear), ...column],
    isDoubted: column.length > 0,
    notes: column.length > 0 ? [] : sayingNothing(records, mappings, memory),
  };
}

/**
 * A source may have nothing that says who has left, and then only who is missing counts as gone. Whether that is meant is asked in the first
 * plan; later only where a field is called nearly so (`Inactive`), as nobody means that.
 */
function sayingNothing(records: readonly SourceRecord[], { people }: Pick<Mappings, "people">, memory: Memory | undefined): string[] {
  if (records.length === 0 || people.ends !== undefined || records.some(({ fields }) => Object.hasOwn(fields, LEFT))) return [];
  const names = new Set(records.flatMap(({ fields }) => Object.keys(fields)));
  // Not one that is like it: `active` says the reverse.
  const near = didYouMean(nearest(LEFT, names, 0));
  if (memory && near === "") return [];
  return [
    `No record has ${LEFT}, the field that says who has left, so that only who is missing from the source has left${near}; call the field so where the source has one (select or columns of sources.yaml), or name the last day in people.ends`,
  ];
}

/** What a record says that is neither: `hr.people.csv 00901 says "Maybe"`. */
export function unclearValue(record: SourceRecord): string {
  return `${record.ref} says ${JSON.stringify(record.fields[LEFT]).slice(0, 40)}`;
}

function unclearValues(records: readonly SourceRecord[]): string[] {
  if (records.length === 0) return [];
  return [
    `${LEFT} says who has left, and ${few(records.map(unclearValue), 3)}, which means neither that somebody has left (true, yes, 1, inactive …) nor that somebody is here (false, no, 0, active …): correct it, or declare the word in people.inactive`,
  ];
}

interface Said {
  record: SourceRecord;
  left: boolean | undefined;
  isBlank: boolean;
}

function doubtsOfField(read: readonly Said[], { people, trust }: Pick<Mappings, "people" | "trust">, memory: Memory | undefined): string[] {
  const blank = read.filter((one) => one.isBlank);
  const { count = 0, filled = {} } = memory?.source ?? {};
  const before = Object.hasOwn(filled, LEFT) ? (filled[LEFT] ?? 0) : 0;
  if (before > 0 && blank.length === read.length)
    return [
      `${LEFT}, which says who has left, is gone or empty for all ${read.length} people, and had a value for ${before} at the last good read`,
    ];
  if (before > 0 && before === count && blank.length > 0)
    return [
      `${LEFT}, which says who has left, is empty for ${few(
        blank.map(({ record }) => record.ref),
        3,
      )}, and had a value for all ${count} people at the last good read; fill it in`,
    ];
  const had = read.filter(({ record }) => {
    const past = memory?.people[textOf(record.fields[people.key])];
    return past?.leaverSince !== undefined && past.absentSince === undefined;
  });
  const emptied = had.filter((one) => one.isBlank);
  if (emptied.length > 1)
    return [
      `${LEFT}, which says who has left, is empty now for ${emptied.length} of the ${had.length} people who had left (${few(
        emptied.map(({ record }) => record.ref),
        3,
      )}); write false for whoever is back`,
    ];
  const back = had.filter((one) => one.left === false);
  const share = (back.length / had.length) * 100;
  if (back.length < fewest || share <= trust.emptied) return [];
  return [
    `By ${LEFT}, ${back.length} of the ${had.length} people who had left are back (${few(
      back.map(({ record }) => record.ref),
      3,
    )}): ${perCent(share)}, more than the ${trust.emptied} % of trust.emptied; if that is right, raise it for one run`,
  ];
}
