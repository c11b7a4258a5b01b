import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderJson } from "../../../../cli/render/answers/json.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { planSchema } from "../../../../stacks/model/plan.ts";
import { anyPlan, brief } from "./plans.ts";
import { hardNames, hardPlan, largePlan, samplePlan } from "./sample.ts";

const allowed =
  /^<(?:!doctype html|\/?(?:html|head|body|title|header|main|footer|nav|section|div|p|ul|li|dl|dt|dd|h1|h2|h3|b|i|em|small|span|bdi|del|ins|code|details|summary|a|button|label|br|select|option)|html lang="en"|meta [^<>]*|input [^<>]*|[a-z0-9]+(?: (?:class|id|href|for|type|role|tabindex|hidden|open|data-(?:find|cards|script|filter|kind|system|risk|undo|part)|value|aria-[a-z]+)(?:="(?:[^"<>&]|&#\d+;)*")?)+)>$/u;

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

  test("parts: what each holds and who must approve it, those that wait first; hard names are text there too", () => {
    const part = (id: string, approvers: 0 | 1, text: string) => ({
      ...{ id, digest: `sha256:${id}`, rule: text, because: [text], kinds: ["joiner"], people: ["100"] },
      needs: { approvers, of: approvers > 0 ? [text, "ada@example.com"] : [], never: approvers > 0 ? [text] : [] },
      changes: [{ person: "100", index: 0 }],
    });
    for (const hard of hardNames) {
      const page = renderHtml({ ...hardPlan(), parts: [part("free-1", 0, "mappings/approvals.yaml:3"), part(`waits-${hard}`, 1, hard)] });
      expectOnlyOurTags(page);
      expect(page).not.toMatch(unseen);
    }
    const page = renderHtml({ ...hardPlan(), parts: [part("free-1", 0, "x.yaml:3"), part("waits-1", 1, "ben@example.com")] });
    const text = page.replace(/<[^>]*>/gu, " ").replace(/ +/gu, " ");
    expect(
      text.indexOf("Approved by one of ben@example.com, ada@example.com, but not ben@example.com, who would gain by it"),
    ).toBeGreaterThan(0);
    expect(text.indexOf("Approved by nobody")).toBeGreaterThan(text.indexOf("Approved by one of"));
    for (const how of ["haloform approve DIR --part waits-1", "haloform up --by-rule", "Never by ben@example.com"])
      expect(text).toContain(how);
    expect(page.match(/data-part="free-1 waits-1"/gu)).toHaveLength(1);
    // As one plan there is nothing of it.
    expect(renderHtml(hardPlan())).not.toMatch(/id="parts"|data-part/u);
    expect(renderHtml(hardPlan())).toContain("the whole plan as one");
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
