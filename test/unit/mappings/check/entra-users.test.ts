/** entra.yaml's accounts and attribute templates: what is refused, in which words; and docs/entra-accounts.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { momentOf, userRule, userValue } from "../../../../providers/entra/user/attributes.ts";
import { load, mistakes } from "../helpers.ts";

const file = (accounts: string, attributes = ""): string =>
  `accounts:\n  first:\n  - ${accounts}\nattributes:\n  staff:\n    displayName: "{{ name }}"\n    employeeId: "{{ id }}"\n${attributes}`;
const good = '{ userPrincipalName: "{{ login }}@example.com", attributes: staff }';
const lines = async (accounts: string, attributes?: string): Promise<string> =>
  (await mistakes({ entra: file(accounts, attributes) })).join("\n");

describe("accounts of entra.yaml", () => {
  it("are as the page of the documentation shows them", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/entra-accounts.md"), "utf8");
    const yaml = /```yaml\n([\s\S]*?)```/u.exec(page)?.[1] ?? "";
    const ad = 'accounts: { first: [{ ou: "OU=Staff,DC=example,DC=com" }] }\n';
    expect(await mistakes({ ad, entra: yaml })).toEqual([]);
    expect((await load({ ad, entra: yaml })).entra?.accounts.length).toBe(2);
  });

  it("must be such that an account can be made, and be found again", async () => {
    expect(await lines(good)).toBe("");
    expect(await lines("{ attributes: staff }")).toMatch(/accounts\.first\[0\]: expected userPrincipalName/u);
    expect(await lines('{ userPrincipalName: "all@example.com", attributes: staff }')).toMatch(/would give everybody the same name/u);
    expect(await lines('{ userPrincipalName: "{{ login }}@example.com", attributes: staf }')).toMatch(/did you mean "?staff/u);
    const people = 'people: { source: halo.users, login: { is: "{{ firstname }}" }, is: { entra: { mail: "{{ emailaddress }}" } } }\n';
    expect((await mistakes({ people, entra: file(good) })).join()).toMatch(/could not be recognised by the next run/u);
    expect(await lines("{ hybrid: true }")).toMatch(/there is no ad\.yaml/u);
    expect(await lines(`${good}\n  - ${good}`)).toMatch(/accounts\.first\[1\]: expected the line for everybody last/u);
  });

  it("write Graph's own properties, in their kinds and lengths", async () => {
    expect(await lines(good, "    jobtitle: x\n")).toMatch(/did you mean "?jobTitle/u);
    expect(await lines(good, "    mail: x\n")).toMatch(/Exchange makes it of the licence/u);
    expect(await lines(good, "    manager: x\n")).toMatch(/expected \{ person: template \}/u);
    expect(await lines(good, "    usageLocation: Norway\n")).toMatch(/at most 2 characters|two letters/u);
    expect(await lines(good, "    usageLocation: { value: GB, whenEmpty: clear }\n")).toMatch(/expected keep/u);
    expect(await lines(good, "    employeeHireDate: soon\n")).toMatch(/expected a date/u);
    expect(await lines(good, "    city: [a, b]\n")).toMatch(/city holds one value/u);
    expect(await lines(good, "passwords: { sets: [upper, upper, lower] }\n")).toMatch(/three different kinds/u);
  });

  it("values are canonical: the same moment, code and list whichever way they are written", () => {
    expect(momentOf("2026-11-30")).toBe("2026-11-30T00:00:00Z");
    expect(momentOf("2026-11-30T09:30:00+01:00")).toBe("2026-11-30T08:30:00Z");
    expect(momentOf("2026-02-30")).toBeUndefined();
    const value = (name: string, ...texts: string[]) => {
      const rule = userRule(name);
      return rule && userValue(rule, texts);
    };
    expect(value("usageLocation", " gb ")).toEqual({ value: "GB" });
    expect(value("otherMails", "b@example.org", "a@example.org", "b@example.org")).toEqual({ value: ["a@example.org", "b@example.org"] });
    expect(value("ageGroup", "adult")).toEqual({ value: "Adult" });
    expect(value("businessPhones", "1", "2")).toMatchObject({ problem: expect.stringContaining("one value") });
  });
});
