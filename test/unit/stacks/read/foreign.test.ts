/** What a state may hold before any engine is told of it. */
import { describe, expect, test } from "vitest";
import { endingOf } from "../../../../cli/exit.ts";
import { providerLine } from "../../../../providers/core/urn.ts";
import { parseExport } from "../../../../stacks/read/previous.ts";

const line = providerLine("ad:Group");
type Values = { [key: string]: unknown };
const group = (name: string, inputs: Values = {}, outputs: Values = {}) => ({
  urn: `urn:pulumi:test::haloform::pulumi-nodejs:dynamic/ad:Group::${name}`,
  type: "pulumi-nodejs:dynamic/ad:Group",
  id: name,
  inputs: { name, __provider: line, ...inputs },
  outputs: { name, computed: {}, __provider: line, ...outputs },
});
const stack = (outputs: Values = {}) => ({
  urn: "urn:pulumi:test::haloform::pulumi:pulumi:Stack::haloform-test",
  type: "pulumi:pulumi:Stack",
  outputs: { memory: {}, ...outputs },
});
const provider = (inputs: Values = {}) => ({
  urn: "urn:pulumi:test::haloform::pulumi:providers:pulumi-nodejs::default",
  type: "pulumi:providers:pulumi-nodejs",
  id: "x",
  inputs: { "haloform:stack": "test", ...inputs },
});
const whole = () => [stack(), provider(), group("GG-A"), group("GG-B"), group("GG::C")];
const parse = (resources: object[], more: object = {}) => parseExport({ deployment: { resources, ...more } });

/** What is said of a state that is refused; undefined: it is not. */
function refusal(resources: object[], more: object = {}): string | undefined {
  try {
    parse(resources, more);
    return undefined;
  } catch (error) {
    const { code, lines } = endingOf(error);
    expect(code).toBe(3);
    expect(lines).toHaveLength(1);
    return lines[0];
  }
}

describe("security-1: a state is looked through before any engine is told of it", () => {
  test("what haloform wrote is read, also of a run that was cut off", () => {
    const { outputs: _none, ...begun } = group("GG-D");
    expect(parse([...whole(), { ...group("parked"), id: "parked-ad:Group::x" }]).resources).toHaveLength(3);
    expect(parse(whole(), { pending_operations: [{ type: "creating", resource: begun }] }).resources).toHaveLength(3);
  });

  const texts = [
    "",
    " ",
    `${line} `,
    line.toUpperCase(),
    providerLine("ad:User"),
    "exports.handler = () => ({})",
    { text: line },
    null,
    1,
    [],
  ];
  test.each(texts)("another text than haloform's line, in any place: %j", (text) => {
    for (const at of [2, 3, 4])
      for (const where of ["inputs", "outputs"] as const) {
        const rows = whole();
        (rows[at] as ReturnType<typeof group>)[where].__provider = text as string;
        expect(refusal(rows)).toMatch(/^Refused: the state of the stack holds 1 resource .* ad:Group GG.*: |^Refused: .*: ad:Group GG/u);
      }
  });

  test("it says how many there are, and the first", () => {
    const other = { __provider: "exports.handler = () => ({})" };
    expect(refusal([stack(), provider(), group("GG-A", other), group("GG-B", {}, other)])).toContain(
      "holds 2 resources that haloform never wrote so, first: ad:Group GG-A.",
    );
  });

  test("a resource without its line, one that is about to be deleted, and one of a run that was cut off", () => {
    const { __provider: _line, ...without } = group("GG-A").inputs;
    expect(refusal([{ ...group("GG-A"), inputs: without }])).toBeDefined();
    expect(refusal([{ ...group("GG-A", { __provider: "x" }), delete: true }])).toBeDefined();
    expect(refusal([{ ...group("GG-A", { __provider: "x" }), id: "parked-x" }])).toBeDefined();
    expect(refusal(whole(), { pending_operations: [{ type: "creating", resource: group("GG-D", { __provider: "x" }) }] })).toBeDefined();
  });

  test("a resource of another plugin, and a plugin that is to come from elsewhere", () => {
    const type = "local:index/file:File";
    expect(refusal([...whole(), { urn: `urn:pulumi:test::haloform::${type}::f`, type, id: "f" }])).toContain(`first: ${type} f`.slice(7));
    const plugin = "pulumi:providers:local";
    expect(refusal([...whole(), { urn: `urn:pulumi:test::haloform::${plugin}::f`, type: plugin, id: "f", inputs: {} }])).toBeDefined();
    for (const more of [{ version: "1.0.0" }, { pluginDownloadURL: "https://example.org" }, { __internal: {} }, { __provider: line }])
      expect(refusal([stack(), provider(more)])).toBeDefined();
    expect(refusal([stack({ __provider: line })])).toBeDefined();
  });

  test("a type that is not the one of the name", () => {
    expect(refusal([{ ...group("GG-A"), type: "pulumi-nodejs:dynamic/ad:User" }])).toBeDefined();
    expect(refusal([{ ...group("GG-A"), type: "local:index/file:File" }])).toBeDefined();
  });
});
