/** Values, fields and patterns of conditions that no record has, or that more records have than was meant. Pure. */
import type { Json } from "../../base/json.ts";
import { didYouMean, few, fold, guess, nearest, same } from "../../base/text.ts";
import { holds } from "../../mappings/language/condition.ts";
import { isEmpty } from "../../mappings/language/empty.ts";
import { type Test, testsIn } from "../../mappings/language/explain.ts";
import { isAnchored } from "../../mappings/language/pattern.ts";
import { regex } from "../../mappings/language/regex.ts";
import type { Rule } from "../../mappings/rules.ts";
import type { Condition, Mappings } from "../../mappings/schema/all.ts";
import { textOf } from "../model/values.ts";
import { unpadded } from "../read/protected.ts";
import { type CheckWorld, common, type Warning } from "./warning.ts";

/** What stands in one field, each value once, and how many have it. */
type Held = ReadonlyMap<Json, { value: Json; count: number }>;
type Rows = readonly { readonly [field: string]: Json }[];

export function valueWarnings(world: CheckWorld, rules: readonly Rule[]): Warning[] {
  const { mappings, roster, live, facts } = world;
  const everybody = [...roster.rows, ...roster.excluded.values(), ...[...roster.duplicated.values()].flat()];
  const records = shelf(everybody.map(({ record }) => record.fields));
  const devices = live && shelf(roster.rows.flatMap(({ key }) => facts(key)?.devices ?? []));
  const keys = new Map(everybody.map(({ key }) => [fold(key), key]));
  const found = rules.flatMap((rule): Warning[] =>
    testsIn(rule.condition).flatMap((test): Warning[] => {
      // Where a condition is left out there is nothing to look at.
      const at = mappings.at([...rule.path, ...test.path]);
      if (test.of === "person") return keys.has(fold(String(test.wanted))) ? [] : [nobodyIs(at, String(test.wanted), [...keys.values()])];
      if (test.of === "entraGroup") return noGroup(at, String(test.wanted), world);
      // What a feed does not have the read of it has told.
      if (test.of === "feed") return patternWarning(at, test, undefined);
      const shelves = test.of === "device" ? devices : records;
      return [
        ...patternWarning(at, test, shelves),
        ...(shelves ? testWarning(at, test, shelves, test.of === "device" ? "device" : "record") : []),
      ];
    }),
  );
  const named = keysIn(mappings).flatMap(([key, path]) =>
    keys.has(fold(key)) ? [] : [nobodyIs(mappings.at(path), key, [...keys.values()])],
  );
  return [...found, ...named, ...emptyFields(mappings, records, found)];
}

/** Keys of people outside of conditions, and where they stand; not those that people had before. */
function keysIn({ people, ad }: Mappings): [key: string, path: (string | number)[]][] {
  const answers = (["groups", "ous"] as const).flatMap((list) =>
    (ad?.[list] ?? []).flatMap((one, index): [unknown, (string | number)[]][] =>
      typeof one === "object" && one.managedBy && "person" in one.managedBy
        ? [[one.managedBy.person, ["ad", list, index, "managedBy", "person"]]]
        : [],
    ),
  );
  const pairs = (["same", "different"] as const).flatMap((list) =>
    people.newKey[list].map(({ person }, index): [unknown, (string | number)[]] => [
      person,
      ["people", "people", "newKey", list, index, "person"],
    ]),
  );
  return [...answers, ...pairs].map(([key, path]) => [String(key), path]);
}

interface Shelf {
  of(field: string): Held;
  /** Whether anything stands in a field. */
  has(field: string): boolean;
  /** All fields in which something does. */
  filled(): string[];
}

/** What stands in the fields of all rows, each looked through once it is asked for. */
function shelf(rows: Rows): Shelf {
  const fields = new Map<string, Held>();
  let filled: string[] | undefined;
  return {
    of(field) {
      const known = fields.get(field);
      if (known) return known;
      const held = new Map<Json, { value: Json; count: number }>();
      for (const row of rows) {
        const value = Object.hasOwn(row, field) ? (row[field] ?? null) : null;
        for (const one of Array.isArray(value) && value.length > 0 ? value : [value]) {
          const key = typeof one === "object" ? JSON.stringify(one) : one;
          const seen = held.get(key);
          if (seen) seen.count += 1;
          else held.set(key, { value: one, count: 1 });
        }
      }
      fields.set(field, held);
      return held;
    },
    has: (field) => rows.some((row) => Object.hasOwn(row, field) && !isEmpty(row[field])),
    filled() {
      filled ??= [...new Set(rows.flatMap((row) => Object.keys(row).filter((field) => !isEmpty(row[field]))))];
      return filled;
    },
  };
}

