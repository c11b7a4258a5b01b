/** Lists of the systems that are not believed: outside O2, O11. */
import { describe, expect, it } from "vitest";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { judgeTargets, withHanging } from "../../../../stacks/read/targets.ts";
import { account, guid, mappings, now } from "../world.ts";

const attributes = { department: "Sales", mail: "a@corp.example.com" };
const known = (count: number, more: object = {}): PreviousResource[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ type: "ad:User", name: `person-${index + 1}`, id: guid(index + 1), outputs: {} },
    inputs: { person: String(index + 1), name: "", path: "", enabled: true, sAMAccountName: `user${index + 1}`, attributes, ...more },
  }));
const live = (ids: readonly number[], department = "Sales") => ids.map((id) => account(id, {}, { department }));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const judged = async (previous: PreviousResource[], list: ReturnType<typeof live>, more: object = {}) => {
  const asked: string[] = [];
  const trust = { ...mappings().trust, ...more };
  const get = async (_: string, id: string) => (asked.push(id) > 0 ? undefined : account(1));
  const found = await judgeTargets({ all: { "ad:User": list }, previous, trust, now, get });
  return { said: [...found.values()].join(), asked: asked.length };
};

describe("a list", () => {
  it("that lacks too much is not believed, and nobody is asked for one by one", async () => {
    const { said, asked } = await judged(known(20), live(range(4, 20)));
    expect(said).toMatch(/accounts: 3 of the 20 that the state knows are missing: 15 %, more than the 10 % of trust\.lost/u);
    expect(asked).toBe(0);
    expect((await judged(known(20), live(range(4, 20)), { lost: 15 })).said).toBe("");
    expect((await judged(known(20), [], { lost: 100 })).said).toBe("");
  });

  it("that lacks a few, or one of one, is asked, with a cap", async () => {
    expect(await judged(known(20), live(range(3, 20)))).toEqual({ said: "", asked: 2 });
    expect(await judged(known(1), [])).toEqual({ said: "", asked: 1 });
    expect((await judged(known(2), [])).said).toContain("2 of the 2");
    expect((await judged(known(100), live(range(9, 100)))).asked).toBe(5);
  });

  it("lacks whom haloform itself has deleted without a word", async () => {
    expect(await judged([...known(20), ...known(40, { deleted: true }).slice(20)], live(range(1, 20)))).toEqual({ said: "", asked: 0 });
  });

  it("of which a field is empty for all who had it is not believed; for all but one it is", async () => {
    expect((await judged(known(5), live(range(1, 5), ""))).said).toMatch(
      /attributes\.department is empty for all 5 that had a value by the state/u,
    );
    expect((await judged(known(5), [...live(range(1, 4), ""), ...live([5])])).said).toBe("");
    expect((await judged(known(2), live(range(1, 2), ""))).said).toBe("");
    expect((await judged(known(5), live(range(1, 5), ""), { emptied: 100 })).said).toBe("");
  });
});

describe("what hangs on groups of Entra ID", () => {
  const halo = { grants: { every: [{ for: { entraGroup: "SG-Approvers" }, roles: ["Approver"] }] } };

  it("is left alone with them, and only then", () => {
    const doubted = new Map([["entra:Licence", "Entra ID is not believed"]]);
    expect([...withHanging(doubted, mappings({ halo }))].map(([type]) => type)).toEqual(["entra:Licence", "halo:*"]);
    expect([...withHanging(doubted, mappings())].map(([type]) => type)).toEqual(["entra:Licence"]);
    expect([...withHanging(new Map([["ad:User", "AD"]]), mappings({ halo }))].map(([type]) => type)).toEqual(["ad:User"]);
  });
});
