/**
 * The pure middle: from records, mappings, live systems and what the last run left, to the wished resources with a reason
 * for every value. No I/O, no clock: the same world always gives the same wish, whatever order its parts come in.
 */
import { defined } from "../../base/defined.ts";
import { eligiblePermission, rolesPermission } from "../../clients/graph/permissions.ts";
import type { Facts } from "../../mappings/language/condition.ts";
import { waveOrder } from "../../providers/core/waves.ts";
import type { PhotoFound } from "../../sources/photos/index.ts";
import { decisionsFor, inEntraOf } from "../decide/decide.ts";
import { keepUncertain } from "../decide/uncertain.ts";
import { concernsOf, findAccounts, findAgents, parkAnchoredElsewhere, parkUndecided } from "../match/accounts.ts";
import { asksTheSame, parkLookalikes, sameHumans } from "../match/again.ts";
import { type HaloUserIds, matchHaloUsers } from "../match/halo-users.ts";
import { metIn } from "../match/met.ts";
import { parkSharers } from "../match/sharers.ts";
import { holderType } from "../model/kinds.ts";
import { placesOf } from "../model/places.ts";
import type { LedgerRow } from "../model/plan.ts";
import { groundOf, type Scene, sceneOf, type World } from "../model/scene.ts";
import { capital, sourceName } from "../model/source-name.ts";
import type { DesiredResource, Memory, Noted, Parked, Person } from "../model/types.ts";
import { compareKeys, compareTexts } from "../model/values.ts";
import { waveOf } from "../model/waves.ts";
import { doubtedRecords, keepWhatFeedsGave, subjects } from "../people/lifecycle.ts";
import { type Roster, roster } from "../people/roster.ts";
import { fitsNobody } from "../read/protected.ts";
import { leaveOutGone } from "./account/gone.ts";
import { computers, contacts } from "./ad/contacts.ts";
import { groups } from "./ad/groups.ts";
import { ouCollector } from "./ad/ous.ts";
import { users } from "./ad/users.ts";
import { scripts } from "./commands/commands.ts";
import { applications } from "./entra/applications.ts";
import { cloudGroups } from "./entra/groups.ts";
import { licences } from "./entra/licences.ts";
import { mailboxes } from "./entra/mailboxes.ts";
import { cloudGroupsOf } from "./entra/refs.ts";
import { administrativeUnits } from "./entra/units.ts";
import { cloudUsers } from "./entra/users.ts";
import { homes } from "./files/homes.ts";
import { agents, parkUnnamed } from "./halo/agents.ts";
import { assets } from "./halo/assets.ts";
import { type DecidedInHalo, decidedInHalo } from "./halo/decides.ts";
import { haloLicences } from "./halo/licences.ts";
import { places } from "./halo/places.ts";
import { boards, roles, teams } from "./halo/teams.ts";
import { haloUsers } from "./halo/users.ts";
import { letGo, nextMemory, unchangedMemory } from "./memory.ts";
import { refuseNested } from "./nested.ts";
import { withinLimits } from "./overfull.ts";
import { type PhotoWish, photos } from "./photos.ts";
import { holdProtected } from "./protected.ts";
import { refuseUnfit } from "./refusals.ts";
import { hasGone } from "./successors.ts";
import { tell } from "./tell.ts";
import { keepUntouched } from "./untouched.ts";

export type { World } from "../model/scene.ts";

export interface Wish {
  /** In the order of waves; within one by type and key. No two have the same type and name. */
  resources: DesiredResource[];
  /** Everybody in the source or known before, in order of the key. */
  people: Person[];
  parked: Parked[];
  /** Seats over the whole plan (stacks/wish/entra/seats.ts); absent where no licences are managed. */
  ledger?: LedgerRow[];
  /** Sentences about what is left as it is, and why. */
  notes: string[];
  memory: Memory;
  /** Commands that are due, to be noted before the run. */
  noted?: Noted[];
  /** Values for commands that are in no state and no plan: id of the run → field → value. */
  secrets?: { [id: string]: { [field: string]: string } };
  /** Where somebody gets a name that their account has not (`newNames` of a scene), sorted: what else has it must be read. */
  newNames?: string[];
  /** Who leaves in this run and has accounts: what they answer for is asked (stacks/read/duties.ts); absent = nobody. */
  leaving?: Person[];
  /** Photos that must be read before it is known what is wished of them: see withPhotos. */
  asked?: PhotoWish[];
  /** Systems of which everything stays as the last run left it; absent = none. */
  untouched?: ReadonlySet<string>;
  /** What conditions are decided on of a person, by key; undefined of who is not known or has no record. */
  facts(key: string): Facts | undefined;
  /** Sentences why nothing may be done (exit 3); then there are no resources, unless only a mapping names what is protected. */
  refused: string[];
}

/** Makes the wish. Never throws on any record of people; parks, notes and refuses instead. */
export function wish(given: World): Wish {
  return withinLimits(given, wished);
}

