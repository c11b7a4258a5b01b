/** Mistakes name the source that people come from, and not Halo (rows-B8). */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mistakes } from "../helpers.ts";

const root = join(import.meta.dirname, "../../../..");
const people = (source: string, rest = "") => `people:\n  source: ${source}\n  login: { is: "{{ firstname }}" }\n${rest}`;
const sources = `sources:
  hr:
    base: https://hr.example.com
    auth: { kind: none }
    unique: id
    endpoints: [{ name: people, path: people, select: "$[*]", columns: { id: $.id, firstname: $.first, surname: $.last, emailaddress: $.mail, name: $.name } }]
`;
const ad = (field: string) => `accounts:\n  first:\n    - { for: { ${field}: x }, ou: "OU=A,DC=example,DC=com" }\n`;

it.each([
  ["halo.users", "titel", 'expected a field of the Halo record, found "titel"; did you mean "title"?'],
  ["halo.users", "zzzzzzzz", 'expected a field of the Halo record, found "zzzzzzzz"; custom fields are written custom.CFName'],
  ["entra.users", "jobTitel", 'expected a field of a user of Entra ID, found "jobTitel"; did you mean "jobTitle"?'],
  ["entra.users", "custom.CFRoom", 'expected a field of a user of Entra ID, found "custom.CFRoom"'],
  ["hr", "fristname", 'expected a field of the source hr, found "fristname"; did you mean "firstname"?'],
  ["hr", "CFRoom", 'expected a field of the source hr, found "CFRoom"'],
])("of %s: %s", async (source, field, said) => {
  const found = await mistakes({ people: people(source), ad: ad(field), ...(source === "hr" ? { sources } : {}) });
  expect(found).toHaveLength(1);
  expect(found[0]?.replace(/^\S+ \S+ /u, "")).toBe(said);
});

it("calls a ticket a ticket", async () => {
  const rest = `  key: other1
  tickets:
    first:
      - { type: New, status: Open, fields: { other1: "{{ summry }}" } }
`;
  const [line] = await mistakes({ people: people("halo.users", rest) });
  expect(line).toContain('expected a field of the ticket, found "summry"; did you mean "summary"?');
});

it("what systems other than Halo say of a value names no source that they cannot know", () => {
  const files = globSync("providers/{core,ad,entra,files,script}/**/*.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(50);
  const said = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        /["`].*(?:\bin Halo\b|[Ll]et Halo|orrect Halo).*["`]/u.test(line) && !/^\s*(?:\*|\/)/u.test(line) ? `${file}:${index + 1}` : [],
      ),
  );
  expect(said).toEqual([]);
});
