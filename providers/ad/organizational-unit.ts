/** ad:OrganizationalUnit: a place for accounts and groups. Its parent is a resource of its own; it is never deleted. */
import { z } from "zod";
import type { Definition, Live, Values } from "../core/definition.ts";
import { RefusedError } from "../core/errors.ts";
import type { AdClient, Entry } from "./client.ts";
import { formatDn, nameOf, parentOf, parseDn, sameDn } from "./dn.ts";
import { guidOf } from "./entry.ts";
import { AdRefusedError } from "./errors.ts";
import { byGuid } from "./guid.ts";
import { checkLength } from "./limits.ts";
import { readUnits } from "./reads.ts";
import { client } from "./shared.ts";
import { dn } from "./user-inputs.ts";

const inputs = z.strictObject({
  distinguishedName: dn.refine((value) => /^OU=/iu.test(value), "the distinguishedName of an organizational unit (OU=…)"),
});
const outputs = z.strictObject({ distinguishedName: z.string() });

export type OrganizationalUnitInputs = Values & { distinguishedName: string };
export type OrganizationalUnitOutputs = Values & { distinguishedName: string };

function live(entry: Entry): Live | undefined {
  const id = guidOf(entry);
  return id === undefined ? undefined : { id, values: { distinguishedName: entry.dn } };
}

function nameIn(one: Live): string {
  return String(one.values["distinguishedName"]);
}

export const organizationalUnit: Definition<OrganizationalUnitInputs, OrganizationalUnitOutputs, AdClient> = {
  type: "ad:OrganizationalUnit",
  system: "ad",
  inputs: inputs as unknown as Definition<OrganizationalUnitInputs, OrganizationalUnitOutputs, AdClient>["inputs"],
  outputs: outputs as unknown as Definition<OrganizationalUnitInputs, OrganizationalUnitOutputs, AdClient>["outputs"],
  immutable: [],
  retain: true,
  client,

  list: async (client) => (await readUnits(client)).map(live).filter((one) => one !== undefined),

  find: (all, { distinguishedName }) => all.find((one) => sameDn(nameIn(one), distinguishedName))?.id,

  view: (one, managed) => ({
    distinguishedName: sameDn(nameIn(one), managed.distinguishedName) ? managed.distinguishedName : formatDn(parseDn(nameIn(one))),
  }),

  async create(client, { distinguishedName }) {
    const name = nameOf(distinguishedName);
    checkLength(distinguishedName, "ou", name);
    try {
      await client.add(distinguishedName, { objectClass: ["top", "organizationalUnit"], ou: [name] });
    } catch (error) {
      // there already: made by an interrupted run or by hand, and the name is all there is to it
      if (!(error instanceof AdRefusedError && error.result === 68)) throw error;
    }
    const entry = await client.read(distinguishedName, ["objectGUID", "objectClass"]);
    const id = entry && guidOf(entry);
    if (id === undefined)
      throw new RefusedError(
        `Could not read ${distinguishedName} after creating it; give haloform's account the right to read objectGUID.`,
        "unreadable",
      );
    return { id, outputs: { distinguishedName } };
  },

  /** Renamed or moved by hand: it is put back, with everything in it. */
  async update(client, id, { distinguishedName }, was) {
    if (sameDn(was.distinguishedName, distinguishedName)) return { distinguishedName };
    checkLength(distinguishedName, "ou", nameOf(distinguishedName));
    const [first] = parseDn(distinguishedName);
    await client.move(byGuid(id), first === undefined ? "" : formatDn([first]), parentOf(distinguishedName));
    return { distinguishedName };
  },

  /** Never: what is in it would go with it. */
  async delete() {},

  async get(client, id) {
    const entry = await client.read(byGuid(id), ["objectGUID"]);
    return entry && live(entry);
  },

  computed: (one) => ({ distinguishedName: nameIn(one) }),
};
