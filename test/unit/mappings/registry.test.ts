import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { filesIn, registry } from "../../../mappings/registry.ts";
import { approvalsFile } from "../../../mappings/schema/approvals.ts";
import { filesFile } from "../../../mappings/schema/files.ts";
import { haloUsersFile } from "../../../mappings/schema/halo-users.ts";
import { scriptsFile } from "../../../mappings/schema/scripts.ts";
import { sourcesFile } from "../../../mappings/schema/sources.ts";
import { asksDevices } from "../../../stacks/read/entra.ts";
import * as w from "../stacks/world.ts";

type Def = z.core.$ZodTypes["_zod"]["def"];

/** Where conditions stand in a schema, as paths are written in `rules`. */
function conditions(schema: z.core.$ZodType, path: string): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def as Def;
  switch (def.type) {
    case "object":
      // The language of conditions itself: its inner ones are part of it.
      if ("hasDevice" in def.shape) return [path];
      return Object.entries(def.shape).flatMap(([name, inner]) => conditions(inner, path === "" ? name : `${path}.${name}`));
    case "array":
      return conditions(def.element, `${path}[]`);
    case "record":
      return conditions(def.valueType, `${path}.*`);
    case "union":
      return def.options.flatMap((option) => conditions(option, path));
    case "optional":
    case "default":
    case "prefault":
    case "nullable":
      return conditions(def.innerType, path);
    // What is written: lists of lines stand under the word that says how they decide.
    case "pipe":
      return conditions(def.in, path).map((one) => one.replace(/\.(?:first|every)\[\]/u, "[]"));
    default:
      return [];
  }
}

describe("the registry of mapping files", () => {
  it.each(registry)("says of $name.yaml how each of its conditions counts, and of no other", ({ schema, rules }) => {
    expect(Object.keys(rules).sort()).toEqual([...new Set(conditions(schema, ""))].sort());
  });

  it("finds conditions in a schema, so that the test above can fail", () => {
    expect(conditions(registry[0]?.schema as z.core.$ZodType, "")).toEqual(["people.for"]);
    expect(registry.flatMap(({ schema }) => conditions(schema, "")).length).toBeGreaterThan(18);
  });

  // middle-B15: doctor named neither files, scripts nor sources among the files it found right.
  it("names every file that is there", () => {
    const { scripts } = scriptsFile.parse({ scripts: [{ name: "a", run: ["/bin/a"], after: ["joiner"] }] });
    const { sources } = sourcesFile.parse({ sources: { hr: { kind: "csv", file: "hr.csv", unique: "id" } } });
    const files = filesFile.parse({ homes: { first: [{ path: "{{ login }}" }] } });
    const approvals = approvalsFile.parse({ otherwise: { one: ["ada@example.com"] } });
    const all = { ...w.mappings(), haloUsers: haloUsersFile.parse({}), files, approvals, scripts, sources };
    expect(filesIn(all)).toEqual(registry.map(({ name }) => name));
    expect(filesIn(w.mappings({ ad: null, entra: null, halo: null }))).toEqual(["people", "safety"]);
  });

  // A sibling of middle-B11: devices were not even read where only an entry of halo-users.yaml asks for one.
  it("has no file in which a condition about devices is overlooked", () => {
    const sites = [{ sequence: 1, site: "A/B", for: { hasDevice: {} } }];
    const none = w.mappings();
    expect(asksDevices(none)).toBe(false);
    expect(asksDevices({ ...none, haloUsers: haloUsersFile.parse({ users: { sites: { first: sites } } }) })).toBe(true);
  });
});
