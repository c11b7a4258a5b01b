/** entra:Licence — the licences a person is given directly. The id is the Graph user's. */

import { z } from "zod";
import { PendingError, RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { findAccount } from "../user/find.ts";
import { getUser, listUsers, order, userValues } from "../user/list.ts";
import { freshAccount } from "../user/write.ts";
import { assign } from "./assign.ts";

export type LicenceInputs = {
  /** Key of the Halo record. */
  person: string;
  /** Two letters (ISO 3166-1), set where the account has none. */
  usageLocation?: string;
  /** What the person should have, by part number, with the names of the service plans switched off. */
  skus: { sku: string; without: string[] }[];
  /** The part numbers the mapping owns: only direct assignments of these are ever removed. */
  of: string[];
  /** Those of `skus` that a managed group gives, now or once this run has put the person in: never assigned directly. */
  through?: string[];
  /** Those of `skus` that a managed group gives now and will not when this run has ended: assigned directly before. */
  leaving?: string[];
};

export type LicenceOutputs = {
  userPrincipalName: string;
  /** Part numbers that come through a licensing group. */
  inherited: string[];
};

const name = z.string().trim().min(1);

const inputs = z
  .object({
    person: name,
    usageLocation: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z]{2}$/u, "two letters, as in GB (ISO 3166-1)")
      .exactOptional(),
    skus: z.array(z.object({ sku: name, without: z.array(name).default([]) })).transform(canonicalSkus),
    of: z.array(name).transform(canonicalNames),
    through: z.array(name).transform(canonicalNames).exactOptional(),
    leaving: z.array(name).transform(canonicalNames).exactOptional(),
  })
  .strict();

/** Sorted, each name once; names differing in case only are one. */
export function canonicalNames(names: readonly string[]): string[] {
  const kept = new Map<string, string>();
  for (const one of [...names].sort(order)) if (!kept.has(one.toLowerCase())) kept.set(one.toLowerCase(), one);
  return [...kept.values()].sort(order);
}

/** Sorted, each SKU once: of two entries, a plan stays off only where both switch it off (each entitles to its plans). */
export function canonicalSkus(skus: readonly { sku: string; without: string[] }[]): { sku: string; without: string[] }[] {
  const bySku = Map.groupBy(skus, (one) => one.sku.toLowerCase());
  const merged = [...bySku.values()].map((entries) => ({
    sku: canonicalNames(entries.map((one) => one.sku))[0] ?? "",
    without: canonicalNames(entries.flatMap((one) => one.without)).filter((plan) =>
      entries.every((one) => one.without.some((other) => same(other, plan))),
    ),
  }));
  return merged.sort((a, b) => order(a.sku, b.sku));
}

/** Part numbers that really come through a group. */
export function inheritedSkus(live: Live): string[] {
  return canonicalNames(
    userValues
      .parse(live.values)
      .inherited.filter((one) => one.error === undefined)
      .map((one) => one.sku),
  );
}

/**
 * The live user in the inputs' shape. A wished SKU that comes through a group counts as had; a direct one of `of` that
 * nobody wishes is shown, so that it goes; one whose group is left in this run does not count as had; one that is on record but failed is not shown, so that it is tried again.
 * An existing usageLocation is respected: whatever it is, it is shown as the wished one.
 */
export function viewLicence(live: Live, managed: LicenceInputs): LicenceInputs {
  const user = userValues.parse(live.values);
  const inherited = inheritedSkus(live).filter((one) => !managed.leaving?.some((sku) => same(sku, one)));
  const spelt = (sku: string): string =>
    managed.skus.find((one) => same(one.sku, sku))?.sku ?? managed.of.find((one) => same(one, sku)) ?? sku;
  const skus: { sku: string; without: string[] }[] = [];
  const coming = (managed.through ?? []).filter((one) => !user.direct.some((direct) => same(direct.sku, one)));
  for (const wished of managed.skus) if ([...inherited, ...coming].some((one) => same(one, wished.sku))) skus.push(wished);
  for (const direct of user.direct) {
    if (skus.some((one) => same(one.sku, direct.sku))) continue;
    const wished = managed.skus.find((one) => same(one.sku, direct.sku));
    if (wished ? direct.error !== undefined : !managed.of.some((one) => same(one, direct.sku))) continue;
    const without = direct.without.map((plan) => wished?.without.find((one) => same(one, plan)) ?? plan);
    skus.push({ sku: spelt(direct.sku), without });
  }
  return {
    person: managed.person,
    ...(managed.usageLocation !== undefined && user.usageLocation ? { usageLocation: managed.usageLocation } : {}),
    skus: canonicalSkus(skus),
    of: managed.of,
    ...(managed.through === undefined ? {} : { through: managed.through }),
    ...(managed.leaving === undefined ? {} : { leaving: managed.leaving }),
  };
}

/** The user as it is: from the run's bulk read, else asked for (somebody who was brought in during this run). */
async function userOf(client: EntraClient, id: string, context: RunContext): Promise<Live> {
  const live = (await context.liveById("entra:Licence")).get(id) ?? freshAccount(client, id) ?? (await getUser(client, id));
  if (!live)
    throw new RefusedError(
      `Could not set licences of the Entra user ${id}: it is gone; the next plan will see that`,
      "Request_ResourceNotFound",
    );
  return live;
}

const computed = (live: Live): LicenceOutputs & Values => ({
  userPrincipalName: userValues.parse(live.values).userPrincipalName,
  inherited: inheritedSkus(live),
});

export const licence = define<LicenceInputs, LicenceOutputs & Values, EntraClient, { properties: readonly string[] }>({
  type: "entra:Licence",
  system: "entra",
  noun: "licences",
  about: "person",
  account: true,
  key: ({ person }) => person,
  label: () => "licences",
  wave: ({ leaving = [] }) => (leaving.length > 0 ? "own licences" : "members"),
  sets: ["skus:sku", "of"],
  silent: ["person", "of", "through", "leaving"],
  access: {
    person: neither,
    usageLocation: neither,
    skus: entries("licences"),
    of: neither,
    through: neither,
    leaving: neither,
  },
  inputs,
  outputs: z.object({ userPrincipalName: z.string(), inherited: z.array(z.string()) }),
  immutable: ["person"],
  client: entra,
  unasked: { properties: [] },
  list: (client, { properties }) => listUsers(client, properties),
  get: (client, id, asked) => getUser(client, id, asked?.properties),
  /** A person has no natural key in Entra ID: matching says whose account is whose. */
  view: viewLicence,
  async create(client, wished, context) {
    const found = await findAccount(client, context, wished.person);
    if ("missing" in found) throw notThere(wished.person, found);
    const live = found.live ?? (await userOf(client, found.id, context));
    await assign(client, live, wished);
    return { id: live.id, outputs: computed(live) };
  },
  async update(client, live, wished, _was) {
    await assign(client, live, wished);
    return computed(live);
  },
  computed,
});

function notThere(person: string, found: { missing: "waits"; guid: string } | { missing: "none" }): Error {
  if (found.missing === "waits") {
    return new PendingError(
      `The licences of person ${person} wait for Entra Connect: AD account ${found.guid} is not in Entra ID yet; the next run goes on.`,
    );
  }
  return new RefusedError(
    `Could not set licences of person ${person}: there is no account in Entra ID, and none in AD from which one could come; give the person an account first`,
    "NoAccount",
  );
}
