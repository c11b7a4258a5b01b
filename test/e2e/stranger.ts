/**
 * A stranger's ten plans of one company of 60 people: five as they should be, five wrong in ways the systems can produce and
 * haloform does not refuse by itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hoursLater } from "./refusals.ts";
import { type Made, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };

const day = 24 * 60 * 60 * 1000;

export const company = () => world({ people: 60, stack: "northwind", syncDelay: 20 });

/** One of the ten: what was done to the company before the plan. */
interface Scenario {
  /** What happened. */
  what: string;
  /** How it is wrong; absent where it is as it should be. */
  wrong?: string;
  act(hand: Hand): void;
  /** Days after the others. */
  later?: number;
}

/** What administrators and Halo's people do, with its undoing. */
function handOf(w: World) {
  const { sandbox } = w;
  const { users } = sandbox.halo.state;
  const undo: (() => void)[] = [];
  const dnOf = (id: number): string => {
    const [entry] = sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === String(id));
    if (!entry) throw new Error(`${id} has no account`);
    return entry.dn;
  };
  const { base } = sandbox.config.ad;
  const halo = (id: number, set: Row, custom: Record<string, string> = {}): void =>
    sandbox.hand({ halo: { table: "users", id, set: set as never, custom } });
  return {
    halo,
    joins(id: number, like: number, first: string, surname: string, set: Row): void {
      const name = `${first} ${surname}`;
      users.set(id, { ...structuredClone(users.get(like)), id, linked_agent_id: 0, login: "", mobilenumber2: "" });
      const emailaddress = `${name.toLowerCase().replace(" ", ".")}@corp.example.com`;
      halo(id, { firstname: first, surname, name, emailaddress, phonenumber: `+44 1632 555${id}`, ...set });
    },
    /** A change of AD, and what puts it back. */
    ad(change: Parameters<World["sandbox"]["hand"]>[0]["ad"], back: Parameters<World["sandbox"]["hand"]>[0]["ad"]): void {
      sandbox.hand({ ad: change as never });
      undo.unshift(() => sandbox.hand({ ad: back as never }));
    },
    person: dnOf,
    groups: `OU=Groups,${base}`,
    group: (name: string): string => `CN=${name},OU=Groups,${base}`,
    edit: w.edit,
    /** Writes a group of ad.yaml otherwise. */
    regroup(name: string, change: Row): void {
      w.edit("ad", (ad) => {
        for (const one of groupsOf(ad)) if (one["name"] === name) Object.assign(one, change);
      });
    },
    /** People of Halo who are active, by a field. */
    where: (test: (row: Row) => boolean): number[] =>
      [...users.values()]
        .filter((row) => row["inactive"] === false && Number(row["id"]) > 100 && test(row))
        .map((row) => Number(row["id"])),
    back: (): void => {
      for (const one of undo) one();
    },
  };
}
type Hand = ReturnType<typeof handOf>;

const groupsOf = (ad: Record<string, unknown>): Row[] => ad["groups"] as Row[];
const payroll = (more: Row[]): Row => ({ any: [{ title: "Payroll Clerk" }, { title: "Accountant" }, ...more] });

export const scenarios: { readonly [name: string]: Scenario } = {
  monday: {
    what: "An ordinary Monday: two join, one moves to another site with another title, one marries, one leaves.",
    act(hand) {
      hand.joins(161, 117, "Petra", "Lindqvist", { title: "Sales Executive" });
      hand.joins(162, 121, "Owen", "Achterberg", { title: "Deckhand" });
      hand.halo(144, { site_id: 18, title: "Account Manager" });
      hand.halo(123, { surname: "Bianchi", name: "Rosa Bianchi" });
      hand.halo(127, { inactive: true });
    },
  },
  reorganised: {
    what: "A reorganisation: the Sales Executives of the Harbour become Ticket Agents of Operations, under its Team Lead, and have a group of their own.",
    act(hand) {
      for (const id of [117, 144, 148, 158]) hand.halo(id, { title: "Ticket Agent" }, { CFDepartment: "Operations", CFManager: "102" });
      hand.edit("ad", (ad) => void groupsOf(ad).push({ name: "GG-Ticketing", ou: hand.groups, for: { title: "Ticket Agent" } }));
    },
  },
  licence: {
    what: "A licence change: Sales and Finance have Power BI as well, by a new line of entra.yaml.",
    act(hand) {
      hand.edit("entra", (entra) => {
        const { every } = entra["licences"] as { every: Row[] };
        every.push({ sku: "POWER_BI_STANDARD", for: { "custom.CFDepartment": ["Sales", "Finance"] } });
      });
      hand.halo(106, { phonenumber: "+44 1632 555106" });
    },
  },
  drift: {
    what: "Drift put back: titles, a telephone number, an OU and places in groups that somebody changed by hand in AD.",
    act(hand) {
      const [dn, moved] = [hand.person(133), hand.person(152)];
      hand.ad({ dn, replace: { title: "Sales Director" } }, { dn, replace: { title: "Sales Executive" } });
      const phone = hand.person(119);
      hand.ad({ dn: phone, replace: { telephoneNumber: "4711" } }, { dn: phone, replace: { telephoneNumber: "+44 1632 828471" } });
      const [finance, sales] = [hand.group("GG-Finance"), hand.group("GG-Sales")];
      hand.ad({ dn: finance, add: { member: [dn] } }, { dn: finance, remove: { member: [dn] } });
      const out = hand.person(129);
      hand.ad({ dn: sales, remove: { member: [out] } }, { dn: sales, add: { member: [out] } });
      const there = moved.replace("OU=Main", "OU=Harbour");
      hand.ad({ dn: moved, moveTo: there }, { dn: there, moveTo: moved });
    },
  },
  expired: {
    what: "Expired memberships: the people of the dry dock had GG-DryDock until its last day.",
    later: 5,
    act(hand) {
      hand.halo(150, { title: "Account Manager" });
    },
  },
  column: {
    what: "The feed lost its department column for the site Harbour.",
    wrong: "An import of the site emptied CFDepartment: nobody was told to leave a department.",
    act(hand) {
      for (const id of hand.where((row) => row["site_name"] === "Harbour")) hand.halo(id, {}, { CFDepartment: "" });
      hand.joins(161, 121, "Owen", "Achterberg", { title: "Deckhand" });
    },
  },
  overwritten: {
    what: "The record of 127, who left, was written over with the name and title of the one who follows.",
    wrong: "The one who comes is a human of their own: they would have the account of the one who left, with mailbox, files and rights.",
    act(hand) {
      hand.halo(127, { firstname: "Petra", surname: "Lindqvist", name: "Petra Lindqvist", title: "Sales Executive" });
      hand.halo(109, { site_id: 19 });
      hand.joins(161, 121, "Owen", "Achterberg", { title: "Deckhand" });
    },
  },
  renamed: {
    what: "GG-Engineering has another name in ad.yaml, without `formerly`: a group is made anew by that name.",
    wrong: "Rights on shares hang on the old group, which nobody looks after any more; the new one gives nothing.",
    act(hand) {
      hand.regroup("GG-Engineering", { name: "GG-Naval-Engineering", ou: hand.groups });
      hand.halo(107, { title: "Harbour Pilot" });
    },
  },
  wide: {
    what: "A condition of ad.yaml is too wide: GG-Payroll-Files, meant for Team Leads of the Harbour too, was given to Team Leads and to the Harbour.",
    wrong: "One dash too many: two lines of `any` instead of one with two fields. The whole Harbour reads the payroll's files.",
    act(hand) {
      hand.regroup("GG-Payroll-Files", { for: payroll([{ title: "Team Lead" }, { site_name: "Harbour" }]) });
      hand.halo(127, { inactive: true });
    },
  },
  site: {
    what: "The flag of leavers was set for all of the site Lab.",
    wrong: "Somebody closed the site in Halo, and its people with it: nobody has left.",
    act(hand) {
      for (const id of hand.where((row) => row["site_name"] === "Lab")) hand.halo(id, { inactive: true });
      hand.joins(162, 121, "Owen", "Achterberg", { title: "Deckhand" });
    },
  },
};

