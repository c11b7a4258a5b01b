/** Which of Halo's further feeds (assets, software, tickets) the mappings ask, and for what. Pure. */
import { fold } from "../../base/text.ts";
import { isDayAsk } from "./days.ts";
import type { AssetAsk, TicketAsk, TicketPeople } from "./feed-words.ts";

export const FEEDS = ["assets", "software", "tickets"] as const;
export type Feed = (typeof FEEDS)[number];

/** What a ticket has for a mapping to name; `custom.X` is taken on trust. */
export const TICKET_FIELDS = [
  ...["id", "summary", "details", "user_id", "user_name", "user_email", "client_id", "client_name", "site_id", "site_name", "team"],
  ...["priority_id", "category_1", "category_2", "category_3", "category_4", "dateoccurred", "dateclosed", "startdate", "targetdate"],
  ...["deadlinedate", "reportedby"],
] as const;

/** Whether a ticket may have a field of this name. */
export const isTicketField = (name: string): boolean => /^custom\.\S/u.test(name) || (TICKET_FIELDS as readonly string[]).includes(name);

/** What is read of them; a list that is empty asks for nothing of that feed. */
export interface FeedNeed {
  assets: { types: string[]; fields: string[] };
  software: string[];
  tickets: { type: string; statuses: string[] }[];
  /** Fields of tickets that anything names. */
  ticketFields: string[];
}

/** The words of conditions → the feed they ask. */
export const FEED_OF: { readonly [word: string]: Feed } = { hasAsset: "assets", hasSoftware: "software", hasTicket: "tickets" };

/** What may be doubted by itself, the devices of Intune and Entra ID too: the words of conditions → what they ask. */
const DOUBTED_BY: { readonly [word: string]: Feed | "devices" } = { ...FEED_OF, hasDevice: "devices" };

/** Words of hasTicket that are not tests of the ticket's fields. */
export const TICKET_WORDS: ReadonlySet<string> = new Set(["type", "status", "person", "starts", "ends"]);

export const listOf = (value: string | readonly string[]): string[] => (typeof value === "string" ? [value] : [...value]);

/** `{{ custom.CFFirstName | upcase }}` → `custom.CFFirstName`: names in a template, for what is read. */
function namesIn(template: string): string[] {
  return [...template.matchAll(/\b(?:custom\.[\p{L}\w]+|[a-z]\w*)/gu)].map(([name]) => name);
}

/** Everything asked anywhere in the mappings; undefined when nothing is. */
export function feedsOf(mappings: { people: { tickets?: readonly TicketPeople[] | undefined } }): FeedNeed | undefined {
  const types = new Map<string, string>();
  const software = new Set<string>();
  const tickets = new Map<string, { type: string; statuses: Set<string> }>();
  const assetFields = new Set<string>();
  const ticketFields = new Set<string>();
  const ticket = (type: string | readonly string[], status: string | readonly string[]): void => {
    for (const one of listOf(type)) {
      const known = tickets.get(fold(one)) ?? { type: one, statuses: new Set<string>() };
      for (const each of listOf(status)) known.statuses.add(each);
      tickets.set(fold(one), known);
    }
  };
  visit(mappings, (word, wanted) => {
    if (word === "hasSoftware") for (const name of listOf(wanted as string | string[])) software.add(name);
    else if (word === "hasAsset") {
      const ask = typeof wanted === "string" || Array.isArray(wanted) ? { type: wanted as string | string[] } : (wanted as AssetAsk);
      for (const type of listOf(ask.type)) types.set(fold(type), type);
      for (const field of Object.keys(ask)) if (field !== "type") assetFields.add(field);
    } else {
      const ask = wanted as TicketAsk;
      ticket(ask.type, ask.status);
      for (const field of Object.keys(ask)) if (!TICKET_WORDS.has(field)) ticketFields.add(field);
      for (const field of [ask.person, ask.starts, ask.ends]) if (field !== undefined) ticketFields.add(field);
    }
  });
  for (const line of mappings.people.tickets ?? []) {
    ticket(line.type, line.status);
    for (const field of [line.starts, line.ends]) if (field !== undefined) ticketFields.add(field);
    for (const template of Object.values(line.fields)) for (const name of namesIn(template)) ticketFields.add(name);
  }
  if (types.size + software.size + tickets.size === 0) return undefined;
  return {
    assets: { types: [...types.values()].sort(), fields: [...assetFields].sort() },
    software: [...software].sort(),
    tickets: [...tickets.values()]
      .map(({ type, statuses }) => ({ type, statuses: [...statuses].sort() }))
      .sort((a, b) => (a.type < b.type ? -1 : 1)),
    ticketFields: [...ticketFields].sort(),
  };
}

/** Fields of assets and tickets of which conditions ask a day, with the types. */
export function feedDaysOf(mappings: unknown): { feed: Feed; types: string[]; fields: string[] }[] {
  const found: { feed: Feed; types: string[]; fields: string[] }[] = [];
  visit(mappings, (word, wanted) => {
    const feed = FEED_OF[word];
    if (feed === undefined || typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return;
    const { type, starts, ends, ...tests } = wanted as TicketAsk;
    const days = word === "hasTicket" ? [starts, ends].filter((field) => field !== undefined) : [];
    const fields = [...days, ...Object.entries(tests).flatMap(([field, test]) => (isDayAsk(test) ? [field] : []))];
    if (fields.length > 0) found.push({ feed, types: listOf(type), fields });
  });
  return found;
}

/** Feeds that are asked outside of the members of groups: by accounts, licences, agents, folders. There no membership can be kept by itself. */
export function feedsBesideGroups(mappings: { ad?: { groups: unknown }; entra?: { groups: unknown } }): Set<Feed | "devices"> {
  const found = new Set<Feed | "devices">();
  const { ad, entra, ...rest } = mappings;
  const without = { ...rest, ad: ad && { ...ad, groups: [] }, entra: entra && { ...entra, groups: [] } };
  visit(
    without,
    (word) => {
      const feed = DOUBTED_BY[word];
      if (feed) found.add(feed);
    },
    DOUBTED_BY,
  );
  return found;
}

function visit(value: unknown, see: (word: string, wanted: unknown) => void, words: object = FEED_OF): void {
  if (Array.isArray(value)) for (const one of value) visit(one, see, words);
  else if (typeof value === "object" && value !== null)
    for (const [word, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      if (Object.hasOwn(words, word)) see(word, inner);
      else visit(inner, see, words);
    }
}
