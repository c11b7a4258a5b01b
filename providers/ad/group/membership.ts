/**
 * Who is in which group. Members are not read group by group: AD gives `member` in ranges of 1,500, so calls would grow
 * with groups × members. They are put together from the other side, `memberOf` of users and of everything else, so that
 * all groups cost ⌈users/1000⌉ + ⌈groups/1000⌉ + ⌈others/1000⌉ calls. What this cannot see are members of other domains;
 * they are left alone. Members by primaryGroupID are not in `member` (MS-ADTS 3.1.1.4.5): they are added here, so that a
 * person whose primary group it is counts as a member. The domain's own primary groups (Domain Users, RID < 1000) are
 * left out: everybody is in one, and no mapping can manage them.
 */
import { AndFilter, EqualityFilter, NotFilter, PresenceFilter } from "ldapts";
import type { Lists, Live } from "../../core/definition.ts";
import { isPerson } from "../reads.ts";
import { rawValues, valuesOfUser } from "../user/live.ts";
import { ridOf } from "../values/guid.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { guidOf, sidOf, textOf, textsOf } from "../wire/entry.ts";
import type { LiveMember } from "./inputs.ts";

export interface Membership {
  /** Members of a group, in no order. */
  of(group: Entry): LiveMember[];
  /** objectGUID of a user, a group or another member by its name as the server spells it; "" for anything else. */
  idOf(dn: string): string;
}

/** The last part of a group's SID where accounts may have it as their primary group, and a mapping may manage it. */
function primaryRid(group: Entry): number | undefined {
  const sid = sidOf(group);
  const rid = sid === undefined ? undefined : ridOf(sid);
  return rid === undefined || rid < 1000 ? undefined : rid;
}

/** Who may be in groups, and which they are in. */
interface Linked {
  dn: string;
  guid: string;
  groups: readonly string[];
  primary: number;
}

function linkedEntry(entry: Entry): Linked[] {
  const guid = guidOf(entry);
  const primary = Number(textOf(entry, "primaryGroupID") ?? 0);
  return guid === undefined ? [] : [{ dn: entry.dn, guid, groups: textsOf(entry, "memberOf"), primary }];
}

/** Users as ad:User's list has read them; a deleted one is in no group. */
function linkedUser(live: Live): Linked[] {
  const values = valuesOfUser(live);
  const { distinguishedName: dn, memberOf: groups } = values;
  return values.deleted ? [] : [{ dn, guid: live.id, groups, primary: Number(rawValues(values, "primaryGroupID")[0] ?? 0) }];
}

/** All users, from the list that the run reads of them anyway, where it does. */
async function readLinkedUsers(client: AdClient, lists: Lists | undefined): Promise<Linked[]> {
  const users = lists?.("ad:User");
  if (users) return (await users).flatMap(linkedUser);
  return (await client.search({ filter: isPerson, attributes: ["objectGUID", "memberOf", "primaryGroupID"] })).flatMap(linkedEntry);
}

/** All memberships of the domain; `groups` are those that readGroups gave. */
export async function readMembership(client: AdClient, groups: Promise<readonly Entry[]>, lists?: Lists): Promise<Membership> {
  const others = client.search({
    filter: new AndFilter({ filters: [new PresenceFilter({ attribute: "memberOf" }), new NotFilter({ filter: isPerson })] }),
    attributes: ["objectGUID", "memberOf"],
  });
  const listed = new Map<string, LiveMember[]>();
  const primary = new Map<number, LiveMember[]>();
  const ids = new Map<string, string>();
  const put = <K>(map: Map<K, LiveMember[]>, key: K, member: LiveMember): void => {
    const known = map.get(key);
    if (known) known.push(member);
    else map.set(key, [member]);
  };
  // Waited for together: where one read fails, the others' failures must not be left to nobody.
  const [users, ...entries] = await Promise.all([readLinkedUsers(client, lists), others, groups]);
  for (const one of [...users, ...entries.flat().flatMap(linkedEntry)]) {
    if (ids.has(one.dn)) continue;
    ids.set(one.dn, one.guid);
    const member: LiveMember = { dn: one.dn, guid: one.guid };
    for (const group of one.groups) put(listed, group, member);
    if (one.primary >= 1000) put(primary, one.primary, { ...member, primary: true });
  }
  return {
    of: (group) => [...(listed.get(group.dn) ?? []), ...(primary.get(primaryRid(group) ?? 0) ?? [])],
    idOf: (dn) => ids.get(dn) ?? "",
  };
}

/** Direct members of one group with their ids, paged; the same answer as readMembership gives for it. */
export async function readMembersOf(client: AdClient, group: Entry): Promise<LiveMember[]> {
  const rid = primaryRid(group);
  const search = (attribute: string, value: string): Promise<Entry[]> =>
    client.search({ filter: new EqualityFilter({ attribute, value }), attributes: ["objectGUID"] });
  const [entries, primary] = await Promise.all([
    search("memberOf", group.dn),
    rid === undefined ? [] : search("primaryGroupID", String(rid)),
  ]);
  const members = (all: readonly Entry[], more: Pick<LiveMember, "primary"> = {}): LiveMember[] =>
    all.flatMap((entry) => {
      const guid = guidOf(entry);
      return guid === undefined ? [] : [{ dn: entry.dn, guid, ...more }];
    });
  return [...members(entries), ...members(primary, { primary: true })];
}
