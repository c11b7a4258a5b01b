/** What is wished of a part: what it holds, and the rest as it is; in whatever order parts are applied, the end is the whole plan's. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import type { PlanPart } from "../../../../../stacks/model/plan.ts";
import { partWish } from "../../../../../stacks/plan/parts/part-wish.ts";
import { planOf } from "../../../../../stacks/plan/plan.ts";
import { given, group, rulesOf, type Said, type Thing, user } from "./estate.ts";

const otherwise = { one: ["ada@example.com"] };
const said: Said = {
  rules: {
    first: [
      { kinds: ["joiner", "leaver"], approvers: "nobody" },
      { for: { person: [1, 3, 5] }, approvers: { one: ["ben@example.com"] } },
    ],
  },
  otherwise,
};
const people = [..."12345678"].map((key) => ({ key }));

/** Plans, and applies those parts that `choose` gives; what is there then. */
function step(
  things: readonly Thing[],
  choose: (parts: readonly PlanPart[]) => readonly PlanPart[],
): { things: Thing[]; parts: PlanPart[]; changing: ReadonlySet<string> } {
  const input = given(things, people, { rules: rulesOf(said) });
  const plan = planOf(input);
  const parts = plan.parts ?? [];
  const chosen = choose(parts);
  const { resources, changing } = partWish(
    { plan, resources: input.wish.resources, steps: input.steps, was: input.was },
    chosen,
    chosen.some(({ changes }) => changes.length === 0),
  );
  const made = new Map(resources.map(({ type, name, inputs }) => [`${type}::${name}`, inputs]));
  const next = things.map(({ is: _is, state: _state, ...thing }): Thing => {
    const now = made.get(`${thing.type}::${thing.name}`);
    return { ...thing, ...(now ? { is: now, state: now } : {}) };
  });
  return { things: next, parts, changing };
}

const is = (things: readonly Thing[]): { [name: string]: Values | undefined } =>
  Object.fromEntries(things.map((one) => [one.name, one.is]));
const wished = (things: readonly Thing[]): { [name: string]: Values | undefined } =>
  Object.fromEntries(things.map((one) => [one.name, one.wish]));
const groupThing = (name: string, now: string[], wish: string[], more: Values = {}, was: Values = {}): Thing => ({
  ...{ type: "ad:Group", name, is: group(name, now, was), wish: group(name, wish, more) },
});
const only =
  (...ids: string[]) =>
  (parts: readonly PlanPart[]) =>
    parts.filter(({ id }) => ids.includes(id));