function wished(given: World): Wish {
  const world = { ...given, records: doubtedRecords(given), mappings: { ...given.mappings, at: placesOf(given.mappings) } };
  const { mappings } = world;
  const read = roster(world.records, mappings);
  const refused = distrust(world, read);
  const nothing = { resources: [], people: [], parked: [], notes: [], memory: unchangedMemory(world), facts: () => undefined };
  if (refused.length > 0) return { ...nothing, refused };
  const again = sameHumans(read, world);
  const people = subjects(again, world);
  const everybody = people.subjects;
  keepWhatFeedsGave(world, everybody);
  people.notes.push(
    ...(world.feeds?.sentences ?? []),
    ...(world.cleaned ?? []),
    ...again.notes,
    ...holdersUnknown(world),
    ...fitsNobody(world, [
      ...everybody.flatMap(({ key, recordKey = world.memory?.people[key]?.key ?? key }) => [key, recordKey]),
      ...read.excluded.keys(),
    ]),
  );
  const ground = groundOf({ world, ...people });
  // Devices belong to accounts in Entra ID: only now can every condition be decided, and then who concerns Halo.
  const undecided = findAccounts(ground);
  parkLookalikes(ground, again.cases);
  const decisions = decisionsFor(mappings, everybody, world.now, inEntraOf(ground));
  const scene = sceneOf(ground, decisions);
  keepUncertain(scene);
  const concerns = concernsOf(scene);
  parkUndecided(scene, concerns, [...undecided, ...findAgents(scene, concerns)]);
  parkAnchoredElsewhere(scene);
  const usersOfHalo = matchHaloUsers(scene);
  parkUnnamed(scene);
  parkSharers(scene, usersOfHalo);
  desired(scene, usersOfHalo);
  holdProtected(scene);
  refuseUnfit(scene);
  leaveOutGone(scene);
  const asked = photos(scene);
  const { noted, secrets } = scripts(scene);
  letGo(scene);
  tell(scene, read);
  const touched = untrustedFirst(scene);
  if (touched) return { ...nothing, people: peopleOf(scene), parked: scene.parked, facts: decisions.facts, refused: [touched] };
  const memory = nextMemory(scene);
  const met = metIn(scene, memory);
  if (met && !asksTheSame(again, sameHumans(read, { ...world, met }))) return wished({ ...given, met });
  return {
    facts: decisions.facts,
    resources: inOrder(scene.resources),
    people: peopleOf(scene),
    parked: scene.parked.sort(byKey),
    notes: scene.notes.sort(),
    memory,
    noted,
    secrets,
    ...(asked.length > 0 ? { asked } : {}),
    ...defined({ leaving: leavingIn(scene) }),
    ...(scene.newNames.size > 0 ? { newNames: [...scene.newNames].sort() } : {}),
    ...defined({ ledger: scene.ledger, untouched: scene.untouched.size > 0 ? scene.untouched : undefined }),
    refused: scene.refused,
  };
}

/** Where the application may not see who holds a role of Entra ID, or who may take up a place in a group that holds one. */
function holdersUnknown({ live }: World): string[] {
  const unread = new Set(live[holderType]?.flatMap(({ id, values }) => (id === "" ? [values["unread"] ?? "roles"] : [])));
  const said = {
    owners: `Who owns a protected group of Entra ID may not be read, so nobody is protected by that: give the app GroupMember.Read.All, or name them under protected.accounts`,
    places: `Who may take up a place in a protected group of Entra ID (Privileged Identity Management) may not be read, so nobody is protected by that: give the app ${eligiblePermission}, or name them under protected.accounts`,
    roles: `Who holds a role of Entra ID may not be read, so only accounts that mappings/safety.yaml names are protected there, and groups that can hold roles: give the app ${rolesPermission}, or name administrators under protected.accounts`,
  };
  return Object.entries(said).flatMap(([what, line]) => (unread.has(what) ? [line] : []));
}

/** Photos to read: none for a wish that is refused. */
export function photosAsked({ asked = [], refused }: Wish): readonly PhotoWish[] {
  return refused.length > 0 ? [] : asked;
}

/** The wish with the photos that were asked for, now that they have been read: person → what was found. */
export function withPhotos({ asked = [], ...wished }: Wish, found: ReadonlyMap<string, PhotoFound>): Wish {
  const resources = [...wished.resources];
  const parked = [...wished.parked];
  for (const { request, answer } of photosAsked({ ...wished, asked })) {
    const made = answer(found.get(request.key) ?? { missing: true });
    if (made.resource) resources.push(made.resource);
    if (made.parked) parked.push(made.parked);
  }
  return { ...wished, resources: inOrder(resources), parked: parked.sort(byKey) };
}

