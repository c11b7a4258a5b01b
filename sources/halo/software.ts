/** Software licences of Halo's licence management that the mappings name, and whom they are linked to (S3). */
import type { HaloClient } from "../../clients/halo/client.ts";
import { idText, integer } from "../../clients/halo/decode.ts";
import { idsOf } from "./names.ts";

export interface SoftwareRead {
  /** A licence and the id of a user it is linked to. */
  links: { name: string; user: number }[];
  doubts: string[];
}

/** All licences where no name is given. One call for 100 licences, and one a licence that is named. */
export async function readSoftware(client: Pick<HaloClient, "list" | "rows">, names: readonly string[]): Promise<SoftwareRead> {
  const list = await client.list("SoftwareLicence", "licences", { includeinactive: true });
  const doubts = [...list.doubts];
  const all =
    names.length > 0 ? names : [...new Set(list.rows.flatMap((row) => (typeof row["name"] === "string" ? [row["name"]] : [])))].sort();
  const links: SoftwareRead["links"] = [];
  for (const { id, name, row } of idsOf(list.rows, all, "licence", "has_software")) {
    if (row["is_active"] === false || row["deleted"] === true) continue;
    const rows = await client.rows("AssetSoftware", { licence_id: id });
    const mine = rows.filter((one) => idText.safeParse(one["licence_id"]).data === String(id));
    if (mine.length < rows.length)
      doubts.push(`HaloITSM was asked who has ${name}, and ${rows.length - mine.length} of ${rows.length} rows are about other licences`);
    const users = new Set(mine.flatMap((one) => integer.safeParse(one["user_id"]).data ?? []).filter((user) => user > 0));
    const said = integer.safeParse(row["licences_in_use_user"]);
    if (said.success && said.data > users.size) doubts.push(`HaloITSM says ${said.data} users have ${name}, but names ${users.size}`);
    for (const user of users) links.push({ name, user });
  }
  return { links, doubts };
}
