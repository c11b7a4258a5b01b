/** What of drift belongs together, and the line that would make it wished (issue 15, point 8). */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Drift } from "../../../../../cli/answers/drift.ts";
import { causesOf } from "../../../../../cli/commands/drift/causes.ts";
import { keepOf, withPerson } from "../../../../../cli/commands/drift/keep.ts";
import { unifiedDiff } from "../../../../../cli/commands/drift/unified.ts";
import { causeMarkdown, causeTitle, issueMarker, markedSystems } from "../../../../../cli/render/answers/drift.ts";
import { holds } from "../../../../../mappings/language/condition.ts";
import type { Condition } from "../../../../../mappings/language/words.ts";
import type { PreviousResource } from "../../../../../stacks/model/types.ts";

type Found = Drift["found"];
const account = (key: string): PreviousResource =>
  ({ type: "ad:User", name: `person-${key}`, id: `u${key}`, inputs: { person: key }, outputs: {} }) as unknown as PreviousResource;
const changed = (key: string, path = "attributes.title"): Found[number] => ({
  ...{ type: "ad:User", resource: `person-${key}`, label: `user${key}`, of: `Person ${key}`, gone: false },
  fields: [{ path, wanted: "Lead", found: "Boss" }],
});
const group = (name: string, put: string[], taken: string[] = []): Found[number] => ({
  ...{ type: "ad:Group", resource: name, label: name, gone: false },
  fields: [
    ...put.map((ref) => ({ path: `members.${ref}`, wanted: null, found: ref })),
    ...taken.map((ref) => ({ path: `members.${ref}`, wanted: ref, found: null })),
  ],
});
const nameOf = (key: string): string => `Person ${key}`;
const people = (count: number, from = 1): string[] => Array.from({ length: count }, (_, index) => String(from + index));
const ids = (found: Found) => causesOf(found, people(99).map(account), nameOf).map(({ id, said, things }) => [id, said, things.length]);

describe("causes", () => {
  test("what is one person's is one cause, in a group and in the account", () => {
    expect(ids([changed("41"), group("GG-Sales", ["person:41"], ["person:42"])])).toEqual([
      ["person:41", "Person 41", 2],
      ["person:42", "Person 42", 1],
    ]);
  });

  test("the same change of many is one, whoever it is of; fewer may be chance", () => {
    expect(ids(people(5).map((key) => changed(key)))).toEqual([
      ["change:ad:User:attributes.title", "attributes.title of 5 accounts of Active Directory", 5],
    ]);
    expect(ids(people(4).map((key) => changed(key))).map(([id]) => id)).toEqual(people(4).map((key) => `person:${key}`));
    expect(
      ids([
        group(
          "GG-Sales",
          [],
          people(6).map((key) => `person:${key}`),
        ),
      ]),
    ).toEqual([["change:ad:Group:members:GG-Sales", "6 members of the group GG-Sales of Active Directory", 1]]);
    expect(ids(people(7).map((key) => ({ ...changed(key), gone: true, fields: [] })))).toEqual([
      ["change:ad:User:gone", "deletion of 7 accounts of Active Directory", 7],
    ]);
  });

  test("what is nobody's is the system's", () => {
    expect(ids([group("GG-Sales", ["dn:CN=svc,DC=example"])])).toEqual([["system:ad", "Active Directory", 1]]);
  });

  test("each finding, and each field of one, is in exactly one cause", () => {
    const ref = fc.integer({ min: 1, max: 20 }).map((key) => `person:${key}`);
    const anything = fc.array(
      fc.oneof(
        fc
          .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom("attributes.title", "enabled"))
          .map(([key, path]) => changed(String(key), path)),
        fc
          .tuple(fc.constantFrom("GG-A", "GG-B"), fc.uniqueArray(fc.oneof(ref, fc.constant("dn:CN=x")), { maxLength: 8 }))
          .map(([name, refs]) => group(name, refs)),
        fc.integer({ min: 1, max: 20 }).map((key) => ({ ...changed(String(key)), gone: true, fields: [] })),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(anything, (found) => {
        const all = causesOf(found, people(20).map(account), nameOf);
        const seen = all.flatMap(({ things }) =>
          things.flatMap(({ at, paths }) => (paths.length > 0 ? paths.map((path) => `${at} ${path}`) : [`${at}`])),
        );
        const there = found.flatMap((one, at) => (one.gone ? [`${at}`] : one.fields.map(({ path }) => `${at} ${path}`)));
        expect(seen.toSorted()).toEqual(there.toSorted());
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      }),
    );
  });
});

