/** What an approver reads and what follows a leaver, by the real command line. Rows R25 of the reports, O12 and O13 of the run from outside. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { managerKey } from "../../sandbox/graph/accounts.ts";
import { allMailboxes, mailboxOf } from "../../sandbox/graph/mailbox.ts";
import { ownersOf } from "../../sandbox/graph/owners.ts";
import { blankGroup, blankUser, putUser } from "../../sandbox/graph/state.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import { guidOf } from "../../sandbox/random.ts";
import { type Made, real, type World, world } from "./support.ts";

const calledOf = ({ name, id }: Person): string => `${name} (${id})`;
const account = (w: World, person: Person) => {
  const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0];
  if (!found) throw new Error(`${person.id} has no account`);
  return found;
};
/** Every rendering of a plan's bundle. */
const renderings = ({ folder, ended }: Made): string[] => [
  ended.out,
  ...["plan.json", "plan.md", "plan.html"].map((name) =>
    readFileSync(join(folder, name), "utf8")
      .replace(/<[^>]+>/gu, "")
      .replace(/&#(\d+);/gu, (_all, code: string) => String.fromCharCode(Number(code)))
      .replaceAll("\\", ""),
  ),
];

describe("reports R25: a leaver who answers for others", () => {
  let w: World;
  let leaver: Person;
  let above: Person;
  let reports: Person[];
  /** Of an account that is nobody's. */
  let service = "";
  const managerOf = (person: Person): string | undefined => account(w, person).text("manager");
  const group = () => w.sandbox.ad.entries.account("GG-Sales");

  beforeAll(async () => {
    w = await world({ people: 60 });
    w.edit("safety", (safety) => Object.assign(safety["leaver"] as object, { successor: "{{ custom.CFManager }}" }));
    await w.converge();
    const { people } = w.sandbox.organisation;
    const steady = people.filter((one) => one.situation === "steady");
    const found = steady.find((one) => {
      // Somebody whose name is plain in every format.
      if (!/^[A-Za-z ]+$/u.test(one.name)) return false;
      const boss = steady.find((other) => other.id === one.manager);
      return boss && steady.some((other) => other.manager === one.id);
    });
    const boss = steady.find((one) => one.id === found?.manager);
    if (!found || !boss) throw new Error("nobody is manager and has one");
    [leaver, above] = [found, boss];
    reports = people.filter((one) => one.manager === leaver.id && (one.situation === "steady" || one.situation === "mover"));
    w.sandbox.hand({ ad: { dn: group()?.dn ?? "", replace: { managedBy: account(w, leaver).dn } } });
    answersByHand();
  });
  afterAll(() => w?.stop());

  /** What no mapping writes: the manager of a service account, of one of the cloud, a place in AD, groups of the cloud. */
  function answersByHand(): void {
    const { ad, graph } = w.sandbox;
    const { dn } = account(w, leaver);
    const [ou] = ad.entries.list((entry) => /^OU=Service,/u.test(entry.dn));
    const [nobodys] = ad.entries.list((entry) => entry.dn.endsWith(`,${ou?.dn}`) && entry.values("objectClass").includes("user"));
    w.sandbox.hand({ ad: { dn: ou?.dn ?? "", replace: { managedBy: dn } } });
    w.sandbox.hand({ ad: { dn: nobodys?.dn ?? "", replace: { manager: dn } } });
    service = /^CN=([^,]+)/u.exec(nobodys?.dn ?? "")?.[1] ?? "";
    const { state } = graph;
    const id = state.byName.get((account(w, leaver).text("userPrincipalName") ?? "").toLowerCase()) ?? "";
    const others = [...state.users.current.keys()].filter((one) => one !== id).slice(0, 25);
    const own = (name: string, owners: string[]): void => {
      const row = blankGroup(state, { displayName: name, mailNickname: name.toLowerCase() });
      state.groups.put(String(row["id"]), row);
      ownersOf(state).set(String(row["id"]), owners);
    };
    own("SG-Yard", [id]);
    own("SG-Many", [...others, id]);
    own("SG-Others", others);
    const [app] = graph.apps;
    ownersOf(state).set(guidOf("application", app?.id ?? ""), [...others, id]);
    const cloudy = blankUser(state, { displayName: "Cloud Sync", userPrincipalName: "cloudsync@corp.example.com", [managerKey]: id });
    putUser(state, cloudy);
  }

  it("nobody leaves: nothing is asked about what people answer for", async () => {
    const before = w.sandbox.graph.log.length;
    await w.plan();
    const asked = w.sandbox.graph.log.slice(before).filter(({ path, query }) => /directReports/u.test(path) || query.includes("owners"));
    expect(asked).toEqual([]);
    w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: true } } });
  });

  it("what no mapping names is told once, by name, and left as it is", async () => {
    const said = `${calledOf(leaver)} has left and `;
    const notes = (all: Made) => all.plan.notes.filter((note) => note.startsWith(said) && note.includes("no mapping names it"));
    const made = await w.plan();
    expect(notes(made)).toEqual([
      `${said}is manager of 2 (cloudsync@corp.example.com, ${service}), answers for OU=Service,DC=corp,DC=example,DC=com, owns the Entra group SG-Many, the Entra group SG-Yard, the application ${w.sandbox.graph.apps[0]?.name}: no mapping names it: change it by hand`,
    ]);
  });

  it("where the app may not read applications, the rest is told all the same", async () => {
    const { apps } = w.sandbox.graph;
    const had = apps.map(({ roles }) => roles);
    for (const app of apps) app.roles = app.roles.filter((role) => role !== "Application.Read.All");
    const made = await w.plan();
    for (const [index, app] of apps.entries()) app.roles = had[index] ?? [];
    const notes = made.plan.notes.filter((note) => note.includes("no mapping names it"));
    expect(notes).toEqual([expect.stringContaining("owns the Entra group SG-Many, the Entra group SG-Yard: no mapping names it")]);
  });

  it("is told by name in every rendering, followed upwards, and two plans are the same", async () => {
    expect(managerOf(reports[0] as Person)).toBe(account(w, leaver).dn);
    const made = await w.plan();
    for (const said of renderings(made)) {
      expect(said).toContain(`${calledOf(leaver)} has left and is manager of `);
      expect(said).toContain(`answers for the AD group GG-Sales: ${calledOf(above)} follows`);
      for (const report of reports.slice(0, 5)) expect(said).toContain(calledOf(report));
    }
    const ended = await w.up(made);
    expect(ended.code, ended.err).toBe(0);
    expect(ended.out).toMatch(/^Done for \d+ people; \d+ shared things? changed\.$/mu);
    expect(ended.out).toContain(`done    ${calledOf(leaver)}: `);
    for (const report of reports) expect(managerOf(report), report.name).toBe(account(w, above).dn);
    expect(group()?.text("managedBy")).toBe(account(w, above).dn);
    await w.nothingIsLeft();
  });

  it("outside O12: who had left before and still is in the records as manager is told in one sentence", async () => {
    const { plan } = await w.plan();
    expect(plan.notes.filter((note) => note.includes(calledOf(leaver)))).toEqual([
      expect.stringMatching(/^People who had left before still answer for others: /u),
    ]);
  });
});

