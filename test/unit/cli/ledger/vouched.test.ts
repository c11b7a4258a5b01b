/** What lies in the state after a run is what was signed before and what the provider process gave: anything else is found. */
import { describe, expect, it } from "vitest";
import { type RunGiven, strangeIn } from "../../../../cli/ledger/vouched.ts";
import { type Given, valuesDigest } from "../../../../providers/core/given.ts";
import { dynamicPrefix, providerLine } from "../../../../providers/core/urn.ts";
import { chance } from "../../../../sandbox/random.ts";
import type { Memory } from "../../../../stacks/model/types.ts";

type Values = { [key: string]: unknown };
const urnOf = (type: string, name: string): string => `urn:pulumi:test::haloform::${type}::${name}`;
const row = (type: string, name: string, id: string, inputs: Values, computed: Values = { at: id }) => {
  const line = { __provider: providerLine(type) };
  return {
    ...{ urn: urnOf(dynamicPrefix + type, name), custom: true, id, type: dynamicPrefix + type, retainOnDelete: true },
    ...{ inputs: { ...inputs, ...line }, outputs: { ...inputs, computed, ...line }, modified: "2027-01-04T08:00:00Z" },
  };
};
type Row = ReturnType<typeof row>;
const stackOf = (outputs: Values) => ({
  ...{ urn: urnOf("pulumi:pulumi:Stack", "haloform-test"), custom: false, type: "pulumi:pulumi:Stack", outputs },
});
const memoryOf = (...keys: string[]) =>
  ({ format: "haloform.memory/1", people: Object.fromEntries(keys.map((key) => [key, { name: key }])) }) as unknown as Memory;
const given = (one: Row, made = false): Given => ({
  ...{ type: one.type.slice(dynamicPrefix.length), id: one.id, inputs: valuesDigest(one.inputs as never) },
  ...{ outputs: valuesDigest(one.outputs as never), ...(made ? { name: one.urn.split("::")[3] } : {}) },
});

const people = ["1", "2", "3", "4"].map((key) => row("ad:User", `person-${key}`, `guid-${key}`, { title: "Mate", person: key }));
const group = row("ad:Group", "GG-A", "guid-g", { members: ["person:1"], mode: "additive" });
const before = { resources: [stackOf({ memory: memoryOf("1", "2", "3", "4"), passwords: { a: "x" } }), ...people, group] };

// One is changed, one made, one gone from its system, one let go of, the group as it was.
const changed = row("ad:User", "person-1", "guid-1", { title: "Chief", person: "1" });
const joined = row("ad:User", "person-5", "guid-5", { title: "Cook", person: "5" });
const memory = memoryOf("1", "2", "5");
const run: RunGiven = {
  resources: ["person-1", "person-2", "person-5"].map((name) => ({ type: "ad:User", name })).concat([{ type: "ad:Group", name: "GG-A" }]),
  memory,
  given: [given(changed), given(joined, true), { type: "ad:User", id: "guid-3" }],
};
const left = () => structuredClone({ resources: [stackOf({ memory, passwords: { b: "y" } }), changed, people[1], joined, group] });

/** Every way to a value, and to each object and list. */
function ways(value: unknown, way: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, one]) => ways(one, [...way, key]))];
}

describe("security-1: what is signed after a run", () => {
  it("is what was signed before, and what the provider process gave since", () => {
    expect(strangeIn(before, left(), run)).toBeUndefined();
    expect(strangeIn(before, before, run)).toBeUndefined();
    expect(strangeIn(undefined, { resources: [] }, run)).toBeUndefined();
    expect(strangeIn(undefined, undefined, run)).toBeUndefined();
  });

  it("or of a run that was cut off, in part as before", () => {
    const cut = left();
    cut.resources[1] = people[0];
    cut.resources.splice(3, 1);
    expect(strangeIn(before, cut, run)).toBeUndefined();
  });

  it("where nothing has run, it is what was signed before but for passwords that wait", () => {
    const read = structuredClone(before);
    read.resources[0] = stackOf({ memory: memoryOf("1", "2", "3", "4") });
    expect(strangeIn(before, read)).toBeUndefined();
    expect(strangeIn(before, left())).toBe("the memory of people");
    expect(strangeIn(before, { resources: read.resources.slice(0, -1) })).toBe("ad:Group GG-A");
  });

  it("and nothing that was changed in any single place, in 400 places", () => {
    const random = chance(15);
    // What is not looked at, and the engine's own.
    const free = /\.(?:passwords(?:\..*)?|modified|retainOnDelete)$/u;
    const all = ways(left()).filter((way) => way.length > 1 && !free.test(`.${way.join(".")}`));
    const wrong: string[] = [];
    for (let round = 0; round < 400; round += 1) {
      const way = all[random.below(all.length)] ?? [];
      const state = left();
      let at = state as unknown as { [key: string | number]: unknown };
      for (const key of way.slice(0, -1)) at = at[key] as typeof at;
      const last = way.at(-1) as string;
      const was = at[last];
      const how = random.below(3);
      if (how === 0 && Array.isArray(at)) at.splice(Number(last), 1);
      else if (how === 0) delete at[last];
      else if (how === 1 && typeof was === "object" && was !== null) Array.isArray(was) ? was.push("x") : Object.assign(was, { more: "x" });
      else at[last] = typeof was === "string" ? `${was}x` : "other";
      const isJoinedGone = how === 0 && way.join(".") === "resources.3";
      // Whatever it is, it is not signed: by a word, or because it is none of haloform's.
      const found = ((): unknown => {
        try {
          return strangeIn(before, state, run);
        } catch (error) {
          return error;
        }
      })();
      if (found === undefined && !isJoinedGone) wrong.push(`${way.join(".")} ${how}`);
    }
    expect(wrong).toEqual([]);
  });

  it("nor a resource twice, another's values, a mark for the engine, or one taken out", () => {
    const twice = left();
    twice.resources.push(structuredClone(group));
    expect(strangeIn(before, twice, run)).toBe("ad:Group GG-A");
    const swapped = left();
    const [, one, other] = swapped.resources as [unknown, Row, Row];
    const { id, inputs, outputs } = one;
    Object.assign(one, { id: other.id, inputs: other.inputs, outputs: other.outputs });
    Object.assign(other, { id, inputs, outputs });
    expect(strangeIn(before, swapped, run)).toBe("ad:User person-1");
    for (const mark of [{ delete: true }, { external: true }, { protect: false }, { importID: "x" }]) {
      const marked = left();
      Object.assign(marked.resources[4] as object, mark);
      expect(strangeIn(before, marked, run)).toBe("ad:Group GG-A");
    }
    const less = left();
    less.resources.splice(2, 1);
    expect(strangeIn(before, less, run)).toBe("ad:User person-2");
    expect(strangeIn(before, { ...left(), pending_operations: [{ type: "creating" }] }, run)).toBe(
      "operations that are said to be pending",
    );
  });
});
