/** A plan cut into parts: every change in one, what needs the other together, and never the one who gains. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planSchema } from "../../../../../stacks/model/plan.ts";
import { contentOf, partsSealed } from "../../../../../stacks/plan/parts/cut.ts";
import { kindsOf } from "../../../../../stacks/plan/parts/kinds.ts";
import { strictest } from "../../../../../stacks/plan/parts/rules.ts";
import { sealed } from "../../../../../stacks/plan/plan.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import * as w from "../../world.ts";
import { estates, group, partsIn, planned, rulesOf, type Said, type Someone, type Thing, user } from "./estate.ts";

const otherwise = { one: ["ada@example.com"] };
const nobody = (...kinds: string[]): Said => ({ rules: { first: [{ kinds: kinds as never, approvers: "nobody" }] }, otherwise });
const people = (...keys: string[]): Someone[] => keys.map((key) => ({ key }));
const groupThing = (name: string, is: string[] | undefined, wish: string[], more = {}): Thing => ({
  ...{ type: "ad:Group", name, wish: group(name, wish, more) },
  ...(is ? { is: group(name, is, more) } : {}),
});
const userThing = (key: string, is: object | undefined, wish: object = {}): Thing => ({
  ...{ type: "ad:User", name: `person-${key}`, person: key, wish: user(key, { ...wish }) },
  ...(is ? { is: user(key, { ...is }) } : {}),
});

describe("parts of a plan", () => {
  test("without rules there are none, and the plan is the same to the letter", () => {
    const [things, all] = estates["joiner"] as (typeof estates)[string];
    const plain = planned(things, all);
    expect("parts" in plain).toBe(false);
    const { parts: _parts, digest, ...cut } = planned(things, all, { rules: rulesOf({ otherwise }) });
    const { digest: own, ...rest } = plain;
    expect(cut).toEqual(rest);
    expect(digest).not.toBe(own);
  });

  test("alike ones are one part; its digest is of what the plan rests on and of its own changes", () => {
    const things = [userThing("41", undefined), userThing("42", undefined), userThing("43", {}, { enabled: false })];
    const all = [...people("41", "42"), { key: "43", stage: "leaver" as const }];
    const rules = rulesOf(nobody("joiner"));
    const plan = planned(things, all, { rules });
    expect(partsIn(plan)).toEqual(["joiners-1 [41,42] nobody", "leavers-1 [43] 1 of ada"]);
    expect(planSchema.parse(plan)).toEqual(plan);
    expect([sealed(plan), partsSealed(plan)]).toEqual([true, true]);
    const digests = (given: object) => planned(things, all, { rules, ...given }).parts?.map(({ digest }) => digest);
    const [joiners, leavers] = digests({}) as string[];
    expect(digests({ world: "sha256:other" })?.some((one) => one === joiners || one === leavers)).toBe(false);
    // Another's change leaves a part's digest as it is.
    const others = [things[0] as Thing, things[1] as Thing, userThing("43", {}, { enabled: false, sAMAccountName: "gone" })];
    const [same, other] = planned(others, all, { rules }).parts?.map(({ digest }) => digest) ?? [];
    expect([same === joiners, other === leavers]).toEqual([true, false]);
  });

  test("a raised limit beside nothing but what is taken over is named, and needs who approves limits", () => {
    const there = user("46");
    const things: Thing[] = [{ ...{ type: "ad:User", name: "person-46", person: "46", is: there, wish: there }, adopt: true }];
    const judge = () => ({ verdict: "ok" as const, breaches: [], raised: ["a limit"] });
    const two = { kinds: ["limitRaised" as const], approvers: { two: ["ada@example.com", "ben@example.com"] } };
    const rules = rulesOf({ rules: { first: [two, { kinds: ["adoption"], approvers: "nobody" }] }, otherwise } as Said);
    const plan = planned(things, people("46"), { rules, judge });
    expect([plan.summary.adopted, partsIn(plan)]).toEqual([1, ["limits-1 [] 2 of ada+ben"]]);
    expect(plan.parts?.[0]?.kinds).toEqual(["limitRaised", "adoption"]);
  });

  test("an emergency is in the digest of each part: who approved it without has not approved it with one", () => {
    const rules = rulesOf({ otherwise });
    const emergency = { digest: "sha256:e", who: "eve@example.com", ticket: "INC-1", until: "2026-01-01T12:00:00Z" };
    const digests = (more: object) =>
      planned([userThing("41", undefined)], people("41"), { rules, ...more }).parts?.map(({ digest }) => digest);
    expect(digests({ emergency })).not.toEqual(digests({}));
    const plan = planned([userThing("41", undefined)], people("41"), { rules, emergency });
    expect([partsSealed(plan), partsSealed({ ...plan, emergency: { ...emergency, digest: "sha256:other" } })]).toEqual([true, false]);
  });

  test("a part whose needs, people or changes were altered is not what its digest says", () => {
    const plan = planned([userThing("41", undefined)], people("41"), { rules: rulesOf({ otherwise }) });
    const [part] = plan.parts ?? [];
    if (!part) throw new Error("there is a part");
    for (const forged of [
      { ...part, needs: { ...part.needs, approvers: 0 as const } },
      { ...part, needs: { ...part.needs, never: [] } },
      { ...part, changes: [] },
      { ...part, id: "leavers-1" },
    ])
      expect(partsSealed({ ...plan, parts: [forged] })).toBe(false);
  });

  test("an account and its groups, a move's narrowing and its broadening go together", () => {
    const things = [groupThing("GG-A", ["41"], []), groupThing("GG-B", [], ["41", "42"]), userThing("42", undefined), userThing("41", {})];
    const plan = planned(things, people("41", "42"), { rules: rulesOf(nobody("broadening", "joiner")) });
    // 41's gain would need nobody; what it loses needs somebody.
    expect(partsIn(plan)).toEqual(["joiners-1 [42] nobody", "movers-1 [41] 1 of ada"]);
  });

  test("a group or a place that is only just made comes with everybody who comes into it", () => {
    const ou = "OU=New,DC=corp,DC=example,DC=com";
    const things: Thing[] = [
      { type: "ad:OrganizationalUnit", name: "new", wish: { distinguishedName: ou } },
      userThing("41", undefined, { path: `OU=Inner,${ou}` }),
      groupThing("GG-New", undefined, ["42"]),
      userThing("42", undefined),
      userThing("43", undefined),
    ];
    const plan = planned(things, people("41", "42", "43"), { rules: rulesOf(nobody("joiner")) });
    expect(partsIn(plan)).toEqual(["joiners-1 [41,42] 1 of ada", "joiners-2 [43] nobody"]);
  });

  test("whoever names somebody as manager who has no account yet waits for that account", () => {
    const things = [
      userThing("41", undefined, { attributes: { manager: "person:42" } }),
      userThing("42", undefined),
      userThing("43", undefined),
    ];
    const said: Said = { rules: { first: [{ kinds: ["joiner"], for: { person: [41, 43] }, approvers: "nobody" }] }, otherwise };
    expect(partsIn(planned(things, people("41", "42", "43"), { rules: rulesOf(said) }))).toEqual([
      "joiners-1 [41,42] 1 of ada",
      "joiners-2 [43] nobody",
    ]);
  });

  test("changes of somebody that hang on nothing are cut apart", () => {
    const photo: Thing = {
      type: "ad:Photo",
      name: "person-41",
      person: "41",
      is: { person: "41", digest: "a" },
      wish: { person: "41", digest: "b" },
    };
    const drifted: Thing = { ...userThing("41", { name: "Put Back" }), state: user("41") };
    expect(partsIn(planned([drifted, photo], people("41"), { rules: rulesOf(nobody("drift")) }))).toEqual([
      "drift-1 [41] nobody",
      "details-1 [41] 1 of ada",
    ]);
  });

  test("never the one who gains: by their address, their login and their mail, whatever the case", () => {
    const said: Said = { otherwise: { one: ["P41@corp.example.com", "P42@Example.com", "ada@example.com"] } };
    const things = [groupThing("GG-A", [], ["41", "42", "43"]), userThing("41", {}, {}), userThing("43", {}, {})];
    // 41's login names an approver; 42's address does; of 43's part all three may approve.
    expect(partsIn(planned(things, people("41", "42", "43"), { rules: rulesOf(said) })).sort()).toEqual([
      "movers-1 [41] 1 of ada+p41@corp.example.com+p42 not p41@corp.example.com",
      "movers-2 [42] 1 of ada+p41@corp.example.com+p42 not p42",
      "movers-3 [43] 1 of ada+p41@corp.example.com+p42",
    ]);
  });

  test("a manager who is nobody, unknown or the one who gains is no approver: whoever approves what no line covers is asked, and it says so", () => {
    const said: Said = {
      ...{ rules: { first: [{ kinds: ["joiner"], approvers: { one: ["manager"] } }] }, otherwise, manager: "{{ custom.CFManager }}" },
    };
    for (const manager of ["", "Nobody Known", "41"]) {
      const plan = planned([userThing("41", undefined)], [{ key: "41", fields: { "custom.CFManager": manager } }], {
        rules: rulesOf(said),
      });
      expect(partsIn(plan)).toEqual(["joiners-1 [41] 1 of ada"]);
      expect(plan.parts?.[0]?.because.join()).toContain("names nobody here who may approve it");
    }
    const named = planned([userThing("41", undefined)], [{ key: "41", fields: { "custom.CFManager": "Person 42" } }, { key: "42" }], {
      rules: rulesOf(said),
    });
    expect(partsIn(named)).toEqual(["joiners-1 [41] 1 of p42"]);
  });

  test("whom a plan would make owner of a group does not approve who comes into it", () => {
    const said: Said = { rules: { first: [{ kinds: ["mover"], approvers: { one: ["owner"] } }] }, otherwise };
    const thing = (now: string): Thing => ({
      ...{
        type: "ad:Group",
        name: "GG-A",
        is: group("GG-A", [], { managedBy: now }),
        wish: group("GG-A", ["41"], { managedBy: "person:66" }),
      },
    });
    const parts = (now: string) => partsIn(planned([thing(now)], people("41", "42", "66"), { rules: rulesOf(said) }));
    expect(parts("person:42")).toContain("movers-1 [41] 1 of p42");
    expect(parts("dn:CN=Nobody")).toContain("movers-1 [41] 1 of ada");
  });

  test("of what many share, nobody who is in it approves that it gives more", () => {
    const said: Said = { otherwise: { one: ["ada@example.com", "p41@example.com"] } };
    const thing: Thing = {
      type: "entra:Group",
      name: "SG",
      is: { name: "SG", mode: "exact", members: ["person:41"], licences: [] },
      wish: { name: "SG", mode: "exact", members: ["person:41"], licences: [{ sku: "SPE_E5", without: [] }] },
    };
    expect(partsIn(planned([thing], people("41"), { rules: rulesOf(said) }))).toEqual(["more-1 [] 1 of ada+p41 not p41"]);
  });

  test("a plan that gives somebody another login or mail does not free the one they have now to approve what they gain", () => {
    const login = (name: string): object => ({
      attributes: { userPrincipalName: `${name}@example.com`, mail: `${name}.mail@example.com` },
    });
    const things = [groupThing("GG-A", [], ["41"]), userThing("41", login("old"), login("new"))];
    const names = ["old@example.com", "old.mail@example.com", "new@example.com", "p41@example.com", "ada@example.com"];
    const said: Said = { rules: { first: [{ kinds: ["broadening", "mover"], approvers: { one: names } }] }, otherwise };
    const [part] = planned(things, people("41"), { rules: rulesOf(said) }).parts ?? [];
    expect(part?.needs.never).toEqual([
      "new.mail@example.com",
      "new@example.com",
      "old.mail@example.com",
      "old@example.com",
      "p41@example.com",
    ]);
  });

  test("who is in a group that comes into another one gains by it, however deep, and in a circle too", () => {
    const things = [
      groupThing("GG-Outer", [], ["group:GG-Middle"]),
      groupThing("GG-Middle", ["group:gg-inner"], ["group:gg-inner"]),
      groupThing("GG-Inner", ["41", "group:GG-Middle"], ["41", "group:GG-Middle"]),
    ];
    const said: Said = {
      rules: { first: [{ kinds: ["broadening"], approvers: { one: ["p41@example.com", "ada@example.com"] } }] },
      otherwise,
    };
    const plan = planned(things, people("41", "42"), { rules: rulesOf(said) });
    expect(partsIn(plan)).toEqual(["more-1 [] 1 of ada+p41 not p41"]);
  });

  test("what is only taken over without a change is a part of its own, and so are mapping files that change nothing yet", () => {
    const same: Thing = { ...userThing("41", {}), adopt: true };
    expect(partsIn(planned([same], people("41"), { rules: rulesOf(nobody("adoption")) }))).toEqual(["adopted-1 [] nobody"]);
    const nothing = planned([], [], { rules: rulesOf(nobody("joiner"), { mappingChanged: true }) });
    expect(partsIn(nothing)).toEqual(["mappings-1 [] 1 of ada"]);
    expect(partsIn(planned([], [], { rules: rulesOf(nobody("joiner")) }))).toEqual([]);
  });
});

test("the strictest of what is needed: who is asked by a stricter one is not asked again", () => {
  const need = (approvers: 0 | 1 | 2, ...of: string[]) => ({ approvers, of });
  expect(strictest([need(0), need(1, "a", "b"), need(2, "a", "b")])).toEqual([need(2, "a", "b")]);
  expect(strictest([need(1, "a", "b"), need(1, "a")])).toEqual([need(1, "a")]);
  expect(strictest([need(1, "c"), need(2, "a", "b")])).toEqual([need(2, "a", "b"), need(1, "c")]);
  expect(strictest([need(0), need(0)])).toEqual([need(0)]);
});

const aThing = fc.record({
  person: fc.integer({ min: 1, max: 8 }),
  kind: fc.constantFrom("new", "off", "title", "gone", "in", "out"),
  group: fc.constantFrom("A", "B", "C"),
});
const kinds = fc.subarray(["joiner", "mover", "leaver", "drift", "broadening", "narrowing", "details"] as const, { minLength: 1 });

test("every change is in exactly one part, and the parts together are the plan", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(aThing, {
        selector: ({ person, kind, group: name }) => (kind === "in" || kind === "out" ? `${person} ${name}` : `${person}`),
        maxLength: 14,
      }),
      fc.array(kinds, { maxLength: 3 }),
      fc.boolean(),
      (list, lines, mappingChanged) => {
        const users = list.flatMap(({ person, kind }): Thing[] => {
          const key = String(person);
          if (kind === "new") return [userThing(key, undefined)];
          if (kind === "off") return [userThing(key, {}, { enabled: false })];
          if (kind === "title") return [userThing(key, {}, { attributes: { telephoneNumber: "1" } })];
          return kind === "gone" ? [{ ...userThing(key, {}), wish: undefined } as never as Thing] : [];
        });
        const groups = ["A", "B", "C"].map((name) => {
          const of = (kind: string) => list.flatMap((one) => (one.kind === kind && one.group === name ? [String(one.person)] : []));
          return groupThing(name, of("out"), of("in"));
        });
        const said: Said = {
          rules: {
            first: lines.map((some, index) => ({ kinds: [...some], approvers: index % 2 === 0 ? "nobody" : { one: ["ben@example.com"] } })),
          },
          otherwise,
        };
        const plan = planned([...users, ...groups], people(..."12345678"), { rules: rulesOf(said, { mappingChanged }) });
        const places = plan.parts?.flatMap(({ changes }) => changes.map(({ person = "", index }) => `${person} ${index}`)) ?? [];
        const all = [
          ...plan.people.flatMap(({ key, changes }) => changes.map((_, index) => `${key} ${index}`)),
          ...plan.shared.map((_, index) => ` ${index}`),
        ];
        expect(places.sort()).toEqual(all.sort());
        expect(contentOf(plan, plan.parts ?? [])).toEqual({
          people: plan.people.filter(({ changes }) => changes.length > 0),
          shared: plan.shared,
        });
        expect(new Set(plan.parts?.map(({ id }) => id)).size).toBe(plan.parts?.length);
        expect(partsSealed(plan)).toBe(true);
        if (mappingChanged) for (const { needs } of plan.parts ?? []) expect(needs.approvers).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("what a line gave until its last day is known by the reason that the wish gives", () => {
  const said = w.mappings({
    ad: { ...w.adDefault, groups: [{ name: "GG-A", ou: `OU=Groups,${w.base}`, for: {}, ends: "2026-02-28" }] },
    entra: null,
    halo: null,
  });
  const account = w.account(41);
  const world = { mappings: said, live: { "ad:User": [account], "ad:Group": [w.group("GG-A", [w.memberOf(account)])] } };
  const group = wish(w.world({ records: [w.record(41)], ...world })).resources.find(({ type }) => type === "ad:Group");
  const because = group?.because["members.person:41"];
  const field = { path: "member of", before: "GG-A", after: null, ...(because ? { because } : {}) };
  const change = { system: "ad" as const, type: "ad:Membership", resource: "GG-A", label: "GG-A", op: "update" as const, fields: [field] };
  const moved = () => new Set(["members.person:41"]);
  expect(kindsOf(change, { key: "41", event: "mover" }, { resource: group, previous: undefined, moved })).toEqual(["expired", "narrowing"]);
});
