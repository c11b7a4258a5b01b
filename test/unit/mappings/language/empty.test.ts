import { describe, expect, it } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { holds } from "../../../../mappings/language/condition.ts";
import { compile, renderDn } from "../../../../mappings/language/template.ts";

const template = compile("{% if title %}{{ title }} of {% endif %}{{ client_name }}{% unless custom.CFTeam %}!{% endunless %}");

describe("behaviour F5: an empty cell is empty for templates and conditions alike", () => {
  it.each<[Json | undefined]>([[undefined], [null], [""], ["  "], ["\u00a0"], [[]], [[""]], [[null, " "]]])("%j", (nothing) => {
    const fields = { client_name: "Northwind", ...(nothing === undefined ? {} : { title: nothing, "custom.CFTeam": nothing }) };
    expect(template.render(fields)).toBe("Northwind!");
    expect(compile("{{ title | default: 'none' }}").render(fields)).toBe("none");
    expect(renderDn("OU={% if title %}{{ title }}{% else %}Staff{% endif %},DC=x", fields)).toBe("OU=Staff,DC=x");
    expect(holds({ title: { empty: true } }, { fields, key: "1", groups: new Set() }).holds).toBe(true);
  });
  it.each<[Json]>([["Mate"], [0], [false], [["", "x"]]])("%j is something", (value) => {
    const fields = { title: value };
    expect(holds({ title: { empty: false } }, { fields, key: "1", groups: new Set() }).holds).toBe(true);
    if (value !== false) expect(compile("{% if title %}yes{% endif %}").render(fields)).toBe("yes");
  });
});
