/**
 * The mapping files held against a read of the people and the systems, without the engine: what `haloform check` is made of. There is
 * no state, so that nothing is known of earlier runs.
 */
import { resolve } from "node:path";
import { defined } from "../../base/defined.ts";
import type { Values } from "../../base/json.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { type StackConfig, useSettings } from "../../providers/systems.ts";
import { decisionsFor, inEntraOf, nothingInEntra } from "../decide/decide.ts";
import { findAccounts } from "../match/accounts.ts";
import { sameHumans } from "../match/again.ts";
import type { Decisions } from "../model/decisions.ts";
import { holderType } from "../model/kinds.ts";
import { groundOf, type World } from "../model/scene.ts";
import { believed } from "../people/believed.ts";
import { doubtedRecords, subjects } from "../people/lifecycle.ts";
import { type Roster, roster } from "../people/roster.ts";
import { resourcesOf } from "../plan/world.ts";
import { askedBy } from "../read/asks.ts";
import { mappingsFor } from "../read/checked.ts";
import { protectAll } from "../read/inside.ts";
import { type Read, readLists } from "../read/lists.ts";
import { authoritiesOf, type Records, readRecords } from "../read/records.ts";
import { runOf } from "../register/run.ts";
import { apartFromDeleted, settledWish } from "../wish/settled.ts";
import type { Wish } from "../wish/wish.ts";
import { checked } from "./check.ts";
import { byRecordKey, type Checked } from "./warning.ts";

export interface DraftOptions {
  /** The project's folder. */
  project: string;
  stack: string;
  config: StackConfig;
  home: string;
  now: Date;
  /** Told what is being read, a short sentence each. */
  say: (line: string) => void;
  onWait: (seconds: number) => void;
  /** A file of `haloform source pull`, instead of asking anybody. */
  from?: string | undefined;
}

/** What was read. */
export interface Draft extends Pick<DraftOptions, "stack" | "config" | "now"> {
  mappings: Mappings;
  people: Records;
  given: Omit<World, "live">;
  /** What the systems hold; undefined: the capture does not say. */
  systems: Read | undefined;
}

/** Reads people and systems as a preview does, apart from mailboxes and photos. Throws MappingError, ConfigurationError, UnreachableError. */
export async function readDraft({ project, stack, config, home, now, say, onWait, from }: DraftOptions): Promise<Draft> {
  const mappings = await mappingsFor(project, stack, config);
  useSettings(config, authoritiesOf(mappings));
  say(from === undefined ? `Reading ${mappings.people.source} and the systems` : `Reading ${from}`);
  const [people, lists] = await Promise.all([
    readRecords(mappings, {
      ...{ stack, folder: resolve(project, config.mappings), home, onWait, remember: { anew: false, now } },
      ...defined({ from }),
    }),
    from === undefined ? readLists(mappings, askedBy(mappings), config.ad?.bind) : undefined,
  ]);
  // A capture says what the systems hold; whom the mapping protects the draft says.
  if (people.systems) protectAll(people.systems.all, mappings.safety.protected, config.ad?.bind, people.systems.beside[holderType]);
  const given = { ...believed(people, mappings, undefined, now), now, stack, mappings, previous: [], memory: undefined };
  return { stack, config, now, mappings, people, given, systems: lists ?? people.systems };
}

/** Every line, and what looks wrong. */
export function checkedDraft({ mappings, now, given, systems }: Draft): Checked {
  const live = systems && { ...apartFromDeleted(systems.all), ...systems.beside };
  const read = roster(doubtedRecords(given), mappings);
  const { facts, verdict } = decisionsOf(given, live, read);
  return checked({ mappings, now, roster: read, live, facts, decide: (condition, { key }) => verdict(condition, { key, accounts: {} }) });
}

/** As the wish decides: accounts are found first, as devices hang on them. Without the systems there are none. */
function decisionsOf(given: Draft["given"], live: World["live"] | undefined, read: Roster): Decisions {
  const { mappings, now } = given;
  const people = () => read.rows.map(({ key, record }) => ({ key, record, accounts: {} }));
  if (!live) return decisionsFor(mappings, people(), now, nothingInEntra);
  const world = { ...given, live };
  const ground = groundOf({ world, ...subjects(sameHumans(read, world), world) });
  findAccounts(ground);
  const decisions = decisionsFor(mappings, ground.subjects, now, inEntraOf(ground));
  return { ...decisions, facts: byRecordKey(ground.subjects, decisions.facts) };
}

/** What would be wished, and what there is of it; nothing where the systems were not read. */
export function wishOfDraft({ mappings, now, stack, config, given, systems }: Draft): {
  wish: Wish;
  was: ReadonlyMap<string, Values | undefined>;
} {
  const settled = settledWish(given, systems ?? { all: {}, beside: {} });
  const previous = { resources: [] };
  const run = runOf({
    ...{ stack, now, mode: "haloform", mappings, settings: config, settled, previous: [] },
    ...{ asked: askedBy(mappings), spent: [], bytes: new Map(), programs: {}, vault: "" },
  });
  const { was } = resourcesOf({ wish: settled.wish, previous, run });
  return { wish: settled.wish, was };
}
