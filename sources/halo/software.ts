/** Software licences of Halo's licence management that the mappings name, and whom they are linked to (S3). */

import { z } from "zod";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { flag, idText, integer, optionalFlag, optionalNumber, optionalText } from "../../clients/halo/decode.ts";
import { idsOf } from "./names.ts";

/** A licence and the id of a user it is linked to. */
type Link = { name: string; user: number };

export const licenceRow = z.looseObject({
  id: integer,
  name: optionalText,
  /** Where Halo does not say, it is. */
  is_active: flag.nullish(),
  deleted: optionalFlag,
  /** How many people have it; Halo need not say. */
  licences_in_use_user: integer.nullish(),
});
type Licence = z.infer<typeof licenceRow>;

/** Whether it is in use, and not deleted. */
export const isActive = ({ is_active, deleted }: Licence): boolean => is_active !== false && !deleted;

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
  const named = idsOf(list.rows, names, "licence", "hasSoftware").map(({ name, row }) => ({ ...row, name }));
  for (const licence of rowsOf(licenceRow, named, "the licences", (line) => doubts.push(line)).filter(isActive))
    for (const user of await usersOf(client, licence, doubts)) links.push({ name: licence.name, user });
  return { links, doubts };
}

/** Ids of Halo's users who have a licence. One call; what does not add up is doubted. */
export async function usersOf(
  client: Pick<HaloClient, "rows">,
  { id, name, licences_in_use_user: said }: Licence,
  doubts: string[],
): Promise<number[]> {
  const links = rowsOf(linkRow, await client.rows("AssetSoftware", { licence_id: id }), `the links of ${name}`, (line) =>
    doubts.push(line),
  );
  const mine = links.filter((one) => one.licence_id === String(id));
  if (mine.length < links.length)
    doubts.push(`HaloITSM was asked who has ${name}, and ${links.length - mine.length} of ${links.length} rows are about other licences`);
  const users = [...new Set(mine.map((one) => one.user_id).filter((user) => user > 0))].sort((a, b) => a - b);
  if ((said ?? 0) > users.length) doubts.push(`HaloITSM says ${said} users have ${name}, but names ${users.length}`);
  return users;
}
