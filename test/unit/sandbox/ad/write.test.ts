import type { Client } from "ldapts";
import { Attribute } from "ldapts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AdDirectory, escapeValue } from "../../../../sandbox/ad/server.ts";
import { base, bound, change, codes, found, groups, permissive, quoted, read, refusal, staff, start } from "./helper.ts";

let directory: AdDirectory;
let client: Client;
let count = 0;
let dn: string;

beforeAll(async () => {
  directory = await start();
  client = await bound(directory);
});
afterAll(async () => {
  await client.unbind();
  await directory.stop();
});

/** A new disabled user; gives its name. */
async function user(attributes: Record<string, string | string[]> = {}): Promise<string> {
  count += 1;
  const name = `CN=Person ${count},${staff}`;
  await client.add(name, { objectClass: "user", sAMAccountName: `person${count}`, userAccountControl: "514", ...attributes });
  return name;
}

async function group(attributes: Record<string, string | string[]> = {}): Promise<string> {
  count += 1;
  const name = `CN=Group ${count},${groups}`;
  await client.add(name, { objectClass: "group", sAMAccountName: `group${count}`, ...attributes });
  return name;
}

const set = (name: string, type: string, ...values: string[]): Promise<string> =>
  codes(client.modify(name, change("replace", type, values)));

beforeEach(async () => {
  dn = await user();
});

