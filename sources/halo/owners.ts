/** Whom a row of a feed is about: by the id of the Halo user, by a person's key, or by a name that exactly one person has. */
import type { Json } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import { integer } from "../../clients/halo/decode.ts";
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
  const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? fold(String(value)) : "");
  const byId = new Map<number, number>();
  const byName = new Map<string, number | "several">();
  records.forEach(({ fields }, index) => {
    const id = integer.safeParse(fields["id"]);
    if (id.success) byId.set(id.data, index);
    const mine = key === "id" ? "" : textOf(fields[key]);
    if (mine !== "") byKey.set(mine, byKey.has(mine) ? "several" : index);
    const name = fields["name"];
    if (typeof name !== "string") return;
    byName.set(fold(name), byName.has(fold(name)) ? "several" : index);
  });
  const of = (value: unknown): number | undefined => {
    const id = integer.safeParse(value);
    if (id.success) return byId.get(id.data);
    const found = typeof value === "string" ? byName.get(fold(value)) : undefined;
    return found === "several" ? undefined : found;
  };
  return {
    of,
    named(value) {
      const found = byKey.get(textOf(value));
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
