/** What Microsoft Graph knows: users, groups, members, licences. Rows hold Graph's properties; licences are kept apart and computed into rows when read. */
import type { SeedSku, TenantSeed } from "../organisation/tenant.ts";
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import { Members, type Replicas, Replicated } from "./store.ts";

/** Where a row keeps its direct licences; never shown. */
export const directKey = "$direct";

/** One direct assignment. */
export interface Direct {
  skuId: string;
  disabledPlans: string[];
}

export interface GraphState {
  users: Replicated;
  groups: Replicated;
  members: Members;
  skus: SeedSku[];
  /** Direct licences by user id, written last. */
  direct: Map<string, Direct[]>;
  /** Assignments through a group that failed: `user group sku` → Graph's word for it. They give nothing. */
  errors: Map<string, string>;
  /** How many assignments of a SKU somebody has: SKU id → user id → number. A user counts once however many there are. */
  holders: Map<string, Map<string, number>>;
  /** Soft deleted users, with what a restore gives back. */
  deleted: Map<string, { row: Row; direct: Direct[]; groups: string[] }>;
  /** userPrincipalName in lower case → id. */
  byName: Map<string, string>;
  /** A new id. */
  newId(): string;
}

export function graphState(skus: SeedSku[], lag: () => number, now: () => number, replicas?: Replicas): GraphState {
  let made = 0;
  return {
    ...{ users: new Replicated(lag, now, replicas), groups: new Replicated(lag, now, replicas), members: new Members(lag, now, replicas) },
    ...{
      skus: skus.map((sku) => ({ ...sku })),
      errors: new Map(),
      direct: new Map(),
      holders: new Map(),
      deleted: new Map(),
      byName: new Map(),
    },
    newId: () => guidOf("graph", ++made),
  };
}

/** A user written whole. */
export function putUser(state: GraphState, row: Row): void {
  const id = String(row["id"]);
  const before = state.users.current.get(id)?.["userPrincipalName"];
  if (before) state.byName.delete(String(before).toLowerCase());
  state.byName.set(String(row["userPrincipalName"]).toLowerCase(), id);
  state.users.put(id, row);
}

/** Soft delete: gone from lists and groups, its licences are free again. */
export function deleteUser(state: GraphState, id: string): void {
  const row = state.users.current.get(id);
  if (!row) return;
  const groups = state.members.groupsOf(id);
  state.deleted.set(id, { row: { ...row, deletedDateTime: new Date().toISOString() }, direct: state.direct.get(id) ?? [], groups });
  state.byName.delete(String(row["userPrincipalName"]).toLowerCase());
  for (const group of groups) leave(state, group, id);
  setDirect(state, id, []);
  state.users.put(id, undefined);
}

/** Brings a soft deleted user back with licences and groups (facts 3.3); nothing happens to one that is not deleted. */
export function restoreUser(state: GraphState, id: string): void {
  const gone = state.deleted.get(id);
  if (!gone) return;
  state.deleted.delete(id);
  putUser(state, { ...gone.row, deletedDateTime: null });
  setDirect(state, id, gone.direct);
  for (const group of gone.groups) if (state.groups.current.has(group)) join(state, group, id);
}

/** One more or one fewer assignment of a SKU that somebody has. */
export function count(state: GraphState, sku: string, user: string, by: number): void {
  const users = state.holders.get(sku) ?? new Map<string, number>();
  state.holders.set(sku, users);
  const left = (users.get(user) ?? 0) + by;
  if (left > 0) users.set(user, left);
  else users.delete(user);
}

export function setDirect(state: GraphState, user: string, licences: Direct[]): void {
  for (const { skuId } of state.direct.get(user) ?? []) count(state, skuId, user, -1);
  for (const { skuId } of licences) count(state, skuId, user, 1);
  state.direct.set(user, licences);
  // In the row too, so that readers see the change when they see the row.
  const row = state.users.current.get(user);
  if (row) state.users.put(user, { ...row, [directKey]: licences });
}

/** Licences a group gives to its members. */
export const given = (group: Row | undefined): Direct[] => (group?.["assignedLicenses"] as Direct[] | undefined) ?? [];