describe("adding", () => {
  it("keeps what the system keeps: GUID, SID, class chain, category, times, account type, defaults", async () => {
    const name = `CN=Made,${staff}`;
    await client.add(name, { objectClass: ["user"], sAMAccountName: "made" });
    const entry = await read(client, name, ["*"], ["objectGUID", "objectSid"]);
    expect(entry).toMatchObject({
      objectClass: ["top", "person", "organizationalPerson", "user"],
      objectCategory: `CN=Person,CN=Schema,CN=Configuration,${base}`,
      cn: "Made",
      name: "Made",
      distinguishedName: name,
      userAccountControl: "546",
      sAMAccountType: "805306368",
      primaryGroupID: "513",
      accountExpires: "9223372036854775807",
      pwdLastSet: "0",
      instanceType: "4",
    });
    expect((entry["objectGUID"] as Buffer).length).toBe(16);
    expect((entry["objectSid"] as Buffer).length).toBe(28);
    expect(entry["whenCreated"]).toMatch(/^\d{14}\.0Z$/);
    expect(entry["uSNCreated"]).toBe(entry["uSNChanged"]);
    expect(await read(client, await group())).toMatchObject({ groupType: "-2147483646", sAMAccountType: "268435456" });
  });

  it("makes an ugly account name up when none is given", async () => {
    await client.add(`CN=Nameless,${staff}`, { objectClass: "user" });
    expect((await read(client, `CN=Nameless,${staff}`))["sAMAccountName"]).toMatch(/^\$/);
  });

  it.each([
    ["an existing name", () => dn, { objectClass: "user" }, "68 00002071"],
    ["a name that differs in case and accents only", () => dn.replace("Person", "PÉRSON"), { objectClass: "user" }, "68 00002071"],
    ["a missing parent", () => `CN=x,OU=None,${staff}`, { objectClass: "user" }, "32 00002030"],
    ["no class", () => `CN=x,${staff}`, { cn: "x" }, "65 0000207B"],
    ["an abstract class", () => `CN=x,${staff}`, { objectClass: "person" }, "65 00002014"],
    ["classes of two chains", () => `CN=x,${staff}`, { objectClass: ["user", "group"] }, "65 00002014"],
    ["an unknown class", () => `CN=x,${staff}`, { objectClass: "posixUser" }, "16 00000057"],
    ["an unknown attribute", () => `CN=x,${staff}`, { objectClass: "user", favouriteDrink: "tea" }, "16 00000057"],
    ["an attribute of another class", () => `CN=x,${staff}`, { objectClass: "user", groupType: "2" }, "65 0000207D"],
    ["a cn that is not the name's", () => `CN=x,${staff}`, { objectClass: "user", cn: "y" }, "64 00002073"],
    ["a user named by OU", () => `OU=x,${staff}`, { objectClass: "user" }, "64 00002073"],
    ["an OU inside a container", () => `OU=x,CN=Users,${base}`, { objectClass: "organizationalUnit" }, "64 00002099"],
    ["a user inside a user", () => `CN=x,${dn}`, { objectClass: "user" }, "64 00002099"],
    ["a cn of 65 characters", () => `CN=${"x".repeat(65)},${staff}`, { objectClass: "contact" }, "19 00002082"],
    ["an OU name of 65 characters", () => `OU=${"x".repeat(65)},${staff}`, { objectClass: "organizationalUnit" }, "19 00002082"],
    ["a name that is none", () => `CN=a,b,${staff}`, { objectClass: "user" }, "34 00002081"],
    ["another domain", () => "CN=x,DC=other,DC=test", { objectClass: "user" }, "10"],
    ["a system attribute", () => `CN=x,${staff}`, { objectClass: "user", whenCreated: "20200101000000.0Z" }, "19 000020B1"],
    ["enabled without a password", () => `CN=x,${staff}`, { objectClass: "user", userAccountControl: "512" }, "53 0000052D"],
  ])("refuses %s", async (_, name, attributes, expected) => {
    const before = directory.entries.list().length;
    const { code, text } = await refusal(client.add(name(), attributes as Record<string, string | string[]>));
    const win32 = /^([0-9A-F]{8}):/.exec(text)?.[1];
    expect(win32 === undefined ? String(code) : `${code} ${win32}`.replace("10 0000202B", "10")).toContain(expected);
    expect(directory.entries.list().length).toBe(before);
  });

  it("leaves no reference behind when an add is refused", async () => {
    const add = client.add(`CN=Half,${staff}`, { objectClass: "user", manager: dn, department: "x".repeat(65) });
    expect(await codes(add)).toBe("19 00002082");
    expect(await read(client, dn)).not.toHaveProperty("directReports");
  });

  it("takes a cn of 64 characters, and an account made and enabled in one go", async () => {
    expect(await codes(client.add(`CN=${"y".repeat(64)},${staff}`, { objectClass: "contact" }))).toBe("done");
    const attributes = [
      new Attribute({ type: "objectClass", values: ["user"] }),
      new Attribute({ type: "sAMAccountName", values: ["oneshot"] }),
      new Attribute({ type: "userAccountControl", values: ["512"] }),
      new Attribute({ type: "unicodePwd", values: [quoted("Un-usual-7")] }),
    ];
    await client.add(`CN=One Shot,${staff}`, attributes);
    expect((await read(client, `CN=One Shot,${staff}`))["pwdLastSet"]).toMatch(/^13\d{16}$/);
  });

  it.each([
    "Smith, John",
    'Bob "B" O\'Neil',
    "back\\slash\\",
    "#1",
    " lead",
    "trail ",
    "a+b=c;<d>",
    "🚢 crew",
    "מנהל",
    "semi;colon/slash",
    "two\nlines",
  ])("keeps the name %j in DN, cn and filters", async (name) => {
    const full = `CN=${escapeValue(name)},OU=Lab,OU=Staff,${base}`;
    await client.add(full, { objectClass: "contact", displayName: name });
    const entry = await read(client, full);
    expect(entry).toMatchObject({ dn: full, distinguishedName: full, cn: name, name });
    const { searchEntries } = await client.search(base, {
      filter: `(distinguishedName=${full.replace(/[\\*()]/g, (c) => `\\${c.charCodeAt(0).toString(16)}`)})`,
    });
    expect(searchEntries.map((one) => one.dn)).toEqual([full]);
  });
});

