/** People from Entra ID (`people.source: entra.users`): members, and guests where they are asked for, as flat records. */

import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { rowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { literal, segment } from "../../clients/graph/odata.ts";
import type { AskOne, ReadReport, SourceAnswers, SourceRecord } from "../record.ts";

/** The slice of the Graph client that reading needs. */
export type GraphLists = Pick<EntraClient, "list">;

export interface EntraNeed {
  /** Fields that the mapping uses; `manager` costs nothing but a wider answer, `groups` one or two calls a group. */
  fields: readonly string[];
  /** Names (exact) of the groups the mapping asks for. */
  groups: readonly string[];
  /** Regular expressions of which names of further groups match one, as conditions compile them. */
  patterns?: readonly Pick<RegExp, "test">[];
  /** Guests too. */
  external: boolean;
}

const text = z.string().nullish();
/** Always read: each person is a row of a few hundred bytes, and what is not asked for by name Graph leaves out. */
const properties = z.object({
  id: z.string().min(1),
  userPrincipalName: text,
  givenName: text,
  surname: text,
  displayName: text,
  mail: text,
  jobTitle: text,
  department: text,
  officeLocation: text,
  mobilePhone: text,
  businessPhones: z.array(z.string()).nullish(),
  companyName: text,
  employeeId: text,
  accountEnabled: z.boolean(),
  userType: text,
});
const user = properties.extend({ manager: z.object({ id: z.string() }).nullish() });

/**
 * Everybody: ⌈N/999⌉ calls, and two or more for each group of the mapping (found by its exact name, then its direct members).
 * A row that is no user (no id, no accountEnabled) makes the read incomplete: nobody is taken for a leaver because of it.
 * @throws ConfigurationError for a group that does not exist or is there twice; the client's errors where Graph cannot be read.
 */
export async function readEntraPeople(
  graph: GraphLists,
  need: EntraNeed,
): Promise<{ records: SourceRecord[]; read: ReadReport; answers: SourceAnswers }> {
  const doubts: string[] = [];
  const expand = need.fields.includes("manager") ? { expand: "manager($select=id)" } : {};
  const [rows, memberships] = await Promise.all([
    graph.list("/users", Object.keys(properties.shape), { ...expand, what: "read people from Entra ID" }),
    membershipsOf(graph, need, doubts),
  ]);
  const groupsOf = new Map<string, string[]>();
  for (const { name, members } of memberships) for (const id of members) groupsOf.set(id, [...(groupsOf.get(id) ?? []), name]);

  const understood = rows.flatMap((row) => user.safeParse(row).data ?? []);
  const people = new Map<string, z.infer<typeof user>>();
  // A page boundary that moved while it was read gives a row again; the same row twice says nothing new.
  for (const one of understood) if (!people.has(one.id)) people.set(one.id, one);
  const unreadable = rows.length - understood.length;
  const twice = understood.length - people.size;
  const records = [...people.values()]
    .filter((one) => need.external || one.userType !== "Guest")
    .map((one) => ({ ref: `entra.users ${one.id}`, fields: fieldsOf(one, groupsOf.get(one.id) ?? []) }));
  if (unreadable > 0) doubts.push(`${unreadable} ${unreadable === 1 ? "row" : "rows"} of /users came without an id or accountEnabled`);
  if (twice > 0) doubts.push(`Graph gave ${twice} ${twice === 1 ? "user" : "users"} twice`);
  return {
    records,
    read: {
      recordCount: undefined,
      rows: people.size,
      pages: Math.max(1, Math.ceil(rows.length / 999)),
      complete: doubts.length === 0,
      doubts,
    },
    answers: [{ endpoint: "/users", answers: [rows.slice(0, 3) as Json[]] }],
  };
}

/** Asks for one user. Who is a guest now is none of the people, where guests are not asked for. */
export function askEntraUser(graph: Pick<EntraClient, "get">, external: boolean): AskOne {
  return async (id) => {
    const found = await graph.get(`/users/${segment(id)}`, ["id", "userType"], `look for the user ${id}`);
    if (found === undefined) return "gone";
    return !external && z.object({ userType: text }).safeParse(found).data?.userType === "Guest" ? "gone" : "there";
  };
}

/** Graph's names, and those by which haloform knows a person anywhere (docs/sources.md). Empty values are left out. */
function fieldsOf(one: z.infer<typeof user>, groups: readonly string[]): SourceRecord["fields"] {
  const { manager, accountEnabled, businessPhones, ...texts } = one;
  const fields: { [name: string]: Json } = { accountEnabled, inactive: !accountEnabled };
  for (const [name, value] of Object.entries(texts)) if (typeof value === "string" && value.trim() !== "") fields[name] = value.trim();
  const guest = one.userType === "Guest";
  const aliases = {
    name: one.displayName,
    firstname: one.givenName,
    emailaddress: one.mail ?? (guest ? undefined : one.userPrincipalName),
  };
  for (const [name, value] of Object.entries(aliases)) if (value?.trim()) fields[name] = value.trim();
  if (businessPhones && businessPhones.length > 0) fields["businessPhones"] = businessPhones;
  if (manager) fields["manager"] = manager.id;
  if (groups.length > 0) fields["groups"] = [...groups].sort();
  return fields;
}

const group = z.object({ id: z.string().min(1), displayName: z.string() });
const member = z.object({ id: z.string().min(1) });

type Group = z.infer<typeof group>;

/** Who is in the groups that the mapping asks for. */
async function membershipsOf(graph: GraphLists, need: EntraNeed, doubts: string[]): Promise<{ name: string; members: string[] }[]> {
  const named = Promise.all(need.groups.map((name) => theOne(graph, name, doubts)));
  const found = await Promise.all([named, matching(graph, need, doubts)]);
  return Promise.all(found.flat().map((one) => membersOf(graph, one, doubts)));
}

/** Groups whose names match, beside those that are asked for by name. */
async function matching(graph: GraphLists, { groups, patterns = [] }: EntraNeed, doubts: string[]): Promise<Group[]> {
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
async function membersOf(
  graph: GraphLists,
  { id, displayName: name }: Group,
  doubts: string[],
): Promise<{ name: string; members: string[] }> {
  const members = await graph.list(`/groups/${segment(id)}/members`, ["id"], { what: `read the members of ${name}` });
  return { name, members: rowsOf(member, members, `the members of ${name}`, (line) => doubts.push(line)).map((one) => one.id) };
}
