/** halo:Asset: a device as an asset in Halo, known by its inventory number. Switched off, never deleted: contracts hang on it. */

import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { rowsOf } from "../../base/rows.ts";
import { fold, same } from "../../base/text.ts";
import { choicesIn, labelsIn } from "../../clients/halo/custom-fields.ts";
import { asRow, integer, namedRow, optionalFlag, optionalNumber, optionalText, type Row, text } from "../../clients/halo/decode.ts";
import { suggestion } from "../../clients/halo/nearest.ts";
import { once } from "../../clients/http/once.ts";
import { noAccess } from "../core/access.ts";
import { define, type Live } from "../core/definition.ts";
import { areSame, chosen, labelsOf } from "./choices.ts";
import { knownByName, lookUp, only, tableOf, textsOf } from "./named.ts";
import { candidateRows, getter, type HaloLists, type Kind, reader, recordType } from "./record.ts";

export const assetInputs = z.strictObject({
  /** inventory_number. */
  name: z.string().trim().min(1),
  /** The asset type's name. */
  kind: z.string().trim().min(1),
  /** 0 in what Halo has of an asset without one, never in what is written. */
  client: z.number().int().min(0),
  site: z.number().int().min(0),
  enabled: z.boolean(),
  /** `101 Ada Example`: number and name of Halo's user. */
  users: z.array(z.string().regex(/^\d+ /u)).transform((all) => [...new Set(all)].sort()),
  /** Fields of the type that are managed, by name. */
  fields: z.record(z.string(), z.string()),
});
export type AssetInputs = z.infer<typeof assetInputs>;

const assetSchema = z.object({
  id: integer,
  inventory_number: optionalText,
  key_field: optionalText,
  assettype_id: integer,
  assettype_name: optionalText,
  client_id: optionalNumber,
  site_id: optionalNumber,
  inactive: optionalFlag,
  username: optionalText,
  fields: z
    .array(z.looseObject({ id: integer, name: optionalText, value: z.unknown().optional(), display: optionalText.catch("") }))
    .nullish(),
  users: z.array(z.looseObject({ id: integer, name: optionalText })).nullish(),
});
type Found = z.infer<typeof assetSchema>;

const plainText = (value: unknown): string => text.safeParse(value).data?.trim() ?? "";
const userOf = (one: string): number => Number(one.split(" ")[0]);
const nameOf = (one: string): string => one.slice(one.indexOf(" ") + 1);

const types = once(async (halo: HaloLists) => rowsOf(namedRow, await halo.rows("AssetType"), "Halo's asset types"));
const typeWords = {
  what: "asset type",
  several: () => "of that name; rename all but one",
  mend: "correct assets in mappings/halo.yaml",
};
const typeNamed = async (halo: HaloLists, name: string): Promise<number> => (await lookUp(halo, types, name, typeWords)).id;

const typeField = namedRow.extend({ options: z.array(z.object({ id: integer, name: text })) });

/** Fields of a type: Halo says `field_id` and `field_name` (TypeInfo), or `id` and `name`; what they offer stands in `field_list`. */
const fieldsOf = once(async (halo: HaloLists, type: number) => {
  const row = await halo.get("AssetType", type, { includedetails: true });
  const rows = (all: unknown): Row[] => (Array.isArray(all) ? all.map((one: unknown) => asRow(one) ?? {}) : []);
  const offered = new Map(rows(row?.["field_list"]).map((one) => [plainText(one["id"]), rows(one["values"])]));
  const named = rows(row?.["fields"]).map((one) => {
    const id = one["field_id"] ?? one["id"];
    const options = rowsOf(namedRow, offered.get(plainText(id)) ?? [], `the options of field ${plainText(id)} of asset type ${type}`);
    return { id, name: plainText(one["field_name"] ?? one["name"]), options };
  });
  return rowsOf(typeField, named, `the fields of asset type ${type}`);
});

type Held = NonNullable<Found["fields"]>[number];
const isList = ({ value }: Pick<Held, "value">): boolean => Array.isArray(value);
/** What people read in a field of several choices. */
const choicesOf = (row: Held): string =>
  (choicesIn({ ...row, type: null, isencrypted: null, value_is_password_id: null }, listField) ?? []).join(", ");
