import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { group } from "../../../../providers/ad/group/group.ts";
import { type GroupInputs, groupType, isForeign, kindOf, kinds, scopeOf, scopes } from "../../../../providers/ad/group/inputs.ts";
import { changeMembers } from "../../../../providers/ad/group/members.ts";
import { organizationalUnit } from "../../../../providers/ad/organizational-unit.ts";
import { disabledAccount, finishing, withEnabled } from "../../../../providers/ad/user/account.ts";
import { user } from "../../../../providers/ad/user/user.ts";
import type { AdClient, Modification } from "../../../../providers/ad/wire/client.ts";
import { AdRefusedError } from "../../../../providers/ad/wire/errors.ts";
import { checkLength, checkLogin } from "../../../../providers/ad/wire/limits.ts";
import { lastOfRange, mayBeTruncated } from "../../../../providers/ad/wire/search.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { memoryContext } from "../../../contract/context.ts";

const base = "OU=Staff,DC=example,DC=com";
const raw = { person: "41", name: "Ada", path: base, enabled: true, sAMAccountName: "ada", attributes: {} };
const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

function liveUser(more: Values = {}): Live {
  const values = {
    distinguishedName: `CN=Ada,${base}`,
    name: "Ada",
    path: base,
    enabled: true,
    sAMAccountName: "ada",
    userPrincipalName: "",
    attributes: {},
    memberOf: [],
    protected: false,
    unfinished: false,
    references: {},
  };
  return { id: guid(41), values: { ...values, ...more } };
}
const nothing = memoryContext(async () => []);

describe("ad:User inputs", () => {
  it("are canonical after one parse", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((one) => one.trim() !== "");
    fc.assert(
      fc.property(text, text, fc.array(fc.string({ unit: "grapheme" })), (name, login, values) => {
        const once = user.inputs.parse({
          ...raw,
          name,
          sAMAccountName: login,
          attributes: { title: ` ${name} `, otherTelephone: values, manager: "person: 7 " },
        });
        expect(user.inputs.parse(once)).toEqual(once);
        expect(once.attributes["manager"]).toBe("person:7");
      }),
    );
  });

  it("know a cleared attribute from one that is not managed", () => {
    const inputs = user.inputs.parse({ ...raw, attributes: { title: "", mobile: [] } });
    expect(inputs.attributes).toEqual({ title: "", mobile: "" });
    expect(user.view(liveUser({ attributes: { title: "x", department: "y" } }), inputs, {}, nothing).attributes).toEqual({
      title: "x",
      mobile: "",
    });
    expect("userPrincipalName" in user.view(liveUser({ userPrincipalName: "a@example.com" }), inputs, {}, nothing)).toBe(false);
  });

  it.each([
    "unicodePwd",
    "userPassword",
    "userAccountControl",
    "memberOf",
    "adminDescription",
    "cn",
    "SAMACCOUNTNAME",
    "thumbnailPhoto",
    "objectGUID",
    "title;lang-en",
    "a b",
    "",
  ])("refuse the attribute %j", (name) => {
    expect(user.inputs.safeParse({ ...raw, attributes: { [name]: "x" } }).success).toBe(false);
  });

  it.each([
    { path: "Staff" },
    { path: "" },
    { name: "  " },
    { attributes: { manager: "Ada" } },
    { attributes: { title: "a", Title: "b" } },
    { other: 1 },
    { enabled: "yes" },
  ])("refuse %j", (wrong) => {
    expect(user.inputs.safeParse({ ...raw, ...wrong }).success).toBe(false);
  });
});

