/** Software licences of Halo's licence management that the mappings name, and whom they are linked to (S3). */

import { z } from "zod";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { idText, integer, optionalNumber } from "../../clients/halo/decode.ts";
import { idsOf } from "./names.ts";

/** A licence and the id of a user it is linked to. */
type Link = { name: string; user: number };

/** A link; one of an asset has no user. */
const linkRow = z.looseObject({ licence_id: idText.nullish(), user_id: optionalNumber });

/** One call for 100 licences, and one a licence that is named. */
export async function readSoftware(
  client: Pick<HaloClient, "list" | "rows">,
  names: readonly string[],
): Promise<{ links: Link[]; doubts: string[] }> {
  const list = await client.list("SoftwareLicence", "licences", { includeinactive: true });
  const doubts = [...list.doubts];
  const links: Link[] = [];
  for (const { id, name, row } of idsOf(list.rows, names, "licence", "hasSoftware")) {
    if (row["is_active"] === false || row["deleted"] === true) continue;
    const rows = rowsOf(linkRow, await client.rows("AssetSoftware", { licence_id: id }), `the links of ${name}`, (line) =>
      doubts.push(line),
    );
    const mine = rows.filter((one) => one.licence_id === String(id));
    if (mine.length < rows.length)
      doubts.push(`HaloITSM was asked who has ${name}, and ${rows.length - mine.length} of ${rows.length} rows are about other licences`);
    const users = new Set(mine.map((one) => one.user_id).filter((user) => user > 0));
    const said = integer.safeParse(row["licences_in_use_user"]);
    if (said.success && said.data > users.size) doubts.push(`HaloITSM says ${said.data} users have ${name}, but names ${users.size}`);
    for (const user of users) links.push({ name, user });
  }
  return { links, doubts };
}
