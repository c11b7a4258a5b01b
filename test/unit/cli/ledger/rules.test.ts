/** Which rules of approval count: those that were last applied with a whole plan, never those that a change brings along. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { appliedOf, rulesFor } from "../../../../cli/ledger/rules.ts";
import { approvalsFile } from "../../../../mappings/schema/approvals.ts";

type Said = z.input<typeof approvalsFile>;

const by = (name: string, more: Said["rules"] = undefined): Said => ({ otherwise: { one: [name] }, ...(more ? { rules: more } : {}) });
const files = (digest: string, said?: Said) => ({
  ...{ digest, at: (path: readonly (string | number)[]) => `mappings/approvals.yaml:${path.slice(1).join(".")}` },
  ...(said ? { approvals: approvalsFile.parse(said) } : {}),
});
/** As the journal gives it back. */
const remembered = (...args: Parameters<typeof appliedOf>): unknown => JSON.parse(JSON.stringify(appliedOf(...args)));
const ada = by("ada@example.com", { first: [{ kinds: ["joiner"], for: { site_name: "Lab" }, approvers: "nobody" }] });

describe("the rules of approval that count", () => {
  test("without the file, now and before, there are none, and nothing is remembered", () => {
    expect(rulesFor(files("a"), undefined)).toBeUndefined();
    expect(appliedOf(files("a"), undefined)).toBeUndefined();
  });

  test("the first time the file's own, and all of it counts as changed", () => {
    expect(rulesFor(files("a", ada), undefined)).toMatchObject({ file: approvalsFile.parse(ada), changed: true, mappingChanged: true });
  });

  test("the first time as many as the settings ask for approve it, whatever the file itself says; from then on the file says", () => {
    expect(rulesFor(files("a", ada), undefined, 2)).toMatchObject({ atLeast: 2 });
    expect(rulesFor(files("a", ada), remembered(files("b"), {}), 2)).toMatchObject({ atLeast: 2 });
    const last = remembered(files("a", ada), undefined);
    for (const rules of [rulesFor(files("b", ada), last, 2), rulesFor(files("a", ada), undefined, 1), rulesFor(files("a", ada), undefined)])
      expect(rules).not.toHaveProperty("atLeast");
  });

  test("as they were applied they are the same, conditions and all; other mapping files are told from other rules", () => {
    const last = remembered(files("a", ada), undefined);
    const same = rulesFor(files("a", ada), last);
    expect(same).toMatchObject({ file: approvalsFile.parse(ada), changed: false, mappingChanged: false });
    expect(same?.at(["otherwise"])).toBe("mappings/approvals.yaml:otherwise");
    expect(rulesFor(files("b", ada), last)).toMatchObject({ changed: false, mappingChanged: true });
  });

  test("another file is approved by the one of before, and so is none", () => {
    const last = remembered(files("a", ada), undefined);
    for (const other of [by("eve@example.com"), undefined]) {
      const rules = rulesFor(files("b", other), last);
      expect(rules).toMatchObject({ file: approvalsFile.parse(ada), changed: true, mappingChanged: true });
      expect(rules?.at(["rules", 0])).toBe("mappings/approvals.yaml as last applied (rules.0)");
    }
  });

  test("once a plan without it was applied there are none; that the mappings were is still remembered", () => {
    const gone = remembered(files("b"), remembered(files("a", ada), undefined));
    expect(gone).toEqual({ mappings: "b" });
    expect(rulesFor(files("b"), gone)).toBeUndefined();
    expect(rulesFor(files("c", ada), gone)).toMatchObject({ changed: true, mappingChanged: true });
  });

  test("what cannot be read is no permission", () => {
    expect(() => rulesFor(files("a", ada), { mappings: "a", file: { otherwise: "nobody" } })).toThrow();
  });
});
