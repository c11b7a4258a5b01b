/** Chromium for tests that look at a page: where it is, how it is started without a network or a sandbox of its own, and pages in it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { onPath } from "../../base/on-path.ts";

export const browserPath = process.env["CHROMIUM"] ?? onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

if (browserPath === undefined) {
  if (process.env["HALOFORM_REQUIRE_CHROMIUM"] === "1")
    throw new Error("cannot test plan.html: Chromium is not installed and HALOFORM_REQUIRE_CHROMIUM=1; install chromium or set CHROMIUM");
  console.log(
    "Skipped: plan.html in a browser. Chromium is not installed; put chromium or google-chrome on PATH, or its path into CHROMIUM.",
  );
}

export const launched = (): Promise<Browser> => chromium.launch({ executablePath: browserPath ?? "chromium", args: flags });

/** Everything that the console, the page or the network complains of from now on. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => request.url().startsWith("file:") || problems.push(`request: ${request.url()}`));
  return problems;
}

/** Pixels by which the page is wider than what is seen of it. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Chromium and a folder of pages for the tests of a block; both end with it. */
export function inChromium() {
  let browser: Browser;
  let folder = "";
  let files = 0;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "haloform-pages-"));
    browser = await launched();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });
  /** Address of a file of the page. */
  const addressOf = (html: string): string => {
    files += 1;
    const file = join(folder, `${files}.html`);
    writeFileSync(file, html);
    return pathToFileURL(file).href;
  };
  return {
    browser: () => browser,
    addressOf,
    /** A page in a context of its own, and its problems. */
    async open(html: string, { width = 1200, ...more }: BrowserContextOptions & { width?: number } = {}) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, ...more });
      const page = await context.newPage();
      const problems = problemsOf(page);
      await page.goto(addressOf(html));
      return { page, problems };
    },
  };
}