const listField = { id: 0, name: "", options: undefined, isList: true } as const;

/** Everything of a type, also what is switched off: a call for each page. */
async function assetsOf(halo: HaloLists, type: number, decode = rowsOf): Promise<Found[]> {
  const params = { includeactive: true, includeinactive: true, includeassetfields: true, includeuser: true, noicon: true };
  const read = await halo.list("Asset", "assets", { assettype_id: type, ...params });
  if (!read.complete)
    throw new RefusedError(
      `Could not read Halo's assets whole (${read.doubts.join("; ")}): nothing is written, as one might be made twice; try again`,
      "incomplete",
    );
  return decode(assetSchema, read.rows, "Halo's assets").filter((one) => one.assettype_id === type);
}

const isCalled = (row: Pick<Found, "inventory_number" | "key_field">, name: string): boolean =>
  same(row.inventory_number, name) || same(row.key_field, name);

const readAsset = reader("Asset", "asset", assetSchema);

const kind: Kind<AssetInputs, Found> = {
  path: "Asset",
  noun: "asset",
  called: ({ name }) => `the asset ${name}`,
  candidates: async (halo, wish, _again, whole) =>
    whole(await assetsOf(halo, await typeNamed(halo, wish.kind), candidateRows)).filter((row) => isCalled(row, wish.name)),
  read: readAsset,
  fresh: async (halo, wish) => ({ inventory_number: wish.name, assettype_id: await typeNamed(halo, wish.kind), inactive: false }),
  change: assetChange,
  // Left out, Halo gives the asset every field of its type.
  always: { _dontaddnewfields: true },
  several: (found, { name }) =>
    `Could not write the asset ${name}: Halo has ${found.length} of that number (${found.map((row) => row.id).join(", ")}); correct all but one`,
  unseen: ({ name }) =>
    `Could not create the asset ${name}: Halo has none after it was written; the Halo application needs the scope edit:assets`,
  advice: () => "; the Halo application needs the scope edit:assets, and its agent the rights",
};

/** What has to be written: arrays whole, with what others put there. */
async function assetChange(halo: HaloLists, row: Found | undefined, wish: AssetInputs): Promise<Row> {
  const change: Row = {};
  if (row?.client_id !== wish.client) change["client_id"] = wish.client;
  if (row?.site_id !== wish.site) change["site_id"] = wish.site;
  if ((row?.inactive ?? false) === wish.enabled) change["inactive"] = !wish.enabled;
  const users = wish.users.map(userOf);
  if (String((row?.users ?? []).map((user) => user.id).sort()) !== String([...users].sort())) change["users"] = users.map((id) => ({ id }));
  const fields = await fieldsChange(halo, row, wish);
  if (fields) change["fields"] = fields;
  return change;
}

async function fieldsChange(halo: HaloLists, row: Found | undefined, wish: AssetInputs): Promise<Row[] | undefined> {
  const known = await fieldsOf(halo, await typeNamed(halo, wish.kind));
  // The array replaces the one that is there (HaloAPI's issue 13 is about just these fields): values of others go back as they came, and
  // what has no value has no row.
  const held = new Map((row?.fields ?? []).map((each) => [each.id, each]));
  const values = new Map<number, unknown>(
    [...held].flatMap(([id, { value }]) => (value === undefined || value === null ? [] : [[id, value] as const])),
  );
  let differs = false;
  for (const [name, value] of Object.entries(wish.fields)) {
    const found = known.find((each) => same(each.name, name));
    if (!found) {
      const names = known.map((each) => each.name);
      throw new RefusedError(
        `Could not write the asset ${wish.name}: the type ${wish.kind} has no field "${name}"${suggestion(name, names)}; correct assets.fields in mappings/halo.yaml`,
        "unknown-field",
      );
    }
    const now = held.get(found.id);
    if (isShown(now, value)) continue;
    differs = true;
    // Rows of assets do not say their type: of several choices is what holds a list, or is to hold several.
    const isEmpty = (now?.value ?? "") === "";
    const several = isEmpty ? labelsOf(value, found.options).length > 1 : now !== undefined && isList(now);
    const mend = "add the option in Halo, or correct assets.fields in mappings/halo.yaml";
    const what = `Could not write the asset ${wish.name}: its field ${found.name}`;
    values.set(found.id, found.options.length > 0 ? chosen(value, found.options, several, what, mend) : value);
  }
  return differs ? [...values].map(([id, value]) => ({ id, value })) : undefined;
}

