/** plan.html in a real browser: it opens, it fits a phone, it finds people, and nothing in a name runs. */
import { describe, expect, test } from "vitest";
import { visible } from "../../cli/render/answers/show.ts";
import { renderHtml } from "../../cli/render/plan/html.ts";
import { hardNames, hardPlan, largePlan, planOf, samplePlan } from "../unit/cli/render/sample.ts";
import { browserPath, inChromium, overflow } from "./browser.ts";

describe.skipIf(browserPath === undefined)("plan.html in Chromium", () => {
  const { browser, addressOf, open } = inChromium();

  for (const width of [1200, 360]) {
    for (const dark of [false, true]) {
      test(`the sample plan at ${width} px, ${dark ? "dark" : "light"}`, async () => {
        const { page, problems } = await open(renderHtml(samplePlan()), { width, colorScheme: dark ? "dark" : "light" });
        expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Plan for northwind");
        expect(await page.getByRole("heading", { name: "Gwen Oduya" }).isVisible()).toBe(true);
        expect(await page.getByText("6 people join, 4 leave, 9 change").isVisible()).toBe(true);
        expect(await page.getByRole("main").count()).toBe(1);
        expect(await overflow(page)).toBe(0);
        await page.getByRole("button", { name: "Open all" }).click();
        expect(await page.locator("details.card:not([open])").count()).toBe(0);
        expect(await page.getByText("Team Lead", { exact: true }).first().isVisible()).toBe(true);
        expect(await overflow(page)).toBe(0);
        expect(problems).toEqual([]);
        await page.context().close();
      });
    }
  }

  test("search finds people whatever their accents and case, and says how many", async () => {
    const { page, problems } = await open(renderHtml(samplePlan()));
    await page.getByRole("searchbox").fill("zulawski");
    await page.waitForFunction(() => document.getElementById("found")?.textContent !== "");
    // ż loses its dot, ł is a letter of its own: what is typed without accents finds the login.
    expect(await page.locator("#found").textContent()).toBe("1 of 23 people and things");
    expect(await page.getByRole("heading", { name: "Tomasz Żuławski" }).isVisible()).toBe(true);
    expect(await page.getByRole("heading", { name: "Gwen Oduya" }).isVisible()).toBe(false);
    expect(await page.locator("#risk-lockedOut").isVisible()).toBe(false);
    await page.getByRole("searchbox").fill("ZOE");
    await page.getByRole("heading", { name: "Zoë O'Neil" }).waitFor({ state: "visible" });
    expect(await page.getByRole("heading", { name: "Tomasz Żuławski" }).isVisible()).toBe(false);
    await page.getByRole("searchbox").fill("");
    await page.waitForFunction(() => document.querySelectorAll("details.card[hidden]").length === 0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test("cards open by keyboard", async () => {
    const { page } = await open(renderHtml(samplePlan()));
    const card = page
      .locator("details.card", { hasText: "Ada Example" })
      .filter({ has: page.getByRole("heading", { name: "Ada Example" }) });
    await card.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await card.getAttribute("open")).not.toBeNull();
    await page.context().close();
  });

  test("without scripts the page reads, and offers nothing that needs one", async () => {
    const { page } = await open(renderHtml(samplePlan()), { width: 360, javaScriptEnabled: false });
    expect(await page.getByRole("heading", { name: "Ada Example" }).isVisible()).toBe(true);
    expect(await page.locator("#find").isVisible()).toBe(false);
    // On paper a closed card cannot be opened.
    const title = page.locator(".card[data-kind=mover] ins", { hasText: "Team Lead" });
    expect(await title.isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect((await title.boundingBox())?.height ?? 0).toBeGreaterThan(5);
    await page.context().close();
  });

  test("a refused plan with doubts says so before anything else", async () => {
    const plan = planOf({
      guard: { verdict: "refused", breaches: ["41 group memberships would be lost in 24 hours; at most 25 may be."] },
      source: {
        name: "Halo users",
        records: 120,
        trust: "doubted",
        doubts: ["130 people known before are missing; nobody loses anything by this plan."],
      },
    });
    const { page, problems } = await open(renderHtml(plan), { width: 360 });
    expect(await page.getByText("Refused: nothing will be applied").isVisible()).toBe(true);
    expect(await page.getByText("41 group memberships would be lost").isVisible()).toBe(true);
    expect(await page.getByText("haloform up --plan").count()).toBe(0);
    expect(await overflow(page)).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  for (const width of [1200, 360]) {
    test(`hard names are text and nothing else at ${width} px`, async () => {
      const { page, problems } = await open(renderHtml(hardPlan()), { width });
      await page.getByRole("button", { name: "Open all" }).click();
      expect(await page.title()).toBe("northwind: Ready for approval · haloform");
      const people = "details.card:not([data-kind=shared])";
      const shown = await page.locator(`${people} h3 bdi`).allTextContents();
      const wanted = hardNames
        .map((name) => visible(name))
        .map((name) => (name.length > 120 ? `${name.slice(0, 120)}… (${name.length} characters)` : name));
      expect(shown.toSorted()).toEqual(wanted.toSorted());
      expect(await page.locator("main img, main script, main iframe, main a[href^=http], main style").count()).toBe(0);
      expect(await page.locator(people).count()).toBe(hardNames.length);
      expect(await overflow(page)).toBe(0);
      expect(problems).toEqual([]);
      await page.context().close();
    });
  }

  test("markup put into the page by any other way cannot run, load or restyle", async () => {
    const html = renderHtml(samplePlan()).replace(
      "Gwen Oduya",
      `<script>document.title="owned"</script><img src="x" onerror="document.title='owned'"><style>h1{display:none}</style>`,
    );
    const page = await browser().newPage();
    const blocked: string[] = [];
    page.on("console", (message) => message.type() === "error" && blocked.push(message.text()));
    await page.goto(addressOf(html));
    expect(await page.title()).toBe("northwind: Ready for approval · haloform");
    expect(await page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
    expect(blocked.filter((text) => /Content Security Policy/u.test(text)).length).toBeGreaterThanOrEqual(3);
    await page.close();
  });

  test("5,000 people: opens and finds one in seconds", async () => {
    const started = performance.now();
    const { page, problems } = await open(renderHtml(largePlan(5000)));
    await page.getByRole("searchbox").fill("pnumber4711");
    await page.waitForFunction(() => document.getElementById("found")?.textContent === "1 of 5000 people");
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
