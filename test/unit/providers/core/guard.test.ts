/** security-4: asked again right before a write, by the id of what is there and by the name that is wished. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { group } from "../../../../providers/ad/group/group.ts";
import { user } from "../../../../providers/ad/user/user.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { guardOf, refuseName, refuseProtected } from "../../../../providers/core/guard.ts";
import { licence } from "../../../../providers/entra/licence/licence.ts";

const named = {
  protected: true,
  protectedBecause: "mappings/safety.yaml protects it (protected.accounts: breakglass*)",
  protectedBy: "name",
};
const inside = { protected: true, protectedBecause: "it is in Domain Admins", protectedBy: "membership" };
const object = (id: string, values: Values = {}): Live => ({ id, values });
const guard = guardOf({
  live: {
    "ad:User": [object("u1", inside), object("u2", named), object("u3")],
    "ad:Group": [
      object("g1", { ...inside, name: "GG-Ops", sid: "S-1-5-21-1-2-3-1100" }),
      object("g2", { protected: true, name: "GG-Stale", sid: "S-1-5-21-1-2-3-1101" }),
    ],
    "entra:Licence": [object("c1", named)],
    "halo:Agent": [object("7", named)],
  },
  protectedGroups: ["Server Admins", "ADM-*", "*,OU=Tier 0,DC=corp"],
});
const account = (_system: string, key: string): string | undefined => ({ "1": "u1", "2": "u2", "3": "u3" })[key];
const asked = { guard, account };
const accountOf = (enabled: boolean): Values => ({
  person: "1",
  name: "Ada",
  path: "OU=Staff",
  enabled,
  sAMAccountName: "ada",
  attributes: {},
});
const groupOf = (members: string[], more: Values = {}): Values => ({ name: "GG-Plain", mode: "exact", members, ...more });

describe("security-4: a write is refused", () => {
  test.each([
    [
      "an account inside a protected group",
      () => refuseProtected(user, object("u1"), accountOf(false), accountOf(true), asked),
      /Could not change the account ada: it is in Domain Admins; do it by hand/u,
    ],
    [
      "what hangs on an account that safety.yaml names",
      () => refuseProtected(licence, object("c1"), { person: "9", skus: [] }, { person: "9", skus: ["SPE_E3"] }, asked),
      /protects it/u,
    ],
    [
      "a group inside a protected one",
      () => refuseProtected(group, object("g1"), groupOf(["person:3"]), groupOf([]), asked),
      /it is in Domain Admins; take it out of the mapping, or name it in mappings\/safety\.yaml under protected\.allow/u,
    ],
    [
      "such a group's other fields, though its members are allowed",
      () =>
        refuseProtected(
          group,
          object("g1"),
          groupOf([], { privileged: true, description: "new" }),
          groupOf([], { privileged: true, description: "old" }),
          asked,
        ),
      /it is in Domain Admins/u,
    ],
    [
      "a protected account taken out of a plain group",
      () => refuseProtected(group, object("g9"), groupOf([]), groupOf(["person:1"]), asked),
      /person:1 would be taken out of it, and it is in Domain Admins/u,
    ],
    [
      "one that safety.yaml names taken out of an allowed group",
      () => refuseProtected(group, object("g1"), groupOf([], { privileged: true }), groupOf(["person:2"], { privileged: true }), asked),
      /person:2 would be taken out/u,
    ],
    [
      "one that is called by its distinguishedName",
      () =>
        refuseProtected(
          group,
          object("g9", { members: [{ dn: "CN=Ada,OU=Staff", guid: "u1" }] }),
          groupOf([]),
          groupOf(["dn:cn=ada,ou=staff"]),
          asked,
        ),
      /would be taken out/u,
    ],
    [
      "a group that would get a name that a pattern protects",
      () => refuseName(group, { name: "adm-new" }, guard),
      /protects groups of this name/u,
    ],
    ["a group that would get a protected name", () => refuseName(group, { name: "server admins" }, guard), /protects groups of this name/u],
  ])("%s", (_, write, why) => {
    expect(write).toThrow(why);
  });

  test.each([
    ["an account that nothing protects", () => refuseProtected(user, object("u3"), accountOf(false), accountOf(true), asked)],
    ["what is as it was", () => refuseProtected(user, object("u1"), accountOf(true), accountOf(true), asked)],
    [
      "members of an allowed group",
      () =>
        refuseProtected(
          group,
          object("g1"),
          groupOf(["person:3"], { privileged: true }),
          groupOf(["person:1"], { privileged: true }),
          asked,
        ),
    ],
    [
      "a plain group that a protected account comes into",
      () => refuseProtected(group, object("g9"), groupOf(["person:1"]), groupOf([]), asked),
    ],
  ])("but not of %s", (_, write) => {
    expect(write).not.toThrow();
  });

  test("numbers of Halo are an agent's only in the agents' list, and tokenGroups count where everybody inside is protected", () => {
    expect(guard.of("halo:Agent", "7")).toBeDefined();
    expect(guard.of("halo:User", "7")).toBeUndefined();
    expect([...guard.sids]).toEqual([["S-1-5-21-1-2-3-1100", "GG-Ops"]]);
  });
});