describe("ad:User view", () => {
  it("keeps the wish's spelling where AD sees no difference, and shows real ones", () => {
    const wish = user.inputs.parse({
      ...raw,
      path: "ou=STAFF,dc=Example,dc=com",
      sAMAccountName: "ADA",
      userPrincipalName: "Ada@Example.com",
      attributes: { DisplayName: "ada", ipphone: ["2", "1"] },
    });
    const live = liveUser({ userPrincipalName: "ada@example.com", attributes: { displayName: "Ada", ipPhone: ["1", "2"] } });
    expect(user.view(live, wish, {}, nothing)).toEqual({ ...wish, attributes: { ...wish.attributes, DisplayName: "Ada" } });
  });

  it("shows a manager as the person the wish names, else by distinguishedName", () => {
    const boss = `CN=Boss,${base}`;
    const wish = user.inputs.parse({ ...raw, attributes: { manager: "person:7" } });
    const live = liveUser({ attributes: { manager: boss }, references: { [boss]: guid(7) } });
    expect(
      user.view(
        live,
        wish,
        {},
        memoryContext(async () => [], { ad: { "7": guid(7) } }),
      ).attributes,
    ).toEqual({ manager: "person:7" });
    expect(
      user.view(
        live,
        wish,
        {},
        memoryContext(async () => [], { ad: { "7": guid(8) } }),
      ).attributes,
    ).toEqual({ manager: `dn:${boss}` });
    expect(user.view(live, wish, {}, nothing).attributes).toEqual({ manager: `dn:${boss}` });
  });

  it("finds by number first, then by address and login unless the number speaks against it, and never guesses", () => {
    const one = liveUser({ attributes: { employeeNumber: "41" }, sAMAccountName: "x" });
    const numberless = { ...liveUser({ sAMAccountName: "ada" }), id: guid(42) };
    const other = { ...liveUser({ sAMAccountName: "ada", attributes: { employeeNumber: "99" } }), id: guid(43) };
    const inputs = user.inputs.parse({ ...raw, attributes: { employeeNumber: "41" } });
    expect(user.find([numberless, one, other], inputs)).toBe(one.id);
    expect(user.find([numberless, other], inputs)).toBe(numberless.id);
    expect(user.find([other], inputs)).toBeUndefined();
    expect(user.find([one, { ...one, id: guid(44) }], inputs)).toBeUndefined();
  });
});

describe("userAccountControl", () => {
  it("changes one bit and keeps all others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7fffffff }), fc.boolean(), (bits, enabled) => {
        const after = Number(withEnabled(String(bits), enabled));
        expect(after & ~2).toBe(bits & ~2);
        expect((after & 2) === 0).toBe(enabled);
      }),
    );
  });

  it("is finished by one change that enables and takes the mark away", () => {
    const { release, mustChange } = finishing(disabledAccount, true);
    expect(release.map((change) => [change.attribute, ...change.values])).toEqual([["userAccountControl", "512"], ["adminDescription"]]);
    expect(mustChange).toBe(true);
    expect(finishing(disabledAccount, true, { flags: { passwordNeverExpires: true } }).mustChange).toBe(false);
    expect(finishing(disabledAccount, false).release.some((change) => change.attribute === "userAccountControl")).toBe(false);
  });
});