describe("values", () => {
  it.each([
    ["displayName", 256],
    ["givenName", 64],
    ["sn", 64],
    ["initials", 6],
    ["department", 64],
    ["company", 64],
    ["title", 128],
    ["telephoneNumber", 64],
    ["mobile", 64],
    ["physicalDeliveryOfficeName", 128],
    ["employeeID", 16],
    ["employeeNumber", 512],
    ["mail", 256],
    ["description", 1024],
    ["userPrincipalName", 1024],
    ["streetAddress", 1024],
    ["l", 128],
    ["st", 128],
    ["postalCode", 40],
    ["c", 3],
    ["co", 128],
    ["info", 1024],
    ["extensionAttribute1", 1024],
    ["extensionAttribute15", 2048],
    ["proxyAddresses", 1123],
    ["adminDescription", 256],
  ])("%s takes %i characters and not one more", async (type, longest) => {
    expect(await set(dn, type, "é".repeat(longest))).toBe("done");
    const { text, code } = await refusal(client.modify(dn, change("replace", type, ["é".repeat(longest + 1)])));
    expect(code).toBe(19);
    expect(text).toMatch(
      new RegExp(`^00002082: AtrErr: .*problem 1005 \\(CONSTRAINT_ATT_TYPE\\), data 0, Att \\w+ \\(${type}\\):len`, "s"),
    );
    expect(String((await read(client, dn))[type]).length).toBe(longest);
  });

  it("takes a photo of 102,400 bytes and not one more", async () => {
    expect(await codes(client.modify(dn, change("replace", "thumbnailPhoto", [Buffer.alloc(102_400, 7)])))).toBe("done");
    expect(await codes(client.modify(dn, change("replace", "thumbnailPhoto", [Buffer.alloc(102_401, 7)])))).toBe("19 00002082");
  });

  it("knows the common attributes", async () => {
    const wishes = {
      ...{
        otherTelephone: "1",
        homePhone: "1",
        ipPhone: "1",
        pager: "1",
        facsimileTelephoneNumber: "1",
        wWWHomePage: "https://example.org",
      },
      ...{
        homeDirectory: "\\\\files\\home",
        homeDrive: "H:",
        scriptPath: "a.cmd",
        profilePath: "x",
        comment: "x",
        division: "x",
        employeeType: "x",
      },
      ...{
        countryCode: "276",
        preferredLanguage: "de",
        mailNickname: "x",
        targetAddress: "x",
        "msRTCSIP-UserEnabled": "TRUE",
        "msDS-cloudExtensionAttribute20": "x",
      },
      ...{
        adminDisplayName: "x",
        accountExpires: "0",
        showInAdvancedViewOnly: "FALSE",
        personalTitle: "Dr",
        middleName: "x",
        uidNumber: "1",
      },
    };
    for (const [type, value] of Object.entries(wishes)) expect([type, await set(dn, type, value)]).toEqual([type, "done"]);
    expect(await read(client, dn)).toMatchObject(wishes);
  });

  it.each([
    ["an unknown attribute", "favouriteDrink", ["tea"], "16 00000057"],
    ["an empty value", "title", [""], "21 00000057"],
    ["text for a number", "countryCode", ["Germany"], "21 00000057"],
    ["a number too large", "countryCode", ["4294967296"], "21 00000057"],
    ["a boolean in lower case", "msRTCSIP-UserEnabled", ["true"], "21 00000057"],
    ["two values for one", "title", ["a", "b"], "19 00002081"],
    ["two descriptions of a user", "description", ["a", "b"], "19 00002081"],
    ["the same value twice", "otherTelephone", ["A", "a"], "20 00002083"],
    ["an attribute of groups", "groupType", ["2"], "65 0000207D"],
    ["an attribute of OUs", "managedBy", [`CN=Users,${base}`], "65 0000207D"],
    ["cn", "cn", ["Other"], "67 00002016"],
    ["name", "name", ["Other"], "67 00002016"],
    ["objectGUID", "objectGUID", ["0123456789abcdef"], "19 000020B1"],
    ["objectSid", "objectSid", ["x"], "53 0000209A"],
    ["memberOf", "memberOf", [`CN=Domain Admins,CN=Users,${base}`], "53 0000209A"],
    ["directReports", "directReports", [`CN=Users,${base}`], "19 000020B1"],
    ["whenCreated", "whenCreated", ["20200101000000.0Z"], "19 000020B1"],
    ["lastLogonTimestamp", "lastLogonTimestamp", ["1"], "53 0000209A"],
    ["logonCount", "logonCount", ["1"], "53 0000209A"],
    ["objectClass", "objectClass", ["contact"], "19 000020B1"],
    ["canonicalName", "canonicalName", ["x"], "19 000020B1"],
    ["a manager who does not exist", "manager", [`CN=Nobody,${staff}`], "19 000020B5"],
    ["a manager that is no name", "manager", ["Nobody"], "21 00000057"],
    ["two managers", "manager", [`CN=Administrator,CN=Users,${base}`, `CN=Guest,CN=Users,${base}`], "19 00002081"],
  ])("refuses %s", async (_, type, values, expected) => {
    const before = await read(client, dn);
    expect(await set(dn, type, ...values)).toBe(expected);
    expect(await read(client, dn)).toEqual(before);
  });

  it("adds and deletes values by their rules", async () => {
    const modify = (operation: "add" | "delete", type: string, ...values: string[]): Promise<string> =>
      codes(client.modify(dn, change(operation, type, values)));
    expect(await modify("delete", "title")).toBe("16 0000200A");
    expect(await modify("add", "title", "Purser")).toBe("done");
    expect(await modify("add", "title", "purser")).toBe("20 00002083");
    expect(await modify("add", "title", "Mate")).toBe("20 0000200D");
    expect(await modify("delete", "title", "Mate")).toBe("16 0000200A");
    expect(await modify("add", "title")).toBe("21 00000057");
    expect(await modify("delete", "title", "PURSER")).toBe("done");
    expect(await set(dn, "title")).toBe("done");
    expect(await modify("add", "otherTelephone", "1", "2")).toBe("done");
    expect(await modify("add", "otherTelephone", "3", "2")).toBe("20 00002083");
    expect(await modify("delete", "otherTelephone", "1")).toBe("done");
    expect((await read(client, dn))["otherTelephone"]).toBe("2");
    expect(await set(dn, "otherTelephone")).toBe("done");
    expect(await set(dn, "description", "only one")).toBe("done");
  });

  it("keeps the case of the last value written, and says the attribute's own name back", async () => {
    await set(dn, "TITLE", "Mate");
    await set(dn, "title", "MATE");
    expect(await read(client, dn, ["TITLE"])).toMatchObject({ title: "MATE" });
  });

  it("does all of a modify or nothing", async () => {
    await set(dn, "title", "Mate");
    await set(dn, "manager", `CN=Administrator,CN=Users,${base}`);
    const before = await read(client, dn);
    const changes = [
      change("replace", "title", ["Captain"]),
      change("replace", "manager", []),
      change("replace", "sAMAccountName", ["renamed"]),
      change("replace", "unicodePwd", [quoted("Un-usual-7")]),
      change("replace", "department", ["x".repeat(65)]),
    ];
    expect(await codes(client.modify(dn, changes))).toBe("19 00002082");
    expect(await read(client, dn)).toEqual(before);
    expect(directory.entries.get(dn)?.hasPassword).toBe(false);
    expect(await found(client, "(sAMAccountName=renamed)")).toEqual([]);
    expect((await read(client, `CN=Administrator,CN=Users,${base}`))["directReports"]).toBe(dn);
    expect(await codes(client.modify(dn, changes.slice(0, 4)))).toBe("done");
    expect((await read(client, `CN=Administrator,CN=Users,${base}`))["directReports"]).toBeUndefined();
  });

  it("refuses to take away what every account has", async () => {
    for (const type of ["sAMAccountName", "userAccountControl", "primaryGroupID"])
      expect([type, await set(dn, type)]).toEqual([type, "65 00002014"]);
    expect(await set(`CN=Nobody,${staff}`, "title", "x")).toBe("32 00002030");
  });
});

