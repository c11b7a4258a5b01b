/** Halo's assets as CSV: RFC 4180 to the letter, and nothing that a spreadsheet would run. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Json } from "../../../base/json.ts";
import { rowsOfAssets, writeAssets } from "../../../sources/asset-file.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-assets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function csvOf(fields: { [field: string]: Json }): string {
  const file = join(folder, "assets.csv");
  const people = [{ ref: "halo.users 7", fields: { id: 7, name: "Ada Example" } }];
  writeAssets(
    file,
    rowsOfAssets([{ id: 1, owners: [7], fields: { id: 1, type: "Laptop", ...fields } }], people),
    new Date("2026-01-15T08:00:00Z"),
  );
  return readFileSync(file, "utf8");
}

const head = (field: string): string => `id,type,user_ids,users,${field}\r\n1,Laptop,7,Ada Example,`;

it.each<[Json, string]>([
  ["plain", "plain"],
  ["", ""],
  [12, "12"],
  [" blanks ", " blanks "],
  ["a;b|c'd", "a;b|c'd"],
  ["Zoë ✓", "Zoë ✓"],
  ["a,b", '"a,b"'],
  ['13" screen', '"13"" screen"'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  ["carriage\rreturn", '"carriage\rreturn"'],
  ["=1+1", "'=1+1"],
  ["+49 30", "'+49 30"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  // Spreadsheets take the wide forms for the same signs.
  ["＝1+1", "'＝1+1"],
])("%j is written as %j", (value, cell) => {
  expect(csvOf({ Purpose: value })).toBe(`${head("Purpose")}${cell}\r\n`);
});
