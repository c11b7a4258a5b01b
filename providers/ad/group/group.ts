/** ad:Group: a group and who is in it. Members are written on the group, by id, as exact differences. */
import type { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import { both, entries, filledIn, neither, ranked } from "../../core/access.ts";
import { define, type Live, type Made, type RunContext } from "../../core/definition.ts";
import { findByLogin, groupAttributes, readGroups } from "../reads.ts";
import { child } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { guidOf, textOf } from "../wire/entry.ts";
import { AdRefusedError } from "../wire/errors.ts";
import { client } from "../wire/shared.ts";
import {
  type GroupInputs,
  type GroupOutputs,
  groupInputs,
  groupOutputs,
  groupType,
  liveGroup,
  plainAttributes,
  plainNames,
  valuesOfGroup,
} from "./inputs.ts";
import { changeMembers } from "./members.ts";
import { readMembership, readMembersOf } from "./membership.ts";
import { resolvedOf } from "./refs.ts";
import { viewGroup } from "./view.ts";
import { addLater, bring, checkGroupLengths, memberChanges, outputsOf, type Resolved, writeManager } from "./write.ts";

async function get(client: AdClient, target: string): Promise<Live | undefined> {
  const entry = await client.read(target, groupAttributes);
  if (entry === undefined) return undefined;
  const manager = textOf(entry, "managedBy");
  const [members, answering] = await Promise.all([
    readMembersOf(client, entry),
    manager === undefined ? undefined : client.read(manager, ["objectGUID"]),
  ]);
  return liveGroup(entry, members, answering && guidOf(answering));
}

/** Ids of those who answer for groups. Users, groups and members are known; only for others (a contact, say) is a request needed. */
async function managersOf(client: AdClient, groups: readonly Entry[], idOf: (dn: string) => string): Promise<Map<string, string>> {
  const names = new Set(groups.flatMap((entry) => textOf(entry, "managedBy") ?? []));
  const found = await Promise.all(
    [...names].map(async (dn): Promise<[string, string]> => {
      const known = idOf(dn);
      if (known !== "") return [dn, known];
      const entry = await client.read(dn, ["objectGUID"]);
      return [dn, (entry && guidOf(entry)) ?? ""];
    }),
  );
  return new Map(found);
}

/** What the last outputs knew. */
function knownIn(outputs: Values | undefined): { resolved: Resolved; manager?: string | undefined } {
  const manager = outputs?.["manager"];
  return { resolved: resolvedOf(outputs), manager: typeof manager === "string" ? manager : undefined };
}

/** The name exists already: the group is what the mapping names, made by a run that did not get to record it, or by hand. */
async function resume(
  client: AdClient,
  dn: string,
  inputs: GroupInputs,
  context: RunContext,
  error: AdRefusedError,
): Promise<Made<GroupOutputs>> {
  const entry = (await findByLogin(client, inputs.name, ["objectGUID", "groupType"])) ?? undefined;
  const there = entry?.attributes["groupType"] === undefined ? undefined : await get(client, entry.dn);
  if (there === undefined) {
    throw new RefusedError(
      `Could not create the group ${dn}: ${entry ? `the name ${inputs.name} belongs to ${entry.dn}, which is no group` : "another object has this name there"}; rename one of them.`,
      error.code,
    );
  }
  return { id: there.id, outputs: await bring(client, there, inputs, viewGroup(there, inputs, {}, context), context, { resolved: {} }) };
}

/** The attributes of a new group. */
function attributesOf(inputs: GroupInputs): { [name: string]: string[] } {
  const attributes: { [name: string]: string[] } = {
    objectClass: ["top", "group"],
    sAMAccountName: [inputs.name],
    groupType: [groupType(inputs.scope ?? "global", inputs.kind ?? "security")],
  };
  for (const name of plainNames) {
    const value = inputs[name];
    if (value) attributes[plainAttributes[name]] = [value];
  }
  return attributes;
}

export const group = define<GroupInputs, GroupOutputs, AdClient>({
  type: "ad:Group",
  system: "ad",
  noun: "group",
  about: "group",
  membership: { type: "ad:Membership", noun: "group" },
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["members", "may"],
  silent: ["mode", "privileged"],
  access: {
    name: neither,
    path: both,
    scope: both,
    kind: ranked(["distribution", "security"]),
    description: neither,
    displayName: neither,
    mail: neither,
    notes: neither,
    managedBy: filledIn,
    mode: neither,
    members: entries("memberships"),
    may: neither,
    privileged: neither,
  },
  inputs: groupInputs as unknown as z.ZodType<GroupInputs>,
  outputs: groupOutputs as unknown as z.ZodType<GroupOutputs>,
  unasked: {},
  client,

  async list(client) {
    const groups: Promise<Entry[]> = readGroups(client);
    const [entries, membership] = await Promise.all([groups, readMembership(client, groups)]);
    const managers = await managersOf(client, entries, membership.idOf);
    return entries
      .map((entry) => liveGroup(entry, membership.of(entry), managers.get(textOf(entry, "managedBy") ?? "")))
      .filter((live) => live !== undefined);
  },

  find(live, inputs) {
    return live.find((one) => same(valuesOfGroup(one).name, inputs.name))?.id;
  },

  view: viewGroup,

  async create(client, inputs, context) {
    if (inputs.path === undefined) {
      throw new RefusedError(
        `Could not find the group ${inputs.name}, and mappings/ad.yaml does not say where to make it; create it, or give the group an \`ou\`.`,
        "missing",
      );
    }
    const dn = child("CN", inputs.name, inputs.path);
    checkGroupLengths(inputs, dn);
    try {
      await client.add(dn, attributesOf(inputs));
    } catch (error) {
      if (error instanceof AdRefusedError && error.result === 68) return resume(client, dn, inputs, context, error);
      throw error;
    }
    const entry = await client.read(dn, ["objectGUID"]);
    const id = entry && guidOf(entry);
    if (id === undefined)
      throw new RefusedError(`Could not read ${dn} after creating it; give haloform's account the right to read objectGUID.`, "unreadable");
    context.announce("ad", `group:${inputs.name}`, id);
    if (inputs.managedBy) await writeManager(client, id, inputs.managedBy, dn, context);
    await changeMembers(client, byGuid(id), memberChanges(inputs, { ...inputs, members: [] }, [], context, {}), dn);
    await addLater(client, id, inputs, context);
    return { id, outputs: outputsOf(dn, inputs, context, [], { resolved: {} }) };
  },

  update: (client, live, inputs, was, context, outputs) => bring(client, live, inputs, was, context, knownIn(outputs)),

  get: (client, id) => get(client, byGuid(id)),

  computed(live, inputs, context, outputs?: Values) {
    const values = valuesOfGroup(live);
    return outputsOf(values.distinguishedName, inputs, context, values.members, knownIn(outputs));
  },
});