describe("account names", () => {
  it.each([
    'a"b',
    "a/b",
    "a\\b",
    "a[b",
    "a]b",
    "a:b",
    "a;b",
    "a|b",
    "a=b",
    "a,b",
    "a+b",
    "a*b",
    "a?b",
    "a<b",
    "a>b",
    "dot.",
    "x".repeat(21),
  ])("refuses %j", async (name) => {
    expect(await set(dn, "sAMAccountName", name)).toBe("80 00000523");
  });

  it("takes 20 characters for users and more for groups, and keeps names unique over both, without case and accents", async () => {
    expect(await set(dn, "sAMAccountName", "y".repeat(20))).toBe("done");
    expect(await set(await group(), "sAMAccountName", "z".repeat(64))).toBe("done");
    await set(dn, "sAMAccountName", "jose");
    expect(await set(await user(), "sAMAccountName", "JOSÉ")).toBe("68 00002071");
    expect(await codes(client.add(`CN=Twin,${staff}`, { objectClass: "user", sAMAccountName: "Jose" }))).toBe("68 00002071");
    expect(await codes(client.add(`CN=Twin,${groups}`, { objectClass: "group", sAMAccountName: "jose" }))).toBe("68 00002071");
    expect(await set(dn, "sAMAccountName", "JOSE")).toBe("done");
    await set(dn, "sAMAccountName", "freed");
    expect(await set(await user(), "sAMAccountName", "jose")).toBe("done");
  });

  it("keeps UPNs unique", async () => {
    await set(dn, "userPrincipalName", "mate@corp.example.com");
    const other = await user();
    const { code, text } = await refusal(client.modify(other, change("replace", "userPrincipalName", ["MATE@corp.example.com"])));
    expect(code).toBe(19);
    expect(text).toMatch(/^000021C8: AtrErr/);
    await set(dn, "userPrincipalName");
    expect(await set(other, "userPrincipalName", "mate@corp.example.com")).toBe("done");
    await client.del(other);
    expect(await set(dn, "userPrincipalName", "mate@corp.example.com")).toBe("done");
  });
});

