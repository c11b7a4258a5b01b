/** The plan in the format that was asked for. Pure. */
import type { Plan } from "../../../stacks/model/plan.ts";
import { renderJson } from "../answers/json.ts";
import { renderHtml } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

export function printPlan(plan: Plan, format: string, options: { colour: boolean; redact: boolean; out: string | undefined }): string {
  if (format === "json") return renderJson(plan);
  if (format === "html") return renderHtml(plan);
  if (format === "markdown") return renderMarkdown(plan, { redact: options.redact });
  const refused = plan.guard.verdict === "refused" || plan.source.trust === "refused";
  const next = refused
    ? "It was refused and cannot be applied."
    : `To apply it once it is approved:\n  haloform up --plan ${options.out} --approve ${plan.digest}`;
  const where = options.out ? `\nThe bundle is in ${options.out}. ${next}\n` : "";
  return `${renderText(plan, { colour: options.colour })}\n${where}`;
}
