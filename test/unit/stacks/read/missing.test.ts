/** Whose absence counts: outside O7. */
import { describe, expect, it } from "vitest";
import type { Memory } from "../../../../stacks/model/types.ts";
import { askForMissing } from "../../../../stacks/read/missing.ts";
import { mappings, peopleDefault, record } from "../world.ts";

const known = (count: number, more: object = {}): Memory => ({
  format: "haloform.memory/1",
  source: { count, filled: {} },
  people: Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index + 1), { name: `Ada ${index + 1}`, ...more }])),
});

describe("outside O7: people whom a list lacks", () => {
  it("are asked for by the source's own id, once, and never a second time", async () => {
    const asked: string[] = [];
    const ask = async (id: string) => {
      asked.push(id);
      return id === "7" ? ("there" as const) : ("gone" as const);
    };
    const memory = known(3, { ref: "halo.users 7" });
    memory.people["2"] = { name: "Ada 2", absentSince: "2026-01-01T00:00:00.000Z" };
    const maps = mappings({ people: { ...peopleDefault, people: { ...peopleDefault.people, key: "other1" } } });
    const hidden = await askForMissing({ records: [record(1, { other1: "1" })], memory, mappings: maps, called: "Halo", ask });
    expect(asked).toEqual(["7"]);
    expect([...hidden]).toEqual([["3", "is missing in the list of Halo, which has the record by its id: hidden, and not gone"]]);
  });

  it("are at most 50 calls, evenly spread; where one is hidden nobody who was not asked for counts as gone", async () => {
    const asked: number[] = [];
    const given = { records: [], memory: known(400), mappings: mappings(), called: "Halo" };
    const gone = await askForMissing({ ...given, ask: async (id) => (asked.push(Number(id)) > 0 ? "gone" : "there") });
    expect(gone.size).toBe(0);
    expect(asked.length).toBe(50);
    expect(Math.max(...asked) - Math.min(...asked)).toBeGreaterThan(350);
    const some = await askForMissing({ ...given, ask: async (id) => (Number(id) > 390 ? "there" : "gone") });
    expect(some.size).toBe(400 - asked.filter((id) => id <= 390).length);
    expect([...some.values()].filter((why) => why.includes("of the 50 who were asked for and are not gone")).length).toBe(350);
  });

  it("of whoever is known under an earlier key the record's own counts: here they are not asked for, and gone they are", async () => {
    const asked: string[] = [];
    const ask = async (id: string) => (asked.push(id) > 0 ? ("gone" as const) : ("there" as const));
    const memory = known(1);
    memory.people["2"] = { name: "Ada 2", ref: "halo.users 902", key: "902" };
    memory.people["3"] = { name: "Ada 3", ref: "halo.users 903", key: "903" };
    // The key 3 is somebody else's by now.
    const records = [record(1), record(902), record(3)];
    await askForMissing({ records, memory, mappings: mappings(), called: "Halo", ask });
    expect(asked).toEqual(["903"]);
  });

  it("whoever cannot be asked for is not gone", async () => {
    const ask = async (): Promise<never> => Promise.reject(new Error("HaloITSM answers 503"));
    const hidden = await askForMissing({ records: [], memory: known(1), mappings: mappings(), called: "Halo", ask });
    expect([...hidden.values()]).toEqual(["is missing in the list of Halo, and asking for the record failed (HaloITSM answers 503)"]);
  });
});
