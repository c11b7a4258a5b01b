/** Halo's assets in a file of their own, for people and for other tools: JSON, or CSV by the file's name. Private: they say who has what. */

import { resolve } from "node:path";
import { csvOf } from "../base/csv.ts";
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

function tableOf(rows: readonly AssetRow[]): string[][] {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].sort();
  const lines = rows.map((row) => [
    String(row.id),
    row.type,
    row.people.map((one) => one.id).join("; "),
    row.people.map((one) => one.name).join("; "),
    ...fields.map((field) => String(row.fields[field] ?? "")),
  ]);
  return [["id", "type", "user_ids", "users", ...fields], ...lines];
}

/** Writes it in one step, 0600. */
export function writeAssets(file: string, rows: readonly AssetRow[], at: Date): void {
  writeTable(file, { format: "haloform.assets/1", at: at.toISOString(), assets: rows }, () => tableOf(rows));
}

/** A document as JSON, or by the file's name its table as CSV; in one step, 0600. */
export function writeTable(file: string, document: object, table: () => string[][]): void {
  const path = resolve(file);
  writePrivate(path, /\.csv$/iu.test(path) ? csvOf(table()) : `${JSON.stringify(document, undefined, 1)}\n`);
}
