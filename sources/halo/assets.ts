/** Assets of the types that the mappings ask for, with their type's fields, and who has them (S3). */

import { z } from "zod";
import type { Json } from "../../base/json.ts";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { choicesIn } from "../../clients/halo/custom-fields.ts";
import { asRow, flag, idText, integer, optionalFlag, type Row, text, textOf } from "../../clients/halo/decode.ts";
import { isNothing } from "./decode.ts";
import { detailsOf } from "./details.ts";
import { clientsNamed, idsOf } from "./names.ts";
import { Found, type Owners } from "./owners.ts";

export interface Asset {
  id: number;
  /** Ids of its users; names only where Halo's list says no more. */
  owners: Json[];
  fields: { [field: string]: Json };
}

type AssetRead = { assets: Asset[]; doubts: string[]; notes: string[] };
type Client = Pick<HaloClient, "list" | "rows" | "get">;

/** Columns of a list row that conditions may name and captures show. */
const columns: readonly string[] = [
  ...["inventory_number", "key_field", "key_field2", "key_field3", "status_name", "site_name", "client_name", "warranty_end"],
];

/** Which assets beside their types: those switched off too, and those of some customers alone (names or numbers). */
export interface AssetsWanted {
  inactive?: boolean | undefined;
  clients?: readonly string[] | undefined;
  /** What asked for the types, in sentences. */
  word?: string;
}

/** Active assets; of all types where none is named. One call for 100, and one an asset whose users or fields the list does not say. */
export async function readAssets(
  client: Client,
  types: readonly string[],
  fields: readonly string[],
  owners: Owners,
  { inactive = false, clients = [], word = "hasAsset" }: AssetsWanted = {},
): Promise<AssetRead> {
  const known = await client.rows("AssetType");
  const wanted = types.length === 0 ? undefined : idsOf(known, types, "asset type", word);
  const doubts: string[] = [];
  const notes: string[] = [];
  const rows: { row: Row; id: number; type: string }[] = [];
  const ofTypes = wanted
    ? wanted.map(({ id, name }) => ({ name, params: { assettype_id: id }, id }))
    : [{ name: undefined, params: {}, id: undefined }];
  const owned = await clientsNamed(client, clients);
  const asks = ofTypes.flatMap((ask) => (owned ?? [{}]).map((by) => ({ ...ask, of: "id" in by ? { client_id: by.id } : {} })));
  for (const ask of asks) {
    const list = await client.list("Asset", "assets", {
      ...ask.params,
      ...ask.of,
      includeactive: true,
      includeinactive: inactive,
      includeassetfields: true,
      includeuser: true,
      noicon: true,
    });
    doubts.push(...list.doubts);
    let others = 0;
    for (const row of list.rows) {
      const id = integer.safeParse(row["id"]);
      const type = idText.safeParse(row["assettype_id"]);
      const off = optionalFlag.safeParse(row["inactive"]);
      if (ask.id !== undefined && (!type.success || type.data !== String(ask.id))) others++;
      else if (!id.success) doubts.push("HaloITSM sent an asset without a usable id");
      else if (!off.success) doubts.push(`HaloITSM does not say whether asset ${id.data} is active`);
      else if ((inactive || !off.data) && isOf(row, owned))
        rows.push({ row, id: id.data, type: ask.name ?? textOf(row["assettype_name"]) ?? "" });
    }
    if (others > 0)
      doubts.push(`HaloITSM was asked for assets of type ${ask.name}, and ${others} of the ${list.rows.length} it gave are of other types`);
  }
  const own = fields.filter((field) => !columns.includes(field));
  const poor = rows.filter(({ row }) => !knowsUsers(row, owners) || (own.length > 0 && !Array.isArray(row["fields"])));
  if (poor.length > 0)
    notes.push(`HaloITSM's list does not say all of ${poor.length} ${poor.length === 1 ? "asset" : "assets"}: one call each`);
  const ids = poor.map(({ id }) => id);
  const { details } = await detailsOf(client, "Asset", ids, ["asset", "it"], doubts);
  return { assets: rows.map(({ row, id, type }) => assetOf({ ...row, ...details.get(id) }, id, type, doubts)), doubts, notes };
}

const isOf = (row: Row, owned: readonly { id: number }[] | undefined): boolean =>
  owned === undefined || owned.some(({ id }) => String(id) === idText.safeParse(row["client_id"]).data);

/** Whether a list row says who has it: users by id, an empty name, or the name of exactly one person. */
function knowsUsers(row: Row, owners: Owners): boolean {
  if (Array.isArray(row["users"])) return true;
  const name = row["username"];
  return typeof name === "string" && (name.trim() === "" || owners.of(name) !== undefined);
}

/** A user of an asset: a row with an id, as nearly all are, or the id alone. */
const userOfAsset = z.union([z.object({ id: integer }).transform((user) => user.id), integer]);

/** What people read in a field of one value. */
function textIn(field: Row): string | undefined {
  return [field["display"], field["value"]].map((one) => textOf(one) ?? "").find((one) => one.trim() !== "");
}

const choices = z.object({
  id: integer.catch(0),
  type: integer.nullish().catch(undefined),
  value: z.unknown().optional(),
  display: text.nullish().catch(undefined),
});

/** What a field of several choices holds, label by label; undefined for one of a single value. Rows of assets need not say their type. */
function choicesOf(field: Row): string[] | undefined {
  // Most are of one value and do not say their type: a schema for each would cost more than the reading.
  if (!Array.isArray(field["value"]) && (field["type"] ?? null) === null) return undefined;
  const row = choices.parse(field);
  return choicesIn(row, Array.isArray(row.value) ? { id: row.id, name: "", options: undefined, isList: true } : undefined);
}

function assetOf(row: Row, id: number, type: string, doubts: string[]): Asset {
  const users = Array.isArray(row["users"])
    ? rowsOf(userOfAsset, row["users"], `the users of asset ${id}`, (line) => doubts.push(line))
    : undefined;
  const name = typeof row["username"] === "string" ? row["username"].trim() : "";
  const fields: Asset["fields"] = {};
  for (const item of Array.isArray(row["fields"]) ? row["fields"] : []) {
    const field = asRow(item);
    const called = textOf(field?.["name"]) ?? "";
    const shown = field && (choicesOf(field) ?? textIn(field));
    if (called !== "" && shown !== undefined && shown.length > 0)
      Object.defineProperty(fields, called, { value: shown, enumerable: true, writable: true, configurable: true });
  }
  for (const column of columns) {
    const value = textOf(row[column]);
    if (value !== undefined && !isNothing(value)) fields[column] = value;
  }
  const off = flag.safeParse(row["inactive"]).data === true ? { inactive: true } : {};
  return { id, owners: users ?? (name === "" ? [] : [name]), fields: { ...fields, ...off, id, type } };
}

export function assetsByPerson(read: AssetRead, owners: Owners): Found {
  const found = new Found();
  for (const asset of read.assets) for (const owner of asset.owners) found.add(owners.of(owner), asset.fields);
  return found;
}
