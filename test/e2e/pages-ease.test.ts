/** plan.html for everybody (issue 15, point 9): risk first, filters, keyboard and screen reader, paper, and 5,000 changes without a pause. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inventoryPage } from "../../cli/render/inventory/html.ts";
import { renderHtml } from "../../cli/render/plan/html.ts";
import { largePlan, planOf, samplePlan } from "../unit/cli/render/sample.ts";
import { browserPath, inChromium } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong: the rule, and where. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** µs: by the clock, and of the thread's own work. */
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/**
 * What the page's main thread did during `act` (ms): its own work, which other programs on the machine do not lengthen, of the longest
 * task and of all.
 */
async function worked(browser: Browser, page: Page, act: () => Promise<unknown>): Promise<{ longest: number; all: number }> {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(traceEvents.flatMap((one) => (one.args.name === "CrRendererMain" ? `${one.pid} ${one.tid}` : [])));
  const tasks = traceEvents.filter((one) => one.ph === "X" && /RunTask/u.test(one.name) && mains.has(`${one.pid} ${one.tid}`));
  expect(tasks.length).toBeGreaterThan(20);
  const own = tasks.map(({ tdur, dur = 0 }) => (tdur ?? dur) / 1000);
  // Each task is told of twice, by the thread's pool and by the sequence: of the sum the half.
  const names = new Set(tasks.map(({ name }) => name)).size;
  return {
    longest: Math.max(...own),
    all: own.reduce((sum, one) => sum + one, 0) / names,
  };
}

/** What any browser must lay out as one task, and how long that takes (ms) on a machine that the limits are meant for: a slower one is given more. */
const plainPage = Array.from({ length: 2_000 }, (_, index) => `<p>Paragraph ${index} of <b>many</b></p>`).join("");
const plainTakes = 60;

