/** First and last days of people, and conditions that know days, by the real command line. Rows R18, O6. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };
type Person = World["sandbox"]["organisation"]["people"][number];

const dayFromNow = (days: number): string => new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10);

describe("reports-R18, outside O6: dates from the person's record", () => {
  let w: World;
  let joiners: Person[];
  let steady: Person[];

  const say = (person: Person | undefined, other1: string, other2?: string): void =>
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { other1, ...(other2 === undefined ? {} : { other2 }) } } });
  const account = (person: Person | undefined) =>
    w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person?.id))[0];
  const of = (plan: Awaited<ReturnType<World["plan"]>>["plan"], person: Person | undefined) =>
    plan.people.find((one) => one.key === String(person?.id));

  beforeAll(async () => {
    w = await world({ people: 60 });
    const all = w.sandbox.organisation.people;
    joiners = all.filter((one) => one.situation === "joiner");
    steady = all.filter((one) => one.situation === "steady" && one.post.department === "Sales");
    expect(joiners.length).toBeGreaterThan(1);
    expect(steady.length).toBeGreaterThan(3);
    w.edit("people", (people) => Object.assign(people["people"] as Row, { starts: "other1", ends: "{{ other2 }}", zone: "UTC" }));
    w.edit("ad", (ad) =>
      (ad["groups"] as Row[]).push({
        name: "GG-New",
        ou: `OU=Groups,${w.sandbox.config.ad.base}`,
        for: { other1: { after: "14 days ago", before: "in 1 day" } },
      }),
    );
    say(joiners[0], dayFromNow(10));
    say(steady[0], "2020-01-06", dayFromNow(0));
    say(steady[1], dayFromNow(-3));
    await w.converge();
  });
  afterAll(() => w?.stop());

  it("whoever starts later is not made, enabled or licensed before, and the plan says when they start", async () => {
    expect(account(joiners[0])).toBeUndefined();
    expect(account(joiners[1])).toBeDefined();
    const { plan } = await w.plan();
    expect(changeCount(plan)).toBe(0);
    expect(plan.notes.join("\n")).toContain(
      `(${joiners[0]?.id}) starts on ${dayFromNow(10)}: until then nothing is made, enabled or given`,
    );
    say(joiners[0], dayFromNow(0));
    const { plan: first } = await w.converge();
    expect(of(first, joiners[0])?.event).toBe("joiner");
    expect(account(joiners[0])?.enabled).toBe(true);
  });

  it("the last day is worked to its end, and the next day they leave, with the reason", async () => {
    expect(account(steady[0])?.enabled).toBe(true);
    say(steady[0], "2020-01-06", dayFromNow(-1));
    const { plan } = await w.converge();
    expect(of(plan, steady[0])).toMatchObject({ event: "leaver", why: `the last day was ${dayFromNow(-1)}` });
    expect(account(steady[0])?.enabled).toBe(false);
    // Back from another day on: not before it.
    say(steady[0], dayFromNow(5), dayFromNow(-1));
    expect(real((await w.converge()).plan)).toEqual([]);
    expect(account(steady[0])?.enabled).toBe(false);
    say(steady[0], dayFromNow(0), dayFromNow(-1));
    expect(of((await w.converge()).plan, steady[0])?.event).toBe("rejoiner");
    expect(account(steady[0])?.enabled).toBe(true);
  });

  it("conditions know days", async () => {
    const members = (): string[] => (w.sandbox.ad.entries.account("GG-New")?.values("member") ?? []).map(String);
    expect(members()).toContain(account(steady[1])?.dn);
    say(steady[1], dayFromNow(-20));
    await w.converge();
    expect(members()).not.toContain(account(steady[1])?.dn);
  });

  it("a value that is no day parks its person and changes nothing; a column that empties starts nobody", async () => {
    say(steady[1], "soon");
    say(joiners[0], "2020-01-06", "one day");
    const { plan } = await w.converge([4]);
    expect(real(plan)).toEqual([]);
    const mend = "which is no day; until it is written like 2027-01-04 nothing changes for this person";
    expect(new Map(plan.parked.map((one) => [one.key, one.reason.replace(/ \(.*?\);/u, ";")]))).toEqual(
      new Map([
        [String(joiners[0]?.id), `people.ends gives "one day", ${mend}`],
        [String(steady[1]?.id), `people.starts gives "soon", ${mend}`],
      ]),
    );
    expect(plan.notes.join("\n")).toMatch(/Conditions ask for a day in other1, and .* says "soon": what hangs on it stays as it is/u);
    say(steady[1], dayFromNow(-20));
    say(joiners[0], "2020-01-06", "");
    const late = joiners[0];
    say(late, dayFromNow(30));
    await w.converge();
    for (const row of w.sandbox.halo.state.users.values()) Object.assign(row, { other1: "", other2: "" });
    const { plan: lost } = await w.plan();
    expect(lost.source.trust).toBe("doubted");
    expect(lost.source.doubts.join("\n")).toContain("other1 is filled for 0 of");
    expect(real(lost)).toEqual([]);
  });
});
