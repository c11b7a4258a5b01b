/**
 * Who is linked to groups and their like, as members or owners: read 20 of them a call, joined and taken out. "Already a member"
 * and "already gone" are success, so everything may be repeated.
 */
import { z } from "zod";
import { UnreachableError } from "../../../base/errors.ts";
import { batchSize, type GraphRequest } from "../../../clients/graph/batch.ts";
import { type EntraClient, pageSize } from "../../../clients/graph/client.ts";
import { GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { type Collection, memberReference, query, segment } from "../../../clients/graph/odata.ts";

export type Link = "members" | "owners";

/** What has links: where it lies, what one is called, and what of its links is people's. */
export interface Holders {
  readonly path: Collection;
  readonly noun: string;
  /** Links of which only people are shown; what else is linked so is never touched. */
  readonly peopleOnly: readonly Link[];
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

const pageSchema = z.object({
  value: z.array(z.object({ id: z.string(), "@odata.type": z.string().nullish() })),
  "@odata.nextLink": z.string().nullish(),
});

/** Id of a group → ids of its direct members, or of the people who own it. A group that vanished meanwhile is left out. */
export async function readLinks(
  client: EntraClient,
  groups: readonly string[],
  link: Link,
  { path: collection, noun, peopleOnly }: Holders = groupHolders,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const shown = peopleOnly.includes(link) ? isPerson : () => true;
  let open = groups.map((id) => ({ id, path: `${collection}/${segment(id)}/${link}${query({ select: ["id"], top: pageSize })}` }));
  while (open.length > 0) {
    const asked = open;
    const answers = await Promise.all(asked.map(({ id, path }) => client.read(path, `read the ${link} of ${noun} ${id}`)));
    open = [];
    for (const [index, { id, path }] of asked.entries()) {
      const answer = answers[index];
      if (!answer || answer.status === 404) continue;
      if (answer.status >= 400) throw graphError(`read the ${link} of ${noun} ${id}`, "GET", path, answer);
      const page = pageSchema.parse(answer.body);
      const ids = page.value.filter((one) => shown(one["@odata.type"])).map((one) => one.id);
      found.set(id, [...(found.get(id) ?? []), ...ids]);
      const next = page["@odata.nextLink"];
      if (!next) continue;
      if (!next.startsWith(`${client.base}/`))
        throw new UnreachableError(
          `Could not read the ${link} of ${noun} ${id}: Graph named a next page on another host; it was not followed.`,
        );
      open.push({ id, path: next.slice(client.base.length) });
    }
  }
  return found;
}

/** What the app may not read comes without a type: it is shown, and never taken for nobody. */
const isPerson = (type: string | null | undefined): boolean => !type || type === "#microsoft.graph.user";

/** Adds members, 20 a request (Graph takes all of them or none; then one by one). Resolves with what could not be done. */
export async function addMembers(client: EntraClient, group: Target, members: readonly string[]): Promise<Error[]> {
  const errors: Error[] = [];
  // One chunk after the other: Graph serialises writes to one object, and parallel ones meet conflicts.
  for (let at = 0; at < members.length; at += batchSize) {
    const chunk = members.slice(at, at + batchSize);
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

/** Adds owners, each by itself (they share calls). Resolves with what could not be done. */
export function addOwners(client: EntraClient, group: Target, owners: readonly string[]): Promise<Error[]> {
  return addEach(client, group, owners, "owners");
}

/** Adds each by itself (they share calls). Resolves with what could not be done. */
export async function addEach(client: EntraClient, group: Target, ids: readonly string[], link: Link): Promise<Error[]> {
  const { path: collection, noun } = group.of ?? groupHolders;
  const path = `${collection}/${segment(group.id)}/${link}/$ref`;
  const added = ids.map(async (id) => {
    const what = link === "members" ? `add ${id} to the ${noun} ${group.name}` : `make ${id} an owner of the ${noun} ${group.name}`;
    const request: GraphRequest = { method: "POST", path, body: { "@odata.id": directoryObject(client, id) }, repeatable: true };
    const answer = await client.submit(request, { what, passing: (refusal) => refusal.kind === "absent" });
    if (answer.status < 400) return undefined;
    const error = graphError(what, "POST", path, answer);
    return error instanceof GraphRefusal && error.kind === "already-member" ? undefined : error;
  });
  return (await Promise.all(added)).filter((error) => error !== undefined);
}

/** Removes members or owners, 20 a call. Resolves with what could not be done. */
export async function removeLinks(client: EntraClient, group: Target, ids: readonly string[], link: Link): Promise<Error[]> {
  const { path: collection, noun } = group.of ?? groupHolders;
  const paths = ids.map((id) => memberReference(group.id, id, link, collection));
  const called = link === "members" ? "out of" : "as an owner from";
  const answers = await client.batch(paths.map((path): GraphRequest => ({ method: "DELETE", path })));
  return answers.flatMap((answer, index) => {
    if (answer.status < 400) return [];
    const error = graphError(`take ${ids[index]} ${called} the ${noun} ${group.name}`, "DELETE", paths[index] ?? "", answer);
    return error instanceof GraphRefusal && (error.kind === "not-member" || error.kind === "absent") ? [] : [error];
  });
}

const directoryObject = (client: EntraClient, id: string): string => `${client.base}/directoryObjects/${segment(id)}`;
