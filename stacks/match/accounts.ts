/** Brings people and live accounts together, system by system, and parks whom matching cannot decide. */
import { same } from "../../base/text.ts";
import type { Entry } from "../../mappings/define.ts";
import { entra as entraFile } from "../../mappings/files/entra.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Accounts } from "../../providers/core/system.ts";
import { directories, systemOf } from "../../providers/systems.ts";
import { boardsConcern, readsMembers } from "../decide/groups.ts";
import { type Ground, park, personName, type Scene } from "../model/scene.ts";
import type { Person, Subject, System } from "../model/types.ts";
import { called, fieldTexts, flag, peopleAmong, textOf } from "../model/values.ts";
import { type Copies, consistencyGuid, copiesOf, immutableOf } from "./anchors.ts";
import { keepKnown, membersKnown } from "./known.ts";
import { isUnnamed } from "./likeness.ts";
import { type Account, type Claimant, match, readOf } from "./match.ts";

/** How accounts are found in a system. */
const accountsIn = Object.fromEntries(directories.map(({ name, accounts }) => [name, accounts])) as { [system in System]: Accounts };

/** Somebody whom matching cannot decide in a system, and why. */
export interface Undecided {
  subject: Subject;
  system: System;
  reason: string;
}

/** Finds everybody's accounts in AD and Entra ID (`subject.accounts`): AD first, because Entra's follow from it. */
export function findAccounts(ground: Ground): Undecided[] {
  const { mappings, subjects } = ground;
  return [...(mappings.ad ? find(ground, "ad", subjects) : []), ...(mappings.entra ? find(ground, "entra", subjects) : [])];
}

/** Finds the agents of those whom Halo's mapping concerns. */
export function findAgents(scene: Scene, concerns: Concerns): Undecided[] {
  const { halo } = scene.mappings;
  if (!halo) return [];
  // Who is in a team or on a board must be told by name, whether or not anything is wished of that person.
  const people = readsMembers(halo) ? scene.subjects : scene.subjects.filter(concerns.halo);
  return find(scene, "halo", people);
}

/** Finds everybody's accounts in every directory whose accounts were read, whether or not a mapping asks for anything there. */
export function findEverywhere(ground: Ground): void {
  for (const { name, accounts } of directories) if (ground.world.live[accounts.type]) find(ground, name, ground.subjects);
}

/** Leaves to a human whom matching could not decide, and says so where an account of theirs matters to anything wished. */
export function parkUndecided(scene: Scene, concerns: Concerns, undecided: readonly Undecided[]): void {
  for (const { subject, system, reason } of undecided) {
    if (concerns[system](subject)) park(scene, subject, system, "matching", reason);
    else subject.parkedIn.add(system);
    // A new AD account would bring one more Entra account with it, while nobody knows which is the person's.
    if (system === "entra" && subject.accounts.ad === undefined) subject.parkedIn.add("ad");
  }
}

/**
 * Who would get an AD account although their Entra account comes from one already, which is not read here (it lies in another directory,
 * or outside `haloform:ad`): Entra Connect can join the new one with nothing, and they would have two.
 */
export function parkAnchoredElsewhere(scene: Scene): void {
  const { mappings, decisions, world } = scene;
  if (!mappings.ad || !world.live["ad:User"]) return;
  for (const subject of scene.subjects) {
    const { ad, entra } = subject.accounts;
    const account = ad === undefined && entra !== undefined ? scene.byId("entra:Licence").get(entra) : undefined;
    if (!account || subject.stage !== "active" || subject.parkedIn.has("ad")) continue;
    const anchor = immutableOf(account);
    // One that haloform has made and that is gone is made again.
    if (!flag(account.values["synced"]) || anchor === "" || scene.previous("ad:User", personName(subject.key))) continue;
    const line = decisions.first(mappings.ad.accounts, subject);
    if (!line) continue;
    park(
      scene,
      subject,
      "ad",
      "matching",
      `the Entra ID account ${accountsIn.entra.label(account)} comes from an account of Active Directory that is not read here (onPremisesImmutableId ${anchor}), and a new one would be a second: let haloform:ad read where it lies, take the person out of ${scene.at("ad", "accounts", line.index)}, or clear onPremisesImmutableId so that Entra Connect joins the new one with it`,
    );
  }
}

