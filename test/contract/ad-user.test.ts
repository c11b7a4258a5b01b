/** Accounts and their attributes on the sandbox's directory and on a Samba domain controller: the same suite on both. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { organizationalUnit } from "../../providers/ad/organizational-unit.ts";
import type { UserInputs, UserOutputs } from "../../providers/ad/user/inputs.ts";
import { user } from "../../providers/ad/user/user.ts";
import { askedFor } from "../../providers/ad/user/write.ts";
import { child } from "../../providers/ad/values/dn.ts";
import { flags as flagRules } from "../../providers/ad/values/flags.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import type { AttributeValues } from "../../providers/ad/values/syntax.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { textOf, textsOf, valuesOf } from "../../providers/ad/wire/entry.ts";
import type { Live } from "../../providers/core/definition.ts";
import { type MemoryContext, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";
import { lifecycle } from "./lifecycle.ts";

let numbers = 0;
const bytes = (...all: number[]): string => Buffer.from(all).toString("base64");

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`Accounts on ${kind.name}`, () => {
    let directory: Directory;
    let client: AdClient;
    let home: string;
    /** What all of them hold, as a mapping's own attributes are asked for. */
    const asked = { attributes: new Set<string>(), syntax: {} };

    /** A fresh person; `more` overrides. */
    function person(more: Values = {}): UserInputs {
      const number = String(7000 + ++numbers);
      const made = user.inputs.parse({
        person: number,
        name: `Person ${number}`,
        path: home,
        enabled: true,
        sAMAccountName: `u${number}`,
        attributes: {},
        ...more,
      });
      for (const name of Object.keys(made.attributes)) asked.attributes.add(name);
      Object.assign(asked.syntax, made.syntax);
      return made;
    }
    const context = (): MemoryContext => memoryContext(() => user.list(client, { ...asked, attributes: [...asked.attributes] }));
    const dnOf = (inputs: UserInputs): string => child("CN", inputs.name, inputs.path);
    const read = async (inputs: UserInputs, attribute: string): Promise<string[]> => {
      const entry = await client.read(dnOf(inputs), [attribute]);
      return entry === undefined ? [] : textsOf(entry, attribute).sort();
    };
    const control = async (inputs: UserInputs): Promise<number> => {
      const entry = await client.read(dnOf(inputs), ["userAccountControl"]);
      return Number(entry && textOf(entry, "userAccountControl"));
    };
    const liveOf = async (id: string, wish: UserInputs): Promise<Live> => {
      const live = await user.get(client, id, askedFor(wish));
      if (!live) throw new Error("The account is gone.");
      return live;
    };
    /** A run: what is there, as the bulk read and the single read show it, is brought to the wish; a second look finds nothing to do. */
    async function bring(id: string, wish: UserInputs, last: UserOutputs): Promise<UserOutputs> {
      const run = context();
      const live = (await run.liveById("ad:User")).get(id);
      if (!live) throw new Error("The account is not listed.");
      const was = user.inputs.parse(user.view(live, wish, last, run));
      const outputs = await update(user, client, id, wish, was, run, last);
      expect(user.view(await liveOf(id, wish), wish, outputs, run), "what is seen after the write").toEqual(wish);
      const before = client.writes;
      await update(user, client, id, wish, wish, context(), outputs);
      expect(client.writes, "writes of a second run").toBe(before);
      return outputs;
    }
    async function make(wish: UserInputs): Promise<{ id: string; outputs: UserOutputs }> {
      const made = await user.create(client, wish, context());
      expect(user.view(await liveOf(made.id, wish), wish, made.outputs, context()), "what is seen after the creation").toEqual(wish);
      return made;
    }

    beforeAll(async () => {
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Accounts", directory.base);
      await organizationalUnit.create(client, { distinguishedName: home }, context());
    });
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
    });

    lifecycle({
      definition: user,
      client: () => client,
      samples() {
        const create = person({
          attributes: {
            employeeNumber: "6999",
            accountExpires: "2027-01-31",
            logonHours: ["mon-fri 7-19"],
            userWorkstations: ["pc-2", "PC-1"],
            proxyAddresses: ["SMTP:ada@example.com", "smtp:a.lovelace@example.com"],
            homeDrive: "h:",
            countryCode: "826",
            thumbnailLogo: bytes(0xff, 0, 1),
            otherTelephone: ["1", "2"],
            info: "",
          },
          syntax: { thumbnailLogo: "octets" },
          flags: { cannotBeDelegated: true, passwordNeverExpires: false },
        });
        const { attributes } = create;
        const next = (more: Values, rest: Values = {}): UserInputs =>
          user.inputs.parse({ ...create, ...rest, attributes: { ...attributes, ...more } });
        return {
          create,
          updates: {
            dates: next({ accountExpires: "2027-06-30T12:00:00Z", logonHours: ["Sat 22-6"], info: "x" }),
            cleared: next({
              accountExpires: "never",
              logonHours: [],
              userWorkstations: "",
              thumbnailLogo: "",
              otherTelephone: [],
              homeDrive: "",
            }),
            flags: next({}, { flags: { cannotBeDelegated: false, passwordNeverExpires: true } }),
            addresses: next({ proxyAddresses: ["smtp:ada@example.com", "SMTP:a.lovelace@example.com"] }, { additive: ["proxyAddresses"] }),
            name: next(
              {},
              { name: "Ada Lovelace", sAMAccountName: "alovelace", userPrincipalName: "alovelace@example.com", enabled: false },
            ),
            elsewhere: next(
              {},
              { path: directory.base, name: "Ada Lovelace", sAMAccountName: "alovelace", userPrincipalName: "a@example.com" },
            ),
          },
        };
      },
      missing: "00000000-0000-4000-8000-0000000000fe",
      fixed: ["person", "syntax", "additive"],
      asked: {
        attributes: ["thumbnailLogo", "logonHours", "userWorkstations", "otherTelephone", "proxyAddresses", "info"],
        syntax: { thumbnailLogo: "octets" },
      },
    });

    describe("attributes", () => {
      it("A4: of every syntax are written as AD keeps them, and read back as they were wished", async () => {
        const own: Values =
          kind.name === "sandbox"
            ? {
                extensionAttribute1: "one",
                "msRTCSIP-UserEnabled": "true",
                "msRTCSIP-OptionFlags": "257",
                "msRTCSIP-PrimaryUserAddress": "sip:ada@example.com",
                msExchHideFromAddressLists: "FALSE",
                msExchRemoteRecipientType: "4294967296",
              }
            : { maxStorage: "4294967296", "msDS-HABSeniorityIndex": "7", msNPAllowDialin: "false" };
        const syntax: Values =
          kind.name === "sandbox"
            ? { thumbnailLogo: "octets" }
            : { thumbnailLogo: "octets", maxStorage: "largeInteger", "msDS-HABSeniorityIndex": "integer" };
        // bytes that happen to be UTF-8 are bytes all the same
        const wish = person({
          syntax,
          attributes: {
            ...own,
            accountExpires: "2027-01-31T00:00:00",
            countryCode: "826.0",
            c: "gb",
            co: "United Kingdom",
            uidNumber: "1000",
            showInAdvancedViewOnly: "true",
            logonHours: ["Mon-Fri 07:00-19:00"],
            userWorkstations: ["pc-1,pc-2"],
            thumbnailLogo: Buffer.from("plain text").toString("base64"),
            profilePath: "\\\\files\\profiles\\ada",
            homeDirectory: "\\\\files\\home\\ada",
            homeDrive: "H:",
            scriptPath: "logon.cmd",
            url: ["https://example.org/b", "https://example.org/a"],
            otherTelephone: ["+44 1", "+44 2"],
            wWWHomePage: "https://example.org",
            division: "North",
            employeeID: "E-1",
            employeeNumber: "1",
          },
        });
        await make(wish);
        expect(wish.attributes).toMatchObject({
          accountExpires: "2027-01-31",
          countryCode: "826",
          c: "GB",
          userWorkstations: ["PC-1", "PC-2"],
        });
        expect(await read(wish, "accountExpires")).toEqual(["134459136000000000"]);
        expect(await read(wish, "userWorkstations")).toEqual(["PC-1,PC-2"]);
        const entry = await client.read(dnOf(wish), ["logonHours", "showInAdvancedViewOnly"]);
        expect(entry && valuesOf(entry, "logonHours").map((value) => (value as Buffer).toString("hex"))).toEqual([
          "00000080ff0780ff0780ff0780ff0780ff07000000",
        ]);
        expect(entry && textOf(entry, "showInAdvancedViewOnly")).toBe("TRUE");
      });

      it("both spellings of never are one", async () => {
        const wish = person({ attributes: { accountExpires: "never" } });
        const { id, outputs } = await make(wish);
        for (const value of ["0", "9223372036854775807"]) {
          await client.modify(byGuid(id), [{ op: "replace", attribute: "accountExpires", values: [value] }]);
          expect(user.view(await liveOf(id, wish), wish, outputs, context())).toEqual(wish);
        }
        await bring(id, { ...wish, attributes: { accountExpires: "2027-01-31" } }, outputs);
        await bring(id, wish, outputs);
        expect(await read(wish, "accountExpires")).toEqual(["0"]);
      });

      it("A4: that the mapping does not name are never touched, whatever they hold", async () => {
        const others: { [name: string]: AttributeValues } = {
          description: ["by hand"],
          info: ["a\r\nb"],
          otherMobile: ["1", "2"],
          thumbnailPhoto: [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
          logonHours: [Buffer.alloc(21, 0x0f)],
          accountExpires: ["134459136000000001"],
          homePhone: ["+44 3"],
          comment: ["note"],
        };
        const foreign = Object.keys(others);
        const values = async (id: string): Promise<unknown> => {
          const entry = await client.read(byGuid(id), foreign);
          return Object.fromEntries(foreign.map((name) => [name, entry && textsOf(entry, name).sort()]));
        };
        const wish = person({ attributes: { title: "t", department: "d" } });
        let { id, outputs } = await make(wish);
        await client.modify(
          byGuid(id),
          foreign.map((attribute) => ({ op: "replace" as const, attribute, values: others[attribute] ?? [] })),
        );
        const before = await values(id);
        const change = fc.record({
          title: fc.constantFrom("", "a", "b"),
          department: fc.constantFrom("", "c", "d"),
          enabled: fc.boolean(),
          cannotBeDelegated: fc.boolean(),
        });
        await fc.assert(
          fc.asyncProperty(change, async ({ title, department, enabled, cannotBeDelegated }) => {
            outputs = await bring(
              id,
              user.inputs.parse({ ...wish, enabled, flags: { cannotBeDelegated }, attributes: { title, department } }),
              outputs,
            );
            expect(await values(id)).toEqual(before);
          }),
          { numRuns: 8 },
        );
      });

      it("in additive mode keep what others put there; an old primary address stays as a secondary one", async () => {
        const wish = (addresses: string[]): UserInputs => ({
          ...base,
          attributes: user.inputs.parse({ ...base, attributes: { proxyAddresses: addresses } }).attributes,
        });
        const base = person({ additive: ["proxyAddresses"], attributes: { proxyAddresses: [] } });
        let { id, outputs } = await make(base);
        await client.modify(byGuid(id), [
          { op: "add", attribute: "proxyAddresses", values: ["SMTP:Old@example.com", "x500:/o=Exchange/cn=ada", "smtp:ada@example.com"] },
        ]);
        outputs = await bring(id, wish(["SMTP:ADA@example.com", "smtp:a@example.com"]), outputs);
        expect(await read(base, "proxyAddresses")).toEqual(
          ["SMTP:ADA@example.com", "smtp:a@example.com", "smtp:Old@example.com", "x500:/o=Exchange/cn=ada"].sort(),
        );
        // ours is taken back, others' stay, and the address that was primary is not lost
        outputs = await bring(id, wish(["SMTP:new@example.com"]), outputs);
        expect(await read(base, "proxyAddresses")).toEqual(
          ["SMTP:new@example.com", "smtp:ADA@example.com", "smtp:Old@example.com", "x500:/o=Exchange/cn=ada"].sort(),
        );
        outputs = await bring(id, wish([]), outputs);
        expect((await read(base, "proxyAddresses")).length).toBe(3);
        // exact: only what is wished
        const { additive: _additive, ...exact } = wish(["SMTP:new@example.com"]);
        await bring(id, exact, outputs);
        expect(await read(base, "proxyAddresses")).toEqual(["SMTP:new@example.com"]);
      });

      it("behaviour F6: a name that another's name is or implies is refused with the holder, when made and when changed", async () => {
        const realm = directory.base.replace(/^DC=|,DC=/giu, ".").slice(1);
        const first = person({ userPrincipalName: "f6.taken@example.net" });
        const second = person({ userPrincipalName: `f6.implied@${realm}` });
        for (const one of [first, second]) await user.create(client, one, context());
        const said = async (more: Values): Promise<string[]> => {
          const wish = person(more);
          const messages: string[] = [];
          const note = (error: unknown): void => void messages.push((error as Error).message);
          await user.create(client, wish, context()).catch(note);
          const { name: _name, ...named } = more;
          const other = person();
          const made = await user.create(client, other, context());
          await update(user, client, made.id, { ...other, ...named }, other, context(), made.outputs).catch(note);
          return messages;
        };
        const [a, b] = [dnOf(first), dnOf(second)];
        const both = (words: string) => [expect.stringContaining(words), expect.stringContaining(words)];
        expect(await said({ userPrincipalName: "F6.taken@example.net" })).toEqual(
          both(`the userPrincipalName F6.taken@example.net is taken by ${a}`),
        );
        const login = first.sAMAccountName;
        expect(await said({ userPrincipalName: `${login}@${realm}` })).toEqual(
          both(`the userPrincipalName ${login}@${realm} is implied by the login of ${a}`),
        );
        expect(await said({ sAMAccountName: "f6.implied" })).toEqual(
          both(`the login f6.implied is implied by the userPrincipalName of ${b}`),
        );
      });

      it("outside O1: in additive mode a value that was there already is wished, and stays when it is wished no more", async () => {
        const base = person({ additive: ["otherTelephone"], attributes: { otherTelephone: ["1"] } });
        const wish = (values: string[]): UserInputs => user.inputs.parse({ ...base, attributes: { otherTelephone: values } });
        let { id, outputs } = await make(base);
        await client.modify(byGuid(id), [{ op: "add", attribute: "otherTelephone", values: ["7"] }]);
        outputs = await bring(id, wish(["1", "7", "8"]), outputs);
        expect(outputs.added).toEqual({ otherTelephone: ["1", "8"] });
        outputs = await bring(id, wish([]), outputs);
        expect(await read(base, "otherTelephone")).toEqual(["7"]);
        // taken over as it is: nothing of it is haloform's
        const live = await liveOf(id, wish(["7"]));
        expect(user.computed(live, wish(["7"]), context()).added).toEqual({ otherTelephone: [] });
      });

      it("in additive mode take values that others put or took since the bulk read", async () => {
        const wish = person({ additive: ["otherTelephone"], attributes: { otherTelephone: ["1", "2"] } });
        const { id, outputs } = await make(wish);
        const run = context();
        const live = (await run.liveById("ad:User")).get(id);
        if (!live) throw new Error("The account is not listed.");
        // since then: 1 was taken, 3 was put
        await client.modify(byGuid(id), [{ op: "delete", attribute: "otherTelephone", values: ["1"] }]);
        await client.modify(byGuid(id), [{ op: "add", attribute: "otherTelephone", values: ["3", "9"] }]);
        const next = user.inputs.parse({ ...wish, attributes: { otherTelephone: ["2", "3"] } });
        await update(user, client, id, next, user.inputs.parse(user.view(live, next, outputs, run)), run, outputs);
        expect(await read(wish, "otherTelephone")).toEqual(["2", "3", "9"]);
      });

      it("that AD would not take are refused before anything is written, naming the attribute", async () => {
        const before = client.writes;
        for (const [attributes, words] of [
          [{ title: ["a", "b"] }, /title: expected one value, found 2/u],
          [{ employeeID: "x".repeat(17) }, /employeeID has 17 characters and Active Directory allows 16/u],
          [{ accountExpires: "soon" }, /accountExpires: expected a day/u],
          [
            { userWorkstations: Array.from({ length: 200 }, (_, index) => `PC-${1000 + index}`) },
            /userWorkstations: expected at most 1024/u,
          ],
        ] as const) {
          const made = user.create(client, person({ attributes } as unknown as Values), context());
          await expect(made).rejects.toThrow(words);
          await expect(made).rejects.toBeInstanceOf(RefusedError);
        }
        expect(client.writes).toBe(before);
      });

      it("that the domain's schema does not have park the person, and no half-made account stays", async () => {
        const wish = person({ attributes: { northwindShoe: "42" } });
        const error: unknown = await user.create(client, wish, context()).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(RefusedError);
        expect((error as Error).message).toMatch(/^Could not create CN=Person \d+,.*\.$/u);
        expect((error as Error).message).not.toContain("\n");
        expect(await client.read(dnOf(wish), ["cn"])).toBeUndefined();
      });

      it("that others wrote badly are shown, and mended", async () => {
        const wish = person({ attributes: { c: "GB", logonHours: ["never"] } });
        const { id, outputs } = await make(wish);
        const octets = Buffer.alloc(21);
        octets[1] = 0xff; // Sunday, 08:00 to 16:00
        await client.modify(byGuid(id), [
          { op: "replace", attribute: "c", values: ["U1"] },
          { op: "replace", attribute: "logonHours", values: [octets] },
        ]);
        const seen = user.view(await liveOf(id, wish), wish, outputs, context());
        expect(seen.attributes).toEqual({ c: "U1", logonHours: "Sun 08:00-16:00" });
        expect(user.inputs.parse(seen)).toEqual(seen);
        await bring(id, wish, outputs);
      });
    });

    describe("flags", () => {
      it("A4: are set by name when the account is made, and only those that are named change", async () => {
        const wish = person({ flags: { cannotBeDelegated: true, passwordNeverExpires: true, smartcardRequired: false } });
        const { id, outputs } = await make(wish);
        expect(await control(wish)).toBe(0x200 | 0x100000 | 0x10000);
        // set by others: USE_DES_KEY_ONLY has a name but is not in the wish
        await client.modify(byGuid(id), [
          { op: "replace", attribute: "userAccountControl", values: [String(0x200 | 0x100000 | 0x10000 | 0x200000)] },
        ]);
        await bring(id, { ...wish, flags: { cannotBeDelegated: false, passwordNeverExpires: true, smartcardRequired: true } }, outputs);
        expect(await control(wish)).toBe(0x200 | 0x10000 | 0x200000 | 0x40000);
        await bring(id, { ...wish, enabled: false, flags: { desKeysOnly: false } }, outputs);
        expect(await control(wish)).toBe(0x202 | 0x10000 | 0x40000);
      });

      it("that open a hole are refused, on a new account and on an old one", async () => {
        const wish = person();
        const { id } = await make(wish);
        for (const name of ["trustedForDelegation", "preauthNotRequired", "passwordNotRequired", "reversibleEncryption"]) {
          const wrong = { ...wish, flags: { [name]: true } };
          const writes = client.writes;
          await expect(update(user, client, id, wrong, { ...wish, flags: { [name]: false } }, context())).rejects.toThrow(
            `the flag ${name} is not switched on`,
          );
          await expect(user.create(client, person({ flags: { [name]: true } }), context())).rejects.toBeInstanceOf(RefusedError);
          expect(client.writes).toBe(writes);
        }
        expect(await control(wish)).toBe(0x200);
      });

      it("of others survive every change, whatever they are", async () => {
        const wish = person({ flags: { cannotBeDelegated: true } });
        const made = await make(wish);
        let { outputs } = made;
        const { id } = made;
        const foreign = Object.entries(flagRules).filter(([name]) => !["cannotBeDelegated", "passwordNotRequired"].includes(name));
        await fc.assert(
          fc.asyncProperty(fc.subarray(foreign), fc.boolean(), fc.boolean(), async (set, on, enabled) => {
            const bits = set.reduce((all, [, rule]) => all | rule.bit, 0x200);
            await client.modify(byGuid(id), [{ op: "replace", attribute: "userAccountControl", values: [String(bits)] }]);
            outputs = await bring(id, { ...wish, enabled, flags: { cannotBeDelegated: on } }, outputs);
            expect(await control(wish)).toBe(bits | (on ? 0x100000 : 0) | (enabled ? 0 : 2));
          }),
          { numRuns: 12 },
        );
      });
    });

    describe("identity", () => {
      it("A4: a move and a rename keep the objectGUID, the SID, the password and the groups", async () => {
        const wish = person({ userPrincipalName: "before@example.com", attributes: { employeeNumber: "77" } });
        const { id, outputs } = await make(wish);
        const groupDn = child("CN", "GG-Stay", home);
        await client.add(groupDn, { objectClass: ["top", "group"], sAMAccountName: ["GG-Stay"], member: [dnOf(wish)] });
        const facts = async (): Promise<unknown> => {
          const entry = await client.read(byGuid(id), ["objectGUID", "objectSid", "pwdLastSet", "memberOf"]);
          return (
            entry && Object.fromEntries(["objectGUID", "objectSid", "pwdLastSet", "memberOf"].map((name) => [name, textsOf(entry, name)]))
          );
        };
        const before = await facts();
        const other = child("OU", "Moved", home);
        await organizationalUnit.create(client, { distinguishedName: other }, context());
        const moved = { ...wish, path: other, name: 'Person, "Moved"', sAMAccountName: "moved", userPrincipalName: "after@example.com" };
        const after = await bring(id, moved, outputs);
        expect(after.distinguishedName).toBe(child("CN", moved.name, other));
        expect(await facts()).toEqual(before);
        expect(await client.read(dnOf(wish), ["cn"])).toBeUndefined();
      });

      it("A1: is disabled until it has its password, and stays as it is made", async () => {
        const steps: string[] = [];
        const watched = new Proxy(client, {
          get(target, key, self) {
            const value: unknown = Reflect.get(target, key, target);
            if (typeof value !== "function") return value;
            return (...args: unknown[]) => {
              if (key === "add") steps.push(`add ${String((args[1] as { userAccountControl: string[] }).userAccountControl[0])}`);
              if (key === "modify") steps.push((args[1] as { attribute: string }[]).map((change) => change.attribute).join(" "));
              return (value as (...all: unknown[]) => unknown).apply(self === undefined ? self : target, args);
            };
          },
        });
        const wish = person();
        await user.create(watched, wish, context());
        expect(steps[0]).toBe("add 514");
        const enabled = steps.findIndex((step) => step.includes("userAccountControl"));
        const password = steps.findIndex((step) => step.includes("unicodePwd"));
        expect(password).toBeGreaterThan(0);
        expect(enabled).toBeGreaterThanOrEqual(password);
        expect(await control(wish)).toBe(0x200);
      });
    });
  });
}
