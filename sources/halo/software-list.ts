/** All software of Halo's licence management, with its counts and whom it is linked to (S3): what a person or another tool reads. */
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { optionalNumber, optionalText, type Row } from "../../clients/halo/decode.ts";
import { isNothing } from "./decode.ts";
import { clientsNamed } from "./names.ts";
import { isActive, licenceRow, usersOf } from "./software.ts";

export interface Software {
  id: number;
  name: string;
  /** Halo's number of the kind of licence; its contract names none of them. */
  type: number;
  client: string;
  /** Whether it is in use (`is_active`) and not deleted. */
  active: boolean;
  /** Seats, seats in use, and in use by people. */
  count: number;
  inUse: number;
  inUseByUsers: number;
  /** Manufacturer, vendor, product number, dates: what is filled. */
  fields: { [field: string]: string };
  /** Ids of Halo's users who have it. */
  users: number[];
}

export interface SoftwareWanted {
  /** Numbers of kinds; none: all. */
  types?: readonly string[] | undefined;
  /** Names or numbers of customers; none: all. */
  clients?: readonly string[] | undefined;
  /** Inactive and deleted ones too. */
  inactive?: boolean | undefined;
}

const licence = licenceRow.extend({
  type: optionalNumber,
  client_id: optionalNumber,
  client_name: optionalText,
  count: optionalNumber,
  licences_in_use: optionalNumber,
});

/** Further columns, as Halo calls them. */
const columns = ["manufacturer", "vendor", "product_sku", "status", "billing_cycle", "start_date", "end_date", "site_name"] as const;

/** One call for 100 licences, and one a licence that Halo does not say is in nobody's use. */
export async function readAllSoftware(
  client: Pick<HaloClient, "list" | "rows">,
  { types = [], clients = [], inactive = false }: SoftwareWanted,
): Promise<{ software: Software[]; doubts: string[] }> {
  const owners = await clientsNamed(client, clients);
  const doubts: string[] = [];
  const found: Software[] = [];
  for (const owner of owners ?? [undefined]) {
    const list = await client.list("SoftwareLicence", "licences", { ...(owner ? { client_id: owner.id } : {}), includeinactive: true });
    doubts.push(...list.doubts);
    for (const row of rowsOf(licence, list.rows, "Halo's software", (line) => doubts.push(line))) {
      const active = isActive(row);
      if ((!active && !inactive) || (owner && row.client_id !== owner.id)) continue;
      if (types.length > 0 && !types.includes(String(row.type))) continue;
      found.push({
        id: row.id,
        ...{ name: row.name, type: row.type, client: row.client_name, active },
        ...{ count: row.count, inUse: row.licences_in_use, inUseByUsers: row.licences_in_use_user ?? 0 },
        fields: Object.fromEntries(
          columns.map((column) => [column, filled(row, column)]).filter(([, value]) => value !== ""),
        ) as Software["fields"],
        users: row.licences_in_use_user === 0 ? [] : await usersOf(client, row, doubts),
      });
    }
  }
  return { software: found.sort((a, b) => a.id - b.id), doubts };
}

function filled(row: Row, column: string): string {
  const value = optionalText.safeParse(row[column]).data ?? "";
  return isNothing(value) ? "" : value;
}
