/** ad:OrganizationalUnit: a place for accounts and groups. Its parent is a resource of its own; it is never deleted. */

import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { both, filledIn, neither } from "../core/access.ts";
import { define, type Live, type RunContext } from "../core/definition.ts";
import { managedOnly } from "../core/view.ts";
import { oneRef } from "./group/inputs.ts";
import { lastManager, managerOf } from "./group/refs.ts";
import { viewManager } from "./group/view.ts";
import { writeManager } from "./group/write.ts";
import { existsAlready, idsByName, liveAs, readBack, readUnits } from "./reads.ts";
import { dn, text } from "./user/inputs.ts";
import { formatDn, nameOf, parentOf, parseDn, sameDn } from "./values/dn.ts";
import { byGuid } from "./values/guid.ts";
import { lengthProblem, placeProblem } from "./values/rules.ts";
import { allowing, deleteChildren, deleteSelf, denies, denying } from "./values/security-descriptor.ts";
import { type AdClient, type Entry, replace } from "./wire/client.ts";
import { descriptorIn, textOf, textsOf } from "./wire/entry.ts";
import { checkLength } from "./wire/limits.ts";
import { client } from "./wire/shared.ts";

const inputs = z.strictObject({
  distinguishedName: dn.refine((value) => /^OU=/iu.test(value), "the distinguishedName of an organizational unit (OU=…)"),
  /** "" clears. */
  description: text.exactOptional(),
  /** A ref; "" clears. */
  managedBy: oneRef.exactOptional(),
  /** The entries of the security descriptor by which nobody can delete it or move it away. */
  protectedFromDeletion: z.boolean().exactOptional(),
});
const outputs = z.strictObject({ distinguishedName: z.string(), manager: z.string().exactOptional() });

export type OrganizationalUnitInputs = z.infer<typeof inputs>;
export type OrganizationalUnitOutputs = z.infer<typeof outputs>;

/** What is read where the mapping manages more than the place. */
export const unitSettings = ["description", "managedBy", "nTSecurityDescriptor"] as const;

function live(entry: Entry, managers: ReadonlyMap<string, string>): Live | undefined {
  const values: Values = { distinguishedName: entry.dn };
  const [description, managedBy] = [textOf(entry, "description"), textOf(entry, "managedBy")];
  if (description !== undefined) values["description"] = description;
  if (managedBy !== undefined) Object.assign(values, { managedBy, managerId: managers.get(managedBy) ?? "" });
  const descriptor = descriptorIn(entry);
  if (descriptor) values["protectedFromDeletion"] = denies(descriptor, deleteSelf);
  return liveAs(entry, values);
}

/** The units of these entries, with the ids of those who answer for them: a request for each of those. */
async function livesOf(client: AdClient, entries: readonly Entry[]): Promise<Live[]> {
  const managers = await idsByName(
    client,
    entries.flatMap((entry) => textsOf(entry, "managedBy")),
  );
  return entries.flatMap((entry) => live(entry, managers) ?? []);
}

function textIn(one: Live, name: string): string {
  const value = one.values[name];
  return typeof value === "string" ? value : "";
}

async function read(client: AdClient, id: string): Promise<Live | undefined> {
  const entry = await client.read(byGuid(id), ["objectGUID", ...unitSettings]);
  return entry && (await livesOf(client, [entry]))[0];
}

/** Puts the deny entries in place, or lifts the unit's own: the parent's may protect others too. */
async function protect(client: AdClient, target: string, object: string, on: boolean): Promise<void> {
  const write = async (at: string, what: string, change: (descriptor: Buffer) => Buffer | undefined): Promise<void> => {
    const descriptor = descriptorIn(await client.read(at, ["nTSecurityDescriptor"]));
    if (!descriptor)
      throw new RefusedError(
        `Could not read who may delete ${what}: give haloform's account the right to read permissions (and to modify them) there.`,
        "unreadable",
      );
    const changed = change(descriptor);
    if (changed) await client.modify(at, [replace("nTSecurityDescriptor", changed)], { what });
  };
  const parent = parentOf(object);
  // whoever may delete children of the parent could delete it all the same (MS-ADTS 3.1.1.5.5.4)
  if (on) await write(parent, parent, (descriptor) => denying(descriptor, deleteChildren));
  await write(target, object, (descriptor) => (on ? denying : allowing)(descriptor, deleteSelf));
}

