/**
 * What a tenant lives through, with 1,000 people (800 whose accounts come from AD, 200 of the cloud only), by the real command
 * line against the sandbox's Graph. Many independent events share a plan, as they do in life: each `describe` is one run, and
 * what is left of it afterwards is nothing. Rows A1–A4, A9, A26, H10, H11.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/answers.ts";
import { deleteUser } from "../../sandbox/graph/state.ts";
import type { Row } from "../../sandbox/web/json.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { type Ended, real, type World, world } from "./support.ts";

const firstOfCloud = 70_001;
const ofCloud = 200;

describe("1,000 people of a tenant", () => {
  let w: World;
  let nextId = firstOfCloud;
  let hybrids: number[];
  const graph = () => w.sandbox.graph;
  const users = (): Row[] => [...graph().state.users.current.values()];
  const accounts = (key: number): Row[] => users().filter((row) => row["employeeId"] === String(key));
  const account = (key: number): Row => accounts(key)[0] ?? {};
  const id = (key: number): string => String(account(key)["id"]);
  const part = (skuId: string): string => graph().state.skus.find((sku) => sku.id === skuId)?.partNumber ?? skuId;
  const direct = (key: number): string[] => (graph().state.direct.get(id(key)) ?? []).map((one) => part(one.skuId)).sort();
  const used = (sku: string): number => {
    const rows = w.sandbox.snapshot().entra.users as unknown as Record<string, { licences: string[]; inherited: string[] }>;
    return Object.values(rows).filter((row) => [...row.licences, ...row.inherited].some((text) => text.split(" ")[0] === sku)).length;
  };
  const hand = (key: number, set: Row, custom?: Record<string, string>): void =>
    w.sandbox.hand({ halo: { table: "users", id: key, set, ...(custom ? { custom } : {}) } });
  /** Somebody new in Halo whose account is made in Entra ID. */
  const joins = (department = "Finance"): number => {
    const key = nextId++;
    const { users: rows } = w.sandbox.halo.state;
    const like = [...rows.values()].find((row) => Number(row["id"]) === w.sandbox.organisation.people[0]?.id);
    const names = { firstname: "Cloud", surname: `Walker${key}`, name: `Cloud Walker${key}`, title: "Remote Clerk" };
    const none = { phonenumber: "", mobilenumber2: "", login: "", inactive: false, linked_agent_id: 0 };
    rows.set(key, { ...structuredClone(like), ...names, ...none, id: key, emailaddress: `p${key}@corp.example.com` });
    hand(key, {}, { CFManager: "", CFDepartment: department });
    return key;
  };
  const parkedOf = (plan: Plan) => plan.parked.filter((one) => one.reason.startsWith("no seat of SPE_E3")).map((one) => Number(one.key));
  const of = (plan: Plan, key: number) => plan.people.find((one) => one.key === String(key));
  /** Applied once more, all changes nothing. */
  const nothingIsLeft = async (): Promise<void> => {
    const before = w.sandbox.writes();
    const { plan } = await w.plan();
    expect(real(plan)).toEqual([]);
    expect(changeCount(plan)).toBe(0);
    expect(w.sandbox.writes()).toBe(before);
  };

  beforeAll(async () => {
    w = await world({ people: 800 });
    writeFileSync(
      w.stackFile,
      readFileSync(w.stackFile, "utf8").replace(/syncWait"?: 15/u, (found) => found.replace("15", "0")),
    );
    rmSync(join(w.mappings, "halo.yaml"));
    w.edit("ad", (content) => {
      const [line] = content["accounts"] as Row[];
      content["accounts"] = [{ when: { not: { title: { matches: "^Remote" } } }, ...line }];
      content["groups"] = [];
    });
    w.edit("entra", (content) => {
      content["accounts"] = [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }];
      const names = { displayName: "{{ name }}", givenName: "{{ firstname }}", surname: "{{ surname }}", jobTitle: "{{ title }}" };
      content["attributes"] = { staff: { ...names, employeeId: "{{ id }}", usageLocation: "GB" } };
      (content["licences"] as object[]).push({
        sku: "VISIOCLIENT",
        for: { "custom.CFDepartment": "People", title: { matches: "^Remote" } },
      });
      (content["groups"] as object[]).push({
        name: "LIC-Reports",
        members: { title: { matches: "^Remote" } },
        licences: [{ sku: "POWER_BI_STANDARD" }],
      });
    });
    graph().faults.seats = { SPE_E3: 2000, SPE_E5: 500, VISIOCLIENT: 50 };
    for (let index = 0; index < ofCloud; index += 1) joins(["Engineering", "People"][index % 10] ?? "Finance");
    hybrids = w.sandbox.organisation.people.filter((one) => one.situation === "joiner").map((one) => one.id);
    w.sandbox.connect.paused = true;
    // Not `converge`, which would wait for Entra Connect.
    const ended = await w.up(await w.plan());
    expect(ended.code, ended.err).toBe(0);
  });
  afterAll(() => w?.stop());

  describe("200 of the cloud and 12 of AD join, and Entra Connect has not run", () => {
    it("A1 A26: who is of the cloud is there, licensed, in the groups; who comes from AD waits for the sync", async () => {
      const keys = Array.from({ length: ofCloud }, (_, index) => firstOfCloud + index);
      expect(keys.filter((key) => accounts(key).length !== 1)).toEqual([]);
      expect([direct(firstOfCloud), direct(firstOfCloud + 1), direct(firstOfCloud + 2)]).toEqual([
        ["SPE_E5"],
        ["SPE_E3", "VISIOCLIENT"],
        ["SPE_E3"],
      ]);
      expect(hybrids.length).toBeGreaterThan(3);
      for (const key of hybrids) expect(accounts(key)).toEqual([]);
      // Nothing but what waits is left.
      const { plan } = await w.plan();
      expect(plan.people.map((one) => Number(one.key)).sort()).toEqual([...hybrids].sort());
      const waiting = plan.people.flatMap((one) => one.changes).filter((change) => change.type !== "entra:Membership");
      for (const change of waiting) expect(change.pending, change.type).toMatch(/Entra Connect/u);
    });
  });

  describe("a day: the sync ran; movers, leavers, seats short by 7, a SKU retired, a group with licence errors", () => {
    let plan: Plan;
    let who: { [event in "mover" | "cloudMover" | "leaver" | "cloudLeaver"]: number };
    let late: number[];
    let unlucky: number;
    const group = () => [...graph().state.groups.current.values()].find((row) => row["displayName"] === "LIC-Reports");

    beforeAll(async () => {
      w.sandbox.connect.paused = false;
      await w.sandbox.connect.settled();
      const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady").map((one) => one.id);
      const [mover = 0, leaver = 0] = steady.filter((key) => direct(key).includes("SPE_E3"));
      who = { mover, leaver, cloudMover: firstOfCloud + 3, cloudLeaver: firstOfCloud + 4 };
      hand(who.mover, {}, { CFDepartment: "Engineering" });
      hand(who.cloudMover, {}, { CFDepartment: "Engineering" });
      hand(who.leaver, { inactive: true });
      hand(who.cloudLeaver, { inactive: true });
      late = Array.from({ length: 12 }, () => joins());
      unlucky = joins("People");
      const wanted = w.sandbox.organisation.people.filter(
        (one) => hybrids.includes(one.id) && one.post.department !== "Engineering",
      ).length;
      // The four who move or leave give one back each; all but seven of the others find one.
      graph().faults.seats = { ...graph().faults.seats, SPE_E3: used("SPE_E3") - 4 + wanted + late.length + 1 - 7 };
      graph().faults.skuStates = { VISIOCLIENT: "Suspended" };
      w.sandbox.hand({
        graph: { group: "LIC-Reports", licenceErrors: { [String(account(firstOfCloud + 5)["userPrincipalName"])]: "CountViolation" } },
      });
      ({ plan } = await w.converge([4]));
    });

    it("joiner after the sync: the account from AD is taken over, licensed and in its group", () => {
      for (const key of hybrids) {
        expect(account(key), String(key)).toMatchObject({ onPremisesSyncEnabled: true, usageLocation: "GB" });
        expect(
          direct(key).some((sku) => sku.startsWith("SPE_")),
          String(key),
        ).toBe(true);
        expect(graph().state.members.groupsOf(id(key)).length).toBeGreaterThan(0);
      }
    });
    it("A9: movers change licence sets in one call, of AD and of the cloud", () => {
      for (const key of [who.mover, who.cloudMover]) {
        expect(direct(key).filter((sku) => sku.startsWith("SPE_"))).toEqual(["SPE_E5"]);
        const calls = graph().log.filter((entry) => entry.path.endsWith(`/users/${id(key)}/assignLicense`));
        expect(calls.at(-1)?.body).toMatchObject({ addLicenses: [expect.anything()], removeLicenses: [expect.anything()] });
      }
    });
    it("A3: leavers are blocked, of AD by AD, of the cloud here; without licences", () => {
      for (const key of [who.leaver, who.cloudLeaver]) {
        expect(of(plan, key)?.event).toBe("leaver");
        expect(account(key)["accountEnabled"]).toBe(false);
        expect(direct(key).filter((sku) => sku.startsWith("SPE_"))).toEqual([]);
      }
    });
    it("A9: seats short by 7 park exactly seven, and nobody else", () => {
      const none = parkedOf(plan);
      expect(none).toEqual([...late, unlucky].slice(-7));
      expect(plan.licences?.find((row) => row.sku === "SPE_E3")).toMatchObject({ short: 7, released: 4 });
      for (const key of late.slice(0, 6)) expect(direct(key)).toEqual(["SPE_E3"]);
      for (const key of none) expect([accounts(key).length, direct(key)]).toEqual([1, []]);
    });
    it("A9: a retired SKU is taken from nobody and given to nobody", () => {
      const owners = Array.from({ length: ofCloud }, (_, index) => firstOfCloud + index).filter((_, index) => index % 10 === 1);
      for (const key of owners) expect(direct(key)).toContain("VISIOCLIENT");
      expect(direct(unlucky)).not.toContain("VISIOCLIENT");
      expect(plan.licences?.find((row) => row.sku === "VISIOCLIENT")).toMatchObject({ state: "Suspended", short: 1, released: 0 });
    });
    it("A9: whom a group could not give its licence is named with what to do", () => {
      expect(group()?.["assignedLicenses"]).toHaveLength(1);
      expect(plan.notes.join("\n")).toMatch(
        /LIC-Reports cannot give POWER_BI_STANDARD: no seat is free: buy or free some \(CountViolation\)/u,
      );
    });
    it("applied twice, the second changes nothing", nothingIsLeft);
  });

  describe("a bad minute: a throttled tenant, and a token that dies half way; seats were bought, somebody is hired again", () => {
    let plan: Plan;
    let rehired: { key: number; id: string };
    let left: { outer: number; inner: number };
    let tokens: number;
    const changed = Array.from({ length: 80 }, (_, index) => firstOfCloud + 20 + index);

    beforeAll(async () => {
      rehired = { key: firstOfCloud + 4, id: id(firstOfCloud + 4) };
      // Somebody deletes the leaver in the portal; a week later they are back.
      deleteUser(graph().state, rehired.id);
      hand(rehired.key, { inactive: false });
      for (const key of changed) hand(key, { title: "Remote Purser" });
      graph().faults.seats = { SPE_E3: 2000, SPE_E5: 500, VISIOCLIENT: 50 };
      graph().faults.skuStates = {};
      const made = await w.plan();
      ({ plan } = made);
      Object.assign(graph().faults, { throttled: 3, throttledInside: 5, retryAfter: 0.5 });
      const start = graph().log.length;
      const running = w.up(made);
      const written = (): number =>
        graph()
          .log.slice(start)
          .filter((entry) => entry.write && entry.status < 300).length;
      let over = false;
      void running.then(() => {
        over = true;
      });
      while (!over && written() < 20) await pause(20);
      // Taken back from now on, as when an administrator revokes it.
      Object.assign(graph().faults, { challenge: Date.now(), throttled: 2, throttledInside: 5 });
      const ended = await running;
      await w.sandbox.connect.settled();
      expect(ended.code, `${ended.err}\n${ended.out.slice(-2000)}`).toBe(0);
      const since = graph().log.slice(start);
      tokens = since.filter((entry) => entry.path.endsWith("/oauth2/v2.0/token") && entry.status === 200).length;
      expect(since.filter((entry) => entry.status === 401).length, "the token died on the way").toBeGreaterThan(0);
      left = { outer: graph().faults.throttled, inner: graph().faults.throttledInside };
      graph().faults.challenge = 0;
    });

    it("H10: everything is done all the same, after having waited as told and asked for another token", () => {
      expect(left).toEqual({ outer: 0, inner: 0 });
      expect(tokens).toBeGreaterThan(1);
      expect(changed.filter((key) => account(key)["jobTitle"] !== "Remote Purser")).toEqual([]);
      expect(parkedOf(plan)).toEqual([]);
      for (let key = firstOfCloud + ofCloud; key < nextId; key += 1) expect(direct(key)).toContain("SPE_E3");
    });
    it("A2: rehired within 30 days: the deleted account is restored, and has its licences and groups again", () => {
      expect(of(plan, rehired.key)?.event).toBe("rejoiner");
      expect(of(plan, rehired.key)?.changes.map((change) => change.op)).toContain("restore");
      expect(account(rehired.key)).toMatchObject({ id: rehired.id, accountEnabled: true });
      expect(direct(rehired.key)).toEqual(["SPE_E3"]);
      expect(graph().state.members.groupsOf(rehired.id).length).toBe(2);
    });
    it("applied twice, the second changes nothing", nothingIsLeft);
  });

  describe("a permission withdrawn; then given back, while replicas disagree", () => {
    let refused: Ended;
    let roles: string[];
    let came: number[];
    const withdrawn = /^(?:User|LicenseAssignment|User-PasswordProfile)\.ReadWrite\.All$/u;

    beforeAll(async () => {
      const [app] = graph().apps;
      if (!app) throw new Error("the sandbox has an app");
      came = Array.from({ length: 10 }, () => joins());
      hand(firstOfCloud + 7, { title: "Remote Bosun" });
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
      for (const key of came) expect(accounts(key)).toEqual([]);
      expect(account(firstOfCloud + 7)["jobTitle"]).toBe("Remote Clerk");
    });
    it("given back, it converges, each account made once, though every second answer does not know of it for a while", async () => {
      graph().faults.replicas = 3000;
      await w.converge([0, 2, 4]);
      graph().faults.replicas = 0;
      await w.converge();
      for (const key of came) expect([accounts(key).length, direct(key)], String(key)).toEqual([1, ["SPE_E3"]]);
      expect(account(firstOfCloud + 7)["jobTitle"]).toBe("Remote Bosun");
    });
    it("applied twice, the second changes nothing", nothingIsLeft);
  });

  describe("a delta link expired", () => {
    const drift = async (): Promise<Drift> => {
      const ended = await w.run(["drift", "--since", "last", "--systems", "entra", "--json"]);
      expect([0, 2], ended.err).toContain(ended.code);
      return JSON.parse(ended.out) as Drift;
    };

    it("H11: what changed by hand is found by a full read, with a word on why; put right, nothing is left", async () => {
      await drift();
      const touched = account(firstOfCloud + 8);
      w.sandbox.hand({ graph: { user: String(touched["userPrincipalName"]), set: { jobTitle: "Pirate" } } });
      graph().faults.deltaExpired = "gone";
      const { found, since } = await drift();
      graph().faults.deltaExpired = "";
      expect(since?.notes.join("\n")).toMatch(/is lost .*Everything in Entra ID was read instead/u);
      expect(found).toEqual([
        expect.objectContaining({ type: "entra:User", fields: [{ path: "attributes.jobTitle", wanted: "Remote Clerk", found: "Pirate" }] }),
      ]);
      await w.converge();
      expect(account(firstOfCloud + 8)["jobTitle"]).toBe("Remote Clerk");
      await nothingIsLeft();
      expect(w.sandbox.violations()).toEqual([]);
    });
  });
});
