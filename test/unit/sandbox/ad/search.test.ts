import { type Client, Control, EqualityFilter, ExtensibleFilter, SubstringFilter } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdDirectory } from "../../../../sandbox/ad/server.ts";
import { admin, base, bound, change, codes, connect, found, groups, read, refusal, start } from "./helper.ts";

const crew = `OU=Crew,${base}`;
let directory: AdDirectory;
let client: Client;

const person = (name: string): string => `CN=${name},${crew}`;

beforeAll(async () => {
  directory = await start();
  const { entries } = directory;
  entries.add(crew, { objectClass: "organizationalUnit", description: ["one", "two"] });
  const people: [string, Record<string, string>][] = [
    ["Ann", { title: "Purser", employeeNumber: "7", mail: "ann@corp.example.com", countryCode: "276" }],
    ["Björn", { title: "Mate", employeeNumber: "41", countryCode: "752", displayName: "Björn (Deck) *Star*" }],
    ["Cem", { employeeNumber: "100", countryCode: "792", info: "back\\slash" }],
  ];
  for (const [name, attributes] of people)
    entries.add(person(name), {
      objectClass: "user",
      sAMAccountName: `c-${name.slice(0, 1)}`,
      userAccountControl: name === "Cem" ? 514 : 512,
      ...attributes,
    });
  entries.modify(person("Ann"), { manager: person("Björn") });
  entries.modify(person("Björn"), { manager: person("Cem") });
  entries.add(`CN=Inner,${groups}`, { objectClass: "group", sAMAccountName: "inner", member: [person("Ann")] });
  entries.add(`CN=Middle,${groups}`, { objectClass: "group", sAMAccountName: "middle", member: [`CN=Inner,${groups}`, person("Björn")] });
  entries.add(`CN=Outer,${groups}`, { objectClass: "group", sAMAccountName: "outer", member: [`CN=Middle,${groups}`] });
  entries.add(`CN=Box,${crew}`, { objectClass: "computer", sAMAccountName: "BOX$" });
  entries.add(`CN=Friend,${crew}`, { objectClass: "contact" });
  client = await bound(directory);
});
afterAll(async () => {
  await client.unbind();
  await directory.stop();
});

