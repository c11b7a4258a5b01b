/** Every word that a condition may have: said in the schema, decided, explained and checked. One that is forgotten somewhere shows here. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { CONDITION_WORDS, type Facts, fieldsOf, holds } from "../../../../mappings/language/condition.ts";
import { explain } from "../../../../mappings/language/explain.ts";
import { type Condition, condition } from "../../../../mappings/language/words.ts";
import { keysOf } from "../../../../mappings/text/walk.ts";
import { mistakes } from "../helpers.ts";

const facts = (more: Partial<Facts> = {}): Facts => ({
  fields: { title: "Mate" },
  key: "41",
  groups: new Set(),
  today: "2027-01-04",
  ...more,
});
const feed = (name: string, rows: Json): Partial<Facts> => ({ fields: { title: "Mate", [name]: rows } });
const ticket = { type: "Access", status: "Approved" };

/** Word → what it may ask, and facts of which that holds; of the plain facts none does. */
const samples: { readonly [word: string]: { asks: Json; of: Partial<Facts> } } = {
  any: { asks: [{ title: "Deckhand" }], of: { fields: { title: "Deckhand" } } },
  all: { asks: [{ title: "Deckhand" }], of: { fields: { title: "Deckhand" } } },
  not: { asks: { title: "Mate" }, of: { fields: { title: "Deckhand" } } },
  person: { asks: [42], of: { key: "42" } },
  group: { asks: "GG-Two", of: { groups: new Set(["GG-Two"]) } },
  entraGroup: { asks: "SG-Two", of: { entraGroups: new Set(["sg-two"]) } },
  hasDevice: { asks: { operatingSystem: "Windows" }, of: { devices: [{ operatingSystem: "Windows" }] } },
  hasAsset: { asks: "Laptop", of: feed("halo:assets", [{ type: "Laptop" }]) },
  hasSoftware: { asks: "CAD", of: feed("halo:software", [{ name: "CAD" }]) },
  hasTicket: { asks: ticket, of: feed("halo:tickets", [{ ...ticket, by: "user_id" }]) },
};

const inSchema = keysOf(condition);

describe("the words of conditions", () => {
  test("are those of the schema, and each has a sample here", () => {
    expect(inSchema).toContain("hasTicket");
    expect([...CONDITION_WORDS].sort()).toEqual([...inSchema].sort());
    expect(Object.keys(samples).sort()).toEqual([...inSchema].sort());
  });

  test.each(Object.entries(samples))(
    "%s is decided, explained in its own words, and no field of the record",
    async (word, { asks, of }) => {
      const asked = { [word]: asks } as Condition;
      expect(holds(asked, facts()).holds).toBe(false);
      expect(holds(asked, facts(of)).holds).toBe(true);
      expect(fieldsOf(asked)).not.toContain(word);
      const { points } = explain(asked, facts(of));
      expect(points.length).toBeGreaterThan(0);
      // What is not explained is told as a field of that name that has this value.
      expect(points).not.toContainEqual(expect.objectContaining({ at: word, asks: expect.stringMatching(/^is (?!one of|wanted)/u) }));
      const entra = `groups:\n  - { name: SG-One, for: ${JSON.stringify(asked)} }\n`;
      const ad = `accounts:\n  first:\n  - { ou: "OU=Staff,DC=example,DC=com" }\ngroups:\n  - { name: GG-Two, ou: "OU=Groups,DC=example,DC=com", for: {} }\n`;
      expect(await mistakes({ entra, ad })).toEqual([]);
    },
  );
});
