/** A9, H13: licences over a whole plan, by the real command line against the sandbox: seats, swaps, retired SKUs, groups, Halo's list of them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { type World, world } from "./support.ts";

let w: World;
beforeAll(async () => {
  w = await world();
  w.edit("entra", (content) => {
    content["prices"] = { SPE_E3: { month: 33.1, currency: "GBP" }, SPE_E5: { month: 52.5, currency: "GBP" } };
  });
});
afterAll(async () => {
  await w.stop();
});

interface Row {
  licences: string[];
  inherited: string[];
}
const rows = (): Record<string, Row> => w.sandbox.snapshot().entra.users as unknown as Record<string, Row>;
/** The account's name, by which the sandbox's Entra ID knows a person. */
const upn = (id: string): string =>
  w.sandbox.ad.entries
    .list((entry) => entry.objectClass === "user" && String(entry.values("employeeNumber")[0] ?? "") === id)
    .map((entry) => String(entry.text("userPrincipalName")))[0] ?? "";
const has = (upn: string, sku: string): boolean =>
  [...(rows()[upn]?.licences ?? []), ...(rows()[upn]?.inherited ?? [])].some((text) => text.split(" ")[0] === sku);
const used = (sku: string): number => Object.keys(rows()).filter((upn) => has(upn, sku)).length;

