/** What each type's bulk read is asked for by the mappings; undefined = it is not read in the first round. Pure. */
import { groupsOf, testsOf } from "../../mappings/language/condition.ts";
import { regex } from "../../mappings/language/regex.ts";
import { type Contents, contentOf, registry } from "../../mappings/registry.ts";
import { rulesOf } from "../../mappings/rules.ts";
import { unitOf } from "../../mappings/schema/ad-groups.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { System } from "../../providers/core/system.ts";
import { applicationKey } from "../../providers/entra/app/read.ts";
import { asksOf } from "../../providers/entra/group/inputs.ts";
import { selectOf, userRule } from "../../providers/entra/user/attributes.ts";
import { managerField } from "../../providers/entra/user/list.ts";
import { accountProperties } from "../../providers/entra/user/live.ts";
import { type AskedOf, definition, type Type, types } from "../../providers/registry.ts";
import type { GroupNeed } from "../../sources/entra/groups.ts";
import { anchorProperties, consistencyGuid } from "../match/anchors.ts";
import { lyncAttribute } from "../model/kinds.ts";
import { haloSkus } from "../wish/halo/decides.ts";
import { readsPlaces, userRoles } from "../wish/halo/places.ts";

/** Names and ids of the groups that a line of the mapping contains. */
const contained = ({ contains }: NonNullable<Mappings["entra"]>["groups"][number]): string[] => [
  ...(contains?.groups ?? []),
  ...(contains?.ids ?? []),
];

/** Asked for like this, where the mapping has something of it. */
const some = <A>(list: readonly unknown[] | undefined, asked: A): A | undefined => ((list?.length ?? 0) > 0 ? asked : undefined);

/**
 * The groups that are read with people of Entra ID: those that conditions on the field `groups` name or match, and where groups
 * are not read for themselves those of `entraGroup` too; who is a person is decided before anything else is known.
 */
export function groupsOfPeople(mappings: Contents): GroupNeed {
  const rules = rulesOf(mappings);
  const tests = rules.flatMap(({ condition }) => testsOf(condition, "groups").flat());
  const early = rules.filter(({ path }) => !mappings.entra || path[0] === "people");
  const named = [
    ...tests.filter((test) => typeof test === "string"),
    ...early.flatMap(({ condition }) => groupsOf(condition, "entraGroup")),
  ];
  const patterns = tests.flatMap((test) =>
    typeof test === "object" && test !== null && "matches" in test ? [regex(String(test.matches))] : [],
  );
  return { groups: [...new Set(named)].sort(), patterns };
}

/** A type that is missing here does not compile. Each is asked only where its system is managed at all. */
const asks: { readonly [T in Type]: (mappings: Mappings) => AskedOf<T> | undefined } = {
  "ad:OrganizationalUnit": (mappings) => ({ settings: unitSettings(mappings) }),
  "ad:User": ({ ad, adAttributes, entra, safety }) => ({
    attributes: [...adAttributes, ...(safety.leaver.lync === "off" ? [lyncAttribute] : []), ...(entra ? [consistencyGuid] : [])],
    syntax: ad?.syntax ?? {},
  }),
  "ad:Contact": ({ ad }) => some(ad?.contacts, { attributes: (ad?.contacts ?? []).flatMap((contact) => Object.keys(contact.attributes)) }),
  "ad:Computer": ({ ad }) => some(ad?.computers, {}),
  "ad:Group": () => ({}),
  // Photos are large: up to 100 KB for each account.
  "ad:Photo": ({ ad }) => some(ad?.photos, {}),
  "entra:User": (mappings) => some(mappings.entra?.accounts, { properties: entraProperties(mappings) }),
  "entra:Licence": (mappings) => ({ properties: entraProperties(mappings) }),
  "entra:Group": (mappings) => {
    const groups = mappings.entra?.groups ?? [];
    // Of a group with a rule too: a change of the rule counts as many people as are in it.
    const members = groups.map(({ name }) => name);
    return {
      ...asksOf(groups),
      members: [...new Set([...members, ...rulesOf(mappings).flatMap(({ condition }) => groupsOf(condition, "entraGroup"))])],
      // Who is inside is protected (stacks/read/inside.ts), and gains and loses by what the mapping does (stacks/plan/within.ts).
      within: [...new Set([...mappings.safety.protected.groups, ...members, ...groups.flatMap(contained)])],
    };
  },
  "entra:AppAssignment": ({ entra }) => some(entra?.applications, { applications: (entra?.applications ?? []).map(applicationKey) }),
  "entra:AdministrativeUnit": ({ entra }) => some(entra?.administrativeUnits, { members: named(entra?.administrativeUnits, () => true) }),
  // Read later, for those who need it (stacks/read/entra.ts).
  "entra:Mailbox": () => undefined,
  "entra:AutomaticReplies": () => undefined,
  "entra:Photo": () => undefined,
  "halo:Client": (mappings) => {
    const detailed = named(mappings.haloUsers?.clients, (one) => one.website !== undefined || one.ref !== undefined);
    return readsPlaces(mappings) ? { detailed } : undefined;
  },
  "halo:Site": (mappings) => {
    const detailed = (mappings.haloUsers?.sites ?? []).filter((one) => one.address !== undefined);
    return readsPlaces(mappings) ? { detailed: detailed.map((one) => `${one.client}/${one.name}`) } : undefined;
  },
  "halo:User": ({ haloUsers }) => (haloUsers?.users ? { fields: haloUserFields(haloUsers) } : undefined),
  "halo:Role": ({ halo }) => halo && { detailed: named(halo.roles, (one) => one.permissions !== undefined) },
  "halo:Agent": ({ halo }) => halo && {},
  "halo:Team": ({ halo }) => {
    const lines = [...(halo?.agents ?? []), ...(halo?.grants ?? [])];
    return some(
      [...(halo?.teams ?? []), ...lines.flatMap(({ teams, ...line }) => [...teams, ...("team" in line ? [line.team ?? []].flat() : [])])],
      {},
    );
  },
  "halo:ChangeAdvisoryBoard": ({ halo }) => some(halo?.boards, {}),
  "halo:Licence": (mappings) => {
    const licences = mappings.halo?.licences;
    return licences && { client: licences.client, linked: !licences.link ? [] : (haloSkus(mappings) ?? "all") };
  },
  "halo:Ticket": ({ halo }) => {
    const tickets = halo?.tickets;
    return tickets && { type: tickets.type, done: tickets.status.done, parked: tickets.status.parked };
  },
  "halo:Asset": ({ halo }) => halo?.assets && { types: [...new Set(halo.assets.types.map((one) => one.type))] },
  "files:HomeFolder": ({ files }) => files && { depths: [...new Set(files.homes.map((line) => depthOf(line.path)))].sort() },
  "script:Run": () => undefined,
};