describe("ad:Group", () => {
  const wish = (more: Partial<GroupInputs> = {}): GroupInputs =>
    group.inputs.parse({ name: "GG-Sales", mode: "exact", members: [], ...more });
  const foreign = "CN=S-1-5-21-1-2-3-1105,CN=ForeignSecurityPrincipals,DC=example,DC=com";
  const live = (...members: { dn: string; guid: string }[]): Live => ({
    id: guid(1),
    values: {
      distinguishedName: "CN=GG-Sales,DC=example,DC=com",
      name: "GG-Sales",
      path: "DC=example,DC=com",
      scope: "global",
      kind: "security",
      description: "",
      members,
      protected: false,
    },
  });
  const ada = { dn: `CN=Ada,${base}`, guid: guid(41) };
  const bob = { dn: `CN=Bob,${base}`, guid: guid(42) };

  it("has AD's numbers for scope and kind", () => {
    expect(groupType("global", "security")).toBe("-2147483646");
    expect(groupType("domainLocal", "security")).toBe("-2147483644");
    expect(groupType("universal", "security")).toBe("-2147483640");
    expect(groupType("universal", "distribution")).toBe("8");
    for (const scope of scopes)
      for (const kind of kinds) expect([scopeOf(groupType(scope, kind)), kindOf(groupType(scope, kind))]).toEqual([scope, kind]);
  });

  it("canonicalises members and refuses what is no ref", () => {
    expect(wish({ members: ["person:2 ", "person:10", "dn:cn=X, dc=example", "person:2"] }).members).toEqual([
      "dn:CN=X,DC=example",
      "person:10",
      "person:2",
    ]);
    for (const ref of ["41", "person:", "dn:", "dn:nothing", "id:1"])
      expect(group.inputs.safeParse({ name: "x", mode: "exact", members: [ref] }).success).toBe(false);
  });

  it("in exact mode shows everybody except foreign security principals", () => {
    expect(isForeign(foreign)).toBe(true);
    const context = memoryContext(async () => [], { ad: { "41": guid(41) } });
    const seen = group.view(live(ada, bob, { dn: foreign, guid: guid(9) }), wish({ members: ["person:41"] }), {}, context);
    expect(seen.members).toEqual([`dn:${bob.dn}`, "person:41"]);
  });

  it("in additive mode shows only what is wished or was put there", () => {
    const context = memoryContext(async () => [], { ad: { "41": guid(41), "42": guid(42) } });
    const managed = wish({ mode: "additive", members: ["person:41"] });
    expect(group.view(live(ada, bob), managed, {}, context).members).toEqual(["person:41"]);
    expect(group.view(live(ada, bob), managed, { resolved: { "person:42": guid(42) } }, context).members).toEqual([
      "person:41",
      "person:42",
    ]);
    expect(group.view(live(bob), managed, {}, context).members).toEqual([]);
  });

  it("knows members by the last outputs where the run does not know the person, and writes them by name", () => {
    const outputs = { resolved: { "person:41": guid(41) } };
    expect(group.view(live(ada), wish({ members: ["person:41"] }), outputs, nothing).members).toEqual(["person:41"]);
    expect(group.view(live(ada), wish(), outputs, nothing).members).toEqual([`dn:${ada.dn}`]);
    expect(group.computed(live(ada), wish({ members: ["person:41"] }), nothing, outputs)).toMatchObject({
      resolved: outputs.resolved,
      waiting: [],
    });
    expect(group.computed(live(ada), wish({ members: ["person:41"] }), nothing)).toMatchObject({ resolved: {}, waiting: ["person:41"] });
  });

  it("prefers what the run knows over the last outputs", () => {
    const context = memoryContext(async () => [], { ad: { "41": guid(42) } });
    expect(group.view(live(ada, bob), wish({ members: ["person:41"] }), { resolved: { "person:41": guid(41) } }, context).members).toEqual([
      `dn:${ada.dn}`,
      "person:41",
    ]);
  });
});

