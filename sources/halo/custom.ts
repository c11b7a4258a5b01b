/** Names of custom fields → their ids: list rows carry them only when asked by id. */
import { ConfigurationError } from "../../base/errors.ts";
import { same } from "../../base/text.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { integer, text } from "../../clients/halo/decode.ts";
import { suggestion } from "../../clients/halo/nearest.ts";
import { bareName } from "../../providers/halo/user/fields.ts";
import type { CustomField } from "./decode.ts";
import { hasOptions } from "./decode.ts";

/** Definitions of custom fields of end users (1 ticket, 2 client, 3 site, 4 user, 5 asset). */
const userFields = 4;
const prefix = "custom.";

/**
 * The custom fields among the wanted ones: one call, none when there are none. `CF` may be left out.
 * @throws ConfigurationError for a name that Halo does not have, with the nearest it has.
 */
export async function customFields(client: Pick<HaloClient, "rows">, fields: readonly string[]): Promise<CustomField[]> {
  const names = [...new Set(fields.filter((field) => field.startsWith(prefix)).map((field) => field.slice(prefix.length)))].sort();
  if (names.length === 0) return [];
  const known = (await client.rows("FieldInfo", { typeid: userFields })).flatMap((row) => {
    const id = integer.safeParse(row["id"]);
    const name = text.safeParse(row["name"]);
    return id.success && name.success ? [{ id: id.data, name: name.data, options: hasOptions(row) }] : [];
  });
  return names.map((name) => {
    const found = known.find((one) => same(one.name, name)) ?? known.find((one) => bareName(one.name) === bareName(name));
    if (found) return { ...found, name };
    const spelt = known.map((one) => prefix + one.name);
    throw new ConfigurationError(
      `Read people from HaloITSM: a mapping names ${prefix}${name}, but Halo has no such custom field for users${suggestion(prefix + name, spelt)}; correct the mapping or make the field in Halo`,
    );
  });
}
