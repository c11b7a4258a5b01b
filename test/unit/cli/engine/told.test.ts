/** What the engine is told of, and the patterns by which it is told (cli/engine/told.ts). */
import { describe, expect, it } from "vitest";
import { toldOf } from "../../../../cli/engine/told.ts";
import type { DesiredResource } from "../../../../stacks/model/types.ts";
import { type Previous, parseExport } from "../../../../stacks/read/previous.ts";

const urn = (name: string, stack = "test"): string => `urn:pulumi:${stack}::haloform::pulumi-nodejs:dynamic/ad:User::${name}`;
const wish = (...names: string[]): DesiredResource[] => names.map((name) => ({ type: "ad:User", name, inputs: {}, because: {} }));
const state = (...names: string[]): Previous => ({
  ...parseExport({}),
  memory: { format: "haloform.memory/1", source: { count: 0, filled: {} }, people: {} },
  resources: names.map((name) => ({ type: "ad:User", name, id: name, inputs: {}, outputs: {} })),
});
const moving = (...names: string[]): Set<string> => new Set(names.map((name) => `ad:User::${name}`));

/** As the engine understands a target (pkg/resource/deploy, UrnTargets): `**` is anything, `*` anything without a colon. */
function matches(target: string, one: string): boolean {
  if (!target.includes("*")) return target === one;
  const text = target
    .split("**")
    .map((part) =>
      part
        .split("*")
        .map((each) => each.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&"))
        .join("[^:]*"),
    )
    .join(".*");
  return new RegExp(`^${text}$`, "u").test(one);
}

describe("of a state in shards", () => {
  const here = new Set(["ad:User::here", "ad:User::gone"]);
  const last = state("here", "there", "gone", "far");

  it("what lies there and moves is registered as if it were new; what goes and lies there is told to nobody", () => {
    const told = toldOf("test", { resources: wish("here", "there"), moving: moving("here", "there", "gone", "far") }, last, here);
    expect(told.resources.map((one) => one.name)).toEqual(["here", "there"]);
    const { target = [] } = told.options;
    expect(target).toContain(urn("here"));
    for (const [name, count] of [
      ["here", 1],
      ["there", 1],
      ["gone", 1],
      ["far", 0],
    ] as const)
      expect(
        target.filter((one) => matches(one, urn(name))),
        name,
      ).toHaveLength(count);
    expect(target).not.toContain(urn("there"));
  });

  it("told of everything, it is told of what is here and what moves", () => {
    const many = Array.from({ length: 1001 }, (_, index) => `new-${index}`);
    const told = toldOf("test", { resources: wish("here", "there", ...many), moving: moving(...many) }, last, here);
    expect(told.options).toEqual({});
    expect(told.resources.map((one) => one.name)).toEqual(["here", ...many]);
  });
});

describe("of a state of many", () => {
  it("what moves is registered and targeted, and nothing else", () => {
    const told = toldOf("test", { resources: wish("a", "b", "new"), moving: moving("b", "new", "gone") }, state("a", "b", "gone"));
    expect(told.resources.map((one) => one.name)).toEqual(["b", "new"]);
    const { target = [] } = told.options;
    for (const name of ["b", "new", "gone"])
      expect(
        target.filter((one) => matches(one, urn(name))),
        name,
      ).toHaveLength(1);
    for (const other of ["a", "b2", "newer", "go", "x::pulumi-nodejs:dynamic/ad:User::new"])
      expect(
        target.filter((one) => matches(one, urn(other))),
        other,
      ).toEqual([]);
    expect(target.filter((one) => matches(one, "urn:pulumi:test::haloform::pulumi:pulumi:Stack::haloform-test"))).toEqual([]);
    // What is not in the state, or will not be, is refused unless it is a pattern.
    expect(target.filter((one) => !one.includes("*"))).toEqual([urn("b")]);
  });

  it("where nothing moves there is a target all the same: without any, everything would be let go of", () => {
    const { resources, options } = toldOf("test", { resources: wish("a"), moving: new Set() }, state("a"));
    expect(resources).toEqual([]);
    expect(options.target).toHaveLength(1);
    expect(matches(options.target?.[0] ?? "", urn("a"))).toBe(false);
  });
});

it("in whole: a first run, a run that was cut off, a name that is a pattern, and thousands that move", () => {
  const resources = wish("a", "b");
  const whole = { resources, options: {} };
  const some = moving("a");
  expect(toldOf("test", { resources, moving: some }, undefined)).toEqual(whole);
  expect(toldOf("test", { resources, moving: some }, parseExport({}))).toEqual(whole);
  expect(toldOf("test", { resources, moving: some }, { ...state("a"), cutOff: true })).toEqual(whole);
  expect(toldOf("test", { resources, moving: moving("a*") }, state("a"))).toEqual(whole);
  const many = moving(...Array.from({ length: 1001 }, (_, index) => String(index)));
  expect(toldOf("test", { resources, moving: many }, state("a"))).toEqual(whole);
  expect(toldOf("test", { resources, moving: some }, state("a"))).not.toEqual(whole);
});
