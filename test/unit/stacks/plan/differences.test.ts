import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../../base/json.ts";
import { type Difference, differences } from "../../../../stacks/plan/differences.ts";

const sets = ["members", "skus:sku", "of.roles"];

describe("differences", () => {
  test("an attribute is one row with its dotted path", () => {
    const before = { person: "41", attributes: { title: "Deckhand", mail: "ada@example.org" } };
    const after = { person: "41", attributes: { title: "Team Lead", mail: "ada@example.org" } };
    expect(differences(before, after, { sets })).toEqual([{ path: "attributes.title", before: "Deckhand", after: "Team Lead" }]);
  });

  test("a new resource shows every leaf from nothing, members one by one, and that a set is empty on purpose", () => {
    expect(
      differences(undefined, { name: "GG", members: ["person:1", "dn:CN=a.b"], attributes: { title: "x" }, skus: [] }, { sets }),
    ).toEqual([
      { path: "attributes.title", before: null, after: "x" },
      { path: "members.dn:CN=a.b", before: null, after: "dn:CN=a.b" },
      { path: "members.person:1", before: null, after: "person:1" },
      { path: "name", before: null, after: "GG" },
      { path: "skus", before: null, after: [] },
    ]);
  });

  test("sets: one row a member gained or lost, whatever the order", () => {
    expect(differences({ members: ["b", "a", "c"] }, { members: ["c", "d", "a"] }, { sets })).toEqual([
      { path: "members.b", before: "b", after: null },
      { path: "members.d", before: null, after: "d" },
    ]);
    expect(differences({ members: ["a"] }, { members: [] }, { sets })).toEqual([{ path: "members.a", before: "a", after: null }]);
  });

  test("keyed sets: an entry that changed shows both states", () => {
    const e3 = { sku: "SPE_E3", without: ["YAMMER"] };
    expect(
      differences(
        { skus: [e3] },
        {
          skus: [
            { sku: "SPE_E5", without: [] },
            { ...e3, without: [] },
          ],
        },
        { sets },
      ),
    ).toEqual([
      { path: "skus.SPE_E3", before: e3, after: { sku: "SPE_E3", without: [] } },
      { path: "skus.SPE_E5", before: null, after: { sku: "SPE_E5", without: [] } },
    ]);
  });

  test("a keyed set finds the usual key by itself", () => {
    const was = [{ type: "CanEdit", value: "0" }];
    const is = [{ type: "CanEdit", value: "1" }];
    expect(differences({ permissions: was }, { permissions: is }, { sets: ["permissions"] })).toEqual([
      { path: "permissions.CanEdit", before: was[0], after: is[0] },
    ]);
  });

  test("an array that is no set is one value", () => {
    expect(differences({ attributes: { phones: ["1", "2"] } }, { attributes: { phones: ["2", "1"] } }, { sets })).toEqual([
      { path: "attributes.phones", before: ["1", "2"], after: ["2", "1"] },
    ]);
  });

  test("a key that is gone is no longer managed: one row, no member lost", () => {
    expect(differences({ members: ["a", "b"], name: "x" }, { name: "x" }, { sets })).toEqual([
      { path: "members", before: ["a", "b"], after: null },
    ]);
  });

  test("another type of value is one row", () => {
    expect(differences({ a: { b: 1 } }, { a: "b" }, { sets })).toEqual([{ path: "a", before: { b: 1 }, after: "b" }]);
    expect(differences({ a: ["b"] }, { a: { b: 1 } }, { sets })).toEqual([{ path: "a", before: ["b"], after: { b: 1 } }]);
    expect(differences({ enabled: "true" }, { enabled: true }, { sets })).toEqual([{ path: "enabled", before: "true", after: true }]);
  });

  test("members and keys named like parts of an object are seen", () => {
    expect(differences({ members: [] }, { members: ["__proto__", "constructor", "7"] }, { sets }).map((each) => each.after)).toEqual([
      "7",
      "__proto__",
      "constructor",
    ]);
    expect(differences({ constructor: ["a", "b"] } as Values, { constructor: ["b", "a"] } as Values, { sets })).toHaveLength(1);
    expect(differences({ keys: ["a", "b"] }, { keys: ["b", "a"] }, { sets })).toHaveLength(1);
  });

  test("null and absent are the same", () => {
    expect(differences({ a: null }, {}, { sets })).toEqual([]);
    expect(differences({}, { a: null }, { sets })).toEqual([]);
  });

  const key = fc.oneof(
    fc.constantFrom("name", "path", "attributes", "title", "constructor", "toString", "keys", "size"),
    fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !/[.]/u.test(text) && text !== "__proto__"),
  );
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const value: fc.Arbitrary<Json> = fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(scalar, { maxLength: 4 }),
    fc.dictionary(key, scalar, { maxKeys: 4 }).map((object) => ({ ...object })),
  );
  const nested = fc.dictionary(key, value, { maxKeys: 4 }).map((object) => ({ ...object }));
  const text = fc.oneof(fc.constantFrom("a", "b", "person:41", "dn:CN=x.y,DC=z", "__proto__", "7"), fc.string());
  const inputs: fc.Arbitrary<Values> = fc
    .record(
      {
        members: fc.uniqueArray(text, { maxLength: 6 }),
        skus: fc.uniqueArray(fc.record({ sku: text, without: fc.uniqueArray(text, { maxLength: 3 }) }), {
          selector: (entry) => entry.sku,
          maxLength: 4,
        }),
        of: fc.record({ roles: fc.uniqueArray(text, { maxLength: 4 }) }),
        attributes: nested,
        rest: value,
      },
      { requiredKeys: [] },
    )
    .map((object) => ({ ...object }) as Values);

  test("applying the differences to before gives after", () => {
    fc.assert(
      fc.property(fc.option(inputs, { nil: undefined }), inputs, (before, after) => {
        expect(ordered(apply(before ?? {}, differences(before, after, { sets })))).toEqual(ordered(after));
      }),
      { numRuns: 1000 },
    );
  });

  test("equal objects give none, in whatever order their sets stand", () => {
    fc.assert(
      fc.property(inputs, (values) => {
        expect(differences(values, structuredClone(values), { sets })).toEqual([]);
        expect(differences(values, reversed(values), { sets })).toEqual([]);
      }),
    );
  });

  test("rows are unique and in order", () => {
    fc.assert(
      fc.property(inputs, inputs, (before, after) => {
        const paths = differences(before, after, { sets }).map((each) => each.path);
        expect(paths).toEqual([...new Set(paths)].sort());
      }),
    );
  });

  test("5,000 members take no time worth naming", () => {
    const members = Array.from({ length: 5000 }, (_, index) => `person:${index}`);
    const start = performance.now();
    expect(differences({ members }, { members: [...members.slice(1), "person:new"] }, { sets })).toHaveLength(2);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

/** The plain meaning of a list of differences: what a reader would do with a pencil. */
function apply(before: Values, rows: readonly Difference[]): Values {
  const result = structuredClone(before);
  for (const row of rows) {
    const set = ["members", "skus", "of.roles"].find((path) => row.path.startsWith(`${path}.`));
    const steps = set === undefined ? row.path.split(".") : set.split(".");
    let place = result;
    for (const step of steps.slice(0, -1)) {
      if (!Object.hasOwn(place, step))
        Object.defineProperty(place, step, { value: {}, enumerable: true, writable: true, configurable: true });
      place = place[step] as Values;
    }
    const last = steps.at(-1) ?? "";
    if (set === undefined) {
      if (row.after === null) delete place[last];
      else place[last] = row.after;
      continue;
    }
    const member = row.path.slice(set.length + 1);
    const rest = ((place[last] ?? []) as Json[]).filter((entry) => nameOf(entry) !== member);
    place[last] = row.after === null ? rest : [...rest, row.after];
  }
  return result;
}

const nameOf = (entry: Json): string => (typeof entry === "string" ? entry : String((entry as Values)["sku"]));

function ordered(values: Values): Values {
  const sorted = (list: Json | undefined) =>
    Array.isArray(list) ? list.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) : (list ?? null);
  const copy: Values = { ...values };
  for (const set of ["members", "skus"]) if (set in copy) copy[set] = sorted(copy[set]);
  if ("of" in copy) copy["of"] = { ...(copy["of"] as Values), roles: sorted((copy["of"] as Values)["roles"]) };
  return copy;
}

function reversed(values: Values): Values {
  const copy = structuredClone(values);
  for (const set of ["members", "skus"]) if (Array.isArray(copy[set])) copy[set] = copy[set].toReversed();
  return copy;
}
