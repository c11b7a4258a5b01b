/**
 * Whether anything has moved since the last whole look, at the price of the changes: the source of people (by what changed, where
 * people.incremental says so), Active Directory (DirSync), Entra ID (delta queries), the state, the mapping files, the day. What cannot
 * tell its changes (Halo's agents and teams, mailboxes, photos, shares) is looked at by whole looks alone. docs/decisions/0133.
 */
import { z } from "zod";
import { calls, callsSince } from "../../../base/calls.ts";
import { defined } from "../../../base/defined.ts";
import { digestOf } from "../../../base/digest.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { todayIn } from "../../../mappings/language/days.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { client as adClient } from "../../../providers/ad/wire/shared.ts";
import { definition } from "../../../providers/registry.ts";
import { useSettings } from "../../../providers/systems.ts";
import type { Memory } from "../../../stacks/model/types.ts";
import { stagesOf } from "../../../stacks/people/stages.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import type { Previous } from "../../../stacks/read/previous.ts";
import { programParts } from "../../../stacks/read/programs.ts";
import { authoritiesOf, readRecords } from "../../../stacks/read/records.ts";
import { versionHere } from "../../../stacks/read/version.ts";
import { openStack, openToRead } from "../../engine/automation.ts";
import type { EverythingOptions } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import type { Told } from "../../ledger/journal.ts";
import { refuseStopped, stopsOf } from "../../ledger/stops.ts";
import { readFacts } from "../../ledger/syncs.ts";
import { lastTold } from "../../messages/tell.ts";
import { adFeed } from "../drift/ad.ts";
import type { Feed } from "../drift/changes.ts";
import { entraFeed } from "../drift/entra.ts";
import { lookingOf } from "../drift/since.ts";

/** What a look rested on, kept in the home. */
export const lookedSchema = z.object({
  /** UTC ISO 8601, and the day in people.zone. */
  at: z.string(),
  day: z.string(),
  /** Digests of what people were read, and of everything else that is read here and decides about a plan. */
  records: z.string(),
  rest: z.string(),
  /** System → the place to go on from. */
  places: z.record(z.string(), z.string()),
  /** It ended with something that may be over by itself: the next look is a whole one. */
  open: z.boolean().optional(),
});
export type Looked = z.infer<typeof lookedSchema>;

/** Changed objects that haloform does not manage, of which each is looked at; more are a whole look. */
const mostOthers = 50;
/** Types of Entra ID whose changes Graph tells. */
const tracked = ["entra:User", "entra:Licence", "entra:Group"];

type Options = Pick<EverythingOptions, "now" | "voice" | "syncing">;

export interface Moved {
  /** Why everything must be looked at; undefined: nothing has moved. */
  why: string | undefined;
  looked: Looked;
  /** What was told last. */
  told: Told | undefined;
  /** Whether time alone has changed nothing since a moment: it is the same day, and no stage has fallen due. */
  isSteady(since: string): boolean;
}

