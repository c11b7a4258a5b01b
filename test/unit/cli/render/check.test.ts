/** `check` in words, and as annotations that a runner reads (actions/toolkit, packages/core/src/command.ts). */
import { expect, it } from "vitest";
import type { CheckReport } from "../../../../cli/answers/answers.ts";
import { annotations, printCheck } from "../../../../cli/render/answers/check.ts";
import type { Warning } from "../../../../stacks/check/warning.ts";

const placeOf = (rule: string) => ({ file: `mappings, ours/${rule.replace(/^.*\/|:\d+$/gu, "")}`, line: Number(/\d+$/u.exec(rule)?.[0]) });
const warning = (line: number, more: Partial<Warning> = {}): Warning => ({
  rule: `mappings/ad.yaml:${line}`,
  kind: "value",
  text: `no record has the title "50 %"`,
  ...more,
});
const report = (warnings: Warning[]): CheckReport => ({
  format: "haloform.check/1",
  source: "hr",
  captured: "2026-11-30T00:00:00.000Z",
  records: 12,
  people: 1,
  left: 1,
  systems: false,
  lines: [
    { rule: "mappings/ad.yaml:4", of: "accounts 1", holds: 3, left: 1, unsure: 4, decides: 2 },
    { rule: "mappings/ad.yaml:112", of: "groups GG-\u001b[2JOld", holds: 0, left: 0, note: "ended on 2020-01-31" },
    { rule: "mappings/entra.yaml:7", of: "licences SPE_E3", holds: null, left: null, note: "hangs on devices" },
  ],
  warnings,
  doubts: ["page 2 failed"],
});

it("escapes what would end a command or a property, and what a terminal would obey", () => {
  const [line] = annotations([warning(7, { text: "50 %: a,b::c\n::error::x\u001b[2J" })], placeOf).split("\n");
  expect(line).toBe("::warning file=mappings%2C ours/ad.yaml,line=7,title=haloform check::50 %25: a,b::c⟨U+000A⟩::error::x⟨U+001B⟩[2J");
  // As the runner undoes it.
  const undone = line
    ?.slice(line.indexOf("::", 2) + 2)
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%25", "%");
  expect(undone).toContain("50 %: a,b::c");
});

it("says in an annotation what many people have, and never what few do", () => {
  const text = annotations(
    [warning(1, { hint: '; did you mean "Main"?' }), warning(2, { hint: '; did you mean "Ada"?', isRare: true })],
    placeOf,
  );
  expect(text).toContain('did you mean "Main"?');
  expect(text).not.toContain("Ada");
});

it("shows ten, as GitHub does, and lists the others in the log", () => {
  const many = annotations(
    Array.from({ length: 12 }, (_, index) => warning(index + 1, { isRare: true, hint: "; secret" })),
    placeOf,
  ).split("\n");
  expect(many.filter((line) => line.startsWith("::warning"))).toHaveLength(10);
  expect(many[9]).toBe("::warning title=haloform check::3 more warnings about lines of the mapping files are in the log of this step");
  expect(many.slice(10).filter(Boolean)).toEqual(
    [10, 11, 12].map((line) => `- mappings, ours/ad.yaml:${line} no record has the title "50 %"`),
  );
  const ten = annotations(
    Array.from({ length: 10 }, (_, index) => warning(index + 1)),
    placeOf,
  );
  expect(ten.match(/^::warning file=/gmu)).toHaveLength(10);
  expect(annotations([], placeOf)).toBe("No warnings.\n");
});

it("has a line a rule, under its file, and says what is not known", () => {
  const text = printCheck(report([warning(4, { hint: '; did you mean "Ada"?', isRare: true })]), false);
  expect(text.split("\n")).toEqual([
    "12 records of the source hr as captured on 2026-11-30T00:00:00.000Z: 1 person, of whom 1 has left; what the systems hold is not in the capture",
    "",
    "mappings/ad.yaml",
    "    4  accounts 1                     3  and 1 who has left; not known of 4; decides for 2",
    "  112  groups GG-⟨U+001B⟩[2JOld       0  ended on 2020-01-31",
    "",
    "mappings/entra.yaml",
    "    7  licences SPE_E3                ?  hangs on devices",
    "",
    "1 warning:",
    'mappings/ad.yaml:4  no record has the title "50 %"; did you mean "Ada"?',
    "page 2 failed",
    "",
  ]);
});
