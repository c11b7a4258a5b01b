/** Administrative units as Graph gives them, with the people in them where they are wanted. */
import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import { order } from "../../../base/order.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import { fold } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { literal, segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { type Holders, readLinks } from "../group/links.ts";
import { understood } from "../send.ts";

/** What `list` is asked for: names of the units whose members are wanted. */
export interface UnitsAsked {
  members: readonly string[];
}

/** Groups and devices in a unit are not shown, and so never touched. */
export const unitHolders: Holders = { path: "/directory/administrativeUnits", noun: "administrative unit", peopleOnly: ["members"] };

const text = z.string().nullish();
const unitSchema = z.object({
  id: z.string().min(1),
  displayName: text,
  description: text,
  isMemberManagementRestricted: z.boolean().nullish(),
  membershipType: text,
});
/** isMemberManagementRestricted is given only when it is asked for by name (Graph reference, administrativeUnit). */
export const unitProperties = Object.keys(unitSchema.shape);
type Row = z.infer<typeof unitSchema>;

/** A unit's Live. `members` (Graph ids of people, sorted) only where they were asked for: absent is not empty. */
export const unitValues = z.looseObject({
  name: z.string(),
  description: z.string().default(""),
  /** Of restricted management. */
  restricted: z.boolean().default(false),
  dynamic: z.boolean().default(false),
  members: z.array(z.string()).optional(),
});

/** Why a unit cannot be managed; undefined = it can. Both facts: Graph reference, administrativeUnit. */
export function unmanageable({ values }: Pick<Live, "values">): string | undefined {
  const { restricted, dynamic } = unitValues.parse(values);
  if (restricted)
    return "its management is restricted (isMemberManagementRestricted): only who was given a role over this very unit may change its members, and Entra ID never lifts that";
  if (dynamic) return "its members follow a rule in Entra ID (dynamic membership)";
  return undefined;
}

function liveUnit(row: Row, members: readonly string[] | undefined): Live {
  return {
    id: row.id,
    values: {
      name: row.displayName ?? "",
      description: row.description ?? "",
      restricted: row.isMemberManagementRestricted === true,
      dynamic: row.membershipType?.toLowerCase() === "dynamic",
      ...defined({ members: members?.toSorted(order) }),
    },
  };
}

const unitRows = (rows: readonly unknown[], say?: (line: string) => void): Row[] =>
  keptRowsOf(unitSchema, rows, "Entra ID's administrative units", say);

/** Units with the people in those that are `wanted`, 20 units a call. */
async function withMembers(client: EntraClient, rows: readonly Row[], wanted: (row: Row) => boolean): Promise<Live[]> {
  const ids = rows.filter(wanted).map((row) => row.id);
  const members = await readLinks(client, ids, "members", unitHolders);
  return rows.map((row) => liveUnit(row, members.get(row.id))).sort((a, b) => order(a.id, b.id));
}

/** All units in ⌈N/999⌉ calls, and the people in those that are asked for (in any case). */
export async function listUnits(client: EntraClient, { members }: UnitsAsked): Promise<Live[]> {
  const named = new Set(members.map(fold));
  const rows = await client.list(unitHolders.path, unitProperties, { what: "read administrative units" });
  return withMembers(client, unitRows(rows), (row) => named.has(fold(row.displayName ?? "")));
}

/** Those of this name as Graph has them at this moment, whole. Throws RefusedError where one is not understood: it could be the one that is looked for. */
export async function unitsNamed(client: EntraClient, name: string): Promise<Live[]> {
  const asked = { filter: `displayName eq ${literal(name)}`, what: `look for the administrative unit ${name}` };
  const rows = unitRows(await client.list(unitHolders.path, unitProperties, asked), (line) => {
    throw new RefusedError(`Could not ${asked.what}: ${line}; nothing is made: try again, and report it if it stays so`, "not-understood");
  });
  return withMembers(client, rows, () => true);
}

/** One unit, whole; undefined when gone. */
export async function getUnit(client: EntraClient, id: string): Promise<Live | undefined> {
  const what = `read the administrative unit ${id}`;
  const row = await client.get(`${unitHolders.path}/${segment(id)}`, unitProperties, what);
  return row === undefined ? undefined : (await withMembers(client, [understood(unitSchema, row, what)], () => true))[0];
}
