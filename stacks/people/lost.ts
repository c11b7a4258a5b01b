/** Fields that lost their values and decide who is a person and who gets what: nobody new is made or given anything by them. Pure. */
import { fieldsOf } from "../../mappings/language/condition.ts";
import { isEmpty } from "../../mappings/language/empty.ts";
import { compile } from "../../mappings/language/template.ts";
import { rulesOf } from "../../mappings/rules.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Path } from "../../mappings/text/document.ts";
import type { SourceRecord } from "../model/types.ts";

/** A field of which nobody knows what a record would say, and what asks for it first. */
export interface Lost {
  field: string;
  path: Path;
}

/** Of the fields of a read that lost their values, the first that decides anything about a record and is empty in it. */
export function lostIn(mappings: Mappings, emptied: readonly string[] = []): (record: SourceRecord) => Lost | undefined {
  if (emptied.length === 0) return () => undefined;
  const lost = rulesOf(mappings).flatMap(({ condition, entry, path }) => {
    const place = entry["ou"];
    const reads = [...fieldsOf(condition), ...(typeof place === "string" ? compile(place).fields : [])];
    return reads.filter((field) => emptied.includes(field)).map((field) => ({ field, path }));
  });
  return ({ fields }) => lost.find(({ field }) => isEmpty(fields[field]));
}
