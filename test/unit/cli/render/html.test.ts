import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderJson } from "../../../../cli/render/answers/json.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { planSchema } from "../../../../stacks/model/plan.ts";
import { anyPlan, brief } from "./plans.ts";
import { hardPlan, largePlan, samplePlan } from "./sample.ts";

const allowed =
  /^<(?:!doctype html|\/?(?:html|head|body|title|header|main|footer|nav|section|div|p|ul|li|dl|dt|dd|h1|h2|h3|b|i|em|small|span|bdi|del|ins|code|details|summary|a|button|label|br|select|option)|html lang="en"|meta [^<>]*|input [^<>]*|[a-z0-9]+(?: (?:class|id|href|for|type|role|tabindex|hidden|open|data-(?:find|cards|script|filter|kind|system|risk|undo)|value|aria-[a-z]+)(?:="[^"<>&]*")?)+)>$/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Every tag of the page is one of ours, and none of the texts can be one. */
function expectOnlyOurTags(page: string): void {
  const body = page.replace(/<style>[\s\S]*?<\/style>/u, "").replace(/<script>[\s\S]*?<\/script>/u, "");
  for (const tag of body.match(/<[^>]*>/gu) ?? []) expect(tag).toMatch(allowed);
  expect(body.replace(/<[^>]*>/gu, "")).not.toMatch(/[<>]/u);
}

describe("renderHtml", () => {
  test("the policy names the style and the script by hash, and allows nothing else", () => {
    const page = renderHtml(samplePlan());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(page)?.[1] ?? "";
    const hash = (tag: string) =>
      `'sha256-${createHash("sha256")
        .update(page.slice(page.indexOf(`<${tag}>`) + tag.length + 2, page.indexOf(`</${tag}>`)))
        .digest("base64")}'`;
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/ style=| on[a-z]+=|src=|https?:/u);
    expect(page.match(/<script/gu)).toHaveLength(1);
  });

  test("hard names are text, and what is unseen is named", () => {
    const page = renderHtml(hardPlan());
    expectOnlyOurTags(page);
    expect(page).not.toMatch(unseen);
    expect(page).toContain("Right ⟨U+202E⟩gnp.exe");
  });

  test("any plan: only our tags, nothing unseen", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const page = renderHtml(plan);
        expectOnlyOurTags(page);
        expect(page).not.toMatch(unseen);
      }),
      { numRuns: 40, ...brief },
    );
  });

  test("everybody is in it, whatever their number", () => {
    const page = renderHtml(largePlan(5000));
    expect(page.match(/<details class="card"/gu)).toHaveLength(5000);
    expect(page).toContain('<body class="many">');
    expect(renderHtml(samplePlan())).toContain("<body>");
  });
});

describe("renderJson", () => {
  test("gives back the very plan, in characters a terminal shows as they are", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(hardPlan()), anyPlan), (plan) => {
        const text = renderJson(plan);
        expect(planSchema.parse(JSON.parse(text))).toEqual(plan);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\u200b]/u);
      }),
      { numRuns: 40, ...brief },
    );
  });
});
