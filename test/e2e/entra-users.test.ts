/**
 * Accounts that are made in Entra ID, by the real command line and engine: people without an AD account come, change, leave both
 * ways, are deleted and come back; one person whose account comes from AD is there before and after Entra Connect ran. Each
 * step is applied twice: the second changes nothing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { managerKey, passwordKey } from "../../sandbox/graph/accounts.ts";
import type { Row } from "../../sandbox/web/json.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

const day = 24 * 60 * 60 * 1000;

describe("people of the cloud", () => {
  let w: World;
  const begun = Date.now();
  const setClock = (days: number): void => void (w.env["HALOFORM_NOW"] = new Date(begun + days * day).toISOString());
  let ada = 0;
  let bob = 0;
  let hybrid = 0;
  const users = (): Row[] => [...w.sandbox.graph.state.users.current.values()];
  const of = (key: number): Row => users().find((row) => row["employeeId"] === String(key)) ?? {};
  const hand = (id: number, set: Row): void => w.sandbox.hand({ halo: { table: "users", id, set } });
  const step = async () => {
    const { plan } = await w.converge();
    const again = await w.plan();
    expect(real(again.plan)).toEqual([]);
    expect(changeCount(again.plan)).toBe(0);
    const mine = (key: number) => real(plan).filter((one) => one.who === String(key));
    return { plan, mine };
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    const joiners = w.sandbox.organisation.people.filter((one) => one.situation === "joiner").map((one) => one.id);
    [ada = 0, bob = 0, hybrid = 0] = joiners;
    const cloud = joiners.filter((id) => id !== hybrid);
    writeFileSync(
      w.stackFile,
      readFileSync(w.stackFile, "utf8").replace(/syncWait"?: 15/u, (found) => found.replace("15", "0")),
    );
    w.edit("ad", (content) => {
      const [line] = (content["accounts"] as { first: Row[] }).first;
      content["accounts"] = { first: [{ for: { not: { person: cloud } }, ...line }] };
    });
    w.edit("entra", (content) => {
      content["accounts"] = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
      content["attributes"] = {
        staff: {
          ...{ displayName: "{{ name }}", givenName: "{{ firstname }}", surname: "{{ surname }}", jobTitle: "{{ title }}" },
          ...{ employeeId: "{{ id }}", usageLocation: "GB", manager: { person: "{{ custom.CFManager }}" } },
        },
      };
    });
    w.edit("safety", (content) => {
      content["leaver"] = { when: ["inactive", "absent"], delete: "after 90 days" };
      (content["limits"] as Row)["deleted"] = { most: 10_000 };
    });
    setClock(0);
  }, 60_000);
  afterAll(() => w.stop());

  it("A1 A26: an account, its licence, group and manager at once; who comes from AD waits for Entra Connect", async () => {
    w.sandbox.connect.paused = true;
    const made = await w.plan();
    const changes = made.plan.people.find((one) => one.key === String(ada));
    expect(changes?.event).toBe("joiner");
    expect(changes?.changes.map((one) => [one.type, one.op, one.pending])).toEqual(
      expect.arrayContaining([
        ["entra:User", "create", undefined],
        ["entra:Licence", "create", undefined],
      ]),
    );
    const waits = made.plan.people.find((one) => one.key === String(hybrid))?.changes.find((one) => one.type === "entra:User");
    expect(waits?.pending).toMatch(/Entra Connect/u);
    const done = await w.up(made);
    expect([0, 2]).toContain(done.code);
    expect(of(ada)).toMatchObject({ accountEnabled: true, usageLocation: "GB" });
    expect(String(of(ada)[passwordKey]).length).toBeGreaterThan(11);
    expect(String(of(ada)[managerKey])).toMatch(/^[\da-f-]{36}$/u);
    const { state } = w.sandbox.graph;
    expect(state.direct.get(String(of(ada)["id"]))?.length).toBe(1);
    expect(state.members.groupsOf(String(of(ada)["id"])).length).toBe(1);
    expect(of(hybrid)["id"]).toBeUndefined();
    w.sandbox.connect.paused = false;
    await w.sandbox.connect.settled();
  });

  it("A4: changes go to Graph for whom the cloud masters, and to AD for whom AD masters", async () => {
    hand(ada, { title: "Captain" });
    hand(hybrid, { title: "Captain" });
    const password = of(ada)[passwordKey];
    const { mine } = await step();
    expect(mine(ada)).toEqual([expect.objectContaining({ type: "entra:User", op: "update", fields: ["attributes.jobTitle"] })]);
    expect(of(ada)).toMatchObject({ jobTitle: "Captain", [passwordKey]: password });
    expect(mine(hybrid).find((one) => one.type === "ad:User")?.fields).toEqual(["attributes.title"]);
    expect(of(hybrid)).toMatchObject({ usageLocation: "GB", onPremisesSyncEnabled: true, jobTitle: "Captain" });
  });

  it("A13: a new password and a pass, given by hand to the account of the cloud, and nothing else of it is written", async () => {
    const password = (...args: string[]) => w.run(["password", ...args, "--config-file", w.stackFile, "--mappings", w.mappings]);
    const nobody = await password("reset", String(ada), "--entra", "--yes");
    expect([nobody.code, nobody.err]).toEqual([
      3,
      expect.stringMatching(/nobody would get to know the new one; set passwords\.handover in mappings\/entra\.yaml/u),
    ]);

    w.edit("entra", (content) => {
      content["passwords"] = { handover: "output", length: 24 };
    });
    w.env["PULUMI_CONFIG_PASSPHRASE"] = "Stack passphrase of a test";
    const [before, writes] = [of(ada), w.sandbox.writes()];
    const reset = await password("reset", String(ada), "--entra", "--yes");
    expect([reset.code, reset.err]).toEqual([0, expect.any(String)]);
    expect(reset.out).toContain(`haloform password show ${ada} --entra`);
    const given = String(of(ada)[passwordKey]);
    expect(given).toHaveLength(24);
    expect(given).not.toBe(before[passwordKey]);
    expect(of(ada)["signInSessionsValidFromDateTime"]).not.toBe(before["signInSessionsValidFromDateTime"]);
    expect(w.sandbox.writes() - writes).toBe(2);
    expect(reset.out + reset.err).not.toContain(given);
    const list = JSON.parse((await password("list", "--json")).out) as { waiting: { key: string; system: string; why: string }[] };
    expect(list.waiting).toEqual([expect.objectContaining({ key: String(ada), system: "entra", why: "reset" })]);
    expect(await password("show", String(ada), "--entra")).toMatchObject({ code: 0, out: `${given}\n` });
    expect((await password("show", String(ada), "--entra")).code).toBe(1);

    const pass = await password("reset", String(ada), "--temporary-access-pass", "30", "--yes");
    expect([pass.code, pass.err]).toEqual([0, expect.stringMatching(/for one sign-in within 30 minutes/u)]);
    expect(pass.out).toMatch(/^\S{8,}\n$/u);
    expect(of(ada)[passwordKey]).toBe(given);
    const ofAd = await password("reset", String(hybrid), "--entra", "--yes");
    expect([ofAd.code, ofAd.err]).toEqual([expect.any(Number), expect.stringMatching(/comes from Active Directory; reset it there/u)]);
    expect(ofAd.code).not.toBe(0);
  });

  it("A3 A27: blocked with their sessions ended, without licences and groups, inactive in Halo or gone from it", async () => {
    hand(ada, { inactive: true });
    w.sandbox.hand({ halo: { table: "users", id: bob, delete: true } });
    const { mine } = await step();
    for (const key of [ada, bob]) {
      expect(mine(key).find((one) => one.type === "entra:User")).toMatchObject({ op: "disable", fields: ["enabled", "sessions"] });
      expect(of(key)["accountEnabled"]).toBe(false);
      expect(of(key)["signInSessionsValidFromDateTime"]).toBeDefined();
      const { state } = w.sandbox.graph;
      expect(state.direct.get(String(of(key)["id"]))).toEqual([]);
      expect(state.members.groupsOf(String(of(key)["id"]))).toEqual([]);
    }
  });

  let id = "";
  it("A2: deleted on its day, and kept by Entra ID", async () => {
    id = String(of(ada)["id"]);
    setClock(91);
    const { plan, mine } = await step();
    expect(mine(ada)).toEqual([expect.objectContaining({ type: "entra:User", op: "delete", fields: ["deleted"] })]);
    expect(plan.summary.losses.deleted).toBeGreaterThan(1);
    expect(of(ada)["id"]).toBeUndefined();
    expect(w.sandbox.graph.state.deleted.has(id)).toBe(true);
  });

  it("A2: rehired within 30 days: the same account is restored, with its licence and groups", async () => {
    hand(ada, { inactive: false });
    const { plan, mine } = await step();
    expect(plan.people.find((one) => one.key === String(ada))?.event).toBe("rejoiner");
    expect(mine(ada)[0]).toMatchObject({ type: "entra:User", op: "restore" });
    expect(of(ada)).toMatchObject({ id, accountEnabled: true, jobTitle: "Captain" });
    expect(w.sandbox.graph.state.direct.get(id)?.length).toBe(1);
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("why names the template of a value", async () => {
    const why = await w.run(["why", String(ada), "jobTitle"]);
    expect(why.out).toMatch(/jobTitle/u);
    expect(why.out).toMatch(/entra\.yaml:\d+/u);
  });
});
