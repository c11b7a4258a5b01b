/** What haloform did not give is never its own, by the real command line, on the sandbox. Row O1 of the run from outside. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("outside O1: somebody put in by hand into additive groups", () => {
  let w: World;
  let byHand: Person;
  let given: Person;

  const account = (person: Person) => {
    const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0];
    if (!found) throw new Error(`${person.id} has no account`);
    return found;
  };
  /** Who of the two is in the group of AD, and in the one of Entra ID. */
  const inside = (): boolean[] => {
    const { groups, members, byName } = w.sandbox.graph.state;
    const cloud = [...groups.current.values()].find((row) => row["displayName"] === "SG-Extra");
    const ids = members.of(String(cloud?.["id"]));
    return [byHand, given].flatMap((person) => [
      (w.sandbox.ad.entries.account("GG-Extra")?.values("member") ?? []).map(String).includes(account(person).dn),
      ids.includes(byName.get((account(person).text("userPrincipalName") ?? "").toLowerCase()) ?? "nobody"),
    ]);
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.post.title !== "Field Engineer");
    const [first, second] = [
      steady.find((one) => one.post.department === "Sales"),
      steady.find((one) => one.post.department === "Engineering" && one.post.site !== "Lab"),
    ];
    if (!first || !second) throw new Error("nobody fits");
    [byHand, given] = [first, second];
    const line = { mode: "additive", for: { "custom.CFDepartment": "Engineering" } };
    w.edit("entra", (entra) => (entra["groups"] as object[]).push({ name: "SG-Extra", ...line }));
    const ou = `OU=Groups,${w.sandbox.config.ad.base}`;
    w.edit("ad", (ad) => (ad["groups"] as object[]).push({ name: "GG-Extra", ou, ...line }));
    await w.converge();
    w.sandbox.hand({ ad: { dn: w.sandbox.ad.entries.account("GG-Extra")?.dn ?? "", add: { member: [account(byHand).dn] } } });
    w.sandbox.hand({ graph: { group: "SG-Extra", addMembers: [account(byHand).text("userPrincipalName") ?? ""] } });
    expect(inside()).toEqual([true, true, true, true]);
  });
  afterAll(() => w?.stop());

  it("stays after one doubted read", async () => {
    w.sandbox.halo.faults.recordCount = -30;
    expect((await w.converge()).plan.source.trust).toBe("doubted");
    w.sandbox.halo.faults.recordCount = 0;
    const { plan } = await w.converge();
    expect(real(plan)).toEqual([]);
    expect(changeCount(plan)).toBe(0);
    expect(inside()).toEqual([true, true, true, true]);
  });

  it("stays after the person was parked once", async () => {
    const title = "Keeper ".repeat(30).trim();
    w.sandbox.hand({ halo: { table: "users", id: byHand.id, set: { title } } });
    expect((await w.converge([0, 4])).plan.parked.map((one) => one.key)).toEqual([String(byHand.id)]);
    w.sandbox.hand({ halo: { table: "users", id: byHand.id, set: { title: byHand.post.title } } });
    const { plan } = await w.converge();
    expect(plan.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    expect(inside()).toEqual([true, true, true, true]);
  });

  it("a mover loses what haloform gave, and keeps what somebody gave by hand", async () => {
    for (const person of [byHand, given]) w.sandbox.hand({ halo: { table: "users", id: person.id, custom: { CFDepartment: "Finance" } } });
    await w.converge();
    expect(inside()).toEqual([true, true, false, false]);
  });

  it("taken out by hand while the read is doubted: not put back", async () => {
    w.sandbox.hand({ halo: { table: "users", id: given.id, custom: { CFDepartment: "Engineering" } } });
    await w.converge();
    expect(inside()).toEqual([true, true, true, true]);
    w.sandbox.hand({ ad: { dn: w.sandbox.ad.entries.account("GG-Extra")?.dn ?? "", remove: { member: [account(given).dn] } } });
    w.sandbox.halo.faults.recordCount = -30;
    await w.converge();
    w.sandbox.halo.faults.recordCount = 0;
    expect(inside()).toEqual([true, true, false, true]);
  });
});
