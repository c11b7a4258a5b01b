/** Why a condition holds or does not, line by line: for people who ask. Pure. */
import type { Json } from "../../base/json.ts";
import { CONDITION_WORDS, type Facts, holds } from "./condition.ts";
import { FEED_OF } from "./feeds.ts";
import type { Condition } from "./words.ts";

/** One line of a condition that decided. */
export interface Point {
  /** Where in the condition: `title`, `any[0].site_name`, `not.title`. */
  at: string;
  /** What the line asks, in words: `is Sales or Finance`, `matches ^Field`, `is empty`. */
  asks: string;
  /** What the record has (of devices: the account); absent for lines that ask about the person or a group. */
  found?: Json;
  holds: boolean;
}

/** One value that a condition asks for, and where in it. */
export interface Test {
  /** From the condition: `["any", 0, "title", "matches"]`. */
  path: (string | number)[];
  /** What is asked about: a field of the record, the key of the person, a group of Entra ID, a property of devices, or of what a feed says (`hasAsset`). */
  of: "field" | "person" | "entraGroup" | "device" | "feed";
  field: string;
  /** A scalar, `{ matches: … }` or `{ empty: … }`. */
  wanted: Json;
}

/** Every single value of a condition about records, people, devices and feeds, those under `not` too. */
export function testsIn(condition: Condition, path: readonly (string | number)[] = []): Test[] {
  return Object.entries(condition).flatMap(([word, value]): Test[] => {
    const here = [...path, word];
    if (value === undefined) return [];
    if (word === "any" || word === "all") return (value as Condition[]).flatMap((one, index) => testsIn(one, [...here, index]));
    if (word === "not") return testsIn(value as Condition, here);
    if (word === "person" || word === "entraGroup")
      return values(value, here).map(([at, wanted]) => ({ path: at, of: word, field: word, wanted }));
    if (!(CONDITION_WORDS as readonly string[]).includes(word))
      return values(value, here).map(([at, wanted]) => ({ path: at, of: "field", field: word, wanted }));
    // What the others ask for is no value of a record.
    const of = word === "hasDevice" ? "device" : Object.hasOwn(FEED_OF, word) ? "feed" : undefined;
    if (of === undefined || typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.entries(value as object).flatMap(([field, test]) =>
      test === undefined ? [] : values(test, [...here, field]).map(([at, wanted]): Test => ({ path: at, of, field, wanted })),
    );
  });
}

/** Of a list each value, with its place. */
function values(wanted: unknown, path: readonly (string | number)[]): [path: (string | number)[], wanted: Test["wanted"]][] {
  if (Array.isArray(wanted)) return wanted.map((one: Json, index) => [[...path, index], one]);
  return [[[...path], wanted as Test["wanted"]]];
}

/**
 * The lines that decided: where the condition holds, those that made it hold; where not, those that failed. Under `not` it is
 * the other way round: what holds there is what fails.
 */
export function explain(condition: Condition, facts: Facts): { holds: boolean; points: Point[]; unsure?: true } {
  const { holds: verdict, unsure } = holds(condition, facts);
  return { holds: verdict, points: points(condition, facts, "", verdict), ...(unsure ? { unsure } : {}) };
}

function points(condition: Condition, facts: Facts, prefix: string, wanted: boolean): Point[] {
  return Object.entries(condition).flatMap(([word, value]): Point[] => {
    if (value === undefined) return [];
    const at = prefix === "" ? word : `${prefix}.${word}`;
    const verdict = holds({ [word]: value } as Condition, facts).holds;
    if (verdict !== wanted) return [];
    if (word === "any" || word === "all")
      return (value as Condition[]).flatMap((one, index) =>
        holds(one, facts).holds === wanted ? points(one, facts, `${at}[${index}]`, wanted) : [],
      );
    if (word === "not") return points(value as Condition, facts, at, !wanted);
    if (word === "person") return [{ at, asks: `is one of the people ${list(value as Json[])}`, found: facts.key, holds: verdict }];
    if (word === "entraGroup") return [{ at, asks: `belongs to the Entra group ${String(value)}`, holds: verdict }];
    if (word === "group") return [{ at, asks: `is wanted in the group ${String(value)}`, holds: verdict }];
    if (word === "hasDevice") return [{ at, ...asksOfDevice(value as Condition, facts), holds: verdict }];
    if (Object.hasOwn(FEED_OF, word))
      return [{ at, asks: `has ${asksOfFeed(word, value)}`, found: facts.fields[`halo:${FEED_OF[word]}`] ?? null, holds: verdict }];
    return [{ at, asks: asks(value), found: Object.hasOwn(facts.fields, word) ? (facts.fields[word] ?? null) : null, holds: verdict }];
  });
}

/** `has a device of which model is X and managed is true`, and of the devices there are what was asked. */
function asksOfDevice(wanted: { [property: string]: unknown }, { devices = [] }: Facts): Pick<Point, "asks" | "found"> {
  const asked = Object.entries(wanted).filter(([, test]) => test !== undefined);
  const lines = asked.map(([property, test]) => `${property} ${asks(test)}`);
  const names = [...new Set(["deviceName", ...asked.map(([property]) => property)])];
  return {
    asks: `has a device${lines.length > 0 ? ` of which ${lines.join(" and ")}` : ""}`,
    found: devices.map((device) => Object.fromEntries(names.map((name) => [name, device[name] ?? null]))),
  };
}

/** `the asset Laptop with Purpose is Developer`. */
function asksOfFeed(word: string, wanted: unknown): string {
  const thing = { hasAsset: "the asset", hasSoftware: "the software", hasTicket: "the ticket" }[word] ?? word;
  if (typeof wanted === "string" || Array.isArray(wanted)) return `${thing} ${list([wanted].flat())}`;
  const { type, ...tests } = wanted as { type: Json; [field: string]: unknown };
  const lines = Object.entries(tests).map(
    ([field, test]) => `${field} ${["starts", "ends", "person"].includes(field) ? `in ${String(test)}` : asks(test)}`,
  );
  return `${thing} ${list([type].flat())}${lines.length > 0 ? ` with ${lines.join(" and ")}` : ""}`;
}

function asks(wanted: unknown): string {
  if (Array.isArray(wanted)) return `is ${list(wanted as Json[])}`;
  if (typeof wanted === "object" && wanted !== null) {
    if ("empty" in wanted) return wanted.empty === true ? "is empty" : "is not empty";
    if ("matches" in wanted) return `matches ${String(wanted.matches)}`;
  }
  return `is ${String(wanted)}`;
}

function list(values: readonly unknown[]): string {
  const texts = values.map((one) => (typeof one === "object" ? asks(one) : String(one)));
  return texts.length < 2 ? (texts[0] ?? "nothing") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}
