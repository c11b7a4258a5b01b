/** Names that mappings write → the ids Halo knows them by. */

import { ConfigurationError, UnreachableError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import { same } from "../../base/text.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { idText, namedRow, optionalText, type Row } from "../../clients/halo/decode.ts";
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

/** Customers of Halo by name or number; undefined where none is named: all of them. @throws as idsOf, and where the list is not whole. */
export async function clientsNamed(
  client: Pick<HaloClient, "list">,
  named: readonly string[],
): Promise<{ id: number; name: string }[] | undefined> {
  if (named.length === 0) return undefined;
  const list = await client.list("Client", "clients", { includeactive: true, includeinactive: true });
  if (!list.complete)
    throw new UnreachableError(
      `Could not read HaloITSM's clients whole (${list.doubts.join("; ")}): which one is meant is not known; try again`,
    );
  return named.flatMap((name) => {
    const byNumber = list.rows.filter((row) => /^\d+$/u.test(name) && idText.safeParse(row["id"]).data === name);
    const [first] = byNumber;
    if (first) return [{ id: Number(name), name: optionalText.parse(first["name"]) }];
    return idsOf(list.rows, [name], "client", "--client");
  });
}
