/**
 * halo:Licence: what the tenant owns of a SKU, as a software licence of a client in Halo, linked to the people who have it.
 * The id is Halo's. Never deleted: contracts and invoices hang on it. Shapes: Licence_List and DeviceApplications of Halo's API.
 */

import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { noteOnce } from "../../base/notes.ts";
import { notUnderstood, rowsOf } from "../../base/rows.ts";
import { fold, same } from "../../base/text.ts";
import { flag, integer, optionalNumber, optionalText } from "../../clients/halo/decode.ts";
import { instanceOf } from "../../clients/halo/instance.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import { noAccess } from "../core/access.ts";
import { define, type Live, type RunContext } from "../core/definition.ts";
import { keyOf } from "../core/references.ts";
import { only } from "./named.ts";
import { candidateRows, changeRecord, findOrMake, getter, type HaloLists, type Kind, post, reader } from "./record.ts";
import { kept } from "./rows.ts";

/** As canonical inputs. */
export const licenceInputs = z.strictObject({
  /** Number of Halo's client who owns it. */
  client: z.number().int().positive(),
  /** skuPartNumber; kept in Halo as `product_sku`. */
  sku: z.string().trim().min(1),
  /** Seats owned. */
  count: z.number().int().min(0),
  /** `person:<key>` of Halo's users who have it, `id:<number>` of whom no person is; absent: links are not managed. */
  users: z
    .array(z.string().regex(/^(?:person:.+|id:\d+)$/u))
    .transform((refs) => [...new Set(refs)].sort())
    .exactOptional(),
  /** Those who are linked decide who has the licence in Entra ID; absent: the other way round. Compared with nothing. */
  decides: z.literal("halo").exactOptional(),
});
export type LicenceInputs = z.infer<typeof licenceInputs>;

const outputs = z.object({ name: z.string() });
type Outputs = z.infer<typeof outputs>;

const licenceSchema = z.object({
  id: integer,
  name: optionalText,
  client_id: optionalNumber,
  count: optionalNumber,
  product_sku: optionalText,
  azure_connection_id: optionalNumber,
  deleted: flag.nullish(),
});
type Found = z.infer<typeof licenceSchema>;
const linkSchema = z.looseObject({ id: integer, licence_id: integer.nullish(), user_id: integer.nullish() });

async function licencesOf(halo: HaloLists, owner: number, decode = rowsOf): Promise<Found[]> {
  const read = await halo.list("SoftwareLicence", "licences", { client_id: owner, includeinactive: true });
  if (!read.complete)
    throw new RefusedError(
      `Could not read the licences of client ${owner} whole (${read.doubts.join("; ")}): nothing is written; try again`,
      "incomplete",
    );
  // The parameter may be ignored in silence: rows of others are left out here.
  const all = decode(licenceSchema, read.rows, "Halo's licences");
  const nobodys = all.filter((one) => one.client_id === 0);
  if (nobodys.length > 0) noteOnce(notUnderstood(nobodys.length, "Halo's licences", "they name no client", nobodys[0]));
  return all.filter((one) => one.client_id === owner && one.deleted !== true);
}

/** The SKU as the licence holds it; one that people made may have it as its name. */
const skuOf = (row: Found): string => (row.product_sku === "" ? row.name : row.product_sku);

const readAny = reader("SoftwareLicence", "licence", licenceSchema);
async function readLicence(halo: HaloLists, id: string): Promise<Found | undefined> {
  const row = await readAny(halo, id);
  return row?.deleted ? undefined : row;
}

/** Who is linked to a licence, each once; links of assets have no user. */
async function linksOf(halo: HaloLists, id: number): Promise<number[]> {
  const rows = rowsOf(linkSchema, await halo.rows("AssetSoftware", { licence_id: id }), `the links of licence ${id}`);
  return [...new Set(rows.flatMap((one) => (one.licence_id === id && (one.user_id ?? 0) > 0 ? [one.user_id ?? 0] : [])))];
}

