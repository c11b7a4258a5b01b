import { expect, it } from "vitest";
import { z } from "zod";
import { taken } from "../../../base/notes.ts";
import { keptRowsOf, lostRows, rowsOf } from "../../../base/rows.ts";

const schema = z.object({ id: z.number(), name: z.string() });

it("says how many rows were not understood, and why the first was not, without what it holds", () => {
  const rows = [{ id: 1, name: "a" }, { id: "secret", name: "b" }, { id: 2 }, "nothing", { id: 3, name: "c" }];
  const said: string[] = [];
  expect(rowsOf(schema, rows, "Halo's roles", (line) => said.push(line)).map((one) => one.id)).toEqual([1, 3]);
  expect(said).toEqual([expect.stringMatching(/^3 rows of Halo's roles were not understood: id: /u)]);
  expect(said.join()).not.toContain("secret");
  rowsOf(schema, [{ id: 17 }, { id: 18, name: [] }], "Halo's teams", (line) => said.push(line));
  expect(said.pop()).toBe(
    "2 rows of Halo's teams were not understood: name: Invalid input: expected string, received undefined (the first is 17)",
  );
  expect(rowsOf(schema, [{ id: 1, name: "a" }], "Halo's roles", (line) => said.push(line))).toHaveLength(1);
  expect(said).toHaveLength(1);
});

it("notes the same once, however often the list is read, until the notes are taken", () => {
  taken();
  for (let n = 0; n < 3; n++) rowsOf(schema, [{}], "Halo's teams");
  const notes = taken();
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^1 row of Halo's teams was not understood: id: /u);
  rowsOf(schema, [{}], "Halo's teams");
  expect(taken()).toEqual(notes);
});

it("keeps a row that can do without what is not understood, and says so by field; without its id it is none", () => {
  const tolerant = z.object({ id: z.number(), name: z.string().nullish(), size: z.number().nullish() });
  const said: string[] = [];
  lostRows();
  const rows = [{ id: 1, name: "a" }, { id: 2, name: 5, size: "x" }, { id: 3, name: [] }, { id: "?", name: 5 }, "nothing"];
  expect(keptRowsOf(tolerant, rows, "Entra ID's users", (line) => said.push(line))).toEqual([{ id: 1, name: "a" }, { id: 2 }, { id: 3 }]);
  expect(said).toEqual([
    expect.stringMatching(/^2 rows of Entra ID's users were not understood: id: /u),
    "2 values of name of Entra ID's users were not understood (the first is of 2)",
    "1 value of size of Entra ID's users was not understood (the first is of 2)",
  ]);
  // Whose row is gone looks gone: such a list is not believed (stacks/read/targets.ts).
  expect(lostRows()).toEqual([said[0]]);
  expect(lostRows()).toEqual([]);
});
