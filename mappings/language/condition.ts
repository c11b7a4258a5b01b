/** Conditions of the mapping files, decided. Plain data in, plain data out: no clock, no I/O. */
import type { Json } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";
import { isDayAsk, passesDay } from "./days.ts";
import { isEmpty } from "./empty.ts";
import { all, any, hasAsset, hasSoftware, hasTicket, isDoubted } from "./feed-tests.ts";
import type { AssetAsk, TicketAsk } from "./feed-words.ts";
import { FEED_OF } from "./feeds.ts";
import { hasLeft, LEFT } from "./left.ts";
import { regex } from "./regex.ts";
import type { Condition } from "./words.ts";

/** What a condition is decided on. */
export interface Facts {
  /** The record's fields as loaded; custom fields as `custom.CFName`. */
  fields: { [field: string]: Json };
  /** The key of the record (`people.key`). */
  key: string;
  /** The key that the record has now, where haloform knows the person under an earlier one. */
  recordKey?: string | undefined;
  /** Names of the groups of mappings/ad.yaml the person is wanted in; case does not matter. */
  groups: ReadonlySet<string>;
  /** Devices of the person's Entra account (sources/entra/devices.ts); absent = none. */
  devices?: readonly { readonly [property: string]: Json }[];
  /** Which day it is where people work (people.zone): `2026-12-31`; without it nobody knows of any day. */
  today?: string;
  /** That place: `Europe/Oslo`; a moment is of the day that it is there. */
  zone?: string;
  /** Groups of `groups` or not, of which it is not known: they depend on a feed that is doubted. */
  unsure?: ReadonlySet<string>;
  /** Names of the groups of Entra ID, of those that conditions ask for, that the person is in; case does not matter. */
  entraGroups?: ReadonlySet<string>;
  /** The same of which it is not known: as `unsure`, or there is no such group. */
  unsureEntra?: ReadonlySet<string>;
}

/** In no group; thousands are in none. */
const none: ReadonlySet<string> = new Set();

/** What is known of somebody from the record alone: of people of Entra ID also the groups that were read with them. */
export function factsOfRecord(fields: Facts["fields"], key: string): Facts {
  const groups = Array.isArray(fields["groups"]) ? fields["groups"].map(String) : [];
  return { fields, key, groups: none, entraGroups: groups.length === 0 ? none : new Set(groups) };
}

/** Words of a condition that are not fields of the record. */
export const CONDITION_WORDS = [
  "any",
  "all",
  "not",
  "person",
  "group",
  "entraGroup",
  "hasDevice",
  "hasAsset",
  "hasSoftware",
  "hasTicket",
] as const;

type Scalar = string | number | boolean;
interface Verdict {
  holds: boolean;
  fields: string[];
  /** It hangs on a feed whose read is doubted: who has something by it keeps it, who has not gets nothing. */
  unsure?: true;
}

/**
 * Decides a condition. All of its lines must hold, so `{}` holds for everybody.
 * `fields` are the record's fields that decided: of what holds all of its fields, of what fails only those that made it
 * fail; sorted, so that the order of the lines does not matter. Never throws on a condition that load.ts has accepted.
 */
export function holds(condition: Condition, facts: Facts): Verdict {
  // Most conditions are one line, and thousands of people are decided by each.
  let only: Verdict | undefined;
  let all: Verdict[] | undefined;
  for (const word of Object.keys(condition)) {
    const wanted = condition[word];
    if (wanted === undefined) continue;
    const verdict = line(word, wanted, facts);
    if (all) all.push(verdict);
    else if (only) all = [only, verdict];
    else only = verdict;
  }
  return all || !only ? together(all ?? [], false) : only;
}

/** The fields of the record that a condition reads, each once, sorted. */
export function fieldsOf(condition: Condition): string[] {
  const fields = [...linesOf(condition)].flatMap(([word]) => ((CONDITION_WORDS as readonly string[]).includes(word) ? [] : [word]));
  return [...new Set(fields)].sort();
}

/** Whether a condition asks about fields of the record alone: who has the same values in them is decided alike. */
export function isOfFields(condition: Condition): boolean {
  const others = CONDITION_WORDS.filter((word) => !["any", "all", "not"].includes(word));
  return ![...linesOf(condition)].some(([word]) => (others as readonly string[]).includes(word));
}

