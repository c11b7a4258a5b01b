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
  const where = options.out
    ? `\nThe bundle is in ${options.out}. To apply it once it is approved:\n  haloform up --plan ${options.out} --approve ${plan.digest}\n`
    : "";
  return `${renderText(plan, { colour: options.colour })}\n${where}`;
}
