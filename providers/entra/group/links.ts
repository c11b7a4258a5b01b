/**
 * Who is linked to groups and their like, as members or owners: read 20 of them a call, joined and taken out. "Already a member"
 * and "already gone" are success where the list that is read back says so too, so everything may be repeated.
 */
import { z } from "zod";
import { chunks } from "../../../base/chunks.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import { batchSize } from "../../../clients/graph/batch.ts";
import { type EntraClient, pageSize } from "../../../clients/graph/client.ts";
import { graphError } from "../../../clients/graph/errors.ts";
import { type Collection, memberReference, query, segment } from "../../../clients/graph/odata.ts";
import { type Linked, readingBack } from "../read-back.ts";
import { readRows, removeEach, tryTo } from "../send.ts";

export type Link = "members" | "owners";

/** Whom links of people are read of: the groups (and roles) they are in themselves. */
const people: Holders = { path: "/users", noun: "user", peopleOnly: [] };

/** Graph id of a user → ids of what they are a direct member of, 20 users a call. */
export const readMemberships = (client: EntraClient, users: readonly string[]): Promise<Map<string, string[]>> =>
  readLinks(client, users, "memberOf", people);

/** What has links: where it lies, what one is called, and what of its links is people's. */
export interface Holders {
  readonly path: Collection;
  readonly noun: string;
  /** Links of which only people are shown; what else is linked so is never touched. */
  readonly peopleOnly: readonly string[];
}

/** Anything may be a member of a group; applications that own it are not shown. */
export const groupHolders: Holders = { path: "/groups", noun: "group", peopleOnly: ["owners"] };

/** The group (or what else has links) whose links are written. */
export interface Target {
  id: string;
  name: string;
  /** Absent: it is a group. */
  of?: Holders;
}

const linkSchema = z.object({ id: z.string(), "@odata.type": z.string().nullish() });

/** Id of a group → ids of its direct members, or of the people who own it. A group that vanished meanwhile is left out. */
export async function readLinks(
  client: EntraClient,
  groups: readonly string[],
  link: Link | "memberOf" | "directReports",
  { path: collection, noun, peopleOnly }: Holders = groupHolders,
): Promise<Map<string, string[]>> {
  const links = new Map<string, string[]>();
  // Page by page of each; those of all groups that are asked for at the same time share their calls.
  const follow = async (id: string): Promise<void> => {
    const what = `read the ${link} of ${noun} ${id}`;
    const path = `${collection}/${segment(id)}/${link}${query({ select: ["id"], top: pageSize })}`;
    const rows = await readRows(client, path, what, [404]);
    if (!rows) return;
    const linked = keptRowsOf(linkSchema, rows, `the ${link} of ${noun} ${id}`);
    // What the app may not read comes without a type: it is shown, and never taken for nobody.
    const shown = linked.filter(({ "@odata.type": type }) => !peopleOnly.includes(link) || !type || type === "#microsoft.graph.user");
    links.set(
      id,
      shown.map((one) => one.id),
    );
  };
  await Promise.all(groups.map(follow));
  return links;
}

/** Adds members, 20 a request (Graph takes all of them or none; then one by one). Resolves with what could not be done. */
export async function addMembers(client: EntraClient, group: Target, members: readonly string[]): Promise<Error[]> {
  const errors: Error[] = [];
  // One chunk after the other: Graph serialises writes to one object, and parallel ones meet conflicts.
  for (const chunk of chunks(members, batchSize)) {
    const refused = chunk.length === 1 || !(await addTogether(client, group, chunk));
    if (refused) for (const error of await addEach(client, group, chunk, "members")) errors.push(error);
  }
  return errors;
}

/** True when all were added. */
async function addTogether(client: EntraClient, group: Target, members: readonly string[]): Promise<boolean> {
  const body = { "members@odata.bind": members.map((member) => directoryObject(client, member)) };
  const path = `/groups/${segment(group.id)}`;
  const what = `add ${members.length} members to the group ${group.name}`;
  const answer = await client.submit({ method: "PATCH", path, body }, { what });
  if (answer.status < 400) return true;
  if (answer.status === 400 || answer.status === 404) return false;
  throw graphError(what, "PATCH", path, answer);
}

/** Adds each by itself (they share calls). Resolves with what could not be done. */
export function addEach(client: EntraClient, group: Target, ids: readonly string[], link: Link): Promise<Error[]> {
  const { path: collection, noun } = group.of ?? groupHolders;
  const path = `${collection}/${segment(group.id)}/${link}/$ref`;
  return readingBack(client, ids, linked(client, group, link, true), async (some, there) => {
    const added = some.map((id) => {
      const what = link === "members" ? `add ${id} to the ${noun} ${group.name}` : `make ${id} an owner of the ${noun} ${group.name}`;
      const request = { method: "POST", path, body: { "@odata.id": directoryObject(client, id) }, repeatable: true } as const;
      return tryTo(client, what, request, ({ kind }) => kind === "already-member" && there(id));
    });
    return (await Promise.all(added)).filter((error) => error !== undefined);
  });
}

/** Removes members or owners, 20 a call. Resolves with what could not be done. */
export function removeLinks(client: EntraClient, group: Target, ids: readonly string[], link: Link): Promise<Error[]> {
  const { path: collection, noun } = group.of ?? groupHolders;
  const called = link === "members" ? "out of" : "as an owner from";
  return readingBack(client, ids, linked(client, group, link, false), (some, gone) => {
    const links = some.map((id) => ({
      path: memberReference(group.id, id, link, collection),
      what: `take ${id} ${called} the ${noun} ${group.name}`,
    }));
    return removeEach(client, links, (index) => void gone(some[index] ?? ""));
  });
}

const linked = (client: EntraClient, { id, name, of }: Target, link: Link, present: boolean): Linked => ({
  present,
  list: `the ${link} of the ${(of ?? groupHolders).noun} ${name}`,
  listed: async () => (await readLinks(client, [id], link, of)).get(id) ?? [],
});

const directoryObject = (client: EntraClient, id: string): string => `${client.base}/directoryObjects/${segment(id)}`;
