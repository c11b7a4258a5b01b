import { describe, expect, test } from "vitest";
import { clip, clipPair, nothing, row, valueText, visible } from "../../../../cli/render/answers/show.ts";
import { figures, sentence } from "../../../../cli/render/plan/figures.ts";
import { renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import { renderText } from "../../../../cli/render/plan/text.ts";
import { viewOf } from "../../../../cli/render/plan/view.ts";
import { direction, listed, moment, plural } from "../../../../cli/render/plan/words.ts";
import type { PlanChange } from "../../../../stacks/model/plan.ts";
import { planOf, samplePlan } from "./sample.ts";

const same = (text: string) => text;

describe("words", () => {
  test("plural, list, moment", () => {
    expect([plural(1, "person", "people"), plural(0, "licence"), plural(1234, "licence")]).toEqual([
      "1 person",
      "0 licences",
      "1,234 licences",
    ]);
    expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a and b", "a, b and c"]);
    expect(moment("2026-11-21T08:00:59+01:00")).toBe("2026-11-21 07:00 UTC");
    expect(moment("soon")).toBe("soon");
  });

  test("visible: what is not seen is named, emoji and scripts stay whole", () => {
    expect(visible("a\u202eb\nc\u001b[1m\u00a0\u200b\ud800")).toBe("a⟨U+202E⟩b⟨U+000A⟩c⟨U+001B⟩[1m⟨U+00A0⟩⟨U+200B⟩⟨U+D800⟩");
    expect(visible("  x ")).toBe("␣␣x␣");
    for (const kept of ["👩‍💻", "🏳️‍🌈", "می‌خواهم", "إسم", "Żuławski", "O'Neil"]) expect(visible(kept)).toBe(kept);
  });

  test("values as people write them", () => {
    expect([null, "", [], {}].map((value) => valueText(value, same))).toEqual([nothing, nothing, nothing, nothing]);
    expect(valueText(true, same)).toBe("yes");
    expect(valueText(["a", "b"], same)).toBe("a, b");
    expect(valueText({ sku: "SPE_E3", without: ["X", "Y"] }, same)).toBe("SPE_E3 without X, Y");
    expect(valueText({ type: "CanEdit", value: 1 }, same)).toBe("type: CanEdit, value: 1");
  });

  test("long values are cut where they still differ", () => {
    expect(clip("x".repeat(300), 10)).toBe("xxxxxxxxxx… (300 characters)");
    expect(clip("😀".repeat(10), 5)).toBe("😀😀… (20 characters)");
    const [before, after] = clipPair(`${"x".repeat(300)}old`, `${"x".repeat(300)}new`, 160);
    expect(before).not.toBe(after);
    expect(before).toContain("old");
    expect(clipPair("x".repeat(300), "short", 100)[1]).toBe("short");
  });

  test("values that look the same and are not are said to be", () => {
    const made = (before: unknown, after: unknown) => row({ path: "attributes.title", before, after }, "title", 160, same, false);
    expect(made("18", 18)?.alike).toBe(true);
    expect(made("Zoë", "Zoe\u0308")?.alike).toBe(true);
    expect(made("a", "b")?.alike).toBe(false);
    expect(made(null, "")).toBeUndefined();
  });

  test("a membership's direction comes from its field, else from its op", () => {
    const change = (op: PlanChange["op"], fields: PlanChange["fields"]): PlanChange => ({
      system: "ad",
      type: "ad:Membership",
      resource: "G",
      label: "G",
      op,
      fields,
    });
    expect(direction(change("update", [{ path: "members.person:1", before: "person:1", after: null }]))).toBe("lost");
    expect(direction(change("update", [{ path: "members.person:1", before: null, after: "person:1" }]))).toBe("gained");
    expect(direction(change("strip", []))).toBe("lost");
    expect(direction(change("create", []))).toBe("gained");
  });
});

describe("figures", () => {
  test("the sample adds up", () => {
    const count = figures(samplePlan());
    expect(count).toMatchObject({
      joiners: 6,
      leavers: 4,
      movers: 9,
      others: 1,
      shared: 3,
      disabled: 4,
      parked: { held: 2, part: 0, thing: 0 },
      memberships: { gained: 18, lost: 16 },
      licences: { gained: 7, lost: 5 },
      empty: false,
    });
    expect(count.skus).toEqual([
      { sku: "SPE_E3", gained: 6, lost: 5 },
      { sku: "SPE_E5", gained: 1, lost: 0 },
    ]);
    expect(sentence(count)).toBe(
      "6 people join, 4 leave, 9 change, 1 is put right; 18 group memberships are gained, 16 lost; 7 licences are gained, 5 lost; 4 accounts are disabled; 3 shared things change; 2 people are parked.",
    );
  });

  test("a membership shown with the person and with the group counts once", () => {
    const fields = [{ path: "members.person:41", before: null, after: "person:41" }];
    const plan = planOf({
      people: [
        {
          key: "41",
          name: "Ada",
          event: "mover",
          changes: [{ system: "ad", type: "ad:Membership", resource: "GG", label: "GG", op: "create", fields }],
        },
      ],
      shared: [{ system: "ad", type: "ad:Group", resource: "GG", label: "GG", op: "update", fields }],
    });
    expect(figures(plan).memberships.gained).toBe(1);
    expect(sentence(figures(plan))).toBe("1 person changes; 1 group membership is gained; 1 shared thing changes.");
  });

  test("a membership that exists already and is taken over is not gained", () => {
    const change: PlanChange = { system: "ad", type: "ad:Membership", resource: "GG", label: "GG", op: "adopt", fields: [] };
    expect(figures(planOf({ people: [{ key: "41", name: "Ada", event: "none", changes: [change] }] })).memberships.gained).toBe(0);
  });

  test("nobody, and only something shared", () => {
    expect(sentence(figures(planOf({})))).toBe("Nothing to change.");
    expect(sentence(figures(planOf({ shared: samplePlan().shared.slice(2) })))).toBe(
      "Nobody joins, leaves or changes; 1 shared thing changes.",
    );
  });
});

describe("viewOf", () => {
  const view = viewOf(samplePlan(), { redact: false, longest: 160 });
  const card = (name: string) => view.sections.flatMap((section) => section.cards).find((each) => each.name === name);

  test("one reason for everything is said once", () => {
    expect(card("Gwen Oduya")?.from?.source).toBe("mappings/safety.yaml:2, halo.users 108 inactive");
    expect(card("Gwen Oduya")?.items.every((item) => item.why === undefined && item.rows.every((each) => each.from === undefined))).toBe(
      true,
    );
    expect(card("Ada Example")?.from).toBeUndefined();
  });

  test("why somebody leaves stands beside the name, and not a second time behind each change", () => {
    const why = "inactive in Halo";
    const plan = samplePlan();
    const people = plan.people.map((person) => ({
      ...person,
      why,
      changes: person.changes.map((change) => {
        const reason = { ...change.because, rule: "mappings/safety.yaml:2", note: why };
        return { ...change, because: reason, fields: change.fields.map((field) => ({ ...field, because: reason })) };
      }),
    }));
    for (const text of [renderText({ ...plan, people }, { colour: false }), renderMarkdown({ ...plan, people }, { redact: false })])
      expect(text.split(why).length - 1).toBe(people.length);
  });

  test("groups that go for the same reason are one line, by system", () => {
    expect(card("Gwen Oduya")?.items.map((item) => `${item.thing} ${item.what}`)).toEqual([
      "Active Directory account goduya is disabled",
      "Entra ID licences change",
      "Active Directory groups GG-AllStaff and GG-Sales: memberships removed",
      "Entra ID group SG-Intranet: membership removed",
    ]);
  });

  test("references to people are names", () => {
    expect(card("Zoë O'Neil")?.items[0]?.rows.find((each) => each.name === "manager")?.after).toBe("Hanna Berg (117)");
    expect(view.shared[0]?.rows.filter((each) => each.name === "member").map((each) => each.after)).toEqual([
      "Hanna Berg (117)",
      "Ada Example (41)",
    ]);
  });
});
