/**
 * Names that break things: right in AD (distinguishedName and filter escaping), in Graph, in the pull request's comment, in
 * plan.html and on a terminal. Row A5.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visible } from "../../cli/render/answers/show.ts";
import { renderMarkdown } from "../../cli/render/plan/markdown.ts";
import { escapeValue } from "../../sandbox/ad/server.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { browserPath, launched, problemsOf } from "./browser.ts";
import { type Ended, real, type World, world } from "./support.ts";

/** First name and surname, beside the sandbox's own hard ones. All fit into AD. */
const more: readonly (readonly [string, string])[] = [
  ["$(rm -rf)", "`reboot`"],
  ["Star*", "(objectClass=*)"],
  ["CN=Admin", "OU=Staff,DC=corp"],
  ["Trailing\\", "Backslash\\"],
  ["#", "12 #34 GH-5"],
  ["'; DROP TABLE", "users; --"],
  ["\u202Eevil", "\u2066isolate\u2069"],
  ["::warning::", "%0A::error::"],
  ["[link](javascript:alert(1))", "![img](x)"],
  ["{{ surname }}", "{% raw %}"],
  ["Ω", "ﬁ ½ ①"],
  ["Null", "null"],
];

/** As directories get it: marks that turn text round are written nowhere (outside O8). */
const written = (text: string): string =>
  text
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, "")
    .normalize("NFC")
    .trim();

