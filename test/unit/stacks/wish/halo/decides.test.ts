/** Halo decides who has a licence (H13, decision 0084): what may take one away, and that nothing else does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { type Wish, wish } from "../../../../../stacks/wish/wish.ts";
import { doubted, entraUser, mappings, peopleDefault, record, world } from "../../world.ts";

const count = 8;
const numbers = Array.from({ length: count }, (_, index) => index + 1);
const sku = { sku: "SPE_E3", without: [] };
const maps = (decides: "entra" | "halo") =>
  mappings({
    ad: null,
    entra: { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } },
    halo: { licences: { client: 12, decides } },
  });

interface State {
  /** Numbers of people. */
  has: number[];
  linked: number[];
  /** Who the last run in this mode wished linked; undefined: it ran in another mode. */
  seen: number[] | undefined;
}

function plan({ has, linked, seen }: State, more: object = {}): Wish {
  const person = (id: number): Live =>
    entraUser(`e${id}`, {
      employeeId: String(id),
      mail: `user${id}@corp.example.com`,
      usageLocation: "GB",
      direct: has.includes(id) ? [sku] : [],
    });
  const before = (inputs: { [name: string]: Json }) => ({ type: "halo:Licence", name: "client-12-SPE_E3", id: "900", inputs, outputs: {} });
  return wish(
    world({
      mappings: maps("halo"),
      records: numbers.map((id) => record(id)),
      previous: [
        before({
          ...{ client: 12, sku: "SPE_E3", count: 50 },
          users: (seen ?? numbers).map((id) => `person:${id}`),
          ...(seen ? { decides: "halo" } : {}),
        }),
      ] as never,
      live: {
        "entra:Licence": numbers.map(person),
        "entra:Sku": [{ id: "s", values: { name: "SPE_E3", owned: 50, used: has.length, state: "Enabled", plans: [] } }],
        "halo:Licence": [{ id: "900", values: { client: 12, sku: "SPE_E3", name: "SPE_E3", count: 50, imported: 0, users: linked } }],
      },
      ...more,
    }),
  );
}
const withLicence = (made: Wish): number[] =>
  made.resources
    .filter((one) => one.type === "entra:Licence" && (one.inputs["skus"] as Json[]).length > 0)
    .map((one) => Number(one.person))
    .sort((a, b) => a - b);
const linkedBy = (made: Wish): number[] =>
  ((made.resources.find((one) => one.type === "halo:Licence")?.inputs["users"] ?? []) as string[])
    .map((ref) => Number(ref.replace("person:", "")))
    .sort((a, b) => a - b);

const some = fc.subarray(numbers);
const within = (of: number[], most: number): boolean => of.length < 3 || (of.length / Math.max(1, most)) * 100 <= 10;

describe("H13: Halo decides who has a licence", () => {
  it("whatever is linked, held and seen: only who was seen linked and is not any more loses it; who has it and was not is linked", () => {
    fc.assert(
      fc.property(some, some, fc.option(some, { nil: undefined }), (has, linked, seen) => {
        const made = plan({ has, linked, seen });
        const unlinked = (seen ?? []).filter((id) => !linked.includes(id));
        const takes = within(unlinked, (seen ?? []).length);
        const expected = numbers.filter((id) => linked.includes(id) || (has.includes(id) && !(takes && unlinked.includes(id))));
        expect(withLicence(made)).toEqual(expected);
        // The switch itself takes nothing from anybody.
        if (seen === undefined) expect(withLicence(made)).toEqual(expect.arrayContaining(has));
        const first = has.filter((id) => !linked.includes(id) && !(seen ?? []).includes(id));
        expect(linkedBy(made)).toEqual(expect.arrayContaining([...linked, ...first]));
        // Nobody is linked whom Halo has unlinked, but where so many are gone that it is not believed.
        if (takes) expect(linkedBy(made)).toEqual([...new Set([...linked, ...first])].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  it("a doubted read of people, links that were not read, and an empty list of them take nothing", () => {
    const state = { has: numbers, linked: [2, 3, 4, 5, 6, 7, 8], seen: numbers };
    expect(withLicence(plan(state))).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const inDoubt = plan(state, { trust: doubted }).resources.filter((one) => one.type === "entra:Licence");
    expect(inDoubt.filter((one) => (one.inputs["skus"] as Json[]).length === 0)).toEqual([]);
    const empty = plan({ ...state, linked: [] });
    expect(withLicence(empty)).toEqual(numbers);
    expect(empty.notes.join("\n")).toMatch(/8 of 8 people are no longer linked to SPE_E3 in Halo, more than the 10 % of trust\.lost/u);
    // They stay those who were seen, so that the links come back to nobody's harm.
    expect(linkedBy(empty)).toEqual(numbers);
  });

  it("whoever is no user of Halo counts as linked to nothing, and as unlinked from nothing", () => {
    const people = { ...peopleDefault, people: { ...peopleDefault.people, key: "custom.CFNumber" } };
    const state = { has: numbers, linked: [3, 4, 5, 6, 7, 8], seen: [...numbers, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22] };
    const gone = Object.fromEntries([9, 10, 11].map((id) => [String(id), { name: `Gone ${id}` }]));
    const made = plan(state, {
      mappings: { ...maps("halo"), people: mappings({ people }).people },
      records: numbers.map((id) => record(id, { "custom.CFNumber": String(id) })),
      memory: { format: "haloform.memory/1", source: { count: 1, filled: {} }, people: gone },
    });
    // Two were unlinked, which is nothing to doubt; those who are gone have no number in Halo.
    expect(made.notes.join("\n")).not.toMatch(/no longer linked/u);
    expect(withLicence(made)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it("says at the switch whom it links first, and why somebody loses it", () => {
    const made = plan({ has: [1, 2], linked: [], seen: undefined });
    expect(made.notes.join("\n")).toMatch(/Halo decides who has SPE_E3 .*2 people have it and are linked in Halo first/u);
    const taken = plan({ has: [1, 2], linked: [2], seen: [1, 2] });
    const why = taken.resources.find((one) => one.type === "entra:Licence" && one.person === "1")?.because["skus.SPE_E3"];
    expect(why?.note).toBe("is no longer linked in Halo");
  });
});
