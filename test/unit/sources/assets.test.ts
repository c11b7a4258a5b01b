/** Fields of Halo's assets as conditions see them: of several choices a list, in whatever shape Halo gives them (halo-real 1.3). */
import { expect, test } from "vitest";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { readAssets } from "../../../sources/halo/assets.ts";
import type { Owners } from "../../../sources/halo/owners.ts";

const fieldsOf = async (...fields: object[]) => {
  const row = { id: 7, assettype_id: 1, assettype_name: "Laptop", inactive: false, users: [], fields };
  const client = {
    rows: async () => [{ id: 1, name: "Laptop" }],
    list: async () => ({ rows: [row], complete: true, doubts: [] }),
    get: async () => row,
  } as unknown as Pick<HaloClient, "list" | "rows" | "get">;
  return (await readAssets(client, ["Laptop"], [], { of: () => undefined } as unknown as Owners)).assets[0]?.fields;
};

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
