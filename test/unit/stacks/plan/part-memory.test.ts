/** 15.4: what is remembered of people where only a part of a plan is applied, or nothing of it. */
import { expect, test } from "vitest";
import type { Plan } from "../../../../stacks/model/plan.ts";
import type { Memory, Remembered } from "../../../../stacks/model/types.ts";
import { memoryOfParts } from "../../../../stacks/plan/part-memory.ts";
import { planned, rulesOf, user } from "./parts/estate.ts";

const [before, today] = ["2026-12-01T08:00:00.000Z", "2027-01-04T08:00:00.000Z"];
const memory = (people: { [key: string]: Partial<Remembered> }, count = 3): Memory => ({
  ...{ format: "haloform.memory/1", source: { count, filled: {} } },
  people: Object.fromEntries(Object.entries(people).map(([key, one]) => [key, { name: `Person ${key}`, ...one }])),
});
const rules = rulesOf({ rules: { first: [{ kinds: ["joiner"], approvers: "nobody" }] }, otherwise: { one: ["ada@example.com"] } });
/** A plan that changes something of these people. */
const planFor = (...keys: string[]): Plan =>
  planned(
    keys.map((key) => ({ type: "ad:User", name: `person-${key}`, person: key, is: user(key), wish: user(key, { enabled: false }) })),
    keys.map((key) => ({ key })),
    { rules },
  );
const nothing = (last: Memory | undefined, next: Memory, plan: Plan) => memoryOfParts(last, next, plan, []);

test("where nothing waits it is what the whole plan would have remembered", () => {
  const next = memory({ 1: { leaverSince: today }, 2: {} }, 4);
  expect(nothing(memory({ 1: {}, 3: {} }), next, planFor())).toEqual(next);
});

test("of whom something waits it stays, but for the day on which they were first seen to have left", () => {
  const next = memory({ 1: { leaverSince: today, name: "Another" }, 2: { leaverSince: today } });
  const once = nothing(memory({ 1: {}, 2: {} }), next, planFor("1"));
  expect(once.people).toEqual({ 1: { name: "Person 1", seenLeaving: today }, 2: { name: "Person 2", leaverSince: today } });
  // The next day's plan counts from it, and so does this.
  expect(nothing(once, next, planFor("1"))).toEqual(once);
});

test("who comes back, and of whom that waits, is known to have left until it is done", () => {
  const last = memory({ 1: { leaverSince: before } });
  const plan = planFor("1");
  expect(nothing(last, memory({ 1: {} }), plan).people).toEqual(last.people);
  expect(memoryOfParts(last, memory({ 1: {} }), plan, plan.parts ?? []).people).toEqual({ 1: { name: "Person 1" } });
});

test("nobody is known before anything of them is done, unless they have left; and what a read is held against moves with what is done", () => {
  const next = memory({ 1: {}, 2: {}, 3: { leaverSince: today } }, 9);
  const plan = planFor("1");
  const kept = nothing(memory({}), next, plan);
  expect(kept).toEqual(memory({ 3: { leaverSince: today } }));
  expect(memoryOfParts(memory({}), next, plan, plan.parts ?? []).source.count).toBe(9);
});
