/** Mapping files that nobody has approved yet: where the reading secrets go is what the approved ones say. */
import { expect, it } from "vitest";
import { untrusted } from "../../../../mappings/check/trusted.ts";
import { type Files, load } from "../helpers.ts";

const sources = `sources:
  hr:
    base: https://hr.example.com/v1
    auth: { kind: header }
    ca: /etc/ssl/hr.pem
    unique: id
    endpoints:
      - { name: people, path: people, headers: { X-Key: { env: SOURCE_HR_KEY } }, select: "$.data[*]" }
  list: { kind: csv, file: people.csv, unique: id }
`;
const ad = (photos: string): string =>
  `accounts:\n  first:\n    - ou: "OU=Staff,DC=example,DC=com"\nphotos:\n  first:\n    - from: ${photos}\n`;
const approved: Files = { sources, ad: ad('{ url: "https://a.example.com/{{ id }}.jpg", hosts: [a.example.com, b.example.com] }') };
const said = async (files: Files): Promise<string[]> =>
  untrusted(await load({ ...approved, ...files }), await load(approved), "/pull/mappings");

it("says nothing of what is asked and sent as before, whatever is read out of it", async () => {
  expect(await said({})).toEqual([]);
  expect(
    await said({
      sources: sources.replace("$.data[*]", "$.rows[*]").replace("unique: id\n    endpoints", "unique: no\n    limit: 10\n    endpoints"),
    }),
  ).toEqual([]);
  expect(await said({ sources: undefined })).toEqual([]);
  expect(await said({ ad: ad('{ url: "https://b.example.com/{{ id }}.png", hosts: [b.example.com] }') })).toEqual([]);
  expect(await said({ ad: ad("halo") })).toEqual([]);
});

it.each([
  ["another address", ["hr.example.com/v1", "hr.example.org/v1"]],
  ["another way to log in", ["{ kind: header }", "{ kind: header, name: X-Log }"]],
  ["somewhere else for tokens", ["{ kind: header }", "{ kind: clientCredentials, tokenUrl: https://login.example.org/t, clientId: x }"]],
  ["another authority", ["/etc/ssl/hr.pem", "./own.pem"]],
  ["a path that is an address", ["path: people", "path: https://hr.example.org/people"]],
  ["another variable in a header", ["SOURCE_HR_KEY", "SOURCE_PAYROLL_KEY"]],
  ["a further request", ["      - { name: people", "      - { name: more, path: more }\n      - { name: people"]],
  ["another name", ["  hr:", "  hr2:"]],
] as const)("security-3: refuses a source with %s", async (_what, [from, to]) => {
  const lines = await said({ sources: sources.replace(from, to) });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^mappings\/sources\.yaml:\d+ sources\.hr2?: the address, and what is sent there, are not what the approved/u);
});

it.each(["../settings/secret.csv", "/etc/passwd"])("security-3: refuses the file %s, which is outside of the folder", async (file) => {
  const lines = await said({ sources: sources.replace("people.csv", file) });
  expect(lines).toEqual([expect.stringMatching(/^mappings\/sources\.yaml:\d+ sources\.list: a file outside of this folder/u)]);
});

it.each(['{ url: "https://c.example.com/{{ id }}.jpg", hosts: [c.example.com] }', '{ folder: /etc, name: "{{ id }}.jpg" }'])(
  "security-3: refuses photos from elsewhere: %s",
  async (photos) => {
    const lines = await said({ ad: ad(photos) });
    expect(lines).toEqual([expect.stringMatching(/^mappings\/ad\.yaml:\d+ photos\.first\[0\]\.from: this folder or these hosts are not/u)]);
  },
);
