/** `npm run check`: types, format and lint, dead code, generated files, workflows, the house. Every step runs; one failure fails all. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../engine/project.ts";
import { imports, judged, lengthRules, lengths } from "./house.ts";
import { lintWorkflows } from "./workflows.ts";

const bin = (name: string): string => join(checkout, "node_modules", name);
const failed: string[] = [];

function step(title: string, args: string[]): void {
  process.stdout.write(`• ${title}\n`);
  const ended = spawnSync(process.execPath, args, { cwd: checkout, stdio: "inherit" });
  if (ended.status !== 0) failed.push(title);
}

step("types (tsc)", [bin("typescript/bin/tsc"), "--noEmit", "-p", "."]);
step("format and lint (biome)", [
  ...[bin("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings"],
  ...[...lengthRules.map((name) => `--skip=${name}`), "."],
]);
step("dead code (knip)", [bin("knip/bin/knip.js")]);
step("generated files (npm run generate)", [join(checkout, "mappings", "pages", "generate.ts"), "--check"]);

/** A step that finds lines. */
async function looked(title: string, look: () => Promise<readonly string[]>): Promise<void> {
  process.stdout.write(`• ${title}\n`);
  for (const found of await look()) {
    process.stdout.write(`${found}\n`);
    failed.push(title);
  }
}
await looked("workflows (actionlint)", () => lintWorkflows(checkout));
await looked("directions, circles, lengths", async () => judged([...(await imports(checkout)), ...lengths(checkout)]));

if (failed.length > 0) {
  process.stderr.write(`Failed: ${[...new Set(failed)].join(", ")}\n`);
  process.exit(1);
}
process.stdout.write("All checks passed.\n");
