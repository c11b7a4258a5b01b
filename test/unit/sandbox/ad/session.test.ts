import { connect as connectTls } from "node:tls";
import { Attribute, BerWriter, Change, Control } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdDirectory, startDirectory } from "../../../../sandbox/ad/server.ts";
import { admin, base, bound, certificate, change, codes, connect, found, groups, quoted, read, refusal, staff, start } from "./helper.ts";

let directory: AdDirectory;
const operator = `CN=operator,OU=Service,${base}`;
let grants: (by: string, op: string, dn: string) => boolean = () => false;

beforeAll(async () => {
  directory = await start({ authorize: (by, op, dn) => grants(by, op, dn) });
  directory.entries.add(operator, { objectClass: "user", sAMAccountName: "operator", userAccountControl: 66048 }, "Operator-Pass-9");
  directory.entries.add(`CN=Ann,${staff}`, { objectClass: "user", sAMAccountName: "ann", userAccountControl: 512 }, "Ann-Pass-99");
});
afterAll(() => directory.stop());

describe("binding", () => {
  it.each([
    ["a distinguished name", admin.dn],
    ["a distinguished name in other spelling", admin.dn.toLowerCase()],
    ["the UPN", admin.userPrincipalName],
    ["the implied UPN", "svc-haloform@corp.example.com"],
    ["DOMAIN\\account", "CORP\\svc-haloform"],
  ])("takes %s", async (_, name) => {
    const client = connect(directory);
    expect(await codes(client.bind(name, admin.password))).toBe("done");
    expect((await client.exop("1.3.6.1.4.1.4203.1.11.3")).value).toBe("u:CORP\\svc-haloform");
    await client.unbind();
  });

  it("refuses a wrong password with 52e, in Windows' own words, and an unknown account with 525", async () => {
    const client = connect(directory);
    const { code, text } = await refusal(client.bind(admin.dn, "wrong"));
    expect(code).toBe(49);
    expect(text).toMatch(/^80090308: LdapErr: DSID-[0-9A-F]{8}, comment: AcceptSecurityContext error, data 52e, v4563\0/);
    expect((await refusal(client.bind(`CN=nobody,${base}`, "x"))).text).toContain("data 525");
    expect(directory.log.operations.at(-2)).toMatchObject({ op: "bind", dn: admin.dn, result: 49, by: "" });
    await client.unbind();
  });

  it("refuses accounts that are disabled (533), expired (701) or must change the password (773)", async () => {
    const client = connect(directory);
    const dn = `CN=Ann,${staff}`;
    const told = async (): Promise<string> =>
      /data \w+/.exec((await refusal(client.bind("ann@corp.example.com", "Ann-Pass-99"))).text)?.[0] ?? "";
    expect(await told()).toBe("");
    directory.entries.modify(dn, { pwdLastSet: 0 });
    expect(await told()).toBe("data 773");
    directory.entries.modify(dn, { accountExpires: "132223104000000000" });
    expect(await told()).toBe("data 701");
    directory.entries.modify(dn, { userAccountControl: 514 });
    expect(await told()).toBe("data 533");
    directory.entries.modify(dn, { userAccountControl: 512, accountExpires: 0, pwdLastSet: -1 });
    await client.unbind();
  });

  it("refuses outside of logon hours (530), an expired password (532), and a locked account whatever its password (775)", async () => {
    const client = connect(directory);
    const dn = `CN=Ann,${staff}`;
    const told = async (password = "Ann-Pass-99"): Promise<string> =>
      /data \w+/.exec((await refusal(client.bind("ann@corp.example.com", password))).text)?.[0] ?? "";
    const day = 86_400 * 10_000_000;
    const daysAgo = (days: number): string => String((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n - BigInt(days * day));
    directory.entries.modify(base, { maxPwdAge: -42 * day });
    directory.entries.modify(dn, { pwdLastSet: daysAgo(41) });
    expect(await told()).toBe("");
    directory.entries.modify(dn, { pwdLastSet: daysAgo(43) });
    expect(await told()).toBe("data 532");
    expect(await told("wrong")).toBe("data 52e");
    directory.entries.modify(dn, { userAccountControl: 512 + 0x10000 });
    expect(await told()).toBe("");
    directory.entries.modify(dn, { logonHours: Buffer.alloc(21) });
    expect(await told()).toBe("data 530");
    directory.entries.modify(dn, { logonHours: Buffer.alloc(21, 0xff) });
    expect(await told()).toBe("");
    directory.entries.modify(dn, { lockoutTime: daysAgo(0) });
    expect([await told(), await told("wrong")]).toEqual(["data 775", "data 775"]);
    directory.entries.modify(dn, { lockoutTime: 0, logonHours: null, userAccountControl: 512, pwdLastSet: -1 });
    expect(await told()).toBe("");
    directory.entries.modify(base, { maxPwdAge: null });
    await client.unbind();
  });

  it("refuses an empty password, and SASL", async () => {
    const client = connect(directory);
    expect((await refusal(client.bind(admin.dn, ""))).code).toBe(53);
    expect((await refusal(client.bind("PLAIN", "x"))).code).toBe(7);
    await client.unbind();
  });

  it("refuses every operation before a bind and after a failed one, but shows the rootDSE", async () => {
    const client = connect(directory);
    const entry = await read(client, "", []);
    expect(entry).toMatchObject({ defaultNamingContext: base, dnsHostName: "dc1.corp.example.com", isSynchronized: "TRUE" });
    expect(entry["supportedControl"]).toEqual(
      expect.arrayContaining(["1.2.840.113556.1.4.319", "1.2.840.113556.1.4.1413", "1.2.840.113556.1.4.417"]),
    );
    expect(entry["supportedCapabilities"]).toContain("1.2.840.113556.1.4.800");
    expect(entry["namingContexts"]).toContain(base);
    expect(entry["currentTime"]).toMatch(/^\d{14}\.0Z$/);
    const all = async (): Promise<string[]> => [
      await codes(client.search(base, { scope: "base" })),
      await codes(client.add(`CN=x,${staff}`, { objectClass: "user" })),
      await codes(client.modify(`CN=Ann,${staff}`, change("replace", "title", ["x"]))),
      await codes(client.modifyDN(`CN=Ann,${staff}`, `CN=B,${staff}`)),
      await codes(client.del(`CN=Ann,${staff}`)),
    ];
    expect(await all()).toEqual(Array(5).fill("1 000004DC"));
    expect((await refusal(client.search(base, { scope: "base" }))).text).toContain("a successful bind must be completed");
    await client.bind(admin.dn, admin.password);
    await refusal(client.bind(admin.dn, "wrong"));
    expect(await codes(client.search(base, { scope: "base" }))).toBe("1 000004DC");
    await client.unbind();
  });

  it("counts highestCommittedUSN up with each change", async () => {
    const client = await bound(directory);
    const usn = async (): Promise<number> => Number((await read(client, "", ["highestCommittedUSN"]))["highestCommittedUSN"]);
    const before = await usn();
    await client.modify(`CN=Ann,${staff}`, change("replace", "title", ["Purser"]));
    expect(await usn()).toBe(before + 1);
    expect((await read(client, `CN=Ann,${staff}`))["uSNChanged"]).toBe(String(before + 1));
    await client.unbind();
  });
});

describe("rights", () => {
  it("lets other accounts read and not write, until the hook grants it", async () => {
    const client = connect(directory);
    grants = (_, op) => op === "search";
    await client.bind("operator@corp.example.com", "Operator-Pass-9");
    const dn = `CN=Ann,${staff}`;
    expect(await found(client, "(sAMAccountName=ann)")).toEqual([dn]);
    expect(await codes(client.modify(dn, change("replace", "title", ["x"])))).toBe("50 00002098");
    expect((await read(client, dn, ["allowedAttributesEffective"]))["allowedAttributesEffective"]).toEqual([]);
    grants = (by, op, target) => by === operator && (op === "search" || (op === "modify" && target === dn));
    expect(await codes(client.modify(dn, change("replace", "title", ["Purser"])))).toBe("done");
    expect((await read(client, dn, ["allowedAttributesEffective"]))["allowedAttributesEffective"]).toContain("title");
    expect(await codes(client.del(dn))).toBe("50 00002098");
    expect(await codes(client.modifyDN(dn, `CN=Ann,OU=Lab,OU=Staff,${base}`))).toBe("50 00002098");
    expect(await codes(client.add(`CN=New,${staff}`, { objectClass: "user", sAMAccountName: "new1" }))).toBe("50 00002098");
    grants = () => false;
    expect(await codes(client.search(base, { scope: "base" }))).toBe("50 00002098");
    await client.unbind();
  });

  it("protects adminCount=1 from all but the administrator, whatever the hook says", async () => {
    grants = () => true;
    const client = connect(directory);
    await client.bind(operator, "Operator-Pass-9");
    const target = `CN=Domain Admins,CN=Users,${base}`;
    const join = change("add", "member", [`CN=Ann,${staff}`]);
    expect(await codes(client.modify(target, join))).toBe("50 00002098");
    expect(await codes(client.modify(`CN=Administrator,CN=Users,${base}`, change("replace", "title", ["x"])))).toBe("50 00002098");
    const boss = await bound(directory);
    expect(await codes(boss.modify(target, join))).toBe("done");
    await boss.modify(target, change("delete", "member", [`CN=Ann,${staff}`]));
    await Promise.all([client.unbind(), boss.unbind()]);
  });

  it("lets ordinary accounts read and nothing else when there is no hook", async () => {
    const plain = await start();
    plain.entries.add(operator, { objectClass: "user", sAMAccountName: "operator", userAccountControl: 66048 }, "Operator-Pass-9");
    const client = connect(plain);
    await client.bind(operator, "Operator-Pass-9");
    expect(await codes(client.search(base, { scope: "base" }))).toBe("done");
    expect(await codes(client.modify(groups, change("replace", "description", ["x"])))).toBe("50 00002098");
    await client.unbind();
    await plain.stop();
  });
});

describe("the log", () => {
  it("has every operation with its result and account, and no password", async () => {
    const client = await bound(directory);
    directory.log.clear();
    const dn = `CN=Ann,${staff}`;
    await client.modify(dn, change("replace", "unicodePwd", [quoted("Tr1cky-Secret")]));
    await refusal(client.modify(dn, change("replace", "unicodePwd", [quoted("weaksecret")])));
    await refusal(client.del(`CN=gone,${staff}`));
    await client.search(base, { scope: "base" });
    expect(directory.log.operations.map((one) => one.values)).toEqual([1, 1, undefined, undefined]);
    expect(directory.log.operations.map(({ op, dn: name, result, by }) => [op, name, result, by])).toEqual([
      ["modify", dn, 0, admin.dn],
      ["modify", dn, 19, admin.dn],
      ["delete", `CN=gone,${staff}`, 32, admin.dn],
      ["search", base, 0, admin.dn],
    ]);
    expect(directory.log.writes()).toBe(3);
    expect(directory.log.count("modify")).toBe(2);
    const text = JSON.stringify(directory.log.operations);
    expect(text).not.toMatch(/secret/i);
    directory.log.clear();
    expect([directory.log.operations.length, directory.log.writes()]).toEqual([0, 0]);
    await client.unbind();
  });
});

describe("controls and broken requests", () => {
  it("refuses unknown critical controls and tree deletion, and passes over unknown ones that are not critical", async () => {
    const client = await bound(directory);
    directory.entries.add(`CN=Leaf,${staff}`, { objectClass: "contact" });
    expect(await codes(client.search(base, { scope: "base" }, new Control("1.2.3.4.5", { critical: true })))).toBe("12 00000057");
    expect(await codes(client.search(base, { scope: "base" }, new Control("1.2.3.4.5")))).toBe("done");
    expect(await codes(client.del(`CN=Leaf,${staff}`, new Control("1.2.840.113556.1.4.805")))).toBe("53 00002035");
    expect(await codes(client.del(`CN=Leaf,${staff}`))).toBe("done");
    expect((await refusal(client.exop("1.2.3.4.5"))).code).toBe(2);
    await client.unbind();
  });

  it("answers garbage with a notice of disconnection and goes on serving others", async () => {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connectTls({ port: directory.port, host: "127.0.0.1", ca: certificate().cert }, () => {
        socket.write(Buffer.from("300702010163020101", "hex"));
      });
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("end", () => resolve(Buffer.concat(chunks)));
      socket.on("error", reject);
    });
    expect(answer.toString("latin1")).toContain("1.3.6.1.4.1.1466.20036");
    const client = await bound(directory);
    await client.unbind();
  });

  it("puts a request together that comes in pieces, and answers several that come at once", async () => {
    const bind = Buffer.concat([Buffer.from("0201016032020103", "hex"), Buffer.from([0x04, admin.dn.length]), Buffer.from(admin.dn)]);
    const password = Buffer.concat([Buffer.from([0x80, admin.password.length]), Buffer.from(admin.password)]);
    const body = Buffer.concat([bind, password]);
    body[4] = body.length - 5;
    const message = Buffer.concat([Buffer.from([0x30, body.length]), body]);
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connectTls({ port: directory.port, host: "127.0.0.1", ca: certificate().cert }, async () => {
        for (const byte of message) {
          socket.write(Buffer.from([byte]));
          await new Promise((next) => setTimeout(next, 1));
        }
        socket.write(Buffer.concat([message, message, Buffer.from("30050201024200", "hex")]));
      });
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("end", () => resolve(Buffer.concat(chunks)));
      socket.on("error", reject);
    });
    expect(answer.toString("hex")).toBe("300c02010161070a010004000400".repeat(3));
  });

  it("refuses a rename that would keep the old name as a value", async () => {
    const message = (id: number, operation: number, write: (writer: BerWriter) => void): Buffer => {
      const writer = new BerWriter();
      writer.startSequence();
      writer.writeInt(id);
      writer.startSequence(operation);
      write(writer);
      writer.endSequence();
      writer.endSequence();
      return writer.buffer;
    };
    const bind = message(1, 0x60, (writer) => {
      writer.writeInt(3);
      writer.writeString(admin.dn);
      writer.writeString(admin.password, 0x80);
    });
    const rename = message(2, 0x6c, (writer) => {
      writer.writeString(`CN=Ann,${staff}`);
      writer.writeString("CN=Anna");
      writer.writeBoolean(false);
    });
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connectTls({ port: directory.port, host: "127.0.0.1", ca: certificate().cert }, () =>
        socket.write(Buffer.concat([bind, rename, Buffer.from("30050201034200", "hex")])),
      );
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("end", () => resolve(Buffer.concat(chunks)));
      socket.on("error", reject);
    });
    expect(answer.toString("latin1")).toContain("00000057: SvcErr");
    expect(directory.entries.get(`CN=Ann,${staff}`)?.dn).toBe(`CN=Ann,${staff}`);
  });

  it("is the same directory for the same seed, and another one for another", async () => {
    const guids = async (seed: number): Promise<string[]> => {
      const one = await startDirectory({ base, tls: certificate(), admin, seed });
      const all = one.entries.list().map((entry) => `${entry.guid} ${entry.sid}`);
      await one.stop();
      return all;
    };
    const [first, second, other] = [await guids(1), await guids(1), await guids(2)];
    expect(first).toEqual(second);
    expect(first.some((guid) => other.includes(guid))).toBe(false);
    expect(new Set(first).size).toBe(first.length);
  });

  it("keeps a modify of attributes whole when a value is bytes", async () => {
    const client = await bound(directory);
    const photo = Buffer.from([0xff, 0xd8, 0, 1, 2, 0xfe]);
    await client.modify(
      `CN=Ann,${staff}`,
      new Change({ operation: "replace", modification: new Attribute({ type: "thumbnailPhoto", values: [photo] }) }),
    );
    const entry = await read(client, `CN=Ann,${staff}`, ["thumbnailPhoto"], ["thumbnailPhoto"]);
    expect(entry["thumbnailPhoto"]).toEqual(photo);
    await client.unbind();
  });
});
