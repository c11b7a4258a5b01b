/** Names as the matrix of a CI: a job for each. Pure. */
import { UsageError } from "../exit.ts";

export const matrices = ["github", "gitlab", "azure"] as const;
export type Matrix = (typeof matrices)[number];

/**
 * `github`: for `strategy.matrix: ${{ fromJSON(…) }}`; `gitlab`: what stands under `parallel:` of a job; `azure`: for
 * `strategy.matrix: $[ … ]`. `variable`: what the name of a job's own is called there (in capitals, as a variable).
 */
export function matrixOf(names: readonly string[], ci: Matrix, variable: string): string {
  if (ci === "github") return `${JSON.stringify({ [variable]: names })}\n`;
  const upper = variable.toUpperCase();
  if (ci === "gitlab") return `matrix:\n${names.map((name) => `  - ${upper}: ${JSON.stringify(name)}\n`).join("")}`;
  // The name of a job there is made of letters, digits and underscores.
  const jobs = names.map((name) => [name.replace(/\W/gu, "_"), { [upper]: name }] as const);
  if (new Set(jobs.map(([job]) => job)).size < names.length)
    throw new UsageError("Two names would be one job in Azure Pipelines, which knows letters, digits and underscores only.");
  return `${JSON.stringify(Object.fromEntries(jobs))}\n`;
}
