/**
 * When accounts were last used: lastLogonTimestamp, which domain controllers tell each other of, and which AD itself writes only
 * where the last one is 9 to 14 days old (msDS-LogonTimeSyncInterval). Accounts that never logged on have none.
 */
import { AndFilter, PresenceFilter } from "ldapts";
import { isPerson } from "./reads.ts";
import { momentOf } from "./values/times.ts";
import type { AdClient } from "./wire/client.ts";
import { guidOf, textOf } from "./wire/entry.ts";

const attribute = "lastLogonTimestamp";

/** objectGUID → UTC ISO 8601. One request for each page of accounts that have ever logged on. */
export async function readLastLogons(client: Pick<AdClient, "search">): Promise<Map<string, string>> {
  const filter = new AndFilter({ filters: [isPerson, new PresenceFilter({ attribute })] });
  const entries = await client.search({ filter, attributes: ["objectGUID", attribute] });
  return new Map(
    entries.flatMap((entry): [string, string][] => {
      const [id, at] = [guidOf(entry), momentOf(textOf(entry, attribute) || "0")];
      return id === undefined || at === undefined ? [] : [[id, at.toISOString()]];
    }),
  );
}