/** Sections of mappings/entra.yaml that ask for something of people: those in which it has conditions about them. */
const aboutPeople = [...new Set(Object.keys(entraFile.rules).map((path) => path.replace(/[.[].*$/u, "")))];

/** System → whether an account of somebody there matters to anything wished. */
type Concerns = { [system in System]: (subject: Subject) => boolean };

export function concernsOf(scene: Scene): Concerns {
  const { decisions } = scene;
  const { ad, entra, halo } = scene.mappings;
  const wanted = (ad?.groups ?? []).map((group) => decisions.members(group, group.for));
  const onBoard = boardsConcern(scene);
  const known = (type: string, { key }: Subject): boolean => scene.previous(type, personName(key)) !== undefined;
  const inEntra = aboutPeople.some((section) => {
    const said = (entra as Entry | undefined)?.[section];
    return Array.isArray(said) ? said.length > 0 : said !== undefined;
  });
  return {
    ad: (one) =>
      known("ad:User", one) ||
      decisions.first(ad?.accounts, one) !== undefined ||
      decisions.isUnsure(ad?.accounts, one) ||
      wanted.some((members) => members(one).holds),
    entra: () => inEntra,
    // A leaver's agent concerns us whoever made it: nobody who has left may keep that access.
    halo: (one) =>
      known("halo:Agent", one) ||
      onBoard(one) ||
      decisions.agents(one).length > 0 ||
      (one.stage === "leaver" && (halo?.agents ?? []).length > 0),
  };
}

/**
 * What is doubted: while anything is, nobody is matched anew. Where no earlier run says who is known, nothing is done at all
 * (stacks/wish/wish.ts).
 */
export function doubtIn({ doubted, untouched, source, world }: Ground): string | undefined {
  if (world.previous.length === 0) return undefined;
  const [system] = untouched;
  return doubted ? readOf({ source }) : system && `the read of ${systemOf(system as System).title}`;
}

function find(scene: Ground, system: System, people: readonly Subject[]): Undecided[] {
  if (scene.untouched.has(system)) {
    keepKnown(scene, system);
    return [];
  }
  const fields = Object.keys(scene.mappings.people.is[system]);
  const { type, title } = accountsIn[system];
  const accounts = scene.all(type).map((live) => accountOf(system, live, scene.mappings.people.external));
  const resolved = membersKnown(scene.world.previous, system);
  const members = new Set(
    scene.world.previous.flatMap(({ type: of, inputs }) => (of.startsWith(`${system}:`) ? peopleAmong(inputs["members"]) : [])),
  );
  const copies = copiesOf(scene);
  const linked = linkedIn[system](scene, copies);
  const claimants: Claimant[] = people.map((subject) => {
    const name = personName(subject.key);
    const before = scene.previous(type, name)?.id;
    // People of Entra ID are their accounts, whatever the state says.
    const isItself = system === "entra" && scene.mappings.people.source === "entra.users" && linked.has(subject.key);
    const known = before ?? (system === "entra" ? scene.previous("entra:User", name)?.id : undefined);
    return {
      key: subject.key,
      called: called(subject),
      name: subject.name,
      inactive: subject.inactive || subject.record === undefined,
      known:
        known !== undefined && scene.byId(type).has(known) && !isItself
          ? known
          : forgotten(subject)
            ? undefined
            : resolved.get(subject.key),
      before: members.has(subject.key),
      unnamed: isUnnamed(subject.record),
      linked: linked.get(subject.key),
      wants: (field) => identityOf(scene.mappings, system, subject, field),
    };
  });
  const { found, anew, parked, guests, open } = match(
    { system: title, source: scene.source, doubted: doubtIn(scene) },
    claimants,
    accounts,
    fields,
  );
  for (const [key, { account, by }] of guests)
    scene.notes.push(
      `The guest ${account.label} in ${title} has ${by}, as ${called(scene.byKey.get(key) ?? { key, name: key })} should have: guests are nobody's account here, and it is left alone (people.external: true asks for guests)`,
    );
  for (const [key, id] of found) {
    const subject = scene.byKey.get(key);
    if (!subject) continue;
    const why = system === "entra" && anew.has(key) ? stranger(scene, subject, id, copies) : undefined;
    if (why === undefined) subject.accounts[system] = id;
    else {
      parked.set(key, why);
      open.add(id);
    }
  }
  for (const id of open) scene.undecided.add(`${system} ${id}`);
  return people.flatMap((subject) => {
    const reason = parked.get(subject.key);
    return reason === undefined ? [] : [{ subject, system, reason }];
  });
}

/**
 * Why an Entra account that only its fields give to a person is not theirs: it comes from an AD account that is not known as the
 * person's, so that making one would be a duplicate; or from another than the person's, as its anchor says.
 */
function stranger(scene: Ground, { accounts }: Subject, id: string, { sourceOf }: Copies): string | undefined {
  const account = scene.byId("entra:Licence").get(id);
  const source = sourceOf.get(id);
  if (!account || source?.id === accounts.ad) return undefined;
  const { label } = accountsIn.entra;
  if (source)
    return `the Entra ID account ${label(account)} is synced from ${accountsIn.ad.label(source)}, which is not recognised as this person's AD account: correct ${Object.keys(scene.mappings.people.is.ad).join(", ")} there, or the Entra account's own values`;
  const own = scene.byId("ad:User").get(accounts.ad ?? "");
  if (!own || !flag(account.values["synced"]) || immutableOf(account) === "") return undefined;
  return `the Entra ID account ${label(account)} looks like this person and is anchored to another AD account than ${accountsIn.ad.label(own)} (onPremisesImmutableId ${immutableOf(account)}): correct its values, or let ${consistencyGuid} of the AD account say the same`;
}

/** Gone from Halo with nothing but memberships: the next run will not know such a person, so the account is free from now on. */
function forgotten(subject: Subject): boolean {
  return subject.stage === "leaver" && subject.record === undefined;
}

/** System → key → the account that belongs to another account of the person for certain. */
const linkedIn: { [system in System]: (scene: Ground, copies: Copies) => ReadonlyMap<string, string> } = {
  ad: linkedBack,
  entra: (scene, copies) => (scene.mappings.people.source === "entra.users" ? themselves(scene) : linkedBy(scene, copies)),
  halo: () => new Map(),
};

/** Key → the account, of those who have one. */
function linksOf(scene: Ground, linked: (subject: Subject) => string | undefined): Map<string, string> {
  return new Map(scene.subjects.map((one): [string, string] => [one.key, linked(one) ?? ""]).filter(([, id]) => id !== ""));
}

/** Key → the Entra account that is the copy of the person's AD account. */
function linkedBy(scene: Ground, { copyOf }: Copies): Map<string, string> {
  return linksOf(scene, ({ accounts }) => copyOf.get(accounts.ad ?? ""));
}

/** People of Entra ID are their accounts: nothing has to be recognised. */
function themselves(scene: Ground): Map<string, string> {
  return linksOf(scene, ({ record }) => record?.ref.replace(/^entra\.users /u, ""));
}

/** Key → the AD account that the Entra account of the person, known by the state, is synced from. */
function linkedBack(scene: Ground, { sourceOf }: Copies): Map<string, string> {
  return linksOf(scene, ({ key }) => sourceOf.get(scene.previous("entra:Licence", personName(key))?.id ?? "")?.id);
}

/** Invited into the tenant from elsewhere. */
export const isGuest = ({ values }: Pick<Live, "values">): boolean => same(textOf(values["userType"]), "Guest");

/** An account as matching sees it. */
export function accountOf(system: System, live: Live, guests: boolean): Account {
  const { id, values } = live;
  const { label, untouchable } = accountsIn[system];
  return {
    id,
    label: label(live),
    protected: untouchable.some((name) => flag(values[name])),
    guest: !guests && isGuest(live),
    names: () => ["displayName", "name", "givenName", "sn", "surname", "firstname"].flatMap((field) => fieldTexts(values, field)),
    values: (field) => (system === "halo" && field === "id" ? [id] : fieldTexts(values, field)),
  };
}

/** What an account of this person must hold in a field of matching; undefined where that cannot be said. */
export function identityOf(
  { people }: Pick<Mappings, "people">,
  system: System,
  { record }: Pick<Person, "record">,
  field: string,
): string | undefined {
  const source = people.is[system][field];
  return record && source !== undefined ? compile(source).render(record.fields) : undefined;
}
