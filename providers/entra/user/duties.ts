/** What people answer for in Entra ID, asked for by person: whose manager they are, and which groups and applications they own. */
import { z } from "zod";
import { rowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { groupHolders, type Holders, readLinks } from "../group/links.ts";

/** Graph id of a user → ids of those whose manager the user is, 20 users a call. */
export const readReports = (client: EntraClient, users: readonly string[]): Promise<Map<string, string[]>> =>
  readLinks(client, users, "directReports", { path: "/users", noun: "user", peopleOnly: ["directReports"] });

const ownedSchema = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  owners: z.array(z.object({ id: z.string() })).nullish(),
});

/** So many owners come with an object in a list, and no word that there are more (Graph: query parameters, $expand). */
const expanded = 20;

/** What somebody owns. */
export interface Owned {
  name: string;
  /** Ids of the users asked for who own it. */
  owners: string[];
}

/**
 * Id of a group or an application → who of these users owns it: all of them in ⌈N/999⌉ calls, as an app cannot ask for what a user
 * owns (Graph: user, list ownedObjects).
 */
export async function readOwned(
  client: EntraClient,
  users: readonly string[],
  holders: Holders = groupHolders,
): Promise<Map<string, Owned>> {
  const asked = new Set(users);
  const { path, noun } = holders;
  const rows = await client.list(path, ["id", "displayName"], { expand: "owners($select=id)", what: `read who owns ${noun}s` });
  const all = rowsOf(ownedSchema, rows, `Entra ID's ${noun}s`);
  const many = all.filter(({ owners }) => (owners ?? []).length >= expanded).map(({ id }) => id);
  const whole = await readLinks(client, many, "owners", holders);
  const owned = all.map(({ id, displayName, owners }): [string, Owned] => {
    const ids = whole.get(id) ?? (owners ?? []).map((one) => one.id);
    return [id, { name: displayName ?? "", owners: ids.filter((one) => asked.has(one)) }];
  });
  return new Map(owned.filter(([, { owners }]) => owners.length > 0));
}

const applications: Holders = { path: "/applications", noun: "application", peopleOnly: ["owners"] };

/** The same of app registrations, whose owners may give them secrets; undefined where the app may not read them (Application.Read.All). */
export async function readOwnedApplications(client: EntraClient, users: readonly string[]): Promise<Map<string, Owned> | undefined> {
  try {
    return await readOwned(client, users, applications);
  } catch (error) {
    if (error instanceof GraphRefusal && error.kind === "forbidden") return undefined;
    throw error;
  }
}
