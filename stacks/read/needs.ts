/** What each system's doctor has to know of the mappings: what they do there. The compiler asks for every system that is reached. */

import { same } from "../../base/text.ts";
import { type Feature, features } from "../../clients/graph/permissions.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { LEAVE_DATE, selectFor } from "../../mappings/language/entra-fields.ts";
import { feedsOf } from "../../mappings/language/feeds.ts";
import { unitOf } from "../../mappings/schema/ad-groups.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { groupProperties, licenceProperties } from "../../providers/entra/group/read.ts";
import { selection } from "../../providers/entra/user/list.ts";
import { readingOnly, rightsFor } from "../../providers/halo/doctor/rights.ts";
import { definition } from "../../providers/registry.ts";
import type { NeedsOf, Reached } from "../../providers/systems.ts";
import { managedProperties, registeredProperties } from "../../sources/entra/devices.ts";
import { customFields } from "../../sources/halo/custom.ts";
import { readFeeds } from "../../sources/halo/feeds.ts";
import { readPeople } from "../../sources/halo/people.ts";
import { lyncAttribute } from "../model/kinds.ts";
import { spaceOf } from "../wish/account/taken.ts";
import { mailboxLine } from "../wish/entra/mail.ts";
import { usesExchange } from "../wish/entra/mailboxes.ts";
import { asksConnections, haloWrites } from "../wish/halo/licences.ts";
import { askedBy, groupsOfPeople } from "./asks.ts";
import { asksDevices } from "./entra.ts";
import { haloUse } from "./rights.ts";

/** undefined: the mappings do nothing there. `last`: the people that the last recorded run saw, and when. */
type Needs = {
  [N in Reached]: (mappings: Mappings, known: { readOnly: boolean; last?: NeedsOf<"halo">["last"] }) => NeedsOf<N> | undefined;
};

export const needs: Needs = {
  ad: adNeeds,
  entra: (mappings) => {
    const found = entraNeeds(mappings);
    const line = mailboxLine(mappings);
    return found && { ...found, exchange: line !== undefined && usesExchange(line) };
  },
  halo: haloNeeds,
  files: ({ files }) => files && { acl: files.homes.some((line) => line.acl) },
};

function adNeeds({ ad, safety }: Mappings): NeedsOf<"ad"> | undefined {
  if (!ad) return undefined;
  const { move, delete: deletes, lync } = safety.leaver;
  return {
    ...(move ? { leavers: move.to } : {}),
    deletes: deletes !== null,
    guarded: ad.ous.map(unitOf).flatMap((one) => (one.protectedFromDeletion ? [one.ou] : [])),
    accounts: ad.accounts.map(({ ou, attributes = [] }) => ({
      ou,
      attributes: [
        ...new Set([
          ...[attributes].flat().flatMap((name) => Object.keys(ad.attributes[name] ?? {})),
          ...(lync === "off" ? [lyncAttribute] : []),
        ]),
      ],
    })),
    units: ad.ous.map((one) => unitOf(one).ou),
    groups: ad.groups.map((group) => ({
      name: group.name,
      ...(group.ou === undefined ? {} : { ou: group.ou }),
      attributes: group.description === undefined ? [] : ["description"],
    })),
  };
}

/** Sections of entra.yaml that turn on a feature of permissions.ts of another name; every other one turns on that of its own, if there is one. */
const others: { readonly [section: string]: Feature } = { accounts: "users", attributes: "users" };
/** Of these the doctor is told what is in them. */
const told: readonly string[] = ["licences", "groups", "usageLocation"];

/** A section that is left out or empty turns nothing on. */
function featuresIn(entra: NonNullable<Mappings["entra"]>): Feature[] {
  const given = Object.entries(entra as { [section: string]: unknown });
  const on = given
    .filter(([section, value]) => !told.includes(section) && value !== undefined && value !== null && Object.keys(value).length > 0)
    .map(([section]) => others[section] ?? section);
  const asks = (key: string): boolean => entra.groups.some((group) => (group as { [key: string]: unknown })[key] !== undefined);
  const inGroups = [...(asks("licences") ? (["groupLicences"] as const) : []), ...(asks("owners") ? (["owners"] as const) : [])];
  return [...features.filter((feature) => on.includes(feature)), ...inGroups];
}

