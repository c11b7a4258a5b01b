/** Where people come from is called by its name wherever a read is doubted. */
import { expect, it } from "vitest";
import { wish } from "../../../../stacks/wish/wish.ts";
import { mappings, peopleDefault, record, world } from "../world.ts";

const from = (name: string) => mappings({ people: { ...peopleDefault, people: { ...peopleDefault.people, from: name } } });
const trust = (verdict: "doubted" | "refused") => ({ verdict, doubts: ["page 2 failed"], memory: undefined });

it.each([
  ["halo.users", "Halo", "the client's permissions and the sites it may see"],
  ["entra.users", "Entra ID", "the client's permissions"],
  ["hr", "the source hr", "the client's permissions"],
])("%s is called %s", (name, called, check) => {
  const capital = called.replace(/^t/u, "T");
  const maps = from(name);
  expect(wish(world({ mappings: maps, records: [] })).refused).toEqual([
    `${capital} gave no people at all: nothing is done; check the connection, ${check}`,
  ]);
  expect(wish(world({ mappings: maps, records: [record(1)], trust: trust("refused") })).refused).toEqual([
    `The read of ${called} cannot be used: page 2 failed`,
  ]);
  const strict = { ...maps, trust: { ...maps.trust, onDoubt: "refuse" as const } };
  expect(wish(world({ mappings: strict, records: [record(1)], trust: trust("doubted") })).refused).toEqual([
    `The read of ${called} is doubted, and trust.onDoubt says refuse: page 2 failed`,
  ]);
  const nobody = wish(world({ mappings: maps, records: [record(1, { isserviceaccount: true })] }));
  expect(nobody.refused[0]).toContain(`None of the 1 records of ${called} is a person by people.where`);
});