describe("userAccountControl and passwords", () => {
  const password = (value: string | Buffer): Promise<string> =>
    codes(client.modify(dn, change("replace", "unicodePwd", [typeof value === "string" ? quoted(value) : value])));

  it("enables an account only with a password, or with PASSWD_NOTREQD", async () => {
    expect(await set(dn, "userAccountControl", "512")).toBe("53 0000052D");
    expect((await read(client, dn))["userAccountControl"]).toBe("514");
    expect(await set(dn, "userAccountControl", "544")).toBe("done");
    expect(await set(dn, "userAccountControl", "512")).toBe("53 0000052D");
    expect(await password("Un-usual-7")).toBe("done");
    expect(await set(dn, "userAccountControl", "512")).toBe("done");
    expect(await set(dn, "userAccountControl", "514")).toBe("done");
  });

  it("enables in the same modify that sets the password", async () => {
    const changes = [
      change("replace", "unicodePwd", [quoted("Un-usual-7")]),
      change("replace", "pwdLastSet", ["0"]),
      change("replace", "userAccountControl", ["512"]),
    ];
    expect(await codes(client.modify(dn, changes))).toBe("done");
    expect(await read(client, dn)).toMatchObject({ pwdLastSet: "0", userAccountControl: "512" });
  });

  it.each(["2", "0", "4098", "8706", "134218240"])("refuses a userAccountControl of %s", async (value) => {
    expect(await set(dn, "userAccountControl", value)).toBe("53 00000057");
  });

  it("drops the bits that the system computes and keeps the others", async () => {
    expect(await set(dn, "userAccountControl", String(514 + 0x10 + 0x40 + 0x800000 + 0x10000))).toBe("done");
    expect((await read(client, dn))["userAccountControl"]).toBe(String(514 + 0x10000));
  });

  it("takes passwords as UTF-16LE in double quotes only", async () => {
    expect(await password(Buffer.from('"Un-usual-7"'))).toBe("53 0000001F");
    expect(await password(Buffer.from("Un-usual-7", "utf16le"))).toBe("53 0000001F");
    expect(await password(Buffer.from('"', "utf16le"))).toBe("53 0000001F");
    expect(await codes(client.modify(dn, change("replace", "unicodePwd", [])))).toBe("53 0000001F");
    expect(await codes(client.modify(dn, change("add", "unicodePwd", [quoted("Un-usual-7")])))).toBe("53 0000001F");
    expect(await password("Un-usual-7")).toBe("done");
  });

  it("holds passwords to the policy", async () => {
    const name = String((await read(client, dn))["sAMAccountName"]);
    await set(dn, "displayName", "Ann-Marie O. Lindqvist");
    const { code, text } = await refusal(client.modify(dn, change("replace", "unicodePwd", [quoted("Ab1-xy")])));
    expect(code).toBe(19);
    expect(text).toMatch(/^0000052D: AtrErr: .*Att 9005a \(unicodePwd\)/s);
    for (const weak of ["lowercase", "lower-case", "UPPER-CASE", `X1-${name}-z`, "X1-lindqvist", "X1-MARIE-z"])
      expect([weak, await password(weak)]).toEqual([weak, "19 0000052D"]);
    for (const good of ["Ab1-xyz", "lower-case1", "日本語-ab-X", "X1-o-abc"]) expect([good, await password(good)]).toEqual([good, "done"]);
  });

  it("never shows or finds a password, and takes a user's own change only with the old one", async () => {
    await password("Un-usual-7");
    expect(await read(client, dn, ["*", "unicodePwd"])).toMatchObject({ unicodePwd: [] });
    expect(await found(client, "(unicodePwd=*)")).toEqual([]);
    const swap = (old: string, fresh: string): Promise<string> =>
      codes(client.modify(dn, [change("delete", "unicodePwd", [quoted(old)]), change("add", "unicodePwd", [quoted(fresh)])]));
    expect(await swap("Wrong-old-1", "Fresh-one-1")).toBe("19 00000056");
    expect(await swap("Un-usual-7", "Fresh-one-1")).toBe("done");
    expect([directory.entries.hasPassword(dn, "Fresh-one-1"), directory.entries.hasPassword(dn, "Un-usual-7")]).toEqual([true, false]);
  });

  it("takes 0 and -1 for pwdLastSet and 0 for lockoutTime, nothing else", async () => {
    expect(await set(dn, "pwdLastSet", "134116992000000000")).toBe("53 00000057");
    expect(await set(dn, "pwdLastSet", "-1")).toBe("done");
    expect((await read(client, dn))["pwdLastSet"]).toMatch(/^13\d{16}$/);
    expect(await set(dn, "pwdLastSet", "0")).toBe("done");
    expect((await read(client, dn))["pwdLastSet"]).toBe("0");
    expect(await set(dn, "lockoutTime", "5")).toBe("53 00000057");
    expect(await set(dn, "lockoutTime", "0")).toBe("done");
  });
});

