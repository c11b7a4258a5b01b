/** ad:Group: a group and who is in it. Members are written on the group, by id, as exact differences. */
import type { Definition, Live, Made, RunContext, Values } from "../core/definition.ts";
import { RefusedError } from "../core/errors.ts";
import type { AdClient, Modification } from "./client.ts";
import { child, dnKey, nameOf, rdn, sameDn } from "./dn.ts";
import { guidOf } from "./entry.ts";
import { AdRefusedError } from "./errors.ts";
import {
  type GroupInputs,
  type GroupOutputs,
  groupInputs,
  groupOutputs,
  groupType,
  liveGroup,
  type Scope,
  valuesOfGroup,
  viewGroup,
} from "./group-inputs.ts";
import { byGuid } from "./guid.ts";
import { checkLength } from "./limits.ts";
import { changeMembers, type MemberChange } from "./members.ts";
import { findByLogin, groupAttributes, readGroups, readMembers, readMembersOf } from "./reads.ts";
import { dnOf, personOf, resolvedOf, writtenAs } from "./refs.ts";
import { client } from "./shared.ts";

async function get(client: AdClient, target: string): Promise<Live | undefined> {
  const entry = await client.read(target, groupAttributes);
  return entry === undefined ? undefined : liveGroup(entry, await readMembersOf(client, entry.dn));
}

function check(inputs: GroupInputs, object: string): void {
  checkLength(object, "cn", inputs.name);
  if (inputs.description !== undefined) checkLength(object, "description", inputs.description);
}

/** Ids behind the wished refs, and who has no account yet: the run's knowledge first, then the last outputs. */
function outputsOf(
  distinguishedName: string,
  inputs: GroupInputs,
  context: RunContext,
  live: readonly { dn: string; guid: string }[],
  previous: { readonly [ref: string]: string },
): GroupOutputs {
  const guids = new Map(live.map(({ dn, guid }) => [dnKey(dn), guid]));
  const resolved: GroupOutputs["resolved"] = {};
  const waiting: string[] = [];
  for (const ref of inputs.members) {
    const person = personOf(ref);
    const dn = dnOf(ref);
    const id = person === undefined ? (guids.get(dnKey(dn ?? "")) ?? previous[ref]) : (context.account("ad", person) ?? previous[ref]);
    if (id !== undefined) resolved[ref] = id;
    else if (person !== undefined) waiting.push(ref);
  }
  return { distinguishedName, resolved, waiting };
}

/** Puts a person into the group as soon as the account exists, where that is still to come in this run. */
async function addLater(client: AdClient, id: string, inputs: GroupInputs, context: RunContext): Promise<void> {
  for (const ref of inputs.members) {
    const person = personOf(ref);
    if (person === undefined || context.account("ad", person) !== undefined) continue;
    await context.whenAnnounced("ad", person, (account) =>
      changeMembers(client, byGuid(id), [{ op: "add", value: byGuid(account) }], inputs.name),
    );
  }
}

/** groupType allows global ↔ domain-local only by way of universal. */
function stepsOf(from: Scope, to: Scope): Scope[] {
  if (from === to) return [to];
  return from !== "universal" && to !== "universal" ? ["universal", to] : [to];
}

async function bring(
  client: AdClient,
  live: Live,
  inputs: GroupInputs,
  was: GroupInputs,
  context: RunContext,
  previous: { readonly [ref: string]: string },
): Promise<GroupOutputs> {
  const values = valuesOfGroup(live);
  const object = values.distinguishedName;
  const target = byGuid(live.id);
  const members = memberChanges(inputs, was, values.members, context, previous);
  const renamed = was.name !== inputs.name;
  const moved = inputs.path !== undefined && !sameDn(values.path, inputs.path);
  const scope = inputs.scope ?? values.scope;
  const kind = inputs.kind ?? values.kind;
  const retyped = scope !== values.scope || kind !== values.kind;
  const described = inputs.description !== undefined && inputs.description !== was.description;
  const changes = renamed || moved || retyped || described || members.length > 0;
  if (changes && values.protected) {
    throw new RefusedError(
      `Could not change ${object}: it is a protected group of Active Directory (administrators and built-in groups); manage it by hand.`,
      "protected",
    );
  }
  if (changes) check(inputs, object);

  // the cn follows the name where it was the same before; a group somebody named otherwise keeps its cn
  const cn = nameOf(object);
  const newCn = renamed && cn.toLowerCase() === values.name.toLowerCase() ? inputs.name : cn;
  if (moved || newCn !== cn) await client.move(target, rdn("CN", newCn), inputs.path ?? values.path);

  const modification: Modification[] = [];
  if (renamed) modification.push({ op: "replace", attribute: "sAMAccountName", values: [inputs.name] });
  if (described) modification.push({ op: "replace", attribute: "description", values: inputs.description ? [inputs.description] : [] });
  if (modification.length > 0) await client.modify(target, modification, { what: object });
  if (retyped)
    for (const step of stepsOf(values.scope, scope))
      await client.modify(target, [{ op: "replace", attribute: "groupType", values: [groupType(step, kind)] }], { what: object });

  await changeMembers(client, target, members, object);
  await addLater(client, live.id, inputs, context);
  const dn = moved || newCn !== cn ? child("CN", newCn, inputs.path ?? values.path) : object;
  return outputsOf(dn, inputs, context, values.members, previous);
}

