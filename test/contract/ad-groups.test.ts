/** Groups, organizational units, contacts and computers on the sandbox's directory and on a Samba domain controller: the same suite on both. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ComputerInputs, computer, valuesOfComputer } from "../../providers/ad/computer.ts";
import { type ContactInputs, contact } from "../../providers/ad/contact.ts";
import { group } from "../../providers/ad/group/group.ts";
import { type GroupInputs, valuesOfGroup } from "../../providers/ad/group/inputs.ts";
import { changeMembers } from "../../providers/ad/group/members.ts";
import { type OrganizationalUnitInputs, organizationalUnit, unitSettings } from "../../providers/ad/organizational-unit.ts";
import { user } from "../../providers/ad/user/user.ts";
import { child, sameDn } from "../../providers/ad/values/dn.ts";
import { byGuid, ridOf } from "../../providers/ad/values/guid.ts";
import { deleteSelf, denies } from "../../providers/ad/values/security-descriptor.ts";
import type { AdClient, Modification } from "../../providers/ad/wire/client.ts";
import { guidOf, sidOf, textOf, textsOf, valuesOf } from "../../providers/ad/wire/entry.ts";
import type { Live } from "../../providers/core/definition.ts";
import { listed, type MemoryContext, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";
import { lifecycle } from "./lifecycle.ts";

const missing = "00000000-0000-4000-8000-0000000000ff";

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`groups and places on ${kind.name}`, () => {
    let directory: Directory;
    let client: AdClient;
    let home: string;
    let numbers = 0;

    const lists: { [type: string]: (using: AdClient) => Promise<Live[]> } = {
      "ad:User": (using) => listed(user, using),
      "ad:Group": (using) => listed(group, using),
      "ad:Contact": (using) => listed(contact, using),
      "ad:Computer": (using) => listed(computer, using),
      "ad:OrganizationalUnit": (using) => organizationalUnit.list(using, { settings: unitSettings }),
    };
    const newContext = (accounts: { [key: string]: string } = {}): MemoryContext =>
      memoryContext(async (type) => lists[type]?.(client) ?? [], { ad: accounts });
    const unit = async (name: string, parent = home): Promise<string> => {
      const distinguishedName = child("OU", name, parent);
      await organizationalUnit.create(client, { distinguishedName }, newContext());
      return distinguishedName;
    };
    /** A member of any class that has an id: contacts are the cheapest. */
    const contacts = async (count: number, path: string): Promise<string[]> => {
      const first = numbers;
      numbers += count;
      const names = Array.from({ length: count }, (_, index) => `Member ${first + index}`);
      for (let at = 0; at < count; at += 50)
        await Promise.all(names.slice(at, at + 50).map((name) => client.add(child("CN", name, path), { objectClass: ["contact"] })));
      const made = new Map((await listed(contact, client)).map((one) => [String(one.values["name"]), one.id]));
      return names.map((name) => made.get(name) ?? "");
    };
    const wishOf = (more: Partial<GroupInputs> & { name: string }): GroupInputs =>
      group.inputs.parse({ path: home, mode: "exact", members: [], ...more });
    const seen = async (id: string, wish: GroupInputs, context: MemoryContext, outputs = {}): Promise<GroupInputs> => {
      context.refresh();
      const live = (await context.liveById("ad:Group")).get(id);
      const got = await group.get(client, id);
      if (!live || !got) throw new Error("The group is gone.");
      const listed = group.view(live, wish, outputs, context);
      expect(group.view(got, wish, outputs, context), "the single read says the same as the bulk read").toEqual(listed);
      return listed;
    };
    const recorded = (): { client: AdClient; sent: { target: string; changes: readonly Modification[] }[] } => {
      const sent: { target: string; changes: readonly Modification[] }[] = [];
      const spy = new Proxy(client, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (name !== "modify") return typeof value === "function" ? value.bind(target) : value;
          return (to: string, changes: readonly Modification[], options?: object) => {
            sent.push({ target: to, changes });
            return target.modify(to, changes, options);
          };
        },
      });
      return { client: spy, sent };
    };

    beforeAll(async () => {
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Groups contract", directory.base);
      await organizationalUnit.create(client, { distinguishedName: home }, newContext());
    });
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
    });

    const known: { [key: string]: string } = {};
    lifecycle({
      definition: group,
      client: () => client,
      async samples() {
        const other = await unit("Elsewhere");
        const [a = "", b = "", c = ""] = await contacts(3, home);
        Object.assign(known, { "41": a, "42": b, "contact:Agency": c });
        known["group:GG-Inner"] = (await group.create(client, wishOf({ name: "GG-Inner" }), newContext())).id;
        const create: GroupInputs = {
          name: "GG-Outer",
          path: home,
          scope: "global",
          kind: "security",
          description: "All of them",
          displayName: "Outer",
          mail: "outer@example.org",
          notes: "First line\r\nSecond line",
          managedBy: "person:41",
          mode: "exact",
          members: ["person:42", "group:GG-Inner"],
        };
        const full: GroupInputs = { ...create, members: ["contact:Agency", "group:GG-Inner", "person:41"], managedBy: "group:GG-Inner" };
        return {
          create,
          updates: {
            "members and who answers": full,
            texts: { ...full, displayName: "", mail: "", notes: "", description: "Others", managedBy: "" },
            "to domain-local, by way of universal": { ...full, scope: "domainLocal" },
            "and back, as a distribution group": { ...full, scope: "global", kind: "distribution", members: ["group:GG-Inner"] },
            "move and rename": { ...full, name: "GG-Renamed", path: other, managedBy: "person:42" },
          },
        };
      },
      missing,
      fixed: ["mode"],
      accounts: () => ({ ad: known }),
    });

    lifecycle({
      definition: contact,
      client: () => client,
      async samples() {
        const other = await unit("Contacts elsewhere");
        const create: ContactInputs = {
          name: 'Agency, "North" #1',
          path: home,
          attributes: { mail: "agency@example.org", displayName: "Agency North", telephoneNumber: "", otherTelephone: ["2", "1"] },
        };
        const named = { ...create, name: "Agency\\South" };
        return {
          create,
          updates: {
            attributes: {
              ...create,
              attributes: { mail: "", displayName: "Agency", telephoneNumber: "+44 1", otherTelephone: ["3"] },
            },
            rename: named,
            move: { ...named, path: other },
          },
        };
      },
      missing,
      asked: { attributes: ["telephoneNumber", "otherTelephone"] },
    });

    const answering: { [key: string]: string } = {};
    lifecycle({
      definition: organizationalUnit,
      client: () => client,
      async samples() {
        const other = await unit("Units elsewhere");
        const [boss = ""] = await contacts(1, home);
        answering["7"] = boss;
        const create: OrganizationalUnitInputs = {
          distinguishedName: child("OU", "Guarded", home),
          description: "A place",
          managedBy: "person:7",
          protectedFromDeletion: true,
        };
        const moved = { ...create, distinguishedName: child("OU", "Guarded, too", other) };
        return {
          create,
          updates: {
            texts: { ...create, description: "", managedBy: "" },
            "rename in place": { ...create, distinguishedName: child("OU", "Watched", home) },
            "move although protected": moved,
            unprotected: { ...moved, protectedFromDeletion: false },
            "protected again": moved,
          },
        };
      },
      missing,
      asked: { settings: unitSettings },
      accounts: () => ({ ad: answering }),
    });

    describe("groups", () => {
      it("take in groups and contacts that are made after them in the same run", async () => {
        const context = newContext();
        const outer = wishOf({ name: "GG-Late-Outer", members: ["group:GG-Late-Inner", "contact:Late"], managedBy: "group:GG-Late-Inner" });
        const { id, outputs } = await group.create(client, outer, context);
        expect(outputs["waiting"]).toEqual(["contact:Late", "group:GG-Late-Inner"]);
        await contact.create(client, { name: "Late", path: home, attributes: {} }, context);
        await group.create(client, wishOf({ name: "GG-Late-Inner" }), context);
        await context.settle();
        expect(await seen(id, outer, context, outputs)).toEqual(outer);
      });

      it("never lose members of other forests, and hold them where the mapping names one", async () => {
        const foreign = `CN=S-1-5-11,CN=ForeignSecurityPrincipals,${directory.base}`;
        const context = newContext();
        const empty = wishOf({ name: "DL-Foreign", scope: "domainLocal" });
        const { id, outputs } = await group.create(client, empty, context);
        await client.modify(outputs.distinguishedName, [{ op: "add", attribute: "member", values: [foreign] }]);
        expect(await seen(id, empty, context, outputs)).toEqual(empty);
        await update(group, client, id, { ...empty, description: "x" }, empty, context, outputs);
        const named = wishOf({ ...empty, members: [`dn:${foreign}`] });
        expect((await seen(id, named, context, outputs)).members).toEqual([`dn:${foreign}`]);
        const live = await group.get(client, id);
        expect(live && valuesOfGroup(live).members).toHaveLength(1);
      });

      it("behaviour F1: a member that is stored twice goes, as what is called deleted is read back", async () => {
        const place = await unit("Twice");
        const [twice = "", other = ""] = await contacts(2, place);
        const { id } = await group.create(client, wishOf({ name: "GG-Twice", path: place, scope: "universal" }), newContext());
        const dnOf = async (guid: string): Promise<string> => (await client.read(byGuid(guid), ["cn"]))?.dn ?? "";
        const [dn, kept] = [await dnOf(twice), await dnOf(other)];
        const add = (...values: string[]): Promise<void> => client.modify(byGuid(id), [{ op: "add", attribute: "member", values }]);
        // Samba takes and stores it twice; others say that it is one value.
        await add(dn, byGuid(twice)).catch(() => add(dn));
        await add(kept);
        for (let times = 0; times < 2; times++)
          await changeMembers(client, byGuid(id), [{ op: "delete", value: byGuid(twice) }], "GG-Twice");
        const entry = await client.read(byGuid(id), ["member"]);
        expect(entry && textsOf(entry, "member")).toEqual([kept]);
      });

      it("behaviour X20: a member that is called there already is read back: who is in no list has not been put in", async () => {
        const { id } = await group.create(client, wishOf({ name: "DL-Sid", scope: "domainLocal" }), newContext());
        const foreign = `CN=S-1-5-11,CN=ForeignSecurityPrincipals,${directory.base}`;
        const members = async (): Promise<string[]> => {
          const entry = await client.read(byGuid(id), ["member"]);
          return entry ? textsOf(entry, "member") : [];
        };
        const add = (value: string) => changeMembers(client, byGuid(id), [{ op: "add", value }], "DL-Sid");
        // Samba calls it an entry that exists already, and makes it no member; others may take it.
        const refused = await add("<SID=S-1-5-11>").then(
          () => undefined,
          (error: Error) => error,
        );
        expect(refused === undefined ? await members() : []).toEqual(refused === undefined ? [foreign] : []);
        if (kind.name === "Samba") expect(refused?.message).toMatch(/Could not change DL-Sid \(member <SID=S-1-5-11>\).*68/u);
        await add(foreign);
        await add(foreign);
        expect(await members()).toEqual([foreign]);
      });

      it("count people whose primary group they are as members, and leave them alone", async () => {
        const context = newContext();
        const wish = wishOf({ name: "GG-Primary" });
        const { id, outputs } = await group.create(client, wish, context);
        const login = `prim${++numbers}`;
        const dn = child("CN", login, home);
        await client.add(dn, { objectClass: ["user"], sAMAccountName: [login], userAccountControl: ["514"] });
        const account = await client.read(dn, ["objectGUID"]);
        const guid = (account && guidOf(account)) ?? "";
        context.announce("ad", "77", guid);
        const full = { ...wish, members: ["person:77"] };
        await update(group, client, id, full, wish, context, outputs);
        const entry = await client.read(byGuid(id), ["objectSid"]);
        const rid = ridOf((entry && sidOf(entry)) ?? "");
        await client.modify(dn, [{ op: "replace", attribute: "primaryGroupID", values: [String(rid)] }]);
        const listed = await client.read(byGuid(id), ["member"]);
        expect(listed && textsOf(listed, "member"), "AD does not list them").toEqual([]);
        expect(await seen(id, full, context)).toEqual(full);
        context.refresh();
        await update(group, client, id, wish, full, context);
        expect((await seen(id, wish, context)).members, "still a member, and no error").toEqual(["person:77"]);
      });

      it("are converted with what they lose and gain: what the new scope may not hold goes first", async () => {
        const context = newContext();
        const inner = wishOf({ name: "DL-Conv-Inner", scope: "domainLocal" });
        const innerId = (await group.create(client, inner, context)).id;
        const holder = wishOf({ name: "XX-Conv", scope: "domainLocal", members: ["group:DL-Conv-Inner"] });
        const { id, outputs } = await group.create(client, holder, context);
        const global = { ...holder, scope: "global" as const, members: [] };
        await update(group, client, id, global, holder, context, outputs);
        expect(await seen(id, global, context)).toEqual(global);
        expect(innerId).not.toBe(id);
        // a global group may not hold a domain-local one: AD's own refusal, in one line; Samba does not mind
        if (kind.name !== "sandbox") return;
        context.refresh();
        await expect(update(group, client, id, { ...global, members: holder.members }, global, context)).rejects.toThrow(
          /^Could not change .*\.$/u,
        );
      });

      it("that AD protects are refused; named in safety.yaml their members may be written, and nothing else", async () => {
        const context = newContext();
        const [one = "", two = ""] = await contacts(2, home);
        context.announce("ad", "81", one);
        context.announce("ad", "82", two);
        const wish = wishOf({ name: "GG-Crown", members: ["person:81"] });
        const { id, outputs } = await group.create(client, wish, context);
        await client.modify(outputs.distinguishedName, [{ op: "replace", attribute: "adminCount", values: ["1"] }]);
        context.refresh();
        const { path: _path, ...bare } = { ...wish, members: ["person:82"] };
        await expect(update(group, client, id, bare, wish, context)).rejects.toThrow(/protected group.*protected\.allow/u);
        const privileged = { ...bare, privileged: true };
        await update(group, client, id, privileged, { ...wish, privileged: true }, context);
        expect(await seen(id, privileged, context)).toEqual(privileged);
        context.refresh();
        await expect(update(group, client, id, { ...privileged, name: "GG-Other" }, privileged, context)).rejects.toThrow(
          /only the members/u,
        );
      });

      it("deleted by hand are made again with their members; renamed by hand they are found by their id", async () => {
        const context = newContext();
        const [one = ""] = await contacts(1, home);
        context.announce("ad", "91", one);
        const wish = wishOf({ name: "GG-Again", members: ["person:91"] });
        const first = await group.create(client, wish, context);
        await client.delete(first.outputs.distinguishedName);
        context.refresh();
        const second = await group.create(client, wish, context);
        expect(second.id).not.toBe(first.id);
        expect(await seen(second.id, wish, context)).toEqual(wish);
        await client.modify(byGuid(second.id), [{ op: "replace", attribute: "sAMAccountName", values: ["GG-Vandal"] }]);
        await client.move(byGuid(second.id), "CN=GG-Vandal", home);
        const was = await seen(second.id, wish, context);
        expect(was.name).toBe("GG-Vandal");
        await update(group, client, second.id, wish, was, context);
        expect(await seen(second.id, wish, context)).toEqual(wish);
        const entry = await client.read(child("CN", "GG-Again", home), ["objectGUID", "sAMAccountName"]);
        expect(entry && [guidOf(entry), textOf(entry, "sAMAccountName")]).toEqual([second.id, "GG-Again"]);
      });
    });

    describe("5,000 members", () => {
      const many = 5000;
      let context: MemoryContext;
      let ids: string[];
      let wish: GroupInputs;
      let id: string;

      beforeAll(async () => {
        const place = await unit("Very many");
        ids = await contacts(many + 25, place);
        context = newContext(Object.fromEntries(ids.map((one, index) => [String(10_000 + index), one])));
        wish = wishOf({ name: "GG-Very-Many", members: ids.slice(0, many).map((_, index) => `person:${10_000 + index}`) });
        const spy = recorded();
        id = (await group.create(spy.client, wish, context)).id;
        expect(spy.sent.map(({ changes }) => changes.flatMap((change) => change.values).length)).toEqual([1000, 1000, 1000, 1000, 1000]);
      }, 300_000);

      it("are read whole, by the bulk read, by the single read and by `member` in ranges", async () => {
        expect(await seen(id, wish, context)).toEqual(wish);
        const before = client.calls();
        const entry = await client.read(byGuid(id), ["member"]);
        expect(entry && new Set(textsOf(entry, "member")).size).toBe(many);
        // 1,500 values a range where the server keeps to it
        if (kind.name === "sandbox") expect(client.calls() - before).toBe(Math.ceil(many / 1500));
      });

      it("change by 50 in one modify of 50 values", async () => {
        const next = {
          ...wish,
          members: [...wish.members.slice(25), ...Array.from({ length: 25 }, (_, index) => `person:${10_000 + many + index}`)].sort(),
        };
        context.refresh();
        await context.live("ad:Group");
        const spy = recorded();
        const before = client.calls();
        await update(group, spy.client, id, next, wish, context);
        expect(spy.sent).toHaveLength(1);
        expect(client.calls() - before, "no other request").toBe(1);
        expect(spy.sent[0]?.changes.map(({ op, values }) => [op, values.length])).toEqual([
          ["delete", 25],
          ["add", 25],
        ]);
        expect(await seen(id, next, context)).toEqual(next);
      });
    });

    describe("organizational units", () => {
      it("protected from deletion can neither be deleted nor moved away, and keep every other right", async () => {
        const context = newContext();
        const parent = await unit("Keeper");
        const distinguishedName = await unit("Kept", parent);
        const rights = async (): Promise<string[]> => {
          const entry = await client.read(distinguishedName, ["nTSecurityDescriptor"]);
          const [descriptor] = entry ? valuesOf(entry, "nTSecurityDescriptor") : [];
          return Buffer.isBuffer(descriptor) ? entriesOf(descriptor) : [];
        };
        const before = await rights();
        expect(before.length).toBeGreaterThan(1);
        const wish: OrganizationalUnitInputs = { distinguishedName, protectedFromDeletion: true };
        const { id } = await organizationalUnit.create(client, wish, context);
        const after = await rights();
        expect(after.filter((one) => before.includes(one)).sort(), "every entry that was there").toEqual([...before].sort());
        expect(after).toHaveLength(before.length + 1);
        await expect(client.delete(distinguishedName)).rejects.toMatchObject({ result: 50 });
        await expect(client.move(distinguishedName, "OU=Kept", home)).rejects.toMatchObject({ result: 50 });
        // a group in it can be made, filled and renamed as ever
        const inner = await group.create(client, wishOf({ name: "GG-Kept", path: distinguishedName }), context);
        await update(
          group,
          client,
          inner.id,
          wishOf({ name: "GG-Kept-2", path: distinguishedName }),
          wishOf({ name: "GG-Kept", path: distinguishedName }),
          context,
        );
        await client.delete(byGuid(inner.id));
        const open = { ...wish, protectedFromDeletion: false };
        await update(organizationalUnit, client, id, open, wish, context);
        expect((await rights()).sort()).toEqual([...before].sort());
        await client.delete(distinguishedName);
      });

      it("renamed by hand are named back by their id, with everything in them", async () => {
        const context = newContext();
        const distinguishedName = await unit("Proper name");
        const made = await organizationalUnit.create(client, { distinguishedName }, context);
        const inner = await group.create(client, wishOf({ name: "GG-Within", path: distinguishedName }), context);
        await client.move(byGuid(made.id), "OU=Wrong name", home);
        context.refresh();
        const live = (await context.liveById("ad:OrganizationalUnit")).get(made.id);
        if (!live) throw new Error("The unit is gone.");
        const was = organizationalUnit.view(live, { distinguishedName }, {}, context);
        expect(sameDn(was.distinguishedName, child("OU", "Wrong name", home))).toBe(true);
        await update(organizationalUnit, client, made.id, { distinguishedName }, was, context);
        const entry = await client.read(byGuid(inner.id), ["objectGUID"]);
        expect(entry && sameDn(entry.dn, child("CN", "GG-Within", distinguishedName))).toBe(true);
      });
    });

    describe("computers", () => {
      it("are disabled and moved, keep their other flags, and are never made or enabled", async () => {
        const context = newContext();
        const name = `PC-${++numbers}`;
        const dn = child("CN", name, home);
        await client.add(dn, { objectClass: ["computer"], sAMAccountName: [`${name}$`], userAccountControl: [String(4096 | 0x80000)] });
        const live = (await context.live("ad:Computer")).find((one) => valuesOfComputer(one).name === name);
        if (!live) throw new Error("The computer is not listed.");
        const other = await unit("Retired");
        const wish: ComputerInputs = computer.inputs.parse({ name, path: other, enabled: false });
        expect(computer.find(await context.live("ad:Computer"), wish)).toBe(live.id);
        const was = computer.view(live, wish, {}, context);
        expect(was).toEqual({ name, path: home, enabled: true });
        await update(computer, client, live.id, wish, was, context);
        const after = await computer.get(client, live.id);
        expect(after && computer.view(after, wish, {}, context)).toEqual(wish);
        const entry = await client.read(byGuid(live.id), ["userAccountControl"]);
        expect(entry && Number(textOf(entry, "userAccountControl"))).toBe(4096 | 0x80000 | 2);
        await expect(update(computer, client, live.id, { name, enabled: true }, { name, enabled: false }, context)).rejects.toThrow(
          /only ever disabled/u,
        );
        await expect(computer.create(client, computer.inputs.parse({ name: "NOT-THERE" }), context)).rejects.toThrow(
          /join the domain by themselves/u,
        );
      });

      it("that AD protects are refused", async () => {
        const context = newContext();
        const name = `DC-${++numbers}`;
        const dn = child("CN", name, home);
        await client.add(dn, { objectClass: ["computer"], sAMAccountName: [`${name}$`], userAccountControl: ["4096"] });
        await client.modify(dn, [{ op: "replace", attribute: "adminCount", values: ["1"] }]);
        const all = await context.live("ad:Computer");
        const live = all.find((one) => valuesOfComputer(one).name === name);
        const wish = computer.inputs.parse({ name, enabled: false });
        await expect(update(computer, client, live?.id ?? "", wish, { name, enabled: true }, context)).rejects.toThrow(/protects/u);
        // a real domain controller lists itself
        for (const one of all.filter((each) => /OU=Domain Controllers/iu.test(valuesOfComputer(each).path)))
          expect(valuesOfComputer(one).protected).toBe(true);
      });
    });

    it("rights are read without the audit list, and say what they deny", async () => {
      const entry = await client.read(home, ["nTSecurityDescriptor"]);
      const [descriptor] = entry ? valuesOf(entry, "nTSecurityDescriptor") : [];
      if (!Buffer.isBuffer(descriptor)) throw new Error("No descriptor was read.");
      expect(descriptor.readUInt32LE(12), "offset of the audit list").toBe(0);
      expect(denies(descriptor, deleteSelf)).toBe(false);
    });
  });
}

/** The entries of a descriptor's DACL as text, without those inherited from above: the server may write them anew. */
function entriesOf(descriptor: Buffer): string[] {
  const dacl = descriptor.readUInt32LE(16);
  const entries: string[] = [];
  let at = dacl + 8;
  for (let index = 0; index < descriptor.readUInt16LE(dacl + 4); index++) {
    const size = descriptor.readUInt16LE(at + 2);
    if ((descriptor.readUInt8(at + 1) & 0x10) === 0) entries.push(descriptor.subarray(at, at + size).toString("hex"));
    at += size;
  }
  return entries;
}
