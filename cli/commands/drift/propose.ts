/** `haloform drift --keep CAUSE --pull-request`: the lines that make a cause wished, proposed on GitHub by whoever runs it (docs/decisions/0152). */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { shortDigest } from "../../../base/digest.ts";
import { connectToPropose } from "../../../clients/github/proposal.ts";
import type { Drift, DriftProposed } from "../../answers/drift.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { causeTitle } from "../../render/answers/drift.ts";
import { causeIn, patchOf } from "./inbox.ts";
import { patched } from "./unified.ts";

const usualApi = "https://api.github.com";

/** Throws UsageError, Refusal where no line can keep it or the repository has other files, and what GitHub says. */
export async function propose(project: Project, drift: Drift, id: string, env: NodeJS.ProcessEnv): Promise<DriftProposed> {
  const patch = patchOf(drift, id);
  const { config, folder, stack } = project;
  const settings = config.approvers?.github;
  const repository = settings?.repository ?? env["GITHUB_REPOSITORY"];
  const token = env["GITHUB_TOKEN"];
  if (!repository)
    throw new UsageError("--pull-request: say in which repository: haloform:approvers.github.repository, or GITHUB_REPOSITORY.");
  if (!token) throw new UsageError("--pull-request: set GITHUB_TOKEN to a token of yours that may write its contents and pull requests.");
  const api = connectToPropose({ api: settings?.api ?? usualApi, ca: settings?.ca, repository, token });
  const main = await api.main();
  // A patch calls the files by the folder of the mappings, as the repository has it.
  const here = (path: string): string => readFileSync(join(dirname(resolve(folder, config.mappings)), path), "utf8");
  const files = patched(patch, here);
  // What is proposed is these lines, and never what else is another thing here.
  for (const path of files.keys())
    if ((await api.file(main, path)) !== here(path))
      throw new Refusal([`${path} of ${repository} (${main.branch}) is another than the one here: bring this checkout up to date first.`]);
  const branch = `haloform/keep-${shortDigest([stack, id, ...files], 16)}`;
  const title = `Keep: ${causeTitle(causeIn(drift, id), stack)}`;
  const body = `What was changed by hand is wished by these lines of the mappings. The cause in \`haloform drift\` is \`${id.replaceAll("`", "")}\`; after the next \`up\` it is drift no more.`;
  const { url, isNew } = await api.propose(main, { branch, title, body, files });
  return { format: "haloform.proposed/1", cause: id, url, branch, isNew };
}
