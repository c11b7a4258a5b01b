/** Active Directory's resource types on the sandbox's directory and on a Samba domain controller: the same suite on both. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../base/errors.ts";
import { group } from "../../providers/ad/group/group.ts";
import type { GroupInputs } from "../../providers/ad/group/inputs.ts";
import { valuesOfGroup } from "../../providers/ad/group/inputs.ts";
import { organizationalUnit } from "../../providers/ad/organizational-unit.ts";
import { unfinishedMark } from "../../providers/ad/user/account.ts";
import type { UserInputs } from "../../providers/ad/user/inputs.ts";
import { valuesOfUser } from "../../providers/ad/user/live.ts";
import { user } from "../../providers/ad/user/user.ts";
import { child, sameDn } from "../../providers/ad/values/dn.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { textOf, textsOf } from "../../providers/ad/wire/entry.ts";
import type { Live } from "../../providers/core/definition.ts";
import { listsOf } from "../../providers/core/lists.ts";
import { listed, type MemoryContext, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";
import { lifecycle } from "./lifecycle.ts";

const missing = "00000000-0000-4000-8000-0000000000ff";
const hard = [
  'Ann "Q" O\'Neil, Jr.',
  "back\\slash\\",
  "#hash",
  "semi;colon=plus+<b></pre>",
  "émoji 😀 name",
  "שלום עולם",
  "(star*) \\2a & | !",
  "@team",
  "-dash",
  "two  blanks",
];

let numbers = 0;
/** A fresh person; `more` overrides. */
function person(path: string, more: Partial<UserInputs> = {}): UserInputs {
  const number = String(9000 + ++numbers);
  return user.inputs.parse({
    person: number,
    name: `Person ${number}`,
    path,
    enabled: true,
    sAMAccountName: `p${number}`,
    userPrincipalName: `p${number}@example.com`,
    attributes: { employeeNumber: number, department: "Sales" },
    ...more,
  });
}

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`Active Directory on ${kind.name}`, () => {
    let directory: Directory;
    let client: AdClient;
    let home: string;

    const every = (type: string, using: AdClient): Promise<Live[]> =>
      type === "ad:User" ? listed(user, using) : type === "ad:Group" ? listed(group, using) : listed(organizationalUnit, using);
    const newContext = (accounts: { [person: string]: string } = {}): MemoryContext =>
      memoryContext((type) => every(type, client), { ad: accounts });
    const unit = async (name: string, parent = home): Promise<string> => {
      const distinguishedName = child("OU", name, parent);
      await organizationalUnit.create(client, { distinguishedName }, newContext());
      return distinguishedName;
    };
    const read = async (dn: string, attribute: string): Promise<string | undefined> => {
      const entry = await client.read(dn, [attribute]);
      return entry && textOf(entry, attribute);
    };

    beforeAll(async () => {
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Contract", directory.base);
      await organizationalUnit.create(client, { distinguishedName: home }, newContext());
    });
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
    });

    lifecycle({
      definition: organizationalUnit,
      client: () => client,
      async samples() {
        const other = await unit("Other place");
        return {
          create: { distinguishedName: `ou=Main, ${home}` },
          updates: {
            rename: { distinguishedName: child("OU", 'Main, "new" #1\\', home) },
            "leading blank": { distinguishedName: child("OU", " lead and trail ", home) },
            move: { distinguishedName: child("OU", "Main", other) },
          },
        };
      },
      missing,
    });

    const accounts: { [person: string]: string } = {};
    lifecycle({
      definition: user,
      client: () => client,
      async samples() {
        const main = await unit("Staff Main");
        const lab = await unit("Staff Lab");
        for (const key of ["501", "502"]) {
          accounts[key] = (
            await user.create(client, person(main, { person: key, name: `Boss ${key}`, attributes: { employeeNumber: key } }), newContext())
          ).id;
        }
        const create: UserInputs = {
          person: "41",
          name: " Ada Example ",
          path: main.toLowerCase(),
          enabled: true,
          sAMAccountName: "aexample",
          userPrincipalName: "ada@example.com",
          attributes: {
            employeeNumber: "41",
            displayName: "Ada Example",
            department: "Sales",
            title: "Sales Executive",
            manager: "person:501",
            mobile: "",
            description: "a\r\nb",
            otherTelephone: ["2", "1", "1"],
          },
        };
        const named = { ...create, name: 'Example, Ada "X" \\', attributes: { ...create.attributes, displayName: "Ada Lovelace 😀" } };
        const moved = { ...named, path: lab };
        const both = { ...moved, path: main, name: "Ada Example-Smith" };
        return {
          create,
          updates: {
            attributes: {
              ...create,
              attributes: {
                ...create.attributes,
                department: "Engineering",
                title: "",
                mobile: "+44 1",
                otherTelephone: ["3"],
                manager: "person:502",
              },
            },
            rename: named,
            move: moved,
            "rename and move": both,
            login: { ...both, sAMAccountName: "asmith", userPrincipalName: "ada.smith@example.com" },
            leaver: { ...both, enabled: false, attributes: { ...both.attributes, manager: "" } },
            back: { ...both, enabled: true, attributes: { ...both.attributes, manager: `dn:${child("CN", "Boss 501", main)}` } },
          },
        };
      },
      missing,
      fixed: ["person"],
      accounts: () => ({ ad: accounts }),
      asked: { attributes: ["otherTelephone"] },
    });

    const members: { [person: string]: string } = {};
    lifecycle({
      definition: group,
      client: () => client,
      async samples() {
        const groups = await unit("Groups");
        const other = await unit("Groups 2");
        for (const [index, name] of hard.slice(0, 6).entries()) {
          const key = String(600 + index);
          members[key] = (
            await user.create(client, person(home, { person: key, name: `${name} g`, attributes: { employeeNumber: key } }), newContext())
          ).id;
        }
        const nested = child("CN", "Nested, group", groups);
        await group.create(
          client,
          group.inputs.parse({
            name: "Nested, group".replace(",", ""),
            path: groups,
            scope: "global",
            kind: "security",
            mode: "exact",
            members: [],
          }),
          newContext(),
        );
        const nestedDn = nested.replace("\\,", "");
        const create: GroupInputs = {
          name: "GG-Sales",
          path: groups,
          scope: "global",
          kind: "security",
          description: "Sales people",
          mode: "exact",
          members: ["person:601", "person:600", `dn:${nestedDn}`],
        };
        return {
          create,
          updates: {
            members: { ...create, members: ["person:600", "person:602", "person:603"] },
            description: { ...create, description: "" },
            "scope and kind": { ...create, scope: "universal", kind: "distribution" },
            move: { ...create, scope: "universal", path: other, members: [] },
            rename: {
              ...create,
              scope: "universal",
              name: 'GG-Sales (new), "EU"'.replaceAll(/["(),]/gu, ""),
              members: ["person:605", "person:604"],
            },
          },
        };
      },
      missing,
      fixed: ["mode"],
      accounts: () => ({ ad: members }),
    });

    describe("accounts", () => {
      it("are enabled, must change their password, and bear no mark", async () => {
        const wish = person(home);
        const context = newContext();
        const { id, outputs } = await user.create(client, wish, context);
        expect(context.account("ad", wish.person)).toBe(id);
        const dn = child("CN", wish.name, home);
        expect(sameDn(outputs.distinguishedName, dn)).toBe(true);
        expect(outputs.sid).toMatch(/^S-1-5-21-\d+-\d+-\d+-\d+$/u);
        expect(await read(dn, "userAccountControl")).toBe("512");
        expect(await read(dn, "pwdLastSet")).toBe("0");
        expect(await read(dn, "adminDescription")).toBeUndefined();
      });

      it("half made by a killed run are finished by the next, in create and in update", async () => {
        for (const way of ["create", "update"] as const) {
          const wish = person(home);
          const dn = child("CN", wish.name, home);
          await client.add(dn, {
            objectClass: ["top", "person", "organizationalPerson", "user"],
            sAMAccountName: [wish.sAMAccountName],
            userAccountControl: ["514"],
            adminDescription: [unfinishedMark],
          });
          const context = newContext();
          const half = (await context.live("ad:User")).find((one) => sameDn(valuesOfUser(one).distinguishedName, dn));
          if (!half) throw new Error("The half-made account is not listed.");
          expect(valuesOfUser(half)).toMatchObject({ unfinished: true, enabled: false });
          if (way === "create") expect((await user.create(client, wish, context)).id).toBe(half.id);
          else await update(user, client, half.id, wish, user.view(half, wish, {}, context), context);
          context.refresh();
          const after = (await context.liveById("ad:User")).get(half.id);
          if (!after) throw new Error("The account is gone.");
          expect(user.view(after, wish, {}, context)).toEqual(wish);
          expect(valuesOfUser(after).unfinished).toBe(false);
          expect(await read(dn, "pwdLastSet")).toBe("0");
          expect(await read(dn, "userAccountControl")).toBe("512");
        }
      });

      it("of somebody else are refused with their name, and stay as they are", async () => {
        const first = person(home);
        await user.create(client, first, newContext());
        const sameName = person(home, { name: first.name });
        await expect(user.create(client, sameName, newContext())).rejects.toThrow(
          new RegExp(`${first.name}.*somebody else.*employeeNumber ${first.person}`, "u"),
        );
        const sameLogin = person(home, { sAMAccountName: first.sAMAccountName });
        await expect(user.create(client, sameLogin, newContext())).rejects.toThrow(
          new RegExp(`login name ${first.sAMAccountName} belongs to CN=${first.name}`, "u"),
        );
        expect(await read(child("CN", first.name, home), "employeeNumber")).toBe(first.person);
        const sameAddress = person(home, { userPrincipalName: first.userPrincipalName ?? "" });
        await expect(user.create(client, sameAddress, newContext())).rejects.toBeInstanceOf(RefusedError);
      });

      it("get a manager who is made after them in the same run", async () => {
        const context = newContext();
        const boss = person(home);
        const ada = person(home, { attributes: { manager: `person:${boss.person}` } });
        const made = await user.create(client, ada, context);
        expect(await read(child("CN", ada.name, home), "manager")).toBeUndefined();
        await user.create(client, boss, context);
        await context.settle();
        context.refresh();
        const live = (await context.liveById("ad:User")).get(made.id);
        if (!live) throw new Error("The account is gone.");
        expect(user.view(live, ada, {}, context)).toEqual(ada);
      });

      it("keep what others set in userAccountControl when they are disabled and enabled", async () => {
        const wish = person(home);
        const context = newContext();
        const { id } = await user.create(client, wish, context);
        const dn = child("CN", wish.name, home);
        // DONT_EXPIRE_PASSWORD and NOT_DELEGATED, set by hand
        await client.modify(dn, [{ op: "replace", attribute: "userAccountControl", values: [String(512 | 0x10000 | 0x100000)] }]);
        await update(user, client, id, { ...wish, enabled: false }, wish, context);
        expect(await read(dn, "userAccountControl")).toBe(String(514 | 0x10000 | 0x100000));
        const password = await read(dn, "pwdLastSet");
        await update(user, client, id, wish, { ...wish, enabled: false }, context);
        expect(await read(dn, "userAccountControl")).toBe(String(512 | 0x10000 | 0x100000));
        expect(await read(dn, "pwdLastSet")).toBe(password);
      });

      it("with hard names are made, found, renamed and escaped right", async () => {
        const place = await unit('Hard, "names" \\ #');
        const context = newContext();
        for (const name of hard) {
          const wish = person(place, { name, attributes: { displayName: name, department: "D" } });
          const { id } = await user.create(client, wish, context);
          const renamed = { ...wish, name: `${name} \\` };
          await update(user, client, id, renamed, wish, context);
          const live = await user.get(client, id);
          if (!live) throw new Error(`${name} is gone.`);
          expect(user.view(live, renamed, {}, context)).toEqual(renamed);
        }
        expect((await listed(user, client)).filter((one) => sameDn(valuesOfUser(one).path, place))).toHaveLength(hard.length);
      });

      it("with a name or a login that is too long are refused before anything is written", async () => {
        const before = client.writes;
        await expect(user.create(client, person(home, { name: "x".repeat(300) }), newContext())).rejects.toThrow(
          /cn has 300 characters and Active Directory allows 64/u,
        );
        await expect(user.create(client, person(home, { sAMAccountName: "x".repeat(21) }), newContext())).rejects.toThrow(
          /21 characters and Active Directory allows 20/u,
        );
        expect(client.writes).toBe(before);
      });

      it("in an organizational unit that does not exist are refused in one line", async () => {
        const wish = person(child("OU", "Nowhere", home));
        const error: unknown = await user.create(client, wish, newContext()).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(RefusedError);
        expect((error as Error).message).toMatch(/^Could not create CN=Person \d+,OU=Nowhere,.*; .*\.$/u);
        expect((error as Error).message).not.toContain("\n");
      });
    });

    describe("groups", () => {
      it("leave people without an account waiting, and take them in when it is made", async () => {
        const late = person(home);
        const context = newContext();
        const wish = group.inputs.parse({ name: "GG-Late", path: home, mode: "exact", members: [`person:${late.person}`] });
        const { id, outputs } = await group.create(client, wish, context);
        expect(outputs).toMatchObject({ resolved: {}, waiting: [`person:${late.person}`] });
        await user.create(client, late, context);
        await context.settle();
        context.refresh();
        const live = (await context.liveById("ad:Group")).get(id);
        if (!live) throw new Error("The group is gone.");
        expect(group.view(live, wish, outputs, context)).toEqual(wish);
        expect(group.computed(live, wish, context)).toMatchObject({
          waiting: [],
          resolved: { [`person:${late.person}`]: context.account("ad", late.person) },
        });
      });

      it("take members that are there already and lose those that are gone already", async () => {
        const people = [person(home), person(home), person(home)];
        const context = newContext();
        for (const one of people) await user.create(client, one, context);
        const refs = people.map((one) => `person:${one.person}`);
        const empty = group.inputs.parse({ name: "GG-Twice", path: home, mode: "exact", members: [] });
        const { id } = await group.create(client, empty, context);
        const full = { ...empty, members: refs };
        await update(group, client, id, { ...empty, members: refs.slice(0, 1) }, empty, context);
        // the same run's view is older than what was just written: adding again, removing what is not there
        await update(group, client, id, full, empty, context);
        await update(group, client, id, { ...empty, members: refs.slice(0, 1) }, full, context);
        await update(group, client, id, { ...empty, members: refs.slice(0, 1) }, full, context);
        const live = await group.get(client, id);
        expect(live && group.view(live, full, {}, context).members).toEqual(refs.slice(0, 1));
      });

      it("in additive mode keep members that others put there, and lose only those haloform put there", async () => {
        const [a, b, byHand] = [person(home), person(home), person(home)];
        const context = newContext();
        for (const one of [a, b, byHand]) await user.create(client, one, context);
        const wish = group.inputs.parse({
          name: "GG-Additive",
          path: home,
          mode: "additive",
          members: [`person:${a.person}`, `person:${b.person}`],
        });
        const { id, outputs } = await group.create(client, wish, context);
        await client.modify(outputs.distinguishedName, [{ op: "add", attribute: "member", values: [child("CN", byHand.name, home)] }]);
        const live = await group.get(client, id);
        if (!live) throw new Error("The group is gone.");
        expect(group.view(live, wish, outputs, context)).toEqual(wish);
        const less = { ...wish, members: [`person:${a.person}`] };
        const was = group.view(live, less, outputs, context);
        expect(was.members).toEqual(wish.members);
        await update(group, client, id, less, was, context, outputs);
        const after = await group.get(client, id);
        expect(
          after &&
            valuesOfGroup(after)
              .members.map((one) => one.dn)
              .sort(),
        ).toEqual([child("CN", a.name, home), child("CN", byHand.name, home)].sort());
      });

      it("in exact mode lose what was added by hand, even after it was renamed in the same run", async () => {
        const [a, byHand] = [person(home), person(home)];
        const context = newContext();
        await user.create(client, a, context);
        // somebody this run does not know: they can only be named by their distinguishedName
        await user.create(client, byHand, newContext());
        const wish = group.inputs.parse({ name: "GG-Exact", path: home, mode: "exact", members: [`person:${a.person}`] });
        const { id, outputs } = await group.create(client, wish, context);
        await client.modify(outputs.distinguishedName, [{ op: "add", attribute: "member", values: [child("CN", byHand.name, home)] }]);
        context.refresh();
        const live = (await context.liveById("ad:Group")).get(id);
        if (!live) throw new Error("The group is gone.");
        const was = group.view(live, wish, outputs, context);
        expect(was.members).toEqual([`dn:${child("CN", byHand.name, home)}`, `person:${a.person}`]);
        await client.move(child("CN", byHand.name, home), "CN=Renamed meanwhile", home);
        await update(group, client, id, wish, was, context, outputs);
        const after = await group.get(client, id);
        expect(after && group.view(after, wish, outputs, context)).toEqual(wish);
      });

      it("name a member that does not exist, and still take the others", async () => {
        const a = person(home);
        const context = newContext();
        await user.create(client, a, context);
        const empty = group.inputs.parse({ name: "GG-Broken", path: home, mode: "exact", members: [] });
        const { id } = await group.create(client, empty, context);
        const wish = group.inputs.parse({ ...empty, members: [`dn:CN=Nobody,${home}`, `person:${a.person}`] });
        await expect(update(group, client, id, wish, empty, context)).rejects.toThrow(/member CN=Nobody/u);
        const live = await group.get(client, id);
        expect(live && group.view(live, wish, {}, context).members).toEqual([`person:${a.person}`]);
      });

      it("without a place must exist", async () => {
        await expect(
          group.create(client, group.inputs.parse({ name: "GG-Nowhere", mode: "exact", members: [] }), newContext()),
        ).rejects.toThrow(/Could not find the group GG-Nowhere/u);
      });
    });

    describe("protection", () => {
      it("refuses administrators and built-in groups, and says so in one line", async () => {
        const wish = person(home);
        const context = newContext();
        const { id } = await user.create(client, wish, context);
        await client.modify(child("CN", wish.name, home), [{ op: "replace", attribute: "adminCount", values: ["1"] }]);
        context.refresh();
        expect((await context.liveById("ad:User")).get(id)?.values["protected"]).toBe(true);
        await expect(update(user, client, id, { ...wish, enabled: false }, wish, context)).rejects.toThrow(/protected account/u);
        expect(await read(child("CN", wish.name, home), "userAccountControl")).toBe("512");

        const locked = group.inputs.parse({ name: "GG-Locked", path: home, mode: "exact", members: [] });
        const { id: groupId, outputs } = await group.create(client, locked, context);
        await client.modify(outputs.distinguishedName, [{ op: "replace", attribute: "adminCount", values: ["1"] }]);
        context.refresh();
        await expect(update(group, client, groupId, { ...locked, members: [`person:${wish.person}`] }, locked, context)).rejects.toThrow(
          /protected group/u,
        );
      });
    });

    describe("1,600 members", () => {
      const many = 1600;
      let place: string;
      let ids: { [person: string]: string };
      let wish: GroupInputs;
      let id: string;

      beforeAll(async () => {
        place = await unit("Many");
        const context = newContext();
        const all = Array.from({ length: many }, () => person(place));
        // some as the engine makes them, in parallel; the others without a password, which costs a directory most of the time
        await Promise.all(all.slice(0, 50).map((one) => user.create(client, one, context)));
        for (let at = 50; at < many; at += 50) {
          await Promise.all(
            all.slice(at, at + 50).map((one) =>
              client.add(child("CN", one.name, place), {
                objectClass: ["user"],
                sAMAccountName: [one.sAMAccountName],
                userAccountControl: ["514"],
              }),
            ),
          );
        }
        const made = new Map((await listed(user, client)).map((one) => [valuesOfUser(one).sAMAccountName, one.id]));
        ids = Object.fromEntries(all.map((one) => [one.person, made.get(one.sAMAccountName) ?? ""]));
        for (const [key, account] of Object.entries(ids)) context.announce("ad", key, account);
        wish = group.inputs.parse({ name: "GG-Many", path: home, mode: "exact", members: all.map((one) => `person:${one.person}`) });
        const before = client.writes;
        id = (await group.create(client, wish, context)).id;
        expect(client.writes - before, "one add, and batches of 1,000").toBe(1 + Math.ceil(many / 1000));
      });

      it("are read whole, in pages, with as many calls as pages", async () => {
        const own = await clientOf(directory);
        try {
          const before = own.calls();
          const lists = listsOf(["ad:User"], () => listed(user, own));
          const reads = [listed(group, own, lists), listed(organizationalUnit, own), Promise.resolve(lists("ad:User") ?? [])] as const;
          const [groups, units, users] = await Promise.all(reads);
          const pages = (count: number): number => Math.max(1, Math.ceil(count / 1000));
          // The login, and one page of deleted accounts (a rehired person's is restored, not made anew).
          expect(own.calls() - before).toBeLessThanOrEqual(pages(users.length) + pages(groups.length) + pages(units.length) + 2);
          const live = groups.find((one) => one.id === id);
          expect(live && valuesOfGroup(live).members.length).toBe(many);
          expect(live && group.view(live, wish, {}, newContext(ids))).toEqual(wish);
          expect(await listed(group, own), "read alone").toEqual(groups);
        } finally {
          await own.close();
        }
      });

      it("are the same through the single read and through `member` in ranges", async () => {
        const live = await group.get(client, id);
        expect(live && group.view(live, wish, {}, newContext(ids))).toEqual(wish);
        const entry = await client.read(`<GUID=${id}>`, ["member"]);
        expect(entry && new Set(textsOf(entry, "member")).size).toBe(many);
      });

      it("page in small steps to the same list", async () => {
        const small = await clientOf(directory, { pageSize: 37 });
        try {
          const before = small.calls();
          const users = await listed(user, small);
          expect(new Set(users.map((one) => one.id)).size).toBe(users.length);
          expect(users.length).toBe((await listed(user, client)).length);
          expect(small.calls() - before).toBeGreaterThanOrEqual(Math.floor(users.length / 37));
        } finally {
          await small.close();
        }
      });

      it("lose one and gain none by one write", async () => {
        const context = newContext(ids);
        const less = { ...wish, members: wish.members.slice(1) };
        const before = client.writes;
        await update(group, client, id, less, wish, context);
        expect(client.writes - before).toBe(1);
        const live = await group.get(client, id);
        expect(live && group.view(live, wish, {}, context)).toEqual(less);
      });
    });
  });
}
