/**
 * Whose an account is, and which line of the mapping files asks for what: from the same world and the same wish as a plan, but for
 * everybody, also where no mapping asks for anything. Pure.
 */

import type { Values } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Directory } from "../../providers/core/system.ts";
import { findEverywhere } from "../match/accounts.ts";
import { sameHumans } from "../match/again.ts";
import { haloNumber, haloUserOf } from "../match/halo-users.ts";
import { groundOf, type World } from "../model/scene.ts";
import type { DesiredResource, Subject } from "../model/types.ts";
import { flag, textOf } from "../model/values.ts";
import { doubtedRecords, subjects } from "../people/lifecycle.ts";
import { roster } from "../people/roster.ts";
import { reason } from "../plan/fields.ts";
import type { Wish } from "../wish/wish.ts";
import type { InventoryRow, State } from "./model.ts";

/** Everything an inventory is made from. */
export interface Inventoried {
  /** Records and the last run, as a plan takes them. */
  given: Omit<World, "live">;
  wish: Pick<Wish, "resources" | "parked">;
  /** Type → everything there is of it, read for an inventory: not only what a mapping asks for. */
  live: { [type: string]: readonly Live[] };
  /** `ad GUID`, `entra ID`, `halo ID` → the last logon, UTC ISO 8601. */
  lastSeen: ReadonlyMap<string, string>;
}

/** Whose something is. */
export type Ownership = Pick<InventoryRow, "person" | "state" | "rule" | "note">;

export interface Owners {
  /** Whose account that is; undefined: nobody's. */
  of(system: Directory, id: string): Subject | undefined;
  /** Whose user of Halo that is (people's records, where they come from there). */
  ofHaloUser(id: string): Subject | undefined;
  /** The record of a user of Halo that `people.for` leaves out. */
  isExcluded(id: string): boolean;
  /** Whose, and by which line: `rule` where one asks. */
  ownership(system: Directory, id: string, owner: Subject | undefined, rule: string | undefined): Ownership;
  /** What is wished of a person of this type. */
  wished(type: string, person: string): DesiredResource | undefined;
  /** What is wished of the object with this id. */
  wishedOf(type: string, id: string): DesiredResource | undefined;
}

export function ownersIn({ given, wish, live }: Inventoried): Owners {
  const world = { ...given, records: doubtedRecords(given), live };
  const { mappings } = world;
  const read = roster(world.records, mappings);
  const ground = groundOf({ world, ...subjects(sameHumans(read, world), world) });
  findEverywhere(ground);
  const byAccount = new Map<string, Subject>();
  const byHaloUser = new Map<string, Subject>();
  for (const subject of ground.subjects) {
    for (const [system, id] of Object.entries(subject.accounts)) byAccount.set(`${system} ${id}`, subject);
    const number = haloNumber(mappings, subject);
    if (number !== undefined) byHaloUser.set(number, subject);
  }
  const ofPerson = new Map<string, DesiredResource>();
  const byId = new Map<string, DesiredResource>();
  for (const one of wish.resources) {
    if (one.person !== undefined) ofPerson.set(`${one.type} ${one.person}`, one);
    const id = one.adopt ?? ground.previous(one.type, one.name)?.id;
    if (id === undefined) continue;
    byId.set(`${one.type} ${id}`, one);
    const whose = one.type === "halo:User" && one.person !== undefined ? ground.byKey.get(one.person) : undefined;
    if (whose) byHaloUser.set(id, whose);
  }
  const parked = new Map(wish.parked.filter((one) => one.of === undefined).map((one) => [one.key, one.reason]));
  const excluded = new Set([...read.excluded.values()].map(({ record }) => haloUserOf(record.ref)));
  return {
    of: (system, id) => byAccount.get(`${system} ${id}`),
    ofHaloUser: (id) => byHaloUser.get(id),
    isExcluded: (id) => excluded.has(id),
    ownership(system, id, owner, rule) {
      if (!owner)
        return ground.undecided.has(`${system} ${id}`)
          ? { state: "undecided", note: "may be somebody's who is parked: see `haloform preview`" }
          : { state: "nobody" };
      const { key, name, stage } = owner;
      const why = parked.get(key);
      const state: State = rule !== undefined ? "mapped" : why === undefined ? "unasked" : "undecided";
      return {
        person: { key, name, stage },
        state,
        ...(rule === undefined ? {} : { rule }),
        ...(why === undefined ? {} : { note: `parked: ${why}` }),
      };
    },
    wished: (type, person) => ofPerson.get(`${type} ${person}`),
    wishedOf: (type, id) => byId.get(`${type} ${id}`),
  };
}

/** The line that asks for a resource, or for one value of it. */
export const ruleOf = (resource: DesiredResource, path = ""): string | undefined => reason(resource, path)?.rule;

/** The line that gives an entry of a list, by the entry as the inputs have it, whatever its case; undefined: none does. */
export function ruleOfEntry(resource: DesiredResource | undefined, list: string, entry: string): string | undefined {
  const all = resource?.inputs[list];
  if (!resource || !Array.isArray(all)) return undefined;
  const named = all.map((one) => (typeof one === "string" ? one : textOf((one as Values)["sku"]))).find((one) => fold(one) === fold(entry));
  return named === undefined ? undefined : ruleOf(resource, `${list}.${named}`);
}

/** Whether an account is on; undefined where its list does not say. */
export const enabledOf = ({ values }: Pick<Live, "values">): boolean | undefined =>
  values["enabled"] === undefined ? undefined : flag(values["enabled"]);