function live(row: Found, users: readonly number[] | undefined): Live {
  return {
    id: String(row.id),
    values: {
      client: row.client_id,
      sku: skuOf(row),
      name: row.name,
      count: row.count,
      imported: row.azure_connection_id,
      ...(users === undefined ? {} : { users: users.toSorted((a, b) => a - b) }),
    },
  };
}

const advice = "; the Halo application needs the scopes edit:softwarelicensing and edit:customers, and its agent the rights";

const kind: Kind<LicenceInputs, Found> = {
  path: "SoftwareLicence",
  noun: "licence",
  called: ({ sku }) => `the licence ${sku}`,
  candidates: async (halo, { client, sku }, _again, whole) =>
    whole(await licencesOf(halo, client, candidateRows)).filter((row) => same(skuOf(row), sku)),
  read: readLicence,
  fresh: (_halo, { client, sku }) => ({ name: sku, client_id: client, manufacturer: "Microsoft" }),
  change(_halo, row, { sku, count }) {
    if (row && row.azure_connection_id > 0)
      throw new RefusedError(
        `Could not write the licence ${sku}: Halo's own Entra import (connection ${row.azure_connection_id}) keeps it; turn one of the two off`,
        "imported",
      );
    return { ...(row?.count === count ? {} : { count }), ...(row && same(row.product_sku, sku) ? {} : { product_sku: sku }) };
  },
  several: (found, { client, sku }) =>
    `Could not write the licence ${sku}: client ${client} has ${found.length} of that SKU in Halo; delete all but one`,
  unseen: ({ sku }) =>
    `Could not create the licence ${sku}: Halo has none after it was written; the Halo application needs the scope edit:softwarelicensing`,
  advice: () => advice,
};

/** Brings a licence and its links to what is wished; what Halo did not store is refused, not believed. */
async function write(halo: HaloLists, id: string, wish: LicenceInputs, context: RunContext): Promise<Outputs> {
  const users = wish.users?.map((one) => userOf(one, context));
  const { name } = await changeRecord(halo, kind, id, wish);
  if (users !== undefined) await link(halo, Number(id), users, wish.sku);
  return { name };
}

async function link(halo: HaloLists, licence: number, wanted: readonly number[], sku: string): Promise<void> {
  const now = await linksOf(halo, licence);
  const added = wanted.filter((user) => !now.includes(user));
  const leaving = now.filter((user) => !wanted.includes(user));
  if (added.length === 0 && leaving.length === 0) return;
  let lost: Error | undefined;
  if (added.length > 0) {
    const software = { licence_id: licence, count: 1, new_users: added.map((id) => ({ id })) };
    ({ lost } = await post(halo, kind.path, { id: licence, new_software: software }));
  }
  for (const user of leaving) lost = (await unlink(halo, user, licence)) ?? lost;
  if (String((await linksOf(halo, licence)).sort()) !== String(wanted.toSorted()))
    throw lost ?? new RefusedError(`Could not save the licence ${sku}: Halo did not store users${advice}`, "not-stored");
}

/**
 * Takes a licence away from a user: by its number where the instance's contract has that (`_remove_license_id`), which touches nothing
 * else; where it has not, or does not do it, the user's other software is written whole, each row as it came, as what is left out of one
 * (cost, version, day, role) may be lost.
 */
async function unlink(halo: HaloLists, user: number, licence: number): Promise<Error | undefined> {
  if ((await instanceOf(halo)).has("_remove_license_id")) {
    const { lost } = await post(halo, "Users", { id: user, _remove_license_id: licence });
    if (lost || !(await linksOf(halo, licence)).includes(user)) return lost;
  }
  const rows = await halo.rows("AssetSoftware", { user_id: user });
  const read = rowsOf(linkSchema, rows, `the software of user ${user}`, (line) => {
    throw unread(user, line);
  });
  const own = read.filter((row) => row.user_id === user);
  const others = own.filter((row) => row.licence_id !== licence);
  if (others.length === own.length) return undefined;
  // Rows of which the list shows the links alone are not the whole of them.
  const bare = others.find((row) => !shownWhole.every((key) => key in row));
  if (bare) throw unread(user, `row ${bare.id} has no ${shownWhole.filter((key) => !(key in bare)).join(", ")}`);
  return (await post(halo, "Users", { id: user, software: others.map((row) => kept(row)) })).lost;
}

