/** Names that mappings write → the ids Halo knows them by. */

import { ConfigurationError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import { same } from "../../base/text.ts";
import { namedRow, type Row } from "../../clients/halo/decode.ts";
import { suggestion } from "../../clients/halo/nearest.ts";

/** Every record of each name: names are unique to a customer at most. @throws ConfigurationError for a name that Halo does not have. */
export function idsOf(
  rows: readonly Row[],
  names: readonly string[],
  what: string,
  word: string,
): { id: number; name: string; row: Row }[] {
  const known = rowsOf(namedRow, rows, `Halo's list of each ${what}`);
  return names.flatMap((name) => {
    const found = known.filter((one) => same(one.name, name));
    if (found.length > 0) return found.map((row) => ({ id: row.id, name, row }));
    throw new ConfigurationError(
      `Read ${what}s from HaloITSM: ${word} names "${name}", but Halo has no such ${what}${suggestion(name, [...new Set(known.map((one) => one.name))])}; correct the mapping, or what the API's agent may see`,
    );
  });
}
