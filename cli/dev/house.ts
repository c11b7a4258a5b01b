/** Holds the house against house.config.ts: imports are read by dependency-cruiser (types and `import()` count), lengths by Biome. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { folders, known, rules } from "../../house.config.ts";

/** Imports that are against a rule, a line each: `no circle: a.ts → b.ts`. */
export async function imports(root: string): Promise<string[]> {
  const { output } = await cruise(
    folders.filter((folder) => existsSync(join(root, folder))),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      // Types are imports, too: what knows a type knows the file.
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "node_modules" },
      parser: "tsc",
    },
    { extensions: [".ts", ".mjs", ".js"] },
  );
  const { violations } = (output as ICruiseResult).summary;
  return [...new Set(violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`))].sort();
}

/** Biome's rules about lengths, whose findings are judged here, so that some may be known. */
export const lengthRules = ["complexity/noExcessiveLinesPerFunction", "style/noExcessiveLinesPerFile"] as const;

/** Files and functions that are too long, a line each, as Biome counts. */
export function lengths(root: string): string[] {
  const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
  const only = lengthRules.map((name) => `--only=${name}`);
  const { stdout } = spawnSync(process.execPath, [biome, "lint", ...only, "--reporter=json", "--max-diagnostics=none", "."], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { severity: string; message: string; location: { path: string; start: { line: number } } }[];
  };
  // Where no limit is set (tests), Biome only informs.
  return diagnostics.flatMap(({ severity, message, location }) =>
    severity === "error" ? [`${location.path}: ${message.replace(/ \(\d+\)/u, "")}`] : [],
  );
}

/** What `npm run check` has to say: what is found and not known, and what is known and not found any more. */
export function judged(found: readonly string[], expected: readonly string[] = known): string[] {
  return [
    ...found.filter((line) => !expected.some((start) => line.startsWith(start))),
    ...expected
      .filter((start) => !found.some((line) => line.startsWith(start)))
      .map((start) => `no longer needed among the known exceptions of house.config.ts: ${start}`),
  ];
}
