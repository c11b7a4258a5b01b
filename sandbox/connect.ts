/** Entra Connect, pretended: what changes in AD under the staff OU is in Graph a moment later. */
import type { AdDirectory, DirectoryEntry } from "./ad/server.ts";
import { blankGroup, blankUser, deleteUser, type GraphState, join, leave, putUser, restoreUser } from "./graph/state.ts";
import { guidOf } from "./random.ts";
import type { Row } from "./web/json.ts";

export interface Connect {
  /** Brings everything at once, without waiting. */
  now(): void;
  /** Has this group of AD be brought from now on (distinguishedName): with whoever of its members is brought. */
  group(dn: string): void;
  /** Resolves when nothing waits to be brought. */
  settled(): Promise<void>;
  /** Set to true, nothing is brought until it is false again (a stalled sync). */
  paused: boolean;
  stop(): void;
}

export interface ConnectOptions {
  directory: AdDirectory;
  state: GraphState;
  /** Only users below this OU are brought. */
  scope: string;
  /** Milliseconds. */
  delay: number;
  domain: string;
}

/** `onPremisesImmutableId`: base64 of the 16 raw bytes of mS-DS-ConsistencyGuid where that is set, of objectGUID else. */
function immutableId(entry: DirectoryEntry): string {
  const [own] = entry.values("mS-DS-ConsistencyGuid");
  return Buffer.from(own ?? entry.guidBytes).toString("base64");
}
const idOf = (guid: string): string => guidOf("synced", guid);

/** A user of AD as Graph has it. */
function propertiesOf(entry: DirectoryEntry, domain: string): Row {
  const text = (name: string): string | null => entry.text(name) ?? null;
  const name = text("userPrincipalName") ?? `${text("sAMAccountName") ?? entry.guid}@${domain}`;
  const phone = text("telephoneNumber");
  return {
    ...{
      displayName: text("displayName") ?? text("cn"),
      givenName: text("givenName"),
      surname: text("sn"),
      userPrincipalName: name,
      mail: text("mail"),
      mailNickname: name.split("@")[0],
    },
    ...{
      department: text("department"),
      jobTitle: text("title"),
      companyName: text("company"),
      officeLocation: text("physicalDeliveryOfficeName"),
      mobilePhone: text("mobile"),
    },
    ...{ businessPhones: phone === null ? [] : [phone], employeeId: text("employeeNumber"), accountEnabled: entry.enabled },
    ...{
      onPremisesSyncEnabled: true,
      onPremisesImmutableId: immutableId(entry),
      onPremisesSamAccountName: text("sAMAccountName"),
      onPremisesDistinguishedName: entry.dn,
    },
    ...{ onPremisesSecurityIdentifier: entry.sid ?? null, onPremisesDomainName: domain, onPremisesUserPrincipalName: name },
  };
}

/** A group of AD as Graph has it. */
function groupOf(entry: DirectoryEntry, domain: string): Row {
  return {
    ...{ displayName: entry.text("displayName") ?? entry.text("cn"), description: entry.text("description") ?? null },
    ...{ mailNickname: entry.text("sAMAccountName"), securityEnabled: true, mailEnabled: false },
    ...{ onPremisesSyncEnabled: true, onPremisesSamAccountName: entry.text("sAMAccountName") ?? null },
    ...{ onPremisesSecurityIdentifier: entry.sid ?? null, onPremisesDomainName: domain },
  };
}

export function startConnect(options: ConnectOptions): Connect {
  const { directory, state, scope, delay, domain } = options;
  const dirty = new Set<string>();
  const blocked = new Set<string>();
  const groups = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];
  const within = `,${scope.toLowerCase()}`;

  const bring = (guid: string): void => {
    const entry = directory.entries.get(guid);
    const id = idOf(guid);
    if (entry?.objectClass !== "user" || !entry.dn.toLowerCase().endsWith(within)) {
      deleteUser(state, id);
      return;
    }
    const properties = propertiesOf(entry, domain);
    // Somebody else has the name (two people may be swapping theirs): tried again when something else changes.
    const holder = state.byName.get(String(properties["userPrincipalName"]).toLowerCase());
    if (holder !== undefined && holder !== id) {
      blocked.add(guid);
      return;
    }
    restoreUser(state, id);
    const before = state.users.current.get(id) ?? blankUser(state, { id });
    const after: Row = { ...before, ...properties };
    if (state.users.current.has(id) && Object.entries(after).every(([key, value]) => JSON.stringify(before[key]) === JSON.stringify(value)))
      return;
    putUser(state, { ...after, onPremisesLastSyncDateTime: new Date().toISOString() });
  };
  const bringGroup = (guid: string): void => {
    const [entry, id] = [directory.entries.get(guid), idOf(guid)];
    if (!entry) return;
    state.groups.put(id, { ...(state.groups.current.get(id) ?? blankGroup(state, { id })), ...groupOf(entry, domain) });
    const wished = entry.values("member").flatMap((dn) => {
      const member = idOf(directory.entries.get(String(dn))?.guid ?? "");
      return state.users.current.has(member) || state.groups.current.has(member) ? [member] : [];
    });
    for (const member of state.members.of(id)) if (!wished.includes(member)) leave(state, id, member);
    for (const member of wished) if (!state.members.has(id, member)) join(state, id, member);
  };
  const all = (): void => {
    for (const entry of directory.entries.list((known) => known.objectClass === "user" && known.dn.toLowerCase().endsWith(within)))
      dirty.add(entry.guid);
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const guids = new Set([...dirty, ...blocked]);
    dirty.clear();
    blocked.clear();
    for (const guid of guids) bring(guid);
    for (const guid of groups) bringGroup(guid);
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const schedule = (): void => {
    if (dirty.size > 0) timer ??= setTimeout(() => (connect.paused ? later() : flush()), delay);
  };
  const later = (): void => {
    timer = undefined;
    timer = setTimeout(() => (connect.paused ? later() : flush()), Math.max(50, delay));
  };
  let stopped = false;
  directory.onChange((change) => {
    if (stopped) return;
    dirty.add(change.guid);
    // Moving an OU moves everybody in it without a word about each.
    if (change.op === "move" && directory.entries.get(change.guid)?.objectClass === "organizationalUnit") all();
    schedule();
  });
  const connect: Connect = {
    paused: false,
    now: () => {
      all();
      flush();
    },
    group: (dn) => {
      const entry = directory.entries.get(dn);
      if (!entry) throw new Error(`there is no group ${dn} to bring`);
      groups.add(entry.guid);
      flush();
    },
    settled: () => (dirty.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
  connect.now();
  return connect;
}
