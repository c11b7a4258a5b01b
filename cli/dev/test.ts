/**
 * `npm test`: every test. Says plainly what this machine cannot run; under CI (HALOFORM_REQUIRE_*) that is a failure instead.
 * `--long`: the sizes and counts that take longer (test/sizes.ts). `--durations`: keeps how long each file took
 * (test/durations.json). Anything else is vitest's.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { onPath, pathFolders } from "../../base/on-path.ts";
import { cacheFolder } from "../../engine/cache.ts";
import { findEngine } from "../../engine/find.ts";
import { engineVersion } from "../../engine/version.ts";
import { checkout } from "../engine/project.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Where Debian has the programs of PostgreSQL's server. */
const debian = "/usr/lib/postgresql";
const servers = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : [];
const folders = [...pathFolders(), "/usr/sbin", "/sbin", ...servers];
const installed = (names: readonly string[]): boolean => names.some((name) => onPath(name, folders) !== undefined);

const needs: readonly { what: string; names: readonly string[]; means: string; required?: string }[] = [
  {
    what: "samba",
    names: ["samba"],
    means: "the Active Directory tests run on the sandbox's directory only, not on a Samba domain controller",
  },
  {
    what: "Chromium",
    names: ["chromium", "chromium-browser", "google-chrome"],
    means: "the tests that look at pages in a browser are skipped",
  },
  {
    what: "postgres",
    names: ["postgres"],
    means: "a state in PostgreSQL is not tested",
  },
  {
    what: "Go",
    names: ["go"],
    means: "a state in S3 is not tested, unless its server was built before",
    required: "S3",
  },
  {
    what: "openssl",
    names: ["openssl"],
    means: "the sandbox cannot make its certificates, so most tests fail",
  },
  {
    what: "ssh-keygen",
    names: ["ssh-keygen"],
    means: "the tests of signed approvals fail",
  },
];

let missing = 0;
for (const need of needs) {
  if (installed(need.names)) continue;
  const required = process.env[`HALOFORM_REQUIRE_${need.required ?? need.what.toUpperCase()}`] === "1";
  say(`${required ? "Missing" : "Not installed here"}: ${need.what}; ${need.means}.`);
  if (required) missing += 1;
}
if (!existsSync(join(checkout, "..", "shared", "contracts")))
  say("The published contracts (Halo's OpenAPI file, Graph's CSDL) are not beside the checkout: requests are not checked against them.");
if (missing > 0) process.exit(1);

if (!installed(["pulumi"]) && !existsSync(join(cacheFolder(), "engine", `v${engineVersion}`)))
  say(
    "The Pulumi engine is not on this machine yet: it is downloaded, or built where downloads are closed, which takes about 3 minutes once.",
  );
const engine = await findEngine(say);
say(`Pulumi engine ${engine.version} (${engine.from})`);

const switches: { readonly [name: string]: string } = { "--long": "HALOFORM_LONG", "--durations": "HALOFORM_DURATIONS" };
const args = process.argv.slice(2);
for (const arg of args) if (switches[arg]) process.env[switches[arg]] = "1";
const ended = spawnSync(
  process.execPath,
  [join(checkout, "node_modules", "vitest", "vitest.mjs"), "run", ...args.filter((arg) => !switches[arg])],
  { cwd: checkout, stdio: "inherit", env: process.env },
);
process.exit(ended.status ?? 1);
