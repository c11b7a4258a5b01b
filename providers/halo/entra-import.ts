/**
 * Halo's own Entra integration and CSP integration, as its API shows them (AzureADConnection): what they write that haloform
 * writes too. Two writers of one field undo each other for ever, so they are named, by `doctor` and in the plan.
 */

import { z } from "zod";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { integer, optionalNumber as number, optionalFlag as on, optionalText } from "../../clients/halo/decode.ts";

const fields = z
  .array(z.looseObject({ name: optionalText, dontupdate: on }))
  .nullish()
  .transform((all) => (all ?? []).filter((one) => !one.dontupdate).map((one) => one.name));

const schema = z.looseObject({
  id: integer,
  name: optionalText,
  type: number,
  halointegratorenabled: on,
  licence_import_type: number,
  allow_subscription_management: on,
  manage_licenses: on,
  deactivate_users: on,
  mappings_user: fields,
  mappings_agent: fields,
});
export type Connection = z.infer<typeof schema>;

/** What haloform writes by the mapping files. */
export interface Writes {
  /** Software licences of Halo (halo.yaml licences). */
  licences: boolean;
  /** Licences in Entra ID (entra.yaml licences). */
  entraLicences: boolean;
  /** Fields of Halo's users and agents, by Halo's names. */
  users: readonly string[];
  agents: readonly string[];
  /** Whether people in Halo are who access is made from. */
  peopleFromHalo: boolean;
}

/** Connections with their field mappings: one call, and one more for each. */
export async function readConnections(client: Pick<HaloClient, "rows" | "get">): Promise<Connection[]> {
  const found: Connection[] = [];
  for (const known of rowsOf(schema, await client.rows("azureadconnection"), "Halo's Entra connections")) {
    const whole = await client.get("azureadconnection", known.id, { includedetails: true });
    found.push(rowsOf(schema, whole ? [whole] : [], `Halo's Entra connection ${known.id}`)[0] ?? known);
  }
  return found;
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

/** A sentence for each thing that both write; none for a connection that nothing runs. */
export function doubleWrites(connections: readonly Connection[], writes: Writes): string[] {
  return connections.flatMap((one) => {
    const called = one.type === csp ? `Halo's CSP integration (${one.name || one.id})` : `Halo's own Entra import (${one.name || one.id})`;
    const said: string[] = [];
    const both = (what: string): void => void said.push(`${called} writes ${what} too: turn one of the two off`);
    if (one.licence_import_type > 0 && writes.licences) both("software licences");
    if ((one.allow_subscription_management || one.manage_licenses) && writes.entraLicences) both("licences in Entra ID");
    if (!one.halointegratorenabled) return said;
    const shared = (theirs: readonly string[], ours: readonly string[]): string[] =>
      ours.filter((mine) => theirs.some((name) => plain(name) === plain(mine))).sort();
    const users = shared(one.mappings_user, writes.users);
    const agents = shared(one.mappings_agent, writes.agents);
    if (users.length > 0) both(`${users.join(", ")} of users`);
    if (agents.length > 0) both(`${agents.join(", ")} of agents`);
    if (one.deactivate_users && writes.peopleFromHalo)
      said.push(
        `${called} deactivates users who are disabled in Entra ID, and haloform takes people who are inactive in Halo for leavers: one mistake in Entra ID would be carried on by both; turn the deactivation off`,
      );
    return said;
  });
}
