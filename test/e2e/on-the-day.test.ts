/** Leavers whom nothing managed, people taken out by hand, and lines that go, by the real command line. Rows B2, B5, B6 of the middle. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };
type Person = World["sandbox"]["organisation"]["people"][number];
const day = 24 * 60 * 60 * 1000;

describe("what happens on its day, and what stays gone", () => {
  let w: World;
  let gone: Person;
  let leaver: Person;
  let hybrid: Person;
  const begun = Date.now();
  const setClock = (days: number): void => void (w.env["HALOFORM_NOW"] = new Date(begun + days * day).toISOString());
  const account = (person: Person) => {
    const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0];
    if (!found) throw new Error(`${person.id} has no account`);
    return found;
  };
  const cloud = (person: Person): Row =>
    [...w.sandbox.graph.state.users.current.values()].find((row) => row["employeeId"] === String(person.id)) ?? {};
  const of = (plan: Awaited<ReturnType<World["plan"]>>["plan"], person: Person) =>
    real(plan).filter((one) => one.who === String(person.id));
  const inactive = (person: Person): void => w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });

  beforeAll(async () => {
    w = await world({ people: 60 });
    const steady = w.sandbox.organisation.people.filter((one) => {
      const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(one.id));
      return one.situation === "steady" && found.length === 1 && found[0]?.enabled && found[0].values("memberOf").length > 1;
    });
    const [first, second, third] = steady;
    if (!first || !second || !third) throw new Error("nobody fits");
    [gone, leaver, hybrid] = [first, second, third];
    w.edit("safety", (safety) => (safety["leaver"] = { when: ["inactive", "absent"], disable: "2 days", strip: "7 days" }));
    w.edit("entra", (entra) => {
      entra["accounts"] = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
      entra["attributes"] = { staff: { displayName: "{{ name }}", employeeId: "{{ id }}", usageLocation: "NO" } };
      delete entra["usageLocation"];
    });
    // Has left before haloform ran for the first time.
    inactive(gone);
    setClock(0);
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("middle-B2: a leaver whom nothing managed before is disabled on the day, and that day does not move", async () => {
    expect(account(gone).enabled).toBe(true);
    setClock(1);
    expect(of((await w.converge([0, 4])).plan, gone)).toEqual([]);
    expect(account(gone).enabled).toBe(true);
    setClock(2.1);
    expect(of((await w.converge([0, 4])).plan, gone)).toContainEqual(expect.objectContaining({ type: "ad:User", op: "disable" }));
    expect(account(gone).enabled).toBe(false);
  });

  it("middle-B5: a leaver who is taken out by hand before the day of stripping stays out", async () => {
    setClock(3);
    inactive(leaver);
    await w.converge([0, 4]);
    const ours =
      account(leaver)
        .values("memberOf")
        .map(String)
        .find((dn) => /^CN=GG-/u.test(dn)) ?? "";
    expect(ours).not.toBe("");
    for (const days of [4, 5.1]) {
      w.sandbox.hand({ ad: { dn: ours, remove: { member: days === 4 ? [account(leaver).dn] : [] } } });
      setClock(days);
      await w.converge([0, 4]);
      expect(account(leaver).values("memberOf").map(String)).not.toContain(ours);
    }
    expect(account(leaver).enabled).toBe(false);
  });

  it("middle-B6: a line that is gone lets go, of hybrid accounts too", async () => {
    expect(cloud(hybrid)["usageLocation"]).toBe("NO");
    w.edit("entra", (entra) => {
      entra["attributes"] = { staff: { displayName: "{{ name }}", employeeId: "{{ id }}" } };
    });
    await w.converge([0, 4]);
    w.sandbox.hand({ graph: { user: String(cloud(hybrid)["userPrincipalName"]), set: { usageLocation: "SE" } } });
    const { plan } = await w.converge([0, 4]);
    expect(of(plan, hybrid)).toEqual([]);
    expect(cloud(hybrid)["usageLocation"]).toBe("SE");
    w.edit("entra", (entra) => {
      delete entra["accounts"];
      delete entra["attributes"];
    });
    expect(of((await w.converge([0, 4])).plan, hybrid)).toEqual([]);
    expect(cloud(hybrid)["usageLocation"]).toBe("SE");
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
