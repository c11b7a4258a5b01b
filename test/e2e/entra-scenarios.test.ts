/**
 * What a tenant lives through, by the command line against the sandbox's Graph. Many independent events share a plan, as they do
 * in life: each `describe` is one run, and what is left of it afterwards is nothing. Rows A1–A4, A9, A26, H10, H11.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import { deleteUser } from "../../sandbox/graph/state.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Ended } from "./support.ts";
import { firstOfCloud, ofCloud, ofDirectory, type Tenant, tenant } from "./tenant.ts";

describe(`${ofDirectory + ofCloud} people of a tenant`, () => {
  let w: Tenant;
  const parkedOf = (plan: Plan) => plan.parked.filter((one) => one.reason.startsWith("no seat of SPE_E3")).map((one) => Number(one.key));
  const of = (plan: Plan, key: number) => plan.people.find((one) => one.key === String(key));

  beforeAll(async () => {
    w = await tenant();
    // Not `converge`, which would wait for Entra Connect.
    const ended = await w.up(await w.plan());
    expect(ended.code, ended.err).toBe(0);
  });
  afterAll(() => w?.stop());

  describe("people of the cloud and of AD join, and Entra Connect has not run", () => {
    it("A1 A26: who is of the cloud is there, licensed, in the groups; who comes from AD waits for the sync", async () => {
      const keys = Array.from({ length: ofCloud }, (_, index) => firstOfCloud + index);
      expect(keys.filter((key) => w.accounts(key).length !== 1)).toEqual([]);
      expect([w.direct(firstOfCloud), w.direct(firstOfCloud + 1), w.direct(firstOfCloud + 2)]).toEqual([
        ["SPE_E5"],
        ["SPE_E3", "VISIOCLIENT"],
        ["SPE_E3"],
      ]);
      expect(w.hybrids.length).toBeGreaterThan(3);
      for (const key of w.hybrids) expect(w.accounts(key)).toEqual([]);
      // Nothing but what waits is left.
      const { plan } = await w.plan();
      expect(plan.people.map((one) => Number(one.key)).sort()).toEqual([...w.hybrids].sort());
      const waiting = plan.people.flatMap((one) => one.changes).filter((change) => change.type !== "entra:Membership");
      for (const change of waiting) expect(change.pending, change.type).toMatch(/Entra Connect/u);
    });
  });

  describe("a day: the sync ran; movers, leavers, seats short by 7, a SKU retired, a group with licence errors", () => {
    let plan: Plan;
    let who: { [event in "mover" | "cloudMover" | "leaver" | "cloudLeaver"]: number };
    let late: number[];
    let unlucky: number;
    const group = () => [...w.graph().state.groups.current.values()].find((row) => row["displayName"] === "LIC-Reports");

    beforeAll(async () => {
      w.sandbox.connect.paused = false;
      await w.sandbox.connect.settled();
      const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady").map((one) => one.id);
      const [mover = 0, leaver = 0] = steady.filter((key) => w.direct(key).includes("SPE_E3"));
      who = { mover, leaver, cloudMover: firstOfCloud + 3, cloudLeaver: firstOfCloud + 4 };
      w.change(who.mover, {}, { CFDepartment: "Engineering" });
      w.change(who.cloudMover, {}, { CFDepartment: "Engineering" });
      w.change(who.leaver, { inactive: true });
      w.change(who.cloudLeaver, { inactive: true });
      late = Array.from({ length: 12 }, () => w.joins());
      unlucky = w.joins("People");
      const wanted = w.sandbox.organisation.people.filter(
        (one) => w.hybrids.includes(one.id) && one.post.department !== "Engineering",
      ).length;
      // The four who move or leave give one back each; all but seven of the others find one.
      w.graph().faults.seats = { ...w.graph().faults.seats, SPE_E3: w.used("SPE_E3") - 4 + wanted + late.length + 1 - 7 };
      w.graph().faults.skuStates = { VISIOCLIENT: "Suspended" };
      w.sandbox.hand({
        graph: { group: "LIC-Reports", licenceErrors: { [String(w.account(firstOfCloud + 5)["userPrincipalName"])]: "CountViolation" } },
      });
      ({ plan } = await w.converge([4]));
    });

    it("joiner after the sync: the account from AD is taken over, licensed and in its group", () => {
      for (const key of w.hybrids) {
        expect(w.account(key), String(key)).toMatchObject({ onPremisesSyncEnabled: true, usageLocation: "GB" });
        expect(
          w.direct(key).some((sku) => sku.startsWith("SPE_")),
          String(key),
        ).toBe(true);
        expect(w.graph().state.members.groupsOf(w.id(key)).length).toBeGreaterThan(0);
      }
    });
    it("A9: movers change licence sets in one call, of AD and of the cloud", () => {
      for (const key of [who.mover, who.cloudMover]) {
        expect(w.direct(key).filter((sku) => sku.startsWith("SPE_"))).toEqual(["SPE_E5"]);
        const calls = w.graph().log.filter((entry) => entry.path.endsWith(`/users/${w.id(key)}/assignLicense`));
        expect(calls.at(-1)?.body).toMatchObject({ addLicenses: [expect.anything()], removeLicenses: [expect.anything()] });
      }
    });
    it("A3: leavers are blocked, of AD by AD, of the cloud here; without licences", () => {
      for (const key of [who.leaver, who.cloudLeaver]) {
        expect(of(plan, key)?.event).toBe("leaver");
        expect(w.account(key)["accountEnabled"]).toBe(false);
        expect(w.direct(key).filter((sku) => sku.startsWith("SPE_"))).toEqual([]);
      }
    });
    it("A9: seats short by 7 park exactly seven, and nobody else", () => {
      const none = parkedOf(plan);
      expect(none).toEqual([...late, unlucky].slice(-7));
      expect(plan.licences?.find((row) => row.sku === "SPE_E3")).toMatchObject({ short: 7, released: 4 });
      for (const key of late.slice(0, 6)) expect(w.direct(key)).toEqual(["SPE_E3"]);
      for (const key of none) expect([w.accounts(key).length, w.direct(key)]).toEqual([1, []]);
    });
    it("A9: a retired SKU is taken from nobody and given to nobody", () => {
      const owners = Array.from({ length: ofCloud }, (_, index) => firstOfCloud + index).filter((_, index) => index % 10 === 1);
      for (const key of owners) expect(w.direct(key)).toContain("VISIOCLIENT");
      expect(w.direct(unlucky)).not.toContain("VISIOCLIENT");
      expect(plan.licences?.find((row) => row.sku === "VISIOCLIENT")).toMatchObject({ state: "Suspended", short: 1, released: 0 });
    });
    it("A9: whom a group could not give its licence is named with what to do", () => {
      expect(group()?.["assignedLicenses"]).toHaveLength(1);
      expect(plan.notes.join("\n")).toMatch(
        /LIC-Reports cannot give POWER_BI_STANDARD: no seat is free: buy or free some \(CountViolation\)/u,
      );
    });
    it("applied twice, the second changes nothing", () => w.nothingIsLeft());
  });

  describe("a bad minute: a throttled tenant, and a token that dies half way; seats were bought, somebody is hired again", () => {
    let plan: Plan;
    let rehired: { key: number; id: string };
    let left: { outer: number; inner: number };
    let tokens: number;
    const changed = Array.from({ length: Math.min(80, ofCloud - 20) }, (_, index) => firstOfCloud + 20 + index);

    beforeAll(async () => {
      rehired = { key: firstOfCloud + 4, id: w.id(firstOfCloud + 4) };
      // Somebody deletes the leaver in the portal; a week later they are back.
      deleteUser(w.graph().state, rehired.id);
      w.change(rehired.key, { inactive: false });
      for (const key of changed) w.change(key, { title: "Remote Purser" });
      w.graph().faults.seats = { SPE_E3: 2000, SPE_E5: 500, VISIOCLIENT: 50 };
      w.graph().faults.skuStates = {};
      const made = await w.plan();
      ({ plan } = made);
      Object.assign(w.graph().faults, { throttled: 3, throttledInside: 5, retryAfter: 0.5 });
      const start = w.graph().log.length;
      const running = w.up(made);
      const written = (): number =>
        w
          .graph()
          .log.slice(start)
          .filter((entry) => entry.write && entry.status < 300).length;
      let over = false;
      void running.then(() => {
        over = true;
      });
      while (!over && written() < 20) await pause(20);
      // Taken back from now on, as when an administrator revokes it.
      Object.assign(w.graph().faults, { challenge: Date.now(), throttled: 2, throttledInside: 5 });
      const ended = await running;
      await w.sandbox.connect.settled();
      expect(ended.code, `${ended.err}\n${ended.out.slice(-2000)}`).toBe(0);
      const since = w.graph().log.slice(start);
      tokens = since.filter((entry) => entry.path.endsWith("/oauth2/v2.0/token") && entry.status === 200).length;
      expect(since.filter((entry) => entry.status === 401).length, "the token died on the way").toBeGreaterThan(0);
      left = { outer: w.graph().faults.throttled, inner: w.graph().faults.throttledInside };
      w.graph().faults.challenge = 0;
    });

    it("H10: everything is done all the same, after having waited as told and asked for another token", () => {
      expect(left).toEqual({ outer: 0, inner: 0 });
      expect(tokens).toBeGreaterThan(1);
      expect(changed.filter((key) => w.account(key)["jobTitle"] !== "Remote Purser")).toEqual([]);
      expect(parkedOf(plan)).toEqual([]);
      for (let key = firstOfCloud + ofCloud; key < w.nextId(); key += 1) expect(w.direct(key)).toContain("SPE_E3");
    });
    it("A2: rehired within 30 days: the deleted account is restored, and has its licences and groups again", () => {
      expect(of(plan, rehired.key)?.event).toBe("rejoiner");
      expect(of(plan, rehired.key)?.changes.map((change) => change.op)).toContain("restore");
      expect(w.account(rehired.key)).toMatchObject({ id: rehired.id, accountEnabled: true });
      expect(w.direct(rehired.key)).toEqual(["SPE_E3"]);
      expect(w.graph().state.members.groupsOf(rehired.id).length).toBe(2);
    });
    it("applied twice, the second changes nothing", () => w.nothingIsLeft());
  });

  describe("a permission withdrawn; then given back, while replicas disagree", () => {
    let refused: Ended;
    let roles: string[];
    let came: number[];
    const withdrawn = /^(?:User|LicenseAssignment|User-PasswordProfile)\.ReadWrite\.All$/u;

    beforeAll(async () => {
      const [app] = w.graph().apps;
      if (!app) throw new Error("the sandbox has an app");
      came = Array.from({ length: 10 }, () => w.joins());
      w.change(firstOfCloud + 7, { title: "Remote Bosun" });
      const made = await w.plan();
      roles = [...app.roles];
      app.roles = [...roles.filter((role) => !withdrawn.test(role)), "User.Read.All", "LicenseAssignment.Read.All"];
      refused = await w.up(made);
      app.roles = roles;
    });

    it("says in one line a person what was refused and which permission it needs; nothing was written", () => {
      expect([1, 4]).toContain(refused.code);
      const said = `${refused.out}\n${refused.err}`.split("\n").filter((line) => /User\.ReadWrite\.All/u.test(line));
      expect(said.length, `${refused.out}\n${refused.err}`).toBeGreaterThan(0);
      expect(said.length).toBeLessThanOrEqual(2 * (came.length + 1));
      for (const key of came) expect(w.accounts(key)).toEqual([]);
      expect(w.account(firstOfCloud + 7)["jobTitle"]).toBe("Remote Clerk");
    });
    it("given back, it converges, each account made once, though every second answer does not know of it for a while", async () => {
      // What has just been written is seen by all: else the plan would be stale by the time it is applied, as it should be.
      await pause(3000);
      w.graph().faults.replicas = 3000;
      await w.converge([0, 2, 4]);
      w.graph().faults.replicas = 0;
      await w.converge();
      for (const key of came) expect([w.accounts(key).length, w.direct(key)], String(key)).toEqual([1, ["SPE_E3"]]);
      expect(w.account(firstOfCloud + 7)["jobTitle"]).toBe("Remote Bosun");
    });
    it("applied twice, the second changes nothing", () => w.nothingIsLeft());
  });

  describe("a delta link expired", () => {
    const drift = async (): Promise<Drift> => {
      const ended = await w.run(["drift", "--since", "last", "--systems", "entra", "--json"]);
      expect([0, 2], ended.err).toContain(ended.code);
      return JSON.parse(ended.out) as Drift;
    };

    it("H11: what changed by hand is found by a full read, with a word on why; put right, nothing is left", async () => {
      await drift();
      const touched = w.account(firstOfCloud + 8);
      w.sandbox.hand({ graph: { user: String(touched["userPrincipalName"]), set: { jobTitle: "Pirate" } } });
      w.graph().faults.deltaExpired = "gone";
      const { found, since } = await drift();
      w.graph().faults.deltaExpired = "";
      expect(since?.notes.join("\n")).toMatch(/is lost .*Everything in Entra ID was read instead/u);
      expect(found).toEqual([
        expect.objectContaining({ type: "entra:User", fields: [{ path: "attributes.jobTitle", wanted: "Remote Clerk", found: "Pirate" }] }),
      ]);
      await w.converge();
      expect(w.account(firstOfCloud + 8)["jobTitle"]).toBe("Remote Clerk");
      await w.nothingIsLeft();
      expect(w.sandbox.violations()).toEqual([]);
    });
  });
});