/** Whether a condition may be neither true nor false of somebody: what its fields hold is known, unless it asks whether that is a day. */
export function canBeUnsure(condition: Condition): boolean {
  return !isOfFields(condition) || [...linesOf(condition)].some(([, wanted]) => isDayAsk(wanted));
}

/** The groups that a condition asks for: of mappings/ad.yaml by `group`, of Entra ID by `entraGroup`; as written, each once, sorted. */
export function groupsOf(condition: Condition, by: "group" | "entraGroup" = "group"): string[] {
  const groups = [...linesOf(condition)].flatMap(([word, wanted]) => (word === by && typeof wanted === "string" ? [wanted] : []));
  return [...new Set(groups)].sort();
}

/** What a condition asks of one field, wherever in it. */
export function testsOf(condition: Condition, field: string): unknown[] {
  return [...linesOf(condition)].flatMap(([word, wanted]) => (word === field ? [wanted] : []));
}

function line(word: string, wanted: unknown, facts: Facts): Verdict {
  switch (word) {
    case "any":
    case "all":
      return together(
        (wanted as Condition[]).map((each) => holds(each, facts)),
        word === "any",
      );
    case "not": {
      const inner = holds(wanted as Condition, facts);
      return { ...inner, holds: !inner.holds };
    }
    case "person":
      return {
        holds: (wanted as Scalar[]).some(
          (key) => same(facts.key, String(key)) || (facts.recordKey !== undefined && same(facts.recordKey, String(key))),
        ),
        fields: [],
      };
    case "group":
      return member(String(wanted), facts.groups, facts.unsure);
    case "entraGroup":
      return member(String(wanted), facts.entraGroups, facts.unsureEntra);
    case "hasDevice": {
      const has = any((facts.devices ?? []).map((device) => fits(device, wanted as Condition, facts)));
      return { holds: has === true, fields: [], ...unsurely(has === undefined || (!has && isDoubted(facts.fields, "devices"))) };
    }
    case "hasAsset":
      return byFeed(word, hasAsset(facts.fields, wanted as string | string[] | AssetAsk, passing(facts)), facts);
    case "hasSoftware":
      return byFeed(word, hasSoftware(facts.fields, wanted as string | string[], passing(facts)), facts);
    case "hasTicket":
      return byFeed(word, hasTicket(facts.fields, wanted as TicketAsk, facts, passing(facts)), facts);
    default: {
      const isSo = passing(facts)(own(facts.fields, word), word === LEFT ? asFlag(wanted) : wanted);
      // What is no day must neither open nor close anything.
      return isSo === undefined ? { holds: false, fields: [word], unsure: true } : { holds: isSo, fields: [word] };
    }
  }
}

/** Who has left is true or false in records (stacks/people/left.ts): `inactive: Inaktiv` of a condition asks for just that. */
function asFlag(wanted: unknown): unknown {
  if (Array.isArray(wanted)) return wanted.map(asFlag);
  return typeof wanted === "string" && wanted.trim() !== "" ? (hasLeft(wanted) ?? wanted) : wanted;
}

/** What a doubted feed says is believed; what it does not say is not. */
function byFeed(word: string, has: boolean | undefined, { fields }: Facts): Verdict {
  const feed = FEED_OF[word];
  const isUnsure = has === undefined || (!has && feed !== undefined && isDoubted(fields, feed));
  return { holds: has === true, fields: [word], ...unsurely(isUnsure) };
}

function unsurely(unsure: boolean | undefined): { unsure?: true } {
  return unsure ? { unsure: true } : {};
}

function fits(device: { readonly [property: string]: Json }, wanted: { [property: string]: unknown }, facts: Facts): boolean | undefined {
  return all(Object.entries(wanted).map(([property, test]) => test === undefined || passing(facts)(device[property], test)));
}

/** Whether a condition asks for devices. */
export function asksForDevices(condition: unknown): boolean {
  if (Array.isArray(condition)) return condition.some(asksForDevices);
  if (typeof condition !== "object" || condition === null) return false;
  return Object.entries(condition).some(([word, inner]) => (word === "hasDevice" && inner !== undefined) || asksForDevices(inner));
}

