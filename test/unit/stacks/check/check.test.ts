import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { adFile } from "../../../../mappings/schema/ad.ts";
import type { Mappings } from "../../../../mappings/schema/all.ts";
import { approvalsFile } from "../../../../mappings/schema/approvals.ts";
import { checked } from "../../../../stacks/check/check.ts";
import type { Checked, CheckWorld, Warning } from "../../../../stacks/check/warning.ts";
import { decisionsFor, nothingInEntra } from "../../../../stacks/decide/decide.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { roster } from "../../../../stacks/people/roster.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import * as w from "../world.ts";

type AdIn = z.input<typeof adFile>;

/** Sixty people of three sites; the last ten have left. */
const people = Array.from({ length: 60 }, (_, index) =>
  w.record(index + 1, {
    site_name: ["Main", "Harbour", "Lab"][index % 3] ?? "",
    title: index % 10 === 0 ? "Field Engineer" : index % 10 === 1 ? "Battlefield Guide" : "Deckhand",
    inactive: index >= 50,
  }),
);

function check(mappings: Mappings, records: readonly SourceRecord[] = people, live?: CheckWorld["live"]): Checked {
  const read = roster(records, mappings);
  const known = read.rows.map(({ key, record }) => ({ key, record, accounts: { entra: `entra-${key}` } }));
  const named = (name: string) => (live?.["entra:Group"] ?? []).filter(({ values }) => values["name"] === name);
  const { facts } = decisionsFor(mappings, known, w.now, live ? { devices: [], groups: named } : nothingInEntra);
  return checked({ mappings, now: w.now, roster: read, facts, live });
}
const ad = (given: Partial<AdIn>, more: Parameters<typeof w.mappings>[0] = {}): Mappings =>
  w.mappings({ ad: { accounts: { first: [{ ou: w.staff("Main") }] }, ...given }, entra: null, halo: null, ...more });
const group = (members: object, more: object = {}): Mappings =>
  ad({ groups: [{ name: "GG-A", for: members as Record<string, never>, ...more }] });
const of = (checkedNow: Checked, kind: Warning["kind"]): string[] =>
  checkedNow.warnings.filter((one) => one.kind === kind).map(({ rule, text, hint = "" }) => `${rule} ${text}${hint}`);

