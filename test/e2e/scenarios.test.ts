/**
 * What a directory product is judged by, on a real domain controller (Samba), by the command line. Many independent events
 * share a plan, as they do in life: each `describe` is one run, and what is left of it afterwards is nothing. Rows A1–A5.
 */
import { readFileSync } from "node:fs";
import { Client } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { child, sameDn } from "../../providers/ad/values/dn.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Thing } from "../samba/hand.ts";
import { sambaMissing } from "../samba/samba.ts";
import { enabled, known, people, type Scenario, scenario } from "./scenario.ts";

const missing = sambaMissing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(missing !== undefined)(`${people} people on a real domain controller`, () => {
  let w: Scenario;
  const of = (plan: Plan, person: Person): Plan["people"][number] | undefined => plan.people.find((one) => one.key === String(person.id));
  const logsOn = async (dn: string, password: string): Promise<boolean> => {
    const client = new Client({ url: w.samba.url, tlsOptions: { ca: readFileSync(w.samba.ca) }, connectTimeout: 5000, timeout: 5000 });
    try {
      await client.bind(dn, password);
      return true;
    } catch {
      return false;
    } finally {
      await client.unbind().catch(() => undefined);
    }
  };
  let reconnected: { person: Person; guid: string }[];
  beforeAll(async () => {
    w = await scenario();
    const { base } = w.samba;
    await w.hand.add(`OU=Old,${base}`, { objectClass: "organizationalUnit" });
    reconnected = await Promise.all(
      (["employeeNumber", "mail"] as const).map(async (by) => {
        const person = w.someone();
        // By one field and the name: an account called otherwise is a human's case (decision 0167).
        const dn = child("CN", person.name, `OU=Old,${base}`);
        const { guid } = await w.hand.account(
          dn,
          {
            sAMAccountName: `old${by.slice(0, 4)}`,
            [by]: by === "mail" ? person.email : String(person.id),
            title: "Something old",
            info: "a note that is nobody else's business",
          },
          known,
        );
        return { person, guid };
      }),
    );
    const { ended } = await w.converge();
    expect(ended.out).not.toContain("parked");
  });
  afterAll(() => w?.stop());
  describe("an empty domain, and two accounts that were there", () => {
    it("everybody with a record has an account, enabled and with a password, where it belongs", async () => {
      const accounts = await w.accounts();
      const wished = w.people.filter((one) => !["leaver", "former", "forgotten", "absent"].includes(one.situation));
      expect(accounts.size).toBe(wished.length);
      for (const person of wished) {
        const account = accounts.get(String(person.id));
        expect(account?.dn.endsWith(`,OU=${person.post.site},${w.staff}`), account?.dn).toBe(true);
        expect(account && enabled(account), person.name).toBe(true);
        expect(account?.text("department")).toBe(person.post.department);
      }
      expect((await w.members("GG-AllStaff"))?.length).toBe(wished.length);
    });

    it("reconnection of an existing account: the same object and password, moved and filled in", async () => {
      for (const { person, guid } of reconnected) {
        const account = await w.account(person);
        expect(account.guid).toBe(guid);
        expect(account.dn).toContain(w.staff);
        expect(account.text("title")).toBe(person.post.title);
        expect(account.text("info")).toBe("a note that is nobody else's business");
        expect(account.text("sAMAccountName")).toMatch(/^old/u);
        expect(await logsOn(account.dn, known), person.name).toBe(true);
      }
    });

    it("two people with the same name have two accounts with names and logins of their own", async () => {
      const [one, two] = w.people.filter((person) => person.name === "Anna Berg");
      if (!one || !two) throw new Error("the sample has two of one name");
      const [first, second] = [await w.account(one), await w.account(two)];
      expect([first.text("cn"), second.text("cn")].sort()).toEqual(["Anna Berg", "Anna Berg (2)"]);
      expect(first.text("sAMAccountName")).not.toBe(second.text("sAMAccountName"));
      expect(first.text("userPrincipalName")).not.toBe(second.text("userPrincipalName"));
      expect([first.text("displayName"), second.text("displayName")]).toEqual(["Anna Berg", "Anna Berg"]);
    });

    it("applied twice, the second changes nothing", () => w.settled());
  });

  describe("a day's changes in Halo", () => {
    let plan: Plan;
    let before: Map<string, Thing>;
    let who: { [event in "mover" | "renamed" | "moved" | "regrouped" | "leaver" | "manager" | "report" | "other"]: Person };
    const joiner = 70_001;
    const was = (person: Person): Thing => {
      const account = before.get(String(person.id));
      if (!account) throw new Error(`${person.name} had no account`);
      return account;
    };

    beforeAll(async () => {
      before = await w.accounts();
      const reports = w.people.filter((one) => one.manager !== undefined && w.free.includes(one));
      const manager = w.people.find((one) => one.post.department === "Operations" && reports.some((other) => other.manager === one.id));
      if (!manager) throw new Error("nobody is a manager");
      who = {
        mover: w.someone(),
        renamed: w.someone((one) => one.manager === manager.id),
        moved: w.someone((one) => one.post.site === "Main"),
        regrouped: w.someone((one) => one.post.department === "Sales"),
        leaver: w.someone((one) => one.post.department === "Finance"),
        manager,
        report: w.someone((one) => one.manager === manager.id),
        other: w.someone((one) => one.manager === manager.id),
      };
      w.joins(joiner, { firstname: "Nia", surname: "Newcomer", site_id: 19, title: "Accountant" }, { CFDepartment: "Finance" });
      w.halo(who.mover, { title: "Chief Mate", phonenumber: "+44 1632 960000" });
      w.halo(who.renamed, { surname: "O'Married-Name", name: `${who.renamed.first} O'Married-Name` });
      w.halo(who.moved, { site_id: 20 });
      w.halo(who.regrouped, {}, { CFDepartment: "Finance" });
      for (const person of [who.leaver, who.manager]) w.halo(person, { inactive: true });
      w.halo(who.report, {}, { CFManager: String(who.other.id) });
      ({ plan } = await w.converge());
    });

    it("the plan has these people and nobody else", () => {
      const changed = plan.people.filter((one) => one.changes.length > 0).map((one) => Number(one.key));
      expect(changed.sort()).toEqual([joiner, ...Object.values(who).map((one) => one.id)].filter((id) => id !== who.other.id).sort());
    });
    it("joiner: made, enabled, in the right groups", async () => {
      const account = await w.account(joiner);
      expect(account.dn).toBe(`CN=Nia Newcomer,OU=Harbour,${w.staff}`);
      expect(enabled(account)).toBe(true);
      expect([
        await w.inGroup(account, "GG-AllStaff"),
        await w.inGroup(account, "GG-Finance"),
        await w.inGroup(account, "GG-Sales"),
      ]).toEqual([true, true, false]);
    });
    it("mover: the attributes and nothing else", async () => {
      const account = await w.account(who.mover);
      expect([account.text("title"), account.text("telephoneNumber")]).toEqual(["Chief Mate", "+44 1632 960000"]);
      expect([account.dn, account.guid, account.all("memberOf").sort()]).toEqual([
        was(who.mover).dn,
        was(who.mover).guid,
        was(who.mover).all("memberOf").sort(),
      ]);
    });
    it("rename: the same object, login and groups under another name", async () => {
      const [then, now] = [was(who.renamed), await w.account(who.renamed)];
      expect(now.guid).toBe(then.guid);
      expect(now.text("cn")).toBe(`${who.renamed.first} O'Married-Name`);
      expect(now.text("displayName")).toBe(`${who.renamed.first} O'Married-Name`);
      expect(now.text("sAMAccountName")).toBe(then.text("sAMAccountName"));
      expect(now.all("memberOf").sort()).toEqual(then.all("memberOf").sort());
    });
    it("move of OU: the same object elsewhere, its groups follow", async () => {
      const [then, now] = [was(who.moved), await w.account(who.moved)];
      expect(now.guid).toBe(then.guid);
      expect(now.dn).toContain(`,OU=Lab,${w.staff}`);
      expect(await w.inGroup(now, "GG-AllStaff")).toBe(true);
    });
    it("move of group: out of the old one, into the new one", async () => {
      const account = await w.account(who.regrouped);
      expect([await w.inGroup(account, "GG-Sales"), await w.inGroup(account, "GG-Finance")]).toEqual([false, true]);
    });
    it("disable, leaver: disabled and out of every group; the account stays", async () => {
      const account = await w.account(who.leaver);
      expect(enabled(account)).toBe(false);
      expect(account.guid).toBe(was(who.leaver).guid);
      expect(account.all("memberOf")).toEqual([]);
      expect(of(plan, who.leaver)?.event).toBe("leaver");
    });
    it("a manager who leaves: whom Halo still gives to them keep them, the others get their new one", async () => {
      const manager = await w.account(who.manager);
      expect(enabled(manager)).toBe(false);
      const [kept, given, other] = [await w.account(who.other), await w.account(who.report), await w.account(who.other)];
      expect(sameDn(kept.text("manager") ?? "", manager.dn)).toBe(true);
      expect(sameDn(given.text("manager") ?? "", other.dn)).toBe(true);
    });
    it("applied twice, the second changes nothing", () => w.settled());

    describe("and they come back", () => {
      let deleted: string;
      beforeAll(async () => {
        const gone = await w.account(who.leaver);
        deleted = gone.guid;
        await w.hand.delete(gone.dn);
        for (const person of [who.leaver, who.manager]) w.halo(person, { inactive: false });
        ({ plan } = await w.converge());
      });
      it("enable: the same account, enabled, in its groups again", async () => {
        const account = await w.account(who.manager);
        expect(account.guid).toBe(was(who.manager).guid);
        expect(enabled(account)).toBe(true);
        expect(account.all("memberOf").sort()).toEqual(was(who.manager).all("memberOf").sort());
        expect(of(plan, who.manager)?.event).toBe("rejoiner");
      });
      it("A2 rehire: the deleted account is restored, not made anew", async () => {
        const account = await w.account(who.leaver);
        expect(account.guid).toBe(deleted);
        expect(enabled(account)).toBe(true);
        expect(account.all("memberOf").sort()).toEqual(was(who.leaver).all("memberOf").sort());
        expect(of(plan, who.leaver)?.changes.map((change) => change.op)).toContain("restore");
      });
      it("applied twice, the second changes nothing", () => w.settled());
    });
  });
});