const file = `# Groups
groups:
  - { name: GG-AllStaff, for: {} } # everybody
  - { name: GG-Sales, for: { custom.CFDepartment: Sales } }
  - name: GG-VPN # by hand
    for:
      any:
        - { title: { matches: ^Field } }
        - { custom.CFDepartment: Engineering }
      not: { site_name: Lab }
    because: x
  - name: GG-Change
    for: { person: [103, 117] }
  - { name: GG-Empty }
  - name: GG-None
    mode: exact
  - { name: GG-Twice, for: {} }
  - { name: GG-Twice, for: { title: x } }
  - { name: GG-Anchor, for: &all { title: Boss } }
  - { name: GG-Alias, for: *all }
other: [1, 2]
`;
const forOf = (text: string, name: string): Condition | undefined =>
  (parse(text) as { groups: { name: string; for?: Condition }[] }).groups.find((one) => one.name === name)?.for;
const isIn = (text: string, name: string, key: string): boolean => {
  const condition = forOf(text, name);
  return condition !== undefined && holds(condition, { key, fields: {} } as unknown as Parameters<typeof holds>[1]).holds;
};

describe("keep", () => {
  test.each(["GG-Sales", "GG-VPN", "GG-Change", "GG-Empty", "GG-None"])("%s: somebody who was put in is in by its line", (name) => {
    const kept = withPerson(file, name, "41", true) ?? "";
    expect(isIn(file, name, "41")).toBe(false);
    expect(isIn(kept, name, "41")).toBe(true);
    expect(isIn(kept, name, "42")).toBe(false);
    // And out again.
    const out = withPerson(kept, name, "41", false);
    if (name !== "GG-Empty" && name !== "GG-None") expect(isIn(out ?? "", name, "41")).toBe(false);
  });

  test.each(["GG-AllStaff", "GG-Change"])("%s: somebody who was taken out is out by its line, and nobody else", (name) => {
    const kept = withPerson(file, name, "103", false) ?? "";
    expect([isIn(file, name, "103"), isIn(kept, name, "103"), isIn(kept, name, "117")]).toEqual([true, false, true]);
    const both = withPerson(kept, name, "117", false);
    if (name === "GG-AllStaff") expect(forOf(both ?? "", name)).toEqual({ not: { person: [103, 117] } });
    else expect(both).toBeUndefined();
  });

  test("the lines read like those around them, and no other line changes", () => {
    const diff = unifiedDiff("mappings/ad.yaml", file, withPerson(file, "GG-Sales", "41", true) ?? "");
    expect(diff.split("\n").filter((line) => /^[-+] /u.test(line))).toEqual([
      "-  - { name: GG-Sales, for: { custom.CFDepartment: Sales } }",
      "+  - { name: GG-Sales, for: { any: [ { custom.CFDepartment: Sales }, { person: [ 41 ] } ] } }",
    ]);
    expect(withPerson(file, "GG-None", "a-1", true)).toContain("  - name: GG-None\n    for: { person: [ a-1 ] }\n    mode: exact\n");
  });

  test("where a line cannot say it, there is none: no such group, two lines, an anchor, nobody left", () => {
    for (const name of ["GG-Missing", "GG-Twice", "GG-Anchor"]) expect(withPerson(file, name, "41", true), name).toBeUndefined();
    expect(withPerson(withPerson(file, "GG-Empty", "41", true) ?? "", "GG-Empty", "41", false)).toBeUndefined();
    expect(withPerson("groups: [", "GG-Sales", "41", true)).toBeUndefined();
  });

  test("git applies the patch, also of a file without a last line end", () => {
    const folder = mkdtempSync(join(tmpdir(), "haloform-keep-"));
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "pipe" });
    try {
      git("init", "-q");
      mkdirSync(join(folder, "mappings"));
      for (const [before, name] of [
        [file, "GG-VPN"],
        [file, "GG-AllStaff"],
        [file.trimEnd(), "GG-None"],
        ["groups: [ { name: A } ]", "A"],
      ] as const) {
        const after = withPerson(before, name, "41", name !== "GG-AllStaff") ?? "";
        writeFileSync(join(folder, "mappings", "ad.yaml"), before);
        writeFileSync(join(folder, "patch"), unifiedDiff("mappings/ad.yaml", before, after));
        git("apply", "patch");
        expect(readFileSync(join(folder, "mappings", "ad.yaml"), "utf8")).toBe(after);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const lines = fc.array(fc.constantFrom("a\n", "b\n", "c\n"), { maxLength: 12 }).map((all) => all.join(""));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        if (before !== after) expect(patched(before, unifiedDiff("f", before, after))).toBe(after);
      }),
    );
  });

  test("what no line can say is told, and why", () => {
    const found = [changed("41"), group("GG-Sales", ["person:41", "person:42", "dn:CN=svc"]), { ...changed("43"), gone: true, fields: [] }];
    const paths = found[1]?.fields.map((field) => field.path) ?? [];
    const cause = {
      id: "x",
      kind: "system",
      said: "x",
      systems: ["ad"],
      things: [
        { at: 0, paths: ["attributes.title"] },
        { at: 1, paths },
        { at: 2, paths: [] },
      ],
    } as const;
    const { patch, cannot } = keepOf(cause as unknown as Parameters<typeof keepOf>[0], {
      ...{ found, folder: "mappings", fileOf: (name) => (name === "ad.yaml" ? file : undefined), hasLeft: (key) => key === "42" },
    });
    expect(patch).toContain("{ person: [ 41 ] }");
    expect(patch).not.toContain("42");
    expect(cannot).toEqual([
      "ad:User person-41 attributes: its value comes from records or from lines for many; change it there, or take it out of the mappings",
      "ad:Group GG-Sales members: person 42 has left, and leavers are in no group",
      "ad:Group GG-Sales members: what is no person of the mappings goes into `contains` or `mayContain` of its line by hand",
      "ad:User person-43: what is gone, no line makes wished; take it out of the mappings, or put it back",
    ]);
  });
});