/** Of verdicts of which one decides by holding (`any`, `decisive: true`), or one by failing (`all`, `decisive: false`). */
function together(verdicts: Verdict[], decisive: boolean): Verdict {
  const deciding = verdicts.filter((verdict) => verdict.holds === decisive);
  const holds = deciding.length > 0 ? decisive : !decisive;
  const fields = merged(deciding.length > 0 ? deciding : verdicts);
  // One that is sure decides, whatever the unsure ones would say.
  const isUnsure = verdicts.some((verdict) => verdict.unsure) && deciding.every((verdict) => verdict.unsure);
  return isUnsure ? { holds, fields, unsure: true } : { holds, fields };
}

function merged(verdicts: Verdict[]): string[] {
  const [first, second] = verdicts;
  // One verdict's fields are sorted and each there once.
  if (!second) return first?.fields ?? [];
  const fields: string[] = [];
  for (const verdict of verdicts) for (const field of verdict.fields) if (!fields.includes(field)) fields.push(field);
  return isInOrder(fields) ? fields : fields.sort();
}

const isInOrder = (texts: readonly string[]): boolean => texts.every((text, at) => at === 0 || (texts[at - 1] ?? "") <= text);

function member(name: string, groups: ReadonlySet<string> = none, unsure: ReadonlySet<string> = none): Verdict {
  const holds = wantedIn(groups, name);
  if (!wantedIn(unsure, name)) return holds ? isIn : isNotIn;
  return { holds, fields: [], ...unsurely(true) };
}

/** Of thousands of people and many groups: nobody changes a verdict. */
const isIn: Verdict = { holds: true, fields: [] };
const isNotIn: Verdict = { holds: false, fields: [] };

function wantedIn(groups: ReadonlySet<string>, name: string): boolean {
  if (groups.size === 0) return false;
  if (groups.has(name)) return true;
  const folded = fold(name);
  for (const group of groups) if (fold(group) === folded) return true;
  return false;
}

/** A field of the record; never one inherited from Object, so a field called `constructor` is simply absent. */
function own(fields: { [field: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Whether a value is what is asked; undefined: it should be a day, and is none. */
const passing =
  ({ today, zone }: Facts) =>
  (value: Json | undefined, wanted: unknown): boolean | undefined =>
    isDayAsk(wanted) ? passesDay(value, wanted, today, zone) : passes(value, wanted);

function passes(value: Json | undefined, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some((each) => passes(value, each));
  if (typeof wanted === "object" && wanted !== null) {
    if ("empty" in wanted) return isEmpty(value) === wanted.empty;
    if ("matches" in wanted) return texts(value).some((text) => regex(String(wanted.matches)).test(text));
    return false;
  }
  const scalar = wanted as Scalar;
  if (isEmpty(value)) return scalar === false || (typeof scalar === "string" && scalar.trim() === "");
  if (Array.isArray(value)) return value.some((each) => passes(each, scalar));
  return typeof value === "object" ? false : equal(value as Scalar, scalar);
}

function texts(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [""];
  if (Array.isArray(value)) return value.flatMap(texts);
  return typeof value === "object" ? [] : [String(value).trim()];
}

/**
 * Halo sends the same number as 18, 18.0 or "18", and the same flag as true, 1 or "true": they are equal here. Text with leading
 * zeros is a key or a code, and no number.
 */
function equal(value: Scalar, wanted: Scalar): boolean {
  if (typeof wanted === "boolean") return truth(value) === wanted;
  if (typeof value === "boolean") return truth(wanted) === value;
  if (typeof value === "number" || typeof wanted === "number") return numeric(value) === numeric(wanted);
  return same(value, wanted);
}

function numeric(value: string | number): number | string {
  if (typeof value === "number") return value;
  const text = value.trim();
  return /^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}

function truth(value: Scalar): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = fold(String(value));
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}

/** Every line of a condition and of those in it. */
function* linesOf(condition: Condition): Generator<[word: string, wanted: unknown]> {
  for (const [word, wanted] of Object.entries(condition)) {
    if (wanted === undefined) continue;
    yield [word, wanted];
    if (word === "any" || word === "all") for (const each of wanted as Condition[]) yield* linesOf(each);
    else if (word === "not") yield* linesOf(wanted as Condition);
  }
}
