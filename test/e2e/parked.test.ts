/**
 * One broken person never stops the others; what waits is not a failure; what was cut off is finished by the next run.
 * Rows A28, A29, G5.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UpResult } from "../../cli/answers/answers.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { configure, real, type World, world } from "./support.ts";
import { wire } from "./wire.ts";

const settings = configure<{ "haloform:ad": { url: string[] }; "haloform:entra": { syncWait: number } }>;

describe("one broken person never stops the others", () => {
  let w: World;
  let first: Plan;
  let result: UpResult;
  let twins: Person;
  let late: Person;
  let long: Person;
  let refused: Person;
  const people = (situation: Person["situation"]): Person[] => w.sandbox.organisation.people.filter((one) => one.situation === situation);
  const keys = (list: readonly { who: string }[]): string[] => list.map((one) => /\((\d+)/u.exec(one.who)?.[1] ?? one.who).sort();
  const account = (person: Person) =>
    w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && String(entry.values("employeeNumber")[0] ?? "") === String(person.id),
    );
  const upn = (person: Person): string => String(account(person)[0]?.text("userPrincipalName"));
  const groups = async (name: string): Promise<string[]> =>
    (await w.sandbox.snapshot()).ad[`CN=${name},OU=Groups,${w.sandbox.config.ad.base}`]?.["member"] as string[];

  /** preview and up with --json. */
  async function up(codes: readonly number[]): Promise<{ plan: Plan; result: UpResult; err: string }> {
    const made = await w.plan();
    const { code, out, err } = await w.run(["up", "--json", "--plan", made.folder, "--approve", made.plan.digest]);
    expect(codes, `${out}\n${err}`).toContain(code);
    await w.sandbox.connect.settled();
    return { plan: made.plan, result: JSON.parse(out) as UpResult, err };
  }

  beforeAll(async () => {
    w = await world({ people: 60 });
    const joiners = people("joiner");
    [twins, late] = joiners as [Person, Person];
    const steady = people("steady").filter((one) => one.id > 115);
    [long, refused] = steady.filter((one) => one.post.department === "Operations") as [Person, Person];
    expect([twins, late, long, refused].every((one) => one !== undefined)).toBe(true);
    expect(new Set([twins.id, late.id, long.id, refused.id]).size).toBe(4);

    // Two accounts that both say they are this person's.
    for (const number of [1, 2]) {
      w.sandbox.hand({
        ad: {
          dn: `CN=Twin ${number},OU=Service,${w.sandbox.config.ad.base}`,
          create: {
            objectClass: ["top", "person", "organizationalPerson", "user"],
            sAMAccountName: `twin${number}`,
            employeeNumber: String(twins.id),
            userAccountControl: 514,
          },
        },
      });
    }
    // A title that AD has no room for.
    w.sandbox.hand({ halo: { table: "users", id: long.id, set: { title: "Keeper ".repeat(30).trim() } } });
    // A new agent, which Halo refuses.
    w.sandbox.hand({ halo: { table: "users", id: refused.id, set: { title: "Field Engineer" } } });
    w.sandbox.halo.faults.refuse = [refused.email];
    // Answers that say: later.
    Object.assign(w.sandbox.graph.faults, { throttled: 2, throttledInside: 2, retryAfter: 0.2 });
    const made = await w.plan();
    first = made.plan;
    Object.assign(w.sandbox.graph.faults, { throttled: 2, throttledInside: 4 });
    const running = w.begin(["up", "--json", "--plan", made.folder, "--approve", first.digest]);
    // Somebody takes a joiner's userPrincipalName while the run is on its way.
    running.when("Applying the approved plan", () => {
      const name = first.people
        .find((one) => one.key === String(late.id))
        ?.changes.find((change) => change.type === "ad:User")
        ?.fields.find((field) => field.path === "userPrincipalName")?.after;
      w.sandbox.hand({
        ad: {
          dn: `CN=Thief,OU=Service,${w.sandbox.config.ad.base}`,
          create: {
            objectClass: ["top", "person", "organizationalPerson", "user"],
            sAMAccountName: "thief",
            userPrincipalName: String(name),
            userAccountControl: 514,
          },
        },
      });
    });
    const ended = await running.over;
    expect(ended.code, `${ended.out}\n${ended.err}`).toBe(4);
    result = JSON.parse(ended.out) as UpResult;
    await w.sandbox.connect.settled();
  });
  afterAll(() => w?.stop());

  it("two accounts that match one person, and a title that AD has no room for: parked in the plan, and why", () => {
    expect(first.parked.map((one) => one.key).sort()).toEqual([twins, long].map((one) => String(one.id)).sort());
    const parked = (person: Person) => first.parked.find((one) => one.key === String(person.id));
    expect(parked(long)?.reason).toMatch(/title .*at most 128 characters, found \d+/u);
    expect(parked(twins)?.reason).toMatch(/2 AD accounts have employeeNumber \d+: CN=Twin 1,.*; CN=Twin 2,/u);
  });

  it("exactly the broken ones are parked, each with the system's reason", () => {
    expect([...new Set(keys(result.parked))]).toEqual([twins, late, long, refused].map((one) => String(one.id)).sort());
    const reason = (person: Person): string => result.parked.find((one) => one.who.includes(`(${person.id}`))?.reason ?? "";
    expect(reason(long)).toMatch(/title .*at most 128 characters/u);
    expect(reason(refused)).toMatch(/agent/iu);
    expect(reason(late)).toMatch(/userPrincipalName|already|belongs|constraint|exists/iu);
    expect(result.failure).toBeUndefined();
  });

  it("outside O12: the result says whom a system refused and for whom all was done, by name", () => {
    const of = (person: Person) => result.people.find((one) => one.key === String(person.id));
    expect(of(late)).toMatchObject({ name: late.name, result: "refused", done: [] });
    expect(of(refused)?.refused.join()).toContain("Halo agent");
    expect(result.refused.map((one) => one.who).sort()).toEqual(
      result.parked
        .map((one) => one.who)
        .filter((who) => who.includes(", "))
        .sort(),
    );
    const joiners = people("joiner").filter((one) => one !== twins && one !== late);
    for (const one of joiners) expect(of(one), one.name).toMatchObject({ result: "done", name: one.name });
    // outside O13: not "give the person an account first", as the mapping gives one.
    const licences = result.pending.find((one) => one.who.includes(`(${late.id}, entra:Licence)`));
    expect(licences?.reason).toMatch(
      new RegExp(`^The licences of ${late.name} \\(${late.id}\\) wait for the account, which could not be made in this run`, "u"),
    );
  });

  it("everybody else is done, members and licences of people made in this very run included", async () => {
    const everybody = await groups("GG-AllStaff");
    const { entra } = await w.sandbox.snapshot();
    for (const joiner of people("joiner").filter((one) => one !== twins && one !== late)) {
      const [found, ...more] = account(joiner);
      expect(more, joiner.name).toEqual([]);
      expect(found?.enabled, joiner.name).toBe(true);
      expect(everybody, joiner.name).toContain(found?.dn);
      expect(entra.users[upn(joiner)]?.["licences"], joiner.name).not.toEqual([]);
      expect(entra.groups.find((group) => group["name"] === "SG-Intranet")?.["members"], joiner.name).toContain(upn(joiner));
    }
    for (const leaver of people("leaver")) expect(account(leaver)[0]?.enabled, leaver.name).toBe(false);
    for (const mover of people("mover")) expect(account(mover)[0]?.text("title"), mover.name).toBe(mover.post.title);
  });

  it("throttling, inside $batch and outside, is waited out", () => {
    expect(w.sandbox.graph.faults).toMatchObject({ throttled: 0, throttledInside: 0 });
    expect(w.sandbox.graph.log.filter((entry) => entry.status === 429)).toHaveLength(4);
  });

  it("the next plan holds nothing but them; mended, they are done too", async () => {
    const { plan } = await w.plan();
    const who = new Set(
      real(plan)
        .map((one) => one.who)
        .filter((key) => key !== ""),
    );
    expect([...who].sort()).toEqual([late, refused].map((one) => String(one.id)).sort());
    // The name that was taken on the way is numbered now.
    expect(plan.parked.map((one) => one.key).sort()).toEqual([twins, long].map((one) => String(one.id)).sort());
    w.sandbox.halo.faults.refuse = [];
    w.sandbox.hand({ halo: { table: "users", id: long.id, set: { title: "Keeper" } } });
    w.sandbox.hand({ ad: { dn: `CN=Thief,OU=Service,${w.sandbox.config.ad.base}`, delete: true } });
    // Deleted they would still be two accounts of that person, which could be brought back.
    for (const number of [1, 2])
      w.sandbox.hand({
        ad: { dn: `CN=Twin ${number},OU=Service,${w.sandbox.config.ad.base}`, replace: { employeeNumber: `999${number}` } },
      });
    const mended = await up([0]);
    expect(mended.result.parked).toEqual([]);
    expect(account(late)).toHaveLength(1);
    expect(account(twins)).toHaveLength(1);
    expect(account(long)[0]?.text("title")).toBe("Keeper");
    expect(changeCount((await w.plan()).plan)).toBe(0);
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("seats short: exactly those without a seat are parked, and get theirs when there are seats", async () => {
    const { users } = (await w.sandbox.snapshot()).entra;
    const had = people("steady")
      .filter((person) => (users[upn(person)]?.["licences"] as string[] | undefined)?.includes("SPE_E3"))
      .slice(0, 5);
    for (const person of had) w.sandbox.hand({ graph: { user: upn(person), removeLicences: ["SPE_E3"] } });
    const used = (): number =>
      Object.values(w.sandbox.snapshot().entra.users).filter((row) =>
        [...(row["licences"] as string[]), ...(row["inherited"] as string[])].some((text) => text.startsWith("SPE_E3")),
      ).length;
    w.sandbox.graph.faults.seats = { SPE_E3: used() + 3 };
    const short = await up([4]);
    expect(short.result.parked).toHaveLength(2);
    for (const one of short.result.parked) expect(one.reason).toBe("no seat of SPE_E3: 2 short; buy or free some");
    const left = had.filter(
      (person) => !((w.sandbox.snapshot().entra.users[upn(person)]?.["licences"] ?? []) as string[]).includes("SPE_E3"),
    );
    expect(keys(short.result.parked)).toEqual(left.map((person) => String(person.id)).sort());
    w.sandbox.graph.faults.seats = {};
    const enough = await up([0]);
    expect(
      real(enough.plan)
        .map((one) => one.who)
        .sort(),
    ).toEqual(left.map((person) => String(person.id)).sort());
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("Entra Connect at a standstill: the licence is pending, nobody is parked, and the next run gives it", async () => {
    const [person] = people("forgotten") as [Person];
    settings(w, (config) => (config["haloform:entra"].syncWait = 1));
    w.sandbox.connect.paused = true;
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: false } } });
    const made = await w.plan();
    const licence = made.plan.people
      .find((one) => one.key === String(person.id))
      ?.changes.find((change) => change.type === "entra:Licence");
    expect(licence?.pending).toContain("Entra Connect");
    const { code, out, err } = await w.run(["up", "--json", "--plan", made.folder, "--approve", made.plan.digest]);
    expect(code, err).toBe(0);
    const waits = JSON.parse(out) as UpResult;
    expect(waits.parked).toEqual([]);
    expect(new Set(keys(waits.pending))).toEqual(new Set([String(person.id)]));
    expect(account(person)[0]?.enabled).toBe(true);
    w.sandbox.connect.paused = false;
    await w.sandbox.connect.settled();
    const then = await up([0]);
    expect(then.result.pending).toEqual([]);
    expect((await w.sandbox.snapshot()).entra.users[upn(person)]?.["licences"]).not.toEqual([]);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("a Halo POST whose answer is cut off makes no second agent", async () => {
    const agents = (person: Person) => [...w.sandbox.halo.state.agents.values()].filter((row) => row["email"] === person.email);
    const [person] = people("steady").filter((one) => agents(one).length === 0 && one.id > 115) as [Person];
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: "Field Engineer" } } });
    w.sandbox.halo.faults.cutWrites = 1;
    await up([0, 4]);
    expect(w.sandbox.halo.faults.cutWrites).toBe(0);
    expect(agents(person)).toHaveLength(1);
    await up([0]);
    expect(agents(person)).toHaveLength(1);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("a domain controller that goes away in the middle: exit 1 with one line, and the next run finishes", async () => {
    const line = await wire(w.sandbox.ad.port);
    try {
      settings(w, (config) => (config["haloform:ad"].url = [`ldaps://127.0.0.1:${line.port}`]));
      const some = people("steady")
        .filter((one) => one.id > 115)
        .slice(4, 24);
      expect(some.length).toBeGreaterThan(10);
      for (const person of some) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { phonenumber: "+44 1632 000000" } } });
      // As processes: here everything would be sent before the line is cut.
      const made = await w.processes.plan();
      let changes = 0;
      w.sandbox.ad.onChange(() => {
        changes += 1;
        if (changes === 3) line.cut();
      });
      const { code, err } = await w.processes.run(["up", "--plan", made.folder, "--approve", made.plan.digest]);
      expect(code, err).toBe(1);
      const said = err.split("\n").filter((text) => text.startsWith("Failed: "));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(/Active Directory|ldaps:\/\//u);
      expect(err).not.toMatch(/ {4}at .*:\d+/u);
      const done = (): number => some.filter((person) => account(person)[0]?.text("telephoneNumber") === "+44 1632 000000").length;
      expect(done()).toBeLessThan(some.length);
      line.mend();
      const finished = await up([0]);
      expect(done()).toBe(some.length);
      expect(finished.result.parked).toEqual([]);
      expect(changeCount((await w.plan()).plan)).toBe(0);
    } finally {
      await line.stop();
    }
  });
});