describe("hard names", () => {
  let w: World;
  let first: { plan: Plan; folder: string; ended: Ended };
  let people: (Person & { wanted: string })[];
  let long: Person;
  let parked: string[];
  const base = () => w.sandbox.config.ad.base;
  const account = (person: Person) =>
    w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && String(entry.values("employeeNumber")[0] ?? "") === String(person.id),
    );

  beforeAll(async () => {
    w = await world({ people: 60, hard: true });
    // A name without a Latin letter gets the record's key as its login; by the sample's rule it would be parked.
    w.edit("people", (content) => {
      const { login } = content["people"] as { login: { is: string } };
      login.is = login.is.replace("| letters | downcase", "| letters | downcase | default: id");
      expect(login.is).toContain("default: id");
    });
    const all = w.sandbox.organisation.people;
    const steady = all.filter((one) => one.situation === "steady" && one.id > 112).slice(0, more.length);
    const joiners = all.filter((one) => one.situation === "joiner" && one.id > 160 && one.id < 900_000);
    expect(steady).toHaveLength(more.length);
    expect(joiners).toHaveLength(10);
    for (const [index, person] of steady.entries()) {
      const [firstname, surname] = more[index] ?? ["", ""];
      w.sandbox.hand({ halo: { table: "users", id: person.id, set: { firstname, surname, name: `${firstname} ${surname}` } } });
      Object.assign(person, { first: firstname, last: surname, name: `${firstname} ${surname}` });
    }
    long = joiners.find((one) => one.name.length > 200) as Person;
    people = [...steady, ...joiners].filter((one) => one !== long).map((one) => ({ ...one, wanted: written(`${one.first} ${one.last}`) }));
    first = await w.plan("first");
    const ended = await w.up(first);
    expect(ended.code, ended.err).toBe(4);
    parked = ended.out.split("\n").filter((line) => line.startsWith("parked"));
    expect(parked.filter((line) => !line.includes(`(${long.id}`))).toEqual([]);
    await w.sandbox.connect.settled();
  });
  afterAll(() => w?.stop());

  it("what AD cannot hold parks one person, with the reason", () => {
    expect(account(long)).toEqual([]);
    expect(parked).toHaveLength(1);
    expect(parked[0]).toMatch(/would have 299 characters .*AD allows 64/u);
  });

  it("outside O8: in AD under the expected distinguishedName, with the exact displayName", () => {
    for (const person of people) {
      const [entry, ...others] = account(person);
      expect(others, person.wanted).toEqual([]);
      expect(entry?.dn, person.wanted).toBe(`CN=${escapeValue(person.wanted)},OU=${person.post.site},OU=Staff,${base()}`);
      expect(entry?.text("displayName"), person.wanted).toBe(person.wanted);
      expect(entry?.text("cn"), person.wanted).toBe(person.wanted);
      expect(entry?.text("givenName"), person.wanted).toBe(written(person.first));
      expect(entry?.text("sAMAccountName"), person.wanted).toMatch(/^[a-z0-9.]{1,20}$/u);
      expect(entry?.enabled, person.wanted).toBe(true);
    }
  });

  it("in Graph with the same name, in the groups of both, with a licence", async () => {
    const { ad, entra } = await w.sandbox.snapshot();
    for (const person of people) {
      const entry = account(person)[0];
      const upn = String(entry?.text("userPrincipalName"));
      expect(entra.users[upn], person.wanted).toMatchObject({ displayName: person.wanted, accountEnabled: true });
      expect([entra.users[upn]?.["licences"], entra.users[upn]?.["inherited"]].flat().length, person.wanted).toBeGreaterThan(0);
      expect(entra.groups.find((group) => group["name"] === "SG-Intranet")?.["members"], person.wanted).toContain(upn);
      expect(ad[`CN=GG-AllStaff,OU=Groups,${base()}`]?.["member"], person.wanted).toContain(entry?.dn);
    }
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("a second preview has nothing but the one who is parked", async () => {
    const { plan } = await w.plan();
    expect(real(plan).filter((one) => one.who !== "" && one.who !== String(long.id))).toEqual([]);
  });

  it("plan.md: every name as text; no mention, no reference, no HTML of theirs", () => {
    const md = renderMarkdown(first.plan, { redact: false });
    // What the renderer itself writes; everything else must be an entity.
    const own = /<\/?(?:details|summary|b|i|code|sub)>|<!-- haloform:[\w%.-]+ -->/gu;
    const rest = md.replace(own, "");
    expect(rest).not.toMatch(/[<@]/u);
    const headings = /^#{4,5} .*$|\*\*|```(?:sh)?$/gmu;
    expect(rest.replace(headings, "").replace(/&#\d+;/gu, "")).not.toMatch(/[#@$`*[\]]|https?:\/\//u);
    const shown = md.replace(/&#8203;/gu, "").replace(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
    for (const person of people) {
      const name = visible(person.wanted);
      expect(shown, name).toContain(name);
    }
    const redacted = readFileSync(join(first.folder, "plan.md"), "utf8");
    expect(redacted.length).toBeLessThanOrEqual(60_000);
  });

  it("on a terminal: nothing that hides, reorders or drives it", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not be there
    expect(first.ended.out).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u);
    for (const person of people) expect(first.ended.out).toContain(visible(person.wanted).slice(0, 60));
  });

  it.skipIf(browserPath === undefined)("plan.html: shown literally, nothing runs", async () => {
    const browser = await launched();
    try {
      const page = await browser.newPage();
      const problems = problemsOf(page);
      await page.goto(pathToFileURL(join(first.folder, "plan.html")).href);
      const shown = await page.locator("details.card h3 bdi").allTextContents();
      for (const person of people) expect(shown).toContain(visible(person.wanted));
      expect(await page.locator("main img, main script, main iframe, main a[href^=http], main style, main pre").count()).toBe(0);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it("somebody with such a name leaves: out of the groups, disabled, and nobody else is touched", async () => {
    const leavers = people.filter((one) => /[,"\\#+(]/u.test(one.wanted)).slice(0, 6);
    expect(leavers).toHaveLength(6);
    w.sandbox.hand({ halo: { table: "users", id: long.id, set: { firstname: "Short", surname: "Now", name: "Short Now" } } });
    for (const person of leavers) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { inactive: true } } });
    // And one whom nobody knows, put in by hand: in the plan by its distinguishedName.
    const stranger = `CN=${escapeValue('Stranger, "Danger" <b> @all #1 \\ +')},OU=Service,${base()}`;
    w.sandbox.hand({
      ad: {
        dn: stranger,
        create: { objectClass: ["top", "person", "organizationalPerson", "user"], sAMAccountName: "stranger", userAccountControl: 514 },
      },
    });
    w.sandbox.hand({ ad: { dn: `CN=GG-Sales,OU=Groups,${base()}`, add: { member: [stranger] } } });
    const others = people.filter((one) => !leavers.includes(one));
    const { plan } = await w.converge();
    expect(
      plan.people
        .filter((one) => one.event === "leaver")
        .map((one) => one.key)
        .sort(),
    ).toEqual(leavers.map((one) => String(one.id)).sort());
    const { ad } = await w.sandbox.snapshot();
    const everybody = ad[`CN=GG-AllStaff,OU=Groups,${base()}`]?.["member"] as string[];
    for (const person of leavers) {
      expect(account(person)[0]?.enabled, person.wanted).toBe(false);
      expect(everybody, person.wanted).not.toContain(account(person)[0]?.dn);
    }
    for (const person of others) expect(everybody, person.wanted).toContain(account(person)[0]?.dn);
    expect(ad[`CN=GG-Sales,OU=Groups,${base()}`]?.["member"] ?? []).not.toContain(stranger);
    expect(account(long)).toHaveLength(1);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
