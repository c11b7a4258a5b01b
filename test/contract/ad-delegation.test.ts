/**
 * Least privilege on a real domain controller: an ordinary account that is delegated what docs/connect.md lists can do all of
 * it; of every right that is taken away, doctor names the lack and the command that gives it back.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { Attribute, BerWriter, Change, Client, Control } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guidToBytes } from "../../base/guid.ts";
import { rights } from "../../providers/ad/doctor/access.ts";
import { type AdNeeds, doctorAd } from "../../providers/ad/doctor/doctor.ts";
import { group } from "../../providers/ad/group/group.ts";
import type { UserInputs } from "../../providers/ad/user/inputs.ts";
import { user } from "../../providers/ad/user/user.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import { daclOf } from "../../providers/ad/values/security-descriptor.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { sidOf, valuesOf } from "../../providers/ad/wire/entry.ts";
import { connect } from "../../providers/ad/wire/session.ts";
import type { Check } from "../../providers/core/check.ts";
import { type Samba, sambaMissing, startSamba } from "../samba/samba.ts";
import { listed, type MemoryContext, memoryContext, update } from "./context.ts";

const missing = sambaMissing();
const userClass = "bf967aba-0de6-11d0-a285-00aa003049e2";
const groupClass = "bf967a9c-0de6-11d0-a285-00aa003049e2";
const unitClass = "bf967aa5-0de6-11d0-a285-00aa003049e2";
const [create, remove, list, readProperty, writeProperty, control, writeDac] = [0x1, 0x2, 0x4, 0x10, 0x20, 0x100, 0x40000];

interface Grant {
  dn: string;
  mask: number;
  object?: string;
  /** Only for what is below, of this class (dsacls /I:S). */
  below?: string;
  /** This object and what is below (dsacls /I:T). */
  inherit?: boolean;
}

/** S-1-5-… as bytes. */
function sidBytes(text: string): Buffer {
  const [, revision = 1, authority = 0, ...parts] = text.split("-").map(Number);
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes[0] = revision;
  bytes[1] = parts.length;
  bytes.writeUIntBE(authority, 2, 6);
  parts.forEach((part, index) => {
    bytes.writeUInt32LE(part, 8 + 4 * index);
  });
  return bytes;
}

/** ACCESS_ALLOWED_OBJECT_ACE (MS-DTYP 2.4.4.3), as dsacls writes it. */
function aceOf({ mask, object, below, inherit }: Grant, sid: string): Buffer {
  const guids = [object, below].flatMap((guid) => (guid === undefined ? [] : [guidToBytes(guid)]));
  const head = Buffer.alloc(12);
  head[0] = 5;
  head[1] = below !== undefined ? 0x2 | 0x8 : inherit ? 0x2 : 0;
  head.writeUInt32LE(mask, 4);
  head.writeUInt32LE((object === undefined ? 0 : 1) | (below === undefined ? 0 : 2), 8);
  const ace = Buffer.concat([head, ...guids, sidBytes(sid)]);
  ace.writeUInt16LE(ace.length, 2);
  return ace;
}

function withEntries(descriptor: Buffer, entries: readonly Buffer[]): Buffer {
  const body = Buffer.concat(entries);
  const head = Buffer.alloc(28);
  head[0] = 1;
  head.writeUInt16LE((descriptor.readUInt16LE(2) & 0x1400) | 0x8004, 2);
  head.writeUInt32LE(20, 16);
  head[20] = 4;
  head.writeUInt16LE(8 + body.length, 22);
  head.writeUInt16LE(entries.length, 24);
  return Buffer.concat([head, body]);
}

/** LDAP_SERVER_SD_FLAGS_OID: which parts of nTSecurityDescriptor are written. */
class Parts extends Control {
  readonly #parts: number;
  constructor(parts: number) {
    super("1.2.840.113556.1.4.801", { critical: true });
    this.#parts = parts;
  }
  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(this.#parts);
    value.endSequence();
    writer.writeBuffer(value.buffer, 0x04);
  }
}

/** `dsacls … /takeOwnership`: a descriptor that holds an owner and nothing else. */
async function takeOwnership(samba: Samba, dn: string): Promise<void> {
  const client = new Client({ url: samba.url, tlsOptions: { ca: readFileSync(samba.ca, "utf8") } });
  await client.bind(samba.bind, samba.password);
  const head = Buffer.alloc(20);
  head[0] = 1;
  head.writeUInt16LE(0x8000, 2);
  head.writeUInt32LE(20, 4);
  const values = [Buffer.concat([head, sidBytes("S-1-5-32-544")])];
  const change = new Change({ operation: "replace", modification: new Attribute({ type: "nTSecurityDescriptor", values }) });
  await client.modify(dn, change, [new Control("1.2.840.113556.1.4.417", { critical: true }), new Parts(1)]);
  await client.unbind();
}

