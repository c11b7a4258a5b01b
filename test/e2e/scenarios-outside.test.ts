/** What others do to the directory, and a domain controller that stops half way, on a real one (Samba). Rows A6, A7, A8. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Thing } from "../samba/hand.ts";
import { sambaMissing } from "../samba/samba.ts";
import { enabled, people, type Scenario, scenario } from "./scenario.ts";

const missing = sambaMissing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(missing !== undefined)(`${people} people on a real domain controller, from outside`, () => {
  let w: Scenario;
  beforeAll(async () => {
    w = await scenario();
    await w.hand.add(`OU=Old,${w.samba.base}`, { objectClass: "organizationalUnit" });
    await w.converge();
  });
  afterAll(() => w?.stop());

  describe("a night of changes by hand", () => {
    let found: Drift["found"];
    let plan: Plan;
    let before: Map<string, Thing>;
    let group: string;
    let who: { titled: Person; ejected: Person; intruder: Person; disabled: Person; moved: Person };

    beforeAll(async () => {
      before = await w.accounts();
      who = {
        titled: w.someone((one) => one.post.site === "Main"),
        ejected: w.someone((one) => one.post.department === "Engineering"),
        intruder: w.someone((one) => one.post.department === "Sales"),
        disabled: w.someone((one) => one.post.site === "Main"),
        moved: w.someone((one) => one.post.site === "Main"),
      };
      const dn = (person: Person): string => before.get(String(person.id))?.dn ?? "";
      await w.hand.replace(dn(who.titled), "title", "Acting Captain");
      const change = (op: "add" | "delete", person: Person): Promise<void> =>
        w.hand.change(`CN=GG-Engineering,${w.groups}`, op, "member", dn(person));
      await change("delete", who.ejected);
      await change("add", who.intruder);
      await w.hand.replace(dn(who.disabled), "userAccountControl", "514");
      await w.hand.move(dn(who.moved), `CN=Moved by hand,OU=Old,${w.samba.base}`);
      group = (await w.hand.at(`CN=GG-Finance,${w.groups}`)).guid;
      await w.hand.delete(`CN=GG-Finance,${w.groups}`);
      await w.hand.move(`OU=Lab,${w.staff}`, `OU=Laboratory,${w.staff}`);
      const drift = await w.run(["drift", "--json"]);
      expect(drift.code, drift.err).toBe(2);
      ({ found } = JSON.parse(drift.out) as Drift);
      ({ plan } = await w.converge());
    });

    it("drift found: each change, and only these", () => {
      const at = (person: Person) => found.find((one) => one.resource.endsWith(`-${person.id}`) || one.resource === String(person.id));
      expect(at(who.titled)?.fields).toEqual([{ path: "attributes.title", wanted: who.titled.post.title, found: "Acting Captain" }]);
      expect(at(who.disabled)?.fields).toEqual([{ path: "enabled", wanted: true, found: false }]);
      expect(found.find((one) => one.label === "GG-Finance")?.gone).toBe(true);
      expect(found.find((one) => one.label === "GG-Engineering")?.fields.map((field) => field.path)).toHaveLength(2);
      const lab = w.people.filter((one) => one.post.site === "Lab").length;
      // the few above, everybody in the renamed OU, the OU itself and nothing else
      expect(found.length).toBeLessThanOrEqual(lab + 8);
    });
    it("state re-asserted: attributes, members, enabled, place and name as they should be", async () => {
      const now = await w.accounts();
      for (const person of Object.values(who)) {
        const [then, account] = [before.get(String(person.id)), now.get(String(person.id))];
        expect(account?.dn, person.name).toBe(then?.dn);
        expect(account?.guid).toBe(then?.guid);
        expect(account?.text("title")).toBe(person.post.title);
        expect(account && enabled(account)).toBe(true);
        expect(account?.all("memberOf").sort(), person.name).toEqual(then?.all("memberOf").sort());
      }
    });
    it("A7 an OU renamed outside is called what it was, with everybody in it", async () => {
      expect(await w.hand.find(`OU=Laboratory,${w.staff}`)).toBeUndefined();
      for (const [key, account] of await w.accounts()) expect(account.dn).toBe(before.get(key)?.dn);
    });
    it("A6 a group deleted outside is made again with its members", async () => {
      const now = await w.hand.at(`CN=GG-Finance,${w.groups}`);
      expect(now.guid).not.toBe(group);
      const wished = [...before.values()].filter((one) => one.all("memberOf").some((dn) => dn.startsWith("CN=GG-Finance,")));
      expect(now.all("member").sort()).toEqual(wished.map((one) => one.dn).sort());
      expect(wished.length).toBeGreaterThan(10);
      expect(plan.shared.some((change) => change.type === "ad:Group" && change.op === "create")).toBe(true);
    });
    it("applied twice, the second changes nothing", () => w.settled());
  });

  describe("a controller stopped half way through up", () => {
    const joiners = Array.from({ length: 12 }, (_, index) => 80_001 + index);
    let result: { code: number | null; err: string; out: string };
    let done: number;
    beforeAll(async () => {
      for (const id of joiners)
        w.joins(id, { firstname: "Late", surname: `Comer${id}`, site_id: 18, title: "Deckhand" }, { CFDepartment: "Operations" });
      w.edit("ad", (content) => {
        (content["attributes"] as { staff: { company: string } }).staff.company = "{{ client_name }} Ltd";
      });
      const { plan, folder } = await w.plan();
      const running = w.begin(["up", "--plan", folder, "--approve", plan.digest]).over;
      let over = false;
      void running.then(() => {
        over = true;
      });
      for (done = 0; done < people / 10 && !over; )
        done = [...(await w.accounts()).values()].filter((one) => one.text("company")?.endsWith("Ltd")).length;
      await w.samba.halt();
      result = await running;
      await w.samba.start();
    });

    it("ends with 1 and says in one line what to do", () => {
      expect(result.code, result.err).toBe(1);
      expect(done).toBeLessThan(people - 20);
      const last = result.err.trim().split("\n").at(-1) ?? "";
      expect(last).toMatch(/Could not|No domain controller/u);
      expect(last).toMatch(/again|next run|firewall/u);
    });
    it("leaves no half-made account enabled", async () => {
      for (const [, account] of await w.accounts())
        if (account.text("adminDescription")?.startsWith("haloform")) expect(enabled(account), account.dn).toBe(false);
    });
    it("goes on with the next run: everything once", async () => {
      await w.converge();
      const accounts = await w.accounts();
      for (const id of joiners) {
        const account = accounts.get(String(id));
        expect(account && enabled(account), String(id)).toBe(true);
        expect(account?.text("adminDescription")).toBeUndefined();
      }
      for (const account of accounts.values()) if (enabled(account)) expect(account.text("company"), account.dn).toMatch(/ Ltd$/u);
    });
    it("applied twice, the second changes nothing", () => w.settled());
  });
});
