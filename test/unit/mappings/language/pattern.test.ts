import { expect, it } from "vitest";
import { isAnchored } from "../../../../mappings/language/pattern.ts";

it("tells patterns that say where they begin or end from those that are found anywhere", () => {
  for (const pattern of [
    "^Field",
    "Lead$",
    "^(Field|Deck)",
    "^Field|^Deck",
    "(^Field|Lead$)",
    "(?:^a|^b)",
    String.raw`\bLead\b`,
    ".*Lead",
    "Lead.*",
  ])
    expect(isAnchored(pattern), pattern).toBe(true);
  const open = ["Field", "^Field|Lead", "Field|Deck", "(^Field|Lead)", "(Field)", "(^a)(b)", String.raw`Lead\$`, "[$]", "[|]a", "(^a)|(b)"];
  for (const pattern of open) expect(isAnchored(pattern), pattern).toBe(false);
});