function memberChanges(
  inputs: GroupInputs,
  was: GroupInputs,
  live: readonly { dn: string; guid: string }[],
  context: RunContext,
  previous: { readonly [ref: string]: string },
): MemberChange[] {
  const wished = new Set(inputs.members);
  const had = new Set(was.members);
  const guids = new Map(live.map(({ dn, guid }) => [dnKey(dn), guid]));
  const changes: MemberChange[] = [];
  for (const ref of was.members) {
    if (wished.has(ref)) continue;
    // by id where it is known: the account may have been renamed since, in this very run
    const guid = guids.get(dnKey(dnOf(ref) ?? ""));
    const value = guid === undefined ? writtenAs(ref, context, previous) : byGuid(guid);
    if (value !== undefined) changes.push({ op: "delete", value });
  }
  for (const ref of inputs.members) {
    const value = had.has(ref) ? undefined : writtenAs(ref, context, previous);
    if (value !== undefined) changes.push({ op: "add", value });
  }
  return changes;
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
  return { id: there.id, outputs: await bring(client, there, inputs, viewGroup(there, inputs, {}, context), context, {}) };
}

export const group: Definition<GroupInputs, GroupOutputs, AdClient> = {
  type: "ad:Group",
  system: "ad",
  inputs: groupInputs as unknown as Definition<GroupInputs, GroupOutputs, AdClient>["inputs"],
  outputs: groupOutputs as unknown as Definition<GroupInputs, GroupOutputs, AdClient>["outputs"],
  immutable: [],
  retain: true,
  client,

  async list(client) {
    const [entries, members] = await Promise.all([readGroups(client), readMembers(client)]);
    return entries.map((entry) => liveGroup(entry, members.get(entry.dn) ?? [])).filter((live) => live !== undefined);
  },

  find(live, inputs) {
    return live.find((one) => valuesOfGroup(one).name.toLowerCase() === inputs.name.toLowerCase())?.id;
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
    check(inputs, dn);
    try {
      await client.add(dn, {
        objectClass: ["top", "group"],
        sAMAccountName: [inputs.name],
        groupType: [groupType(inputs.scope ?? "global", inputs.kind ?? "security")],
        ...(inputs.description ? { description: [inputs.description] } : {}),
      });
    } catch (error) {
      if (error instanceof AdRefusedError && error.result === 68) return resume(client, dn, inputs, context, error);
      throw error;
    }
    const entry = await client.read(dn, ["objectGUID"]);
    const id = entry && guidOf(entry);
    if (id === undefined)
      throw new RefusedError(`Could not read ${dn} after creating it; give haloform's account the right to read objectGUID.`, "unreadable");
    await changeMembers(client, byGuid(id), memberChanges(inputs, { ...inputs, members: [] }, [], context, {}), dn);
    await addLater(client, id, inputs, context);
    return { id, outputs: outputsOf(dn, inputs, context, [], {}) };
  },

  async update(client, id, inputs, was, context, outputs) {
    const live = (await context.liveById("ad:Group")).get(id) ?? (await get(client, byGuid(id)));
    if (live === undefined)
      throw new RefusedError(
        `Could not change the group ${inputs.name}: it is gone from Active Directory; the next plan will see that.`,
        "gone",
      );
    return bring(client, live, inputs, was, context, resolvedOf(outputs));
  },

  /** Letting go of a group leaves it and its members as they are. */
  async delete() {},

  get: (client, id) => get(client, byGuid(id)),

  computed(live, inputs, context, outputs?: Values) {
    const values = valuesOfGroup(live);
    return outputsOf(values.distinguishedName, inputs, context, values.members, resolvedOf(outputs));
  },
};