/** Everybody and everything of the company as its mappings say, a week ago. */
export async function settle(w: World): Promise<(name: string) => Promise<Made>> {
  const ou = `OU=Groups,${w.sandbox.config.ad.base}`;
  w.edit("safety", (safety) => {
    // What a company of 60 sets that has been refused a few times.
    safety["limits"] = { disabled: { most: 8 }, membershipsLost: { most: 30 }, licencesLost: { most: 12 } };
  });
  const safety = readFileSync(join(w.mappings, "safety.yaml"), "utf8");
  w.edit("safety", (content) => {
    content["limits"] = Object.fromEntries(["disabled", "membershipsLost", "licencesLost"].map((one) => [one, { most: 100_000 }]));
  });
  w.edit("ad", (ad) => {
    groupsOf(ad).push(
      { name: "GG-Payroll-Files", ou, for: payroll([]) },
      {
        ...{ name: "GG-DryDock", ou, for: { person: [119, 121, 140, 146, 154] }, because: "Dry dock of the Aurora" },
        ...{ starts: "2026-01-01", ends: new Date(Date.now() + 5 * day).toISOString().slice(0, 10) },
      },
    );
  });
  await w.converge([0, 4]);
  writeFileSync(join(w.mappings, "safety.yaml"), safety);
  const files = new Map(["ad", "entra", "halo", "people"].map((name) => [join(w.mappings, `${name}.yaml`), ""]));
  for (const path of files.keys()) files.set(path, readFileSync(path, "utf8"));
  const { users } = w.sandbox.halo.state;
  const rows = structuredClone([...users.entries()]);
  return async (name) => {
    const scenario = scenarios[name];
    if (!scenario) throw new Error(`no scenario ${name}`);
    const hand = handOf(w);
    try {
      scenario.act(hand);
      return await hoursLater(24 * (3 + (scenario.later ?? 0)), () => w.plan(name, [0, 3, 4]));
    } finally {
      hand.back();
      for (const [path, text] of files) writeFileSync(path, text);
      users.clear();
      for (const [id, row] of structuredClone(rows)) users.set(id, row);
    }
  };
}

/** In which order a reader gets them: no two of a kind tell which comes next. */
const shuffled = ["wide", "monday", "drift", "overwritten", "reorganised", "site", "licence", "column", "expired", "renamed"];

/** For a reader who is to judge them: the ten, numbered, and the key beside them. */
export function keep(folder: string, made: ReadonlyMap<string, Made>, givenAway: { readonly [name: string]: readonly string[] }): void {
  const key = shuffled.flatMap((name, index) => {
    const to = join(folder, String(index + 1));
    mkdirSync(to, { recursive: true });
    for (const file of ["plan.html", "plan.md", "plan.json"])
      writeFileSync(join(to, file), readFileSync(join(made.get(name)?.folder ?? "", file)));
    const { what, wrong } = scenarios[name] ?? { what: "" };
    const lines = (givenAway[name] ?? []).map((line) => `  - ${line}`);
    return [
      `- **${index + 1}** ${wrong === undefined ? "as it should be" : "WRONG"} (${name}): ${what}`,
      ...(wrong ? [`  ${wrong}`, ...lines] : []),
    ];
  });
  writeFileSync(join(folder, "KEY.md"), `# Key\n\n${key.join("\n")}\n`);
}