/** A unified diff of one hunk, applied by its own words. */
function patched(before: string, diff: string): string {
  const [, from = "0"] = /@@ -(\d+)/u.exec(diff) ?? [];
  const rows = diff.split("\n").slice(4, -1);
  const lines = before.match(/[^\n]*\n/gu) ?? [];
  const at = Math.max(0, Number(from) - 1);
  const old = rows.filter((row) => /^[ -]/u.test(row)).map((row) => `${row.slice(1)}\n`);
  expect(lines.slice(at, at + old.length)).toEqual(old);
  return [
    ...lines.slice(0, at),
    ...rows.filter((row) => /^[ +]/u.test(row)).map((row) => `${row.slice(1)}\n`),
    ...lines.slice(at + old.length),
  ].join("");
}

describe("an issue for each", () => {
  const found = [{ ...changed("41"), of: "Ada Example (41)" }, group("GG-`Sales`", ["person:41", "dn:CN=Grace Hopper,DC=example"])];
  const drift: Drift = {
    format: "haloform.drift/1",
    found,
    causes: [],
    waiting: 0,
    checked: 9,
    doubts: [],
    calls: { halo: 0, graph: 0, ldap: 0 },
  };
  const causes = causesOf(found, [account("41")], () => "Ada Example (41)").map((one) => ({
    ...one,
    keep: { patch: "```x\n+ y\n", cannot: ["because"] },
  }));

  test("no name in title or text; which cause and which systems is found again; the patch ends no block", () => {
    const [first, second] = causes.map(
      (cause) => [causeTitle(cause, "northwind"), causeMarkdown(cause, drift, { stack: "northwind" })] as const,
    );
    expect([first?.[0], second?.[0]]).toEqual(["Drift in northwind: person 41", "Drift in northwind: Active Directory"]);
    for (const [title, body] of [first, second].flatMap((one) => (one ? [one] : [])))
      expect(title + body).not.toMatch(/Ada|Grace|Boss|Lead/u);
    expect(first?.[1].startsWith(issueMarker("northwind", "person:41"))).toBe(true);
    expect(issueMarker("northwind", "person:41")).not.toBe(issueMarker("northwind", "person:4"));
    expect(markedSystems(first?.[1] ?? "")).toEqual(["ad"]);
    expect(first?.[1]).toContain("````diff\n```x\n+ y\n````");
  });

  test("however many things: it fits", () => {
    const many = people(99).map((key) => changed(key, `attributes.${"x".repeat(1_000)}`));
    const [one] = causesOf(many.concat(...Array.from({ length: 9 }, () => many)), people(99).map(account), nameOf);
    if (!one) throw new Error("no cause");
    const body = causeMarkdown(
      { ...one, keep: { cannot: people(99) } },
      { ...drift, found: many.concat(...Array.from({ length: 9 }, () => many)) },
      { stack: "n" },
    );
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/… and \d+ more/u);
  });
});
