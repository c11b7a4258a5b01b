/** Administrative units in the pure middle: what is wished, parked, refused, counted, let go of. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { type entraDefault, find, type world } from "../../world.ts";
import { company } from "./company.ts";

type Entra = typeof entraDefault;
const type = "entra:AdministrativeUnit";
const unit = (id: string, name: string, more: Values = {}): Live => ({
  id,
  values: { name, description: "", restricted: false, dynamic: false, members: [], ...more },
});
const made = (lines: Entra["administrativeUnits"], units: Live[] = [], more: Partial<Parameters<typeof world>[0]> = {}) =>
  wish({ ...company({ administrativeUnits: lines }, { [type]: units }), ...more });
const line = { name: "Deck", for: { site_name: "Main" } };

describe("administrative units", () => {
  test("are made when missing, with the people for whom the condition holds, and say why", () => {
    const wished = made([{ ...line, description: " Afloat ", because: "The deck has its own help desk." }]);
    expect(find(wished, type, "Deck")?.inputs).toEqual({
      name: "Deck",
      description: "Afloat",
      mode: "exact",
      members: ["person:1"],
      create: true,
    });
    expect(find(wished, type, "Deck")?.adopt).toBeUndefined();
    expect(find(wished, type, "Deck")?.because["members.person:1"]).toEqual({
      rule: "mappings/entra.yaml:administrativeUnits.0.for",
      record: "halo.users 1",
      field: "site_name",
      note: "The deck has its own help desk.",
    });
    expect(find(made([{ ...line, create: false }]), type, "Deck")).toBeUndefined();
    expect(made([{ ...line, create: false }]).parked[0]?.reason).toMatch(/does not exist, and .* says create: false/u);
  });

  test("that are there are taken over by name in any case; exact ones lose who is not asked for, additive ones do not", () => {
    const there = [unit("a1", "DECK", { members: ["u2", "u3", "u9"] })];
    expect(find(made([line], there), type, "Deck")).toMatchObject({ adopt: "a1", inputs: { members: ["person:1"] } });
    expect(find(made([line], there), type, "Deck")?.because["members.person:2"]?.note).toContain("does not meet");
    const additive = find(made([{ ...line, mode: "additive" }], there), type, "Deck");
    expect(additive?.inputs["members"]).toEqual(["person:1"]);
    expect(Object.keys(additive?.because ?? {})).not.toContain("members.id:u9");
  });

  test.each([
    [
      "restricted",
      { restricted: true },
      /^the administrative unit Deck is left to you: its management is restricted .*isMemberManagementRestricted.*role over this very unit/u,
    ],
    ["dynamic", { dynamic: true }, /^the administrative unit Deck is left to you: its members follow a rule in Entra ID/u],
  ])("that are not haloform's to change are parked, with the reason: %s", (_name, values, reason) => {
    const wished = made([line], [unit("a1", "Deck", values)]);
    expect(find(wished, type, "Deck")).toBeUndefined();
    expect(wished.parked.map((one) => one.reason)).toEqual([expect.stringMatching(reason)]);
  });

  test("of which two are called so are parked, until the state knows which one is meant", () => {
    const two = [unit("a1", "Deck"), unit("a2", "deck ")];
    expect(made([line], two).parked.map((one) => one.reason)).toEqual(["2 administrative units are called Deck: rename all but one"]);
    const previous = [{ type, name: "Deck", id: "a2", inputs: { name: "Deck", members: [] }, outputs: {} }];
    expect(find(made([line], two, { previous }), type, "Deck")?.inputs["members"]).toEqual(["person:1"]);
  });

  test("that a line names no more are let go of, and stay", () => {
    const previous = [{ type, name: "Deck", id: "a1", inputs: { name: "Deck", members: ["person:1"] }, outputs: {} }];
    const wished = made([{ ...line, name: "Other" }], [unit("a1", "Deck", { members: ["u1"] })], { previous });
    expect(wished.resources.map((one) => one.name)).not.toContain("Deck");
    expect(wished.notes).toContain(`${type} Deck is no longer in the mapping: let go of, it stays in Entra ID as it is`);
  });

  test("take nobody out when the source is doubted", () => {
    const there = [unit("a1", "Deck", { members: ["u1", "u2"] })];
    const previous = [{ type, name: "Deck", id: "a1", inputs: { name: "Deck", members: ["person:1", "person:2"] }, outputs: {} }];
    const trust = { verdict: "doubted" as const, doubts: ["60 of 250 records are missing"], memory: { count: 1, filled: {} } };
    expect(find(made([line], there, { previous, trust }), type, "Deck")?.inputs["members"]).toEqual(["person:1", "person:2"]);
  });
});