export function join(state: GraphState, group: string, member: string): void {
  state.members.add(group, member);
  for (const { skuId } of given(state.groups.current.get(group))) count(state, skuId, member, 1);
}

export function leave(state: GraphState, group: string, member: string): void {
  state.members.remove(group, member);
  for (const { skuId } of given(state.groups.current.get(group)))
    if (!state.errors.delete(`${member} ${group} ${skuId}`)) count(state, skuId, member, -1);
}

/** Makes a group's licence fail for one of its members, as the service does after the membership was written: no seat is used. */
export function failLicence(state: GraphState, user: string, group: string, skuId: string, error: string): void {
  const key = `${user} ${group} ${skuId}`;
  if (!state.errors.has(key)) count(state, skuId, user, -1);
  state.errors.set(key, error);
}

/** Licences somebody has through groups, with the error of those that failed. */
export function inherited(state: GraphState, user: string): (Direct & { group: string; error?: string })[] {
  const found: (Direct & { group: string; error?: string })[] = [];
  for (const [id, group] of state.groups.current) {
    const licences = given(group);
    if (licences.length === 0 || !state.members.has(id, user)) continue;
    for (const licence of licences) {
      const error = state.errors.get(`${user} ${id} ${licence.skuId}`);
      found.push({ ...licence, group: id, ...(error === undefined ? {} : { error }) });
    }
  }
  return found;
}

/** A user of the cloud, with every property that a create does not give. */
export function blankUser(state: GraphState, more: Row): Row {
  return {
    id: state.newId(),
    businessPhones: [],
    accountEnabled: true,
    userType: "Member",
    createdDateTime: new Date().toISOString(),
    onPremisesSyncEnabled: null,
    ...more,
  };
}

export function blankGroup(state: GraphState, more: Row): Row {
  return {
    id: state.newId(),
    description: null,
    groupTypes: [],
    mailEnabled: false,
    securityEnabled: true,
    onPremisesSyncEnabled: null,
    createdDateTime: new Date().toISOString(),
    ...more,
  };
}

/** What the tenant has beside synced users, who must be there already: cloud accounts, groups, licences. */
export function seedTenant(state: GraphState, seed: TenantSeed): void {
  for (const account of seed.accounts)
    putUser(
      state,
      blankUser(state, {
        id: guidOf("cloud", account.userPrincipalName),
        ...account,
        mailNickname: account.userPrincipalName.split("@")[0],
        mail: null,
      }),
    );
  const skuId = (part: string): string => state.skus.find((sku) => sku.partNumber === part)?.id ?? "";
  for (const group of seed.groups) {
    const id = guidOf("group", group.name);
    const dynamic =
      group.kind === "dynamic"
        ? { groupTypes: ["DynamicMembership"], membershipRule: '(user.department -eq "Engineering")', membershipRuleProcessingState: "On" }
        : {};
    const synced = group.kind === "synced" ? { onPremisesSyncEnabled: true, onPremisesSamAccountName: group.name } : {};
    const licences = group.licences ? { assignedLicenses: group.licences.map((part) => ({ skuId: skuId(part), disabledPlans: [] })) } : {};
    state.groups.put(
      id,
      blankGroup(state, {
        id,
        displayName: group.name,
        description: group.description,
        mailNickname: group.name,
        ...dynamic,
        ...synced,
        ...licences,
      }),
    );
    for (const name of group.members) {
      const member = state.byName.get(name.toLowerCase());
      if (member) join(state, id, member);
    }
  }
  const direct = new Map<string, Direct[]>();
  for (const licence of seed.licences) {
    const user = state.byName.get(licence.user.toLowerCase());
    const sku = state.skus.find((known) => known.partNumber === licence.sku);
    if (!user || !sku) continue;
    const disabledPlans = sku.plans.filter((plan) => licence.without.includes(plan.name)).map((plan) => plan.id);
    direct.set(user, [...(direct.get(user) ?? []), { skuId: sku.id, disabledPlans }]);
  }
  for (const [user, licences] of direct) setDirect(state, user, licences);
  // Whoever came from AD long ago has had a licence once, and so a usage location.
  for (const [id, user] of [...state.users.current])
    if (user["onPremisesSyncEnabled"] === true) state.users.put(id, { ...user, usageLocation: seed.usageLocation });
}