/** The systems whose objects are read, as there are mapping files about them. */
export function readSystems(mappings: Mappings): ReadonlySet<System> {
  const about = registry.filter((file) => contentOf(file, mappings) !== undefined);
  return new Set(about.flatMap(({ owns }) => (owns ? [owns.types.slice(0, -1) as System] : [])));
}

/** Type → what its list is asked for; a type that is not here is not read. */
export function askedBy(mappings: Mappings): { [T in Type]?: AskedOf<T> } {
  const managed = readSystems(mappings);
  return Object.fromEntries(
    types.flatMap((type) => {
      const asked = managed.has(definition(type).system) ? asks[type](mappings) : undefined;
      return asked === undefined ? [] : [[type, asked]];
    }),
  );
}

function named<T extends { name: string }>(lines: readonly T[] | undefined, which: (line: T) => boolean): string[] {
  return (lines ?? []).filter(which).map((line) => line.name);
}

/** What is read of Entra users besides their usual properties, in one read for accounts and licences. */
function entraProperties(mappings: Mappings): string[] {
  const { accounts = [], attributes = {} } = mappings.entra ?? {};
  const known = [...Object.keys(mappings.people.is.entra), ...(mappings.ad ? anchorProperties : [])];
  if (accounts.length === 0) return known;
  const names = Object.values(attributes).flatMap((set) => Object.keys(set));
  const manager = names.some((name) => userRule(name)?.kind === "person") ? [managerField] : [];
  return [...new Set([...known, ...accountProperties, ...selectOf(names), ...manager])];
}

/** What the mapping manages of organizational units besides their place, and no more. */
function unitSettings(mappings: Mappings): string[] {
  const units = (mappings.ad?.ous ?? []).map(unitOf);
  return [
    ...(units.some((one) => one.description !== undefined) ? ["description"] : []),
    ...(units.some((one) => one.managedBy !== undefined) ? ["managedBy"] : []),
    ...(units.some((one) => one.protectedFromDeletion !== undefined) ? ["nTSecurityDescriptor"] : []),
  ];
}

/** What the mapping writes of Halo's users and recognises them by. */
function haloUserFields(file: NonNullable<Mappings["haloUsers"]>): string[] {
  const { users } = file;
  if (!users) return [];
  const fields = [
    ...Object.keys(users.fields).filter((field) => field !== "name"),
    ...users.match,
    ...(users.manager ? [users.manager.field] : []),
    ...(users.links ? ["azureoid", "activedirectory_dn"] : []),
    ...(userRoles(file).length > 0 ? ["roles"] : []),
  ];
  return [...new Set(fields)].sort();
}

/** How many folders below the root a template's paths lie. */
function depthOf(path: string): number {
  return path.replace(/\{\{.*?\}\}|\{%.*?%\}/gsu, "").split("/").length;
}
