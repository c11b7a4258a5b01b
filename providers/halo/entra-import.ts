/**
 * Halo's own Entra integration, its CSP integration and SailPoint, as its API shows them: what they write that haloform writes too.
 * Two writers of one field undo each other for ever, so they are named, by `doctor` and in the plan. Names of fields are those of
 * AzureADConnection (Halo's contracts of 2024 to 2026); what each does is Halo's Entra guide, matched by its settings' words.
 */

import { z } from "zod";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import {
  asRow,
  flag,
  integer,
  optionalNumber as number,
  optionalFlag as on,
  optionalText,
  type Row,
  text,
} from "../../clients/halo/decode.ts";
import { instanceOf } from "../../clients/halo/instance.ts";

/** Rows of a mapping; what is odd in one must not hide the connection. */
const rowsIn = (all: unknown): Row[] => (Array.isArray(all) ? all.map(asRow).filter((one) => one !== undefined) : []);
const textIn = (row: Row, key: string): string => text.safeParse(row[key]).data?.trim() ?? "";
/** Names of Halo's fields that a mapping writes into records that are there. */
const namesIn = (all: unknown): string[] =>
  rowsIn(all).flatMap((row) => (flag.safeParse(row["dontupdate"]).data === true ? [] : [textIn(row, "name")]));
/** Whether a row of a mapping gives something: Halo says 0, -1 or nothing for none, and ids of agents' roles are text. */
const gives = (all: unknown, key: string): boolean => rowsIn(all).some((row) => !["", "0", "-1"].includes(textIn(row, key)));
/** By a number that Halo does not document; 0 is off. */
const kind = z
  .union([integer, flag.transform(Number)])
  .nullish()
  .transform((value) => value ?? 0);

const schema = z.looseObject({
  id: integer,
  name: optionalText,
  type: number,
  halointegratorenabled: on,
  /** Entra pushes what changes, whatever the nightly run does. */
  use_delta_queries: on,
  licence_import_type: number,
  allow_subscription_management: on,
  /** "Licences are managed from within Halo": giving or taking one on a user in Halo gives or takes it in Entra ID. */
  assign_licences: on,
  /** Seats of Halo's agents follow their roles; nothing in Entra ID. */
  manage_licenses: on,
  deactivate_users: on,
  deactivate_agents: on,
  delta_deactivate_users: kind,
  delta_deactivate_agents: kind,
  reassign_tickets_for_inactive_agents: on,
  remove_missing_agents_from_team: on,
  createunmatchedusers: on,
});
export type Connection = z.infer<typeof schema>;

/** What haloform writes by the mapping files. */
export interface Writes {
  /** Software licences of Halo (halo.yaml licences), and who is linked to them. */
  licences: boolean;
  links: boolean;
  /** Licences in Entra ID (entra.yaml licences). */
  entraLicences: boolean;
  /** Fields of Halo's users and agents, by Halo's names. */
  users: readonly string[];
  agents: readonly string[];
  /** Whether users are made and switched off (halo-users.yaml), and get roles of the portal. */
  usersMade: boolean;
  userRoles: boolean;
  /** What of agents is written: whether they are enabled, roles, teams, the kind of seat; and boards' members. */
  agentsEnabled: boolean;
  agentRoles: boolean;
  agentTeams: boolean;
  seats: boolean;
  boards: boolean;
  /** Whether people in Halo are who access is made from. */
  peopleFromHalo: boolean;
}

type Reader = Pick<HaloClient, "rows" | "get" | "read">;

/** What marks a connection of SailPoint among those of Entra. */
const sailPoint = "sailpoint";

/** SailPoint's connections, where this Halo knows them: who may not see them sees none. */
async function readSailPoint(client: Reader): Promise<Connection[]> {
  if (!(await instanceOf(client)).has("sailPoint")) return [];
  try {
    const rows = await client.rows("SailPointDetails");
    return rowsOf(
      schema,
      rows.map((row) => ({ ...row, [sailPoint]: true })),
      "Halo's SailPoint connections",
    );
  } catch (error) {
    if (error instanceof RefusedError) return [];
    throw error;
  }
}

/** The same and SailPoint's: two calls more, which the doctor makes and a preview does not. */
export const readWriters = async (client: Reader): Promise<Connection[]> => [
  ...(await readSailPoint(client)),
  ...(await readConnections(client)),
];

/** Connections with their field mappings: one call, and one more for each. */
export async function readConnections(client: Reader): Promise<Connection[]> {
  const found: Connection[] = [];
  for (const known of rowsOf(schema, await client.rows("azureadconnection"), "Halo's Entra connections")) {
    const whole = await client.get("azureadconnection", known.id, { includedetails: true });
    found.push(rowsOf(schema, whole ? [whole] : [], `Halo's Entra connection ${known.id}`)[0] ?? known);
  }
  return found;
}

/**
 * What Halo's own settings (Control, in its contracts since 2024) do to what haloform writes, a sentence each. Whoever may not see them
 * sees none.
 */
