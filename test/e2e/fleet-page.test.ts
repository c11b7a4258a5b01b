/** The page of `haloform fleet` in a real browser: found, filtered, read by everybody, and nothing in a name runs. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { describe, expect, test } from "vitest";
import type { FleetClient } from "../../cli/answers/fleet.ts";
import { fleetPage } from "../../cli/render/fleet/page.ts";
import { browserPath, inChromium, overflow } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const states = ["nothing", "waits", "refused", "failed", "stopped", "applied", "unknown"] as const;
const clients = Array.from({ length: 60 }, (_, index): FleetClient => {
  const state = states[index % states.length] ?? "nothing";
  const isWrong = state === "refused" || state === "failed";
  return {
    ...{ format: "haloform.fleet-client/1", client: index === 3 ? "żuraw" : `client-${index}`, state, code: isWrong ? 3 : 0 },
    said: isWrong ? [`<img src=x onerror="document.title='owned'"> ${index}`] : [],
    at: "2026-11-30T08:15:00.000Z",
    waiting: { changes: index, joiners: index % 3, movers: 1, leavers: 0, parked: index % 2 },
    losses: { disabled: 0, memberships: index, licences: 1, deleted: 0 },
    looser: index === 1 ? ["Looser than common/safety.yaml: limits.disabled.most is 80 instead of 20"] : [],
    doubts: index === 2 ? ["The read of HaloITSM is doubted"] : [],
    drift: { at: "2026-11-30T02:17:00.000Z", found: 2, result: "done" },
    licences: [{ sku: "SPE_E3", owned: 50, used: 40, wanted: 2, short: 0 }],
    lastRun: { at: "2026-11-29T16:00:00.000Z", by: "ada@build", ended: "done", parked: 0 },
  };
});
const html = fleetPage({ format: "haloform.fleet/1", of: "preview", made: "2026-11-30T08:16:00.000Z", clients });

describe.skipIf(browserPath === undefined)("the page of all clients in Chromium", () => {
  const { open } = inChromium();

  test("is found in and filtered, and says what is wrong with whom", async () => {
    const { page, problems } = await open(html);
    const shown = () => page.locator("tbody tr:visible").count();
    const found = page.locator("#found");
    expect(await found.textContent()).toBe("60 of 60 clients");
    await page.getByRole("searchbox", { name: "Find in every column" }).fill("zuraw");
    expect([await found.textContent(), await shown()]).toEqual(["1 of 60 clients", 1]);
    await page.getByRole("searchbox", { name: "Find in every column" }).fill("");
    await page.getByLabel("State").selectOption("refused");
    expect([await found.textContent(), await shown()]).toEqual(["9 of 60 clients", 9]);
    expect(await page.getByRole("rowheader", { name: "client-2", exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole("heading", { name: "client-1", exact: true }).isVisible()).toBe(true);
    expect(await page.getByText(`<img src=x onerror="document.title='owned'"> 2`, { exact: true }).isVisible()).toBe(true);
    expect(await page.title()).toBe("All clients: what waits · haloform");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  for (const [name, width, dark] of [
    ["light", 1200, false],
    ["dark", 1200, true],
    ["360 px", 360, false],
  ] as const)
    test(`axe finds nothing, and nothing is wider than the page: ${name}`, async () => {
      const { page } = await open(html, { width, colorScheme: dark ? "dark" : "light", bypassCSP: true });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
      expect(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html)])).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.context().close();
    });

  test("without scripts every client is there", async () => {
    const { page } = await open(html, { javaScriptEnabled: false });
    expect(await page.locator("tbody tr").count()).toBe(60);
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    await page.context().close();
  });
});
