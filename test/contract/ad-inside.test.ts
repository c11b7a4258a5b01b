/** security-4, O9: who is inside a group of administrators, as the sandbox's directory and a Samba domain controller tell it, nested for real. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { group } from "../../providers/ad/group/group.ts";
import { valuesOfGroup } from "../../providers/ad/group/inputs.ts";
import { organizationalUnit } from "../../providers/ad/organizational-unit.ts";
import type { UserInputs } from "../../providers/ad/user/inputs.ts";
import { user } from "../../providers/ad/user/user.ts";
import { child } from "../../providers/ad/values/dn.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { insideAttributes, sidsOf } from "../../providers/ad/wire/entry.ts";
import type { Guard, Live, RunContext } from "../../providers/core/definition.ts";
import { guardOf } from "../../providers/core/guard.ts";
import { protectAll } from "../../stacks/read/inside.ts";
import { listed, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`administrators by membership on ${kind.name}`, () => {
    let directory: Directory;
    let client: AdClient;
    let home: string;
    let id: string;
    const wish = (more: Partial<UserInputs> = {}): UserInputs =>
      user.inputs.parse({
        person: "41",
        name: "Nested Admin",
        path: home,
        enabled: true,
        sAMAccountName: "nadmin",
        attributes: {},
        ...more,
      });
    const context = (): RunContext => memoryContext(async (type) => (type === "ad:User" ? listed(user, client) : listed(group, client)));
    const lists = async (): Promise<{ [type: string]: Live[] }> => ({
      "ad:User": await listed(user, client),
      "ad:Group": await listed(group, client),
    });
    const find = (all: readonly Live[] | undefined, name: string): Live => {
      const found = all?.find(({ values }) => values["name"] === name);
      if (!found) throw new Error(`${name} is missing.`);
      return found;
    };

    beforeAll(async () => {
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Inside contract", directory.base);
      await organizationalUnit.create(client, { distinguishedName: home }, context());
      id = (await user.create(client, wish(), context())).id;
      const made = async (name: string, members: string[]): Promise<string> =>
        (await group.create(client, group.inputs.parse({ name, path: home, mode: "exact", members }), context())).outputs.distinguishedName;
      const inner = await made("GG-Server-Ops", [`dn:${child("CN", "Nested Admin", home)}`]);
      const outer = await made("GG-Tier0", [`dn:${inner}`]);
      // A circle, as directories have them.
      await client.modify(inner, [{ op: "add", attribute: "member", values: [outer] }]);
      const admins = find(await listed(group, client), "Domain Admins");
      await client.modify(byGuid(admins.id), [{ op: "add", attribute: "member", values: [outer] }]);
    });
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
    });

    it("are told by SID, and whoever is inside by the chain, without adminCount", async () => {
      const all = await lists();
      expect(valuesOfGroup(find(all["ad:Group"], "Domain Admins"))).toMatchObject({ tierZero: true, protected: true });
      expect(valuesOfGroup(find(all["ad:Group"], "Domain Users")).tierZero).toBeUndefined();
      const dns = all["ad:Group"]?.find(({ values }) => values["name"] === "DnsAdmins");
      if (dns) expect(valuesOfGroup(dns)).toMatchObject({ tierZero: true, protected: true });
      expect(find(all["ad:User"], "Nested Admin").values["protected"], "AD's own signs say nothing").toBe(false);
      protectAll(all, {}, undefined);
      expect(find(all["ad:User"], "Nested Admin").values).toMatchObject({
        protected: true,
        protectedBecause:
          "it is in GG-Server-Ops, which is in GG-Tier0, which is in Domain Admins, whose members are the domain's administrators",
        protectedBy: "membership",
      });
      expect(find(all["ad:Group"], "GG-Server-Ops").values["protected"]).toBe(true);
      expect(guardOf({ live: all }).of("ad:User", id)?.because).toContain("GG-Server-Ops");
    });

    it("are asked for once more right before a write: tokenGroups have every group, however deep", async () => {
      const all = await lists();
      protectAll(all, {}, undefined);
      const { sids } = guardOf({ live: all });
      const entry = await client.read(byGuid(id), insideAttributes);
      const groups = entry ? sidsOf(entry, "tokenGroups") : [];
      for (const name of ["GG-Server-Ops", "GG-Tier0", "Domain Admins"])
        expect(groups).toContain(valuesOfGroup(find(all["ad:Group"], name)).sid);
      // As a run that had read its lists before somebody made this one an administrator.
      const guard: Guard = { of: () => undefined, isName: () => false, comesInto: () => undefined, sids };
      const late: RunContext = { ...context(), guard };
      const away = child("OU", "Leavers", directory.base);
      await organizationalUnit.create(client, { distinguishedName: away }, context());
      for (const change of [{ enabled: false }, { path: away }, { name: "Renamed" }])
        await expect(update(user, client, id, wish(change), wish(), late)).rejects.toThrow(
          /since the plan was made, it is in .*, which is protected; make a new plan/u,
        );
      const now = await user.get(client, id);
      expect(now?.values).toMatchObject({ enabled: true, name: "Nested Admin", path: home });
    });

    it("and of anybody else that changes nothing", async () => {
      const late: RunContext = {
        ...context(),
        guard: { of: () => undefined, isName: () => false, comesInto: () => undefined, sids: new Map([["S-1-5-21-1-2-3-512", "Another"]]) },
      };
      await update(user, client, id, wish({ enabled: false }), wish(), late);
      expect((await user.get(client, id))?.values["enabled"]).toBe(false);
    });
  });
}
