/**
 * 15: a stranger's test (docs/decisions/0144). Ten plans of one company, five of them wrong, made by the real command line from
 * what the systems say: the lines that give each away are on the page, in this order. With HALOFORM_STRANGER=DIR the ten are
 * written there for a reader, numbered, with the key.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderMarkdown } from "../../cli/render/plan/markdown.ts";
import { company, keep, scenarios, settle } from "./stranger.ts";
import type { Made, World } from "./support.ts";

let w: World;
const made = new Map<string, Made>();

beforeAll(async () => {
  w = await company();
  const plan = await settle(w);
  for (const name of Object.keys(scenarios)) made.set(name, await plan(name));
  const folder = process.env["HALOFORM_STRANGER"];
  if (folder !== undefined) keep(folder, made, givenAway);
});
afterAll(() => w?.stop());

const of = (name: string): Made => made.get(name) ?? ({} as Made);

/** The page as it is read from the top: a line a block, without marks. */
function page(name: string): string[] {
  const html = readFileSync(join(of(name).folder, "plan.html"), "utf8").replace(/^.*?<body/su, "");
  const text = html
    .replace(/<script.*?<\/script>/gsu, "")
    .replace(/<(?:li|p|div|h[1-3]|details|section)\b[^>]*>/gu, "\n")
    .replace(/<[^>]+>/gu, " ")
    .replace(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
  return text.split("\n").flatMap((line) => line.replace(/\s+/gu, " ").trim() || []);
}

/** What of the lines is on the page, none before the one above it. */
function found(name: string, lines: readonly string[]): string[] {
  let rest = page(name);
  return lines.filter((line) => {
    const at = rest.findIndex((one) => one.includes(line));
    rest = rest.slice(Math.max(0, at));
    return at >= 0;
  });
}

const times = (name: string, line: string): number => page(name).filter((one) => one.includes(line)).length;

/** By name of the wrong plan: the lines that give it away, in the order of the page. */
const givenAway: { readonly [name: string]: readonly string[] } = {
  column: [
    "17 change",
    "Lock-outs 1",
    "Halo agent Jonas Phillips is disabled",
    "team First line stays",
    "department Service Desk stays no longer managed: the value stays as it is",
    "Losses 7",
    "GG-Sales: membership removed Loss: what the place in a group, role or team gave is lost does not meet the condition",
    "department Sales stays no longer managed: the value stays as it is",
    "department Finance stays no longer managed: the value stays as it is",
    "The rest",
    "department Operations stays no longer managed: the value stays as it is",
  ],
  overwritten: [
    "Look twice",
    "Petra Lindqvist (127): first name and surname both become others. Is it the same human?",
    "The rest",
    "Active Directory account dmurphy",
    "displayName before: David Murphy → after: Petra Lindqvist",
  ],
  renamed: [
    "7 group memberships are gained",
    "Look twice",
    "Active Directory group GG-Engineering is let go of, and GG-Naval-Engineering is made anew.",
    "Active Directory group GG-Naval-Engineering is created",
    "Active Directory group GG-Engineering is let go of and stays as it is",
  ],
  wide: [
    "18 group memberships are gained",
    '12 people, 12 changes: site_name "Harbour", by mappings/ad.yaml:57',
    "The rest",
    "Active Directory group GG-Payroll-Files: membership added mappings/ad.yaml:57, halo.users 101 site_name",
    "Active Directory group GG-Payroll-Files",
    "members before: (nothing) → after: 18 added",
  ],
  site: [
    "7 leave",
    "24 lost",
    "8 accounts are disabled",
    "disabled: 8 of at most 8",
    '7 people, 39 changes: inactive "true", by mappings/safety.yaml:2; all of them have site_name "Lab"',
    "Lock-outs 7",
    "Lucía García Márquez 105 inactive in Halo",
    "Active Directory group GG-Engineering changes",
    "members before: 7 removed → after: (nothing)",
    "SPE_E5 21 owned, 7 used → 0",
  ],
};

describe("15: stranger: five plans of ten are wrong, and none of the ten is refused, doubted or parked", () => {
  it("all ten are ready for approval", () => {
    expect(Object.keys(scenarios)).toHaveLength(10);
    expect(Object.keys(givenAway).sort()).toEqual(
      Object.keys(scenarios)
        .filter((name) => scenarios[name]?.wrong !== undefined)
        .sort(),
    );
    for (const [name, { plan }] of made)
      expect([name, plan.guard.verdict, plan.source.trust, plan.parked.length]).toEqual([name, "ok", "trusted", 0]);
  });

  for (const [name, lines] of Object.entries(givenAway))
    it(`15: stranger ${name}: ${scenarios[name]?.what} These lines give it away, in this order`, () => {
      expect(found(name, lines)).toEqual(lines);
    });

  it("15: stranger: how often a line stands there is part of what gives a plan away", () => {
    expect(times("column", "stays no longer managed: the value stays as it is")).toBeGreaterThanOrEqual(17);
    expect(times("wide", "GG-Payroll-Files: membership added")).toBe(18);
    expect(times("site", "inactive in Halo")).toBeGreaterThanOrEqual(7);
  });

  it("15: stranger: what is to be looked at twice stands above the figures in the two that need it, and in no other", () => {
    const twice = [...made.keys()].filter((name) => page(name).includes("Look twice"));
    expect(twice.sort()).toEqual(["overwritten", "renamed"]);
    for (const name of twice)
      expect(page(name).indexOf("Look twice")).toBeLessThan(page(name).findIndex((line) => /^\d+ leave$/u.test(line)));
    for (const name of twice) expect(readFileSync(join(of(name).folder, "plan.md"), "utf8")).toMatch(/\*\*Look twice\*\*\n\n- /u);
    expect(of("renamed").ended.out).toMatch(/^ {2}! Active Directory group GG-Engineering is let go of/mu);
  });

  it("15: stranger: the redacted comment says it of a key, and names nobody", () => {
    const comment = renderMarkdown(of("overwritten").plan, { redact: true });
    expect(comment).toContain("person 127: first name and surname both become others");
    expect(comment).not.toMatch(/Lindqvist|Murphy/u);
  });
});