/** Whether anything has moved since `before`. Throws what reading throws. */
export async function moved(project: Project, { now, voice, syncing }: Options, before: Looked | undefined): Promise<Moved> {
  const { config, folder, stack, home } = project;
  const asked = { ...calls };
  const mappings = await mappingsFor(folder, stack, config);
  useSettings(config, authoritiesOf(mappings));
  const opened = await openToRead(project, voice);
  const [previous, ledger, haloform, programs] = await Promise.all([
    opened.previous(),
    opened.ledger(),
    versionHere(),
    programParts(mappings, folder),
  ]);
  if ((await stopsOf(project, ledger)).open.length > 0) await refuseStopped(project, await openStack(project, voice), now);
  const { messages: _messages, ...settings } = config;
  const { record, limits } = ledger.known;
  const rest = digestOf([mappings.digest, settings, haloform, programs, record ?? null, limits ?? null]);
  const day = todayIn(now, mappings.people.zone);
  const unknown = before === undefined || before.open === true || before.day !== day || before.rest !== rest;
  const people = await readRecords(mappings, {
    ...{ stack, home, folder: config.mappings, remember: { anew: false, now } },
    onWait: voice.wait,
  });
  const records = digestOf([people.records, people.read, people.feeds ?? null]);
  const { why: inSystems, places } = await systemsMoved(project, mappings, previous, { now, voice, from: unknown ? {} : before.places });
  syncing?.read(readFacts({ source: { name: people.name, records: people.records.length }, live: {}, calls: callsSince(asked) }));
  const whys: readonly (false | string | undefined)[] = [
    before === undefined && "there is no earlier look",
    before?.open === true && "the last look ended with something that may be over",
    before !== undefined && before.day !== day && "it is another day",
    before !== undefined && before.rest !== rest && "the mapping files, the settings, haloform itself or the state are others",
    before !== undefined && before.records !== records && `what ${people.called} says has changed`,
    before !== undefined && isDue(mappings, previous.memory, before.at, now) && "a stage of somebody who has left is due",
    inSystems,
  ];
  const why = whys.find((one) => typeof one === "string") || undefined;
  const isSteady = (since: string): boolean =>
    todayIn(new Date(since), mappings.people.zone) === day && !isDue(mappings, previous.memory, since, now);
  return { why, looked: { at: now.toISOString(), day, records, rest, places }, told: lastTold(project, ledger.known.told), isSteady };
}

/** Stages fall due at the hour at which somebody left. */
function isDue({ safety }: Mappings, memory: Memory | undefined, since: string, now: Date): boolean {
  return Object.values(memory?.people ?? {}).some(({ leaverSince, seenLeaving }) => {
    const left = leaverSince ?? seenLeaving;
    return left !== undefined && stagesOf(safety.leaver, left).some(({ from }) => from > new Date(since) && from <= now);
  });
}

interface Asked {
  now: Date;
  voice: EverythingOptions["voice"];
  /** Places to go on from; of a system without one nothing is compared. */
  from: Looked["places"];
}

/** What Active Directory and Entra ID say of themselves. */
async function systemsMoved(project: Project, mappings: Mappings, previous: Previous, { now, voice, from }: Asked) {
  const { config } = project;
  const { wanted, asked, lookIn } = lookingOf(project, mappings, previous, now);
  const places: Looked["places"] = {};
  let why: string | undefined;
  const lookAt = async <P extends object>(feed: Feed<P>, types: readonly string[]): Promise<void> => {
    const { [feed.name]: text } = from;
    const looked = await lookIn(feed, types, { text, how: text ? "last" : "from-now", notes: [], say: voice.say });
    places[feed.name] = looked.kept;
    if (!text) why ??= `${feed.name} was not asked for its changes before`;
    else if (looked.changed === undefined) why ??= `${feed.name} cannot tell what changed`;
    else if (looked.found.length > 0) why ??= `${feed.name} is no longer as it was left`;
    else if (await isOfOurs(feed, looked.others, types, wanted)) why ??= `${feed.name} has others than before`;
  };
  if (config.ad) await lookAt(adFeed(await adClient()), asked("ad"));
  if (config.entra) {
    const types = asked("entra").filter((type) => tracked.includes(type));
    if (types.length > 0) await lookAt(entraFeed(await entra(), config.entra.tenantId), types);
  }
  return { ...defined({ why }), places };
}

/** Whether one of these objects is of a kind that plans are made of: a computer or a printer queue is none, unless a mapping asks. */
async function isOfOurs(
  feed: Pick<Feed<object>, "client">,
  ids: readonly string[],
  types: readonly string[],
  asked: { readonly [type: string]: unknown },
): Promise<boolean> {
  if (ids.length > mostOthers) return true;
  for (const type of types) {
    const one = definition(type);
    const client = ids.length > 0 ? await feed.client(one) : undefined;
    for (const id of ids) if ((await one.get(client, id, asked[type])) !== undefined) return true;
  }
  return false;
}
