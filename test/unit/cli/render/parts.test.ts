/** What of a plan needs whom, in words: in text, in a comment, and in one that names nobody. */
import { describe, expect, test } from "vitest";
import { partLines } from "../../../../cli/render/plan/parts.ts";
import type { PlanPart } from "../../../../stacks/model/plan.ts";

const part = (needs: PlanPart["needs"], more: Partial<PlanPart> = {}): PlanPart => ({
  ...{ id: "movers-1", digest: "sha256:1", rule: "mappings/approvals.yaml:5", because: ["mover: 1 by mappings/approvals.yaml:5"], needs },
  ...{ kinds: ["mover"], people: ["41"], changes: [{ person: "41", index: 0 }], ...more },
});
const line = (one: PlanPart, redact = false): string | undefined => partLines([one], redact)[0];

describe("a part in words", () => {
  test("whom it needs, who may not although they are named, and what else is asked", () => {
    const needs = { approvers: 2 as const, of: ["ada@example.com", "ben@example.com"], never: ["ben@example.com", "p41@example.com"] };
    const also = [{ approvers: 1 as const, of: ["boss@example.com"] }];
    expect(line(part({ ...needs, also }))).toBe(
      "movers-1 · 1 person, 1 change · needs two of ada@example.com, ben@example.com, and one of boss@example.com, but not ben@example.com, who would gain by it (mover: 1 by mappings/approvals.yaml:5)",
    );
    const redacted = line(part({ ...needs, also }), true) ?? "";
    expect(redacted).toContain("needs two of 2 approvers, and one of 1 approver, but not 1 approver, who would gain by it");
    expect(redacted).not.toContain("@");
  });

  test("nobody, and nobody who could", () => {
    expect(line(part({ approvers: 0, of: [], never: [] }))).toContain("needs nobody: haloform up --by-rule applies it");
    expect(line(part({ approvers: 1, of: [], never: [] }))).toContain("and nobody is named who may: mend mappings/approvals.yaml");
  });

  test("what changes nothing for anybody", () => {
    const none = { people: [], changes: [] };
    const needs = { approvers: 1 as const, of: ["ada@example.com"], never: [] };
    expect(line(part(needs, { ...none, kinds: ["limitRaised"] }))).toContain("which limits count");
    expect(line(part(needs, { ...none, kinds: ["adoption", "mappingChanged"] }))).toContain(
      "what is there and taken over without a change",
    );
    expect(line(part(needs, { ...none, kinds: ["mappingChanged"] }))).toContain("which mapping files count as applied");
  });
});
