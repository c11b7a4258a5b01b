/** Tokens and the line that loads them stand in every state: changing one would orphan what is managed (decision 0001). */
import { expect, test } from "vitest";
import { definition, types } from "../../../../providers/index.ts";
import { providerLine } from "../../../../stacks/register/program.ts";

test("the type tokens are frozen", () => {
  expect(types).toEqual([
    "ad:OrganizationalUnit",
    "ad:User",
    "ad:Group",
    "ad:Contact",
    "ad:Computer",
    "ad:Photo",
    "files:HomeFolder",
    "entra:User",
    "entra:Licence",
    "entra:Group",
    "entra:AppAssignment",
    "entra:Mailbox",
    "entra:AutomaticReplies",
    "entra:Photo",
    "halo:Role",
    "halo:Agent",
    "halo:Team",
    "halo:ChangeAdvisoryBoard",
    "halo:Client",
    "halo:Site",
    "halo:User",
    "halo:Licence",
    "halo:Ticket",
    "halo:Asset",
    "script:Run",
  ]);
});

test("the __provider line is frozen, and short", () => {
  expect(providerLine("ad:User")).toBe(
    'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("#providers").provider("ad:User")',
  );
});

test("every token loads the definition of that token", async () => {
  for (const type of types) expect((await definition(type)).type).toBe(type);
  expect(() => definition("ad:Printer")).toThrow("There is no resource type ad:Printer; known are ad:OrganizationalUnit,");
});

test("letting go of anything never deletes it (promise 4)", async () => {
  for (const type of types) expect((await definition(type)).retain, type).toBe(true);
});
