/** What SAM checks of groups: the kinds, who may be in which, and primary groups. */
import type { Entry } from "./entry.ts";
import { LdapFailure, result, updateFailure, willNotPerform } from "./errors.ts";
import { ridOf } from "./identity.ts";

const global = 2;
const domainLocal = 4;
const universal = 8;
const scopes = global | domainLocal | universal;
const builtin = 1;
const security = 0x80000000;

/** groupType of a group made without one: global, security. */
export const defaultGroupType = "-2147483646";

/** Scope bit of a group; 0 for anything else. */
function scopeOf(entry: Entry): number {
  return entry.classDef.name === "group" ? entry.number("grouptype") & scopes : 0;
}

/** sAMAccountType of a group, a user or a computer (MS-ADTS, attribute sAMAccountType). */
export function accountType(entry: Entry): string {
  if (entry.classDef.chain.includes("computer")) return "805306369";
  if (entry.classDef.account) return "805306368";
  const type = entry.number("grouptype");
  const distribution = (type & security) === 0 ? 1 : 0;
  return String(((type & domainLocal) !== 0 ? 536870912 : 268435456) + distribution);
}

/** Checks a group's kind after a change; `before` is undefined for a new group. Global and domain-local only change into universal and back. */
export function checkGroupType(group: Entry, before: number | undefined): void {
  const type = group.number("grouptype");
  const scope = type & scopes;
  if (![global, domainLocal, universal].includes(scope) || (type & ~(scopes | builtin | security)) !== 0) throw willNotPerform("00002141");
  const old = before === undefined ? scope : before & scopes;
  if (old !== scope && old !== universal && scope !== universal) throw willNotPerform("00002141");
  if (old === scope) return;
  for (const member of group.links.get("member") ?? []) checkNesting(group, member);
  for (const parent of group.backLinks.get("member") ?? []) checkNesting(parent, group);
}

/** Global holds global; universal holds global and universal; domain-local holds anything of this domain. */
export function checkNesting(group: Entry, member: Entry): void {
  const [outer, inner] = [scopeOf(group), scopeOf(member)];
  if (outer === global && inner === domainLocal) throw willNotPerform("00002144");
  if (outer === global && inner === universal) throw willNotPerform("00002145");
  if (outer === universal && inner === domainLocal) throw willNotPerform("00002146");
}

/** A user cannot be made a listed member of the primary group he is in anyway. */
export function checkNotPrimary(group: Entry, member: Entry): void {
  if (group.sid !== undefined && member.number("primarygroupid") === ridOf(group.sid)) throw updateFailure("exists", "00000562");
}

/** After a change of primaryGroupID: the user must be in the new group; the old one lists him from now on. */
export function swapPrimaryGroup(user: Entry, before: number, groupOf: (rid: number) => Entry | undefined): void {
  const now = groupOf(user.number("primarygroupid"));
  if (now === undefined || !(now.links.get("member")?.has(user) ?? false)) throw willNotPerform("00000529");
  now.unlink("member", user);
  groupOf(before)?.link("member", user);
}

/** A deletion that the domain does not survive, or that would leave somebody without a primary group (MS-SAMR 3.1.1.7). */
export function checkDeletable(entry: Entry, everybody: Iterable<Entry>): void {
  if (entry.children.size > 0) throw updateFailure("nonLeaf", "00002015");
  if (entry.text("iscriticalsystemobject") === "TRUE" || entry.parent === undefined)
    throw new LdapFailure(result.unwillingToPerform, "00000565: SvcErr: DSID-031A0FC0, problem 5003 (WILL_NOT_PERFORM), data 0\n");
  if (entry.classDef.name !== "group" || entry.sid === undefined) return;
  const rid = ridOf(entry.sid);
  for (const other of everybody) if (other.classDef.account && other.number("primarygroupid") === rid) throw willNotPerform("0000055E");
}
