/** Chromium for tests that look at a page: where it is, and how it is started without a network or a sandbox of its own. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

function onPath(name: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    try {
      if (folder === "") continue;
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not here
    }
  }
  return undefined;
}

export const browserPath = process.env["CHROMIUM"] ?? onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");
export const browserFlags = [
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
