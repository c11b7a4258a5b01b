/** What `up` says happened to whom, counted in people: outside O12. */
import { describe, expect, test } from "vitest";
import { UnreachableError } from "../../../../base/errors.ts";
import { redacted, scrubbed } from "../../../../cli/commands/redacted.ts";
import { resultOf } from "../../../../cli/commands/result.ts";
import { Refusal } from "../../../../cli/exit.ts";
import { printUp } from "../../../../cli/render/answers/applied.ts";
import type { Outcome } from "../../../../providers/core/outcomes.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import type { DesiredResource, Person } from "../../../../stacks/model/types.ts";
import { planOf } from "../render/sample.ts";

const keys = ["1", "2", "3", "4"];
const names = ["Ada Example", "Bo Example", "Cy Example", "Di Example"];
const nameOf = (key: string): string => names[keys.indexOf(key)] ?? key;

const account = (key: string, op: PlanChange["op"] = "create"): PlanChange => ({
  ...{ system: "ad", type: "ad:User", resource: `person-${key}`, label: nameOf(key), op, fields: [] },
});
const place: PlanChange = {
  ...{ system: "ad", type: "ad:Membership", resource: "GG-Sales", label: "GG-Sales", op: "update" },
  fields: [{ path: "member of", before: null, after: "GG-Sales" }],
};
const group: PlanChange = { ...{ system: "ad", type: "ad:Group", resource: "GG-Sales", label: "GG-Sales", op: "update", fields: [] } };
const plan = (more: Partial<Plan> = {}): Plan =>
  planOf({
    people: keys.map((key) => ({ key, name: nameOf(key), event: "joiner", changes: [account(key), place] })),
    shared: [group],
    ...more,
  });

const resources: DesiredResource[] = [
  ...keys.map((key) => ({ type: "ad:User", name: `person-${key}`, person: key, inputs: { person: key }, because: {} })),
  { type: "ad:Group", name: "GG-Sales", inputs: { name: "GG-Sales", members: [] }, because: {} },
];
const people: Person[] = keys.map((key) => ({ key, name: nameOf(key), stage: "active", accounts: {} }));
const outcome = (key: string, result: Outcome["result"], more: Partial<Outcome> = {}): Outcome => ({
  ...{ type: "ad:User", key: `ad:User::${key}`, person: key, op: "create", result, calls: { halo: 0, graph: 0, ldap: 1 }, ms: 1 },
  ...more,
});
const groupDone: Outcome = { ...outcome("GG-Sales", "done"), type: "ad:Group", key: "ad:Group::GG-Sales", op: "update" };
const { person: _nobody, ...ofGroup } = groupDone;

const result = (outcomes: Outcome[], more: { plan?: Plan; failure?: string } = {}) =>
  resultOf({ plan: plan(), wish: { people, resources }, outcomes, calls: { halo: 0, graph: 0, ldap: 0 }, ...more });
const said = (...given: Parameters<typeof result>): string => printUp(result(...given), false);

