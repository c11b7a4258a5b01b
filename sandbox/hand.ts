/** Changes "by hand": what somebody does at the console of a system, past haloform. */
import type { AdDirectory, Input, Wish } from "./ad/server.ts";
import type { GraphServer } from "./graph/server.ts";
import { type Direct, failLicence, given, join, leave, putUser, setDirect } from "./graph/state.ts";
import type { HaloServer } from "./halo/context.ts";
import { saveUser } from "./halo/users.ts";
import type { Row } from "./web/json.ts";

export interface Hand {
  /** One entry of AD: values to replace (null clears), add, take out; then a new name; or removal, or a new entry. */
  ad?: {
    dn: string;
    replace?: Record<string, Input | Input[] | null>;
    add?: Record<string, Input[]>;
    remove?: Record<string, Input[]>;
    moveTo?: string;
    /** "for good": without a tombstone from which it could be restored. */
    delete?: boolean | "for good";
    create?: Record<string, Input | Input[]>;
  };
  /** A row of Halo: fields to set; `custom` sets custom fields of a user by name (a list's value by its label). `delete` takes the row away. */
  halo?: { table: "users" | "agents"; id: number; set?: Row; custom?: Record<string, string>; delete?: boolean };
  /** A user of Graph (by userPrincipalName): properties, direct licences by part number; or a group (by name): members by userPrincipalName. */
  graph?: {
    user?: string;
    set?: Row;
    addLicences?: string[];
    removeLicences?: string[];
    group?: string;
    addMembers?: string[];
    removeMembers?: string[];
    /** userPrincipalName → error of the group's licences for that member (CountViolation …). */
    licenceErrors?: Record<string, string>;
  };
}

function inDirectory(ad: AdDirectory, hand: NonNullable<Hand["ad"]>): void {
  if (hand.create) ad.entries.add(hand.dn, hand.create);
  const wishes: Record<string, Wish> = { ...hand.replace };
  for (const [name, add] of Object.entries(hand.add ?? {})) wishes[name] = { add };
  for (const [name, remove] of Object.entries(hand.remove ?? {}))
    wishes[name] = { ...(wishes[name] as { add?: Input[] } | undefined), remove };
  if (Object.keys(wishes).length > 0) ad.entries.modify(hand.dn, wishes);
  if (hand.moveTo !== undefined) ad.entries.move(hand.dn, hand.moveTo);
  if (hand.delete) ad.entries.remove(hand.dn, hand.delete === "for good");
}

function inHalo(halo: HaloServer, hand: NonNullable<Hand["halo"]>): void {
  const table = halo.state[hand.table];
  const row = table.get(hand.id);
  if (!row) throw new Error(`Halo has no ${hand.table} row ${hand.id}.`);
  if (hand.delete) {
    table.delete(hand.id);
    return;
  }
  if (hand.table === "agents") {
    Object.assign(row, hand.set);
    return;
  }
  saveUser(halo.state, { ...hand.set, id: hand.id });
  const saved = halo.state.users.get(hand.id) ?? row;
  for (const [name, text] of Object.entries(hand.custom ?? {})) {
    const field = halo.state.fields.find((known) => known["name"] === name);
    const option = ((field?.["values"] as Row[] | undefined) ?? []).find((known) => known["name"] === text);
    const value = field?.["type"] === 2 ? (option?.["id"] ?? null) : text;
    saved["customfields"] = (saved["customfields"] as Row[]).map((known) =>
      known["name"] === name ? { ...known, value, display: text } : known,
    );
  }
}

function inGraph(graph: GraphServer, hand: NonNullable<Hand["graph"]>): void {
  const { state } = graph;
  const idOf = (name: string): string => {
    const id = state.byName.get(name.toLowerCase());
    if (id === undefined) throw new Error(`Graph has no user ${name}.`);
    return id;
  };
  const skuId = (part: string): string => state.skus.find((sku) => sku.partNumber === part)?.id ?? part;
  if (hand.user !== undefined) {
    const id = idOf(hand.user);
    if (hand.set) putUser(state, { ...state.users.current.get(id), ...hand.set });
    const gone = new Set((hand.removeLicences ?? []).map(skuId));
    const added = (hand.addLicences ?? []).map((part): Direct => ({ skuId: skuId(part), disabledPlans: [] }));
    if (gone.size + added.length > 0)
      setDirect(state, id, [...(state.direct.get(id) ?? []).filter((licence) => !gone.has(licence.skuId)), ...added]);
  }
  if (hand.group !== undefined) {
    const group = [...state.groups.current.values()].find((row) => row["displayName"] === hand.group)?.["id"];
    if (group === undefined) throw new Error(`Graph has no group ${hand.group}.`);
    for (const name of hand.addMembers ?? []) join(state, String(group), idOf(name));
    for (const [name, error] of Object.entries(hand.licenceErrors ?? {}))
      for (const licence of given(state.groups.current.get(String(group))))
        failLicence(state, idOf(name), String(group), licence.skuId, error);
    for (const name of hand.removeMembers ?? []) leave(state, String(group), idOf(name));
  }
}

/** Throws with the system's own words when it cannot be done. */
export function byHand(systems: { halo: HaloServer; graph: GraphServer; ad: AdDirectory }, hand: Hand): void {
  if (hand.ad) inDirectory(systems.ad, hand.ad);
  if (hand.halo) inHalo(systems.halo, hand.halo);
  if (hand.graph) inGraph(systems.graph, hand.graph);
}
