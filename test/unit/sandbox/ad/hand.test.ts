import { Control } from "ldapts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdDirectory, type Change, LdapFailure } from "../../../../sandbox/ad/server.ts";
import { base, bound, change, groups, read, staff, start } from "./helper.ts";

let directory: AdDirectory;
const ann = `CN=Ann,${staff}`;

beforeEach(async () => {
  directory = await start({ now: () => new Date("2026-01-01T00:00:00Z") });
  directory.entries.add(
    ann,
    { objectClass: "user", sAMAccountName: "ann", userAccountControl: 512, countryCode: 276, "msRTCSIP-UserEnabled": false },
    "pw",
  );
});
afterEach(() => directory.stop());

describe("changes by hand", () => {
  it("are seen over LDAP, and are not in the log", async () => {
    const client = await bound(directory);
    directory.log.clear();
    directory.entries.modify(ann, { title: "Purser", countryCode: null, otherTelephone: ["1", "2"] });
    directory.entries.modify(ann, { otherTelephone: { add: ["3"], remove: ["1"] } });
    expect(directory.log.writes()).toBe(0);
    const entry = await read(client, ann);
    expect(entry).toMatchObject({
      title: "Purser",
      otherTelephone: ["2", "3"],
      "msRTCSIP-UserEnabled": "FALSE",
      whenCreated: "20260101000000.0Z",
    });
    expect(entry["pwdLastSet"]).toBe("134116992000000000");
    expect(entry).not.toHaveProperty("countryCode");
    await client.unbind();
  });

  it("are told to listeners, as are those over LDAP", async () => {
    const changes: Change[] = [];
    directory.onChange((one) => changes.push(one));
    const { guid } = directory.entries.get(ann) ?? { guid: "" };
    const moved = `CN=Anna,OU=Lab,OU=Staff,${base}`;
    directory.entries.modify(guid, { title: "x" });
    directory.entries.move(ann, moved);
    const client = await bound(directory);
    await client.modify(moved, change("replace", "title", ["y"]));
    await client.modify(moved, change("replace", "nonsense", ["y"])).catch(() => undefined);
    await client.del(moved);
    directory.entries.add(ann, { objectClass: "contact" });
    expect(changes.map(({ op, dn }) => [op, dn])).toEqual([
      ["modify", ann],
      ["move", moved],
      ["modify", moved],
      ["delete", moved],
      ["add", ann],
    ]);
    expect(changes.slice(0, 4).every((one) => one.guid === guid)).toBe(true);
    await client.unbind();
  });

  it("look things up by name, GUID and account, and list by a condition", () => {
    const { entries } = directory;
    const entry = entries.get(ann);
    expect(entry).toMatchObject({ dn: ann, parent: staff, objectClass: "user", enabled: true, hasPassword: true });
    expect(entries.get(entry?.guid ?? "")?.dn).toBe(ann);
    expect(entries.get(`<SID=${entry?.sid}>`)?.dn).toBe(ann);
    expect(entries.account("ANN")?.dn).toBe(ann);
    expect(entries.get(`CN=None,${staff}`)).toBeUndefined();
    expect(entries.list((one) => one.parent === staff).map((one) => one.dn)).toEqual([ann]);
    expect([entries.hasPassword(ann, "pw"), entries.hasPassword(ann, "other")]).toEqual([true, false]);
    entries.setPassword(ann, "other");
    expect(entries.hasPassword(ann, "other")).toBe(true);
    expect([entry?.values("nonsense"), entry?.text("sAMAccountName")]).toEqual([[], "ann"]);
  });

  it("delete with a tombstone, or for good", async () => {
    const client = await bound(directory);
    const options = { scope: "sub" as const, filter: "(isDeleted=TRUE)", attributes: ["sAMAccountName"] };
    for (const [login, forGood] of [
      ["tombed", false],
      ["vanished", true],
    ] as const) {
      directory.entries.add(`CN=${login},${staff}`, { objectClass: "user", sAMAccountName: login });
      directory.entries.remove(`CN=${login},${staff}`, forGood);
    }
    const { searchEntries } = await client.search(base, options, new Control("1.2.840.113556.1.4.417"));
    const logins = searchEntries.map((entry) => entry["sAMAccountName"]);
    expect(logins).toContain("tombed");
    expect(logins).not.toContain("vanished");
    await client.unbind();
  });

  it("follow the schema's and SAM's rules, but not those for clients", () => {
    const { entries } = directory;
    const refused = (work: () => unknown): number | undefined => {
      try {
        work();
      } catch (error) {
        if (error instanceof LdapFailure) return error.code;
        throw error;
      }
      return undefined;
    };
    expect(refused(() => entries.modify(ann, { department: "x".repeat(65) }))).toBe(19);
    expect(refused(() => entries.add(`CN=Other,${staff}`, { objectClass: "user", sAMAccountName: "ann" }))).toBe(68);
    expect(refused(() => entries.add(`CN=Other,OU=None,${base}`, { objectClass: "user" }))).toBe(32);
    expect(refused(() => entries.remove(staff))).toBe(66);
    expect(refused(() => entries.modify(ann, { objectGUID: "x" }))).toBe(19);
    entries.modify(ann, { lastLogonTimestamp: "1", pwdLastSet: "5", adminCount: 1 });
    entries.add(`CN=Team,${groups}`, { objectClass: "group", sAMAccountName: "team", member: ann });
    entries.modify(`CN=Team,${groups}`, { member: { add: [ann] } });
    expect(entries.get(ann)?.values("memberOf")).toEqual([`CN=Team,${groups}`]);
    entries.remove(ann);
    expect(entries.get(`CN=Team,${groups}`)?.values("member")).toEqual([]);
  });
});
