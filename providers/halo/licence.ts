/**
 * halo:Licence: what the tenant owns of a SKU, as a software licence of a client in Halo, linked to the people who have it.
 * The id is Halo's. Never deleted: contracts and invoices hang on it. Shapes: Licence_List and DeviceApplications of Halo's API.
 */

import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { fold, same } from "../../base/text.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { flag, idText, integer, type Row, text } from "../../clients/halo/decode.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import { UncertainError } from "../../clients/http/errors.ts";
import { neither } from "../core/access.ts";
import { define, type Live } from "../core/definition.ts";

/** As canonical inputs. */
export const licenceInputs = z.strictObject({
  /** Number of Halo's client who owns it. */
  client: z.number().int().positive(),
  /** skuPartNumber; kept in Halo as `product_sku`. */
  sku: z.string().trim().min(1),
  /** Seats owned. */
  count: z.number().int().min(0),
  /** `person:<key>` of Halo's users who have it; absent: links are not managed. */
  users: z
    .array(z.string().regex(/^person:\d+$/u))
    .transform((refs) => [...new Set(refs)].sort())
    .exactOptional(),
});
export type LicenceInputs = z.infer<typeof licenceInputs>;

const outputs = z.object({ name: z.string() });
type Outputs = z.infer<typeof outputs>;

const optional = text.nullish().transform((value) => value ?? "");
const rowSchema = z.object({
  id: idText,
  name: optional,
  client_id: integer.nullish().transform((value) => value ?? 0),
  count: integer.nullish().transform((value) => value ?? 0),
  product_sku: optional,
  azure_connection_id: integer.nullish().transform((value) => value ?? 0),
  deleted: flag.nullish(),
});
type Found = z.infer<typeof rowSchema>;
const linkSchema = z.looseObject({ id: integer, licence_id: integer.nullish(), user_id: integer.nullish() });

type Halo = Pick<HaloClient, "list" | "rows" | "get" | "post">;

const parse = (rows: readonly Row[]): Found[] =>
  rows.flatMap((row) => rowSchema.safeParse(row).data ?? []).filter((one) => one.deleted !== true);

async function licencesOf(client: Halo, owner: number): Promise<Found[]> {
  const read = await client.list("SoftwareLicence", "licences", { client_id: owner, includeinactive: true });
  if (!read.complete)
    throw new RefusedError(
      `Could not read the licences of client ${owner} whole (${read.doubts.join("; ")}): nothing is written; try again`,
      "incomplete",
    );
  // The parameter may be ignored in silence: rows of others are left out here.
  return parse(read.rows).filter((one) => one.client_id === owner);
}

const isSku = (row: Found, sku: string): boolean => same(row.product_sku === "" ? row.name : row.product_sku, sku);

/** Links of a licence: those of assets have no user. */
async function linksOf(client: Halo, id: string): Promise<number[]> {
  const rows = await client.rows("AssetSoftware", { licence_id: Number(id) });
  return rows
    .flatMap((row) => linkSchema.safeParse(row).data ?? [])
    .filter((one) => String(one.licence_id ?? "") === id && (one.user_id ?? 0) > 0)
    .map((one) => one.user_id ?? 0);
}

function live(row: Found, users: readonly number[] | undefined): Live {
  return {
    id: row.id,
    values: {
      client: row.client_id,
      sku: row.product_sku === "" ? row.name : row.product_sku,
      name: row.name,
      count: row.count,
      imported: row.azure_connection_id,
      ...(users === undefined ? {} : { users: [...new Set(users)].sort((a, b) => a - b) }),
    },
  };
}

const ref = (user: number): string => `person:${user}`;
const userOf = (one: string): number => Number(one.slice("person:".length));

/** Brings a licence and its links to what is wished; what Halo did not store is refused, not believed. */
async function bring(client: Halo, row: Found, wished: LicenceInputs): Promise<void> {
  if (row.azure_connection_id > 0)
    throw new RefusedError(
      `Could not write the licence ${wished.sku}: Halo's own Entra import (connection ${row.azure_connection_id}) keeps it; turn one of the two off`,
      "imported",
    );
  const change: Row = {};
  if (row.count !== wished.count) change["count"] = wished.count;
  if (!same(row.product_sku, wished.sku)) change["product_sku"] = wished.sku;
  const now = wished.users === undefined ? [] : await linksOf(client, row.id);
  const wanted = (wished.users ?? []).map(userOf);
  const added = wanted.filter((user) => !now.includes(user));
  if (added.length > 0) change["new_software"] = { licence_id: Number(row.id), count: 1, new_users: added.map((id) => ({ id })) };
  if (Object.keys(change).length > 0) await write(client, "SoftwareLicence", { id: Number(row.id), ...change });
  if (wished.users !== undefined) for (const user of now.filter((one) => !wanted.includes(one))) await unlink(client, user, row.id);
  await proveStored(client, row.id, wished);
}

