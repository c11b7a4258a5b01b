/** security-4: nothing is made in a place of AD that mappings/safety.yaml protects, and nothing is moved there, unless it is allowed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { comesInto } from "../../../../../base/places.ts";
import { computer } from "../../../../../providers/ad/computer.ts";
import { contact } from "../../../../../providers/ad/contact.ts";
import { group as groupType } from "../../../../../providers/ad/group/group.ts";
import { organizationalUnit } from "../../../../../providers/ad/organizational-unit.ts";
import { user } from "../../../../../providers/ad/user/user.ts";
import { guardOf, refusePlace } from "../../../../../providers/core/guard.ts";
import type { PreviousResource } from "../../../../../stacks/model/types.ts";
import { protectAll } from "../../../../../stacks/read/inside.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { sized } from "../../../../sizes.ts";
import { account, adDefault, base, find, group, guid, mappings, record, staff, world } from "../../world.ts";

const vault = staff("Lab");
const pattern = `*,${vault}`;

interface Given {
  site?: string;
  live?: boolean;
  protected?: { accounts?: string[]; groups?: string[]; allow?: string[] };
  ad?: Partial<typeof adDefault>;
  leaver?: object;
  previous?: PreviousResource[];
  path?: string;
}

function wished({ site = "Lab", live = true, ad = {}, leaver, previous = [], path = staff("Main"), ...given }: Given) {
  const mapped = mappings({
    ad: { ...adDefault, groups: [], ...ad },
    entra: null,
    halo: null,
    safety: { ...(leaver ? { leaver } : {}), protected: { accounts: [pattern], ...given.protected } },
  });
  const computers = [
    { id: "pc", values: { distinguishedName: `CN=PC1,${staff("Main")}`, name: "PC1", path: staff("Main"), enabled: true } },
  ];
  const all = {
    "ad:User": live ? [account(1, { path, distinguishedName: `CN=Ada Example,${path}` })] : [],
    "ad:Group": [group("GG-Here", [], { path: staff("Main"), distinguishedName: `CN=GG-Here,${staff("Main")}` })],
    "ad:Computer": computers,
    "ad:OrganizationalUnit": [{ id: "v", values: { distinguishedName: vault } }],
  };
  protectAll(all, mapped.safety.protected, undefined);
  return wish(world({ mappings: mapped, live: all, previous, records: [record(1, { site_name: site })] }));
}
const said = (done: ReturnType<typeof wished>) => done.parked.map(({ reason }) => reason).join("\n");

describe("security-4: into a protected place", () => {
  it("an account is not moved by a template, and its person is parked with the place", () => {
    const done = wished({});
    expect(find(done, "ad:User", "person-1")?.inputs["path"] ?? staff("Main")).toBe(staff("Main"));
    expect(said(done)).toContain(
      `in a place that mappings/safety.yaml protects (${pattern}): give it another, or name the place under protected.allow`,
    );
    expect(done.refused).toEqual([]);
  });

  it("nor made", () => {
    const done = wished({ live: false });
    expect(find(done, "ad:User", "person-1")).toBeUndefined();
    expect(said(done)).toContain("would be made as ");
  });

  it("it is where protected.allow names the place, or what is in it", () => {
    for (const allow of [[vault], [pattern]]) {
      const done = wished({ protected: { allow } });
      expect(find(done, "ad:User", "person-1")?.inputs["path"]).toBe(vault);
      expect(said(done)).toBe("");
    }
  });

  it("what somebody took out of it by hand is not put back by what an earlier run wished", () => {
    const inputs = { person: "1", name: "Ada Example", path: vault, enabled: true, sAMAccountName: "aexample", attributes: {} };
    const previous = [{ type: "ad:User", name: "person-1", id: guid(1), inputs, outputs: {} }];
    const accounts = { first: [{ for: { title: "Nobody" }, ou: staff("Main"), attributes: "office" }] } as never;
    const done = wished({ previous, ad: { accounts } });
    expect(find(done, "ad:User", "person-1")?.inputs["path"]).toBe(staff("Main"));
    expect(said(done)).toContain("in a place that mappings/safety.yaml protects");
  });

  it("a group, a contact, a computer and the place of leavers are refused by the line that names it", () => {
    const refused = (given: Given) => wished({ site: "Main", ...given }).refused.join("\n");
    const lines: [string, Given][] = [
      ["the AD group GG-Here would become", { ad: { groups: [{ name: "GG-Here", ou: vault, move: true, for: {} }] } }],
      ["the AD group GG-New would be made as", { ad: { groups: [{ name: "GG-New", ou: vault, for: {} }] } }],
      ["the AD contact Pilot would be made as", { ad: { contacts: [{ name: "Pilot", ou: vault, attributes: {} }] } as never }],
      ["the computer PC1 would become", { ad: { computers: { first: [{ name: "PC*", ou: vault }] } } as never }],
      ["the account of a leaver would be made as", { leaver: { move: { after: "1 day", to: vault } } }],
    ];
    for (const [sentence, given] of lines) {
      expect(refused(given)).toContain(sentence);
      expect(refused(given)).toContain(`protects (${pattern})`);
      expect(refused({ ...given, protected: { allow: [vault] } })).toBe("");
    }
    // Where it is, it may stay.
    expect(refused({ ad: { groups: [{ name: "GG-Here", ou: vault, for: {} }] } })).toBe("");
  });
});

describe("security-4: the provider asks it again right before the write", () => {
  const guard = guardOf({ live: {}, protectedPlaces: { protected: [pattern], allowed: [] } });
  const open = guardOf({ live: {}, protectedPlaces: { protected: [pattern], allowed: [vault] } });
  const inputs = (path: string): Values => ({ name: "Ada", path, sAMAccountName: "ada" });
  const unit = (dn: string): Values => ({ distinguishedName: dn });

  it.each([
    ["account", user, inputs],
    ["group", groupType, inputs],
    ["contact", contact, inputs],
    ["computer", computer, inputs],
    ["organizational unit", organizationalUnit, (path: string) => unit(`OU=Ada,${path}`)],
  ] as const)("of a(n) %s", (_noun, facts, of) => {
    const [there, here] = [of(vault), of(staff("Main"))];
    expect(() => refusePlace(facts as never, there, undefined, guard)).toThrow(/^Could not make the .* mappings\/safety\.yaml protects/u);
    expect(() => refusePlace(facts as never, there, here, guard)).toThrow(/^Could not change the /u);
    for (const [wish, was] of [
      [there, there],
      [here, there],
      [here, undefined],
    ] as const)
      expect(() => refusePlace(facts as never, wish, was, guard)).not.toThrow();
    expect(() => refusePlace(facts as never, there, here, open)).not.toThrow();
  });

  it("for any names: what lies below the place is in it, whatever its case and blanks, and nothing else is", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9]{1,6}$/u);
    const below = fc.array(part, { maxLength: 3 });
    const spelt = (dn: string, odd: boolean): string => (odd ? dn.toUpperCase().replaceAll(",", " , ") : dn);
    fc.assert(
      fc.property(part, below, fc.boolean(), (name, units, odd) => {
        const at = (place: string): string => spelt([`CN=${name}`, ...units.map((one) => `OU=${one}`), place].join(","), odd);
        const places = { protected: [pattern], allowed: [] };
        expect(comesInto(places, at(vault))).toBe(pattern);
        expect(comesInto(places, at(vault), at(base))).toBe(pattern);
        expect(comesInto(places, at(vault), spelt(`CN=x,${vault}`, odd))).toBeUndefined();
        expect(comesInto(places, at(base))).toBeUndefined();
        expect(comesInto(places, at(`OU=My Lab,OU=Staff,${base}`))).toBeUndefined();
        expect(comesInto({ ...places, allowed: [vault] }, `CN=${name},${vault}`)).toBeUndefined();
      }),
      { numRuns: sized(100, 2000) },
    );
  });
});
