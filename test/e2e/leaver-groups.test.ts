/** Leavers who lose every group and licence, by the real command line, on the sandbox. Rows A6 to A9 of the audit of rows. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blankGroup, join } from "../../sandbox/graph/state.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("rows A6 A7 A8 A9: leaver.groups and leaver.licences: all", () => {
  let w: World;
  let leaver: Person;
  let other: Person;
  let guarded: Person;

  const graph = () => w.sandbox.graph.state;
  const base = "DC=corp,DC=example,DC=com";
  const account = (person: Person) => {
    const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0];
    if (!found) throw new Error(`${person.id} has no account`);
    return found;
  };
  const userId = (person: Person): string => graph().byName.get((account(person).text("userPrincipalName") ?? "").toLowerCase()) ?? "";
  const groupId = (name: string): string => String([...graph().groups.current.values()].find((row) => row["displayName"] === name)?.["id"]);
  const inAd = (name: string): string[] => (w.sandbox.ad.entries.account(name)?.values("member") ?? []).map(String);
  const inEntra = (name: string): string[] => graph().members.of(groupId(name));
  const skus = (person: Person): string[] =>
    (graph().direct.get(userId(person)) ?? []).map((one) => graph().skus.find((sku) => sku.id === one.skuId)?.partNumber ?? "");

  beforeAll(async () => {
    w = await world({ people: 40 });
    const ou = `OU=Groups,${base}`;
    w.edit("safety", (content) => {
      const { leaver: stages, protected: kept } = content as { leaver: object; protected: { groups: string[] } };
      content["leaver"] = { ...stages, groups: "all", licences: "all" };
      kept.groups.push("GG-Vault");
    });
    w.edit("ad", (ad) => (ad["groups"] as object[]).push({ name: "GG-Added", ou, mode: "additive", for: { title: "Nobody" } }));
    await w.converge();
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    [leaver, other, guarded] = steady as [Person, Person, Person];
    for (const name of ["GG-ByHand", "GG-Vault"])
      w.sandbox.ad.entries.add(`CN=${name},${ou}`, { objectClass: "group", sAMAccountName: name, groupType: "-2147483646" });
    const members = [leaver, other].map((person) => account(person).dn);
    for (const name of ["GG-ByHand", "GG-Added"])
      w.sandbox.hand({ ad: { dn: w.sandbox.ad.entries.account(name)?.dn ?? "", add: { member: members } } });
    w.sandbox.hand({ ad: { dn: w.sandbox.ad.entries.account("GG-Vault")?.dn ?? "", add: { member: [account(guarded).dn] } } });
    const row = blankGroup(graph(), { displayName: "SG-ByHand", mailNickname: "byhand" });
    graph().groups.put(String(row["id"]), row);
    for (const person of [leaver, other]) join(graph(), String(row["id"]), userId(person));
    for (const person of [leaver, other])
      w.sandbox.hand({ graph: { user: account(person).text("userPrincipalName") ?? "", addLicences: ["VISIOCLIENT"] } });
  });
  afterAll(() => w?.stop());

  it("nobody else's are touched, and nothing is done before somebody leaves", async () => {
    const { plan } = await w.plan();
    expect(real(plan)).toEqual([]);
  });

  it("whoever leaves is taken out of groups that no mapping names too", async () => {
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: true } } });
    const { plan } = await w.converge();
    const mine = account(leaver).dn;
    for (const name of ["GG-ByHand", "GG-Added"]) expect(inAd(name), name).toEqual([account(other).dn]);
    expect(inAd("GG-AllStaff")).not.toContain(mine);
    expect(inEntra("SG-ByHand")).toEqual([userId(other)]);
    expect(skus(leaver)).toEqual([]);
    expect(skus(other)).toContain("VISIOCLIENT");
    expect(plan.summary.losses.memberships).toBeGreaterThanOrEqual(4);
    expect(plan.summary.losses.licences).toBeGreaterThanOrEqual(2);
    const again = await w.plan();
    expect(real(again.plan)).toEqual([]);
    expect(changeCount(again.plan)).toBe(0);
    expect(again.plan.notes.join("\n")).not.toContain("ByHand");
  });

  it("whoever comes back gets what the mappings give, and nothing of the rest is told of", async () => {
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: false } } });
    const { plan } = await w.converge();
    expect(real(plan).filter((one) => one.op === "release")).toEqual([]);
    expect(inAd("GG-AllStaff")).toContain(account(leaver).dn);
    expect(inAd("GG-ByHand")).toEqual([account(other).dn]);
    expect(skus(leaver)).not.toContain("VISIOCLIENT");
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("security-4: whoever is in a protected group keeps all of it, and a human is told by the chain", async () => {
    w.sandbox.hand({ halo: { table: "users", id: guarded.id, set: { inactive: true } } });
    const before = JSON.stringify(w.sandbox.snapshot());
    const { plan } = await w.converge([4]);
    expect(plan.parked.map((one) => one.reason)).toEqual([
      expect.stringMatching(
        /^the AD account \S+ would be disabled, but it is in GG-Vault, which mappings\/safety\.yaml protects: do it by hand, or /u,
      ),
    ]);
    expect(inAd("GG-Vault")).toEqual([account(guarded).dn]);
    expect(inAd("GG-AllStaff")).toContain(account(guarded).dn);
    expect(JSON.stringify(w.sandbox.snapshot()) === before, "the systems are as they were").toBe(true);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
