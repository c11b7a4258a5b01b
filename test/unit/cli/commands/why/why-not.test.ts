import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../../base/json.ts";
import type { RuleVerdict } from "../../../../../cli/answers/answers.ts";
import { explainNot, verdicts } from "../../../../../cli/commands/why/why-not.ts";
import { printWhyNot } from "../../../../../cli/render/answers/why.ts";
import { type Facts, holds } from "../../../../../mappings/language/condition.ts";
import { FEED_FIELDS } from "../../../../../mappings/language/feed-tests.ts";
import { loadMappings } from "../../../../../mappings/load.ts";
import { rulesOf } from "../../../../../mappings/rules.ts";
import type { Mappings } from "../../../../../mappings/schema/all.ts";
import { filesFile } from "../../../../../mappings/schema/files.ts";
import { haloUsersFile } from "../../../../../mappings/schema/halo-users.ts";
import { scriptsFile } from "../../../../../mappings/schema/scripts.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../../../sources/halo/fields.ts";
import { decideSite } from "../../../../../stacks/decide/sites.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import * as w from "../../../stacks/world.ts";

const { scripts } = scriptsFile.parse({ scripts: [{ name: "welcome", run: ["/usr/bin/true"], after: ["joiner"] }] });
const photo = { from: "halo" as const };

/** Mappings with every condition there is. */
function everything(): Mappings {
  const laptop = { hasDevice: { operatingSystem: "Windows", complianceState: "compliant" } };
  return {
    ...w.mappings({
      ad: {
        ...w.adDefault,
        accounts: { first: [{ for: { site_name: "Main" }, ou: w.staff("Main") }, { ou: w.staff("Lab") }] },
        groups: [{ name: "GG-Sales", for: laptop, may: { title: "Lead" } }],
        photos: { first: [{ for: { site_name: "Main" }, ...photo }, photo] },
        passwords: { handover: "output", rotate: { key: "2027-01", for: { title: "Lead" } } },
      },
      entra: {
        ...w.entraDefault,
        accounts: { first: [{ for: { site_name: "Main" }, hybrid: true }, { hybrid: true }] },
        groups: [{ name: "SG-Old", for: {}, owners: { title: "Lead" }, may: { title: "Mate" }, ends: "2020-01-31" }],
        applications: [{ name: "Wiki", for: {}, starts: "2030-01-01" }],
        mailboxes: {
          plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE" },
          for: { title: "Lead" },
        },
        photos: { first: [{ for: { site_name: "Main" }, ...photo }, photo] },
      },
      halo: {
        ...w.haloDefault,
        grants: { every: [{ for: { entraGroup: "SG-Agents" }, roles: ["Field Engineer"] }] },
        boards: [{ name: "CAB", for: {} }],
      },
      safety: { leaver: { mailbox: { remove: { after: "30 days", once: "exported", for: { other5: "exported" } } } } },
    }),
    haloUsers: haloUsersFile.parse({
      users: {
        sites: {
          first: [
            { sequence: 30, site: "Northwind/Lab" },
            { sequence: 10, site: "Northwind/Main", for: { title: "Analyst" } },
            { sequence: 5, site: "*agent*", for: { entraGroup: "Desk" } },
            { sequence: 20, site: "Northwind/Guests", external: true, for: { entraGroup: "Partners" } },
          ],
        },
      },
    }),
    files: filesFile.parse({ homes: { first: [{ for: { site_name: "Main" }, path: "Main/{{ login }}" }, { path: "Lab/{{ login }}" }] } }),
    scripts,
  };
}

const facts = (fields: { [field: string]: Json }, more: Partial<Facts> = {}): Facts => ({
  fields: { ...w.record(1).fields, ...fields },
  key: "1",
  groups: new Set(),
  today: "2026-03-01",
  ...more,
});
const one = (all: readonly RuleVerdict[], of: string): RuleVerdict => {
  const [found, ...others] = all.filter((rule) => rule.of === of);
  expect(others, of).toEqual([]);
  return found ?? expect.fail(`no rule is called ${of}: ${all.map((rule) => rule.of).join(", ")}`);
};