describe("filters", () => {
  const [a, b, c] = [person("Ann"), person("Björn"), person("Cem")];
  it.each([
    ["(title=PURSER)", [a]],
    ["(name=bjorn)", [b]],
    ["(&(objectClass=user)(title=*))", [a, b]],
    ["(&(objectCategory=person)(objectClass=user)(!(title=*)))", [c]],
    ["(&(objectCategory=person)(objectClass=user)(!(title=Mate)))", [a, c]],
    [`(objectCategory=CN=Person,CN=Schema,CN=Configuration,${base})`, [a, b, c, person("Friend")]],
    ["(objectCategory=computer)", [person("Box")]],
    ["(objectClass=organizationalPerson)", [a, b, c, person("Box"), person("Friend")]],
    ["(|(title=Mate)(employeeNumber=100))", [b, c]],
    ["(title=P*r)", [a]],
    ["(title=*urs*)", [a]],
    ["(title=Purser*er)", []],
    ["(displayName=*\\28Deck\\29 \\2aStar\\2a)", [b]],
    ["(info=back\\5cslash)", [c]],
    ["(countryCode>=752)", [b, c]],
    ["(countryCode<=276)", [a, person("Box")]],
    ["(countryCode=0276)", [a]],
    ["(title~=purser)", [a]],
    ["(userAccountControl:1.2.840.113556.1.4.803:=2)", [c]],
    ["(&(objectCategory=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))", [a, b, person("Friend")]],
    ["(userAccountControl:1.2.840.113556.1.4.803:=514)", [c]],
    ["(userAccountControl:1.2.840.113556.1.4.804:=4098)", [c, person("Box")]],
    [`(manager=${person("Björn").toLowerCase()})`, [a]],
    [`(directReports=${person("Ann")})`, [b]],
    ["(manager=CN=*)", []],
    ["(manager=*)", [a, b]],
    [`(manager:1.2.840.113556.1.4.1941:=${person("Cem")})`, [a, b]],
    [`(memberOf=CN=Middle,${groups})`, [b]],
    [`(memberOf:1.2.840.113556.1.4.1941:=CN=Outer,${groups})`, [a, b]],
    ["(memberOf=*)", [a, b]],
    [`(memberOf=CN=None,${groups})`, []],
    ["(distinguishedName=cn=ANN, ou=crew,dc=corp,dc=example,dc=com)", [a]],
    ["(favouriteDrink=tea)", []],
    ["(!(favouriteDrink=tea))", []],
    ["(|(favouriteDrink=tea)(title=Mate))", [b]],
    ["(&(objectClass=user)(!(favouriteDrink=*)))", []],
    ["(canonicalName=*)", []],
    ["(countryCode=many)", []],
  ])("%s", async (filter, expected) => {
    expect(await found(client, filter, crew)).toEqual([...expected].sort());
  });

  it("walks member the other way, far", async () => {
    expect(await found(client, `(member:1.2.840.113556.1.4.1941:=${a})`)).toEqual(
      ["Inner", "Middle", "Outer"].map((name) => `CN=${name},${groups}`),
    );
    expect(await found(client, `(member=${a})`)).toEqual([`CN=Inner,${groups}`]);
  });

  it("ends in a circle of groups", async () => {
    await client.modify(`CN=Inner,${groups}`, change("add", "member", [`CN=Outer,${groups}`]));
    expect((await found(client, `(member:1.2.840.113556.1.4.1941:=${a})`)).length).toBe(3);
    await client.modify(`CN=Inner,${groups}`, change("delete", "member", [`CN=Outer,${groups}`]));
  });

  it("finds objectGUID and objectSid by their bytes only", async () => {
    const entry = directory.entries.get(a);
    const guid = entry?.guidBytes ?? Buffer.alloc(0);
    const by = async (attribute: string, value: Buffer | string): Promise<string[]> =>
      (await client.search(base, { filter: new EqualityFilter({ attribute, value }), attributes: ["1.1"] })).searchEntries.map(
        (one) => one.dn,
      );
    expect(await by("objectGUID", guid)).toEqual([a]);
    expect(await by("objectGUID", Buffer.from(guid).reverse())).toEqual([]);
    expect(await by("objectGUID", entry?.guid ?? "")).toEqual([]);
    expect(await by("objectSid", entry?.values("objectSid")[0] ?? "")).toEqual([a]);
    expect(await by("objectSid", entry?.sid ?? "")).toEqual([a]);
  });

  it("refuses a matching rule that does not exist", async () => {
    const search = client.search(base, { filter: new ExtensibleFilter({ matchType: "title", rule: "1.2.3.4", value: "x" }) });
    expect((await refusal(search)).code).toBe(18);
    expect(await found(client, "(title:=purser)")).toEqual([a]);
    expect((await client.search(crew, { filter: new SubstringFilter({ attribute: "countryCode", initial: "2" }) })).searchEntries).toEqual(
      [],
    );
  });
});