const passes = (field: string, wanted: unknown, value: Json): boolean =>
  holds({ [field]: wanted } as Condition, { fields: value === null ? {} : { [field]: value }, key: "", groups: new Set() }).holds;

function testWarning(rule: string, { field, wanted }: Test, shelves: Shelf, what: "record" | "device"): Warning[] {
  const held = shelves.of(field);
  if ([...held.values()].some(({ value }) => passes(field, wanted, value))) return [];
  const full = [...held.values()].filter(({ value }) => !isEmpty(value));
  if (full.length === 0)
    return [{ rule, kind: "field", text: `no ${what} has anything in the field ${field}${didYouMean(nearest(field, shelves.filled()))}` }];
  const pattern = patternOf(wanted);
  if (typeof wanted === "object" && pattern === undefined) return [];
  const texts = new Map(full.map(({ value, count }) => [String(value), count]));
  const near = pattern === undefined ? nearest(String(wanted), texts.keys()) : undefined;
  const text =
    pattern === undefined
      ? `no ${what} has the ${field} ${JSON.stringify(wanted)}`
      : `no ${what} has a ${field} in which ${pattern} is found`;
  const named = near !== undefined ? [near] : texts.size <= 6 ? [...texts.keys()] : [];
  const there =
    named.length > 0
      ? `; there is ${few(
          named.map((one) => JSON.stringify(one)),
          6,
        )}`
      : undefined;
  const hint = near !== undefined ? didYouMean(near) : there;
  const isRare = named.some((one) => (texts.get(one) ?? 0) < common);
  return [{ rule, kind: "value", text, ...(hint === undefined ? {} : { hint }), ...(hint !== undefined && isRare ? { isRare } : {}) }];
}

const patternOf = (wanted: Test["wanted"]): string | undefined =>
  typeof wanted === "object" && wanted !== null && "matches" in wanted ? String(wanted["matches"]) : undefined;

/** `Field` is found in "Battlefield" too. */
function patternWarning(rule: string, { field, wanted }: Test, shelves: Shelf | undefined): Warning[] {
  const pattern = patternOf(wanted);
  if (pattern === undefined || isAnchored(pattern)) return [];
  const begins = regex(`^(?:${pattern})`);
  const others = [...(shelves?.of(field).values() ?? [])].filter(
    ({ value }) => passes(field, wanted, value) && !begins.test(String(value).trim()),
  );
  const text = `matches: ${pattern} is found anywhere in ${field}; begin it with ^ or end it with $, or write .* where it may stand anywhere`;
  if (others.length === 0) return [{ rule, kind: "pattern", text }];
  const hint = `; it is found within ${few(
    others.map(({ value }) => JSON.stringify(String(value))),
    3,
  )}`;
  return [{ rule, kind: "pattern", text, hint, ...(others.some(({ count }) => count < common) ? { isRare: true as const } : {}) }];
}

/** A group that Entra ID does not have, and that the mapping does not make. Groups that are read with people are missed there. */
function noGroup(rule: string, name: string, { live, mappings }: CheckWorld): Warning[] {
  const read = live?.["entra:Group"];
  if (!read) return [];
  const names = [...read.map(({ values }) => textOf(values["name"])), ...(mappings.entra?.groups ?? []).map((group) => group.name)];
  if (names.some((one) => same(one, name))) return [];
  return [{ rule, kind: "value", text: `Entra ID has no group ${name}${guess(name, names)}` }];
}

function nobodyIs(rule: string, key: string, keys: readonly string[]): Warning {
  const near = keys.find((one) => unpadded(one) === unpadded(key));
  return {
    rule,
    kind: "value",
    text: `nobody has the key ${key}`,
    ...(near === undefined ? {} : { hint: didYouMean(near), isRare: true }),
  };
}

/** Fields that something reads besides conditions and that no record has anything in; `told`: by conditions. */
function emptyFields({ named = new Map<string, readonly string[]>() }: Mappings, records: Shelf, told: readonly Warning[]): Warning[] {
  return [...named].flatMap(([field, places]): Warning[] => {
    if (records.has(field)) return [];
    const text = `no record has anything in the field ${field}${didYouMean(nearest(field, records.filled()))}`;
    const rule = places.find((place) => !told.some((one) => one.rule === place && one.text === text));
    return rule === undefined ? [] : [{ rule, kind: "field", text }];
  });
}
