/** `haloform inventory [kind]`: everything the systems have and whose it is, read as a preview reads. Changes nothing. */
import { RefusedError } from "../../../base/errors.ts";
import type { Directory } from "../../../providers/core/system.ts";
import { readDraft, wishOfDraft } from "../../../stacks/check/draft.ts";
import { countsOf, inventoryRows, redacted, shownRows } from "../../../stacks/inventory/inventory.ts";
import { type Inventory, type Kind, kinds, type State, type Unread } from "../../../stacks/inventory/model.ts";
import type { Inventoried } from "../../../stacks/inventory/owners.ts";
import { readForInventory, systemsIn, typesFor, usersIn } from "../../../stacks/read/inventory.ts";
import type { Lists } from "../../../stacks/read/lists.ts";
import { apartFromDeleted } from "../../../stacks/wish/settled.ts";
import { openToRead } from "../../engine/automation.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { readFacts, type Syncing } from "../../ledger/syncs.ts";
import { dots } from "../../render/plan/redact.ts";
import type { Voice } from "../../say.ts";

export interface InventoryOptions {
  now: Date;
  voice: Voice;
  /** Left out: all kinds. */
  kind?: Kind | undefined;
  systems?: readonly Directory[] | undefined;
  states?: readonly State[] | undefined;
  /** A capture by `source pull --systems`, instead of asking anybody. */
  from?: string | undefined;
  /** Without names and values of people. */
  redact?: boolean | undefined;
  syncing?: Syncing | undefined;
}

/** What rows are made from, and what there is to say about the read. */
type Found = Inventoried & Pick<Inventory, "at" | "source" | "doubts" | "notes" | "unread">;

/** Throws RefusedError where the one kind that was asked for could not be read whole, Refusal where nothing can be said of this source. */
export async function inventory(project: Project, options: InventoryOptions): Promise<Inventory> {
  const wanted = options.kind ? [options.kind] : kinds;
  const systems = systemsOf(project, options);
  const found = await (options.from === undefined ? readNow : readCaptured)(project, options, wanted, systems);
  const [missing] = options.kind ? found.unread : [];
  if (missing) {
    const others = systems.filter((system) => typesFor[missing.kind][system] && !found.unread.some((one) => one.system === system));
    throw new RefusedError(`${missing.why}${others.length > 0 ? `; \`--system ${others.join(",")}\` leaves it out` : ""}`, "unread");
  }
  const rows = shownRows(inventoryRows(found, wanted), { systems, states: options.states });
  const read = wanted.flatMap((kind) =>
    systems
      .filter((system) => typesFor[kind][system] && !found.unread.some((one) => one.kind === kind && one.system === system))
      .map((system) => ({ kind, system })),
  );
  const { at, source, doubts, notes, unread } = found;
  const said = { doubts, notes, unread };
  return {
    format: "haloform.inventory/1",
    ...{ stack: project.stack, at, source, kinds: [...wanted], counts: countsOf(rows, read) },
    ...(options.redact ? withoutNames(said, rows) : said),
    rows: options.redact ? redacted(rows, dots) : rows,
  };
}

function systemsOf(project: Project, { systems }: InventoryOptions): Directory[] {
  const known = systemsIn(project.config);
  const other = systems?.find((system) => !known.includes(system));
  if (other !== undefined) throw new UsageError(`--system ${other}: this stack has no settings for it; expected ${known.join(", ")}.`);
  return known.filter((system) => systems?.includes(system) ?? true);
}

type Read = (project: Project, options: InventoryOptions, wanted: readonly Kind[], systems: readonly Directory[]) => Promise<Found>;

const readNow: Read = async (project, { now, voice, syncing }, wanted, systems) => {
  const { prepared } = await readEverything(project, { now, voice, syncing }, openToRead(project, voice));
  const { mappings, records, wish, given, source, live: known } = prepared;
  const more = await readForInventory({ ...{ kinds: wanted, systems, mappings, known, records }, config: project.config, say: voice.say });
  return {
    ...{ given, wish, live: more.live, lastSeen: more.lastSeen, at: now.toISOString() },
    source: { name: source.name, records: source.records },
    doubts: [...source.doubts, ...more.doubts],
    notes: more.notes,
    unread: more.unread,
  };
};

const readCaptured: Read = async (project, { now, voice, from, syncing }, wanted, systems) => {
  const { folder, stack, config, home } = project;
  const draft = await readDraft({ project: folder, stack, config, home, now, from, say: voice.say, onWait: voice.wait });
  if (!draft.systems)
    throw new UsageError(
      `--from ${from}: what the systems held is not in this capture; make it by \`haloform source pull --systems --out FILE\`.`,
    );
  const { wish } = wishOfDraft(draft);
  if (wish.refused.length > 0) throw new Refusal(wish.refused);
  const { people, given, mappings } = draft;
  syncing?.read(
    readFacts({ source: { name: people.name, records: people.records.length }, live: draft.systems.all, calls: noCalls }, from),
  );
  const users = usersIn({ mappings, records: given.records });
  const captured: Lists = { ...apartFromDeleted(draft.systems.all), ...draft.systems.beside, ...(users ? { "halo:User": users } : {}) };
  const groups = captured["entra:Group"] ?? [];
  const live = { ...captured, "entra:Group": groups.filter(({ values }) => values["members"] !== undefined) };
  const left = groups.length - live["entra:Group"].length;
  return {
    ...{ given, wish, live, lastSeen: new Map(), at: people.captured ?? now.toISOString() },
    source: { name: people.name, records: people.records.length },
    doubts: [...given.trust.doubts, ...(given.feeds?.sentences ?? [])],
    notes: [
      "A capture does not say when accounts were last used",
      ...(left > 0 ? [`${left} groups of Entra ID are left out: the capture holds who is in a group only where a mapping names it`] : []),
    ],
    unread: notCaptured(captured, wanted, systems),
  };
};

const noCalls = { halo: 0, graph: 0, ldap: 0 };

/** A capture holds what the mappings ask for. */
function notCaptured(captured: Lists, wanted: readonly Kind[], systems: readonly Directory[]): Unread[] {
  return wanted.flatMap((kind) =>
    systems.flatMap((system) => {
      const [type] = typesFor[kind][system] ?? [];
      if (type === undefined || captured[type]) return [];
      return [{ kind, system, why: `The capture does not hold ${kind} of ${system}: it has only what the mappings ask for` }];
    }),
  );
}

type Said = Pick<Inventory, "doubts" | "notes" | "unread">;

/** Sentences without any name that a row has. */
function withoutNames({ doubts, notes, unread }: Said, rows: Inventory["rows"]): Said {
  const names = new Set(
    rows.flatMap(({ kind, name, person, holder }) => [
      ...(kind === "accounts" || kind === "assets" ? [name] : []),
      ...[person?.name, holder?.name].filter((one) => one !== undefined),
    ]),
  );
  const longestFirst = [...names].filter((name) => name.length >= 3).sort((a, b) => b.length - a.length);
  const clean = (text: string): string => longestFirst.reduce((said, name) => said.replaceAll(name, dots), text);
  return { doubts: doubts.map(clean), notes: notes.map(clean), unread: unread.map((one) => ({ ...one, why: clean(one.why) })) };
}
