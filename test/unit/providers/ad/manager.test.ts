/** ad:User: a manager whose account appears while the person's own is being written. */
import { expect, it } from "vitest";
import { user } from "../../../../providers/ad/user/user.ts";
import type { AdClient, Modification } from "../../../../providers/ad/wire/client.ts";
import { makeContext } from "../../../../providers/core/context.ts";

const guid = "6f1d2c3b-0000-4000-8000-000000000001";
const inputs = user.inputs.parse({
  person: "103",
  name: "Conor O'Neil",
  path: "OU=Main,OU=Staff,DC=corp,DC=example,DC=com",
  enabled: true,
  sAMAccountName: "coneil",
  attributes: { manager: "person:101" },
});

/** A client on which `add` takes as long as it takes somebody else to announce the manager. */
function client(during: () => void): { client: AdClient; managers: string[][] } {
  const managers: string[][] = [];
  const fake: Partial<AdClient> = {
    base: "DC=corp,DC=example,DC=com",
    add: async () => during(),
    read: async (dn) => ({ dn, attributes: { objectGUID: [Buffer.alloc(16, 7)] } }),
    modify: async (_target: string, changes: readonly Modification[]) => {
      for (const change of changes) if (change.attribute === "manager") managers.push(change.values.map(String));
    },
  };
  return { client: fake as AdClient, managers };
}

it("links a manager who is announced during the add", async () => {
  const context = makeContext(undefined, async () => []);
  const { client: directory, managers } = client(() => context.announce("ad", "101", guid));
  await user.create(directory, inputs, context);
  await context.settle();
  expect(managers).toEqual([[`<GUID=${guid}>`]]);
});

it("links a manager who is announced afterwards, once", async () => {
  const context = makeContext(undefined, async () => []);
  const { client: directory, managers } = client(() => undefined);
  await user.create(directory, inputs, context);
  expect(managers).toEqual([]);
  context.announce("ad", "101", guid);
  await context.settle();
  expect(managers).toEqual([[`<GUID=${guid}>`]]);
});
