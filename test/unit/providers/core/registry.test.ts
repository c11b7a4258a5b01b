/** Tokens and the line that loads them stand in every state: changing one would orphan what is managed (decision 0001). */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import type { RunContext } from "../../../../providers/core/definition.ts";
import { providerLine } from "../../../../providers/core/urn.ts";
import { definition, groupBy, types } from "../../../../providers/registry.ts";

/** The keys of a schema, below its refinements and transforms. */
function inputNames(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return inputNames(schema.in);
  throw new Error("inputs are an object");
}

test("the type tokens are frozen", () => {
  expect([...types].sort()).toEqual([
    "ad:Computer",
    "ad:Contact",
    "ad:Group",
    "ad:OrganizationalUnit",
    "ad:Photo",
    "ad:User",
    "entra:AdministrativeUnit",
    "entra:AppAssignment",
    "entra:AutomaticReplies",
    "entra:Group",
    "entra:Licence",
    "entra:Mailbox",
    "entra:Photo",
    "entra:User",
    "files:HomeFolder",
    "halo:Agent",
    "halo:Asset",
    "halo:ChangeAdvisoryBoard",
    "halo:Client",
    "halo:Licence",
    "halo:Role",
    "halo:Site",
    "halo:Team",
    "halo:Ticket",
    "halo:User",
    "script:Run",
  ]);
});

test("the __provider line is frozen, and short", () => {
  expect(providerLine("ad:User")).toBe(
    'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("#providers").provider("ad:User")',
  );
});

test("every token loads the definition of that token", async () => {
  for (const type of types) expect(definition(type).type).toBe(type);
  expect(() => definition("ad:Printer")).toThrow("There is no resource type ad:Printer; known are ad:OrganizationalUnit,");
});

test("a membership of one name is of one type of group, so that a plan says which group carries it", () => {
  const names = types.flatMap((type) => definition(type).membership?.type ?? []);
  expect(names).toHaveLength(new Set(names).size);
  expect(names.map((name) => groupBy(name)?.membership?.type)).toEqual(names);
});

test("what the registry calls a type is what the type calls itself, and its system is the one in its token", () => {
  for (const type of types) {
    const one = definition(type);
    expect(one.type).toBe(type);
    expect(type.split(":")[0]).toBe(one.system);
  }
});

test("every input of every type says what a change of it does to access, and nothing else does (promise 3)", () => {
  for (const type of types) {
    const one = definition(type);
    const named = inputNames(one.inputs);
    expect(Object.keys(one.access).sort(), type).toEqual(named.sort());
    expect(named, `${type}: sets`).toEqual(expect.arrayContaining(one.sets.map((path) => path.split(/[.:]/u)[0])));
    expect(named, `${type}: silent`).toEqual(expect.arrayContaining([...one.silent]));
    expect(named, `${type}: immutable`).toEqual(expect.arrayContaining([...one.immutable]));
  }
});

test("no input is called id or urn: Pulumi's SDK (3.270.0, runtime/rpc.js) keeps these names for itself and hands them to no provider", () => {
  for (const type of types)
    expect(inputNames(definition(type).inputs), type).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:id|urn)$/u)]));
});

test("whoever has members says what a place in it is called, and whoever is somebody's names the person", () => {
  for (const type of types) {
    const { about, membership, inputs } = definition(type);
    expect(membership !== undefined, type).toBe(about === "group");
    if (about === "group") expect(inputNames(inputs), type).toContain("members");
    if (about === "person") expect(inputNames(inputs), type).toContain("person");
  }
});

/** The types of which test/contract tries a whole life on their system: `lifecycle({ definition: <imported> …`. */
async function lives(): Promise<Set<string>> {
  const folder = new URL("../../../contract/", import.meta.url);
  const found = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".test.ts"))) {
    const source = readFileSync(new URL(file, folder), "utf8");
    const imports = [...source.matchAll(/import \{([^}]*)\} from "(\.[^"]+)"/gu)].map(([, names = "", module = ""]) => ({
      names: names.split(",").map((name) => name.trim()),
      module,
    }));
    for (const [, name = ""] of source.matchAll(/\blifecycle(?:<[^(]*>)?\(\{\s*definition: (\w+)/gu)) {
      const module = imports.find((one) => one.names.includes(name))?.module;
      if (module === undefined) throw new Error(`${file} imports no ${name}`);
      const { [name]: one } = (await import(new URL(module, new URL(file, folder)).href)) as { [name: string]: { type: string } };
      if (one) found.add(one.type);
    }
  }
  return found;
}

/** What haloform never makes has no whole life to try; what else is done to it, test/contract tries as well. */
const neverMade = ["ad:Computer"];

test("every type lives a whole life in test/contract, on the system it is of", async () => {
  const lived = await lives();
  expect(types.filter((type) => !lived.has(type))).toEqual(neverMade);
  for (const type of neverMade)
    await expect(definition(type).create(undefined, { name: "PC-1" }, {} as RunContext), type).rejects.toThrow(/Could not create/u);
});
