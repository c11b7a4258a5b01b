/** What is the same for all who read Halo's users: which of them a list holds, and who among them is nobody. */
import { same } from "../../base/text.ts";
import type { HaloClient } from "./client.ts";
import type { Row } from "./decode.ts";
import { instanceOf } from "./instance.ts";

/** Active or not: left out, Halo's lists hold the active alone. */
export const everybody = { includeactive: true, includeinactive: true, activeinactive: "true,true" } as const;
/** Everybody of /Users: service accounts as well. */
export const everyUser = { ...everybody, includeserviceaccount: true, includenonserviceaccount: true } as const;

/** Halo's placeholder of a site or client, which is nobody. */
export function isGeneralUser(row: Row): boolean {
  return typeof row["name"] === "string" && same(row["name"], "General User");
}

/** What rows of lists have from 2.236 on, where it has a value (recorded of 2.236.133; no contract says so); before, details alone. */
export const laterListed: readonly string[] = ["azureoid", "email2", "email3"];

/**
 * Those of the fields, which details have, that this Halo's lists do not. A row names what has a value alone, so one row that has a later
 * one is proof, and where none has it the release decides: one call then.
 */
export async function notListed(halo: Pick<HaloClient, "read">, rows: readonly Row[], fields: readonly string[]): Promise<string[]> {
  const unsure = fields.filter((field) => laterListed.includes(field) && !rows.some((row) => row[field] !== undefined));
  const listed = unsure.length > 0 && (await instanceOf(halo)).has("listedEntraId");
  return fields.filter((field) => !laterListed.includes(field) || (unsure.includes(field) && !listed));
}
