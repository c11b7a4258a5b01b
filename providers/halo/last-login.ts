/** When agents last logged in to Halo, as its list of agents says. Users' last logins stand in their details only: one call each, not made. */
import { instant, integer } from "../../clients/halo/decode.ts";
import { everybody } from "./agent/read.ts";
import type { Halo } from "./record.ts";

/** Number of an agent → UTC ISO 8601, of those who ever logged in. One call. */
export async function readLastLogins(halo: Pick<Halo, "rows">): Promise<Map<string, string>> {
  const rows = await halo.rows("Agent", everybody);
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [id, at] = [integer.safeParse(row["id"]).data, instant.safeParse(row["lastlogindate"]).data];
      const moment = new Date(at !== undefined && /(?:Z|[+-]\d\d:\d\d)$/u.test(at) ? at : `${at}Z`);
      return id === undefined || at === undefined || Number.isNaN(moment.getTime()) ? [] : [[String(id), moment.toISOString()]];
    }),
  );
}
