/** A state that the next job would not find is refused: each run would be a first one, without limits that remember and without drift. */
import { relative, sep } from "node:path";
import { UsageError } from "../exit.ts";
import type { Project } from "./project.ts";

/** Throws UsageError where this is a job, nobody says where the state is, and the default is a folder of the checkout, which is cleaned. */
export function refuseThrowaway({ folder, home, stack }: Pick<Project, "folder" | "home" | "stack">, env: NodeJS.ProcessEnv): void {
  const isJob = [env["CI"], env["GITHUB_ACTIONS"]].some((one) => one !== undefined && !/^(?:|0|false)$/iu.test(one));
  if (!isJob || env["PULUMI_BACKEND_URL"] || stack === "sandbox") return;
  const workspaces = [folder, env["GITHUB_WORKSPACE"] ?? ""].filter((one) => one !== "");
  const within = workspaces.some((one) => !`${relative(one, home)}${sep}`.startsWith(`..${sep}`));
  if (within)
    throw new UsageError(
      `PULUMI_BACKEND_URL is not set: in a job the state would be in ${home}, which is cleaned with the checkout, so that every run would be a first one; set it to where the state is kept (docs/ci.md, "Where the state is"), or HALOFORM_HOME to a folder outside the checkout.`,
    );
}
