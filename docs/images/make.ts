/**
 * Makes plan.png again: the plan page of the quickstart in Chromium. Run `npm start` first, then `node docs/images/make.ts`
 * (or name another plan.html). CHROMIUM names the browser where it is not /usr/bin/chromium.
 */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
/** Pixels of the window. */
const size = { width: 1200, height: 1000 };
/** Bytes a picture of the documentation may have. */
export const largest = 400 * 1024;
/** As in test/e2e/pages.test.ts. */
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

/** Takes the picture; throws where the page is not there or the picture is too large. */
async function take(page: string, to: string): Promise<void> {
  if (!existsSync(page)) throw new Error(`${page} is not there: run \`npm start\` first, or name a plan.html.`);
  const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: flags });
  try {
    const tab = await browser.newPage({ viewport: size, colorScheme: "light" });
    await tab.goto(pathToFileURL(page).href);
    // Down to the end of the first person: the summary says how many, a card shows what one looks like.
    const card = await tab.locator("details.card[open]").first().boundingBox();
    const height = card === null ? size.height : Math.min(Math.ceil(card.y + card.height) + 24, 2 * size.height);
    await tab.screenshot({ path: to, fullPage: true, clip: { x: 0, y: 0, width: size.width, height } });
  } finally {
    await browser.close();
  }
  const bytes = statSync(to).size;
  if (bytes > largest) throw new Error(`${to} has ${bytes} bytes, more than ${largest}: make it smaller.`);
}

if (import.meta.main) {
  const page = resolve(process.argv[2] ?? join(here, "..", "..", ".haloform", "plan", "plan.html"));
  await take(page, join(here, "plan.png"));
}