describe.skipIf(browserPath === undefined)("plan.html for everybody", () => {
  const { browser, addressOf, open } = inChromium();
  const shown = (page: Page) => page.locator(".card:not([hidden]) h3").allTextContents();
  const said = (page: Page, text: string) =>
    page.waitForFunction((wanted) => document.getElementById("found")?.textContent === wanted, text);

  test("what is dangerous stands first, with why and whether it can be put back", async () => {
    const { page } = await open(renderHtml(samplePlan()));
    expect(await page.locator("#main h2").allTextContents()).toEqual([
      "Power over others 1",
      "Lock-outs 4",
      "Losses 5",
      "The rest 13",
      "Parked 2",
      "Notes 2",
    ]);
    const [hanna, gwen] = ["Hanna Berg", "Gwen Oduya"].map((name) => page.locator(".card", { hasText: name }));
    // Of a person the worst comes first too.
    expect(await hanna?.locator(".items > li").first().textContent()).toContain("Power: gives power over others");
    expect(await gwen?.getByText("Lock-out: nobody can sign in with it any more").isVisible()).toBe(true);
    expect(await gwen?.getByText("Put back in part only: Microsoft deletes what was kept under it").isVisible()).toBe(true);
    expect(await page.getByText("13 changes in part only; every other by a plan of the mappings as they were.").isVisible()).toBe(true);
    await page.context().close();
  });

  test("filters by kind, system, risk and what can be put back, and by person together; all is on paper all the same", async () => {
    const { page } = await open(renderHtml(samplePlan()));
    await page.getByLabel("Kind").selectOption("Leavers");
    await said(page, "4 of 23 people and things");
    await page.getByLabel("Kind").selectOption("Shared things");
    await said(page, "3 of 23 people and things");
    await page.getByLabel("System").selectOption("Halo");
    await said(page, "1 of 23 people and things");
    expect(await shown(page)).toEqual(["Halo role Field Engineer"]);
    await page.getByLabel("Kind").selectOption("");
    await said(page, "2 of 23 people and things");
    await page.getByLabel("Risk").selectOption("Power over others");
    await said(page, "1 of 23 people and things");
    expect(await page.locator("#main section:visible h2").allTextContents()).toContain("Power over others 1");
    expect(await page.locator("#risk-rest").isVisible()).toBe(false);
    for (const label of ["System", "Risk"]) await page.getByLabel(label).selectOption("");
    await page.getByLabel("Can it be put back").selectOption("Put back in part only");
    await page.getByRole("searchbox", { name: "Find a person, a group, a value" }).fill("spe_e5 Ada");
    await said(page, "1 of 23 people and things");
    expect(await shown(page)).toEqual(["Ada Example"]);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".card:visible").count()).toBe(23);
    expect(await page.locator("#risk-rest ins", { hasText: "Boatswain" }).isVisible()).toBe(true);
    expect(await page.locator(".filters").isVisible()).toBe(false);
    await page.context().close();
  });

  const inParts = (() => {
    const plan = samplePlan();
    const changes = plan.people.flatMap(({ key, changes: all }) => all.map((_, index) => ({ person: key, index })));
    const isOf = (event: string) => (one: { person: string }) => plan.people.find(({ key }) => key === one.person)?.event === event;
    const part = (id: string, approvers: 0 | 1 | 2, its: typeof changes) => ({
      ...{
        id,
        digest: plan.digest,
        rule: "mappings/approvals.yaml:7",
        because: ["leavers are decided by mappings/approvals.yaml:7"],
        kinds: [id],
      },
      needs: { approvers, of: approvers > 0 ? ["ada@example.com", "ben@example.com"] : [], never: [] },
      ...{ people: [...new Set(its.map(({ person }) => person))], changes: its },
    });
    const rest = changes.filter((one) => !isOf("leaver")(one) && !isOf("joiner")(one));
    const parts = [
      part("joiners-1", 0, changes.filter(isOf("joiner"))),
      part("leavers-1", 2, changes.filter(isOf("leaver"))),
      part("rest-1", 1, rest),
    ];
    return renderHtml({ ...plan, parts });
  })();

  test("parts: who must approve which, and what is in each", async () => {
    const { page } = await open(inParts);
    const parts = page.locator("#parts .part");
    expect(await parts.locator("h3").allTextContents()).toEqual(["leavers-1", "rest-1", "joiners-1"]);
    expect(await parts.first().textContent()).toContain("Holds 4 people, 20 changes. Approved by two of ada@example.com, ben@example.com");
    expect(await parts.last().textContent()).toContain("haloform up --by-rule");
    await page.getByLabel("Part", { exact: true }).selectOption("leavers-1");
    await said(page, "4 of 23 people and things");
    expect(await page.locator(".card:not([hidden]) .chip.part").allTextContents()).toEqual(
      Array.from({ length: 4 }, () => "part leavers-1"),
    );
    await page.context().close();
  });

  test("a large plan is on paper whole, without scripts too", async () => {
    const { page } = await open(renderHtml(largePlan(450)), { javaScriptEnabled: false });
    await page.emulateMedia({ media: "print" });
    const pdf = await page.pdf();
    expect(await page.locator(".card:visible").count()).toBe(450);
    const high = await page.locator(".card ins").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height > 5).length);
    expect(high).toBe(await page.locator(".card ins").count());
    // 450 people with their values do not fit on fewer.
    expect((pdf.toString("latin1").match(/\/Type\s*\/Page\b/gu) ?? []).length).toBeGreaterThan(40);
    await page.context().close();
  });

  test("the keyboard goes from the address to the changes, and through filters and cards", async () => {
    const { page } = await open(renderHtml(samplePlan()));
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the changes");
    await page.keyboard.press("Enter");
    for (const label of ["Find a person, a group, a value", "Kind", "System", "Risk", "Can it be put back"]) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent)).toBe(label);
    }
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Open all");
    await page.keyboard.press("Tab");
    expect(await focused()).toContain("Hanna Berg");
    await page.keyboard.press("Space");
    expect(await page.locator(".card").first().getAttribute("open")).toBeNull();
    expect(await page.locator("#found").getAttribute("role")).toBe("status");
    await page.context().close();
  });

  const refused = planOf({
    ...samplePlan(),
    guard: { verdict: "refused", breaches: ["41 group memberships would be lost in 24 hours; at most 25 may be."] },
    source: { name: "Halo users", records: 120, trust: "doubted", doubts: ["130 people known before are missing."] },
  });
  const inventory = inventoryPage({
    ...{ format: "haloform.inventory/1", stack: "northwind", at: "2026-11-30T08:15:00.000Z", source: { name: "halo.users", records: 2 } },
    ...{ kinds: ["accounts", "groups"], counts: [{ kind: "accounts", system: "ad", things: 1, by: { nobody: 1 } }], doubts: ["Doubted"] },
    ...{ notes: ["A note"], unread: [{ kind: "teams", system: "halo", why: "HaloITSM answers 403" }] },
    rows: [
      { kind: "accounts", system: "ad", sort: "account", id: "1", name: "aexample", enabled: true, state: "nobody" },
      { kind: "groups", system: "ad", sort: "security", id: "2", name: "GG-Sales", state: "empty" },
    ],
  });
  const pages = { "a plan in parts": inParts, "a refused plan": renderHtml(refused), "an inventory": inventory };
  for (const [name, html] of Object.entries(pages))
    test(`axe finds nothing in ${name}: light, dark, 360 px, print`, async () => {
      for (const how of [{}, { colorScheme: "dark" }, { width: 360 }, { media: "print" }] as const) {
        const { media, ...options } = { media: "screen" as const, ...how };
        const { page } = await open(html, options);
        await page.emulateMedia({ media });
        const all = page.getByRole("button", { name: "Open all" });
        if (media === "screen" && "colorScheme" in how && (await all.count()) > 0) await all.click();
        expect(await findings(page), JSON.stringify(how)).toEqual([]);
        await page.context().close();
      }
    });

  test("5,000 changes open within 2 s and scroll without a pause of 100 ms, closed and open", async () => {
    const plan = largePlan(1667);
    expect(plan.people.flatMap(({ changes }) => changes).length).toBeGreaterThanOrEqual(5_000);
    const address = addressOf(renderHtml(plan));
    const pass = async () => {
      const { page } = await open("<p>before</p>");
      const opening = await worked(browser(), page, async () => {
        await page.goto(address);
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      });
      const clock = await page.evaluate(() => performance.getEntriesByType("navigation").map((one) => one.duration)[0] ?? Number.NaN);
      const scroll = () =>
        page.evaluate(async () => {
          const high = document.documentElement.scrollHeight;
          for (let step = 0; step <= 100; step += 1) {
            scrollTo(0, (high * step) / 100);
            await new Promise((drawn) => requestAnimationFrame(drawn));
          }
        });
      const closed = await worked(browser(), page, scroll);
      await page.getByRole("button", { name: "Open all" }).click();
      await page.waitForFunction(() => document.querySelectorAll("details:not([open])").length === 0);
      const wide = await worked(browser(), page, scroll);
      await page.goto("about:blank");
      const plain = await worked(browser(), page, () =>
        page.evaluate(async (html) => {
          document.body.innerHTML = html;
          for (let frame = 0; frame < 10; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
        }, plainPage),
      );
      await page.context().close();
      return { opening, clock, closed, wide, plain };
    };
    // A pause of the page's own is there each time; one that another program on the machine has made is not, though the thread's time
    // has it too (what it had at hand is gone when it goes on).
    const passes = [await pass(), await pass(), await pass()];
    const least = (of: (one: (typeof passes)[number]) => number): number => Math.min(...passes.map(of));
    const [opening, closed, wide] = [least((one) => one.opening.all), least((one) => one.closed.longest), least((one) => one.wide.longest)];
    const [clock, plain] = [least((one) => one.clock), least((one) => one.plain.longest)];
    const ms = (value: number) => `${Math.round(value)} ms`;
    console.log(
      `5,000 changes: opened by ${ms(opening)} of work (by the clock ${ms(clock)}); longest task while scrolling ${ms(closed)} closed, ${ms(wide)} open; a plain page ${ms(plain)}.`,
    );
    expect(opening).toBeLessThan(2_000);
    const most = 100 * Math.max(1, plain / plainTakes);
    expect(closed).toBeLessThan(most);
    expect(wide).toBeLessThan(most);
    // By the clock the same, as far as other programs leave the machine to the browser.
    expect(clock).toBeLessThan(Math.max(2_000, 10 * opening));
  });
});
