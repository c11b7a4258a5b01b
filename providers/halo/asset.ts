/** halo:Asset: a device as an asset in Halo, known by its inventory number. Switched off, never deleted: contracts hang on it. */

import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { flag, idText, integer, type Row, text } from "../../clients/halo/decode.ts";
import { suggestion } from "../../clients/halo/nearest.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import { UncertainError } from "../../clients/http/errors.ts";
import { neither } from "../core/access.ts";
import { define, type Live, nothingComputed } from "../core/definition.ts";
import type { Halo } from "./agent/names.ts";
import { inLine } from "./line.ts";

export const assetInputs = z.strictObject({
  /** inventory_number. */
  name: z.string().trim().min(1),
  /** The asset type's name. */
  kind: z.string().trim().min(1),
  client: z.number().int().positive(),
  site: z.number().int().positive(),
  enabled: z.boolean(),
  /** `101 Ada Example`: number and name of Halo's user. */
  users: z.array(z.string().regex(/^\d+ /u)).transform((all) => [...new Set(all)].sort()),
  /** Fields of the type that are managed, by name. */
  fields: z.record(z.string(), z.string()),
});
export type AssetInputs = z.infer<typeof assetInputs>;

type Client = Pick<HaloClient, "list" | "rows" | "get" | "post">;
const optional = text.nullish().transform((value) => value ?? "");
const number = integer.nullish().transform((value) => value ?? 0);
const field = z.looseObject({ id: integer, name: optional, value: z.unknown() });
const assetSchema = z.object({
  id: idText,
  inventory_number: optional,
  key_field: optional,
  assettype_id: number,
  assettype_name: optional,
  client_id: number,
  site_id: number,
  inactive: flag.nullish().transform((value) => value ?? false),
  username: optional,
  fields: z.array(field).nullish(),
  users: z.array(z.looseObject({ id: integer, name: optional })).nullish(),
});
type Found = z.infer<typeof assetSchema>;
const parse = (rows: readonly Row[]): Found[] => rows.flatMap((row) => assetSchema.safeParse(row).data ?? []);
const plainText = (value: unknown): string => text.safeParse(value).data?.trim() ?? "";
const userOf = (one: string): number => Number(one.split(" ")[0]);
const nameOf = (one: string): string => one.slice(one.indexOf(" ") + 1);

const types = new WeakMap<Client, Promise<Row[]>>();
const typeFields = new WeakMap<Client, Map<number, Promise<{ id: number; name: string }[]>>>();

async function typeNamed(client: Client, name: string): Promise<number> {
  const reading = types.get(client) ?? client.rows("AssetType");
  types.set(client, reading);
  reading.catch(() => types.delete(client));
  const all = (await reading).flatMap((row) => {
    const id = integer.safeParse(row["id"]);
    return id.success ? [{ id: id.data, name: plainText(row["name"]) }] : [];
  });
  const found = all.filter((one) => same(one.name, name));
  if (found[0] && found.length === 1) return found[0].id;
  throw new RefusedError(
    found.length > 1
      ? `Could not use the asset type "${name}": Halo has ${found.length} of that name; rename all but one`
      : `Could not find the asset type "${name}" in Halo${suggestion(
          name,
          all.map((one) => one.name),
        )}; correct assets in mappings/halo.yaml`,
    "unknown-name",
  );
}

/** Fields of a type: Halo says `field_id` and `field_name` (TypeInfo), or `id` and `name`. */
async function fieldsOf(client: Client, type: number): Promise<{ id: number; name: string }[]> {
  const known = typeFields.get(client) ?? new Map<number, Promise<{ id: number; name: string }[]>>();
  typeFields.set(client, known);
  const reading =
    known.get(type) ??
    client.get("AssetType", type, { includedetails: true }).then((row) =>
      (Array.isArray(row?.["fields"]) ? (row["fields"] as Row[]) : []).flatMap((one) => {
        const id = integer.safeParse(one["field_id"] ?? one["id"]);
        return id.success ? [{ id: id.data, name: plainText(one["field_name"] ?? one["name"]) }] : [];
      }),
    );
  known.set(type, reading);
  reading.catch(() => known.delete(type));
  return reading;
}

/** Everything of a type, also what is switched off: a call for each page. */
async function assetsOf(client: Client, type: number): Promise<Found[]> {
  const params = { includeactive: true, includeinactive: true, includeassetfields: true, includeuser: true, noicon: true };
  const read = await client.list("Asset", "assets", { assettype_id: type, ...params });
  if (!read.complete)
    throw new RefusedError(
      `Could not read Halo's assets whole (${read.doubts.join("; ")}): nothing is written, as one might be made twice; try again`,
      "incomplete",
    );
  return parse(read.rows).filter((one) => one.assettype_id === type);
}

const isCalled = (row: Pick<Found, "inventory_number" | "key_field">, name: string): boolean =>
  same(row.inventory_number, name) || same(row.key_field, name);

function one(rows: readonly Found[], inputs: AssetInputs): Found | undefined {
  const found = rows.filter((row) => isCalled(row, inputs.name));
  if (found.length > 1)
    throw new RefusedError(
      `Could not write the asset ${inputs.name}: Halo has ${found.length} of that number (${found.map((row) => row.id).join(", ")}); correct all but one`,
      "ambiguous",
    );
  return found[0];
}

