/**
 * What changed in Entra ID since a link that Graph gave (delta queries of users and groups). A link lives for seven days;
 * changes may come more than once and in pieces, so only their ids are kept. Mailboxes, photos and application roles are
 * not in them.
 */
import { z } from "zod";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { graphError } from "../../clients/graph/errors.ts";
import { query } from "../../clients/graph/odata.ts";

const deltaTables = ["users", "groups"] as const;
type DeltaTable = (typeof deltaTables)[number];
/** Where to go on from, a table: the whole address that Graph gave. */
export type DeltaLinks = { [table in DeltaTable]?: string };

export interface DeltaChanges {
  /** Objects that changed or were made; for groups, members who came or went count. */
  changed: Set<string>;
  /** Objects that are gone, or may still be restored (`changed` is Graph's word for those). */
  removed: Map<string, "changed" | "deleted">;
  links: DeltaLinks;
}

/** The link is too old or lost: everything has to be read. */
export class DeltaExpired extends RefusedError {}

/** Properties whose change counts. The link keeps them: a further one is watched only from a new link on. */
const watched: { readonly [table in DeltaTable]: readonly string[] } = {
  users: [
    ...["accountEnabled", "assignedLicenses", "businessPhones", "city", "companyName", "country", "department", "displayName"],
    ...["employeeHireDate", "employeeId", "employeeLeaveDateTime", "employeeOrgData", "employeeType", "givenName", "jobTitle", "mail"],
    ...["mailNickname", "manager", "mobilePhone", "officeLocation", "onPremisesExtensionAttributes", "onPremisesImmutableId"],
    ...["onPremisesSyncEnabled", "otherMails", "postalCode", "preferredLanguage", "proxyAddresses", "state", "streetAddress", "surname"],
    ...["usageLocation", "userPrincipalName", "userType"],
  ],
  groups: [
    ...["assignedLicenses", "description", "displayName", "groupTypes", "mailNickname", "members", "membershipRule"],
    ...["membershipRuleProcessingState", "owners", "securityEnabled", "visibility"],
  ],
};

const pageSchema = z.object({
  value: z.array(z.object({ id: z.string(), "@removed": z.object({ reason: z.string().catch("deleted") }).optional() })),
  "@odata.nextLink": z.string().nullish(),
  "@odata.deltaLink": z.string().nullish(),
});

/** More pages than a tenant has objects: a service that never ends. */
const mostPages = 10_000;

async function follow(client: EntraClient, table: DeltaTable, first: string): Promise<DeltaChanges> {
  const what = `read the changes of ${table} in Entra ID`;
  const changed = new Set<string>();
  const removed = new Map<string, "changed" | "deleted">();
  let next: string = first;
  for (let pages = 0; pages < mostPages; pages += 1) {
    // minimal: only what changed, as the ids are all that is wanted.
    const answer = await client.page(next, what, { Prefer: "return=minimal" });
    if (answer.status >= 400) {
      const error = graphError(what, "GET", `/${table}/delta`, answer);
      const code = error instanceof RefusedError ? error.code : "";
      if (answer.status === 410 || /syncState(?:NotFound|Invalid)|resync(?:Required)?|expired/iu.test(`${code} ${error.message}`))
        throw new DeltaExpired(`The place in the changes of ${table} is lost (${code}): Graph keeps it for seven days.`, code);
      throw error;
    }
    const page = pageSchema.safeParse(answer.body);
    if (!page.success)
      throw new UnreachableError(
        `Could not ${what}: the answer is not a page of Graph's (no \`value\`); check \`graph\` in the stack's \`entra\` settings.`,
      );
    for (const row of page.data.value) {
      const gone = row["@removed"];
      // The last word counts: somebody deleted and restored is there again.
      removed.delete(row.id);
      changed.delete(row.id);
      if (gone) removed.set(row.id, gone.reason === "changed" ? "changed" : "deleted");
      else changed.add(row.id);
    }
    const done = page.data["@odata.deltaLink"];
    if (done) return { changed, removed, links: { [table]: done } };
    const following = page.data["@odata.nextLink"];
    if (!following) throw new UnreachableError(`Could not ${what}: the last page has neither a nextLink nor a deltaLink; try again.`);
    next = following;
  }
  throw new UnreachableError(`Could not ${what}: it did not end after ${mostPages} pages; try --from-now.`);
}

/** Links for changes from now on, without reading anything: one request a table. `select`: of which tables, and which properties. */
export async function linksNow(
  client: EntraClient,
  select: { readonly [table in DeltaTable]?: readonly string[] } = watched,
): Promise<DeltaLinks> {
  const first = deltaTables.flatMap((table) => {
    const names = select[table];
    return names ? [[table, `${client.base}/${table}/delta${query({ select: names })}&$deltatoken=latest`] as const] : [];
  });
  return (await changesSince(client, Object.fromEntries(first))).links;
}

/** What changed since the links, all tables together. Throws DeltaExpired where everything has to be read instead. */
export async function changesSince(client: EntraClient, links: DeltaLinks): Promise<DeltaChanges> {
  const tables = deltaTables.flatMap((table) => (links[table] === undefined ? [] : [[table, links[table]] as const]));
  const all = await Promise.all(tables.map(([table, link]) => follow(client, table, link)));
  return {
    changed: new Set(all.flatMap((one) => [...one.changed])),
    removed: new Map(all.flatMap((one) => [...one.removed])),
    links: Object.assign({}, ...all.map((one) => one.links)) as DeltaLinks,
  };
}
