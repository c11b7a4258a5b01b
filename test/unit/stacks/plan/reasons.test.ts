/** What a stranger asked of plans (decision 0144): the values behind a reason, which side has changed, what many changes have in common. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { esc } from "../../../../cli/render/html.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { planSchema } from "../../../../stacks/model/plan.ts";
import { group, planned, rulesOf, type Someone, type Thing, user } from "./parts/estate.ts";

const why = (key: string, field: string) => ({ rule: "mappings/ad.yaml:3", record: `halo.users ${key}`, field });
const groupThing = (is: string[], wish: string[], field: string, state = is): Thing => ({
  ...{ type: "ad:Group", name: "GG-Sales", is: group("GG-Sales", is), state: group("GG-Sales", state), wish: group("GG-Sales", wish) },
  because: Object.fromEntries([...is, ...wish].map((key) => [`members.person:${key}`, why(key, field)])),
});
const keys = ["1", "2", "3", "4", "5", "6"];
const harbour = keys.map((key): Someone => ({ key, fields: { site_name: "Harbour", "custom.CFDepartment": "", title: `Hand ${key}` } }));
const others = ["7", "8", "9"].map((key): Someone => ({ key, fields: { site_name: "Main", "custom.CFDepartment": "Sales" } }));

describe("decision 0144: a reason says with which values it was decided", () => {
  const plan = planned([groupThing(keys, [], "custom.CFDepartment")], [...harbour, ...others]);
  test("in the plan, beside the field, also where it is empty or has no such field", () => {
    expect(planSchema.parse(plan)).toEqual(plan);
    expect(plan.people[0]?.changes[0]?.fields[0]?.because?.values).toEqual({ "custom.CFDepartment": "" });
    const two = planned([groupThing([], ["1"], "site_name, title, hasDevice")], harbour);
    expect(two.people[0]?.changes[0]?.fields[0]?.because?.values).toEqual({ site_name: "Harbour", title: "Hand 1" });
  });
  test("but not of login, which is the account's own where a template is filled in: the record's says nothing of it", () => {
    const people = [{ key: "1", fields: { login: "", site_name: "Harbour" } }];
    const own = planned([groupThing([], ["1"], "login, site_name")], people);
    expect(own.people[0]?.changes[0]?.fields[0]?.because).toMatchObject({ field: "login, site_name", values: { site_name: "Harbour" } });
    expect(own.people[0]?.changes[0]?.fields[0]?.because?.values).not.toHaveProperty("login");
  });
  test("a word of the template that is called as a field of the record has what it gave", () => {
    const field = "title, manager";
    const thing = groupThing([], ["1"], field);
    const because = { "members.person:1": { ...why("1", field), values: { manager: "Grace Hopper" } } };
    const made = planned([{ ...thing, because }], [{ key: "1", fields: { title: "Hand", manager: "u-0815" } }]);
    expect(made.people[0]?.changes[0]?.fields[0]?.because?.values).toEqual({ title: "Hand", manager: "Grace Hopper" });
  });
  test("on the page and in the comment; with people left out only the field", () => {
    const two = planned([groupThing([], ["1"], "site_name, title")], harbour);
    const said = 'halo.users 1 site_name "Harbour", title "Hand 1"';
    expect(renderHtml(two)).toContain(esc(said));
    expect(renderMarkdown(two, { redact: false })).toContain("Hand 1");
    const redacted = renderMarkdown(two, { redact: true });
    expect(redacted).toMatch(/site.{0,8}name, title/u);
    expect(redacted).not.toMatch(/Harbour|Hand 1/u);
  });
  test("a value of any length is cut, and one that is markup shows as it is", () => {
    const odd = [{ key: "1", fields: { title: `<b>${"x".repeat(500)}` } }];
    const cut = planned([groupThing([], ["1"], "title")], odd);
    expect(cut.people[0]?.changes[0]?.fields[0]?.because?.values?.["title"]).toHaveLength(80);
    expect(renderHtml(cut)).not.toContain("<b>xxx");
  });
});

describe("decision 0144: which side has changed since the last run", () => {
  const moved = (is: Values, state: Values, wish: Values) =>
    planned(
      [{ type: "ad:User", name: "person-1", person: "1", is: user("1", is), state: user("1", state), wish: user("1", wish) }],
      [{ key: "1" }],
    ).people[0]?.changes[0]?.fields.map(({ path, moved }) => [path, moved]);
  test("what is there, or what is wished", () => {
    const [one, other] = [{ attributes: { title: "A" } }, { attributes: { title: "B" } }];
    expect(moved(other, one, one)).toEqual([["attributes.title", "system"]]);
    expect(moved(one, one, other)).toEqual([["attributes.title", "wish"]]);
    expect(moved({ ...one, enabled: false }, one, other)).toEqual([
      ["attributes.title", "wish"],
      ["enabled", "system"],
    ]);
  });
  test("of a membership; said on the page, of the source only where the mappings are known to be the same", () => {
    const drifted = groupThing(["1"], ["1", "2"], "title", ["1", "2"]);
    const plan = planned([drifted], harbour);
    expect(plan.people[0]?.changes[0]?.fields[0]?.moved).toBe("system");
    expect(renderHtml(plan)).toContain("changed in Active Directory since the last run");
    const wished = groupThing(["1"], ["1", "2"], "title");
    expect(renderHtml(planned([wished], harbour))).not.toContain("since the last run");
    const rules = { otherwise: { one: ["ada@example.com"] } };
    expect(renderHtml(planned([wished], harbour, { rules: rulesOf(rules) }))).toContain("changed in Halo since the last run");
    expect(renderHtml(planned([wished], harbour, { rules: rulesOf(rules, { mappingChanged: true }) }))).not.toContain("since the last run");
  });
  test("of what is only made nobody says it", () => {
    const plan = planned([{ type: "ad:User", name: "person-1", person: "1", wish: user("1") }], [{ key: "1" }]);
    expect(plan.people[0]?.changes[0]?.fields.some((field) => "moved" in field)).toBe(false);
  });
});

describe("decision 0144: one line for what many changes have in common", () => {
  const plan = planned([groupThing(keys, [], "custom.CFDepartment")], [...harbour, ...others]);
  test("the line of the mapping, the value, and what else all of them and few others have", () => {
    expect(plan.causes).toEqual([
      {
        ...{ rules: ["mappings/ad.yaml:3"], values: { "custom.CFDepartment": "" }, people: 6, changes: 6 },
        shared: [{ field: "site_name", value: "Harbour", of: 6 }],
      },
    ]);
    const line =
      '6 people, 6 changes: custom.CFDepartment (empty), by mappings/ad.yaml:3; all of them have site_name "Harbour", and nobody else';
    expect(renderHtml(plan)).toContain(esc(line));
    const comment = renderMarkdown(plan, { redact: false });
    expect(comment).toContain("**What many changes have in common**");
    expect(comment).toMatch(/6 people, 6 changes: .*Harbour.*, and nobody else/u);
    expect(renderMarkdown(plan, { redact: true })).not.toContain("Harbour");
  });
  test("not of fewer than five, nor of values that each has alone", () => {
    expect(planned([groupThing(keys.slice(0, 4), [], "custom.CFDepartment")], harbour).causes).toBeUndefined();
    expect(planned([groupThing(keys, [], "title")], harbour).causes).toBeUndefined();
  });
});