function view(one: Live, managed: OrganizationalUnitInputs, outputs: Values, context: RunContext): OrganizationalUnitInputs {
  const name = textIn(one, "distinguishedName");
  const seen = {
    distinguishedName: sameDn(name, managed.distinguishedName) ? managed.distinguishedName : formatDn(parseDn(name)),
    description: textIn(one, "description").normalize("NFC").trim(),
    managedBy: viewManager(managed.managedBy ?? "", textIn(one, "managedBy"), textIn(one, "managerId"), context, lastManager(outputs)),
    protectedFromDeletion: one.values["protectedFromDeletion"] === true,
  };
  return managedOnly(seen, managed);
}

async function bring(
  client: AdClient,
  id: string,
  wish: OrganizationalUnitInputs,
  was: OrganizationalUnitInputs,
  context: RunContext,
  last: Values,
): Promise<OrganizationalUnitOutputs> {
  const object = wish.distinguishedName;
  const target = byGuid(id);
  let shielded = was.protectedFromDeletion === true;
  if (!sameDn(was.distinguishedName, object)) {
    checkLength(object, "ou", nameOf(object));
    const [first] = parseDn(object);
    // moving away is deleting for the place it leaves; only what the mapping manages is lifted for that
    if (shielded && !sameDn(parentOf(was.distinguishedName), parentOf(object))) {
      await protect(client, target, was.distinguishedName, false);
      shielded = false;
    }
    await client.move(target, first === undefined ? "" : formatDn([first]), parentOf(object));
  }
  if (wish.description !== undefined && wish.description !== (was.description ?? "")) {
    checkLength(object, "description", wish.description);
    const values = wish.description === "" ? [] : [wish.description];
    await client.modify(target, [replace("description", ...values)], { what: object });
  }
  if (wish.managedBy !== undefined && wish.managedBy !== (was.managedBy ?? ""))
    await writeManager(client, id, wish.managedBy, object, context);
  const { protectedFromDeletion: on } = wish;
  if (on !== undefined && on !== shielded) await protect(client, target, object, on);
  return computedOf(wish, context, last);
}

function computedOf(wish: OrganizationalUnitInputs, context: RunContext, last: Values): OrganizationalUnitOutputs {
  return { distinguishedName: wish.distinguishedName, ...managerOf(wish.managedBy, context, last) };
}

export const organizationalUnit = define<OrganizationalUnitInputs, OrganizationalUnitOutputs, AdClient, { settings: readonly string[] }>({
  type: "ad:OrganizationalUnit",
  system: "ad",
  noun: "organizational unit",
  about: "thing",
  key: ({ distinguishedName }) => distinguishedName,
  place: ({ distinguishedName }) => distinguishedName,
  label: ({ distinguishedName }) => distinguishedName,
  wave: () => "places",
  access: { distinguishedName: both("rules"), description: neither, managedBy: filledIn("memberships"), protectedFromDeletion: neither },
  inputs,
  outputs,
  refuses({ distinguishedName, description = "" }) {
    const [place, long] = [placeProblem(distinguishedName), lengthProblem("description", description)];
    return [
      ...(place === undefined ? [] : [{ path: "distinguishedName", text: place }]),
      ...(long === undefined ? [] : [{ path: "description", text: long }]),
    ];
  },
  unasked: { settings: [] },
  client,

  async list(client, { settings }) {
    return livesOf(client, await readUnits(client, settings));
  },

  find: (all, { distinguishedName }) => all.find((one) => sameDn(textIn(one, "distinguishedName"), distinguishedName))?.id,

  view,

  async create(client, wish, context) {
    const { distinguishedName } = wish;
    const name = nameOf(distinguishedName);
    checkLength(distinguishedName, "ou", name);
    try {
      await client.add(distinguishedName, { objectClass: ["top", "organizationalUnit"], ou: [name] });
    } catch (error) {
      // there already: made by an interrupted run or by hand; what else is wished is brought about below
      if (!existsAlready(error)) throw error;
    }
    const { id, entry } = await readBack(client, distinguishedName, ["objectGUID", ...unitSettings]);
    const [found = { id, values: {} }] = await livesOf(client, [entry]);
    return { id, outputs: await bring(client, id, wish, view(found, wish, {}, context), context, {}) };
  },

  /** Renamed or moved by hand: it is put back, with everything in it. */
  async update(client, { id }, wish, was, context, last = {}) {
    // the bulk read holds no settings that only the mapping of today manages
    const missing = wish.protectedFromDeletion !== undefined || wish.description !== undefined || wish.managedBy !== undefined;
    const now = missing ? await read(client, id) : undefined;
    return bring(client, id, wish, now ? view(now, wish, last, context) : was, context, last);
  },

  get: (client, id) => read(client, id),

  computed: (one, wish, context, outputs = {}) => ({
    ...computedOf(wish, context, outputs),
    distinguishedName: textIn(one, "distinguishedName"),
  }),
});
