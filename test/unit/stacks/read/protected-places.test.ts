/** security-4: an organizational unit that mappings/safety.yaml protects, or that holds what is protected, stays where it is and is called as it is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { organizationalUnit } from "../../../../providers/ad/organizational-unit.ts";
import { dnKey } from "../../../../providers/ad/values/dn.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { guardOf, refuseProtected } from "../../../../providers/core/guard.ts";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { protectAll } from "../../../../stacks/read/inside.ts";
import type { Named } from "../../../../stacks/read/protected.ts";
import { settledWish } from "../../../../stacks/wish/settled.ts";
import { account, adDefault, base, guid, inputsOf, mappings, now, record, trusted } from "../world.ts";

type Lists = { [type: string]: Live[] };
const type = "ad:OrganizationalUnit";
const ou = (dn: string, id: string, values: Values = {}): Live => ({ id, values: { distinguishedName: dn, ...values } });
const left = (dn: string, id: string): PreviousResource => ({ type, name: dn, id, inputs: { distinguishedName: dn }, outputs: {} });
const personal = (n: number, path: string): PreviousResource => ({
  ...{ type: "ad:User", name: `person-${n}`, id: guid(n), outputs: {} },
  inputs: { person: String(n), name: `Ada${n} Example${n}`, path, enabled: true, sAMAccountName: `aexample${n}`, attributes: {} },
});
const at = (n: number, path: string): Live =>
  account(n, { path, sAMAccountName: `aexample${n}`, name: `Ada${n} Example${n}`, distinguishedName: `CN=Ada${n} Example${n},${path}` });

/** Because of what each unit is protected, by its name. */
function reasons(all: Lists, named: Named): { [dn: string]: string } {
  const lists = { ...all };
  protectAll(lists, named, undefined);
  const units = lists[type] ?? [];
  return Object.fromEntries(
    units.flatMap(({ values }) => (values["protected"] ? [[String(values["distinguishedName"]), String(values["protectedBecause"])]] : [])),
  );
}

const settled = (given: { all: Lists; previous: PreviousResource[]; named?: Named; ous?: NonNullable<typeof adDefault.ous> }) => {
  const named = { ...given.named };
  const mapped = mappings({
    ad: { ...adDefault, groups: [], ous: given.ous ?? [] },
    entra: null,
    halo: null,
    safety: { protected: { accounts: [...(named.accounts ?? [])], groups: [...(named.groups ?? [])] } },
  });
  const all = { ...given.all };
  protectAll(all, mapped.safety.protected, undefined);
  const records = [1, 2, 3].map((n) => record(n, { site_name: "Main" }));
  return settledWish({ now, mappings: mapped, trust: trusted, previous: given.previous, memory: undefined, records }, { all, beside: {} });
};

describe("security-4: which organizational units are protected", () => {
  const tier = `OU=Tier 0,${base}`;
  const all = {
    [type]: [
      ou(tier, "t"),
      ou(`OU=Inner,${tier}`, "i"),
      ou(`OU=Staff,${base}`, "s"),
      ou(`OU=Main,OU=Staff,${base}`, "m"),
      ou(`OU=Lab,${base}`, "l"),
    ],
    "ad:User": [at(1, `OU=Main,OU=Staff,${base}`)],
  };

  it("the place that a pattern names, an empty one too, and everything in it", () => {
    for (const named of [{ accounts: [`*,OU=Tier 0,${base}`] }, { groups: [`*, ou=tier 0, ${base}`] }])
      expect(Object.keys(reasons(all, named)).sort()).toEqual([tier, `OU=Inner,${tier}`].sort());
    expect(reasons(all, { groups: [`*,OU=Tier 0,${base}`] })[tier]).toBe(
      `mappings/safety.yaml protects it (protected.groups: *,OU=Tier 0,${base})`,
    );
  });

  it("and every one around what is protected, with what that is", () => {
    expect(reasons(all, { accounts: ["aexample1"] })).toEqual({
      [`OU=Main,OU=Staff,${base}`]: expect.stringContaining(`it holds CN=Ada1 Example1,OU=Main,OU=Staff,${base}, which is protected`),
      [`OU=Staff,${base}`]: expect.stringContaining("which is protected: mappings/safety.yaml protects it (protected.accounts: aexample1)"),
    });
  });
});

