/** Which Entra account is the copy of which AD account: what says so first decides, and what two could be is no pair. */
import { expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { copiesOf, immutableIdOf } from "../../../../stacks/match/anchors.ts";
import { account, entraUser, guid } from "../world.ts";

const pairsOf = (users: Live[], cloud: Live[]): [string, string][] => {
  const live: { [type: string]: Live[] } = { "ad:User": users, "entra:Licence": cloud };
  const { copyOf, sourceOf } = copiesOf({ all: (type) => live[type] ?? [] });
  const found = [...copyOf].sort(([a], [b]) => (a < b ? -1 : 1));
  expect([...sourceOf].map(([copy, { id }]) => [id, copy]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1))).toEqual(found);
  return found;
};
const copy = (id: string, values: Values) => entraUser(id, { synced: true, ...values });
const anchored = (id: string, number: number) => copy(id, { immutableId: immutableIdOf(guid(number)) ?? "" });
const loginOf = (name: string) => ({ onPremisesSamAccountName: name, onPremisesDomainName: "corp.example.com" });

test("mS-DS-ConsistencyGuid goes before objectGUID, and neither account is in a second pair", () => {
  const said = immutableIdOf(guid(2)) ?? "";
  const one = account(1, {}, { "mS-DS-ConsistencyGuid": said });
  expect(pairsOf([one, account(2)], [anchored("a", 2)])).toEqual([[guid(1), "a"]]);
  expect(pairsOf([one, account(2)], [anchored("a", 2), copy("b", loginOf("user1")), copy("c", loginOf("user2"))])).toEqual([
    [guid(1), "a"],
    [guid(2), "c"],
  ]);
});

test("then the security identifier, then the login in its domain", () => {
  const one = account(1, { sid: "S-1-5-21-1" });
  expect(pairsOf([one], [copy("a", { onPremisesSecurityIdentifier: "S-1-5-21-1" }), copy("b", loginOf("user1"))])).toEqual([
    [guid(1), "a"],
  ]);
  expect(pairsOf([one], [copy("b", loginOf("USER1"))])).toEqual([[guid(1), "b"]]);
  expect(pairsOf([one], [copy("b", { ...loginOf("user1"), onPremisesDomainName: "other.example.com" })])).toEqual([]);
});

test("what says nothing pairs nobody", () => {
  expect(pairsOf([account(1, { sAMAccountName: "" })], [copy("a", {}), copy("b", { onPremisesDomainName: "corp.example.com" })])).toEqual(
    [],
  );
  expect(pairsOf([account(1, { distinguishedName: "" })], [copy("a", { onPremisesSamAccountName: "user1" })])).toEqual([]);
});

test("two copies, or two sources, are no pair", () => {
  expect(pairsOf([account(1)], [anchored("a", 1), anchored("b", 1)])).toEqual([]);
  const [one, two] = [account(1, { sid: "S-1-5-21-1" }), account(2, { sid: "S-1-5-21-1" })];
  expect(pairsOf([one, two], [copy("a", { onPremisesSecurityIdentifier: "S-1-5-21-1" })])).toEqual([]);
});
