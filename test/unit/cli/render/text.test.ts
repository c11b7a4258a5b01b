import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { visible } from "../../../../cli/render/answers/show.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import { anyPlan, brief } from "./plans.ts";
import { hardNames, hardPlan, largePlan, planOf, samplePlan } from "./sample.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

describe("renderText", () => {
  test("golden: a realistic plan", async () => {
    await expect(renderText(samplePlan(), { colour: false })).toMatchFileSnapshot("golden/plan.txt");
  });

  test("one field on one line, with where it comes from", () => {
    expect(renderText(samplePlan(), { colour: false })).toContain(
      "    Active Directory account mtanaka · title: Field Engineer → Systems Engineer\n".replace(
        "\n",
        "   (mappings/ad.yaml:23, halo.users 131 title)\n",
      ),
    );
  });

  test("a plan may have more lines than a call takes arguments", () => {
    const text = renderText(largePlan(45_000), { colour: false });
    expect(text.split("\n").length).toBeGreaterThan(130_000);
  });

  test("the summary comes first, who leaves before who joins", () => {
    const text = renderText(samplePlan(), { colour: false });
    expect(text.split("\n")[1]).toMatch(/^6 people join, 4 leave, 9 change, 1 is put right; /u);
    expect(text.indexOf("Leavers (4)")).toBeLessThan(text.indexOf("Joiners (6)"));
  });

  test("refusals and doubts stand at the very top", () => {
    const text = renderText(
      {
        ...samplePlan(),
        guard: { verdict: "refused", breaches: ["41 memberships would be lost; at most 25 may be."] },
        source: { name: "Halo users", records: 120, trust: "doubted", doubts: ["130 people are missing."] },
      },
      { colour: false },
    );
    expect(text.split("\n").slice(0, 3)).toEqual([
      "Plan for northwind · Refused: nothing will be applied",
      "  ✗ 41 memberships would be lost; at most 25 may be.",
      "  ! 130 people are missing.",
    ]);
  });

  test("security-16: a plan that can be held against no earlier run says so at its top, in every rendering", () => {
    const plan = { ...samplePlan(), baseline: "none" as const };
    const said = "First run: nothing is known of an earlier one, so nobody can tell who is missing in the list of people";
    expect(renderText(plan, { colour: false }).split("\n")[1]).toContain(`! ${said}`);
    const comment = renderMarkdown(plan, { redact: true });
    expect(comment.slice(0, comment.indexOf("| Source |"))).toContain("First run: nothing is known of an earlier one");
    const page = renderHtml(plan);
    expect(page.slice(page.indexOf("<main>"), page.indexOf('class="figures'))).toContain(said);
    for (const print of [renderMarkdown(samplePlan(), { redact: false }), renderHtml(samplePlan())])
      expect(print).not.toContain("First run");
  });

  test("nothing to change is one plain sentence", () => {
    expect(renderText(planOf({}), { colour: false }).split("\n").slice(0, 2)).toEqual([
      "Plan for northwind · Nothing to change",
      "Nothing to change.",
    ]);
  });

  test("a limit counts who is left out", () => {
    const text = renderText(largePlan(50), { colour: false, limit: 7 });
    expect(text.match(/^ {2}Person/gmu)).toHaveLength(7);
    expect(text).toContain("… and 43 more people: see plan.html");
  });

  test("colour only when asked, and the same words without it", () => {
    const plain = renderText(samplePlan(), { colour: false });
    const coloured = renderText(samplePlan(), { colour: true });
    expect(plain).not.toContain("\u001b");
    expect(coloured).toContain("\u001b[");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour codes
    expect(coloured.replace(/\u001b\[\d+m/gu, "")).toBe(plain);
  });

  test("hard names: nothing reaches the terminal that it would obey, each line break is ours", () => {
    const text = renderText(hardPlan(), { colour: false });
    expect(text).not.toMatch(harmful);
    for (const [index, name] of hardNames.entries()) {
      const shown = visible(name).length > 120 ? `${visible(name).slice(0, 120)}… (` : visible(name);
      expect(text).toContain(`\n  ${shown}${shown.endsWith("(") ? "" : ` (${100 + index})`}`);
    }
  });

  test("any plan: no control, no bidi override", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const text = renderText(plan, { colour: false });
        expect(text).not.toMatch(harmful);
        expect(text.isWellFormed()).toBe(true);
        expect(text.endsWith("\n")).toBe(true);
      }),
      { numRuns: 60, ...brief },
    );
  });
});