describe("reports R14: mail to somebody who has left too", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 60 });
    allMailboxes(w.sandbox.graph.state, Date.now());
    w.edit("entra", (entra) => {
      entra["mailboxes"] = { plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE", SPE_E5: "EXCHANGE_S_ENTERPRISE" } };
    });
    w.edit("safety", (safety) => {
      (safety["leaver"] as { mailbox?: object }).mailbox = { share: true, manager: "{{ custom.CFManager }}", forward: "{{ managerMail }}" };
    });
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("leaver and manager leave together: it goes to the next manager up, and the plan says so", async () => {
    const { people } = w.sandbox.organisation;
    const { state } = w.sandbox.graph;
    const id = (person: Person) => [...state.users.current].find(([, row]) => row["employeeId"] === String(person.id))?.[0];
    const steady = people.filter((one) => one.situation === "steady" && id(one) !== undefined);
    const above = (one: Person | undefined) => steady.find((other) => other.id === one?.manager);
    const leaver = steady.find((one) => above(above(one)) !== undefined && mailboxOf(state, id(one) ?? "", Date.now()) !== undefined);
    const boss = above(leaver);
    const next = above(boss);
    if (!leaver || !boss || !next) throw new Error("nobody has a manager who has one");
    for (const one of [leaver, boss]) w.sandbox.hand({ halo: { table: "users", id: one.id, set: { inactive: true } } });
    const { plan } = await w.converge([0, 4]);
    expect(plan.notes.join("\n")).toContain(
      `${calledOf(boss)} has left and would get the mail of ${calledOf(leaver)}: ${calledOf(next)} follows`,
    );
    expect(mailboxOf(state, id(leaver) ?? "", Date.now())).toMatchObject({ forward: `smtp:${next.email}` });
    await w.nothingIsLeft();
  });
});

