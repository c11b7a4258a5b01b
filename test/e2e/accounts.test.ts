/** Accounts through the real command line: who joins, what changes, templates chosen by condition. Rows A1, A4, A5. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { real, type World, world } from "./support.ts";

type Rule = { [key: string]: unknown };

describe("accounts", () => {
  let w: World;
  let first: Plan;
  const people = (): readonly Person[] => w.sandbox.organisation.people;
  const account = (person: Person) => {
    const [entry] = w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === String(person.id));
    if (!entry) throw new Error(`${person.name} has no account.`);
    return entry;
  };
  const steady = (department: string): Person => {
    const found = people().find((one) => one.situation === "steady" && one.post.department === department);
    if (!found) throw new Error(`Nobody is steady in ${department}.`);
    return found;
  };
  const halo = (person: Person, set: { [field: string]: string }): void =>
    void w.sandbox.hand({ halo: { table: "users", id: person.id, set } });
  const changes = (plan: Plan, person: Person): string[] =>
    real(plan)
      .filter((one) => one.who === String(person.id) && one.type === "ad:User")
      .flatMap((one) => one.fields);

  beforeAll(async () => {
    w = await world({ people: 40 });
    w.edit("ad", (content) => {
      const [rule] = (content["accounts"] as { first: Rule[] }).first;
      const { staff } = content["attributes"] as { staff: Rule };
      staff["proxyAddresses"] = {
        values: ["SMTP:{{ emailaddress | downcase }}", "smtp:{{ login }}@corp.example.com"],
        mode: "additive",
      };
      staff["accountExpires"] = { value: "{{ other1 }}", whenEmpty: "clear" };
      content["accounts"] = {
        first: [
          {
            ...rule,
            for: { "custom.CFDepartment": "Engineering" },
            attributes: ["staff", "engineers"],
            flags: { cannotBeDelegated: true },
          },
          rule,
        ],
      };
      content["attributes"] = {
        staff,
        engineers: {
          title: "{{ title | upcase }}",
          employeeType: "Engineer",
          logonHours: ["Mon-Fri 06:00-20:00"],
          "msRTCSIP-UserEnabled": true,
          extensionAttribute1: "{{ site_name }}",
        },
      };
    });
    // somebody else's address and flag, before haloform comes
    const entry = account(steady("Engineering"));
    w.sandbox.ad.entries.modify(entry.dn, { proxyAddresses: ["x500:/o=Exchange/cn=old"], userAccountControl: 0x200 | 0x10000 });
    first = (await w.converge()).plan;
  });
  afterAll(() => w?.stop());

  it("A1: a joiner gets an account that is enabled, with a password and everything the templates say", () => {
    const joiners = people().filter((one) => one.situation === "joiner");
    expect(joiners.length).toBeGreaterThan(0);
    for (const person of joiners) {
      const entry = account(person);
      expect([entry.enabled, entry.hasPassword, entry.text("pwdLastSet")]).toEqual([true, true, "0"]);
      expect(entry.text("displayName")).toBe(person.name);
      expect(entry.text("accountExpires")).toMatch(/^(?:0|9223372036854775807)$/u);
      expect(entry.values("proxyAddresses")).toContain(`SMTP:${person.email.toLowerCase()}`);
    }
    expect(first.people.filter((one) => one.event === "joiner").map((one) => one.key)).toEqual(
      expect.arrayContaining(joiners.map((one) => String(one.id))),
    );
  });

  it("A5: templates are chosen by condition, and what others wrote stays", async () => {
    const engineer = steady("Engineering");
    const entry = account(engineer);
    expect(entry.text("title")).toBe(engineer.post.title.toUpperCase());
    expect(entry.text("msRTCSIP-UserEnabled")).toBe("TRUE");
    expect(entry.text("extensionAttribute1")).toBe(engineer.post.site);
    expect((entry.values("logonHours")[0] as Buffer).length).toBe(21);
    expect(entry.text("userAccountControl")).toBe(String(0x200 | 0x10000 | 0x100000));
    expect(entry.values("proxyAddresses")).toContain("x500:/o=Exchange/cn=old");
    const other = account(steady("Finance"));
    expect([other.values("employeeType"), other.values("logonHours")]).toEqual([[], []]);
    expect(real((await w.plan()).plan), "a second plan").toEqual([]);
  });

  it("A4: a property that changes in Halo changes in AD, a renamed person keeps the account", async () => {
    const [renamed, ending] = [steady("Sales"), steady("Finance")];
    const before = account(renamed);
    halo(renamed, { surname: "Newname", name: `${renamed.first} Newname`, emailaddress: "new.name@corp.example.com" });
    halo(ending, { other1: "2027-01-31T00:00:00", title: "Chief Accountant" });
    const engineer = steady("Engineering");
    // set by hand: drift in what the mapping names, and a value of somebody else's
    w.sandbox.ad.entries.modify(account(engineer).dn, {
      employeeType: "Deckhand",
      comment: "mine",
      proxyAddresses: { add: ["smtp:mine@example.com"] },
    });

    const { plan } = await w.converge();
    expect(changes(plan, renamed)).toEqual(
      expect.arrayContaining(["name", "attributes.sn", "attributes.displayName", "attributes.mail", "attributes.proxyAddresses"]),
    );
    expect(changes(plan, ending).sort()).toEqual(["attributes.accountExpires", "attributes.title"]);
    expect(changes(plan, engineer)).toEqual(["attributes.employeeType"]);

    const after = account(renamed);
    expect([after.guid, after.sid, after.text("sAMAccountName")]).toEqual([before.guid, before.sid, before.text("sAMAccountName")]);
    expect(after.dn).toMatch(/^CN=[^,]* Newname,/u);
    expect(after.values("proxyAddresses")).toContain("SMTP:new.name@corp.example.com");
    expect(after.values("proxyAddresses"), "the old address still receives").toContain(`smtp:${renamed.email.toLowerCase()}`);
    expect(account(ending).text("accountExpires")).toBe("134459136000000000");
    expect(account(engineer).text("employeeType")).toBe("Engineer");
    expect([account(engineer).text("comment"), account(engineer).values("proxyAddresses")]).toEqual([
      "mine",
      expect.arrayContaining(["smtp:mine@example.com", "x500:/o=Exchange/cn=old"]),
    ]);
    expect(real((await w.plan()).plan), "a second plan").toEqual([]);
  });

  it("A4: a value that AD would refuse parks its person in the plan, and the others go on", async () => {
    const [bad, good] = [steady("Finance"), steady("Operations")];
    halo(bad, { other1: "soon" });
    halo(good, { title: "Bosun" });
    const { plan } = await w.converge([4]);
    expect(plan.parked.map((one) => [one.key, one.reason])).toEqual([
      [String(bad.id), expect.stringMatching(/^accountExpires \(mappings\/ad\.yaml:\d+\): expected a day .*found "soon"/u)],
    ]);
    expect(account(good).text("title")).toBe("Bosun");
    expect(account(bad).text("accountExpires")).toBe("134459136000000000");
    expect(w.sandbox.violations()).toEqual([]);
  });
});
