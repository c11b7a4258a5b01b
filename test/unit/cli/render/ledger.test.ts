/** The licence ledger in the three renderings. */
import { describe, expect, it } from "vitest";
import { ledgerLines } from "../../../../cli/render/answers/ledger.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import type { LedgerRow } from "../../../../stacks/model/plan.ts";
import { planOf } from "./sample.ts";

const rows: LedgerRow[] = [
  { sku: "SPE_E3", owned: 1243, used: 1236, wanted: 7, short: 3, released: 0, currency: "GBP", month: 132.4 },
  { sku: "SPE_E5", owned: 0, used: 4, wanted: 0, short: 0, released: 2, state: "Suspended", currency: "GBP", month: -105 },
  { sku: "<b>VISIO", owned: 5, used: 5, wanted: 0, short: 0, released: 0 },
];

describe("the licence ledger", () => {
  it("says what is owned, used, wanted, short and released, and what changes a month", () => {
    const text = renderText(planOf({ licences: rows }), { colour: false });
    expect(text).toContain("  SPE_E3    1,243 owned, 1,236 used → 1,240; 7 wanted, 3 short, 0 released; +132.40 GBP a month\n");
    expect(text).toContain("  SPE_E5    suspended; 0 owned, 4 used → 2; 0 wanted, 0 short, 2 released; −105.00 GBP a month\n");
    expect(text).toContain("  <b>VISIO  5 owned, 5 used\n");
  });

  it("is a section of its own in the comment, also redacted, and in the page, where nothing of it is markup", () => {
    for (const redact of [false, true]) {
      const comment = renderMarkdown(planOf({ licences: rows }), { redact });
      expect(comment).toContain("<details><summary>Licences (3)</summary>");
      expect(comment).toContain("7 wanted, 3 short, 0 released");
      expect(comment).not.toContain("<b><b>");
    }
    const page = renderHtml(planOf({ licences: rows }));
    expect(page).toContain('<section id="licences"');
    expect(page).toContain('<a href="#licences">Licences <span>3</span></a>');
    expect(page).not.toContain("<b>VISIO");
  });

  it("is not there where no licences are managed", () => {
    expect(renderText(planOf({}), { colour: false })).not.toContain("\nLicences\n");
    expect(renderMarkdown(planOf({}), { redact: false })).not.toContain("<summary>Licences");
    expect(renderHtml(planOf({}))).not.toContain('id="licences"');
  });

  it("never shows a cost of nothing", () => {
    expect(ledgerLines([{ sku: "A", owned: 1, used: 1, wanted: 1, short: 0, released: 1, currency: "GBP", month: 0 }])[0]?.cost).toBe("");
  });
});
