import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { registry } from "../../../mappings/registry.ts";

type Schema = z.core.JSONSchema.JSONSchema;

/** Every property of a schema at any depth, in every branch of a union: its path as an administrator writes it. */
function properties(schema: Schema, path = ""): { path: string; schema: Schema }[] {
  const inner = (value: unknown, at: string) => (typeof value === "object" && value !== null ? properties(value as Schema, at) : []);
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
      const at = path === "" ? name : `${path}.${name}`;
      return [{ path: at, schema: value as Schema }, ...inner(value, at)];
    }),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => inner(one, path)),
    ...inner(schema.items, `${path}[]`),
    ...inner(schema.additionalProperties, `${path}.*`),
  ];
}

const page = readFileSync(join(import.meta.dirname, "../../../docs/mappings.md"), "utf8");
const chapterOf = (title: string): string => page.split(/^## /mu).find((one) => one.startsWith(`${title}\n`)) ?? "";
/** The first cells of a chapter's tables; what stands for any name is a star. */
const fieldsOf = (chapter: string): string[] =>
  [...chapter.matchAll(/^\| `([^`]+)`/gmu)].map(([, path = ""]) => path.replace(/\.(?:NAME|ATTRIBUTE)(?=\.|$|\[)/gu, ".*"));

const chapters = [
  ...registry.map(({ name, schema }) => ({ title: `${name}.yaml`, schema: z.toJSONSchema(schema, { io: "input" }) })),
  ...["condition", "test"].map((name) => {
    const all = z.toJSONSchema(registry[0]?.schema ?? z.never(), { io: "input" }).$defs as { [name: string]: Schema };
    return { title: "Conditions", schema: name === "test" ? { properties: { title: all[name] ?? {} } } : (all[name] ?? {}) };
  }),
];

// middle-B15
describe("the reference page", () => {
  it("has an introduction to every file, and a sentence of what its absence means", () => {
    for (const { name } of registry) expect(chapterOf(`${name}.yaml`)).toMatch(/^.*\n\n[A-Z].*(?:[Ww]ithout this file|must be there)/u);
  });

  it.each(chapters)("has every property of $title, and each says what it is for", ({ title, schema }) => {
    const all = properties(schema).filter((one) => !(title === "Conditions" && one.path === "title"));
    expect(all.length).toBeGreaterThan(1);
    expect(all.filter((one) => !one.schema.description).map((one) => one.path)).toEqual([]);
    const shown = fieldsOf(chapterOf(title));
    expect(all.map((one) => one.path).filter((path) => !shown.includes(path))).toEqual([]);
  });

  it("says of safety.yaml that it counts for the accounts of both systems", () => {
    const safety = properties(z.toJSONSchema(registry.find(({ name }) => name === "safety")?.schema ?? z.never(), { io: "input" }));
    const said = (path: string): string => safety.find((one) => one.path === path)?.schema.description ?? "";
    expect(said("leaver.delete")).toContain("Entra ID");
    expect(said("limits.deleted")).not.toMatch(/^AD accounts/u);
    expect(said("protected.accounts")).toContain("userPrincipalName");
  });
});
