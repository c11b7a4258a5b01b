/** The groups of Entra ID that the mapping asks for, by name or by pattern, with their direct members. */
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { literal, segment } from "../../clients/graph/odata.ts";
import type { EntraGroup } from "./rows.ts";

/** The slice of the Graph client that reading needs. */
export type GraphLists = Pick<EntraClient, "list">;

export interface GroupNeed {
  /** Names (exact) of the groups the mapping asks for. */
  groups: readonly string[];
  /** Regular expressions of which names of further groups match one, as conditions compile them. */
  patterns?: readonly Pick<RegExp, "source" | "test">[];
}

const group = z.object({ id: z.string().min(1), displayName: z.string() });
const member = z.object({ id: z.string().min(1) });

type Group = z.infer<typeof group>;

/**
 * Who is in the groups that the mapping asks for: two calls a group, one more for patterns.
 * @throws ConfigurationError for a group that does not exist or is there twice.
 */
export async function groupsOf(graph: GraphLists, need: GroupNeed, doubts: string[]): Promise<EntraGroup[]> {
  const named = Promise.all(need.groups.map((name) => theOne(graph, name, doubts)));
  const found = await Promise.all([named, matching(graph, need, doubts)]);
  return Promise.all(found.flat().map((one) => membersOf(graph, one, doubts)));
}

/** Whether a group of this name may be one that is asked for; Graph compares names without regard to case. */
export function isAskedFor(name: string, { groups, patterns = [] }: GroupNeed): boolean {
  return groups.some((one) => one.toLowerCase() === name.toLowerCase()) || patterns.some((pattern) => pattern.test(name));
}

/** Groups whose names match, beside those that are asked for by name. */
async function matching(graph: GraphLists, { groups, patterns = [] }: GroupNeed, doubts: string[]): Promise<Group[]> {
  if (patterns.length === 0) return [];
  const rows = await graph.list("/groups", ["id", "displayName"], { what: "read the names of groups" });
  const all = rowsOf(group, rows, "Entra ID's groups", (line) => doubts.push(line));
  return all.filter(({ displayName }) => !groups.includes(displayName) && patterns.some((pattern) => pattern.test(displayName)));
}

/** The one group of exactly this name (H2). */
async function theOne(graph: GraphLists, name: string, doubts: string[]): Promise<Group> {
  const filter = `displayName eq ${literal(name)}`;
  const rows = await graph.list("/groups", ["id", "displayName"], { filter, what: `find the group ${name}` });
  const all = rowsOf(group, rows, "Entra ID's groups", (line) => doubts.push(line));
  // Graph compares without regard to case; the mapping means exactly this name.
  const found = all.filter((one) => one.displayName === name);
  const [one] = found;
  if (!one || found.length > 1)
    throw new ConfigurationError(
      one
        ? `Read people from Entra ID: the mapping names the group ${name}, and Entra ID has ${found.length} of that name (${found.map((each) => each.id).join(", ")}); rename all but one`
        : `Read people from Entra ID: the mapping names the group ${name}, which Entra ID does not have${all[0] ? ` (did you mean "${all[0].displayName}"?)` : ""}; correct the name, or make the group`,
    );
  return one;
}

/** The direct members of a group. */
async function membersOf(graph: GraphLists, { id, displayName: name }: Group, doubts: string[]): Promise<EntraGroup> {
  const members = await graph.list(`/groups/${segment(id)}/members`, ["id"], { what: `read the members of ${name}` });
  return { id, name, members: rowsOf(member, members, `the members of ${name}`, (line) => doubts.push(line)).map((one) => one.id) };
}
