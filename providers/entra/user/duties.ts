/** What people answer for in Entra ID, asked for by person: whose manager they are, and which groups they own. */
import { z } from "zod";
import { rowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { readLinks } from "../group/links.ts";

/** Graph id of a user → ids of those whose manager the user is, 20 users a call. */
export const readReports = (client: EntraClient, users: readonly string[]): Promise<Map<string, string[]>> =>
  readLinks(client, users, "directReports", { path: "/users", noun: "user", peopleOnly: ["directReports"] });

const groupSchema = z.object({ id: z.string().min(1), owners: z.array(z.object({ id: z.string() })).nullish() });

/** So many owners come with a group in a list of groups, and no word that there are more (Graph: query parameters, $expand). */
const expanded = 20;

/** Id of a group → ids of these users who own it: all groups in ⌈N/999⌉ calls, as an app cannot ask for what a user owns (Graph: user, list ownedObjects). */
export async function readOwned(client: EntraClient, users: readonly string[]): Promise<Map<string, string[]>> {
  const asked = new Set(users);
  const rows = await client.list("/groups", ["id"], { expand: "owners($select=id)", what: "read who owns groups" });
  const groups = rowsOf(groupSchema, rows, "Entra ID's groups");
  const many = groups.filter(({ owners }) => (owners ?? []).length >= expanded).map(({ id }) => id);
  const whole = await readLinks(client, many, "owners");
  const owned = groups.map(({ id, owners }): [string, string[]] => [id, whole.get(id) ?? (owners ?? []).map((one) => one.id)]);
  return new Map(
    owned.map(([id, all]): [string, string[]] => [id, all.filter((one) => asked.has(one))]).filter(([, all]) => all.length > 0),
  );
}
