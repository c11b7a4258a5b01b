/** A13 on the sandbox's directory and on a Samba domain controller: passwords that the domain takes, proven by logging in. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Values } from "../../base/json.ts";
import { provideSettings } from "../../base/settings.ts";
import { proves } from "../../providers/ad/password/proof.ts";
import { resetPassword } from "../../providers/ad/password/reset.ts";
import { domainPolicy } from "../../providers/ad/password/set.ts";
import type { UserInputs } from "../../providers/ad/user/inputs.ts";
import { user } from "../../providers/ad/user/user.ts";
import { child, sameDn } from "../../providers/ad/values/dn.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { textOf } from "../../providers/ad/wire/entry.ts";
import { AdRefusedError } from "../../providers/ad/wire/errors.ts";
import type { PasswordRules } from "../../providers/core/password-rules.ts";
import { stackConfig } from "../../providers/systems.ts";
import { waitingIn } from "../vault.ts";
import { listed, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";

const phrase = "passphrase of a test";
let numbers = 0;

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`A13 on ${kind.name}`, () => {
    let directory: Directory;
    let client: AdClient;
    let home: string;
    const folder = mkdtempSync(join(tmpdir(), "haloform-vault-"));
    const before = { phrase: process.env["PULUMI_CONFIG_PASSPHRASE"], bind: process.env["AD_BIND_PASSWORD"] };

    const config = () => ({ url: [directory.url], base: directory.base, bind: directory.bind, ca: directory.ca });
    const rules = (more: Partial<PasswordRules> = {}): PasswordRules => ({
      length: 20,
      sets: ["upper", "lower", "digits", "signs"],
      mustChange: true,
      handover: "output",
      vault: folder,
      ...more,
    });
    const context = (passwords: PasswordRules) =>
      Object.assign(
        memoryContext((type) => (type === "ad:User" ? listed(user, client) : Promise.resolve([]))),
        { passwords },
      );
    const person = (more: Partial<UserInputs> = {}): UserInputs => {
      const number = String(9500 + ++numbers);
      return user.inputs.parse({
        person: number,
        name: `Person ${number}`,
        path: home,
        enabled: true,
        sAMAccountName: `pw${number}`,
        userPrincipalName: `pw${number}@example.com`,
        attributes: { employeeNumber: number, displayName: "Ada Lovelace", givenName: "Ada", sn: "Lovelace" },
        ...more,
      });
    };
    const vaulted = (key: string) => waitingIn(folder, phrase).find((one) => one.person === key);
    const right = (login: string, password: string) => proves(config(), login, password);
    const read = async (id: string) => client.read(byGuid(id), ["userAccountControl", "pwdLastSet", "adminDescription", "lockoutTime"]);
    const change = async (made: { id: string; outputs: Values }, wish: UserInputs, was: UserInputs, by: PasswordRules) =>
      update(user, client, made.id, wish, was, context(by), made.outputs);

    beforeAll(async () => {
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Passwords", directory.base);
      await client.add(home, { objectClass: ["top", "organizationalUnit"] });
      process.env["PULUMI_CONFIG_PASSPHRASE"] = phrase;
      process.env["AD_BIND_PASSWORD"] = directory.password;
      provideSettings(stackConfig.parse({ halo: { resourceServer: "https://halo.example.com", clientId: "x" }, ad: config() }));
    }, 120_000);
    afterAll(async () => {
      for (const [name, value] of [
        ["PULUMI_CONFIG_PASSPHRASE", before.phrase],
        ["AD_BIND_PASSWORD", before.bind],
      ] as const) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await client?.close();
      await directory?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("A13: the first password is kept before it is sent, works, and must be changed", async () => {
      const wish = person();
      const made = await user.create(client, wish, context(rules()));
      const kept = vaulted(wish.person);
      expect(kept).toMatchObject({ login: wish.sAMAccountName, why: "created", taken: true });
      expect(kept?.password).toHaveLength(20);
      expect(await right(wish.sAMAccountName, kept?.password ?? "")).toBe("right");
      expect(await right(wish.sAMAccountName, "Wrong2password!x")).toBe("wrong");
      const entry = await read(made.id);
      expect(entry && textOf(entry, "pwdLastSet")).toBe("0");
      expect(entry && textOf(entry, "userAccountControl")).toBe("512");
      expect(entry && textOf(entry, "adminDescription")).toBeUndefined();
      expect(JSON.stringify(made)).not.toContain(kept?.password ?? "?");
    });

    it("A13: without must change the person can log on at once; to nobody: nothing is kept", async () => {
      const wish = person();
      const made = await user.create(client, wish, context(rules({ mustChange: false })));
      const own = await clientOf({ ...directory, bind: child("CN", wish.name, home), password: vaulted(wish.person)?.password ?? "" });
      expect(await own.read(directory.base, ["objectClass"])).toBeDefined();
      await own.close();
      const entry = await read(made.id);
      expect(entry && textOf(entry, "pwdLastSet")).not.toBe("0");
      const other = person();
      await user.create(client, other, context(rules({ handover: "nobody" })));
      expect(vaulted(other.person)).toBeUndefined();
    });

    it("A13: another key gives a new password once; the same key, adoption and an unmanaged key never do", async () => {
      const wish = person({ passwordKey: "a" });
      const made = await user.create(client, wish, context(rules()));
      const first = vaulted(wish.person)?.password ?? "";
      expect(made.outputs.passwordKey).toBe("a");
      const live = await user.get(client, made.id);
      if (!live) throw new Error("gone");

      const next = user.inputs.parse({ ...wish, passwordKey: "b" });
      const was = user.view(live, next, made.outputs, context(rules()));
      expect(was.passwordKey).toBe("a");
      const outputs = await change(made, next, was, rules());
      expect(outputs.passwordKey).toBe("b");
      const second = vaulted(wish.person);
      expect(second?.why).toBe("rotated");
      expect(second?.password).not.toBe(first);
      expect(await right(wish.sAMAccountName, second?.password ?? "")).toBe("right");
      expect(await right(wish.sAMAccountName, first)).toBe("wrong");

      // Adoption: there are no outputs of before.
      const third = user.inputs.parse({ ...wish, passwordKey: "c", attributes: { ...wish.attributes, title: "Changed" } });
      const seen = user.view(live, third, {}, context(rules()));
      expect(seen.passwordKey).toBe("c");
      const adopted = await update(user, client, made.id, third, seen, context(rules()));
      expect(adopted.passwordKey).toBe("c");
      expect(vaulted(wish.person)?.password).toBe(second?.password);
      expect(await right(wish.sAMAccountName, second?.password ?? "")).toBe("right");
      // The same key again, and one that is no longer managed.
      const same = user.view(live, third, adopted, context(rules()));
      await change({ id: made.id, outputs: adopted }, third, same, rules());
      const { passwordKey: _key, ...without } = third;
      const last = await change(
        { id: made.id, outputs: adopted },
        user.inputs.parse(without),
        user.view(live, user.inputs.parse(without), adopted, context(rules())),
        rules(),
      );
      expect(last.passwordKey).toBe("c");
      expect(vaulted(wish.person)?.password).toBe(second?.password);
    });

    it("A13: an account is enabled only after the command has the password; the next run sets another and tries again", async () => {
      const seen = join(tmpdir(), `haloform-handed-${process.pid}-${kind.name}.json`);
      const script = join(tmpdir(), `haloform-hand-over-${process.pid}.mjs`);
      writeFileSync(
        script,
        'import { readFileSync, writeFileSync } from "node:fs";\nconst text = readFileSync(0, "utf8");\nwriteFileSync(process.argv[2], text);\nconsole.error(text);\nprocess.exit(Number(process.argv[3]));\n',
      );
      const command = (code: string): PasswordRules =>
        rules({ handover: { command: [process.execPath, script, seen, code], timeout: 30, env: [] } });
      const wish = person();
      try {
        const { readFileSync } = await import("node:fs");
        const given = (): { password: string; person: string } =>
          JSON.parse(readFileSync(seen, "utf8")) as { password: string; person: string };
        const failure = await user.create(client, wish, context(command("3"))).catch((error: unknown) => error as Error);
        expect(failure).toMatchObject({ name: "RefusedError" });
        expect((failure as Error).message).toMatch(/ended with exit code 3; the account stays disabled/u);
        expect((failure as Error).message).not.toContain(given().password);
        const [account] = (await listed(user, client)).filter((one) => (one.values["sAMAccountName"] as string) === wish.sAMAccountName);
        expect(account?.values).toMatchObject({ enabled: false, unfinished: true });
        const first = given().password;
        expect(await right(wish.sAMAccountName, first)).toBe("right");

        const again = await user.create(client, wish, context(command("0")));
        expect(again.id).toBe(account?.id);
        expect(given().password).not.toBe(first);
        const entry = await read(again.id);
        expect(entry && textOf(entry, "userAccountControl")).toBe("512");
        expect(entry && textOf(entry, "adminDescription")).toBeUndefined();
        expect(await right(wish.sAMAccountName, given().password)).toBe("right");
        const late = await user
          .create(client, person(), context(rules({ handover: { command: [join(tmpdir(), "none-such")], timeout: 1, env: [] } })))
          .catch((error: unknown) => error as Error);
        expect((late as Error).message).toMatch(/could not be started \(ENOENT\)/u);
      } finally {
        rmSync(seen, { force: true });
        rmSync(script, { force: true });
      }
    });

    it("A13: a reset sets the password and ends a lockout, and writes nothing else; never haloform's own account", async () => {
      const wish = person();
      const made = await user.create(client, wish, context(rules()));
      const before = await user.get(client, made.id);
      const first = vaulted(wish.person)?.password ?? "";
      const now = new Date("2026-11-21T08:00:00Z");
      await resetPassword(client, { id: made.id, person: wish.person, rules: rules({ mustChange: false }), now, unlock: true });
      const kept = vaulted(wish.person);
      expect(kept).toMatchObject({ why: "reset", taken: true, since: now.toISOString() });
      expect(kept?.password).not.toBe(first);
      expect(await right(wish.sAMAccountName, kept?.password ?? "")).toBe("right");
      const after = await user.get(client, made.id);
      expect(after).toEqual(before);
      expect(textOf((await read(made.id)) ?? { dn: "", attributes: {} }, "lockoutTime") ?? "0").toBe("0");

      const own = (await listed(user, client)).find((one) => sameDn(String(one.values["distinguishedName"]), directory.bind));
      const refused = await resetPassword(client, { id: own?.id ?? "", person: "1", rules: rules(), now, unlock: false }).catch(
        (error: unknown) => error as Error,
      );
      expect((refused as Error).message).toMatch(/protected account|haloform itself logs in with/u);
      expect(vaulted("1")).toBeUndefined();
      const again = await clientOf(directory);
      expect(await again.read(directory.base, ["objectClass"])).toBeDefined();
      await again.close();
    });

    it("providers-B4: a rotation and a reset that AD refuses lose nothing: the password that waits still does, and still works", async () => {
      const wish = person({ passwordKey: "a" });
      const fresh = await clientOf(directory);
      try {
        const made = await user.create(fresh, wish, context(rules()));
        const first = vaulted(wish.person);
        // The policy grows after it was read: AD refuses what is generated.
        await client.modify(directory.base, [{ op: "replace", attribute: "minPwdLength", values: ["40"] }]);
        const live = await user.get(fresh, made.id);
        if (!live) throw new Error("gone");
        const next = user.inputs.parse({ ...wish, passwordKey: "b" });
        const was = user.view(live, next, made.outputs, context(rules()));
        await expect(update(user, fresh, made.id, next, was, context(rules()), made.outputs)).rejects.toThrow(/password policy/u);
        const reset = { id: made.id, person: wish.person, rules: rules(), now: new Date(), unlock: false };
        await expect(resetPassword(fresh, reset)).rejects.toThrow(/password policy/u);
        expect(waitingIn(folder, phrase)).toEqual([first]);
        expect(await right(wish.sAMAccountName, first?.password ?? "")).toBe("right");
      } finally {
        await client.modify(directory.base, [{ op: "replace", attribute: "minPwdLength", values: ["7"] }]);
        await fresh.close();
      }
    });

    it("A13: the domain's own policy is read, and a longer minimum is met", async () => {
      const policy = await domainPolicy(client);
      expect(policy).toEqual({ length: 7, complex: true });
      await client.modify(directory.base, [{ op: "replace", attribute: "minPwdLength", values: ["26"] }]);
      const fresh = await clientOf(directory);
      try {
        expect(await domainPolicy(fresh)).toEqual({ length: 26, complex: true });
        const wish = person();
        await user.create(fresh, wish, context(rules()));
        expect(vaulted(wish.person)?.password).toHaveLength(26);
        expect(await right(wish.sAMAccountName, vaulted(wish.person)?.password ?? "")).toBe("right");

        // The policy grew after it was read: refused twice in AD's own words, nothing kept, the account not enabled.
        await client.modify(directory.base, [{ op: "replace", attribute: "minPwdLength", values: ["40"] }]);
        const refused = person();
        const error = await user.create(fresh, refused, context(rules())).catch((one: unknown) => one as Error);
        expect(error).toBeInstanceOf(AdRefusedError);
        expect((error as Error).message).toMatch(/password policy/u);
        expect(vaulted(refused.person)).toBeUndefined();
        const [account] = (await listed(user, client)).filter((one) => one.values["sAMAccountName"] === refused.sAMAccountName);
        expect(account?.values).toMatchObject({ enabled: false, unfinished: true });
      } finally {
        await client.modify(directory.base, [{ op: "replace", attribute: "minPwdLength", values: ["7"] }]);
        await fresh.close();
      }
    });
  });
}