/** Of an option the value is a number, and `display` what people read; of several it counts which they are. */
function isShown(now: Held | undefined, value: string): boolean {
  if (now && isList(now)) return areSame(choicesOf(now), value);
  return plainText(now?.value) === value || (value !== "" && same(now?.display ?? "", value));
}

function live(row: Found): Live {
  const names = row.users ? row.users.map((user) => user.name) : row.username.split(",");
  return {
    id: String(row.id),
    values: {
      name: row.inventory_number || row.key_field,
      key: row.key_field,
      kind: row.assettype_name,
      client: row.client_id,
      site: row.site_id,
      enabled: !row.inactive,
      users: names.map((name) => name.trim()).filter((name) => name !== ""),
      ...(row.users ? {} : { username: row.username }),
      fields: Object.fromEntries((row.fields ?? []).map((each) => [each.name, isList(each) ? choicesOf(each) : plainText(each.value)])),
      lists: (row.fields ?? []).filter(isList).map(({ name }) => name),
      shown: Object.fromEntries(
        (row.fields ?? []).flatMap(({ name, value, display }) => (display.trim() === plainText(value) ? [] : [[name, display.trim()]])),
      ),
    },
  };
}

/** Halo's list names an asset's users and does not number them: a wished user of that name is that user. */
function usersOf(values: Values, managed: AssetInputs): string[] {
  const { username } = values;
  // Names with commas between them, in lists: one that has a comma itself is known by the wish.
  const listed = typeof username === "string" ? labelsIn(username, managed.users.map(nameOf)) : textsOf(values, "users");
  const names = listed.filter((name) => name !== "");
  const known = managed.users.filter((user) => names.some((name) => same(name, nameOf(user))));
  const others = names.filter((name) => !managed.users.some((user) => same(name, nameOf(user))));
  return [...known, ...others.map((name) => `0 ${name}`)].sort();
}

export const asset = define<AssetInputs, Record<string, never>, HaloLists, { types: readonly string[] }>({
  type: "halo:Asset",
  ...recordType("halo:Asset", kind, ({ values }, wish) => same(String(values["kind"]), wish.kind)),
  get: getter(readAsset, live),
  noun: "asset",
  about: "thing",
  ...knownByName,
  wave: () => "afterwards",
  sets: ["users"],
  // A record of a thing: nobody's access ends with it, even where it is switched off.
  access: noAccess(assetInputs),
  inputs: assetInputs,
  immutable: ["name", "kind"],
  /** `types`: names of the asset types. */
  async list(client, { types: names }) {
    const found: Live[] = [];
    for (const name of new Set(names))
      for (const row of await assetsOf(client, await typeNamed(client, name))) found.push(live({ ...row, assettype_name: name }));
    return found;
  },
  find: (all, { name }) => only(all.filter(({ values }) => same(String(values["name"]), name) || same(String(values["key"]), name)))?.id,
  view({ values }, managed) {
    const fields = Object.entries(tableOf(values, "fields"));
    const shown = Object.entries(tableOf(values, "shown"));
    const named = (all: readonly (readonly [string, string])[], name: string) => all.find(([own]) => fold(own) === fold(name))?.[1];
    const lists = textsOf(values, "lists");
    const held = (name: string, wished: string): string => {
      const now = named(fields, name) ?? "";
      const isSame = lists.some((one) => same(one, name)) ? areSame(now, wished) : wished !== "" && same(named(shown, name) ?? "", wished);
      return isSame ? wished : now;
    };
    return {
      name: managed.name,
      kind: managed.kind,
      client: Number(values["client"]),
      site: Number(values["site"]),
      enabled: values["enabled"] === true,
      users: usersOf(values, managed),
      fields: Object.fromEntries(Object.entries(managed.fields).map(([name, wished]) => [name, held(name, wished)])),
    };
  },
});
