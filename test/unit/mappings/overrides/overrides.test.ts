/** Mapping files of a client over common ones: what counts, where it is said to stand, what is refused. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadMappings } from "../../../../mappings/load.ts";
import type { Mappings } from "../../../../mappings/schema/all.ts";
import { MappingError } from "../../../../mappings/text/errors.ts";
import { type Files, knownFields } from "../helpers.ts";

const people = `people:
  source: halo.users
  for: { isserviceaccount: false }
  login: { is: "{{ firstname }}" }
`;
const root = join(import.meta.dirname, "../../../..");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function written(common: Files, own: Files): { dir: string; common: string } {
  const top = mkdtempSync(join(tmpdir(), "haloform-clients-"));
  folders.push(top);
  const put = (name: string, files: Files): string => {
    const dir = join(top, name);
    mkdirSync(dir);
    for (const [file, text] of Object.entries(files)) if (text !== undefined) writeFileSync(join(dir, `${file}.yaml`), text);
    return dir;
  };
  return { dir: put("north", own), common: put("common", { people, ...common }) };
}

async function load(common: Files, own: Files): Promise<Mappings> {
  const { dir, ...rest } = written(common, own);
  return loadMappings(dir, { knownFields, ...rest });
}

async function mistakes(common: Files, own: Files): Promise<readonly string[]> {
  return load(common, own).then(
    () => [],
    (error: unknown) => {
      if (error instanceof MappingError) return error.lines;
      throw error;
    },
  );
}

const ad = `attributes:
  office:
    title: "{{ title }}"
    company: All
accounts:
  first:
  - { ou: "OU=Staff,DC=example,DC=com", attributes: office }
groups:
  - { name: GG-All, for: {} }
  - { name: GG-VPN, for: { title: Field } }
  - { name: GG-Old, for: {} }
`;

describe("a client's files over the common ones", () => {
  it("of a file that the client has not, the common one counts, and messages name it", async () => {
    const mappings = await load({ ad }, {});
    expect(mappings.ad?.groups.map(({ name }) => name)).toEqual(["GG-All", "GG-VPN", "GG-Old"]);
    expect(mappings.at(["ad", "groups", 1])).toBe("common/ad.yaml:10");
    expect(await mistakes({ ad: `${ad}group: []\n` }, {})).toEqual([
      expect.stringMatching(/^common\/ad\.yaml:12:1 group: expected one of /u),
    ]);
  });

  it("extend: entries of maps, lines by their name, first lines first, and each is told where it stands", async () => {
    const own = `common: extend
attributes:
  office: { company: "North" }
accounts:
  first:
  - { for: { site_name: Yard }, ou: "OU=Yard,DC=example,DC=com" }
groups:
  - { name: gg-vpn, for: { title: [Field, Driver] } }
  - { name: GG-North, for: {} }
without: { groups: [GG-Old] }
`;
    const mappings = await load({ ad }, { ad: own });
    expect(mappings.ad?.groups.map(({ name, for: who }) => [name, who])).toEqual([
      ["GG-All", {}],
      ["gg-vpn", { title: ["Field", "Driver"] }],
      ["GG-North", {}],
    ]);
    expect(mappings.ad?.accounts.map(({ ou }) => ou)).toEqual(["OU=Yard,DC=example,DC=com", "OU=Staff,DC=example,DC=com"]);
    expect(mappings.ad?.attributes["office"]).toMatchObject({ title: "{{ title }}", company: "North" });
    const places = [
      ["groups", 0],
      ["groups", 1, "for"],
      ["groups", 2],
      ["accounts", 0, "ou"],
      ["accounts", 1, "ou"],
      ["attributes", "office", "title"],
      ["attributes", "office", "company"],
    ];
    expect(places.map((path) => mappings.at(["ad", ...path]))).toEqual([
      "common/ad.yaml:9",
      "north/ad.yaml:8",
      "north/ad.yaml:9",
      "north/ad.yaml:6",
      "common/ad.yaml:7",
      "common/ad.yaml:3",
      "north/ad.yaml:3",
    ]);
  });

  it("a mistake in a line that came behind one that was taken out names the common file's own line", async () => {
    const found = await mistakes(
      { ad: `accounts: { first: [{ ou: "OU=A,DC=b" }] }\ngroups:\n  - { name: GG-Old, for: {} }\n  - { name: GG-A, for: { titel: x } }\n` },
      { ad: "common: extend\nwithout: { groups: [GG-Old] }\n" },
    );
    expect(found).toEqual([expect.stringMatching(/^common\/ad\.yaml:4:\d+ groups\[0\]\.for\.titel: /u)]);
  });

  it("of two conditions both must hold: a client lets in nobody whom the common one keeps out", async () => {
    const mappings = await load({}, { people: "common: extend\npeople: { for: { client_name: North } }\n" });
    expect(mappings.people.for).toEqual({ all: [{ isserviceaccount: false }, { client_name: "North" }] });
    expect(mappings.at(["people", "people", "for", "all", 0])).toBe("common/people.yaml:3");
    expect(mappings.at(["people", "people", "for", "all", 1])).toBe("north/people.yaml:2");
  });

  it("licences: who says something of one says all of it; lists of values and shapes are the client's", async () => {
    const mappings = await load(
      {
        entra:
          "licences:\n  every:\n  - { sku: SPE_E3, for: { title: A } }\n  - { sku: SPE_E3, for: { title: B } }\n  - { sku: SPE_E5, for: { title: C }, without: [YAMMER_ENTERPRISE] }\n",
      },
      { entra: "common: extend\nlicences:\n  every:\n  - { sku: spe_e3, for: { title: D } }\n" },
    );
    expect(mappings.entra?.licences.map(({ sku, for: who }) => [sku, who])).toEqual([
      ["spe_e3", { title: "D" }],
      ["SPE_E5", { title: "C" }],
    ]);
  });

  it("a section as a whole can be taken out: another OU for everybody needs no other groups", async () => {
    const own = 'common: extend\nwithout: { accounts: all }\naccounts: { first: [{ ou: "OU=A,DC=b" }] }\n';
    const mappings = await load({ ad }, { ad: own });
    expect(mappings.ad?.accounts.map(({ ou }) => ou)).toEqual(["OU=A,DC=b"]);
    expect(mappings.ad?.groups).toHaveLength(3);
    expect(await mistakes({ ad }, { ad: own.replace("accounts: all", "contacts: all") })).toEqual([
      'north/ad.yaml:2:12 without.contacts: expected a section of common/ad.yaml, found "contacts"',
    ]);
  });

  it("lines that add up are added, whatever they make: only a licence says all of its own", async () => {
    const agents = (title: string): string =>
      `agents:\n  every:\n  - { for: { title: ${title} }, name: "{{ firstname }}", roles: [${title}] }\n`;
    const mappings = await load({ halo: agents("A") }, { halo: `common: extend\n${agents("B")}` });
    expect(mappings.halo?.agents.map(({ roles }) => roles)).toEqual([["A"], ["B"]]);
  });

  it("replace and none", async () => {
    const files = { ad, entra: "usageLocation: GB\n" };
    const mappings = await load(files, {
      ad: 'common: replace\naccounts: { first: [{ ou: "OU=A,DC=b" }] }\ngroups:\n  - { name: GG-North, for: {} }\n',
      entra: "common: none\n",
    });
    expect(mappings.ad?.groups.map(({ name }) => name)).toEqual(["GG-North"]);
    expect(mappings.ad?.accounts.map(({ ou }) => ou)).toEqual(["OU=A,DC=b"]);
    expect(mappings.entra).toBeUndefined();
  });

  it("nothing is guessed: how two files go together must be said, and rightly", async () => {
    expect(await mistakes({ ad }, { ad: "groups: []\n" })).toEqual([
      "north/ad.yaml:1:1 expected common: one of extend, replace, none in this file, found none; there is common/ad.yaml too, and it must be said how the two go together",
    ]);
    expect(await mistakes({}, { ad: `common: extend\n${ad}` })).toEqual([
      "north/ad.yaml:1:1 common: expected nothing of the kind, found it; there is no common file of this name",
    ]);
    expect(await mistakes({ ad }, { ad: "common: none\ngroups: []\n" })).toEqual([
      expect.stringMatching(/^north\/ad\.yaml:2:1 groups: expected nothing more/u),
    ]);
    expect(await mistakes({ ad }, { ad: "common: replaces\n" })).toEqual([
      expect.stringMatching(/^north\/ad\.yaml:1:9 common: expected one of .*did you mean "replace"/u),
    ]);
    expect(await mistakes({ ad }, { ad: "common: extend\nwithout: { groups: [GG-Vpm] }\n" })).toEqual([
      'north/ad.yaml:2:21 without.groups[0]: expected a line or an entry of groups in common/ad.yaml, found "GG-Vpm"; did you mean "gg-vpn"?',
    ]);
    expect(await mistakes({ ad }, { ad: 'common: extend\nlooser: "so"\n' })).toEqual([
      "north/ad.yaml:2:1 looser: expected nothing of the kind, found it; nothing here is looser than common/ad.yaml",
    ]);
    expect(await mistakes({ ad: "groups: [\n" }, { ad: "common: extend\n" })).toEqual([
      expect.stringMatching(/^common\/ad\.yaml:\d+:\d+ expected YAML/u),
    ]);
  });

  it("two folders of one name are refused, and a file of another name in the common one is told", async () => {
    const { dir } = written({}, {});
    await expect(loadMappings(dir, { knownFields, common: join(dir, "..", "common"), label: "common" })).rejects.toThrow(
      /^common: expected another name/u,
    );
    expect(await mistakes({ Entra: "usageLocation: GB\n" }, {})).toEqual([
      expect.stringMatching(/^common\/Entra\.yaml:1:1 .*did you mean "entra\.yaml"/u),
    ]);
  });

  it("who says nothing otherwise has the common files to the letter, and every place in them", async () => {
    const names = ["people", "ad", "entra", "halo", "safety"];
    const sample = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, "mappings", `${name}.yaml`), "utf8")]));
    const nothing = Object.fromEntries(names.map((name) => [name, "common: extend\n"]));
    const [alone, over] = [await load(sample, {}), await load(sample, nothing)];
    const { at, digest: _, ...said } = alone;
    const { at: placed, digest: __, ...same } = over;
    expect(same).toEqual(said);
    const pathsOf = (value: unknown, path: (string | number)[]): (string | number)[][] =>
      typeof value === "object" && value !== null
        ? [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, Array.isArray(value) ? Number(key) : key]))]
        : [path];
    const paths = ["ad", "entra", "halo", "safety"].flatMap((name) => pathsOf(same[name as "ad"], [name]).slice(1));
    expect(paths.length).toBeGreaterThan(200);
    // Of what no file says the nearest parent's place counts, and of a file as a whole that is the client's first line.
    const places = paths.flatMap((path) => (placed(path).startsWith("north/") ? [] : [[path.join("."), placed(path), at(path)]]));
    expect(places.length).toBeGreaterThan(150);
    for (const [path, here, there] of places) expect(here, path).toBe(there);
  });

  it("the digest is over both", async () => {
    const digests = await Promise.all(
      [load({ ad }, {}), load({ ad: `${ad}# so\n` }, {}), load({ ad }, { ad: "common: extend\n" }), load({}, { ad })].map(
        async (one) => (await one).digest,
      ),
    );
    expect(new Set(digests).size).toBe(4);
  });
});