describe.skipIf(missing !== undefined)("a delegated account on Samba", () => {
  const before = tls.getCACertificates("default");
  const home = process.env["HALOFORM_HOME"];
  const project = mkdtempSync(join(tmpdir(), "haloform-delegated-"));
  const password = "Invented-Plain-1";
  let samba: Samba;
  let admin: AdClient;
  let client: AdClient;
  let needs: AdNeeds;
  let sid = "";
  let plain: string;
  let grants: { [name: string]: Grant[] };

  const connectAs = (bind: string, secret: string) => connect({ url: [samba.url], base: samba.base, bind, ca: samba.ca }, secret);
  const ask = (readOnly = false): Promise<Check[]> =>
    doctorAd({ url: [samba.url], base: samba.base, bind: plain, ca: samba.ca }, password, needs, () => new Date(), readOnly);
  const change = async (dn: string, edit: (entries: Buffer[]) => Buffer[]): Promise<void> => {
    const entry = await admin.read(dn, ["nTSecurityDescriptor"]);
    const [descriptor] = entry ? valuesOf(entry, "nTSecurityDescriptor") : [];
    if (!Buffer.isBuffer(descriptor)) throw new Error(`The rights of ${dn} cannot be read.`);
    await admin.modify(dn, [
      { op: "replace", attribute: "nTSecurityDescriptor", values: [withEntries(descriptor, edit(daclOf(descriptor).entries))] },
    ]);
  };
  /** Explicit entries stand before inherited ones. */
  const give = (grant: Grant): Promise<void> => change(grant.dn, (entries) => [aceOf(grant, sid), ...entries]);
  const take = (grant: Grant): Promise<void> => change(grant.dn, (entries) => entries.filter((entry) => !entry.equals(aceOf(grant, sid))));
  const bad = (checks: readonly Check[]): Check[] => checks.filter((check) => check.state === "bad");

  beforeAll(async () => {
    process.env["HALOFORM_HOME"] = project;
    samba = await startSamba();
    tls.setDefaultCACertificates([...before, readFileSync(samba.ca, "utf8")]);
    const { base } = samba;
    admin = await connectAs(samba.bind, samba.password);
    for (const name of ["OU=Service", "OU=Groups", "OU=Staff", "OU=Main,OU=Staff", "OU=Leavers,OU=Staff"])
      await admin.add(`${name},${base}`, { objectClass: ["top", "organizationalUnit"] });
    plain = `CN=svc-haloform,OU=Service,${base}`;
    for (const [dn, login] of [
      [plain, "svc-haloform"],
      [`CN=Ada Example,OU=Main,OU=Staff,${base}`, "aexample"],
    ] as const) {
      await admin.add(dn, {
        objectClass: ["top", "person", "organizationalPerson", "user"],
        sAMAccountName: [login],
        unicodePwd: [Buffer.from(`"${password}"`, "utf16le")],
      });
      await admin.modify(dn, [{ op: "replace", attribute: "userAccountControl", values: ["512"] }]);
    }
    await admin.add(`CN=GG-Sales,OU=Groups,${base}`, {
      objectClass: ["top", "group"],
      sAMAccountName: ["GG-Sales"],
      groupType: ["-2147483646"],
    });
    sid = sidOf((await admin.read(plain, ["objectSid"])) ?? { dn: "", attributes: {} }) ?? "";
    const staff = `OU=Staff,${base}`;
    grants = {
      "create user objects": [{ dn: staff, mask: create | remove, object: userClass, inherit: true }],
      "write displayName": [{ dn: staff, mask: writeProperty, below: userClass }],
      "reset passwords": [{ dn: staff, mask: control, object: rights.resetPassword.object, below: userClass }],
      "write group membership": [{ dn: `OU=Groups,${base}`, mask: readProperty | writeProperty, below: groupClass }],
      "Reanimate Tombstones": [{ dn: base, mask: control, object: rights.reanimate.object }],
      "protect it from deletion": [{ dn: staff, mask: writeDac }],
      "create organizational units": [{ dn: staff, mask: create, object: unitClass, inherit: true }],
      "Replicating Directory Changes": [{ dn: base, mask: control, object: rights.getChanges.object }],
    };
    for (const grant of Object.values(grants).flat()) await give(grant);
    needs = {
      accounts: [{ ou: `OU={{ site_name }},${staff}`, attributes: ["displayName", "mail", "title"] }],
      units: [],
      groups: [{ name: "GG-Sales", attributes: [] }],
      leavers: `OU=Leavers,${staff}`,
      deletes: true,
      guarded: [staff],
    };
  }, 110_000);
  afterAll(async () => {
    tls.setDefaultCACertificates(before);
    await client?.close();
    await admin?.close();
    await samba?.stop();
    rmSync(project, { recursive: true, force: true });
    if (home === undefined) delete process.env["HALOFORM_HOME"];
    else process.env["HALOFORM_HOME"] = home;
  });

  it("lacks nothing but a look at deleted objects, which only administrators have at first", async () => {
    const lacking = bad(await ask());
    expect(lacking.map((check) => check.said)).toEqual([expect.stringMatching(/may not see deleted accounts/u)]);
    expect(lacking[0]?.advice).toMatch(/dsacls "CN=Deleted Objects,DC=ad,DC=test" \/takeOwnership/u);
    // what dsacls /takeOwnership and /G do: the container is hidden from a plain modify, so it is shown
    const container = `CN=Deleted Objects,${samba.base}`;
    await takeOwnership(samba, container);
    const grant: Grant = { dn: container, mask: list | readProperty | writeProperty, inherit: true };
    const everything = aceOf({ dn: container, mask: 0xf01ff, inherit: true }, "S-1-5-18");
    const descriptor = withEntries(Buffer.alloc(28), [
      everything,
      aceOf(grant, sid),
      aceOf({ dn: container, mask: 0xf01ff, inherit: true }, "S-1-5-32-544"),
    ]);
    await admin.modify(container, [{ op: "replace", attribute: "nTSecurityDescriptor", values: [descriptor] }], { deleted: true });
    expect(bad(await ask())).toEqual([]);
  });

  it("creates, changes, moves, disables, deletes and restores with these rights alone", async () => {
    client = await connectAs(plain, password);
    const context = (): MemoryContext => memoryContext((type) => (type === "ad:User" ? listed(user, client) : listed(group, client)));
    const staff = `OU=Staff,${samba.base}`;
    const wish = user.inputs.parse({
      person: "41",
      name: "Bea Example",
      path: `OU=Main,${staff}`,
      enabled: true,
      sAMAccountName: "bexample",
      userPrincipalName: "bexample@example.com",
      attributes: { title: "Analyst", displayName: "Bea Example" },
    });
    const { id } = await user.create(client, wish, context());
    const bring = async (next: Partial<UserInputs>): Promise<void> => {
      const now = context();
      const live = (await now.liveById("ad:User")).get(id);
      if (!live) throw new Error("It is not in the list.");
      const inputs = user.inputs.parse({ ...wish, ...next });
      await update(user, client, id, inputs, user.inputs.parse(user.view(live, inputs, {}, now)), now, {});
    };
    await bring({ name: "Bea Example-Jones", attributes: { title: "Lead", displayName: "Bea" } });
    await bring({ enabled: false, path: `OU=Leavers,${staff}` });
    await bring({ enabled: false, path: `OU=Leavers,${staff}`, deleted: true });
    expect(await client.read(byGuid(id), ["cn"])).toBeUndefined();
    await bring({});
    expect((await client.read(byGuid(id), ["cn"]))?.dn).toBe(`CN=Bea Example,OU=Main,${staff}`);
  });

  it("of every right that is taken away, doctor names the lack and the command", async () => {
    for (const [name, [grant]] of Object.entries(grants)) {
      if (!grant) continue;
      await take(grant);
      const found = (await ask()).filter((check) => check.state !== "ok");
      const lack = found.find((check) => `${check.said} ${check.advice}`.includes(name.split(",")[0] ?? name));
      expect(lack, `${name}: ${found.map((check) => check.said).join(" | ")}`).toBeDefined();
      expect(`${lack?.advice}`, name).toMatch(/dsacls "/u);
      await give(grant);
    }
    expect(bad(await ask())).toEqual([]);
  });

  it("--read-only asks for no right that only `up` needs", async () => {
    for (const [grant] of Object.values(grants)) if (grant) await take(grant);
    expect(bad(await ask()).length).toBeGreaterThan(3);
    expect(bad(await ask(true))).toEqual([]);
  });
});
