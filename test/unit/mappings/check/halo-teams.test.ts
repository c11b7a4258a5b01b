/** What is wrong in the sections of halo.yaml about grants, teams and boards is said with its place. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadMappings } from "../../../../mappings/load.ts";
import { MappingError } from "../../../../mappings/text/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-halo-teams-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const people = "people:\n  source: halo.users\n  login: { is: '{{ id }}' }\n";

async function mistakes(halo: string): Promise<string[]> {
  writeFileSync(join(folder, "people.yaml"), people);
  writeFileSync(join(folder, "halo.yaml"), halo);
  try {
    await loadMappings(folder, { knownFields: ["id", "title", "firstname", "surname", "emailaddress"], label: "m" });
    return [];
  } catch (error) {
    if (error instanceof MappingError) return [...error.lines];
    throw error;
  }
}

test("what fits is taken", async () => {
  expect(
    await mistakes(
      "agents:\n  every:\n  - { for: { title: A }, team: Quay }\ngrants:\n  every:\n  - { for: {}, roles: [R] }\nteams:\n  - { name: Quay, for: { title: A } }\nboards:\n  - { name: CAB, for: {}, as: user }\nlicensedRoles: [R]\n",
    ),
  ).toEqual([]);
});

test.each([
  ["grants:\n  every:\n  - { roles: [R] }\n", "Who gets them"],
  ["grants:\n  every:\n  - { for: {} }\n", "expected roles or teams"],
  ["grants:\n  every:\n  - { for: { entraGroup: G }, roles: [R] }\n", "expected entra.yaml beside it"],
  ["agents:\n  every:\n  - { for: {}, teams: [quay] }\nteams:\n  - { name: Quay, for: {} }\n", "say it in one place"],
  ["agents:\n  every:\n  - { for: {}, team: Quai }\nteams:\n  - { name: Quay }\n", 'did you mean "Quay"?'],
  ["boards:\n  - { name: CAB, for: {} }\n  - { name: cab, for: {} }\n", "board"],
  ["boards:\n  - { name: CAB, for: { tilte: A } }\n", "tilte"],
  ["licensedRoles: some\n", "all, or a list of roles"],
])("%s is not", async (halo, words) => {
  const lines = await mistakes(halo);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(words);
  expect(lines[0]).toMatch(/^m\/halo\.yaml:\d+:\d+ /u);
});
