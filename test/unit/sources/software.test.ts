/** Software of Halo's licence management: which licences are in use, and who has them, in whatever form Halo says it. */
import { describe, expect, test } from "vitest";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { readSoftware } from "../../../sources/halo/software.ts";
import { readAllSoftware } from "../../../sources/halo/software-list.ts";

const name = "Chart plotter";
const reading = (licence: object) => {
  const asked: unknown[] = [];
  const client = {
    async rows(_path: string, params: unknown) {
      asked.push(params);
      return [{ id: 1, licence_id: 5, user_id: 104 }];
    },
    list: async () => ({ rows: [{ id: 5, name, ...licence }], complete: true, doubts: [] }),
  } as unknown as Pick<HaloClient, "list" | "rows">;
  return { client, asked };
};

describe.each<[string, object, boolean]>([
  ["nothing said of it", {}, true],
  ["in use", { is_active: "true", deleted: "false" }, true],
  ["in use as numbers", { is_active: 1, deleted: 0 }, true],
  ["out of use", { is_active: 0 }, false],
  ["out of use as text", { is_active: "False" }, false],
  ["deleted as a number", { deleted: 1 }, false],
  ["deleted as text", { deleted: "true" }, false],
])("S3: a licence, %s", (_what, licence, active) => {
  test("counts for access or does not", async () => {
    const { links, doubts } = await readSoftware(reading(licence).client, [name]);
    expect(doubts).toEqual([]);
    expect(links).toEqual(active ? [{ name, user: 104 }] : []);
  });

  test("is told as it is in the inventory", async () => {
    const { software, doubts } = await readAllSoftware(reading(licence).client, { inactive: true });
    expect(doubts).toEqual([]);
    expect(software).toMatchObject([{ name, active }]);
    expect((await readAllSoftware(reading(licence).client, {})).software).toHaveLength(active ? 1 : 0);
  });
});

test("S3: a licence of which nobody can tell whether it is in use gives nobody anything, and is said", async () => {
  const said = ["1 row of the licences was not understood: is_active: Invalid input (the first is 5)"];
  expect(await readSoftware(reading({ is_active: "perhaps" }).client, [name])).toEqual({ links: [], doubts: said });
});

test("S3: the inventory asks who has a licence where Halo does not say how many do, and not where it says nobody", async () => {
  const [unsaid, nobody] = [reading({}), reading({ licences_in_use_user: 0 })];
  expect((await readAllSoftware(unsaid.client, {})).software).toMatchObject([{ users: [104], inUseByUsers: 0 }]);
  expect((await readAllSoftware(nobody.client, {})).software).toMatchObject([{ users: [] }]);
  expect([unsaid.asked, nobody.asked]).toEqual([[{ licence_id: 5 }], []]);
});
