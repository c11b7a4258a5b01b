/** Whom a row of a feed is about: by the id of the Halo user, by a person's key, or by a name that exactly one person has. */
import type { Json } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import { integerOf } from "../../clients/halo/decode.ts";
import type { SourceRecord } from "../record.ts";

export interface Owners {
  /** Index of the record of this user id, or of the one person with this name. */
  of(value: unknown): number | undefined;
  /** The same where people wrote whom they mean: by the key of the person first, which may be another field than the id. */
  named(value: unknown): number | undefined;
}

/** `key`: people.key. */
export function ownersOf(records: readonly SourceRecord[], key = "id"): Owners {
  const byKey = new Map<string, number | "several">();
  const wordOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? fold(String(value)) : "");
  const byId = new Map<number, number>();
  const byName = new Map<string, number | "several">();
  records.forEach(({ fields }, index) => {
    const id = integerOf(fields["id"]);
    if (id !== undefined) byId.set(id, index);
    const mine = key === "id" ? "" : wordOf(fields[key]);
    if (mine !== "") byKey.set(mine, byKey.has(mine) ? "several" : index);
    const name = fields["name"];
    if (typeof name !== "string") return;
    const folded = fold(name);
    byName.set(folded, byName.has(folded) ? "several" : index);
  });
  const of = (value: unknown): number | undefined => {
    const id = integerOf(value);
    if (id !== undefined) return byId.get(id);
    const found = typeof value === "string" ? byName.get(fold(value)) : undefined;
    return found === "several" ? undefined : found;
  };
  return {
    of,
    named(value) {
      const found = byKey.get(wordOf(value));
      return found === "several" ? undefined : (found ?? of(value));
    },
  };
}

/** What a feed found for people: index of the record → rows. */
export class Found {
  readonly rows = new Map<number, { [field: string]: Json }[]>();
  add(index: number | undefined, row: { [field: string]: Json }): void {
    if (index === undefined) return;
    const list = this.rows.get(index);
    if (list) list.push(row);
    else this.rows.set(index, [row]);
  }
}
