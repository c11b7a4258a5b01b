/** A record whose values take a template past its limits. */
import { describe, expect, it } from "vitest";
import { compile } from "../../../../mappings/language/template.ts";
import { TemplateLimitError } from "../../../../mappings/text/errors.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, apply, mappings, next, record, world } from "../world.ts";

const huge = "a".repeat(3_000);
const template = "{{ title | replace: 'a', title }}";
/** `title` is written where there is one, and taken away where there is none. */
const written = (value: string) =>
  mappings({
    entra: null,
    halo: null,
    ad: { ...adDefault, groups: [], attributes: { office: { ...adDefault.attributes?.["office"], title: { value, whenEmpty: "clear" } } } },
  });

describe("security-19: a template that hits a limit is not nothing", () => {
  it("it throws, and says of which record; what cannot be worked out otherwise is nothing, as before", () => {
    expect(compile(template).render({ title: "aa" })).toBe("aaaa");
    expect(() => compile(template).render({ title: huge })).toThrow(TemplateLimitError);
    expect(compile("{{ title | divided_by: 0 }}").render({ title: "x" })).not.toContain("limit");
  });

  it("its person keeps everything and is parked with the reason; everybody else goes on", () => {
    const records = [record(41, { title: "Lead" }), record(42), record(43)];
    const first = world({ records, mappings: written(template), live: { "ad:User": [account(41), account(42)] } });
    const after = next(first, apply(first, wish(first)));
    const now = { ...after, records: [record(41, { title: huge }), record(42, { title: "Chief" }), record(43), record(44)] };
    const made = wish(now);
    expect(made.refused).toEqual([]);
    expect(made.parked.map(({ key, where }) => [key, where])).toEqual([["41", "source"]]);
    expect(made.parked[0]?.reason).toMatch(/^the template "\{\{ title .* more time or memory .*shorten them in Halo/u);
    const user = (of: typeof made, person: string) => of.resources.find((one) => one.type === "ad:User" && one.person === person)?.inputs;
    expect(user(made, "41")).toEqual(user(wish(after), "41"));
    expect(user(made, "42")).toMatchObject({ attributes: { title: "Chief" } });
    expect(user(made, "44")).toBeDefined();
    // Nobody new is made of a record that cannot be worked out.
    const fresh = wish({ ...after, records: [...records, record(45, { title: huge })] });
    expect(user(fresh, "45")).toBeUndefined();
    expect(fresh.parked.map(({ key }) => key)).toEqual(["45"]);
  });

  it("several of them, and one who has left is disabled all the same", () => {
    const records = [41, 42, 43, 44].map((id) => record(id));
    const first = world({ records, mappings: written(template), live: { "ad:User": records.map((_, at) => account(41 + at)) } });
    const after = next(first, apply(first, wish(first)));
    const full = { title: huge };
    const made = wish({ ...after, records: [record(41, full), record(42, full), record(43, { ...full, inactive: true }), record(44)] });
    expect(made.parked.map(({ key }) => key)).toEqual(["41", "42"]);
    const user = (person: string) => made.resources.find((one) => one.type === "ad:User" && one.person === person)?.inputs;
    expect(user("43")).toMatchObject({ enabled: false });
    expect(user("44")).toMatchObject({ enabled: true });
  });
});