describe("outside O12: the result of `up` tells what happened to whom", () => {
  test("done, refused and pending, by name, with the system's words", () => {
    const text = said([
      outcome("1", "done"),
      outcome("2", "parked", { message: "Could not make the account of person 2: the name is in use" }),
      outcome("3", "pending", { message: "waits for person 4" }),
      outcome("4", "done"),
      ofGroup,
    ]);
    expect(text.split("\n")[0]).toBe("Done for 2 people, refused for 1, waits for 1; 1 shared thing changed.");
    expect(text).toContain("done    Ada Example (1): AD account created, 1 group gained");
    expect(text).toContain("refused Bo Example (2, ad:User): Could not make the account of Bo Example (2): the name is in use");
    expect(text).toContain("pending Cy Example (3, ad:User): waits for Di Example (4)");
  });

  test("a group that was changed has not taken in who has no account", () => {
    const made = result([outcome("1", "done"), outcome("2", "parked"), outcome("3", "done"), outcome("4", "done"), ofGroup]);
    expect(made.people.find(({ key }) => key === "2")).toMatchObject({
      result: "refused",
      done: [],
      refused: ["AD account created", "1 group gained"],
    });
  });

  test("where every system refused, nobody is said to be done", () => {
    const text = said([...keys.map((key) => outcome(key, "parked", { message: "no" })), ofGroup]);
    expect(text.split("\n")[0]).toBe("Refused for 4 people; 1 shared thing changed.");
    expect(text).not.toMatch(/Applied|^done /mu);
  });

  test("who is done in part is told of, with what was done", () => {
    const text = said([...keys.map((key) => outcome(key, "done")), { ...ofGroup, result: "parked", message: "size limit" }]);
    expect(text.split("\n")[0]).toBe("In part for 4 people; 1 shared thing not.");
    expect(text).toContain("in part Ada Example (1): AD account created");
  });

  test("a run that ended early says who was not reached", () => {
    const text = said([outcome("1", "done"), ofGroup], { failure: "the domain controller is gone" });
    expect(text.split("\n")[0]).toBe("Done for 1 person, not done for 3; 1 shared thing changed.");
    expect(text).toContain("not done Bo Example (2): AD account created, 1 group gained");
  });

  test("nothing was to be done only where nothing was", () => {
    const empty = planOf({});
    expect(said([], { plan: empty })).toContain("Nothing was to be done.");
    expect(said([outcome("1", "done", { op: "adopt" })], { plan: empty })).toContain("1 existing thing taken over.");
    expect(said([outcome("1", "done", { op: "update" })], { plan: empty })).not.toContain("Nothing was to be done");
    expect(said([outcome("1", "parked")], { plan: empty })).toContain("Nothing was done.");
  });

  test("what the plan parked is not what a system refused", () => {
    const parked = [{ key: "9", name: "Eve Example", where: "matching", reason: "two accounts could be hers" }];
    const text = said([outcome("1", "parked", { message: "no" })], { plan: plan({ parked }) });
    expect(text).toContain("parked  Eve Example (9): two accounts could be hers");
    expect(text).toContain("refused Ada Example (1, ad:User): no");
  });
});

describe("security-17: what `up --redact` says names nobody", () => {
  const scrub = (text: string): string => text.replaceAll("Ada Example", "person 1");
  const outcomes = [
    outcome("1", "done", { notes: ["Ada Example was restored"] }),
    outcome("2", "parked", { message: "Could not make the account of person 2: CN=Bo Example is in use" }),
    outcome("3", "pending", { message: "waits for person 4" }),
    outcome("4", "broken", { message: "no answer for CN=Di Example" }),
    { ...outcome("1", "done"), type: "script:Run", of: { id: "1", name: "welcome", said: "Hello Ada Example" } },
    ofGroup,
  ];
  const parked = [
    { key: "9", name: "Eve Example", reason: "two accounts fit: eexample", where: "matching" },
    { key: "Ada Example", name: "Ada Example", reason: "two teams of Ada Example", where: "halo", of: "thing" as const },
  ];
  const applied = { plan: plan({ parked }), wish: { people, resources }, outcomes, calls: { halo: 0, graph: 0, ldap: 0 } };

  test("people are their keys, reasons are in the record, counts stay", () => {
    const open = printUp(resultOf(applied), false);
    for (const name of [...names, "Eve Example"]) expect(open).toContain(name);
    const result = resultOf(redacted(applied, scrub));
    const text = `${printUp(result, false)}${JSON.stringify(result)}`;
    for (const name of [...names, "Eve Example", "eexample"]) expect(text).not.toContain(name);
    expect(text.split("\n")[0]).toBe(open.split("\n")[0]);
    expect(text).toContain("done    person 1: AD account created, 1 group gained");
    expect(text).toContain("refused person 2 (2, ad:User): the reason is in the run record (haloform history)");
    expect(text).toContain("parked  person 9 (9): the reason is in the plan itself");
    expect(result.failure).toMatch(/^the reason is in the run record \(haloform history\) \(1 changes not made/u);
  });

  test("a refusal and an error keep their kind and lose the names", () => {
    const refusal = scrubbed(new Refusal(["Ada Example would lose all"]), scrub);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).reasons).toEqual(["person 1 would lose all"]);
    expect(scrubbed(new UnreachableError("no answer for Ada Example"), scrub)).toMatchObject({ message: "no answer for person 1" });
  });
});