describe("members", () => {
  /** Only `modify`, with a set of members and Samba's strictness: one wrong value refuses the whole modify. */
  function fake(present: Set<string>, unknown: Set<string>): { client: AdClient; sizes: number[] } {
    const sizes: number[] = [];
    const modify = async (_target: string, changes: readonly Modification[]): Promise<void> => {
      sizes.push(changes.reduce((sum, change) => sum + change.values.length, 0));
      for (const { op, values } of changes) {
        for (const value of values.map(String)) {
          if (unknown.has(value)) throw new AdRefusedError(`Could not change the group (${value}).`, 19, "000020B5");
          if (op === "add" && present.has(value)) throw new AdRefusedError("is a member", 68, undefined);
          if (op === "delete" && !present.has(value))
            throw new AdRefusedError("is none", 53, undefined, { cause: new Error("Attribute member doesn't exist for target GUID") });
        }
      }
      for (const { op, values } of changes)
        for (const value of values.map(String)) op === "add" ? present.add(value) : present.delete(value);
    };
    // What is called done already is read back.
    const read = async (target: string) =>
      target === "g"
        ? { dn: "g", attributes: { member: [...present].map((value) => `CN=${value}`) } }
        : { dn: `CN=${target}`, attributes: {} };
    return { client: { modify, read } as unknown as AdClient, sizes };
  }

  it("are written in batches of 1,000", async () => {
    const present = new Set<string>();
    const { client, sizes } = fake(present, new Set());
    await changeMembers(
      client,
      "g",
      Array.from({ length: 5000 }, (_, i) => ({ op: "add" as const, value: `v${i}` })),
      "GG",
    );
    expect(sizes).toEqual(Array.from({ length: 5 }, () => 1000));
    expect(present.size).toBe(5000);
  });

  it("reach the wished set whatever is there already, and report the first that cannot", async () => {
    const values = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(values, values, values, values, async (before, adds, deletes, unknowns) => {
        const present = new Set(before);
        const unknown = new Set(unknowns.slice(0, 3));
        const { client } = fake(present, unknown);
        const removed = deletes.filter((value) => !adds.includes(value));
        const changes = [
          ...adds.map((value) => ({ op: "add" as const, value })),
          ...removed.map((value) => ({ op: "delete" as const, value })),
        ];
        const outcome = await changeMembers(client, "g", changes, "GG").then(
          () => "done",
          (error: Error) => error.message,
        );
        expect(outcome === "done").toBe(!changes.some((change) => unknown.has(change.value)));
        for (const { op, value } of changes) if (!unknown.has(value)) expect(present.has(value)).toBe(op === "add");
      }),
    );
  });

  it("stop at once when the rights are missing", async () => {
    let asked = 0;
    const modify = async (): Promise<void> => {
      asked++;
      throw new AdRefusedError("no rights", 50, "00002098");
    };
    await expect(
      changeMembers(
        { modify } as unknown as AdClient,
        "g",
        [
          { op: "add", value: "a" },
          { op: "add", value: "b" },
        ],
        "GG",
      ),
    ).rejects.toThrow("no rights");
    expect(asked).toBe(1);
  });
});

describe("limits", () => {
  it("name the object, the attribute and both lengths", () => {
    expect(() => checkLength("CN=x", "Department", "d".repeat(65))).toThrow(
      /CN=x: Department has 65 characters and Active Directory allows 64/u,
    );
    expect(() => checkLength("CN=x", "department", "d".repeat(64))).not.toThrow();
    expect(() => checkLength("CN=x", "unknownAttribute", "d".repeat(9999))).not.toThrow();
  });

  it.each(["a".repeat(21), "a,b", 'a"b', "a@b", "dot.", "a\nb", "a[b", "a*b"])("refuse the login name %j", (login) => {
    expect(() => checkLogin("CN=x", login)).toThrow(/login name/u);
  });

  it.each(["a".repeat(20), "o'neil", "a.b-c_d", "josé", "a b"])("allow the login name %j", (login) => {
    expect(() => checkLogin("CN=x", login)).not.toThrow();
  });
});

describe("reading lists", () => {
  it("doubts a list that ends with an empty page after pages that were not full", () => {
    expect(mayBeTruncated([1000, 1000, 0], 1000)).toBe(false);
    expect(mayBeTruncated([1000, 12], 1000)).toBe(false);
    expect(mayBeTruncated([0], 1000)).toBe(false);
    expect(mayBeTruncated([1000, 999, 0], 1000)).toBe(true);
  });

  it("reads where a range ends", () => {
    expect(lastOfRange("member;range=0-1499")).toBe(1499);
    expect(lastOfRange("member;Range=1500-*")).toBeUndefined();
    expect(lastOfRange("member")).toBeUndefined();
  });
});

describe("ad:OrganizationalUnit", () => {
  it("takes only organizational units, in one spelling", () => {
    expect(organizationalUnit.inputs.parse({ distinguishedName: " ou=Main , dc=example,dc=com " })).toEqual({
      distinguishedName: "OU=Main,DC=example,DC=com",
    });
    for (const distinguishedName of ["CN=Users,DC=example,DC=com", "Main", ""])
      expect(organizationalUnit.inputs.safeParse({ distinguishedName }).success).toBe(false);
  });
});
