/** Whom a plan leaves waiting and what it calls people and things, in every rendering: outside O12. */
import { describe, expect, test } from "vitest";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { printPlan } from "../../../../cli/render/plan/print.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import { planOf } from "./sample.ts";

const text = (plan: Plan): string => renderText(plan, { colour: false });
const renderings: [string, (plan: Plan) => string][] = [
  ["text", text],
  ["markdown", (plan) => renderMarkdown(plan, { redact: false })],
  ["html", (plan) => renderHtml(plan).replace(/<[^>]+>/gu, "")],
];

const change = (more: Partial<PlanChange>): PlanChange => ({
  ...{ system: "ad", type: "ad:User", resource: "person-1", label: "aexample", op: "update", fields: [] },
  ...more,
});
const person = (key: string, name: string, changes: PlanChange[]): Plan["people"][number] => ({ key, name, event: "none", changes });

describe("outside O12: who is parked is counted in people, and as what it is", () => {
  const title = change({ fields: [{ path: "attributes.title", before: "a", after: "b" }] });
  const plan = planOf({
    people: [person("3", "Cy Example", [title])],
    parked: [
      { key: "1", name: "Ada Example", where: "matching", reason: "two accounts could be theirs" },
      { key: "1", name: "Ada Example", where: "matching", reason: "two agents could be theirs" },
      { key: "2", name: "Bo Example", where: "entra", reason: "no seat of SPE_E3 is free", of: "part" },
      { key: "3", name: "Cy Example", where: "matching", reason: "two agents could be theirs" },
      { key: "GG-Sales", name: "GG-Sales", where: "mapping", reason: "the AD group GG-Sales does not exist", of: "thing" },
    ],
  });

  test.each(renderings)("%s: three kinds of waiting, each with its people", (_name, render) => {
    const said = render(plan);
    expect(said).toMatch(/Parked \(1 person\)\D{0,3}: nothing is done for them until this is mended/u);
    expect(said).toMatch(/A part waits \(2 people\)\D{0,3}: only what is said here; everything else goes on/u);
    expect(said).toContain("Things to be mended (1 thing)");
    expect(said).not.toContain("GG-Sales (GG-Sales)");
  });

  test("the sentence counts people, not lines", () => {
    expect(text(plan)).toContain("1 person is parked; a part waits for 2 people; 1 thing waits to be mended.");
  });

  test("somebody who lacks only a seat is under nothing that says that nothing is done", () => {
    const said = text(plan);
    const parked = said.slice(said.indexOf("Parked (1 person)"), said.indexOf("A part waits"));
    expect(parked).not.toContain("Bo Example");
    expect(said.slice(said.indexOf("A part waits"))).toContain("Bo Example (2) · entra: no seat of SPE_E3 is free");
  });
});

describe("outside O12: people and things by name", () => {
  const names = { "person:103": "Bo Example", "id:3": "Eve Admin", "person:7": "Di Example" };
  const board = change({
    ...{ system: "halo", type: "halo:ChangeAdvisoryBoard", resource: "Change", label: "Change" },
    fields: [
      { path: "members.id:3", before: "id:3", after: null, names },
      { path: "members.person:7", before: null, after: "person:7", names },
    ],
  });
  const manager = change({ fields: [{ path: "attributes.manager", before: null, after: "person:103", names }] });
  const plan = planOf({ people: [person("1", "Ada Example", [manager])], shared: [board] });

  test.each(renderings)("%s: a manager who does not change himself, an agent nobody manages", (_name, render) => {
    const said = render(plan);
    for (const name of ["Bo Example (103)", "Eve Admin (id:3)", "Di Example (7)"]) expect(said).toContain(name);
    expect(said).not.toContain("person 103");
  });

  test("a redacted comment names none of them", () => {
    const said = renderMarkdown(plan, { redact: true });
    for (const name of Object.values(names)) expect(said).not.toContain(name);
    expect(said).toContain("person 103");
  });
});

test.each(renderings)("outside O12: a value that is let go of stays, and is not said to look like another: %s", (_name, render) => {
  const released = { path: "attributes.title", before: "Deckhand", after: "Deckhand" };
  const alike = { path: "attributes.name", before: "Caf\u00e9", after: "Cafe\u0301" };
  const said = render(planOf({ people: [person("1", "Ada Example", [change({ fields: [released] })])] }));
  expect(said).toMatch(/Deckhand(?:<\/code>)? stays/u);
  expect(said).not.toMatch(/look the same/u);
  expect(render(planOf({ people: [person("1", "Ada Example", [change({ fields: [alike] })])] }))).toMatch(/look the same/u);
});

test("outside O12: a plan that was refused is not followed by the command that applies it", () => {
  const print = (plan: Plan): string => printPlan(plan, "text", { colour: false, redact: false, out: "bundle" });
  const refused = { ...planOf({}), guard: { verdict: "refused" as const, breaches: ["41 accounts would be disabled"] } };
  expect(print(refused)).toContain("The bundle is in bundle. It was refused and cannot be applied.");
  expect(print(refused)).not.toContain("haloform up");
  expect(print({ ...planOf({}), source: { ...planOf({}).source, trust: "refused" } })).not.toContain("haloform up");
  expect(print(planOf({}))).toContain("haloform up --plan bundle --approve");
});