describe("where a search looks", () => {
  it("goes base, one, sub and children", async () => {
    const names = async (scope: "base" | "one" | "sub" | "children", where: string): Promise<string[]> =>
      (await client.search(where, { scope, attributes: ["1.1"] })).searchEntries.map((entry) => entry.dn).sort();
    expect(await names("base", crew)).toEqual([crew]);
    expect((await names("one", crew)).length).toBe(5);
    expect((await names("sub", crew)).length).toBe(6);
    expect((await names("children", crew)).length).toBe(5);
    expect(await names("one", base)).not.toContain(person("Ann"));
    expect((await client.search(groups, { filter: "(sAMAccountName=c-A)" })).searchEntries).toEqual([]);
  });

  it("starts at <GUID=…> in both spellings and at <SID=…>", async () => {
    const entry = directory.entries.get(person("Ann"));
    for (const where of [`<GUID=${entry?.guid}>`, `<guid=${entry?.guidBytes.toString("hex")}>`, `<SID=${entry?.sid}>`])
      expect(await read(client, where, ["cn"])).toMatchObject({ dn: person("Ann"), cn: "Ann" });
    expect(await codes(client.search("<GUID=00000000-0000-0000-0000-000000000001>", { scope: "base" }))).toBe("32 00002030");
    expect(await codes(client.search("<GUID=nonsense>", { scope: "base" }))).toBe("34 00002081");
    expect((await read(client, "<SID=S-1-5-32-544>", ["cn"]))["cn"]).toBe("Administrators");
  });

  it("refuses places that do not exist, naming the nearest that does; refers elsewhere for other domains", async () => {
    expect((await refusal(client.search(`CN=x,OU=None,${crew}`))).text).toContain(`best match of:\n\t'${crew}'`);
    expect((await refusal(client.search("nonsense"))).code).toBe(34);
    expect((await refusal(client.search("DC=other,DC=test"))).text).toContain("0000202B: RefErr");
  });

  it("tells of the other naming contexts at the end of a search of the whole domain", async () => {
    const whole = await client.search(base, { filter: "(title=Mate)" });
    expect(whole.searchReferences).toContain(`ldap://corp.example.com/CN=Configuration,${base}`);
    expect((await client.search(base, { filter: "(title=Mate)" }, new Control("1.2.840.113556.1.4.1339"))).searchReferences).toEqual([]);
    expect((await client.search(crew, { filter: "(title=Mate)" })).searchReferences).toEqual([]);
  });
});

describe("what a search shows", () => {
  it("gives named attributes only, under their own spelling, and all of them for * or nothing", async () => {
    expect(Object.keys(await read(client, person("Ann"), ["TITLE", "mail", "canonicalname"])).sort()).toEqual([
      "canonicalName",
      "dn",
      "mail",
      "title",
    ]);
    expect((await read(client, person("Ann"), ["canonicalName"]))["canonicalName"]).toBe("corp.example.com/Crew/Ann");
    const all = await read(client, person("Ann"), []);
    expect(all).toMatchObject({
      title: "Purser",
      manager: person("Björn"),
      memberOf: `CN=Inner,${groups}`,
      distinguishedName: person("Ann"),
    });
    expect(all).not.toHaveProperty("canonicalName");
    expect(await read(client, person("Ann"), ["*", "canonicalName"])).toMatchObject({
      canonicalName: "corp.example.com/Crew/Ann",
      title: "Purser",
    });
    expect(Object.keys(await read(client, person("Ann"), ["1.1"])).filter((key) => key !== "1.1")).toEqual(["dn"]);
    expect(await read(client, person("Ann"), ["+"])).toHaveProperty("modifyTimeStamp");
    expect(
      (await client.search(person("Ann"), { scope: "base", attributes: ["title"], returnAttributeValues: false })).searchEntries[0]?.[
        "title"
      ],
    ).toEqual([]);
    expect((await read(client, crew))["description"]).toEqual(["one", "two"]);
  });

  it("counts the groups of an account, nested and primary, in tokenGroups", async () => {
    const { searchEntries } = await client.search(person("Ann"), {
      scope: "base",
      attributes: ["tokenGroups"],
      explicitBufferAttributes: ["tokenGroups"],
    });
    expect(searchEntries[0]?.["tokenGroups"]).toHaveLength(4);
  });
});

