/** Tokens and the line that loads them stand in every state: changing one would orphan what is managed (decision 0001). */
import { expect, test } from "vitest";
import { z } from "zod";
import { definition, types } from "../../../../providers/registry.ts";
import { providerLine } from "../../../../stacks/register/program.ts";

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

test("whoever has members says what a place in it is called, and whoever is somebody's names the person", () => {
  for (const type of types) {
    const { about, membership, inputs } = definition(type);
    expect(membership !== undefined, type).toBe(about === "group");
    if (about === "group") expect(inputNames(inputs), type).toContain("members");
    if (about === "person") expect(inputNames(inputs), type).toContain("person");
  }
});
