/**
 * One object named in two ways, and names that somebody has already, on a real domain controller (Samba) by the command line: F1 and F6
 * of what real directories do, R20 of the reports.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { sambaMissing } from "../samba/samba.ts";
import { type SambaWorld, sambaWorld } from "./samba-world.ts";
import { real } from "./support.ts";

const missing = sambaMissing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(missing !== undefined)("names on a real domain controller", () => {
  let w: SambaWorld;
  /** Nothing is planned and nothing is written. */
  const settled = async (codes = [0]): Promise<Plan> => {
    const before = await w.hand.usn();
    const { plan } = await w.converge(codes);
    expect(real(plan)).toEqual([]);
    expect(changeCount(plan)).toBe(0);
    expect(await w.hand.usn()).toBe(before);
    return plan;
  };

  beforeAll(async () => {
    w = await sambaWorld(14);
    // The domain's own name is the suffix of everybody's userPrincipalName: a login implies one.
    w.edit("ad", (ad) => {
      const sets = ad["attributes"] as { [set: string]: { [name: string]: unknown } };
      for (const set of Object.values(sets)) if (set["userPrincipalName"]) set["userPrincipalName"] = "{{ login }}@ad.test";
    });
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  describe("behaviour F6, reports R20: names that somebody has already", () => {
    const user = (dn: string, more: { [name: string]: string }) =>
      w.hand.add(dn, { objectClass: ["top", "person", "organizationalPerson", "user"], userAccountControl: "514", ...more });
    let plan: Plan;

    beforeAll(async () => {
      const service = `OU=Service,${w.samba.base}`;
      await w.hand.add(service, { objectClass: "organizationalUnit" });
      // A name to sign in with that implies a login, and the other way round; a contact with the name, and with the address.
      await user(`CN=Implies,${service}`, { sAMAccountName: "svc1", userPrincipalName: "bea.one@ad.test" });
      await user(`CN=Taken,${service}`, { sAMAccountName: "svc2", userPrincipalName: "cleo.two@ad.test" });
      await w.hand.add(`CN=Dora Three,OU=Main,${w.staff}`, { objectClass: ["top", "person", "organizationalPerson", "contact"] });
      await w.hand.add(`CN=Eve Elsewhere,${service}`, {
        objectClass: ["top", "person", "organizationalPerson", "contact"],
        mail: "Eve.Four@corp.example.com",
      });
      w.edit("people", (people) => {
        (people["people"] as { login: object }).login = { is: "{{ firstname }}.{{ surname }}", taken: "number" };
      });
      for (const [index, name] of ["Bea One", "Cleo Two", "Dora Three", "Eve Four"].entries()) {
        const [firstname = "", surname = ""] = name.split(" ");
        const emailaddress = `${firstname}.${surname}@corp.example.com`;
        w.joins(9001 + index, { firstname, surname, name, emailaddress, site_name: "Main" }, {});
      }
      ({ plan } = await w.converge([0, 4]));
    });

    it("are numbered, or parked in the plan with the holder; nothing fails in up, and the second plan is empty", async () => {
      const accounts = await w.accounts();
      const names = [9001, 9002, 9003].map((id) => {
        const account = accounts.get(String(id));
        return ["cn", "sAMAccountName", "userPrincipalName"].map((name) => account?.text(name));
      });
      expect(names).toEqual([
        ["Bea One", "bea.one2", "bea.one2@ad.test"],
        ["Cleo Two", "cleo.two2", "cleo.two2@ad.test"],
        ["Dora Three (2)", "dora.three", "dora.three@ad.test"],
      ]);
      expect(accounts.get("9004")).toBeUndefined();
      const said = plan.parked.filter((one) => one.key === "9004").map((one) => one.reason);
      expect(said).toEqual([expect.stringMatching(/^the address eve\.four@corp\.example\.com is taken by CN=Eve Elsewhere,OU=Service,/u)]);
      await settled([0, 4]);
    });
  });

  describe("behaviour F1: a group whose members the mapping names in several ways", () => {
    let twice: Person;
    let kept: Person;
    let twiceDn: string;
    let keptDn: string;
    const group = "GG-Twice";
    const members = async (): Promise<string[]> => ((await w.members(group)) ?? []).sort();
    const contact = () => `CN=Pat Outside,${w.groups}`;

    beforeAll(async () => {
      const [one, two] = w.people.filter((each) => each.situation === "steady");
      if (!one || !two) throw new Error("nobody is left for this");
      [twice, kept] = [one, two];
      [twiceDn, keptDn] = [(await w.account(twice)).dn, (await w.account(kept)).dn];
      w.edit("ad", (ad) => {
        ad["contacts"] = [{ name: "Pat Outside", ou: w.groups, attributes: { mail: "pat@partner.example.org" } }];
        const spelt = twiceDn.toLowerCase().replaceAll(",", ", ");
        (ad["groups"] as object[]).push({
          ...{ name: group, ou: w.groups, scope: "universal", for: { person: [twice.id, kept.id] } },
          contains: { contacts: ["Pat Outside"], dns: [spelt, contact().toUpperCase()] },
        });
      });
      await w.converge([0, 4]);
    });

    it("each is in it once, and a second plan has nothing", async () => {
      expect(await members()).toEqual([contact(), twiceDn, keptDn].sort());
      await settled([0, 4]);
    });

    it("who leaves is taken out, and stays out", async () => {
      w.halo(twice, { inactive: true });
      await w.converge([0, 4]);
      expect(await members()).toEqual([contact(), keptDn].sort());
      await settled([0, 4]);
    });

    it("a member whom somebody has stored twice there, of whom the directory keeps half a link, is said, not believed gone", async () => {
      const account = await w.account(kept);
      await w.hand.change(`CN=${group},${w.groups}`, "delete", "member", account.dn);
      await w.hand.change(`CN=${group},${w.groups}`, "add", "member", `<GUID=${account.guid}>`, keptDn);
      w.halo(kept, { inactive: true });
      await w.converge([0, 4]);
      expect(await members()).toEqual([contact()]);
      expect((await w.account(kept)).all("memberOf").filter((dn) => dn.includes(group))).toHaveLength(1);
      const { ended } = await w.converge([4]);
      expect(ended.out).toContain(`Could not take ${account.dn} out of CN=${group},${w.groups}: the group does not list it`);
    });
  });
});
