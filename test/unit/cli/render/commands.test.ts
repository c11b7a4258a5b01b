/** A command in the plan: which, when, what it is told; without names and values where the plan is redacted. */
import { expect, test } from "vitest";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import type { PlanChange } from "../../../../stacks/model/plan.ts";
import { samplePlan } from "./sample.ts";

const change: PlanChange = {
  system: "script",
  type: "script:Run",
  resource: "person-9001.welcome-mail.joiner",
  label: "welcome-mail",
  op: "run",
  fields: [
    { path: "runs", before: null, after: "after joiner" },
    { path: "command", before: null, after: "scripts/welcome.sh --quiet" },
    { path: "input.login", before: null, after: "qexample" },
    { path: "input.pin", before: null, after: "known when it runs" },
  ],
  because: { rule: "mappings/scripts.yaml:3", record: "halo.users 9001", note: "has no account yet" },
};
const person = {
  key: "9001",
  name: "Quentin Example",
  event: "none" as const,
  changes: [change, { ...change, resource: "x", label: "badge" }],
};
const plan = { ...samplePlan(), people: [person] };

test("the text says which command runs, when, and what it is told", () => {
  const text = renderText(plan, { colour: false });
  expect(text).toContain("    Command welcome-mail runs");
  expect(text).toContain(
    "      runs: after joiner\n      command: scripts/welcome.sh --quiet\n      input.login: qexample\n      input.pin: known when it runs\n",
  );
  expect(text).toContain("(mappings/scripts.yaml:3, halo.users 9001: has no account yet)");
});

test("the comment and the page count commands and name them", () => {
  for (const rendered of [renderMarkdown(plan, { redact: false }), renderHtml(plan)]) {
    expect(rendered).toContain("welcome-mail");
    expect(rendered).toContain("2 commands run");
  }
});

test("redacted: the command's name stays, what it is told does not", () => {
  const rendered = renderMarkdown(plan, { redact: true });
  expect(rendered).toContain("welcome-mail");
  for (const value of ["qexample", "Quentin", "has no account yet"]) expect(rendered).not.toContain(value);
});
