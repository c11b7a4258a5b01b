/** The doctor at a real domain controller: Samba computes the effective rights from its own access control lists. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdNeeds, doctorAd } from "../../../../providers/ad/doctor/doctor.ts";
import { connect } from "../../../../providers/ad/wire/session.ts";
import type { Check } from "../../../../providers/core/check.ts";
import { type Samba, sambaMissing, startSamba } from "../../../samba/samba.ts";

const missing = sambaMissing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(missing !== undefined)("at a Samba domain controller", () => {
  const before = tls.getCACertificates("default");
  const password = "Invented-Plain-1";
  let samba: Samba;
  let needs: AdNeeds;
  let plain: string;

  beforeAll(async () => {
    samba = await startSamba();
    tls.setDefaultCACertificates([...before, readFileSync(samba.ca, "utf8")]);
    const { base } = samba;
    plain = `CN=svc-plain,OU=Service,${base}`;
    const client = await connect({ url: [samba.url], base, bind: samba.bind, ca: samba.ca }, samba.password);
    for (const name of ["OU=Service", "OU=Groups", "OU=Staff", "OU=Main,OU=Staff"])
      await client.add(`${name},${base}`, { objectClass: ["top", "organizationalUnit"] });
    const user = async (dn: string, login: string): Promise<void> => {
      await client.add(dn, {
        objectClass: ["top", "person", "organizationalPerson", "user"],
        sAMAccountName: [login],
        unicodePwd: [Buffer.from(`"${password}"`, "utf16le")],
      });
      await client.modify(dn, [{ op: "replace", attribute: "userAccountControl", values: ["512"] }]);
    };
    await user(plain, "svc-plain");
    await user(`CN=Ada Example,OU=Main,OU=Staff,${base}`, "aexample");
    await client.add(`CN=GG-Sales,OU=Groups,${base}`, {
      objectClass: ["top", "group"],
      sAMAccountName: ["GG-Sales"],
      groupType: ["-2147483646"],
    });
    await client.close();
    needs = {
      accounts: [{ ou: `OU={{ site_name }},OU=Staff,${base}`, attributes: ["displayName", "mail", "title", "manager"] }],
      units: [],
      groups: [{ name: "GG-Sales", attributes: ["description"] }],
    };
  }, 110_000);
  afterAll(async () => {
    tls.setDefaultCACertificates(before);
    await samba?.stop();
  });

  const ask = (bind: string, secret: string): Promise<Check[]> =>
    doctorAd({ url: [samba.url], base: samba.base, bind, ca: samba.ca }, secret, needs, () => new Date());
  const bad = (checks: readonly Check[]): Check[] => checks.filter((check) => check.state === "bad");
  const said = (checks: readonly Check[]): string => checks.map((check) => `${check.state} ${check.said}`).join("\n");

  it("an administrator has all rights, and too many", async () => {
    const checks = await ask(samba.bind, samba.password);
    expect(bad(checks)).toEqual([]);
    expect(said(checks)).toMatch(/warn Administrator is a member of .*Domain Admins/u);
    expect(said(checks)).toContain(`ok ${samba.base} is the domain`);
    expect(said(checks)).toContain("ok its clock agrees with ours");
    expect(said(checks)).toContain("ok OU=Main,OU=Staff: may create user objects and write all 4 attributes of the mapping");
    expect(said(checks)).toContain("ok GG-Sales: may write group membership");
  });

  it("an ordinary account lacks them, and is told which; its password's end is known", async () => {
    const checks = await ask(plain, password);
    expect(said(checks)).toContain("ok svc-plain is an ordinary account");
    expect(said(checks)).toMatch(/(?:ok|warn) the password of svc-plain is good until \d{4}/u);
    const [accounts, group] = bad(checks);
    expect(bad(checks)).toHaveLength(2);
    expect(accounts?.said).toMatch(/^OU=Main,OU=Staff: may not create user objects, nor write .*displayName, mail, title, manager/u);
    expect(accounts?.advice).toMatch(/dsacls "OU=Staff,DC=ad,DC=test" \/I:T \/G "[^"]*svc-plain[^"]*:CCDC;user"/u);
    expect(group?.said).toBe("GG-Sales: may not write group membership (member, description)");
  });

  it("Account Operators may do it without being administrators", async () => {
    const client = await connect({ url: [samba.url], base: samba.base, bind: samba.bind, ca: samba.ca }, samba.password);
    await client.modify(`CN=Account Operators,CN=Builtin,${samba.base}`, [{ op: "add", attribute: "member", values: [plain] }]);
    await client.close();
    const checks = await ask(plain, password);
    expect(bad(checks)).toEqual([]);
    expect(said(checks)).toContain("ok svc-plain is an ordinary account");
    expect(said(checks)).toContain("ok OU=Main,OU=Staff: may create user objects");
  });

  it("a wrong password is one line", async () => {
    expect(bad(await ask(plain, "wrong-password-1"))).toMatchObject([
      { said: expect.stringContaining("the account or the password is wrong") },
    ]);
  });
});