describe("check (middle.md 5)", () => {
  it("counts for how many each line holds, those who have left apart", () => {
    const { people: all, left, lines } = check(group({ site_name: "Main" }));
    expect({ all, left }).toEqual({ all: 60, left: 10 });
    expect(lines.map(({ of: name, holds, left: gone }) => [name, holds, gone])).toEqual([
      ["people", 60, 0],
      [`accounts ${w.staff("Main")}`, 50, 10],
      ["groups GG-A", 17, 3],
    ]);
  });

  it("counts what the wish decides on", () => {
    const mappings = w.mappings();
    const world = w.world({ mappings, records: people });
    const made = wish(world);
    const counted = checked({ mappings, now: w.now, roster: roster(people, mappings), facts: made.facts, live: {} });
    for (const { of: name, holds } of counted.lines) {
      const found = made.resources.find((one) => one.type === "ad:Group" && name === `groups ${one.name}`);
      if (found) expect((found.inputs["members"] as string[]).length, name).toBe(holds);
    }
    expect(counted.lines.some(({ of: name }) => name === "groups GG-Change")).toBe(true);
  });

  it("warns of a line for nobody, and of a condition that holds for everybody", () => {
    expect(of(check(group({ site_name: "Main", title: "Captain" })), "nobody")).toEqual([
      "mappings/ad.yaml:groups.0.for groups GG-A holds for nobody (of 50 people who are here)",
    ]);
    expect(of(check(group({ isserviceaccount: false })), "everybody")).toContain(
      "mappings/ad.yaml:groups.0.for groups GG-A has a condition, and it holds for everybody (50 people who are here)",
    );
    expect(of(check(group({})), "everybody")).not.toContainEqual(expect.stringContaining("GG-A"));
    // Somebody who has left is in no group.
    expect(of(check(group({ person: [55] })), "nobody")).toHaveLength(1);
  });

  it("warns of a value that no record has, with the nearest, under not and in lists too", () => {
    expect(of(check(group({ any: [{ site_name: ["Main", "Harbor"] }, { not: { title: "Dekhand" } }] })), "value")).toEqual([
      'mappings/ad.yaml:groups.0.for.any.0.site_name.1 no record has the site_name "Harbor"; did you mean "Harbour"?',
      'mappings/ad.yaml:groups.0.for.any.1.not.title no record has the title "Dekhand"; did you mean "Deckhand"?',
    ]);
    expect(of(check(group({ title: { matches: "^Captain" } })), "value")).toEqual([
      'mappings/ad.yaml:groups.0.for.title no record has a title in which ^Captain is found; there is "Field Engineer", "Battlefield Guide", "Deckhand"',
    ]);
    expect(of(check(group({ person: [3, 97, "007"] })), "value")).toEqual([
      "mappings/ad.yaml:groups.0.for.person.1 nobody has the key 97",
      'mappings/ad.yaml:groups.0.for.person.2 nobody has the key 007; did you mean "7"?',
    ]);
  });

  it("warns of a field in which no record has anything, in conditions and in templates", () => {
    expect(of(check(group({ "custom.CFDepartmnt": "Sales" })), "field")).toEqual([
      'mappings/ad.yaml:groups.0.for.custom.CFDepartmnt no record has anything in the field custom.CFDepartmnt; did you mean "custom.CFDepartment"?',
    ]);
    const template = ad({ attributes: { office: { info: "{{ custom.CFRoom }}", title: "{{ title }}" } } });
    const named = new Map([
      ["custom.CFRoom", ["mappings/ad.yaml:attributes.office.info", "mappings/ad.yaml:attributes.office.drink"]],
      ["title", ["mappings/ad.yaml:attributes.office.title"]],
    ]);
    expect(of(check({ ...template, named }), "field")).toEqual([
      "mappings/ad.yaml:attributes.office.info no record has anything in the field custom.CFRoom",
    ]);
  });

  it("warns of a key that nobody has wherever one is named: who answers for a group, who is one with whom", () => {
    const managed = ad(
      {
        groups: [
          { name: "GG-A", for: {}, managedBy: { person: 97 } },
          { name: "GG-B", for: {}, managedBy: { person: 7 } },
        ],
        ous: [{ ou: w.staff("Lab"), managedBy: { person: "007" } }],
      },
      {
        people: { people: { ...w.peopleDefault.people, newKey: { same: [{ person: 98, was: 3 }], different: [{ person: 4, isNot: 5 }] } } },
      },
    );
    expect(of(check(managed), "value")).toEqual([
      "mappings/ad.yaml:groups.0.managedBy.person nobody has the key 97",
      'mappings/ad.yaml:ous.0.managedBy.person nobody has the key 007; did you mean "7"?',
      "mappings/people.yaml:people.newKey.same.0.person nobody has the key 98",
    ]);
  });

  it("warns of a pattern that is not anchored, with what it is found in", () => {
    expect(of(check(group({ title: { matches: "Field" } })), "pattern")).toEqual([
      'mappings/ad.yaml:groups.0.for.title matches: Field is found anywhere in title; begin it with ^ or end it with $, or write .* where it may stand anywhere; it is found within "Battlefield Guide"',
    ]);
    expect(of(check(group({ title: { matches: "^Field" } })), "pattern")).toEqual([]);
    const asset = { hasAsset: { type: ["Laptop"], Purpose: { matches: "Dev" }, status_name: "In use" } };
    expect(of(check(group(asset)), "pattern")).toEqual([
      expect.stringContaining("hasAsset.Purpose matches: Dev is found anywhere in Purpose"),
    ]);
    expect(of(check(group(asset)), "value")).toEqual([]);
  });

  it("warns of a line that an earlier one always beats, and says for how many each decides", () => {
    const accounts = [
      { for: { site_name: ["Main", "Lab"] }, ou: w.staff("A") },
      { for: { site_name: "Lab" }, ou: w.staff("B") },
      { ou: w.staff("C") },
    ];
    const made = check(ad({ accounts: { first: accounts } }));
    expect(of(made, "never decides")).toEqual([
      `mappings/ad.yaml:accounts.1.for accounts ${w.staff("B")} never decides: for all 20 people for whom it holds an earlier line does (mappings/ad.yaml:accounts.0.for)`,
    ]);
    expect(made.lines.filter((line) => line.of.startsWith("accounts")).map(({ holds, decides }) => [holds, decides])).toEqual([
      [33, undefined],
      [16, 0],
      [50, 20],
    ]);
  });

  it("warns of a day that has passed, and of nothing else there", () => {
    const made = check(group({ title: "Nobody" }, { ends: "2020-01-31" }));
    expect(of(made, "ended")).toEqual(["mappings/ad.yaml:groups.0.for groups GG-A ended on 2020-01-31: it asks for nobody any more"]);
    expect(of(made, "nobody")).toEqual([]);
    expect(made.lines.at(-1)).toMatchObject({ holds: 0, note: "ended on 2020-01-31" });
    expect(of(check(group({}, { starts: "2020-01-31" })), "ended")).toEqual([]);
  });

  it("warns of a protected name that fits nobody, and of a group in both directories", () => {
    const safety = { protected: { people: ["007", 3], accounts: ["svc-*"] } };
    expect(of(check(ad({}, { safety })), "protected")).toEqual([
      'mappings/safety.yaml:protected.people.0 protects the person 007, and nobody has that key; did you mean "7"?',
    ]);
    const groups = ad({}, { safety: { protected: { groups: ["gg-dock"], allow: ["DnsAdmns"] } } });
    const live = { "ad:Group": [w.group("GG-Dock", [])] };
    expect(of(check(groups, people, live), "protected")).toEqual([
      "mappings/safety.yaml:protected.allow.0 protected.allow names DnsAdmns, and no group that is read is called so: correct it, or take it out",
    ]);
    expect(of(check(groups), "protected")).toEqual([]);
    const both = ad({ groups: [{ name: "GG-A", for: {} }] }, { entra: { groups: [{ name: "gg-a", for: {} }] } });
    expect(of(check(both), "twice")).toEqual([
      "mappings/entra.yaml:groups.0 the group gg-a stands in ad.yaml too (mappings/ad.yaml:groups.0): where Entra Connect brings it, nobody can change it in Entra ID; name it in one of the two files",
    ]);
  });

  it("warns of lines by which nobody sees what is privileged, deleted or done by changed mapping files", () => {
    const approvals = approvalsFile.parse({
      rules: {
        first: [
          { kinds: ["joiner", "privileged"], approvers: "nobody" },
          { kinds: ["deletion"], approvers: { one: ["ada@example.com"] } },
        ],
      },
      otherwise: { one: ["ada@example.com"] },
    });
    expect(of(check({ ...ad({}), approvals }), "approval")).toEqual([
      "mappings/approvals.yaml:rules.0 privileged needs nobody by this line: whoever can change a record gives privileged rights, and nobody sees it",
    ]);
    expect(of(check(ad({})), "approval")).toEqual([]);
  });

  it("cannot tell of devices without the systems, nor of groups that hang on them", () => {
    const mappings = ad({
      groups: [
        { name: "GG-A", for: { hasDevice: { managed: true } } },
        { name: "GG-B", for: { any: [{ group: "gg-a" }, { title: "Deckhand" }] } },
      ],
    });
    const { lines, warnings } = check(mappings);
    expect(lines.slice(-2)).toMatchObject([{ holds: null, note: expect.stringContaining("devices") }, { holds: null }]);
    expect(warnings.filter(({ rule }) => rule.includes("groups"))).toEqual([]);
  });

  it("knows groups of Entra ID where they were read; where not, nobody is said to be in none", () => {
    const mappings = ad(
      {
        groups: [
          { name: "GG-A", for: { entraGroup: "SG-Desk" } },
          { name: "GG-B", for: { any: [{ entraGroup: "SG-Dekc" }, { site_name: "Lab" }] } },
        ],
      },
      { entra: { groups: [{ name: "SG-Deck", for: { title: "Deckhand" } }] } },
    );
    const desk = { id: "g", values: { name: "SG-Desk", members: ["entra-1", "entra-2", "entra-55"] } };
    const read = check(mappings, people, { "entra:Group": [desk] });
    expect(read.lines.filter((line) => line.of.startsWith("groups GG"))).toMatchObject([
      { holds: 2, left: 1 },
      { holds: 16, unsure: 40 },
    ]);
    expect(of(read, "value")).toEqual([
      'mappings/ad.yaml:groups.1.for.any.0.entraGroup Entra ID has no group SG-Dekc; did you mean "SG-Deck"?',
    ]);
    const unread = check(mappings);
    expect(unread.lines.find((line) => line.of === "groups GG-A")).toMatchObject({ holds: 0, unsure: 60 });
    expect(unread.warnings.filter(({ rule }) => rule.includes("ad.yaml:groups"))).toEqual([]);
  });

  it("marks what few people have as nothing for where others read along", () => {
    const few = check(group({ surname: "Exampl7" })).warnings.find((one) => one.kind === "value");
    expect(few).toMatchObject({ text: 'no record has the surname "Exampl7"', hint: expect.stringContaining("Example7"), isRare: true });
    const many = check(group({ site_name: "Mian" })).warnings.find((one) => one.kind === "value");
    expect(many?.isRare).toBe(undefined);
  });

  it("has a line for every rule of every file (point 7 of the issue), from the registry", () => {
    const mappings = w.mappings();
    const files = new Set(check(mappings).lines.map(({ rule }) => rule.replace(/:.*$/u, "")));
    expect([...files]).toEqual(["mappings/people.yaml", "mappings/ad.yaml", "mappings/entra.yaml", "mappings/halo.yaml"]);
  });
});