describe("members", () => {
  it("keeps memberOf as the other side, and refuses doubles and strangers", async () => {
    const team = await group();
    const member = (operation: "add" | "delete" | "replace", ...values: string[]): Promise<string> =>
      codes(client.modify(team, change(operation, "member", values)));
    expect(await member("add", dn)).toBe("done");
    expect((await read(client, dn))["memberOf"]).toBe(team);
    expect(await member("add", dn)).toBe("68 00000562");
    expect(await member("add", dn.toLowerCase())).toBe("68 00000562");
    const other = await user();
    expect(await member("delete", other)).toBe("53 00000561");
    expect(await member("add", `CN=Nobody,${staff}`)).toBe("32 00002030");
    expect(await member("add", "nobody")).toBe("21 00000057");
    expect(await member("add", other, `CN=Nobody,${staff}`)).toBe("32 00002030");
    expect((await read(client, team))["member"]).toBe(dn);
    expect(await member("replace", other)).toBe("done");
    expect((await read(client, team))["member"]).toBe(other);
    expect((await read(client, dn))["memberOf"]).toBeUndefined();
    expect(await member("delete")).toBe("done");
    expect(await member("delete")).toBe("16 0000200A");
  });

  it("with the permissive control lets doubles and strangers to the group pass, and still refuses what does not exist", async () => {
    const team = await group();
    const other = await user();
    await client.modify(team, change("add", "member", [dn]));
    const member = (operation: "add" | "delete", ...values: string[]): Promise<string> =>
      codes(client.modify(team, change(operation, "member", values), permissive));
    expect(await member("add", dn, other)).toBe("done");
    expect((await read(client, team))["member"]).toEqual([dn, other]);
    expect(await member("delete", dn)).toBe("done");
    expect(await member("delete", dn)).toBe("done");
    expect(await member("add", `CN=Nobody,${staff}`)).toBe("32 00002030");
    expect(await codes(client.modify(dn, change("delete", "title", []), permissive))).toBe("done");
    await set(dn, "otherTelephone", "1");
    expect(await codes(client.modify(dn, change("add", "otherTelephone", ["1", "2"]), permissive))).toBe("done");
    expect((await read(client, dn))["otherTelephone"]).toEqual(["1", "2"]);
  });

  it("takes members by GUID and SID", async () => {
    const team = await group();
    const entry = directory.entries.get(dn);
    expect(await codes(client.modify(team, change("add", "member", [`<GUID=${entry?.guid}>`])))).toBe("done");
    expect(await codes(client.modify(team, change("delete", "member", [`<SID=${entry?.sid}>`])))).toBe("done");
    expect(await codes(client.modify(team, change("add", "member", ["<GUID=00000000-0000-0000-0000-000000000001>"])))).toBe("32 00002030");
  });

  it("does not list the primary group, refuses to, and swaps it", async () => {
    const users = `CN=Domain Users,CN=Users,${base}`;
    expect((await read(client, users))["member"]).toBeUndefined();
    expect(await codes(client.modify(users, change("add", "member", [dn])))).toBe("68 00000562");
    const team = await group();
    const token = String((await read(client, team, ["primaryGroupToken"]))["primaryGroupToken"]);
    expect(await set(dn, "primaryGroupID", token)).toBe("53 00000529");
    await client.modify(team, change("add", "member", [dn]));
    expect(await set(dn, "primaryGroupID", token)).toBe("done");
    expect((await read(client, dn))["memberOf"]).toBe(users);
  });

  it("holds groups to the nesting rules and to changes of scope by way of universal", async () => {
    const [local, global, universal] = [
      await group({ groupType: "-2147483644" }),
      await group(),
      await group({ groupType: "-2147483640" }),
    ];
    const put = (outer: string, inner: string): Promise<string> => codes(client.modify(outer, change("add", "member", [inner])));
    expect(await put(global, local)).toBe("53 00002144");
    expect(await put(global, universal)).toBe("53 00002145");
    expect(await put(universal, local)).toBe("53 00002146");
    expect(await put(local, global)).toBe("done");
    expect(await put(local, universal)).toBe("done");
    expect(await put(universal, global)).toBe("done");
    const fresh = await group();
    expect(await set(fresh, "groupType", "-2147483644")).toBe("53 00002141");
    expect(await set(fresh, "groupType", "2147483644")).toBe("53 00002141");
    expect(await set(fresh, "groupType", "-2147483640")).toBe("done");
    expect(await set(fresh, "groupType", "-2147483644")).toBe("done");
    expect((await read(client, fresh))["sAMAccountType"]).toBe("536870912");
    expect(await set(universal, "groupType", "-2147483646")).toBe("done");
    expect(await put(universal, local)).toBe("53 00002144");
  });
});

