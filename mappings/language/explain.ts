/** Why a condition holds or does not, line by line: for people who ask. Pure. */
import type { Json } from "../../base/json.ts";
import { type Facts, holds } from "./condition.ts";
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
