/** A leaver's stages by the real command line and engine: A2 deleted, A3 disabled, A18 Lync off, moved, and brought back. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

const day = 24 * 60 * 60 * 1000;
const leavers = "OU=Leavers,OU=Staff,DC=corp,DC=example,DC=com";

describe("somebody leaves, stage by stage, and comes back", () => {
  let w: World;
  const begun = Date.now();
  /** Sets the clock of the next commands (HALOFORM_NOW), so many days on. */
  const setClock = (days: number): string => {
    w.env["HALOFORM_NOW"] = new Date(begun + days * day).toISOString();
    return w.env["HALOFORM_NOW"].slice(0, 10);
  };
  let id = 0;
  const account = (): ReturnType<World["sandbox"]["ad"]["entries"]["get"]> =>
    w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(id))[0];
  const inactive = (value: boolean): void => w.sandbox.hand({ halo: { table: "users", id, set: { inactive: value } } });
  /** A preview and an up; a second preview has nothing to change. */
  const twice = async () => {
    const { plan } = await w.converge();
    const again = await w.plan();
    expect(real(again.plan)).toEqual([]);
    expect(changeCount(again.plan)).toBe(0);
    return { plan, mine: real(plan).filter((one) => one.who === String(id)), notes: again.plan.notes };
  };

  beforeAll(async () => {
    w = await world();
    w.edit("safety", (content) => {
      content["leaver"] = {
        when: ["inactive", "absent"],
        disable: "at once",
        strip: "after 7 days",
        move: { to: leavers, after: "at once" },
        lync: "off",
        delete: "after 90 days",
      };
      (content["limits"] as Record<string, unknown>)["deleted"] = { most: 10_000 };
    });
    setClock(0);
    await w.converge();
    const steady = w.sandbox.organisation.people.find(
      (one) =>
        one.situation === "steady" &&
        w.sandbox.ad.entries.list(
          (entry) => entry.text("employeeNumber") === String(one.id) && entry.enabled && entry.values("memberOf").length > 1,
        ).length === 1,
    );
    if (!steady) throw new Error("Nobody is steady.");
    id = steady.id;
    const dn = account()?.dn ?? "";
    w.sandbox.hand({ ad: { dn, replace: { "msRTCSIP-UserEnabled": true } } });
  }, 120_000);
  afterAll(() => w.stop());

  it("A3 A18: disabled, moved aside and without Lync at once; the groups stay until their day, and the plan says when what comes", async () => {
    inactive(true);
    const { mine, notes } = await twice();
    expect(mine).toEqual([{ who: String(id), type: "ad:User", op: "disable", fields: expect.arrayContaining(["enabled", "path"]) }]);
    expect(account()?.dn).toMatch(/,OU=Leavers,/u);
    expect(account()?.enabled).toBe(false);
    expect(account()?.text("msRTCSIP-UserEnabled")).toBe("FALSE");
    expect(account()?.values("memberOf").length).toBeGreaterThan(0);
    const note = notes.find((one) => one.includes(`(${id})`));
    expect(note).toContain(`stripped of groups and licences on ${new Date(begun + 7 * day).toISOString().slice(0, 10)}`);
    expect(note).toContain(`deleted on ${new Date(begun + 90 * day).toISOString().slice(0, 10)}`);
  });

  it("stripped on the seventh day", async () => {
    setClock(8);
    const { plan, mine } = await twice();
    expect(mine.every((one) => one.type.endsWith(":Membership") || one.op === "strip")).toBe(true);
    expect(mine.length).toBeGreaterThan(0);
    expect(plan.notes[0]).toContain("HALOFORM_NOW");
    expect(account()?.values("memberOf")).toEqual([]);
  });

  let guid = "";
  it("A2: deleted on the ninetieth day after a snapshot; the limit counts it; the second run changes nothing", async () => {
    guid = account()?.guid ?? "";
    setClock(91);
    w.edit("safety", (content) => {
      (content["limits"] as Record<string, unknown>)["deleted"] = { most: 0, below: 0 };
    });
    const refused = await w.plan("too-many", [3]);
    expect(refused.plan.guard.breaches.join()).toMatch(
      /\d+ accounts? would be deleted in 24 hours; the limit is 0 .*limits\.deleted\.most/u,
    );
    w.edit("safety", (content) => {
      (content["limits"] as Record<string, unknown>)["deleted"] = { most: 10_000 };
    });
    const { plan, mine } = await twice();
    expect(mine.map((one) => [one.type, one.op, one.fields])).toEqual([["ad:User", "delete", ["deleted"]]]);
    expect(plan.summary.losses.deleted).toBeGreaterThan(0);
    expect(account()).toBeUndefined();
    const folder = join(w.home, "deleted");
    expect(existsSync(folder)).toBe(true);
    const file = readdirSync(folder).find((name) => name.includes(guid)) ?? "";
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it("rehired: the same account is restored, with attributes, groups, Lync and its old id; the second run changes nothing", async () => {
    setClock(95);
    inactive(false);
    const { plan, mine } = await twice();
    expect(plan.people.find((one) => one.key === String(id))?.event).toBe("rejoiner");
    expect(mine[0]).toMatchObject({ type: "ad:User", op: "restore" });
    expect(account()?.guid).toBe(guid);
    expect(account()?.enabled).toBe(true);
    expect(account()?.dn).not.toMatch(/Leavers/u);
    expect(account()?.text("msRTCSIP-UserEnabled")).toBe("TRUE");
    expect(account()?.values("memberOf").length).toBeGreaterThan(0);
    expect(account()?.text("adminDescription")).toBeUndefined();
  });

  it("deleted by hand, active in Halo: restored, not made anew", async () => {
    w.sandbox.hand({ ad: { dn: account()?.dn ?? "", delete: true } });
    const { mine } = await twice();
    expect(mine[0]).toMatchObject({ type: "ad:User", op: "restore" });
    expect(account()?.guid).toBe(guid);
  });

  it("a plan made for another day is not applied to the present", async () => {
    setClock(200);
    const made = await w.plan("future");
    delete w.env["HALOFORM_NOW"];
    const ended = await w.up(made);
    expect(ended.code).toBe(3);
    expect(ended.err).toMatch(/which has not come yet/u);
  });
});