describe("outside O12: what the plan tells, counts and leaves out", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40, limits: true });
  });
  afterAll(() => w?.stop());

  it("a person for whom no line holds, records that are nobody, a team that two have", async () => {
    w.edit("ad", (ad) => {
      const lines = (ad["accounts"] as { first: Record<string, unknown>[] }).first;
      Object.assign(lines[0] ?? {}, { for: { site_name: ["Main", "Harbour"] } });
    });
    const { teams } = w.sandbox.halo.state;
    const team = [...teams.values()].find((row) => row["name"] === "First line");
    teams.set(9001, { ...team, id: 9001 });
    const made = await w.plan("lab", [0, 3, 4]);
    const outside = w.sandbox.organisation.people.find((one) => one.post.site === "Lab" && one.situation === "steady") as Person;
    expect(made.plan.notes.join("\n")).toMatch(
      /^\d+ records of Halo are left aside, as people\.for \(.*people\.yaml:\d+\) does not hold: /mu,
    );
    expect(made.plan.notes.join("\n")).toMatch(/^No line of accounts \(.*ad\.yaml:\d+\) holds for \d+ people, who get no account: /mu);
    expect(made.plan.notes.join("\n")).toContain(calledOf(outside));
    expect(made.plan.parked).toContainEqual(
      expect.objectContaining({
        name: "First line",
        of: "thing",
        reason: expect.stringContaining("2 Halo teams are called First line: rename all but one"),
      }),
    );
    const given = made.plan.people.flatMap(({ changes }) =>
      changes.filter(({ type }) => type === "halo:Agent").flatMap(({ fields }) => fields),
    );
    expect(given.map(({ path }) => path)).not.toContain("teams.First line");
    expect(made.ended.out).toContain("Things to be mended (1 thing): until then they stay as the line says");
    teams.delete(9001);
  });

  it("a plan that was refused has no command to apply it, in any rendering", async () => {
    w.edit("safety", (safety) => Object.assign((safety["limits"] as { disabled: object }).disabled, { most: 0, below: 0 }));
    const made = await w.plan("refused", [3]);
    expect(made.plan.guard.verdict).toBe("refused");
    expect(made.ended.out).toContain("It was refused and cannot be applied.");
    for (const said of renderings(made)) expect(said).not.toContain("haloform up --plan");
  });

  it("nobody is called by a key or an id alone where a name is known", async () => {
    w.edit("safety", (safety) => {
      for (const limit of Object.values(safety["limits"] as { [name: string]: object }))
        Object.assign(limit, { most: 1000, share: "100 %", below: 1000 });
    });
    const made = await w.plan("names", [0, 4]);
    const names = new Map(w.sandbox.organisation.people.map((one) => [String(one.id), one.name]));
    for (const [, key = ""] of made.ended.out.matchAll(/\bperson (\d+)\b/gu)) expect(names.has(key), key).toBe(false);
    expect(real(made.plan).length).toBeGreaterThan(0);
  });
});

describe("outside O13: sign-in", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40 });
  });
  afterAll(() => w?.stop());

  it.each<[string, () => { env?: NodeJS.ProcessEnv; signIn?: number }, RegExp]>([
    [
      "the token endpoint answers 503",
      () => ({ signIn: 503 }),
      /^Could not sign in to Entra ID with the client secret \(ENTRA_CLIENT_SECRET\): \S+ answers 503, again and again: try again later$/mu,
    ],
    ["429", () => ({ signIn: 429 }), /answers 429, again and again: too many sign-ins; try again later$/mu],
    ["a wrong secret", () => ({ env: { ENTRA_CLIENT_SECRET: "another" } }), /AADSTS7000215: .*the client secret is wrong/u],
  ])("%s: in our own words", async (_name, given, said) => {
    const { env, signIn = 0 } = given();
    w.sandbox.graph.faults.signIn = signIn;
    const { code, err, out } = await w.run(["preview"], env);
    w.sandbox.graph.faults.signIn = 0;
    expect(code).toBe(1);
    expect(err).toMatch(said);
    expect(`${out}${err}`).not.toMatch(/\[object Object\]|endpoints_resolution/u);
  });
});
