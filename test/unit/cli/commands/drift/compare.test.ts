/** What counts as changed by hand, and what was meant to be gone. */
import { expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { changedByHand } from "../../../../../cli/commands/drift/compare.ts";
import { makeContext } from "../../../../../providers/core/context.ts";
import type { PreviousResource } from "../../../../../stacks/model/types.ts";

const context = makeContext(undefined, async () => []);
const folder = (person: string, place: string): PreviousResource => ({
  ...{ type: "files:HomeFolder", name: `person-${person}`, id: `id-${person}` },
  ...{ inputs: { person, place, path: `Main/${person}` }, outputs: { computed: {} } },
});
const live = (person: string, place: string, path = `Main/${person}`): { id: string; values: Values } => ({
  id: `id-${person}`,
  values: { person, place, path, owner: 0, group: 0, rights: "0700", acl: [], unfinished: false },
});

test("middle-B13: a home folder that was deleted in its last stage is as it was applied", () => {
  const read = { live: { "files:HomeFolder": [live("2", "homes")] } };
  expect(changedByHand([folder("1", "deleted"), folder("2", "homes")], read, context)).toEqual([]);
});

test("middle-B13: one that is still there, or gone from anywhere else, was changed by hand", () => {
  const read = { live: { "files:HomeFolder": [live("1", "archive")] } };
  const found = changedByHand([folder("1", "deleted"), folder("2", "homes"), folder("3", "archive")], read, context);
  expect(found.map(({ resource, gone, fields }) => [resource, gone, ...fields.map((field) => field.path)])).toEqual([
    ["person-1", false, "place"],
    ["person-2", true],
    ["person-3", true],
  ]);
});

test("types that were not read are not looked at", () => {
  expect(changedByHand([folder("1", "homes")], { live: {} }, context)).toEqual([]);
});