/** Keys that every recorded row of /AssetSoftware has, besides its number and its ends: without them it is not the whole row. */
const shownWhole = ["count", "name"] as const;

const unread = (user: number, why: string): RefusedError =>
  new RefusedError(
    `Could not take a licence from user ${user} in Halo: their other software cannot be read whole (${why}), and would be lost; take it away in Halo`,
    "incomplete",
  );

function ref(user: number, { personOfHaloUser: whose }: RunContext): string {
  const key = whose ? whose(String(user)) : String(user);
  return key === undefined ? `id:${user}` : `person:${key}`;
}

/** The number of a reference. Keys of people may be another field than Halo's number. */
function userOf(reference: string, { haloUser }: RunContext): number {
  const key = keyOf(reference);
  const number = key === undefined ? reference.slice("id:".length) : haloUser ? haloUser(key) : key;
  if (number === undefined || !/^\d+$/u.test(number))
    throw new RefusedError(
      `Could not link ${reference} to a licence: no user of Halo is known for it; the next plan leaves it out`,
      "unknown-member",
    );
  return Number(number);
}

export const licence = define<LicenceInputs, Outputs, HaloLists, { client: number; linked: readonly string[] | "all" }>({
  type: "halo:Licence",
  system: "halo",
  noun: "software licence",
  about: "thing",
  // A client has one of each SKU: without it two licences would be one, and overwrite each other.
  key: ({ client, sku }) => `${client}/${sku}`,
  label: ({ sku }) => sku,
  wave: () => "afterwards",
  sets: ["users"],
  silent: ["decides"],
  // What Halo writes down of seats and who has one: the seats themselves are Microsoft's.
  access: noAccess(licenceInputs),
  inputs: licenceInputs,
  outputs,
  immutable: ["client", "sku"],
  client: haloClient,
  /** Those of a client; `linked`: SKUs whose links are managed, or all. A call for each 100 licences and each of these SKUs. */
  async list(client, { client: owner, linked }) {
    const wanted = linked === "all" ? undefined : new Set(linked.map(fold));
    const found: Live[] = [];
    for (const row of await licencesOf(client, owner)) {
      found.push(live(row, !wanted || wanted.has(fold(skuOf(row))) ? await linksOf(client, row.id) : undefined));
    }
    return found;
  },
  find: (all, { client, sku }) => only(all.filter(({ values }) => values["client"] === client && same(String(values["sku"]), sku)))?.id,
  view({ values }, managed, _outputs, context) {
    const { users } = values;
    return {
      client: Number(values["client"]),
      sku: managed.sku,
      count: Number(values["count"]),
      ...(managed.decides === undefined ? {} : { decides: managed.decides }),
      ...(managed.users === undefined
        ? {}
        : { users: Array.isArray(users) ? users.map((user) => ref(Number(user), context)).sort() : managed.users }),
    };
  },
  async create(halo, wish, context) {
    const known = (await context.live("halo:Licence")).filter(({ values }) => values["client"] === wish.client);
    const { id } = await findOrMake(halo, kind, wish, known);
    return { id, outputs: await write(halo, id, wish, context) };
  },
  update: (halo, { id }, wish, _was, context) => write(halo, id, wish, context),
  get: getter(readLicence, async (row, halo) => live(row, await linksOf(halo, row.id))),
  computed: ({ values }) => ({ name: String(values["name"] ?? "") }),
});
