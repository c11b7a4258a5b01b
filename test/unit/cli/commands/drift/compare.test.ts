/** What counts as changed by hand, and what was meant to be gone. */
import { expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { causesOf } from "../../../../../cli/commands/drift/causes.ts";
import { changedByHand } from "../../../../../cli/commands/drift/compare.ts";
import { printDrift } from "../../../../../cli/render/answers/printed.ts";
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

test("it speaks as the plan does: systems and people by name, who was put in or taken out", () => {
  const group = (members: string[]): Values => ({ name: "GG-Sales", path: "OU=Groups,DC=corp,DC=example,DC=com", members });
  const applied: PreviousResource[] = [
    { type: "ad:Group", name: "GG-Sales", id: "g1", inputs: group(["person:41"]), outputs: {} },
    ...["41", "42"].map((person) => ({
      ...{ type: "ad:User", name: `person-${person}`, id: `u${person}`, outputs: {} },
      inputs: { person, name: `N${person}`, sAMAccountName: `user${person}`, enabled: true, attributes: { title: "Lead" } },
    })),
  ];
  const dn = (person: string): string => `CN=N${person},OU=Staff,DC=corp,DC=example,DC=com`;
  const read = {
    live: {
      "ad:User": [{ id: "u41", values: { ...applied[1]?.inputs, distinguishedName: dn("41"), attributes: { title: "Boss" } } }],
      "ad:Group": [{ id: "g1", values: { ...group([]), members: [{ dn: dn("9"), guid: "u9" }] } }],
    },
  } as unknown as Parameters<typeof changedByHand>[1];
  const run = { people: { ad: { "41": "u41" }, entra: {}, halo: {} }, live: read.live } as unknown as Parameters<typeof makeContext>[0];
  const people = [
    { key: "41", recordKey: "77", name: "Ada Example" },
    { key: "42", name: "Ben Other" },
  ];
  const found = changedByHand(
    applied,
    read,
    makeContext(run, async () => []),
    people,
  );
  const causes = causesOf(found, applied, (key) => ({ "41": "Ada Example (77, known as 41)", "42": "Ben Other (42)" })[key] ?? key).map(
    (cause) => ({ ...cause, keep: { cannot: [] } }),
  );
  const text = printDrift(
    { format: "haloform.drift/1", found, causes, waiting: 0, checked: 3, doubts: [], calls: { halo: 0, graph: 0, ldap: 0 } },
    false,
  );
  expect(text.split("\n")).toEqual([
    "3 of 3 things were changed by hand:",
    "",
    "Ada Example (77, known as 41)  person:41",
    "Active Directory group GG-Sales",
    "    member Ada Example (77, known as 41): taken out",
    "Active Directory account user41",
    "    title: applied Lead, found Boss",
    "    to put it back, and nothing else: haloform preview --drift person:41 --out DIR",
    "",
    "Ben Other (42)  person:42",
    "Active Directory account user42 is gone",
    "    to put it back, and nothing else: haloform preview --drift person:42 --out DIR",
    "",
    "Active Directory  system:ad",
    "Active Directory group GG-Sales",
    "    member CN=N9,OU=Staff,DC=corp,DC=example,DC=com: put in",
    "    to put it back, and nothing else: haloform preview --drift system:ad --out DIR",
    "",
    "",
  ]);
  // What a program reads stays as it was.
  expect(found.map(({ type, resource }) => `${type} ${resource}`)).toEqual(["ad:Group GG-Sales", "ad:User person-41", "ad:User person-42"]);
});

test("what is about power over others says so: members of a privileged or protected group, a role that was given by hand", () => {
  const group = (name: string, more: Values = {}): Values => ({ name, path: "OU=Groups,DC=corp,DC=example,DC=com", members: [], ...more });
  const applied: PreviousResource[] = [
    ...[group("GG-Sales"), group("GG-Admins", { privileged: true }), group("GG-Inside")].map((inputs) => ({
      ...{ type: "ad:Group", name: String(inputs["name"]), id: String(inputs["name"]), inputs, outputs: {} },
    })),
    {
      type: "halo:Agent",
      name: "person-41",
      id: "7",
      inputs: { person: "41", name: "A", enabled: true, roles: [], teams: [], of: { roles: ["Administrator"], teams: [] } },
      outputs: {},
    },
    { type: "ad:Group", name: "GG-Gone", id: "gone", inputs: group("GG-Gone", { privileged: true }), outputs: {} },
  ];
  const live = {
    "ad:Group": applied.slice(0, 3).map(({ id, inputs }) => ({
      id,
      values: { ...inputs, members: [{ dn: "CN=Eve,DC=corp", guid: "u9" }], ...(id === "GG-Inside" ? { protected: true } : {}) },
    })),
    "halo:Agent": [{ id: "7", values: { ...applied[3]?.inputs, roles: ["Administrator"] } }],
  };
  const run = { people: { ad: {}, entra: {}, halo: {} }, live } as unknown as Parameters<typeof makeContext>[0];
  const found = changedByHand(
    applied,
    { live } as never,
    makeContext(run, async () => []),
  );
  expect(found.map(({ resource, privileged = false }) => [resource, privileged])).toEqual([
    ["GG-Sales", false],
    ["GG-Admins", true],
    ["GG-Inside", true],
    ["person-41", true],
    ["GG-Gone", true],
  ]);
});
