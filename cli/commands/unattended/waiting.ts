/** What an unattended run leaves on its machine for the next one: what it saw, and the plan that waits for approval. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { shortened } from "../../../base/digest.ts";
import type { Home } from "../../../base/home.ts";
import { readAs } from "../../../base/json.ts";
import { privateFolder, writePrivate } from "../../../base/private-file.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { openBundle } from "../../render/bundle.ts";
import { lookedSchema } from "./moved.ts";

const keptSchema = z.object({
  format: z.literal("haloform.kept/1"),
  looked: lookedSchema.optional(),
  /** The plan that waits: its folder, when it was made, and until when it may be applied. */
  plan: z.object({ folder: z.string(), made: z.string(), expires: z.string() }).optional(),
  /** The folder of the one before it: somebody may just be applying that. */
  before: z.string().optional(),
  /** What was applied by rule last: what it was, on which day, and what of it systems refused. */
  tried: z
    .object({
      of: z.string(),
      day: z.string(),
      refused: z.array(z.object({ kind: z.enum(["failed", "parked"]), id: z.string(), text: z.string(), redacted: z.string() })),
    })
    .optional(),
});
export type Kept = z.infer<typeof keptSchema>;

const folderOf = ({ home, stack }: Home): string => join(home, "unattended", stack);
/** Where a plan is kept: each digest has a folder of its own, so that nobody applies what they have not read. */
export const placeOf = (project: Home, { digest }: Pick<Plan, "digest">): string => join(folderOf(project), shortened(digest, 16));
const fileOf = (project: Home): string => `${folderOf(project)}.json`;

/** What the run before left; nothing of it where that cannot be read: then everything is looked at. */
export function kept(project: Home): Kept {
  const file = fileOf(project);
  const found = existsSync(file) ? readAs(keptSchema, readFileSync(file, "utf8")) : undefined;
  return found ?? { format: "haloform.kept/1" };
}

export const keep = (project: Home, kept: Kept): void => writePrivate(fileOf(project), JSON.stringify(kept));

/** An empty folder for a plan that is being made. */
export function freshFolder(project: Home): string {
  const folder = join(privateFolder(folderOf(project)), "new");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** The plan that waits and that somebody may approve; undefined: there is none, it has expired, was refused, or somebody wrote there. */
export function waiting({ plan: kept }: Kept, now: Date): Plan | undefined {
  if (kept === undefined || !existsSync(kept.folder) || Date.parse(kept.expires) <= now.getTime()) return undefined;
  try {
    const { plan } = openBundle(kept.folder);
    return plan.guard.verdict === "ok" ? plan : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the plan that was just made in place of the one that waits; undefined: none waits. Sweeps what is older. */
export function replaced(project: Home, before: Kept, fresh: string, plan: Plan | undefined): Pick<Kept, "plan" | "before"> {
  const folder = plan && placeOf(project, plan);
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
  for (const name of readdirSync(folderOf(project))) {
    const one = join(folderOf(project), name);
    if (one !== folder && one !== before.plan?.folder) rmSync(one, { recursive: true, force: true });
  }
  return {
    ...(plan && folder !== undefined ? { plan: { folder, made: plan.made, expires: plan.expires } } : {}),
    ...(before.plan === undefined ? {} : { before: before.plan.folder }),
  };
}
