/** 15.8: what somebody changed by hand is put back cause by cause; what is not of the cause stays as it is, and stays drift. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { definition } from "../../../../../providers/registry.ts";
import type { PutBack } from "../../../../../stacks/model/plan.ts";
import type { Memory } from "../../../../../stacks/model/types.ts";
import { differences } from "../../../../../stacks/plan/differences.ts";
import { heldAfter, wantedIn } from "../../../../../stacks/plan/held.ts";
import { putBackWish } from "../../../../../stacks/plan/parts/part-wish.ts";
import { worldKey } from "../../../../../stacks/plan/world.ts";
import { given, group, type Thing, user } from "./estate.ts";

const memory = (held?: Memory["held"]): Memory => ({
  ...{ format: "haloform.memory/1", source: { count: 1, filled: {} }, people: {} },
  ...(held ? { held } : {}),
});

/** What was changed by hand, a row a field, as `haloform drift` finds it. */
function drift(things: readonly Thing[], held: Memory["held"]): string[] {
  const { previous = [] } = given(things, []);
  const is = new Map(things.map((one) => [worldKey(one), one.is]));
  return wantedIn({ resources: previous, memory: memory(held) }).flatMap((one) => {
    const now = is.get(worldKey(one));
    return now ? differences(one.inputs, now, definition(one.type)).map(({ path }) => `${worldKey(one)} ${path}`) : [`${worldKey(one)} `];
  });
}

/** Puts back those rows, as an `up` of the plan of one cause does. */
function putBack(
  things: readonly Thing[],
  held: Memory["held"],
  rows: readonly string[],
): { things: Thing[]; held: Memory["held"]; changing: string[] } {
  const { previous = [], ...input } = given(things, []);
  const last = { resources: previous, memory: memory(held) };
  const of = (thing: Thing): PutBack[] => {
    const paths = rows.flatMap((row) => (row.startsWith(`${worldKey(thing)} `) ? row.slice(worldKey(thing).length + 1) : []));
    return paths.length === 0 ? [] : [{ type: thing.type, resource: thing.name, paths: paths.filter((path) => path !== "") }];
  };
  const whole = { resources: input.wish.resources, steps: input.steps, was: input.was };
  const { resources, changing } = putBackWish(whole, things.flatMap(of), wantedIn(last));
  const made = new Map(resources.map((one) => [worldKey(one), one.inputs]));
  const steps = things.flatMap(({ type, name, is }) => {
    const after = made.get(worldKey({ type, name }));
    return changing.has(worldKey({ type, name })) && after
      ? [{ op: is ? ("update" as const) : ("create" as const), type, name, ...(is ? { before: is } : {}), after }]
      : [];
  });
  const next = things.map((thing): Thing => {
    const now = changing.has(worldKey(thing)) ? made.get(worldKey(thing)) : undefined;
    return now ? { ...thing, is: now, state: now } : thing;
  });
  return { things: next, held: heldAfter(last, steps), changing: [...changing].sort() };
}

const person = (key: string, is: Thing["is"]): Thing => ({
  ...{ type: "ad:User", name: `person-${key}`, person: key, state: user(key), wish: user(key) },
  ...(is ? { is } : {}),
});

test("one person of two whom somebody put into a group is taken out, and the other is drift still, with what was wanted", () => {
  const staff: Thing = {
    type: "ad:Group",
    name: "GG-A",
    is: group("GG-A", ["1", "2", "3"]),
    state: group("GG-A", ["1"]),
    wish: group("GG-A", ["1"]),
  };
  const one = putBack([staff], undefined, ["ad:Group::GG-A members.person:2"]);
  expect(one.things[0]?.is?.["members"]).toEqual(["person:1", "person:3"]);
  expect(one.held).toEqual({ "ad:Group::GG-A": { "members.person:3": null } });
  expect(drift(one.things, one.held)).toEqual(["ad:Group::GG-A members.person:3"]);
  const both = putBack(one.things, one.held, ["ad:Group::GG-A members.person:3"]);
  expect([both.things[0]?.is?.["members"], both.held, drift(both.things, both.held)]).toEqual([["person:1"], undefined, []]);
});

test("what is wished otherwise by now is not put back, and what nobody changed by hand is not done", () => {
  const titled = (title: string) => user("1", { attributes: { title, userPrincipalName: "p1@corp.example.com" } });
  const mover: Thing = { ...person("1", titled("By hand")), wish: titled("Bosun") };
  expect(putBack([mover], undefined, ["ad:User::person-1 attributes.title"]).things[0]?.is).toEqual(titled("By hand"));
  const joiner: Thing = { type: "ad:User", name: "person-9", person: "9", wish: user("9") };
  expect(putBack([joiner], undefined, ["ad:User::person-9 "]).changing).toEqual([]);
});

test("in whatever order causes are put back, each does its own and nothing else, and the end is what was applied", () => {
  const estate = fc.record({
    titles: fc.array(fc.constantFrom("Deckhand", "By hand", undefined), { minLength: 4, maxLength: 4 }),
    phones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    members: fc.array(fc.tuple(fc.subarray([..."1234"]), fc.subarray([..."1234"])), { minLength: 1, maxLength: 2 }),
    causes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
  });
  fc.assert(
    fc.property(estate, ({ titles, phones, members, causes }) => {
      let things: Thing[] = [
        ...titles.map((title, index) => {
          const key = String(index + 1);
          const attributes = {
            title: title ?? "",
            userPrincipalName: `p${key}@corp.example.com`,
            ...(phones[index] ? { mobile: "1" } : {}),
          };
          return person(key, title === undefined ? undefined : user(key, { attributes }));
        }),
        ...members.map(([was, is], index): Thing => {
          const name = `GG-${index}`;
          return { type: "ad:Group", name, is: group(name, is), state: group(name, was), wish: group(name, was) };
        }),
      ];
      let held: Memory["held"];
      const all = drift(things, held);
      for (const cause of [0, 1, 2, 3]) {
        const mine = all.filter((_, index) => causes[index] === cause);
        const before = drift(things, held);
        const done = putBack(things, held, mine);
        expect(done.changing).toEqual([...new Set(mine.map((row) => row.slice(0, row.indexOf(" "))))].sort());
        ({ things, held } = done);
        expect(drift(things, held)).toEqual(before.filter((row) => !mine.includes(row)));
      }
      for (const { is, wish } of things) expect(is).toEqual(wish);
      expect(held).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