/** What has to be written: arrays whole, with what others put there. */
async function changeOf(client: Client, row: Found | undefined, inputs: AssetInputs): Promise<Row> {
  const type = await typeNamed(client, inputs.kind);
  const known = await fieldsOf(client, type);
  const change: Row = {};
  if (row?.client_id !== inputs.client) change["client_id"] = inputs.client;
  if (row?.site_id !== inputs.site) change["site_id"] = inputs.site;
  if ((row?.inactive ?? false) === inputs.enabled) change["inactive"] = !inputs.enabled;
  const users = inputs.users.map(userOf);
  if (String((row?.users ?? []).map((user) => user.id).sort()) !== String([...users].sort())) change["users"] = users.map((id) => ({ id }));
  const values = new Map((row?.fields ?? []).map((each) => [each.id, each.value]));
  let differs = false;
  for (const [name, value] of Object.entries(inputs.fields)) {
    const found = known.find((each) => same(each.name, name));
    if (!found)
      throw new RefusedError(
        `Could not write the asset ${inputs.name}: the type ${inputs.kind} has no field "${name}"${suggestion(
          name,
          known.map((each) => each.name),
        )}; correct assets.fields in mappings/halo.yaml`,
        "unknown-field",
      );
    if (plainText(values.get(found.id)) === value) continue;
    differs = true;
    values.set(found.id, value);
  }
  if (differs) change["fields"] = [...values].map(([id, value]) => ({ id, value: value ?? "" }));
  return change;
}

async function readAsset(client: Client, id: string): Promise<Found | undefined> {
  return parse([(await client.get("Asset", id, { includedetails: true })) ?? {}])[0];
}

async function post(client: Client, record: Row): Promise<void> {
  try {
    await client.post("Asset", { ...record, _dontaddnewfields: true });
  } catch (error) {
    // Looked for and proved below in any case, never repeated.
    if (!(error instanceof UncertainError)) throw error;
  }
}

async function bring(client: Client, id: string, inputs: AssetInputs): Promise<void> {
  const row = await readAsset(client, id);
  if (!row)
    throw new RefusedError(
      `Could not change the asset ${inputs.name}: Halo has no asset ${id} any more; the next plan will see that`,
      "gone",
    );
  const change = await changeOf(client, row, inputs);
  if (Object.keys(change).length === 0) return;
  await post(client, { id: Number(id), ...change });
  const now = await readAsset(client, id);
  const missing = now ? Object.keys(await changeOf(client, now, inputs)) : ["the asset"];
  if (missing.length > 0)
    throw new RefusedError(
      `Could not save the asset ${inputs.name}: Halo did not store ${missing.join(", ")}; the Halo application needs the scope edit:assets, and its agent the rights`,
      "not-stored",
    );
}

function live(row: Found): Live {
  const names = row.users ? row.users.map((user) => user.name) : row.username.split(",");
  return {
    id: row.id,
    values: {
      name: row.inventory_number || row.key_field,
      key: row.key_field,
      kind: row.assettype_name,
      client: row.client_id,
      site: row.site_id,
      enabled: !row.inactive,
      users: names.map((name) => name.trim()).filter((name) => name !== ""),
      fields: Object.fromEntries((row.fields ?? []).map((each) => [each.name, plainText(each.value)])),
    },
  };
}

/** Halo's list names an asset's users and does not number them: a wished user of that name is that user. */
function usersOf(values: Values, managed: AssetInputs): string[] {
  const names = (values["users"] as string[]).slice();
  const known = managed.users.filter((user) => names.some((name) => same(name, nameOf(user))));
  const others = names.filter((name) => !managed.users.some((user) => same(name, nameOf(user))));
  return [...known, ...others.map((name) => `0 ${name}`)].sort();
}

export const asset = define<AssetInputs, Record<string, never>, Client, { types: readonly string[] }>({
  type: "halo:Asset",
  system: "halo",
  noun: "asset",
  about: "thing",
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "afterwards",
  sets: ["users"],
  access: {
    name: neither,
    kind: neither,
    client: neither,
    site: neither,
    // A record of a thing: nobody's access ends with it.
    enabled: neither,
    users: neither,
    fields: neither,
  },
  inputs: assetInputs,
  ...nothingComputed,
  immutable: ["name", "kind"],
  client: haloClient,
  /** `types`: names of the asset types. */
  async list(client, { types: names }) {
    const found: Live[] = [];
    for (const name of new Set(names))
      found.push(...(await assetsOf(client, await typeNamed(client, name))).map((row) => live({ ...row, assettype_name: name })));
    return found;
  },
  find(all, inputs) {
    const found = all.filter(({ values }) => same(String(values["name"]), inputs.name) || same(String(values["key"]), inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view({ values }, managed) {
    const fields = values["fields"] as { [name: string]: string };
    const held = (name: string): string => Object.entries(fields).find(([own]) => fold(own) === fold(name))?.[1] ?? "";
    return {
      name: managed.name,
      kind: managed.kind,
      client: Number(values["client"]),
      site: Number(values["site"]),
      enabled: values["enabled"] === true,
      users: usersOf(values, managed),
      fields: Object.fromEntries(Object.keys(managed.fields).map((name) => [name, held(name)])),
    };
  },
  async create(client, inputs) {
    return inLine(client as unknown as Halo, "make assets", async () => {
      const type = await typeNamed(client, inputs.kind);
      let row = one(await assetsOf(client, type), inputs);
      if (!row) {
        await post(client, {
          inventory_number: inputs.name,
          assettype_id: type,
          inactive: false,
          ...(await changeOf(client, undefined, inputs)),
        });
        row = one(await assetsOf(client, type), inputs);
        if (!row)
          throw new RefusedError(
            `Could not create the asset ${inputs.name}: Halo has none after it was written; the Halo application needs the scope edit:assets`,
            "not-stored",
          );
      }
      await bring(client, row.id, inputs);
      return { id: row.id, outputs: {} };
    });
  },
  async update(client, { id }, inputs) {
    await bring(client, id, inputs);
    return {};
  },
  async get(client, id) {
    const row = await readAsset(client, id);
    return row && live(row);
  },
});
