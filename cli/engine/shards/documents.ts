/** Shards where Pulumi keeps states: each a stack of its own, of one resource whose output is what it holds. */
import { putStack } from "../beside.ts";
import { backendOf, environment, workFolder } from "../environment.ts";
import { keptBy, stateByEngine } from "../kept.ts";
import type { Project } from "../project.ts";
import { type EngineAt, engine, isNoStack } from "../state.ts";
import { boxed } from "./layout.ts";
import type { Documents } from "./shards.ts";

/** The engine must be on PATH for who writes, and for who reads where keptBy cannot. */
export function documentsOf(project: Project): Documents {
  const at = (stack: string): EngineAt => ({ cwd: workFolder(project), env: environment(project, backendOf(project)), stack });
  return {
    async read(stack) {
      const place = { ...project, stack };
      return (await keptBy(place)?.())?.state() ?? stateByEngine(place);
    },
    write: (stack, rows) => putStack(at(stack), boxed(rows)),
    async remove(stack) {
      await engine(at(stack), ["stack", "rm", "--yes", "--force"]).catch((error: unknown) => {
        if (!isNoStack(error)) throw error;
      });
    },
  };
}
