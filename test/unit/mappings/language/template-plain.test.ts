/** Templates of nothing but text, fields and simple filters are rendered without Liquid: the text must be what Liquid makes of them. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compile } from "../../../../mappings/language/template.ts";

const names = ["firstname", "surname", "id", "custom.CFDepartment"] as const;
const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.constantFrom(
    null,
    0,
    -0,
    1.5,
    1e21,
    true,
    false,
    "x".repeat(1001),
    "+44 (0)20 7946",
    "Ångström",
    "\r\nx",
    " a ",
    "e\u0301",
    "\ud800",
    "{{ id }}",
  ),
  fc.array(fc.string(), { maxLength: 3 }),
);
const filter = fc.constantFrom(
  " | downcase",
  " | upcase",
  "|ascii",
  " | letters",
  " | phone",
  " | slice: 0",
  " | slice: 0, 2",
  " | initials",
);
const part = fc.oneof(
  fc.tuple(fc.constantFrom(...names), fc.array(filter, { maxLength: 3 })).map(([name, all]) => `{{ ${name}${all.join("")} }}`),
  fc.string({ unit: fc.constantFrom("a", " ", ",", "é", "\n", "%", "=", "\\", "'") }),
);

it("the same text as by Liquid, whatever the values", () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.dictionary(fc.constantFrom(...names), value),
      fc.option(fc.dictionary(fc.constantFrom(...names), value), { nil: undefined }),
      (parts, record, extra) => {
        const source = parts.join("");
        // A tag that does nothing makes Liquid render it.
        expect(compile(source).render(record, extra)).toBe(compile(`${source}{{ "" }}`).render(record, extra));
      },
    ),
    { numRuns: 1000 },
  );
});

it.each(["{{ nil }}x", "{{ true }}", "{{ blank }}", "{{ 12 }}"])("%s is Liquid's own word", (source) => {
  let plain: string | undefined;
  try {
    plain = compile(`${source}{{ "" }}`).render({ nil: "no", true: "no", blank: "no" });
  } catch {
    return;
  }
  expect(compile(source).render({ nil: "no", true: "no", blank: "no" })).toBe(plain);
});
