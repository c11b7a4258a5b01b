/** Halo's assets in a file of their own, for people and for other tools: JSON, or CSV by the file's name. Private: they say who has what. */

import { resolve } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { Json } from "../base/json.ts";
import { writePrivate } from "../base/private-file.ts";
import type { Asset } from "./halo/assets.ts";
import { ownersOf } from "./halo/owners.ts";
import type { SourceRecord } from "./record.ts";

interface AssetRow {
  id: number;
  type: string;
  fields: { [field: string]: Json };
  /** People of Halo that have it: key and name. */
  people: { id: string; name: string }[];
}

/** One row an asset, in order of the id. */
export function rowsOfAssets(assets: readonly Asset[], records: readonly SourceRecord[]): AssetRow[] {
  const owners = ownersOf(records);
  return [...assets]
    .sort((a, b) => a.id - b.id)
    .map(({ id, owners: of, fields: { id: _id, type, ...fields } }) => ({
      id,
      type: String(type ?? ""),
      fields,
      people: of.map((one) => {
        const record = records[owners.of(one) ?? -1];
        return {
          id: String(record?.fields["id"] ?? (typeof one === "number" ? one : "")),
          name: String(record?.fields["name"] ?? (typeof one === "string" ? one : "")),
        };
      }),
    }));
}

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it. */
function csvOf(rows: readonly AssetRow[]): string {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].sort();
  const lines = rows.map((row) => [
    String(row.id),
    row.type,
    row.people.map((one) => one.id).join("; "),
    row.people.map((one) => one.name).join("; "),
    ...fields.map((field) => String(row.fields[field] ?? "")),
  ]);
  const options = { record_delimiter: "windows", escape_formulas: true, quoted_match: /[\r\n]/u } as const;
  return stringify([["id", "type", "user_ids", "users", ...fields], ...lines], options);
}

/** Writes it in one step, 0600. */
export function writeAssets(file: string, rows: readonly AssetRow[], at: Date): void {
  const path = resolve(file);
  const content = /\.csv$/iu.test(path)
    ? csvOf(rows)
    : `${JSON.stringify({ format: "haloform.assets/1", at: at.toISOString(), assets: rows }, undefined, 1)}\n`;
  writePrivate(path, content);
}
