#!/usr/bin/env node
// The entry of `npx haloform`: finds a Node that strips types (24, which npm installs as a dependency) and starts the command.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "main.ts");
const major = Number(process.versions.node.split(".")[0]);

if (major >= 24) {
  await import("./main.ts");
} else {
  const node = join(here, "..", "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (!existsSync(node)) {
    process.stderr.write(
      `haloform needs Node 24 or newer; this is ${process.version}, and the one npm installs is not there. Run \`npm start\` or \`npm ci\` once in ${join(here, "..")}.\n`,
    );
    process.exit(1);
  }
  const ended = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(ended.status ?? 1);
}
