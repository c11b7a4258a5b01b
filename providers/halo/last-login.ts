/** When agents last logged in to Halo, as its list of agents says. Users' last logins stand in their details only: one call each, not made. */
import { readDate } from "../../base/dates.ts";
import { instant, integer } from "../../clients/halo/decode.ts";
import { everybody } from "./agent/read.ts";
import type { Halo } from "./record.ts";

/** Number of an agent → UTC ISO 8601, of those who ever logged in. One call. */
export async function readLastLogins(halo: Pick<Halo, "rows">): Promise<Map<string, string>> {
  const rows = await halo.rows("Agent", everybody);
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [id, at] = [integer.safeParse(row["id"]).data, lastLogin(row["lastlogindate"])];
      return id === undefined || at === undefined ? [] : [[String(id), at]];
    }),
  );
}

/** A `lastlogindate` as UTC ISO 8601, which one without a zone is in; undefined where there was no login. */
export function lastLogin(value: unknown): string | undefined {
  const at = readDate(instant.safeParse(value).data ?? "");
  return typeof at === "object" ? new Date(at.ms).toISOString() : undefined;
}