export async function ownSettings(client: Reader, { links }: Writes): Promise<string[]> {
  if (!links) return [];
  try {
    const settings = asRow(await client.read("Control"));
    if (on.safeParse(settings?.["remove_licences_when_inactive"]).data !== true) return [];
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError) return [];
    throw error;
  }
  return [
    "Halo parts users from their licences when they become inactive (remove_licences_when_inactive), while haloform links whoever has one in Entra ID: turn that setting off, or let leavers give up their licences (safety.yaml)",
  ];
}

/** "Job Title", jobtitle and title are one field: connections name fields as the console shows them. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/gu, "")
    .replace(/^jobtitle$/u, "title")
    .replace(/^email$/u, "emailaddress");

/** Customer-tenant (CSP) connections are of type 2; the other numbers are not documented. */
const csp = 2;
const called = (one: Connection): string =>
  one.type === csp ? `Halo's CSP integration (${one.name || one.id})` : `Halo's own Entra import (${one.name || one.id})`;
const off = "turn one of the two off";

const deactivatesUsers = (one: Connection): boolean => one.deactivate_users || one.delta_deactivate_users !== 0;

/** What is written by an import, however it is started: nightly, pushed by Entra ID, or by hand. */
function imported(one: Connection, ours: Writes): string[] {
  const shared = (theirs: readonly string[], mine: readonly string[]): string[] =>
    mine.filter((own) => theirs.some((name) => plain(name) === plain(own))).sort();
  const users = shared(namesIn(one["mappings_user"]), ours.users);
  const agents = shared(namesIn(one["mappings_agent"]), ours.agents);
  const [sites, roles] = [one["mappings_site"], one["mappings_agent_roles"]];
  const table: readonly (readonly [theirs: boolean, ours: boolean, what: string])[] = [
    [users.length > 0, true, `${users.join(", ")} of users`],
    [agents.length > 0, true, `${agents.join(", ")} of agents`],
    [one.createunmatchedusers, ours.usersMade, "new users (it makes one of everybody whom it does not match)"],
    [deactivatesUsers(one), ours.usersMade, "whether users are active"],
    [rowsIn(one["mappings_user_roles"]).length > 0 || gives(sites, "userroleid"), ours.userRoles, "roles of users"],
    [one.deactivate_agents || one.delta_deactivate_agents !== 0, ours.agentsEnabled, "whether agents are enabled"],
    [rowsIn(roles).length > 0 || gives(sites, "roleid"), ours.agentRoles, "roles of agents"],
    [one.manage_licenses || gives(roles, "license_type"), ours.seats, "seats of agents"],
    [one.remove_missing_agents_from_team, ours.agentTeams, "teams of agents"],
    [rowsIn(one["mappings_cab"]).length > 0, ours.boards, "members of change advisory boards"],
  ];
  return table.flatMap(([theirs, mine, what]) => (theirs && mine ? [what] : []));
}

/** A sentence for each thing that both write. */
export function doubleWrites(connections: readonly Connection[], writes: Writes): string[] {
  const said: string[] = [];
  for (const one of connections) {
    if (one[sailPoint] === true) {
      if (writes.agentsEnabled || writes.agentRoles)
        said.push(`SailPoint (${one.name || one.id}) makes and changes agents of Halo and their roles, as haloform does: ${off}`);
      continue;
    }
    const runs = one.halointegratorenabled || one.use_delta_queries;
    const both = (what: string, when = ""): void => void said.push(`${called(one)} writes ${what} too${when}: ${off}`);
    if (one.licence_import_type > 0 && writes.licences) both("software licences");
    if ((one.allow_subscription_management || one.assign_licences) && writes.entraLicences) both("licences in Entra ID");
    if (one.assign_licences && writes.links)
      said.push(
        `${called(one)} gives and takes licences in Entra ID as users of Halo are linked to them and parted from them, and haloform writes those links: turn off the one (assign_licences) or the other (halo.yaml licences.link)`,
      );
    for (const what of imported(one, writes)) both(what, runs ? "" : " whenever somebody starts it by hand");
    if (one.reassign_tickets_for_inactive_agents && writes.agentsEnabled)
      said.push(
        `${called(one)} hands over the open tickets of agents who are no longer active, those whom haloform disables among them: be sure that this is meant, or turn it off there`,
      );
    if (deactivatesUsers(one) && runs && writes.peopleFromHalo)
      said.push(
        `${called(one)} deactivates users who are disabled in Entra ID, and haloform takes people who are inactive in Halo for leavers: one mistake in Entra ID would be carried on by both; turn the deactivation off`,
      );
  }
  const licensing = (one: Connection): boolean =>
    one[sailPoint] !== true && (one.licence_import_type > 0 || one.assign_licences || one.allow_subscription_management);
  const [partner, own] = [true, false].map((is) => connections.find((one) => (one.type === csp) === is && licensing(one)));
  // Halo's Entra guide: never both, as each takes the other's licences for its own.
  if (partner && own) said.push(`${called(partner)} and ${called(own)} both keep licences, which Halo's guide rules out: ${off} in Halo`);
  return said;
}
