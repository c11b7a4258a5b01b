/** What is lost and gained, with its limits, and limits that were raised: in every rendering of a plan. */
import { describe, expect, test } from "vitest";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import { type Plan, planSchema } from "../../../../stacks/model/plan.ts";
import { planOf } from "./sample.ts";

const raise = "mappings/safety.yaml raises limits.disabled.most from 20 to 500 since it was last applied";
const counts: Plan["guard"]["counts"] = [
  { limit: "disabled", now: 3, before: 1, most: 20, systems: [{ system: "ad", count: 4, of: 240, allowed: 12 }] },
  { limit: "privilegedGained", now: 1, before: 0, most: 3, systems: [{ system: "entra", count: 1, of: 200 }] },
];
const renderings: [string, (plan: Plan) => string][] = [
  ["text", (plan) => renderText(plan, { colour: false })],
  ["markdown", (plan) => renderMarkdown(plan, { redact: true }).replaceAll("\\", "")],
  ["html", (plan) => renderHtml(plan).replace(/<style.*<[/]style>|<[^>]+>/gsu, "")],
];

describe("security-5", () => {
  const usual = planOf({});
  const plan = planOf({ summary: { ...usual.summary, raised: [raise] }, guard: { verdict: "ok", breaches: [], counts } });

  test.each(renderings)("%s: what is lost and gained stands there with its limits", (_name, render) => {
    const said = render(plan);
    expect(said).toContain("disabled: 4 (3 now, 1 before) of at most 20; Active Directory 4 of 240, at most 12");
    expect(said).toContain("privilegedGained: 1 of at most 3; Entra ID 1 of 200");
  });

  test.each(renderings)(
    "%s: a raised limit comes before anything else that a plan says, and a plan of it alone is one to approve",
    (_name, render) => {
      const said = render(plan);
      expect(said).toContain(raise);
      expect(said.indexOf(raise)).toBeLessThan(said.indexOf("Nothing changes but the limits."));
      expect(said).toContain("Ready for approval");
      expect(said).toContain(`haloform up --plan DIR --approve ${plan.digest}`.slice(0, _name === "text" ? 0 : undefined));
      expect(render(planOf({}))).not.toContain("Ready for approval");
    },
  );

  test.each(renderings)(
    "%s: 16.4: where a client is protected less than the common files say stands there, redacted too",
    (_name, render) => {
      const looser = "Looser than common/safety.yaml: limits.disabled.most is 80 instead of 20 (north/safety.yaml:4): the yard closes";
      const said = render(planSchema.parse(planOf({ looser: [looser] })));
      expect(said).toContain(looser);
    },
  );

  test("the document holds them", () => {
    expect(planSchema.parse(plan)).toEqual(plan);
  });
});
