/** What there is in the systems: each type's list, as the mappings ask for it, and what is read beside them. */
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { lostRows } from "../../base/rows.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { listsOf } from "../../providers/core/lists.ts";
import { definition } from "../../providers/registry.ts";
import { connectionType, holderType, skuType } from "../model/kinds.ts";
import { asksConnections } from "../wish/halo/licences.ts";
import { devices, photoAccounts } from "./entra.ts";
import { isSacred, protectAll } from "./inside.ts";

/** Type → everything there is of it. */
export type Lists = { [type: string]: Live[] };

export interface Read {
  /** The types' own lists, which the provider works with: deleted accounts are among the others. */
  all: Lists;
  /** What only the middle looks at: devices, the tenant's SKUs, Halo's own connections. */
  beside: Lists;
}

/** Reads them all at once: reads share calls (Graph's rounds) and what they have read (AD's members are told by its users). `bind`: as in the ad settings. */
export async function readLists(mappings: Mappings, asked: { [type: string]: unknown }, bind: string | undefined): Promise<Read> {
  const types = Object.keys(asked);
  // What an earlier read of this process has lost is nothing to this one.
  lostRows();
  const reading = listsOf(types, async (type, others) => {
    const one = definition(type);
    return one.list(await one.client(), asked[type], others);
  });
  const listing = types.map(async (type): Promise<[string, Live[]]> => [type, (await reading(type)) ?? []]);
  const [owned, holders, ...lists] = await Promise.all([devices(mappings), roleHolders(mappings), ...listing]);
  const all: Lists = Object.fromEntries(lists);
  Object.assign(all, photoAccounts(mappings, all));
  const eligible = await comingInto(mappings, all);
  const known = holders[holderType] ? { [holderType]: [...holders[holderType], ...eligible] } : {};
  protectAll(all, mappings.safety.protected, bind, known[holderType]);
  return { all, beside: { ...known, ...(await tenantSkus(mappings)), ...(await entraConnections(mappings)), ...owned } };
}

/** The same with one type's list anew, asked for more. */
export async function reread(read: Read, type: string, asked: unknown, mappings: Mappings, bind: string | undefined): Promise<Read> {
  const all = { ...read.all, [type]: await readList(type, asked) };
  protectAll(all, mappings.safety.protected, bind, read.beside[holderType]);
  return { ...read, all };
}

/** One type's list, asked for more. */
export async function readList(type: string, asked: unknown): Promise<Live[]> {
  const one = definition(type);
  return one.list(await one.client(), asked);
}

/** What the tenant owns, which reading the users has read too: no call of its own. */
async function tenantSkus(mappings: Mappings): Promise<Lists> {
  if ((mappings.entra?.licences.length ?? 0) === 0 && mappings.halo?.licences === undefined) return {};
  const { catalogueOf, skuLives } = await import("../../providers/entra/licence/skus.ts");
  const { entra } = await import("../../clients/graph/shared.ts");
  return { [skuType]: skuLives(await catalogueOf(await entra())) };
}

/** Who holds a role of Entra ID, where something is managed there. */
async function roleHolders(mappings: Mappings): Promise<Lists> {
  if (!mappings.entra) return {};
  const { readRoleHolders } = await import("../../providers/entra/role-holders.ts");
  const { entra } = await import("../../clients/graph/shared.ts");
  return { [holderType]: (await readRoleHolders(await entra())) ?? [{ id: "", values: { unread: "roles" } }] };
}

/**
 * Who may come by their own word into one of the groups of Entra ID from which protection follows: who may take up a place in it (not
 * where a rule fills it), and who owns it. None of those that AD fills.
 */
async function comingInto(mappings: Mappings, all: Lists): Promise<Live[]> {
  const groups = (all["entra:Group"] ?? []).filter(
    ({ values }) => !values["synced"] && isSacred("entra", { id: "", values }, mappings.safety.protected),
  );
  if (!mappings.entra || groups.length === 0) return [];
  const { readEligible, readOwners } = await import("../../providers/entra/role-holders.ts");
  const client = await (await import("../../clients/graph/shared.ts")).entra();
  const named = (some: readonly Live[]) => some.map(({ id, values }) => ({ id, name: String(values["name"]) }));
  const [eligible, owners] = await Promise.all([
    readEligible(client, named(groups.filter(({ values }) => !values["dynamic"]))),
    readOwners(client, named(groups)),
  ]);
  const unread = (what: string): Live[] => [{ id: "", values: { unread: what } }];
  return [...(eligible ?? unread("places")), ...(owners ?? unread("owners"))];
}

/** Halo's own connections to Entra ID, asked for only where the mapping writes what they could write too. A Halo that does not show them has none. */
async function entraConnections(mappings: Mappings): Promise<Lists> {
  if (!asksConnections(mappings)) return {};
  const { readConnections } = await import("../../providers/halo/entra-import.ts");
  try {
    const found = await readConnections(await haloClient());
    return { [connectionType]: found.map((one) => ({ id: String(one.id), values: one as unknown as Values })) };
  } catch (error) {
    if (error instanceof RefusedError) return {};
    throw error;
  }
}
