/** What is believed of the people that were read: the trust gate, the feeds beside them, and people made from tickets. Pure. */
import { same } from "../../base/text.ts";
import { todayIn } from "../../mappings/language/days.ts";
import { DEVICE_FIELDS } from "../../mappings/language/devices.ts";
import { isWithin, noDaysIn } from "../../mappings/language/feed-tests.ts";
import { listOf } from "../../mappings/language/feeds.ts";
import { LEFT } from "../../mappings/language/left.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { type FeedRead, judge, judgeFeeds } from "../../sources/trust.ts";
import type { World } from "../model/scene.ts";
import type { Memory, SourceRecord } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import type { Records } from "../read/records.ts";
import { cleaned } from "./clean.ts";
import { fieldsOfDays, lostDays, noDays } from "./days.ts";
import { leftOf } from "./left.ts";

/** People made from tickets (people.tickets): from a day to a day, until Halo has a user with the same key; `notes`: about tickets that make nobody. */
interface Joined extends Pick<Records, "records" | "read"> {
  notes: string[];
  /** Key → why nobody knows whether a ticket makes this person. */
  hidden: Map<string, string>;
}

/** The records and those that tickets make. `doubted`: the feeds that are, `sentences`: one about each. A doubted read of tickets makes the read of people doubted: some of them may be missing. */
export function withJoiners(
  people: Pick<Records, "records" | "read" | "feeds">,
  mappings: Pick<Mappings, "people">,
  doubted: readonly string[],
  sentences: readonly string[],
  now: Date,
): Joined {
  const lines = mappings.people.tickets ?? [];
  if (lines.length === 0 || !people.feeds) return { records: people.records, read: people.read, notes: [], hidden: new Map() };
  const today = todayIn(now, mappings.people.zone);
  const { key } = mappings.people;
  const known = new Set(people.records.map((record) => textOf(record.fields[key])));
  const notes: string[] = [];
  const hidden: Joined["hidden"] = new Map();
  const made = new Map<string, SourceRecord>();
  for (const ticket of [...people.feeds.tickets].sort((a, b) => a.id - b.id)) {
    const line = lines.find((one) => isOne(ticket.type, one.type) && isOne(ticket.status, one.status));
    if (!line) continue;
    const ref = `halo.tickets ${ticket.id}`;
    const isOpen = isWithin(ticket.fields, line, { today, zone: mappings.people.zone }, true);
    if (isOpen === false) continue;
    const fields: SourceRecord["fields"] = { inactive: false };
    for (const [field, source] of Object.entries(line.fields)) {
      const value = compile(source).render(ticket.fields);
      if (value.trim() !== "") fields[field] = value.trim();
    }
    const is = textOf(fields[key]);
    const twin = made.get(is);
    const [odd] = noDaysIn(ticket.fields, [line.starts, line.ends]);
    const says = odd && `${odd.field} says ${JSON.stringify(odd.value).slice(0, 40)}, which is no day`;
    if (isOpen === undefined && !known.has(is)) hidden.set(is, `is missing: of ticket ${ticket.id} ${says}`);
    if (isOpen === undefined) notes.push(`Ticket ${ticket.id} (${ticket.type}) makes nobody: ${says}; write it like 2027-01-04`);
    else if (is === "")
      notes.push(`Ticket ${ticket.id} (${ticket.type}) makes nobody: it gives no ${key}, which is people.key; fill it in on the ticket`);
    else if (twin) notes.push(`Ticket ${ticket.id} (${ticket.type}) makes nobody: ${twin.ref} already has the ${key} ${is}`);
    else if (!known.has(is)) made.set(is, { ref, fields });
  }
  const doubt = sentences[doubted.indexOf("tickets")];
  const read = doubt === undefined ? people.read : { ...people.read, complete: false, doubts: [...people.read.doubts, doubt] };
  return { records: [...people.records, ...made.values()], read, notes, hidden };
}

const isOne = (value: string, names: string | readonly string[]): boolean => listOf(names).some((name) => same(name, value));

/** How the read of devices went: those of Intune by themselves, as a registered one is poorer. */
function readOf(devices: readonly Live[]): FeedRead {
  const managed = devices.filter(({ values }) => values["managed"] === true).length;
  const filled = DEVICE_FIELDS.map((field) => [field, devices.filter(({ values }) => textOf(values[field]) !== "").length] as const);
  const owned = devices.filter(({ values }) => textOf(values["userId"]) !== "").length;
  // Devices come and go hour by hour, and a plan that is being approved must not be stale because of one.
  return {
    count: devices.length,
    doubts: [],
    parts: { Intune: managed },
    filled: { ...Object.fromEntries(filled), userId: owned },
    coarse: 5,
  };
}

/** `memory`: of the last run. `devices`: of Intune and Entra ID, where a mapping asks for them. */
export function believed(
  people: Records,
  mappings: Mappings,
  memory: Memory | undefined,
  now: Date,
  devices?: readonly Live[],
): Pick<World, "records" | "feeds" | "trust" | "cleaned" | "hidden"> {
  const reports = { ...people.feeds?.reports, ...(devices ? { devices: readOf(devices) } : {}) };
  const feeds = people.feeds || devices ? judgeFeeds(reports, memory?.source.feeds, mappings.trust) : undefined;
  const { records, read, notes, hidden } = withJoiners(people, mappings, feeds?.doubted ?? [], feeds?.sentences ?? [], now);
  const clean = cleaned(records, mappings);
  const left = leftOf(clean.records, mappings, memory);
  const trust: World["trust"] = judge({
    ...{ records, read, memory: memory?.source, trust: mappings.trust, more: left.doubts },
    fields: [...mappings.fields, ...fieldsOfDays(mappings), LEFT],
  });
  const lost = lostDays(clean.records, mappings, memory);
  if (left.isDoubted || lost !== undefined) trust.left = "doubted";
  if (!left.isDoubted && lost !== undefined) trust.leftBy = lost;
  const said = { records: left.records, trust, hidden, cleaned: [...clean.notes, ...left.notes, ...noDays(clean.records, mappings)] };
  if (!feeds) return said;
  if (trust.memory) trust.memory = { ...trust.memory, feeds: feeds.memory };
  return { ...said, feeds: { doubted: feeds.doubted, sentences: [...feeds.sentences, ...notes] } };
}