describe("why-not (C6, H12)", () => {
  it("knows every rule about people of the sample mappings", async () => {
    const rules = rulesOf(
      await loadMappings(join(import.meta.dirname, "../../../../../mappings"), { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS] }),
    );
    const labels = rules.map((rule) => rule.of);
    expect(labels).toContain("groups GG-VPN");
    expect(labels).toContain("licences SPE_E5");
    expect(labels).toContain("groups SG-Intranet");
    expect(labels.filter((label) => label.startsWith("accounts"))).toHaveLength(1);
    expect(labels.filter((label) => label.startsWith("agents"))).toHaveLength(2);
  });

  it("leaves no condition out (middle-B11)", () => {
    const labels = verdicts(everything(), facts({})).map((rule) => rule.of);
    expect(labels).toEqual(
      expect.arrayContaining([
        ...["groups GG-Sales", "groups GG-Sales may", "groups SG-Old", "groups SG-Old may", "groups SG-Old owners"],
        ...["passwords rotate", "mailboxes", "leaver mailbox remove", "applications Wiki", "photos 1", "photos 2"],
        ...["grants 1", "boards CAB", "scripts welcome", "homes Main/{{ login }}", "homes Lab/{{ login }}"],
        ...["sites Northwind/Main", "sites Northwind/Lab", "sites Northwind/Guests", "sites *agent*"],
      ]),
    );
    const places = verdicts(everything(), facts({})).map((rule) => rule.rule);
    expect(places).toContain("mappings/halo-users.yaml:users.sites.1.for");
    expect(places).toContain("mappings/halo-users.yaml:users.sites.0");
    expect(places).toContain("mappings/scripts.yaml:scripts.0");
    expect(places).toContain("mappings/safety.yaml:leaver.mailbox.remove.for");
  });

  it("says what was asked of devices, and what there are (middle-B11)", () => {
    const device = (complianceState: string) => ({ deviceName: "PC-1", operatingSystem: "Windows", complianceState, managed: true });
    const none = one(verdicts(everything(), facts({})), "groups GG-Sales");
    const asks = "has a device of which operatingSystem is Windows and complianceState is compliant";
    expect(none).toMatchObject({ holds: false, points: [{ at: "hasDevice", asks, found: [], holds: false }] });
    const wrong = one(verdicts(everything(), facts({}, { devices: [device("noncompliant")] })), "groups GG-Sales");
    const found = [{ deviceName: "PC-1", operatingSystem: "Windows", complianceState: "noncompliant" }];
    expect(wrong).toMatchObject({ holds: false, points: [{ asks, found, holds: false }] });
    expect(one(verdicts(everything(), facts({}, { devices: [device("compliant")] })), "groups GG-Sales").holds).toBe(true);
    const text = printWhyNot(
      { format: "haloform.why-not/1", key: "1", name: "Ada", stage: "active", parked: [], notes: [], rules: [none, wrong] },
      false,
    );
    expect(text).toContain(`hasDevice ${asks}: the account has nothing, which does not fit`);
    expect(text).not.toContain("[object Object]");
  });

  it("has the facts of the wish: devices and doubts (middle-B11)", () => {
    const owner = w.entraUser("entra-1", { mail: "user1@corp.example.com" });
    const live = {
      "entra:Licence": [owner],
      "entra:Device": [
        { id: "d", values: { deviceName: "PC-1", operatingSystem: "Windows", complianceState: "compliant", userId: "entra-1" } },
      ],
    };
    const assets = { for: { hasAsset: "Laptop" } };
    const mappings = { ...everything(), ...w.mappings({ ad: { ...w.adDefault, groups: [{ name: "GG-A", ...assets }] } }) };
    const feeds = { doubted: ["assets"], sentences: [] };
    const doubted = wish(w.world({ mappings, records: [w.record(1)], live, feeds }));
    expect(doubted.facts("1")?.devices).toMatchObject([{ deviceName: "PC-1" }]);
    expect(doubted.facts("1")?.fields[FEED_FIELDS.doubted]).toEqual(["assets"]);
    expect(doubted.facts("7")).toBe(undefined);
    const rule = one(verdicts(mappings, doubted.facts("1") ?? facts({})), "groups GG-A");
    expect(rule).toMatchObject({ holds: false, note: expect.stringContaining("doubted") });
    const sure = wish(w.world({ mappings: everything(), records: [w.record(1)], live }));
    expect([...(sure.facts("1")?.groups ?? [])]).toEqual(["GG-Sales"]);
    expect(one(verdicts(everything(), sure.facts("1") ?? facts({})), "groups GG-Sales")).toMatchObject({ holds: true });
  });

  it("says that an earlier rule decides, wherever the first that holds does (middle-B11)", () => {
    const all = verdicts(everything(), facts({ title: "Analyst" }, { entraGroups: new Set(["Desk", "Partners"]) }));
    const later = all.filter((rule) => rule.note?.includes("an earlier rule"));
    expect(later.map((rule) => rule.rule)).toEqual([
      "mappings/ad.yaml:accounts.1",
      "mappings/ad.yaml:photos.1",
      "mappings/entra.yaml:accounts.1",
      "mappings/entra.yaml:photos.1",
      // By sequence: 10 decides, 20 and 30 do not. The entry for agents decides no site.
      "mappings/halo-users.yaml:users.sites.0",
      "mappings/halo-users.yaml:users.sites.3.for",
      "mappings/files.yaml:homes.1",
    ]);
    expect(later.at(-2)?.note).toBe("an earlier rule (mappings/halo-users.yaml:users.sites.1.for) decides");
    const elsewhere = verdicts(everything(), facts({ site_name: "Lab", title: "Mate" }));
    expect(elsewhere.filter((rule) => rule.note?.includes("an earlier rule"))).toEqual([]);
  });

  it("says when a line counts, whatever has days", () => {
    const all = verdicts(everything(), facts({}));
    expect(one(all, "groups SG-Old")).toMatchObject({ holds: true, note: "ended on 2020-01-31" });
    expect(one(all, "groups SG-Old owners").note).toBe(undefined);
    expect(one(all, "applications Wiki")).toMatchObject({ holds: true, note: "begins on 2030-01-01" });
    expect(one(all, "grants 1")).toMatchObject({
      holds: false,
      points: [{ at: "entraGroup", asks: "belongs to the Entra group SG-Agents" }],
    });
  });

  it("decides entries of sites as the wish does", () => {
    const mappings = everything();
    const sites = mappings.haloUsers?.users?.sites ?? [];
    const person = fc.record({
      title: fc.constantFrom("Analyst", "Mate"),
      userType: fc.constantFrom("Member", "Guest", "guest"),
      groups: fc.subarray(["Desk", "Partners", "desk"]),
    });
    fc.assert(
      fc.property(person, ({ groups, ...fields }) => {
        const is = facts(fields, { entraGroups: new Set(groups) });
        const { site, agent } = decideSite(sites, {
          external: fields.userType.toLowerCase() === "guest",
          decide: (condition) => holds(condition, is),
        });
        const decides = verdicts(mappings, is).filter((rule) => rule.of.startsWith("sites ") && rule.holds && rule.note === undefined);
        const expected = [site, agent].flatMap((decision) => (decision ? [`sites ${sites[decision.index]?.site}`] : []));
        expect(decides.map((rule) => rule.of).sort()).toEqual(expected.sort());
      }),
    );
  });

  it("says what was asked and what the record has, without control characters", () => {
    const text = printWhyNot(
      {
        format: "haloform.why-not/1",
        key: "41",
        name: "Ada\u001b[2J Example",
        stage: "active",
        parked: [],
        notes: [],
        rules: [
          {
            rule: "mappings/ad.yaml:32",
            of: "groups GG-VPN",
            holds: false,
            points: [
              { at: "title", asks: "matches ^Field", found: "Mate", holds: false },
              { at: "not.site_name", asks: "is Lab", found: "Lab", holds: true },
            ],
          },
        ],
      },
      false,
    );
    expect(text).not.toContain("\u001b");
    expect(text).toContain("groups GG-VPN  does not match  mappings/ad.yaml:32");
    expect(text).toContain('title matches ^Field: the record has "Mate", which does not fit');
    expect(text).toContain('not.site_name is Lab: the record has "Lab", which excludes');
  });
});

