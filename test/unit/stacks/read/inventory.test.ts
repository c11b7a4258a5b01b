/** Halo's users of an inventory, where they are people's own records (C1). */
import { expect, it } from "vitest";
import { usersIn } from "../../../../stacks/read/inventory.ts";
import { mappings, record } from "../world.ts";

it("C1: a last login is told in UTC as of every other account; one that Halo writes for nobody's is none", () => {
  const given = ["2026-11-29T08:15:00.123", "2026-11-29T10:15:00+02:00", "0001-01-01T00:00:00", undefined, 7];
  const records = given.map((lastlogindate, index) => record(index + 1, lastlogindate === undefined ? {} : { lastlogindate }));
  expect(usersIn({ mappings: mappings(), records })?.map(({ id, values }) => [id, values["lastSeen"]])).toEqual([
    ["1", "2026-11-29T08:15:00.123Z"],
    ["2", "2026-11-29T08:15:00.000Z"],
    ["3", ""],
    ["4", ""],
    ["5", ""],
  ]);
});
