/** What files.yaml and the photos of ad.yaml must be, in the words an administrator is told. */
import { expect, it } from "vitest";
import { load, mistakes } from "../helpers.ts";

const ad = (photos: string): { ad: string } => ({
  ad: `accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\nphotos:\n  first:\n${photos}`,
});

it.each([
  [
    "leads nowhere",
    "homes:\n  first:\n  - path: Homes\n",
    'files.yaml:3:11 homes.first[0].path: expected a template with a field of the record, found "Homes", which would give everybody the same folder',
  ],
  [
    "leads out",
    'homes:\n  first:\n  - path: "../{{ login }}"\n',
    'files.yaml:3:11 homes.first[0].path: expected names that Windows takes, with / between them, found ".." in "../{{ login }}"',
  ],
  [
    "is absolute",
    'homes:\n  first:\n  - path: "/{{ login }}"\n',
    'files.yaml:3:11 homes.first[0].path: expected names that Windows takes, with / between them, found "" in "/{{ login }}"',
  ],
  [
    "is haloform's own",
    'homes:\n  first:\n  - path: ".haloform/{{ login }}"\n',
    'files.yaml:3:11 homes.first[0].path: expected names that Windows takes, with / between them, found ".haloform" in ".haloform/{{ login }}"',
  ],
  ["has rights that are none", 'homes:\n  first:\n  - path: "{{ login }}"\n    rights: 700\n', "rights"],
  [
    "has a line that is never used",
    'homes:\n  first:\n  - path: "{{ login }}"\n  - path: "x/{{ login }}"\n',
    "expected the line for everybody last",
  ],
  [
    "has an ACL of another kind",
    'homes:\n  first:\n  - path: "{{ login }}"\n    acl: ["everyone full"]\n',
    'expected NAME:ALLOWED/FLAGS/MASK as smbcacls takes it, found "everyone full"',
  ],
])("a files.yaml that %s is a mistake", async (_name, files, line) => {
  expect(await mistakes({ files })).toEqual([expect.stringContaining(line)]);
});

const homes = 'homes:\n  first:\n  - path: "{{ login }}"\n';
it.each([
  [
    "deletes at once",
    "leaver: { folder: { delete: 5 days } }\n",
    "safety.yaml:1:29 leaver.folder.delete: expected archive too, found only delete; folders are deleted from the archive only",
  ],
  [
    "deletes before it archives",
    "leaver: { folder: { archive: 9 days, delete: after 9 days } }\n",
    "safety.yaml:1:46 leaver.folder.delete: expected more days than archive (9), found 9",
  ],
])("a leaver's folder that %s is a mistake", async (_name, safety, line) => {
  expect(await mistakes({ files: homes, safety })).toEqual([expect.stringContaining(line)]);
});

it("a leaver's folder without files.yaml is a mistake", async () => {
  expect(await mistakes({ safety: "leaver: { folder: { archive: 30 days } }\n" })).toEqual([
    expect.stringContaining("leaver.folder: expected nothing here, found what becomes of home folders; there is no files.yaml"),
  ]);
});

it.each([
  ["in a folder of the name", '  - from: { folder: p, name: "a/{{ id }}.jpg" }\n', "expected the name of a file"],
  ["the same for all", "  - from: { folder: p, name: all.jpg }\n", "which would give everybody the same photo"],
  ["without TLS", '  - from: { url: "http://x.test/{{ id }}", hosts: [x.test] }\n', "expected an https:// address"],
  ["of any host", '  - from: { url: "https://x.test/{{ id }}" }\n', "hosts"],
  ["too small for a face", "  - { from: halo, size: 16 }\n", "48"],
])("photos %s are a mistake", async (_name, photos, line) => {
  expect(await mistakes(ad(photos))).toEqual([expect.stringContaining(line)]);
});

it("the right ones load with their defaults", async () => {
  const loaded = await load({ files: 'homes:\n  first:\n  - path: "{{ site_name }}/{{ login }}"\n', ...ad("  - from: halo\n") });
  expect([loaded.safety.leaver.folder, loaded.ad?.photos]).toEqual([
    { archive: null, delete: null },
    [{ from: "halo", size: 96, missing: "keep" }],
  ]);
  expect(loaded.at(["files", "homes", 0, "path"])).toBe("mappings/files.yaml:3");
});
