/** What every step of the pure middle looks at, indexed once. */
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Wanted } from "../decide/groups.ts";
import type { Subject, System } from "../people/lifecycle.ts";
import type { LedgerRow } from "./plan.ts";
import type { Because, DesiredResource, Memory, Noted, Parked, PreviousResource, SourceRecord } from "./types.ts";

/** Everything a wish is made from. */
export interface World {
  now: Date;
  mappings: Mappings;
  records: readonly SourceRecord[];
  /** Halo's further feeds that are doubted, and sentences about them; absent = none is asked. */
  feeds?: { doubted: readonly string[]; sentences: readonly string[] };
  trust: { verdict: "trusted" | "doubted" | "refused"; doubts: string[]; memory: Memory["source"] | undefined };
  previous: readonly PreviousResource[];
  memory: Memory | undefined;
  /** Commands that were due when the last run began; absent = there are none. */
  noted?: readonly Noted[];
  /** The stack's name, for commands. */
  stack?: string;
  /** Type → everything there is of it. */
  live: { [type: string]: readonly Live[] };
  /** What Exchange Online was asked: `needs` says why it could not be; absent = it was not asked. */
  exchange?: { needs?: string };
}

export interface Scene {
  world: World;
  mappings: Mappings;
  doubted: boolean;
  /** In order of the key. */
  subjects: Subject[];
  byKey: ReadonlyMap<string, Subject>;
  wanted: Wanted;
  /** Keys of people who have an AD account or get one in this run. */
  willHaveAd: Set<string>;
  /** Keys of people who get an account that is made in Entra ID in this run, or have one under these rules. */
  willHaveEntra: Set<string>;
  resources: DesiredResource[];
  notes: string[];
  parked: Parked[];
  refused: string[];
  /** Set once by stacks/wish/entra/seats.ts. */
  ledger?: LedgerRow[];
  at(...path: (string | number)[]): string;
  previous(type: string, name: string): PreviousResource | undefined;
  all(type: string): readonly Live[];
  byId(type: string): ReadonlyMap<string, Live>;
}

type Base = Omit<
  Scene,
  "at" | "previous" | "all" | "byId" | "byKey" | "mappings" | "resources" | "willHaveAd" | "willHaveEntra" | "doubted" | "refused"
>;

export function makeScene(base: Base): Scene {
  const { world } = base;
  const states = new Map(world.previous.map((one) => [`${one.type}::${one.name}`, one]));
  const ids = new Map<string, ReadonlyMap<string, Live>>();
  const all = (type: string): readonly Live[] => world.live[type] ?? [];
  return {
    ...base,
    mappings: world.mappings,
    doubted: world.trust.verdict !== "trusted",
    byKey: new Map(base.subjects.map((one) => [one.key, one])),
    willHaveAd: new Set(),
    willHaveEntra: new Set(),
    resources: [],
    refused: [],
    at: (...path) => world.mappings.at(path),
    previous: (type, name) => states.get(`${type}::${name}`),
    all,
    byId(type) {
      const map = ids.get(type) ?? new Map(all(type).map((one) => [one.id, one]));
      ids.set(type, map);
      return map;
    },
  };
}

/** Leaves a person to a human in one system, and says why. */
export function park(scene: Scene, subject: Subject, system: System, where: string, reason: string): void {
  subject.parkedIn.add(system);
  if (subject.stage !== "leaver") subject.keep ??= { rule: scene.at("people", "people", "match"), note: `parked: ${reason}` };
  scene.parked.push({ key: subject.key, name: subject.name, reason, where });
}

/** The logical name of a person's resources. */
export function personName(key: string): string {
  return `person-${key}`;
}

/** `adopt`, where the state does not know the living object yet (or knows one that is gone). */
export function adoption(scene: Scene, type: string, name: string, id: string | undefined): { adopt?: string } {
  return id === undefined || scene.previous(type, name)?.id === id ? {} : { adopt: id };
}

/** A rule, the record it looked at and the fields that decided. */
export function because(
  rule: string,
  subject?: Pick<Subject, "record"> | undefined,
  fields: readonly string[] = [],
  note?: string,
): Because {
  const why: Because = { rule };
  if (subject?.record) why.record = subject.record.ref;
  if (fields.length > 0) why.field = fields.join(", ");
  if (note) why.note = note;
  return why;
}
