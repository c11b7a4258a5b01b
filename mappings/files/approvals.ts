/** mappings/approvals.yaml: who must approve which part of a plan. */
import { type Check, checkOnce, placed } from "../check/check.ts";
import { checkCondition, checkField, checkTemplate } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { looserApprovals } from "../overrides/looser.ts";
import { type ApprovalLine, type ApprovalsFile, approvalsFile } from "../schema/approvals.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const approvals = defineFile({
  name: "approvals",
  key: "approvals",
  schema: approvalsFile,
  check: checkApprovals,
  introduction:
    "Who must approve what. A plan is cut into parts by these lines, each with a digest of its own; what needs nobody is applied by `haloform up --by-rule` (docs/operations.md says how). Without this file a plan is one, and is approved as one.",
  afterword:
    "Whatever these lines say, a change of approvals.yaml itself needs somebody, and until a plan that rests on it was applied as a whole the lines of before count.",
  whenMissing: { means: "every plan is to be approved as one" },
  rules: {
    "rules[].for": {
      everybody: true,
      leavers: true,
      first: ({ kinds, systems }) => ({ among: JSON.stringify([kinds ?? null, systems ?? null]), order: 0 }),
    },
  },
  client: { looser: looserApprovals },
});

function checkApprovals(check: Check, { rules, otherwise, manager, address }: ApprovalsFile): void {
  for (const [line, path] of placed(rules, "rules")) {
    for (const list of ["kinds", "systems"] as const)
      checkOnce(check, [...path, list], line[list] ?? [], list === "kinds" ? "kind" : "system");
    checkCondition(check, line.for, [...path, "for"]);
    checkApprovers(check, line.approvers, manager, [...path, "approvers"]);
    if (line.approvers === "nobody" && line.kinds?.includes("limitRaised"))
      check.report(
        [...path, "approvers"],
        "expected one or two approvers of limitRaised, found nobody; a limit is never raised without one",
      );
  }
  checkApprovers(check, otherwise, manager, ["otherwise"]);
  if (manager !== undefined) checkTemplate(check, manager, ["manager"], { differs: "which would be the same for everybody" });
  checkField(check, address, ["address"]);
}

function checkApprovers(check: Check, approvers: ApprovalLine["approvers"], manager: string | undefined, path: Path): void {
  if (approvers === "nobody") return;
  const [word, names] = "one" in approvers ? (["one", approvers.one] as const) : (["two", approvers.two] as const);
  checkOnce(check, [...path, word], names, "approver");
  for (const [name, here] of placed(names, ...path, word)) {
    if (name === "manager" && manager === undefined)
      check.report(here, "expected manager at the top of this file too, found none; it says who somebody's manager is");
    if (/[\s,"*?!]/u.test(name))
      check.report(here, `expected a name without spaces and wildcards such as ada@example.com, found ${found(name)}`);
  }
  if (word === "two" && names.length < 2)
    check.report([...path, word], `expected at least two names of whom two approve, found ${names.length}`);
}
