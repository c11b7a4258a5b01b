/** What the last outputs know (who is meant by a ref) outlives an update in a run that does not know the person. */
import { expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { group } from "../../../../providers/ad/group/group.ts";
import { organizationalUnit } from "../../../../providers/ad/organizational-unit.ts";
import { user } from "../../../../providers/ad/user/user.ts";
import type { AdClient, Modification } from "../../../../providers/ad/wire/client.ts";
import { makeContext } from "../../../../providers/core/context.ts";

const boss = "6f1d2c3b-0000-4000-8000-000000000007";
const id = "6f1d2c3b-0000-4000-8000-000000000001";
const base = "OU=Staff,DC=corp,DC=example,DC=com";
const bossDn = `CN=Boss,${base}`;

/** Nobody is known in this run; `seen` is what a read of the object itself gives. */
function directory(seen: { [name: string]: string[] } = {}): { client: AdClient; written: string[] } {
  const written: string[] = [];
  const fake: Partial<AdClient> = {
    read: async (dn) => ({ dn: dn.startsWith("<") ? base : dn, attributes: { objectGUID: [Buffer.alloc(16, 7)], ...seen } }),
    modify: async (_target: string, changes: readonly Modification[]) => void written.push(...changes.map((change) => change.attribute)),
    move: async () => void written.push("move"),
  };
  return { client: fake as AdClient, written };
}
const nobody = () => makeContext(undefined, async () => []);

it("providers-B15: an organizational unit keeps the id of whoever answers for it", async () => {
  const wish = organizationalUnit.inputs.parse({ distinguishedName: base, description: "new", managedBy: "person:7" });
  const live = { id, values: { distinguishedName: base, description: "old", managedBy: bossDn, managerId: boss } };
  const was = { ...wish, description: "old" };
  const { client, written } = directory({ description: ["old"] });
  const outputs = await organizationalUnit.update(client, live, wish, was, nobody(), { distinguishedName: base, manager: boss });
  expect(written).toContain("description");
  expect(outputs).toEqual({ distinguishedName: base, manager: boss });
});

it("providers-B15: an account keeps the ids of those its attributes name, whatever else is written of it", async () => {
  const wish = user.inputs.parse({
    person: "41",
    name: "Ada",
    path: base,
    enabled: true,
    sAMAccountName: "ada",
    attributes: { title: "new", manager: "person:7" },
  });
  const values: Values = {
    ...{ distinguishedName: `CN=Ada,${base}`, name: "Ada", path: base, enabled: true, sAMAccountName: "ada", userPrincipalName: "" },
    ...{ attributes: { title: "old", manager: bossDn }, memberOf: [], protected: false, unfinished: false },
    references: { [bossDn]: boss },
    userAccountControl: 512,
  };
  const last = { distinguishedName: `CN=Ada,${base}`, resolved: { "person:7": boss } };
  const { client, written } = directory();
  const was = user.view({ id, values }, wish, last, nobody());
  expect(was.attributes["manager"]).toBe("person:7");
  const outputs = await user.update(client, { id, values }, wish, was, nobody(), last);
  expect(written).toEqual(["title"]);
  expect(outputs).toEqual(last);
});

it("providers-B15: an account that is deleted keeps them too", async () => {
  const wish = user.inputs.parse({
    ...{ person: "41", name: "Ada", path: base, enabled: false, sAMAccountName: "ada", deleted: true },
    attributes: { manager: "person:7" },
  });
  const values = { distinguishedName: `CN=Ada,${base}`, deleted: true };
  const last = { distinguishedName: `CN=Ada,${base}`, resolved: { "person:7": boss } };
  expect(await user.update(directory().client, { id, values }, wish, wish, nobody(), last)).toEqual(last);
});

it("providers-B15: a group keeps the ids of its members and of whoever answers for it", async () => {
  const wish = group.inputs.parse({ name: "GG-Sales", mode: "exact", members: ["person:7"], managedBy: "person:7", description: "new" });
  const values: Values = {
    ...{ distinguishedName: `CN=GG-Sales,${base}`, name: "GG-Sales", path: base, scope: "global", kind: "security", description: "old" },
    ...{ managedBy: bossDn, managerId: boss, members: [{ dn: bossDn, guid: boss }], protected: false },
  };
  const last = { distinguishedName: `CN=GG-Sales,${base}`, resolved: { "person:7": boss }, waiting: [], manager: boss };
  const { client, written } = directory();
  const outputs = await group.update(client, { id, values }, wish, group.view({ id, values }, wish, last, nobody()), nobody(), last);
  expect(written).toEqual(["description"]);
  expect(outputs).toEqual(last);
});