describe("limits", () => {
  let big: AdDirectory;
  let many: Client;
  const everyone = `CN=Everyone,${groups}`;
  const filter = "(&(objectCategory=person)(objectClass=user)(employeeNumber=*))";

  beforeAll(async () => {
    big = await start();
    const where = `OU=Main,OU=Staff,${base}`;
    for (let index = 0; index < 5000; index += 1)
      big.entries.add(`CN=Person ${index},${where}`, {
        ...wide(index),
        objectClass: "user",
        sAMAccountName: `p${index}`,
        userAccountControl: 512,
      });
    const members = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, index) => `CN=Person ${from + index},${where}`);
    big.entries.add(everyone, { objectClass: "group", sAMAccountName: "everyone", member: members(0, 3200) });
    big.entries.add(`CN=Exact,${groups}`, { objectClass: "group", sAMAccountName: "exact", member: members(0, 1500) });
    many = await bound(big);
  });
  afterAll(async () => {
    await many.unbind();
    await big.stop();
  });

  /** 30 attributes of a person. */
  function wide(index: number): Record<string, string> {
    const more = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`extensionAttribute${at + 1}`, `value ${at} of ${index}`]));
    return {
      ...more,
      ...{
        displayName: `Person ${index}`,
        givenName: "Person",
        sn: String(index),
        mail: `p${index}@example.com`,
        title: "Deckhand",
        department: "Operations",
      },
      ...{
        telephoneNumber: "+49 30 1",
        employeeNumber: String(index + 1),
        company: "Northwind Ferries",
        l: "Kiel",
        c: "DE",
        co: "Germany",
        info: "x",
        st: "SH",
      },
      userPrincipalName: `p${index}@example.com`,
    };
  }

  it("stops at 1,000 entries without paging, and at the client's own limit", async () => {
    expect((await refusal(many.search(base, { filter }))).code).toBe(4);
    expect((await many.search(base, { filter, sizeLimit: 5000, attributes: ["cn"] })).searchEntries.length).toBe(1000);
    expect((await many.search(base, { filter, sizeLimit: 7, attributes: ["cn"] })).searchEntries.length).toBe(7);
    expect((await many.search(base, { filter: "(employeeNumber=12)", sizeLimit: 1 })).searchEntries.length).toBe(1);
  });

  it("pages with at most 1,000 entries a page and logs each page", async () => {
    const pages = async (pageSize: number): Promise<(number | undefined)[]> => {
      big.log.clear();
      const { searchEntries } = await many.search(base, { filter, paged: { pageSize }, attributes: ["cn"] });
      expect(new Set(searchEntries.map((entry) => entry.dn)).size).toBe(5000);
      return big.log.operations.map((operation) => operation.pages);
    };
    expect(await pages(1000)).toEqual([1, 2, 3, 4, 5]);
    expect(await pages(5000)).toEqual([1, 2, 3, 4, 5]);
    expect((await pages(500)).length).toBe(10);
    expect((await many.search(base, { filter, paged: { pageSize: 100 }, sizeLimit: 250, attributes: ["cn"] })).searchEntries.length).toBe(
      250,
    );
  });

  it("passes over entries that are deleted between pages", async () => {
    const names: string[] = [];
    let first = true;
    for await (const page of many.searchPaginated(base, { filter: "(employeeNumber=4*)", paged: { pageSize: 300 }, attributes: ["1.1"] })) {
      names.push(...page.searchEntries.map((entry) => entry.dn));
      if (first) big.entries.remove("CN=Person 4899,OU=Main,OU=Staff,DC=corp,DC=example,DC=com");
      first = false;
    }
    expect(names.length).toBe(1110);
    big.entries.add("CN=Person 4899,OU=Main,OU=Staff,DC=corp,DC=example,DC=com", {
      ...wide(4899),
      objectClass: "user",
      sAMAccountName: "p4899",
    });
  });

  it("takes a cookie on its own connection and for its own search only", async () => {
    const other = connect(big);
    await other.bind(admin.dn, admin.password);
    class Paging extends Control {
      readonly cookie: string;
      constructor(cookie: string) {
        super("1.2.840.113556.1.4.319");
        this.cookie = cookie;
      }
      override writeControl(writer: Parameters<Control["writeControl"]>[0]): void {
        const cookie = Buffer.from(this.cookie);
        writer.writeBuffer(Buffer.concat([Buffer.from([0x30, cookie.length + 5, 2, 1, 100, 4, cookie.length]), cookie]), 4);
      }
    }
    expect(await codes(other.search(base, { filter }, new Paging("page-1")))).toBe("12 00000057");
    expect(await codes(other.search(base, { filter, attributes: ["cn"] }, new Paging("")))).toBe("done");
    expect(await codes(other.search(base, { filter: "(title=*)", attributes: ["cn"] }, new Paging("page-1")))).toBe("12 00000057");
    expect(await codes(other.search(base, { filter, attributes: ["cn"] }, new Paging("page-1")))).toBe("done");
    for (let index = 0; index < 11; index += 1) await other.search(base, { filter, attributes: ["cn"] }, new Paging(""));
    expect(await codes(other.search(base, { filter, attributes: ["cn"] }, new Paging("page-3")))).toBe("12 00000057");
    expect(await codes(other.search(base, { filter, attributes: ["cn"] }, new Paging("page-13")))).toBe("done");
    await other.unbind();
  });

  it("gives more than 1,500 values in ranges", async () => {
    const group = await read(many, everyone, ["member"]);
    expect(group["member"]).toEqual([]);
    expect((group["member;range=0-1499"] as string[]).length).toBe(1500);
    const second = await read(many, everyone, ["member;range=1500-*"]);
    expect((second["member;range=1500-2999"] as string[]).length).toBe(1500);
    const third = await read(many, everyone, ["member;range=3000-*"]);
    expect((third["member;range=3000-*"] as string[]).length).toBe(200);
    expect((await read(many, everyone, ["member;range=10-19"]))["member;range=10-19"]).toHaveLength(10);
    expect(await codes(many.search(everyone, { scope: "base", attributes: ["member;range=3200-*"] }))).toBe("1 00000057");
    expect(await read(many, everyone, [])).toHaveProperty("member;range=0-1499");
    expect((await read(many, `CN=Exact,${groups}`, ["member"]))["member"]).toHaveLength(1500);
    expect((await read(many, `CN=Exact,${groups}`, ["member;range=0-*"]))["member;range=0-*"]).toHaveLength(1500);
  });

  it("is lax on request, as Samba is", async () => {
    const lax = await start({ strict: false });
    for (let index = 0; index < 1600; index += 1) lax.entries.add(`CN=Person ${index},${groups}`, { objectClass: "contact" });
    const members = Array.from({ length: 1600 }, (_, index) => `CN=Person ${index},${groups}`);
    lax.entries.add(everyone, { objectClass: "group", sAMAccountName: "everyone", member: members });
    const own = await bound(lax);
    expect((await own.search(base, { filter: "(objectClass=contact)", attributes: ["cn"] })).searchEntries.length).toBe(1600);
    expect((await read(own, everyone, ["member"]))["member"]).toHaveLength(1600);
    await own.unbind();
    await lax.stop();
  });

  it("reads 5,000 people with 30 attributes in pages quickly, and adds them as fast", async () => {
    const attributes = Object.keys(wide(1));
    expect(attributes.length).toBe(30);
    const timed = async (): Promise<number> => {
      const started = performance.now();
      const { searchEntries } = await many.search(base, { filter, attributes, paged: { pageSize: 1000 } });
      expect(searchEntries.length).toBe(5000);
      return performance.now() - started;
    };
    // About 0.4 s on an idle machine, most of it in the client; the best of three and room to spare, as tests share the processor.
    expect(Math.min(await timed(), await timed(), await timed())).toBeLessThan(2500);
    const started = performance.now();
    for (let index = 0; index < 5000; index += 1)
      big.entries.add(`CN=More ${index},OU=Lab,OU=Staff,${base}`, {
        objectClass: "user",
        sAMAccountName: `m${index}`,
        userPrincipalName: `m${index}@example.com`,
      });
    expect(performance.now() - started).toBeLessThan(2500);
  });
});
