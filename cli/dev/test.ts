/** `npm test`: every test. Says plainly what this machine cannot run; under CI (HALOFORM_REQUIRE_*) that is a failure instead. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { onPath, pathFolders } from "../../base/on-path.ts";
import { findEngine } from "../../engine/find.ts";
import { checkout } from "../engine/project.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const folders = [...pathFolders(), "/usr/sbin", "/sbin"];
const installed = (names: readonly string[]): boolean => names.some((name) => onPath(name, folders) !== undefined);

const needs = [
  {
    what: "samba",
    names: ["samba"],
    require: "HALOFORM_REQUIRE_SAMBA",
    means: "the Active Directory tests run on the sandbox's directory only, not on a Samba domain controller",
  },
  {
    what: "Chromium",
    names: ["chromium", "chromium-browser", "google-chrome"],
    require: "HALOFORM_REQUIRE_CHROMIUM",
    means: "the tests that look at pages in a browser are skipped",
  },
  {
    what: "openssl",
    names: ["openssl"],
    require: "HALOFORM_REQUIRE_OPENSSL",
    means: "the sandbox cannot make its certificates, so most tests fail",
  },
];

let missing = 0;
for (const need of needs) {
  if (installed(need.names)) continue;
  const required = process.env[need.require] === "1";
  say(`${required ? "Missing" : "Not installed here"}: ${need.what}; ${need.means}.`);
  if (required) missing += 1;
}
if (!existsSync(join(checkout, "..", "shared", "contracts")))
  say("The published contracts (Halo's OpenAPI file, Graph's CSDL) are not beside the checkout: requests are not checked against them.");
if (missing > 0) process.exit(1);

const engine = await findEngine(say);
say(`Pulumi engine ${engine.version} (${engine.from})`);

const ended = spawnSync(process.execPath, [join(checkout, "node_modules", "vitest", "vitest.mjs"), "run", ...process.argv.slice(2)], {
  cwd: checkout,
  stdio: "inherit",
  env: process.env,
});
process.exit(ended.status ?? 1);