describe("security-4: such a unit that somebody renamed by hand is left as it is", () => {
  const main = `OU=Main,OU=Staff,${base}`;
  const moved = `OU=Main,OU=People,${base}`;
  const previous = [left(`OU=Staff,${base}`, "s"), left(main, "m"), personal(1, main), personal(2, main)];
  const all = { [type]: [ou(`OU=People,${base}`, "s"), ou(moved, "m")], "ad:User": [at(1, moved), at(2, moved)] };

  it("without a protected one in it it is put back", () => {
    const { wish } = settled({ all, previous });
    expect(inputsOf(wish)[`${type}::OU=Staff,${base}`]).toEqual({ distinguishedName: `OU=Staff,${base}` });
    expect(wish.parked).toEqual([]);
  });

  it("it is parked with the name to give back, nobody in it is moved, nothing is made in its stead, and it stays known", () => {
    const { wish } = settled({ all, previous, named: { accounts: ["aexample1"] } });
    const wished = inputsOf(wish);
    expect(wished[`${type}::OU=Staff,${base}`]).toEqual({ distinguishedName: `OU=People,${base}` });
    expect(wished[`${type}::${main}`]).toEqual({ distinguishedName: moved });
    expect(Object.keys(wished).filter((one) => one.startsWith(type))).toHaveLength(2);
    expect(wished["ad:User::person-2"]).toMatchObject({ path: moved });
    // Of the protected account itself nobody looks: the state has it as it was left, and the plan no move of it.
    expect(wish.resources.find(({ name }) => name === "person-1")).toMatchObject({ untouched: true, inputs: { path: main } });
    const said = wish.parked.map(({ key, reason }) => `${key}: ${reason}`).join("\n");
    expect(said).toContain(
      `OU=Staff,${base}: the organizational unit OU=Staff,${base} is called OU=People,${base} now (renamed or moved by hand), and is left so: it holds CN=Ada1 Example1,${moved}`,
    );
    expect(said).toContain("give it back its name by hand");
    // Whoever belongs in it is not moved out of it, and whoever comes is made in it.
    expect(wish.parked.filter(({ of }) => of === "thing")).toHaveLength(1);
    expect(said).not.toMatch(/^[23]:/mu);
    expect(wished["ad:User::person-3"]).toMatchObject({ path: moved });
    // The next run finds what this one leaves, and says the same.
    const after = [
      { ...left(`OU=Staff,${base}`, "s"), inputs: { distinguishedName: `OU=People,${base}` } },
      { ...left(main, "m"), inputs: { distinguishedName: moved } },
      personal(1, main),
      personal(2, moved),
    ];
    const next = settled({ all, previous: after, named: { accounts: ["aexample1"] } });
    expect(inputsOf(next.wish)).toEqual(wished);
    expect(next.wish.parked).toEqual(wish.parked);
  });
});

describe("security-4: what a mapping says of such a unit", () => {
  const vault = `OU=Vault,${base}`;
  const all = { [type]: [ou(vault, "v", { protectedFromDeletion: true })], "ad:User": [at(1, vault)] };

  it("is refused where safety.yaml names the place", () => {
    const named = { groups: [`*,${vault}`] };
    expect(settled({ all, previous: [], named, ous: [{ ou: vault, description: "Closed" }] }).wish.refused).toEqual([
      expect.stringMatching(
        /ous\.0 names the organizational unit OU=Vault,.*mappings\/safety\.yaml protects it.*take it out of the mapping/u,
      ),
    ]);
    // As one that an account or a group needs it is no more than looked for.
    expect(settled({ all, previous: [], named, ous: [vault] }).wish.refused).toEqual([]);
  });

  it("to be made in such a place is refused", () => {
    const { wish } = settled({ all, previous: [], named: { groups: [`*,${vault}`] }, ous: [`OU=New,${vault}`] });
    expect(wish.refused.join()).toContain(`OU=New,${vault}`);
    expect(inputsOf(wish)[`${type}::OU=New,${vault}`]).toBeUndefined();
  });

  it("its shield against deletion is not taken where it holds what is protected; the rest is done", () => {
    const line = { ou: vault, description: "Closed", protectedFromDeletion: false };
    const { wish } = settled({ all, previous: [], named: { accounts: ["aexample1"] }, ous: [line] });
    expect(inputsOf(wish)[`${type}::${vault}`]).toEqual({ distinguishedName: vault, description: "Closed" });
    expect(wish.parked.map(({ reason }) => reason).join()).toMatch(/stays protected from deletion: it holds CN=Ada1 Example1/u);
    expect(wish.refused).toEqual([]);
  });
});

describe("security-4: the provider asks it again right before the write", () => {
  const units = [ou(`OU=Staff,${base}`, "s"), ou(`OU=Vault,${base}`, "v"), ou(`OU=Lab,${base}`, "l")];
  const lists: Lists = { [type]: units, "ad:User": [at(1, `OU=Staff,${base}`)] };
  protectAll(lists, { accounts: ["aexample1"], groups: [`*,OU=Vault,${base}`] }, undefined);
  const guard = guardOf({ live: lists });
  const write = (id: string, was: Values, wish: Values) => () =>
    refuseProtected(organizationalUnit, ou(String(was["distinguishedName"]), id), wish, was, { guard, account: () => undefined });

  it("whatever is asked of it, for any values", () => {
    const inputs = fc.record(
      {
        distinguishedName: fc.constantFrom(`OU=Staff,${base}`, `OU=People,${base}`, `OU=Staff,OU=Other,${base}`),
        description: fc.constantFrom("", "Closed"),
        protectedFromDeletion: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.constantFrom("s", "v", "l"), inputs, inputs, (id, was, wish) => {
        const isSame = JSON.stringify(was) === JSON.stringify(wish);
        const moves = dnKey(was.distinguishedName) !== dnKey(wish.distinguishedName);
        const refused = id === "v" ? !isSame : id === "s" && (moves || (was.protectedFromDeletion && !wish.protectedFromDeletion));
        if (refused) expect(write(id, was, wish)).toThrow(/Could not change the organizational unit .*do it by hand/u);
        else expect(write(id, was, wish)).not.toThrow();
      }),
    );
  });
});
