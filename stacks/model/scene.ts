/** What every step of the pure middle looks at, indexed once. */

import type { Values } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { factsOf } from "../../providers/registry.ts";
import type { Decisions } from "./decisions.ts";
import type { LedgerRow } from "./plan.ts";
import { remembered } from "./remembered.ts";
import { sourceName } from "./source-name.ts";
import type {
  Answer,
  Because,
  DesiredResource,
  Memory,
  Noted,
  Parked,
  Person,
  PreviousResource,
  SourceRecord,
  Subject,
  System,
} from "./types.ts";
import { textOf } from "./values.ts";

/** How far the read of the people is believed. */
export interface Believed {
  verdict: "trusted" | "doubted" | "refused";
  doubts: string[];
  memory: Memory["source"] | undefined;
  /** The field that says who has left is doubted: nobody new is known to be here. */
  left?: "doubted";
  /** Which field, where it is not `inactive` (people.starts, people.ends). */
  leftBy?: string;
}

/** Everything a wish is made from. */
export interface World {
  now: Date;
  mappings: Mappings;
  records: readonly SourceRecord[];
  /** Halo's further feeds that are doubted, and sentences about them; absent = none is asked. */
  feeds?: { doubted: readonly string[]; sentences: readonly string[] };
  trust: Believed;
  /**
   * Lists of the systems that are not believed (stacks/read/targets.ts): type → the sentence about it. While there is one, nobody
   * is matched anew, and everything of its system stays as the last run left it. Absent = all are believed.
   */
  doubtedTargets?: ReadonlyMap<string, string>;
  /** Whose absence does not count, and why (stacks/read/missing.ts). */
  hidden?: ReadonlyMap<string, string>;
  /** People whose record a template cannot be worked out for, by its key: why (stacks/wish/overfull.ts). */
  overfull?: ReadonlyMap<string, string>;
  /** Whom this very run gets to know (stacks/match/met.ts); absent = nobody. */
  met?: { previous: readonly PreviousResource[]; people: Memory["people"]; looks: number };
  /** What was taken out of records before anything was made of them (stacks/people/clean.ts), in sentences. */
  cleaned?: readonly string[];
  previous: readonly PreviousResource[];
  memory: Memory | undefined;
  /** Commands that were due when the last run began; absent = there are none. */
  noted?: readonly Noted[];
  /** Protected organizational units that somebody renamed (stacks/read/protected-units.ts): their names of before stand for those of now. */
  stuck?: readonly { from: string; to: string; because: string }[];
  /** The stack's name, for commands. */
  stack?: string;
  /** Type → everything there is of it. */
  live: { [type: string]: readonly Live[] };
  /** What Exchange Online was asked: `needs` says why it could not be; absent = it was not asked. */
  exchange?: { needs?: string };
}

/** What there is, before anything is decided. */
export interface Ground {
  world: World;
  mappings: Mappings;
  doubted: boolean;
  /** Systems of which everything stays as the last run left it, as a list of theirs is not believed. */
  untouched: ReadonlySet<string>;
  /** What sentences call the place where people come from. */
  source: string;
  /** In order of the key. */
  subjects: Subject[];
  /** By the key under which they are known, and by that of their record. */
  byKey: ReadonlyMap<string, Subject>;
  notes: string[];
  parked: Parked[];
  /** Accounts that may be somebody's who is parked, as `ad GUID`: nothing is taken from them (stacks/match). */
  undecided: Set<string>;
  at(...path: (string | number)[]): string;
  previous(type: string, name: string): PreviousResource | undefined;
  all(type: string): readonly Live[];
  byId(type: string): ReadonlyMap<string, Live>;
  /** What there is of a type by its name (see fold in base/text.ts). */
  named(type: string, name: string): readonly Live[];
}

/** What every step of the wish looks at and adds to, once it is known whose account is whose. */
export interface Scene extends Ground {
  decisions: Decisions;
  /** Keys of people who have an AD account or get one in this run. */
  willHaveAd: Set<string>;
  /** Keys of people who get an account that is made in Entra ID in this run, or have one under these rules. */
  willHaveEntra: Set<string>;
  /** What is wished so far. */
  resources: readonly DesiredResource[];
  /** The same by type and name. */
  wished(type: string, name: string): DesiredResource | undefined;
  add(resource: DesiredResource): void;
  /** Wishes it no more (stacks/wish/refusals.ts). */
  drop(resource: DesiredResource): void;
  refused: string[];
  /** What people who have left still answer for (stacks/wish/successors.ts). */
  answers: Answer[];
  /**
   * Where somebody gets a name that their account has not (distinguishedNames of places in AD), and "" for a login or an address: what
   * else has it must be known.
   */
  newNames: Set<string>;
  /** Set once by stacks/wish/entra/seats.ts. */
  ledger?: LedgerRow[];
}

export function sceneOf(ground: Ground, decisions: Decisions): Scene {
  const resources: DesiredResource[] = [];
  const byName = remembered((_type: string) => new Map<string, DesiredResource>());
  return {
    ...ground,
    decisions,
    willHaveAd: new Set(),
    willHaveEntra: new Set(),
    resources,
    wished: (type, name) => byName(type).get(name),
    add(resource) {
      resources.push(resource);
      byName(resource.type).set(resource.name, resource);
    },
    drop(resource) {
      resources.splice(resources.indexOf(resource), 1);
      byName(resource.type).delete(resource.name);
    },
    refused: [...decisions.problems],
    answers: [],
    newNames: new Set(),
  };
}

