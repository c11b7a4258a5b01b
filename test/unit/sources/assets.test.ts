/** Fields of Halo's assets as conditions see them: of several choices a list, in whatever shape Halo gives them (halo-real-1.3). */
import { expect, test } from "vitest";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { type AssetsWanted, readAssets } from "../../../sources/halo/assets.ts";
import type { Owners } from "../../../sources/halo/owners.ts";

const read = (more: object, wanted: AssetsWanted = {}) => {
  const row = { id: 7, assettype_id: 1, assettype_name: "Laptop", users: [], ...more };
  const client = {
    rows: async () => [{ id: 1, name: "Laptop" }],
    list: async () => ({ rows: [row], complete: true, doubts: [] }),
    get: async () => row,
  } as unknown as Pick<HaloClient, "list" | "rows" | "get">;
  return readAssets(client, ["Laptop"], [], { of: () => undefined } as unknown as Owners, wanted);
};
const fieldsOf = async (...fields: object[]) => (await read({ inactive: false, fields })).assets[0]?.fields;

test.each<[string, object, unknown]>([
  [
    "rows with labels",
    {
      value: [
        { id: 1, name: "Dock" },
        { id: 2, name: "Screen" },
      ],
    },
    ["Dock", "Screen"],
  ],
  ["ids, with the labels shown", { type: 3, value: [{ id: 1 }, { id: 2 }], display: "Dock, Screen" }, ["Dock", "Screen"]],
  ["text with commas, by its type", { type: 3, value: "1,2", display: "Dock,Screen" }, ["Dock", "Screen"]],
  ["one choice of several", { type: 3, value: [{ id: 1, name: "Dock" }] }, ["Dock"]],
  ["nothing chosen", { type: 3, value: [], display: "" }, undefined],
  ["one value", { value: "4", display: "Rented, monthly" }, "Rented, monthly"],
  ["one value without a label", { value: 12 }, "12"],
])("%s", async (_what, field, wanted) => {
  expect((await fieldsOf({ id: 5, name: "Extras", ...field }))?.["Extras"]).toEqual(wanted);
});

test.each([true, 1, "true", "1"])(
  "S3: an asset that is switched off (%j) gives nobody anything, and is told as such where it is asked for",
  async (inactive) => {
    expect(await read({ inactive })).toMatchObject({ assets: [], doubts: [] });
    expect(await read({ inactive }, { inactive: true })).toMatchObject({ assets: [{ fields: { inactive: true } }], doubts: [] });
  },
);

test.each([false, 0, "false", undefined])("S3: an asset that is not switched off (%j) counts", async (inactive) => {
  const { assets, doubts } = await read({ inactive });
  expect(doubts).toEqual([]);
  expect(assets).toHaveLength(1);
  expect(assets[0]?.fields).not.toHaveProperty("inactive");
});

test("S3: an asset of which nobody can tell whether it is switched off gives nobody anything, and is said", async () => {
  const { assets, doubts } = await read({ inactive: "perhaps" });
  expect(assets).toEqual([]);
  expect(doubts).toEqual(["HaloITSM does not say whether asset 7 is active"]);
});
