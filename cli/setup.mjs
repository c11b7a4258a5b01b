// What `npm start`, `npm test` and the like run first, on whatever Node the machine has (20 or newer): installs what is
// missing, then hands over to the Node 24 that npm installed. Plain JavaScript on purpose: nothing is installed yet.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task, ...args] = process.argv.slice(2);

function stop(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < 20)
  stop(`haloform needs Node 20 or newer to set itself up; this is ${process.version}. Install a newer Node from https://nodejs.org.`);

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const stamp = join(root, "node_modules", ".haloform-installed");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  process.stderr.write("Installing what haloform needs (npm ci; once, about half a minute)\n");
  const npm = process.env.npm_execpath;
  // On stderr, so that a document on stdout stays alone there.
  const installed = npm
    ? spawnSync(process.execPath, [npm, "ci", "--no-fund", "--no-audit", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
        cwd: root,
        stdio: ["ignore", 2, 2],
        shell: process.platform === "win32",
      });
  if (installed.status !== 0)
    stop("npm ci did not succeed; what it said stands above. Mend that (often the registry or a proxy setting) and run this again.");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

const bin = join(root, "node_modules", ".bin");
const node = join(bin, process.platform === "win32" ? "node.cmd" : "node");
const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) < 24)
  stop(
    `The Node that npm installed does not run (${version || "no answer"}); if npm is set to ignore scripts, allow them for this project: npm config set ignore-scripts false --location=project.`,
  );

const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
const steps = {
  start: [[join(root, "cli", "main.ts"), "quickstart", ...args]],
  test: [[join(root, "cli", "dev", "test.ts"), ...args]],
  check: [[join(root, "cli", "dev", "check.ts"), ...args]],
  bench: [[join(root, "bench", "main.ts"), ...args]],
  generate: [[join(root, "mappings", "pages", "generate.ts"), ...args]],
}[task];
if (!steps) stop(`setup.mjs: there is no task ${task}`);

for (const step of steps) {
  const child = spawn(node, step, { cwd: root, stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  const code = await new Promise((done) => child.on("close", (status, signal) => done(status ?? (signal ? 1 : 0))));
  if (code !== 0) process.exit(code);
}
