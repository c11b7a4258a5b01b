/** Names of custom fields → their ids: list rows carry them only when asked by id. */

import { few } from "../../base/text.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { type CustomField, everyCustomField, customFields as fieldsNamed } from "../../clients/halo/custom-fields.ts";

const prefix = "custom.";

/** Where the mapping files name a field. */
export type Named = ReadonlyMap<string, readonly string[]>;

/**
 * The custom fields among the wanted ones, called as the mapping calls them: one call, none when there are none. `CF` may be left out.
 * @throws ConfigurationError for a name that Halo does not have, with the nearest it has.
 */
export async function customFields(client: Pick<HaloClient, "rows">, fields: readonly string[], named?: Named): Promise<CustomField[]> {
  const names = [...new Set(fields.filter((field) => field.startsWith(prefix)).map((field) => field.slice(prefix.length)))].sort();
  const who = (name: string) => `Read people from HaloITSM: ${few(named?.get(`${prefix}${name}`) ?? ["a mapping"], 3)}`;
  const found = await fieldsNamed(client, names, who);
  return [...found].map(([name, field]) => ({ ...field, name }));
}

/** Those that Halo has besides, by Halo's own names. */
export async function otherFields(client: Pick<HaloClient, "rows">, known: readonly CustomField[]): Promise<CustomField[]> {
  return (await everyCustomField(client)).filter((one) => known.every(({ id }) => id !== one.id));
}
