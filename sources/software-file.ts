/** Halo's software in a file of its own, as asset-file.ts writes assets: JSON, or CSV by the file's name. */
import { writeTable } from "./asset-file.ts";
import { ownersOf } from "./halo/owners.ts";
import type { Software } from "./halo/software-list.ts";
import type { SourceRecord } from "./record.ts";

interface SoftwareRow extends Omit<Software, "users"> {
  /** People of Halo who have it: key and name. */
  people: { id: string; name: string }[];
}

export function rowsOfSoftware(software: readonly Software[], records: readonly SourceRecord[]): SoftwareRow[] {
  const owners = ownersOf(records);
  return software.map(({ users, ...row }) => ({
    ...row,
    people: users.map((id) => ({ id: String(id), name: String(records[owners.of(id) ?? -1]?.fields["name"] ?? "") })),
  }));
}

/** Writes it in one step, 0600. */
export function writeSoftware(file: string, rows: readonly SoftwareRow[], at: Date): void {
  writeTable(file, { format: "haloform.software/1", at: at.toISOString(), software: rows }, () => {
    const fields = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].sort();
    const lines = rows.map((row) => [
      ...[String(row.id), row.name, String(row.type), row.client, row.active ? "yes" : "no"],
      ...[row.count, row.inUse, row.inUseByUsers].map(String),
      row.people.map((one) => one.id).join("; "),
      row.people.map((one) => one.name).join("; "),
      ...fields.map((field) => row.fields[field] ?? ""),
    ]);
    return [["id", "name", "type", "client", "active", "count", "in_use", "in_use_by_users", "user_ids", "users", ...fields], ...lines];
  });
}