export function groundOf(base: Pick<Ground, "world" | "subjects" | "notes" | "parked">): Ground {
  const { world } = base;
  const byType = Map.groupBy(world.previous, ({ type }) => type);
  const states = remembered((type: string) => new Map((byType.get(type) ?? []).map((one) => [one.name, one])));
  const all = (type: string): readonly Live[] => world.live[type] ?? [];
  const names = remembered((type: string) => Map.groupBy(all(type), (one) => fold(textOf(one.values["name"]))));
  return {
    ...base,
    undecided: new Set(),
    mappings: world.mappings,
    doubted: world.trust.verdict !== "trusted",
    untouched: untouchedBy(world),
    source: sourceName(world.mappings.people.source),
    byKey: new Map([
      ...base.subjects.flatMap((one) => (one.recordKey === undefined ? [] : [[one.recordKey, one] as const])),
      ...base.subjects.map((one) => [one.key, one] as const),
    ]),
    at: (...path) => world.mappings.at(path),
    previous: (type, name) => states(type).get(name),
    all,
    byId: remembered((type) => new Map(all(type).map((one) => [one.id, one]))),
    named: (type, name) => names(type).get(fold(name)) ?? [],
  };
}

/** Systems with a list that is not believed. */
const untouchedBy = ({ doubtedTargets = new Map() }: World): ReadonlySet<string> =>
  new Set([...doubtedTargets.keys()].map((type) => type.slice(0, type.indexOf(":"))));

/** Leaves a person to a human in one system, and says why. */
export function park(scene: Ground, subject: Subject, system: System, where: string, reason: string): void {
  subject.parkedIn.add(system);
  if (subject.stage !== "leaver") subject.keep ??= { rule: scene.at("people", "people", "is"), note: `parked: ${reason}` };
  scene.parked.push({ key: subject.key, name: subject.name, reason, where });
}

/** A resource to wish; `live` is there already: adopted, where the state does not know it yet, or knows one that is gone. */
type Want = Omit<DesiredResource, "adopt"> & { live?: Pick<Live, "id"> | undefined };

export function desired(scene: Scene, { live, ...resource }: Want): DesiredResource {
  const known = live === undefined || scene.previous(resource.type, resource.name)?.id === live.id;
  return known ? resource : { ...resource, adopt: live.id };
}

/**
 * The same, its reasons put together when somebody asks for them: nobody does of an account that stays as it is, and those of ten
 * thousand accounts are most of what a wish would hold. What they are made from must not change any more.
 */
export function wantExplained(scene: Scene, wanted: Omit<Want, "because">, reasonsOf: () => DesiredResource["because"]): void {
  const resource = desired(scene, { ...wanted, because: {} });
  scene.add(
    Object.defineProperty(resource, "because", {
      configurable: true,
      enumerable: true,
      get() {
        const value = reasonsOf();
        Object.defineProperty(resource, "because", { value, configurable: true, enumerable: true, writable: true });
        return value;
      },
    }),
  );
}

export function want(scene: Scene, wanted: Want): void {
  scene.add(desired(scene, wanted));
}

/** Types of what a person has in a directory. */
type AccountType = "ad:User" | "entra:User" | "entra:Licence" | "halo:Agent";

const systemOf: { readonly [type in AccountType]: System } = {
  "ad:User": "ad",
  "entra:User": "entra",
  "entra:Licence": "entra",
  "halo:Agent": "halo",
};

/** Somebody's account as it is there; undefined: they have none, or it is gone. */
export function accountOf({ byId }: Pick<Ground, "byId">, { accounts }: Pick<Person, "accounts">, type: AccountType): Live | undefined {
  const id = accounts[systemOf[type]];
  return id === undefined ? undefined : byId(type).get(id);
}

/** The logical name of a person's resources: asked for a dozen times of everybody, and one text is found faster than a dozen alike. */
export const personName = remembered((key: string) => `person-${key}`);

/** Whose a resource is. */
export function ofPerson({ key }: Pick<Person, "key">): Pick<DesiredResource, "name" | "person"> {
  return { name: personName(key), person: key };
}

/** A rule, the record it looked at and the fields that decided. */
export function because(
  rule: string,
  subject?: Pick<Person, "record"> | undefined,
  fields: readonly string[] = [],
  note?: string,
): Because {
  const why: Because = { rule };
  if (subject?.record) why.record = subject.record.ref;
  if (fields.length > 0) why.field = fields.length === 1 && fields[0] !== undefined ? fields[0] : fields.join(", ");
  if (note) why.note = note;
  return why;
}

/** The reason of each input. */
export function forEach(inputs: Values, why: (input: string) => Because): { [path: string]: Because } {
  return Object.fromEntries(Object.keys(inputs).map((input) => [input, why(input)]));
}

/** The person a resource is about, or undefined. */
export function personOf(resource: Pick<PreviousResource, "type" | "name" | "inputs">): string | undefined {
  if (factsOf(resource.type)?.about !== "person") return undefined;
  const { person } = resource.inputs;
  return typeof person === "string" ? person : resource.name.replace(/^person-/u, "");
}