it("somebody who was renumbered is found under the new key, although people.for is written", () => {
  const mappings = w.mappings({ people: { people: { ...w.peopleDefault.people, for: { site_name: "Main" } } } });
  const records = [w.record(901)];
  const people = [
    { key: "00901", recordKey: "901", name: "Ada901 Example901", stage: "active" as const, accounts: {}, record: w.record(901) },
  ];
  const wished = { ...wish(w.world({ records, mappings })), people, parked: [], notes: [] };
  const answer = explainNot({ mappings, records, source: { name: "hr" }, wish: wished }, { person: "901", now: w.now }, true);
  expect(answer).toMatchObject({ key: "00901", recordKey: "901", stage: "active" });
  expect(answer.rules.length).toBeGreaterThan(1);
  expect(printWhyNot(answer, false)).toMatch(/^Ada901 Example901 \(901, known as 00901\): active/u);
});

describe("somebody who is not simply here", () => {
  const mappings = everything();
  const records = [w.record(1, { inactive: true }), w.record(2)];
  const answer = (person: string, given: Mappings = mappings) => {
    const wished = wish(w.world({ mappings: given, records, live: { "ad:User": [w.account(1), w.account(2)] } }));
    return explainNot({ mappings: given, records, source: { name: "halo.users" }, wish: wished }, { person, thing: undefined, now: w.now });
  };
  it("has left: a rule that matches says that it gives nothing, but for those about leavers", () => {
    const { stage, rules } = answer("1");
    expect(stage).toBe("leaver");
    expect(one(rules, "boards CAB")).toMatchObject({ holds: true, note: "has left: nothing is given by it any more" });
    expect(rules.find(({ of }) => of === "scripts welcome")).toBe(undefined);
    expect(answer("2").rules.find(({ of }) => of === "boards CAB")).toBe(undefined);
  });
  it("is held, as by a protected leaver's key: nothing is given or taken", () => {
    const { stage, rules, notes } = answer("1", { ...mappings, ...w.mappings({ safety: { protected: { people: [1] } } }) });
    expect(stage).toBe("held");
    expect(rules.find(({ of, holds }) => of.startsWith("accounts ") && holds)?.note).toMatch(/^keeps everything as it is/u);
    expect(notes.join("\n")).toContain("protected (mappings/safety.yaml:protected.people)");
  });
  it("is left aside by people.for: by key and by name", () => {
    const narrow = { ...mappings, ...w.mappings({ people: { people: { ...w.peopleDefault.people, for: { site_name: "Lab" } } } }) };
    for (const asked of ["2", "Ada2 Example2"])
      expect(answer(asked, narrow)).toMatchObject({
        ...{ key: "2", stage: "left aside", parked: [] },
        rules: [{ of: "people", holds: false, points: [{ at: "site_name", asks: "is Lab", found: "Main" }] }],
      });
    expect(printWhyNot(answer("2", narrow), false)).toMatch(/^Ada2 Example2 \(2\): left aside\n/u);
  });
});