/** A user's other software is read, and written whole without this. */
async function unlink(client: Halo, user: number, licence: string): Promise<void> {
  const rows = (await client.rows("AssetSoftware", { user_id: user })).filter((row) => String(row["user_id"]) === String(user));
  const others = rows.filter((row) => String(row["licence_id"]) !== licence);
  if (others.length === rows.length) return;
  const software = others.map((row) => ({ id: row["id"], licence_id: row["licence_id"], user_id: user }));
  await write(client, "Users", { id: user, software });
}

/** Writing the same again is harmless: where the answer was lost, the proof says whether it was stored. */
async function write(client: Halo, path: string, record: Row): Promise<void> {
  try {
    await client.post(path, record);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
  }
}

async function proveStored(client: Halo, id: string, wished: LicenceInputs): Promise<void> {
  const row = parse([(await client.get("SoftwareLicence", id, { includedetails: true })) ?? {}])[0];
  const wrong: string[] = [];
  if (row?.count !== wished.count) wrong.push("count");
  if (row && !same(row.product_sku, wished.sku)) wrong.push("product_sku");
  if (wished.users !== undefined && String((await linksOf(client, id)).map(ref).sort()) !== String(wished.users)) wrong.push("users");
  if (wrong.length > 0)
    throw new RefusedError(
      `Could not save the licence ${wished.sku}: Halo did not store ${wrong.join(", ")}; the Halo application needs the scopes edit:softwarelicensing and edit:customers, and its agent the rights`,
      "not-stored",
    );
}

function one(rows: readonly Found[], wished: LicenceInputs): Found | undefined {
  const found = rows.filter((row) => isSku(row, wished.sku));
  if (found.length > 1)
    throw new RefusedError(
      `Could not write the licence ${wished.sku}: client ${wished.client} has ${found.length} of that SKU in Halo; delete all but one`,
      "ambiguous",
    );
  return found[0];
}

export const licence = define<LicenceInputs, Outputs, Halo, { client: number; linked: readonly string[] }>({
  type: "halo:Licence",
  system: "halo",
  noun: "software licence",
  about: "thing",
  // A client has one of each SKU: without it two licences would be one, and overwrite each other.
  key: ({ client, sku }) => `${client}/${sku}`,
  label: ({ sku }) => sku,
  wave: () => "afterwards",
  sets: ["users"],
  // What Halo writes down of seats and who has one: the seats themselves are Microsoft's.
  access: { client: neither, sku: neither, count: neither, users: neither },
  inputs: licenceInputs,
  outputs,
  immutable: ["client", "sku"],
  client: haloClient,
  /** Those of a client; `linked`: SKUs whose links are managed. A call for each 100 licences and each of these SKUs. */
  async list(client, { client: owner, linked }) {
    const wanted = new Set(linked.map(fold));
    const found: Live[] = [];
    for (const row of await licencesOf(client, owner)) {
      const links = wanted.has(fold(row.product_sku === "" ? row.name : row.product_sku)) ? await linksOf(client, row.id) : undefined;
      found.push(live(row, links));
    }
    return found;
  },
  find(all, wished) {
    const found = all.filter((each) => each.values["client"] === wished.client && same(String(each.values["sku"]), wished.sku));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view({ values }, managed) {
    const users = values["users"];
    return {
      client: Number(values["client"]),
      sku: managed.sku,
      count: Number(values["count"]),
      ...(managed.users === undefined
        ? {}
        : { users: Array.isArray(users) ? users.map((user) => ref(Number(user))).sort() : managed.users }),
    };
  },
  async create(client, wished) {
    let row = one(await licencesOf(client, wished.client), wished);
    if (!row) {
      await write(client, "SoftwareLicence", {
        name: wished.sku,
        client_id: wished.client,
        count: wished.count,
        product_sku: wished.sku,
        manufacturer: "Microsoft",
      });
      // Found again in any case: the answer may be lost, and a second one must never be made.
      row = one(await licencesOf(client, wished.client), wished);
      if (!row)
        throw new RefusedError(
          `Could not create the licence ${wished.sku}: Halo has none after it was written; the Halo application needs the scope edit:softwarelicensing`,
          "not-stored",
        );
    }
    await bring(client, row, wished);
    return { id: row.id, outputs: { name: row.name } };
  },
  async update(client, { id }, wished) {
    const row = parse([(await client.get("SoftwareLicence", id, { includedetails: true })) ?? {}])[0];
    if (!row)
      throw new RefusedError(
        `Could not change the licence ${wished.sku}: Halo has no licence ${id} any more; the next plan will see that`,
        "gone",
      );
    await bring(client, row, wished);
    return { name: row.name };
  },
  async get(client, id) {
    const row = parse([(await client.get("SoftwareLicence", id, { includedetails: true })) ?? {}])[0];
    return row && live(row, await linksOf(client, id));
  },
  computed: ({ values }) => ({ name: String(values["name"] ?? "") }),
});
