import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../../../mappings/language/template.ts";
import { believed } from "../../../../stacks/people/believed.ts";
import { cleaned } from "../../../../stacks/people/clean.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { mappings, record, world } from "../world.ts";

const odd = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;
const maps = { ...mappings(), fields: ["firstname", "surname", "phonenumber"] };
const read = { recordCount: 1, rows: 1, pages: 1, complete: true, doubts: [] };
const made = (fields: Parameters<typeof record>[1]) => {
  const given = believed({ name: "hr", called: "hr", read, records: [record(41, fields)] }, maps, undefined, new Date("2026-03-01"));
  return { given, wished: wish(world({ ...given, mappings: maps })) };
};

describe("outside O8: no control character and no bidi override is written to any system", () => {
  it("they are taken out of every field, and the plan says so once, by person and field", () => {
    const { given, wished } = made({ firstname: "A\u202eda\r\n", surname: "Ex\u0000am\tple\nTwo", other5: "x\u0007" });
    expect(given.records[0]?.fields).toMatchObject({ firstname: "Ada", surname: "Exam ple Two", other5: "x" });
    expect(wished.notes.filter((note) => note.includes("written nowhere"))).toEqual([
      "Hidden characters and ends of lines are taken out, and written nowhere: firstname, name, surname of Ada Exam ple Two (41) (U+0000 control character, U+202E right-to-left override, end of line, tab)",
    ]);
    const user = wished.resources.find((one) => one.type === "ad:User");
    expect(user?.inputs).toMatchObject({ name: "Ada Exam ple Two", attributes: { displayName: "Ada Exam ple Two" } });
  });

  it("what a mapping itself writes is no way round", () => {
    expect(compile("\u202e{{ firstname }}\u0000{{ title | append: '\u200f' }}").render({ firstname: "Ada", title: "x" })).toBe("Adax");
    expect(compile("one\n{{ firstname }}").render({ firstname: "Ada" })).toBe("one\nAda");
  });

  it("letters, signs and joiners of every script stay", () => {
    for (const text of ["Ada", "Zoë", "محمد", "שָׁלוֹם", "می‌خواهم", "👩‍💻", "李", "O’Neil"]) {
      const one = { ref: "hr 1", fields: { id: 1, firstname: text } };
      expect(cleaned([one], maps)).toEqual({ records: [one], notes: [] });
    }
  });

  it("what is not to be seen is named: zero width spaces, soft hyphens, joiners among Latin letters, blanks that are none", () => {
    const { given, wished } = made({ firstname: "A\u200bd\u00ada\u200d", surname: "Van\u00a0Example" });
    expect(given.records[0]?.fields).toMatchObject({ firstname: "Ada", surname: "Van Example" });
    expect(wished.notes.filter((note) => note.includes("written nowhere"))).toEqual([
      "Hidden characters and ends of lines are taken out, and written nowhere: firstname, name, surname of Ada Van Example (41) (U+00A0 no-break space, U+00AD soft hyphen, U+200B zero width space, U+200D zero width joiner)",
    ]);
  });

  it("a letter that looks like a Latin one among Latin letters is said; a name that is all Cyrillic or Greek is not", () => {
    const { wished } = made({ firstname: "\u0410da", surname: "Ex\u0430mple", name: "" });
    expect(wished.notes.filter((note) => note.includes("alphabet"))).toEqual([
      "Letters of another alphabet stand among Latin ones, and look like them; correct them where that is a mistake: firstname, surname of \u0410da Ex\u0430mple (41) (U+0410 (Cyrillic) looks like A, U+0430 (Cyrillic) looks like a)",
    ]);
    for (const name of ["Ольга", "Νίκος", "Ada Ольга", "Zoë"])
      expect(cleaned([{ ref: "hr 1", fields: { id: 1, firstname: name } }], maps).notes).toEqual([]);
  });

  it("whatever a record holds, no wish does (property)", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("\u202e", "\n", "\u0000", "\u2067", "\ufeff", "\u0085", "Ada"),
    );
    const text = fc.array(part, { minLength: 1, maxLength: 4 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, text, text, (firstname, surname, phonenumber) => {
        const { wished } = made({ firstname, surname, phonenumber, title: surname, site_name: "Main", name: firstname });
        for (const { inputs } of wished.resources) expect(JSON.stringify(inputs)).not.toMatch(odd);
      }),
      { numRuns: 300 },
    );
  });
});

describe("numbers that a spreadsheet has mangled are said", () => {
  const rows = (field: string, values: string[]) => values.map((value, index) => record(41 + index, { [field]: value }));
  const notes = (field: string, values: string[]) =>
    cleaned(rows(field, values), { ...maps, fields: [field] }).notes.filter((one) => one.includes("spreadsheet"));
  it("shortened ones, and lost zeros where others of the field have them", () => {
    expect(notes("other1", ["1.23457E+11", "123456789012"])).toEqual([
      "A spreadsheet has taken these for numbers; format the column as text and export it again: other1 of Ada41 Example41 (41) is 1.23457E+11",
    ]);
    expect(notes("other1", ["00901", "902", "00903", "12345", "x"])).toEqual([
      "A spreadsheet has taken these for numbers; format the column as text and export it again: other1 of Ada42 Example42 (42) is 902, where others have 5 digits",
    ]);
  });
  it("telephone numbers, mixed lengths and one value with a zero are not", () => {
    expect(notes("phonenumber", ["020 7946", "0207946012", "02079", "79460"])).toEqual([]);
    expect(notes("other1", ["00901", "902"])).toEqual([]);
    expect(notes("other1", ["E10", "1E", "12E5", "00012", "00013", "12345"])).toEqual([]);
  });
});