describe("licences over a whole plan", () => {
  it("A9: a mover swaps, a leaver gives back, seats are short by 7: exactly those are parked; the second time nothing changes", async () => {
    await w.converge([0, 4]);
    const users = [...w.sandbox.halo.state.users.values()];
    const direct = users
      .filter((one) => one["inactive"] !== true && rows()[upn(String(one["id"]))]?.licences.includes("SPE_E3"))
      .map((one) => String(one["id"]))
      .sort((a, b) => Number(a) - Number(b));
    const [mover = "", leaver = "", ...rest] = direct;
    const bare = rest.slice(0, 11);
    expect(bare).toHaveLength(11);
    for (const id of bare) w.sandbox.hand({ graph: { user: upn(id), removeLicences: ["SPE_E3"] } });
    w.sandbox.hand({ halo: { table: "users", id: Number(mover), custom: { CFDepartment: "Engineering" } } });
    w.sandbox.hand({ halo: { table: "users", id: Number(leaver), set: { inactive: true } } });
    w.sandbox.graph.faults.seats = { SPE_E3: used("SPE_E3") + 2 };

    const made = await w.plan();
    const parked = made.plan.parked.filter((one) => one.reason.startsWith("no seat of SPE_E3"));
    expect(parked.map((one) => one.key)).toEqual(bare.slice(4));
    expect(new Set(parked.map((one) => one.reason))).toEqual(new Set(["no seat of SPE_E3: 7 short; buy or free some"]));
    expect(made.plan.licences?.find((one) => one.sku === "SPE_E3")).toMatchObject({
      owned: used("SPE_E3") + 2,
      used: used("SPE_E3"),
      wanted: 11,
      short: 7,
      released: 2,
      currency: "GBP",
      month: 66.2,
    });
    expect(made.ended.out).toMatch(/SPE_E3 +\d+ owned, \d+ used → \d+; 11 wanted, 7 short, 2 released; \+66\.20 GBP a month/u);

    expect((await w.up(made)).code).toBe(4);
    expect(has(upn(mover), "SPE_E5")).toBe(true);
    expect([has(upn(mover), "SPE_E3"), has(upn(leaver), "SPE_E3")]).toEqual([false, false]);
    expect(bare.map((id) => has(upn(id), "SPE_E3"))).toEqual(bare.map((_, at) => at < 4));
    // The swap was one call: both lists in the same body.
    const swaps = w.sandbox.graph.log.filter((entry) => {
      const body = entry.body as { addLicenses?: unknown[]; removeLicenses?: unknown[] } | undefined;
      return entry.path.endsWith("/assignLicense") && (body?.addLicenses?.length ?? 0) > 0 && (body?.removeLicenses?.length ?? 0) > 0;
    });
    expect(swaps.length).toBeGreaterThan(0);

    const again = await w.plan();
    expect(changeCount(again.plan)).toBe(0);
    expect(again.plan.parked.filter((one) => one.reason.startsWith("no seat")).map((one) => one.key)).toEqual(bare.slice(4));
  });

  it("H13: Halo gets the tenant's licences with the users who have them; a retired SKU, a group that cannot give and Halo's own import are named", async () => {
    w.sandbox.graph.faults.seats = {};
    w.sandbox.graph.faults.skuStates = { SPE_E5: "Suspended" };
    w.edit("halo", (content) => {
      content["licences"] = { client: 12, from: "entra" };
    });
    w.sandbox.halo.state.connections.push({ id: 3, name: "Northwind", type: 0, halointegratorenabled: true, licence_import_type: 1 });
    const [held] = Object.entries(rows()).filter(([, row]) => row.inherited.some((text) => text.startsWith("SPE_E3")));
    w.sandbox.hand({ graph: { group: "LIC-Office", licenceErrors: { [held?.[0] ?? ""]: "CountViolation" } } });
    const engineers = used("SPE_E5");

    const { plan } = await w.converge([0, 4]);
    expect(plan.notes).toContain("Halo's own Entra import (Northwind) writes software licences too: turn one of the two off");
    expect(plan.notes.join("\n")).toContain("The group LIC-Office cannot give SPE_E3: no seat is free: buy or free some (CountViolation)");
    expect(plan.licences?.find((one) => one.sku === "SPE_E5")).toMatchObject({ owned: 0, state: "Suspended", released: 0 });
    // Nobody loses what was retired.
    expect(used("SPE_E5")).toBe(engineers);
    const { licences, links } = w.sandbox.halo.state;
    const e5 = [...licences.values()].find((one) => one["product_sku"] === "SPE_E5");
    expect(e5).toMatchObject({ client_id: 12, count: 0 });
    const linked = [...links.values()].filter((one) => one["licence_id"] === e5?.["id"]).map((one) => Number(one["user_id"]));
    expect(linked.length).toBeGreaterThan(0);
    for (const id of linked) expect(has(upn(String(id)), "SPE_E5")).toBe(true);
    expect(changeCount((await w.plan()).plan)).toBe(0);
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("reports-R11: somebody who leaves keeps what an unmanaged group gives: no loss, no seat returned, and the plan says so", async () => {
    w.sandbox.graph.faults.seats = {};
    w.sandbox.graph.faults.skuStates = {};
    w.sandbox.hand({ graph: { group: "LIC-Office", licenceErrors: {} } });
    await w.converge([0, 4]);
    const users = [...w.sandbox.halo.state.users.values()].filter((one) => one["inactive"] !== true);
    const leaver = users.find((one) => {
      const row = rows()[upn(String(one["id"]))];
      return row?.licences.length === 0 && row.inherited.some((text) => text.startsWith("SPE_E3"));
    });
    const id = Number(leaver?.["id"]);
    const before = used("SPE_E3");
    w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
    const { plan } = await w.converge([0, 4]);
    const changes = plan.people.find((one) => one.key === String(id))?.changes ?? [];
    expect(changes.map((one) => [one.type, one.op])).toContainEqual(["ad:User", "disable"]);
    expect(changes.filter((one) => one.type === "entra:Licence" && one.fields.some(({ path }) => path.startsWith("skus")))).toEqual([]);
    expect(plan.summary.losses.licences).toBe(0);
    expect(plan.licences?.find((one) => one.sku === "SPE_E3")).toMatchObject({ released: 0 });
    expect(plan.notes.join("\n")).toMatch(
      new RegExp(`\\(${id}\\) keeps SPE_E3 through the group LIC-Office, .*: a seat is still used`, "u"),
    );
    expect(used("SPE_E3")).toBe(before);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