describe("renaming, moving, deleting", () => {
  it("keeps GUID, SID, memberships and references, and the names follow", async () => {
    const lab = `OU=Lab,OU=Staff,${base}`;
    const team = await group();
    const report = await user({ manager: dn });
    await client.modify(team, change("add", "member", [dn]));
    const before = directory.entries.get(dn);
    const moved = `CN=${escapeValue("Lind, Ann")},${lab}`;
    await client.modifyDN(dn, moved);
    const entry = await read(client, moved);
    expect(entry).toMatchObject({ dn: moved, cn: "Lind, Ann", name: "Lind, Ann", memberOf: team });
    expect(directory.entries.get(moved)).toMatchObject({ guid: before?.guid, sid: before?.sid });
    expect((await read(client, team))["member"]).toBe(moved);
    expect((await read(client, report))["manager"]).toBe(moved);
    expect(await codes(client.search(dn, { scope: "base" }))).toBe("32 00002030");
    expect(await codes(client.modify(`<GUID=${before?.guid}>`, change("replace", "title", ["x"])))).toBe("done");
    await client.modifyDN(moved, `CN=LIND\\, ANN`);
    expect((await read(client, moved))["cn"]).toBe("LIND, ANN");
    await client.del(`<GUID=${before?.guid}>`);
    expect((await read(client, team))["member"]).toBeUndefined();
    expect((await read(client, report))["manager"]).toBeUndefined();
    expect(await found(client, "(cn=LIND, ANN)")).toEqual([]);
  });

  it("moves a whole OU", async () => {
    const [from, to] = [`OU=Deck,${staff}`, `OU=Deck,OU=Lab,OU=Staff,${base}`];
    await client.add(from, { objectClass: "organizationalUnit" });
    await client.add(`CN=Mate,${from}`, { objectClass: "user", sAMAccountName: "deckmate" });
    await client.modifyDN(from, to);
    expect(await found(client, "(sAMAccountName=deckmate)")).toEqual([`CN=Mate,${to}`]);
    expect(await codes(client.search(from, { scope: "base" }))).toBe("32 00002030");
    expect(await codes(client.modifyDN(to, `OU=Deck,OU=Deck,OU=Lab,OU=Staff,${base}`))).toBe("53 000020C6");
    expect(await codes(client.del(to))).toBe("66 00002015");
    await client.del(`CN=Mate,${to}`);
    expect(await codes(client.del(to))).toBe("done");
  });

  it.each([
    ["a place that is taken", () => `CN=Taken,${staff}`, "68 00002071"],
    ["a parent that does not exist", () => `CN=x,OU=None,${base}`, "32 00002030"],
    ["a parent of a wrong class", () => `CN=x,CN=Taken,${staff}`, "64 00002099"],
    ["a name of the wrong kind", () => `OU=x,${staff}`, "64 00002073"],
    ["a name that is too long", () => `CN=${"x".repeat(65)},${staff}`, "19 00002082"],
    ["a name that is none", () => `x,${staff}`, "34 00002081"],
  ])("refuses to move to %s", async (_, target, expected) => {
    if (directory.entries.get(`CN=Taken,${staff}`) === undefined) await client.add(`CN=Taken,${staff}`, { objectClass: "contact" });
    expect(await codes(client.modifyDN(dn, target()))).toBe(expected);
    expect(directory.entries.get(dn)?.dn).toBe(dn);
  });

  it("refuses to delete what the domain needs, and what is not there", async () => {
    expect((await refusal(client.del(`CN=Domain Admins,CN=Users,${base}`))).code).toBe(53);
    expect((await refusal(client.modifyDN(`CN=Domain Admins,CN=Users,${base}`, "CN=Admins"))).code).toBe(53);
    expect(await codes(client.del(`CN=Nobody,${staff}`))).toBe("32 00002030");
    expect((await refusal(client.del(base))).code).toBe(66);
  });

  it("refuses to delete a group that is somebody's primary group", async () => {
    const dn = `CN=Primary,${groups}`;
    const ann = `CN=Primary Member,${staff}`;
    directory.entries.add(dn, { objectClass: "group", sAMAccountName: "Primary" });
    directory.entries.add(ann, { objectClass: "user", sAMAccountName: "pmember", userAccountControl: 514 });
    directory.entries.modify(dn, { member: { add: [ann] } });
    const rid = Number(directory.entries.get(dn)?.sid?.split("-").at(-1));
    directory.entries.modify(ann, { primaryGroupID: rid });
    expect(await codes(client.del(dn))).toBe("53 0000055E");
    directory.entries.modify(ann, { primaryGroupID: 513 });
    expect(await codes(client.del(dn))).toBe("done");
  });
});