describe("the wish of a part", () => {
  test("of a group only the entries of the part change; everybody else stays, known to haloform or not", () => {
    const things = [
      groupThing("GG-A", ["1", "2", "id:foreign"], ["3", "4"], { mode: "exact" }),
      { type: "ad:User", name: "person-4", person: "4", wish: user("4") },
    ];
    const first = step(things, only("joiners-1"));
    expect(first.parts.map(({ id }) => id)).toEqual(["joiners-1", "movers-1", "movers-2", "less-1"]);
    expect([...first.changing].sort()).toEqual(["ad:Group::GG-A", "ad:User::person-4"]);
    expect(is(first.things)["GG-A"]?.["members"]).toEqual(["id:foreign", "person:1", "person:2", "person:4"]);
    // Of 3 and 1, whom the second line is for.
    const second = step(first.things, (parts) => parts.filter((part) => part.people.includes("3")));
    expect(is(second.things)["GG-A"]?.["members"]).toEqual(["id:foreign", "person:2", "person:3", "person:4"]);
  });

  test("what is not of the part is not begun, not let go of and not changed", () => {
    const things: Thing[] = [
      { type: "ad:User", name: "person-1", person: "1", wish: user("1") },
      { type: "ad:User", name: "person-2", person: "2", is: user("2"), wish: user("2", { enabled: false }) },
      { type: "ad:Group", name: "GG-Old", is: group("GG-Old", ["2"]) },
      groupThing("GG-A", [], [], { description: "new" }, { description: "old" }),
    ];
    const { things: after, changing } = step(things, only("joiners-1"));
    expect([...changing]).toEqual(["ad:User::person-1"]);
    expect(is(after)).toEqual({
      "person-1": user("1"),
      "person-2": user("2"),
      "GG-Old": group("GG-Old", ["2"]),
      "GG-A": group("GG-A", [], { description: "old" }),
    });
  });

  test("a group that is kept in another way takes nobody out who is not of the part", () => {
    // Under `additive` the foreign member was nobody's business; under `exact` it goes, by whoever approves the group's own change.
    const thing: Thing = {
      ...groupThing("GG-A", ["2"], ["2", "3"], { mode: "exact" }, { mode: "additive" }),
      state: group("GG-A", ["2"], { mode: "additive" }),
    };
    const input = given([thing], people, { rules: rulesOf(said) });
    const was = new Map([["ad:Group::GG-A", group("GG-A", ["2", "id:foreign"], { mode: "exact" })]]);
    const plan = planOf({ ...input, was });
    const mine = plan.parts?.filter((part) => part.people.includes("3")) ?? [];
    const { resources } = partWish({ plan, resources: input.wish.resources, steps: input.steps, was }, mine, false);
    expect(resources[0]?.inputs).toEqual(group("GG-A", ["2", "3"], { mode: "additive" }));
  });

  test("of a team and a board of one name each has its own members, whatever is taken over besides", () => {
    const halo = (type: string, now: string[], wish: string[], more: Values = {}): Thing => {
      const members = (keys: string[]): Values => ({ name: "CAB", mode: "exact", ...more, members: keys.map((key) => `person:${key}`) });
      return { type, name: "CAB", is: members(now), wish: members(wish) };
    };
    const things = [halo("halo:Team", ["1"], ["2"]), halo("halo:ChangeAdvisoryBoard", ["4"], ["2", "3"], { as: "agent" })];
    const input = given(things, people, { rules: rulesOf(said) });
    const plan = planOf(input);
    const whole = { plan, resources: input.wish.resources, steps: input.steps, was: input.was };
    const membersBy = (chosen: readonly PlanPart[], quiet: boolean) =>
      partWish(whole, chosen, quiet).resources.map(({ inputs }) => inputs["members"]);
    expect(membersBy([], true)).toEqual([["person:1"], ["person:4"]]);
    const [mine] = plan.parts?.filter((part) => part.people.includes("3")) ?? [];
    expect(mine?.people).toEqual(["1", "3"]);
    expect(membersBy(mine ? [mine] : [], false)).toEqual([[], ["person:3", "person:4"]]);
  });
});

const things = fc.tuple(
  fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom("new", "off", "details", "same")), { maxLength: 8 }),
  fc.array(
    fc.tuple(fc.constantFrom("A", "B", "C"), fc.subarray([..."12345678"]), fc.subarray([..."12345678"]), fc.boolean(), fc.boolean()),
    { maxLength: 3 },
  ),
);
const estate = ([users, groups]: [
  readonly (readonly [number, string])[],
  readonly (readonly [string, string[], string[], boolean, boolean])[],
]): Thing[] => [
  ...new Map(
    users.map(([number, kind]): [number, Thing] => {
      const key = String(number);
      const thing = { type: "ad:User", name: `person-${key}`, person: key };
      if (kind === "new") return [number, { ...thing, wish: user(key) }];
      const wish =
        kind === "off"
          ? user(key, { enabled: false })
          : kind === "details"
            ? user(key, { attributes: { title: "Deckhand", telephoneNumber: "7" } })
            : user(key);
      return [number, { ...thing, is: user(key), wish }];
    }),
  ).values(),
  ...new Map(
    groups.map(([name, now, then, isNew, renamed]): [string, Thing] => {
      const wish = group(name, then, renamed ? { description: "new" } : {});
      return [name, isNew ? { type: "ad:Group", name, wish } : { type: "ad:Group", name, is: group(name, now), wish }];
    }),
  ).values(),
];

test("parts applied in any order, alone or several at once, end where the whole plan ends, and each changes only its own", () => {
  fc.assert(
    fc.property(things.map(estate), fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (start, dice) => {
      let now = start;
      let rolls = 0;
      for (let round = 0; round < 30; round += 1) {
        const before = is(now);
        const {
          things: next,
          parts,
          changing,
        } = step(now, (all) => {
          const first = all[(dice[rolls++ % dice.length] ?? 0) % Math.max(all.length, 1)];
          return all.filter((part) => part === first || (dice[rolls++ % dice.length] ?? 0) % 3 === 0);
        });
        for (const { type, name } of now) if (!changing.has(`${type}::${name}`)) expect(is(next)[name]).toEqual(before[name]);
        now = next;
        if (parts.length === 0) break;
      }
      expect(is(now)).toEqual(wished(start));
      expect(step(now, (all) => all).parts).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
