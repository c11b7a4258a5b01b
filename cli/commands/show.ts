/** `haloform show DIR`: the plan of a bundle as it would be applied, whatever the files beside it say. Asks nobody, and reads nothing else. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defined } from "../../base/defined.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import type { Shown } from "../answers/answers.ts";
import { exit } from "../exit.ts";
import { openBundle, renderings } from "../render/bundle.ts";
import { renderHtml } from "../render/plan/html.ts";

/** Throws UsageError where there is no plan, Refusal where the bundle was altered. The code is 3 where a file shows another plan. */
export function show(folder: string, now: Date, html?: string): { code: number; plan: Plan; shown: Shown } {
  const { plan } = openBundle(resolve(folder), folder);
  const files = Object.entries(renderings).map(([name, render]): Shown["files"][number] => {
    const file = join(resolve(folder), name);
    if (!existsSync(file)) return { name, shows: "nothing" };
    const text = readFileSync(file, "utf8");
    return { name, shows: [false, true].some((redact) => render(plan, redact) === text) ? "this plan" : "something else" };
  });
  if (html !== undefined) writeFileSync(resolve(html), renderHtml(plan), { mode: 0o600 });
  const refused = plan.guard.verdict === "refused" || plan.source.trust === "refused";
  const shown: Shown = {
    format: "haloform.show/1",
    digest: plan.digest,
    stack: plan.stack,
    verdict: refused ? "refused" : changeCount(plan) === 0 ? "nothing to change" : "ready for approval",
    made: plan.made,
    expires: plan.expires,
    expired: Date.parse(plan.expires) <= now.getTime(),
    ...defined({ targets: plan.targets, baseline: plan.baseline }),
    files,
    plan,
  };
  return { code: files.some(({ shows }) => shows === "something else") ? exit.refused : exit.done, plan, shown };
}
