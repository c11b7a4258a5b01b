/** What the engine would do, worked out without it (stacks/plan/moves.ts); sparse.test.ts and engine.test.ts hold it against engines. */
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { inputsDigest } from "../../../../providers/core/approved.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { Run } from "../../../../providers/core/run.ts";
import type { DesiredResource, PreviousResource } from "../../../../stacks/model/types.ts";
import { movesOf, operationsOf } from "../../../../stacks/plan/moves.ts";

const type = "ad:OrganizationalUnit";
const dn = (name: string): string => `OU=${name},DC=corp,DC=example`;
const was = (name: string, more: Values = {}): PreviousResource => {
  const inputs = { distinguishedName: dn(name), ...more };
  return { type, name, id: `id-${name}`, inputs, outputs: { ...inputs, computed: { distinguishedName: dn(name) } } };
};
const there = (name: string, more: Values = {}): Live => ({ id: `id-${name}`, values: { distinguishedName: dn(name), ...more } });
const wish = (name: string, more: Values = {}): DesiredResource => ({
  type,
  name,
  inputs: { distinguishedName: dn(name), ...more },
  because: {},
});
const run = (live: Live[], more: Partial<Run> = {}): Run =>
  ({
    mode: "haloform",
    made: "2026-01-15T08:00:00Z",
    live: { [type]: live },
    people: { ad: {}, entra: {}, halo: {} },
    asked: {},
    ...more,
  }) as Run;
const of = async (
  resources: PreviousResource[],
  wished: DesiredResource[],
  live: Live[],
  more: { run?: Partial<Run>; parked?: string[] } = {},
) => {
  const { steps, moving } = await movesOf({ resources, parked: more.parked ?? [] }, wished, run(live, more.run));
  return {
    ops: Object.fromEntries(steps.map((one) => [one.name, one.op])),
    moving: [...moving].map((key) => key.split("::")[1]).sort(),
    steps,
  };
};

describe("what moves", () => {
  it("nothing where all is as it should be", async () => {
    expect(await of([was("A")], [wish("A")], [there("A")])).toMatchObject({ ops: { A: "same" }, moving: [] });
  });

  it("made, changed, put back, made again, let go of, gone and not wished", async () => {
    const described = { description: "x" };
    const before = [was("Same"), was("Changed", described), was("ByHand", described), was("Deleted"), was("Released"), was("Gone")];
    const wished = [wish("Same"), wish("New"), wish("Changed", { description: "y" }), wish("ByHand", described), wish("Deleted")];
    const live = [there("Same"), there("Changed", described), there("ByHand", { description: "by hand" }), there("Released")];
    const { ops, moving, steps } = await of(before, wished, live);
    expect(ops).toEqual({ Same: "same", New: "create", Changed: "update", ByHand: "update", Deleted: "create", Released: "delete" });
    expect(moving).toEqual(["ByHand", "Changed", "Deleted", "Gone", "New", "Released"]);
    expect(steps.find((one) => one.name === "ByHand")).toMatchObject({ before: { description: "by hand" }, after: described });
    expect(operationsOf(steps)).toEqual([
      { type, name: "New", op: "create", inputs: inputsDigest(wish("New").inputs) },
      { type, name: "Changed", op: "update", inputs: inputsDigest(wish("Changed", { description: "y" }).inputs) },
      { type, name: "ByHand", op: "update", inputs: inputsDigest(wish("ByHand", described).inputs) },
      { type, name: "Deleted", op: "create", inputs: inputsDigest(wish("Deleted").inputs) },
      { type, name: "Released", op: "delete" },
    ]);
  });

  it("what a refresh would only write down: another output, a parked creation, with nothing to do to it", async () => {
    const odd = { ...was("A"), outputs: { ...was("A").outputs, computed: { distinguishedName: "OU=Earlier" } } };
    expect(await of([odd], [wish("A")], [there("A")])).toMatchObject({ ops: { A: "same" }, moving: ["A"] });
    expect(await of([], [], [], { parked: [`${type}::P`] })).toMatchObject({ ops: {}, moving: ["P"] });
    expect(await of([], [wish("P")], [], { parked: [`${type}::P`] })).toMatchObject({ ops: { P: "create" }, moving: ["P"] });
  });

  it("what is not believed or is protected stays as it was left, also where it is not there", async () => {
    for (const more of [{ untouched: ["ad"] }, { held: [`${type} id-A`] }])
      expect(await of([was("A")], [wish("A")], [], { run: more })).toMatchObject({ ops: { A: "same" }, moving: [] });
  });
});

it("what cannot be is an error: twice the same, inputs that are none", async () => {
  await expect(of([], [wish("A"), wish("A")], [])).rejects.toThrow(`${type} A is wished twice.`);
  await expect(of([], [{ ...wish("A"), inputs: { distinguishedName: 1 } }], [])).rejects.toThrow("distinguishedName has a problem");
});
