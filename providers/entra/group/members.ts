/** Joining and leaving groups, as members or owners. "Already a member" and "already gone" are success, so everything may be repeated. */
import { batchSize, type GraphRequest } from "../../../clients/graph/batch.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Answer, GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { memberReference, segment } from "../../../clients/graph/odata.ts";
import type { Link } from "./links.ts";

export interface Target {
  id: string;
  name: string;
  /** Made in this run: not every replica knows it yet. */
  fresh?: boolean;
}

/** Pauses while replication catches up, ms: about a minute for a group that was just made. */
const pauses = { fresh: [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000], settled: [1000, 2000, 4000] } as const;

/** Adds members, 20 a request (Graph takes all of them or none; then one by one). Resolves with what could not be done. */
export async function addMembers(client: EntraClient, group: Target, members: readonly string[]): Promise<Error[]> {
  const errors: Error[] = [];
  // One chunk after the other: Graph serialises writes to one object, and parallel ones meet conflicts.
  for (let at = 0; at < members.length; at += batchSize) {
    const chunk = members.slice(at, at + batchSize);
    const refused = chunk.length === 1 || !(await addTogether(client, group, chunk));
    if (refused)
      errors.push(...(await Promise.all(chunk.map((member) => addOne(client, group, member)))).filter((error) => error !== undefined));
  }
  return errors;
}

/** True when all were added. */
async function addTogether(client: EntraClient, group: Target, members: readonly string[]): Promise<boolean> {
  const body = { "members@odata.bind": members.map((member) => directoryObject(client, member)) };
  const path = `/groups/${segment(group.id)}`;
  const answer = await patiently(
    client,
    group,
    { method: "PATCH", path, body },
    (error) => group.fresh === true && error.kind === "absent",
  );
  if (answer.status < 400) return true;
  if (answer.status === 400 || answer.status === 404) return false;
  throw graphError(`add ${members.length} members to the group ${group.name}`, "PATCH", path, answer);
}

/** Adds owners, each by itself (they share calls). Resolves with what could not be done. */
export async function addOwners(client: EntraClient, group: Target, owners: readonly string[]): Promise<Error[]> {
  return (await Promise.all(owners.map((owner) => addOne(client, group, owner, "owners")))).filter((error) => error !== undefined);
}

async function addOne(client: EntraClient, group: Target, member: string, link: Link = "members"): Promise<Error | undefined> {
  const path = `/groups/${segment(group.id)}/${link}/$ref`;
  const request: GraphRequest = { method: "POST", path, body: { "@odata.id": directoryObject(client, member) }, repeatable: true };
  const answer = await patiently(client, group, request, (error) => error.kind === "absent");
  if (answer.status < 400) return undefined;
  const what = link === "members" ? `add ${member} to the group ${group.name}` : `make ${member} an owner of the group ${group.name}`;
  const error = graphError(what, "POST", path, answer);
  return error instanceof GraphRefusal && error.kind === "already-member" ? undefined : error;
}

/** Removes members or owners, 20 a call. Resolves with what could not be done. */
export async function removeMembers(
  client: EntraClient,
  group: Target,
  members: readonly string[],
  link: Link = "members",
): Promise<Error[]> {
  const paths = members.map((member) => memberReference(group.id, member, link));
  const called = link === "members" ? "out of" : "as an owner from";
  const answers = await client.batch(paths.map((path): GraphRequest => ({ method: "DELETE", path })));
  return answers.flatMap((answer, index) => {
    if (answer.status < 400) return [];
    const error = graphError(`take ${members[index]} ${called} the group ${group.name}`, "DELETE", paths[index] ?? "", answer);
    return error instanceof GraphRefusal && (error.kind === "not-member" || error.kind === "absent") ? [] : [error];
  });
}

/** Sends again, with growing pauses, what replication explains. */
export async function patiently(
  client: EntraClient,
  group: Target,
  request: GraphRequest,
  passing: (error: GraphRefusal) => boolean,
): Promise<Answer> {
  const waits = group.fresh ? pauses.fresh : pauses.settled;
  for (let tries = 0; ; tries += 1) {
    const answer = await client.submit(request);
    const pause = waits[tries];
    if (answer.status < 400 || pause === undefined) return answer;
    const error = graphError("", request.method, request.path, answer);
    if (!(error instanceof GraphRefusal) || !passing(error)) return answer;
    await client.clock.sleep(pause);
  }
}

const directoryObject = (client: EntraClient, id: string): string => `${client.base}/directoryObjects/${segment(id)}`;