/** Each step adds resources; a group needs to know who has an account, a licence too. */
function desired(scene: Scene, usersOfHalo: HaloUserIds): void {
  keepUntouched(scene);
  const { untouched } = scene;
  if (!untouched.has("ad")) inAd(scene);
  const decided = decidedInHalo(scene, usersOfHalo);
  if (!untouched.has("entra")) inEntra(scene, decided);
  refuseNested(scene);
  if (!untouched.has("halo")) inHalo(scene, usersOfHalo, decided);
  if (!untouched.has("files")) homes(scene);
}

function inAd(scene: Scene): void {
  const ous = ouCollector(scene);
  users(scene, ous.need);
  contacts(scene, ous.need);
  computers(scene, ous.need);
  if (scene.mappings.ad) groups(scene, ous.need);
  ous.add();
}

function inEntra(scene: Scene, decided: DecidedInHalo): void {
  cloudUsers(scene);
  const groupsOfCloud = cloudGroupsOf(scene);
  licences(scene, groupsOfCloud, decided);
  mailboxes(scene);
  cloudGroups(scene, groupsOfCloud);
  applications(scene, groupsOfCloud);
  administrativeUnits(scene, groupsOfCloud);
}

function inHalo(scene: Scene, usersOfHalo: HaloUserIds, decided: DecidedInHalo): void {
  places(scene);
  haloUsers(scene, usersOfHalo);
  roles(scene);
  agents(scene);
  teams(scene);
  boards(scene);
  haloLicences(scene, usersOfHalo, decided);
  assets(scene, usersOfHalo);
}

/** Why nothing can be planned from this source at all. */
export function distrust(world: World, read: Roster = roster(world.records, world.mappings)): string[] {
  const { key } = world.mappings.people;
  const source = sourceName(world.mappings.people.source);
  if (world.records.length === 0)
    return [
      `${capital(source)} gave no people at all: nothing is done; check the connection, the client's permissions${source === "Halo" ? " and the sites it may see" : ""}`,
    ];
  if (read.keyless.length === world.records.length)
    return [
      `None of the ${world.records.length} records of ${source} has ${key}, which is people.key (${world.mappings.at(["people", "people", "key"])}): nothing is done; correct the key, or ${source}`,
    ];
  if (read.rows.length + read.duplicated.size === 0)
    return [
      `None of the ${world.records.length} records of ${source} is a person by people.for (${world.mappings.at(["people", "people", "for"])}): nothing is done; correct the condition, or ${source}`,
    ];
  const doubts = world.trust.doubts.length > 0 ? world.trust.doubts : ["no reason was given"];
  if (world.trust.verdict === "refused") return doubts.map((doubt) => `The read of ${source} cannot be used: ${doubt}`);
  if (world.trust.verdict === "doubted" && world.mappings.trust.onDoubt === "refuse")
    return doubts.map((doubt) => `The read of ${source} is doubted, and trust.onDoubt says refuse: ${doubt}`);
  return [];
}

/** A doubted read may make new people, but without a state nobody can tell who is new. */
function untrustedFirst(scene: Scene): string | undefined {
  if (!scene.doubted || scene.world.previous.length > 0) return undefined;
  const touched = scene.resources.filter((one) => one.person !== undefined && one.adopt !== undefined).length;
  if (touched === 0) return undefined;
  return `The read of ${scene.source} is doubted (${scene.world.trust.doubts.join("; ")}), and no earlier run says what ${touched} existing account(s) should keep: nothing is done until a read can be trusted`;
}

const byKey = (a: Parked, b: Parked): number => compareKeys(a.key, b.key) || compareTexts(a.reason, b.reason);

/** Wave by wave: of each resource it is looked up once which it is in. */
function inOrder(resources: readonly DesiredResource[]): DesiredResource[] {
  const waves = Map.groupBy(resources, (one) => waveOrder(waveOf(one)));
  return [...waves].sort(([a], [b]) => a - b).flatMap(([, wave]) => wave.sort(inWave));
}

function inWave(a: DesiredResource, b: DesiredResource): number {
  const round = (a.round ?? 0) - (b.round ?? 0);
  if (round !== 0) return round;
  if (a.type !== b.type) return compareTexts(a.type, b.type);
  if (a.type === "ad:OrganizationalUnit") return 0;
  return a.person !== undefined && b.person !== undefined ? compareKeys(a.person, b.person) : compareTexts(a.name, b.name);
}

/** Whom no earlier run knew as a leaver. */
function leavingIn(scene: Scene): Person[] | undefined {
  const now = scene.subjects.filter((one) => hasGone(one) && !one.leaverBefore && Object.keys(one.accounts).length > 0);
  return now.length > 0 ? now.map(personOf) : undefined;
}

const peopleOf = (scene: Scene): Person[] => scene.subjects.map(personOf);

function personOf({ key, name, record, recordKey, stage, because, accounts }: Person): Person {
  const person: Person = { key, name, stage, accounts };
  if (record) person.record = record;
  if (recordKey !== undefined) person.recordKey = recordKey;
  if (because) person.because = because;
  return person;
}