/** What the mapping does in Entra ID, people who come from there among it; undefined: nothing. */
export function entraNeeds(mappings: Pick<Mappings, "entra"> & Partial<Mappings>): Omit<NeedsOf<"entra">, "exchange"> | undefined {
  const { entra, people, fields = [] } = mappings;
  const imports = people?.source === "entra.users";
  if (!entra && !imports) return undefined;
  const asked = imports ? groupsOfPeople(mappings as Mappings) : undefined;
  const groups = (asked?.groups.length ?? 0) + (asked?.patterns?.length ?? 0) > 0;
  return {
    // Every plan named must exist, whether it is to be on or off.
    skus: (entra?.licences ?? []).map((line) => ({ sku: line.sku, without: [...line.without, ...(line.with ?? [])] })),
    usageLocation: entra?.usageLocation !== undefined,
    groups: (entra?.groups.length ?? 0) > 0 || mappings.safety?.leaver.groups === "all",
    reads: readsOf(mappings),
    ...(entra ? {} : { peopleOnly: true as const }),
    uses: [
      ...(entra ? featuresIn(entra) : []),
      ...(groups ? (["peopleGroups"] as const) : []),
      ...(imports && fields.includes(LEAVE_DATE) ? (["leaveDates"] as const) : []),
      ...(Object.values(entra?.attributes ?? {}).some((set) => Object.keys(set).some((name) => same(name, LEAVE_DATE)))
        ? (["leaveDatesWritten"] as const)
        : []),
      ...(asksDevices(mappings) ? (["devices"] as const) : []),
      ...(givesNames(mappings) ? (["names"] as const) : []),
    ],
  };
}

/** Whether accounts get names or addresses in the tenant: those that are made there, and those of AD that Entra Connect brings. */
function givesNames({ ad, entra, people }: Partial<Mappings>): boolean {
  if ((entra?.accounts ?? []).length > 0) return true;
  const written = [people?.is.ad ?? {}, ...Object.values(ad?.attributes ?? {})].flatMap((set) => Object.keys(set));
  return (ad?.accounts ?? []).length > 0 && written.some((name) => spaceOf(name) !== undefined);
}

/** Lists of Graph → what a preview asks of each object in them. */
function readsOf(mappings: Pick<Mappings, "entra"> & Partial<Mappings>): { [path: string]: readonly string[] } {
  const asked = mappings.people ? askedBy(mappings as Mappings)["entra:Licence"]?.properties : undefined;
  const licensed = mappings.entra?.groups.some((group) => "licences" in group && group.licences !== undefined);
  return {
    "/users": [
      ...new Set([...selection(asked ?? []), ...(mappings.people?.source === "entra.users" ? selectFor(mappings.fields ?? []) : [])]),
    ],
    "/groups": licensed ? [...groupProperties, ...licenceProperties] : groupProperties,
    "/deviceManagement/managedDevices": managedProperties,
    "/devices": registeredProperties,
  };
}

/** What a preview reads of Halo: people, the lists of the types that the mappings ask for, and what conditions look at. */
function readingsOf(mappings: Mappings): NonNullable<NeedsOf<"halo">["reads"]> {
  const { source, key } = mappings.people;
  const people = { what: "people", read: (client: HaloClient) => readPeople(client, { fields: mappings.fields }) };
  const lists = Object.entries(askedBy(mappings)).flatMap(([type, asked]) => {
    const one = definition(type);
    return one.system === "halo" ? [{ what: `${one.noun}s`, read: (client: HaloClient) => one.list(client, asked) }] : [];
  });
  const need = feedsOf(mappings);
  const feeds = need && {
    what: "what conditions look at (assets, software, tickets)",
    async read(client: HaloClient) {
      const { reports } = (await readFeeds(client, need, [], key)).feeds;
      const doubts = Object.values(reports).flatMap((report) => report.doubts);
      if (doubts.length > 0) throw new Error(doubts.join("; "));
    },
  };
  return [...(source === "halo.users" ? [people] : []), ...lists, ...(feeds ? [feeds] : [])];
}

function haloNeeds(mappings: Mappings, { readOnly, last }: { readOnly: boolean; last?: NeedsOf<"halo">["last"] }): NeedsOf<"halo"> {
  const { halo, fields, named: places } = mappings;
  const names = (kind: "roles" | "teams"): string[] => {
    // What the mapping itself makes when it is missing need not be there.
    const made = new Set(halo?.[kind].map((one) => one.name.toLowerCase()));
    const named = [...(halo?.agents ?? []), ...(halo?.grants ?? [])].flatMap((line) => line[kind]);
    return [...new Set(named)].filter((name) => !made.has(name.toLowerCase())).sort();
  };
  return {
    fields: (client) => customFields(client, fields, places),
    ...(asksConnections(mappings) ? { writes: haloWrites(mappings) } : {}),
    reads: readingsOf(mappings),
    uses: [...fields, ...Object.keys(mappings.haloUsers?.users?.fields ?? {})].map((name) => name.replace(/^custom\./u, "")),
    // That somebody may change agents only `up` needs.
    ...(halo ? { agents: { roles: names("roles"), teams: names("teams"), changes: !readOnly } } : {}),
    ...(last && mappings.people.source === "halo.users" ? { last } : {}),
    rights: rightsFor(readOnly ? readingOnly(haloUse(mappings)) : haloUse(mappings)),
  };
}
