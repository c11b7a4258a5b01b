/** By which value of a field of a person's record something is counted, for limits with `per`. Pure. */

import { shortDigest } from "../../base/digest.ts";
import { fold } from "../../base/text.ts";
import { remembered } from "../model/remembered.ts";
import type { Amount, Person } from "../model/types.ts";
import { textsOf } from "../model/values.ts";

/** A value as people read it, and as the ledger keeps it. */
export type ValueOf = (person: string, field: string) => { text: string; digest: string };

/** Values of the records. Who has no record any more counts with everybody of whom the value is not known. */
export function valuesOf(people: readonly Pick<Person, "key" | "record">[]): ValueOf {
  const records = new Map(people.map(({ key, record }) => [key, record?.fields ?? {}]));
  const called = remembered((text: string) => ({ text, digest: shortDigest(fold(text), 12) }));
  return (person, field) => called(textsOf(records.get(person)?.[field]).join(", "));
}

/** Puts beside each amount of a person by which values it counts. */
export function placed(counted: readonly Amount[], fields: readonly string[], by: ValueOf): Amount[] {
  if (fields.length === 0) return [...counted];
  return counted.map((one) => {
    const { person } = one;
    if (person === undefined) return one;
    return { ...one, per: Object.fromEntries(fields.map((field) => [field, by(person, field).digest])) };
  });
}
