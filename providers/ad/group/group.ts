/** ad:Group: a group and who is in it. Members are written on the group, by id, as exact differences. */
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import { both, countOf, entries, filledIn, neither, ranked } from "../../core/access.ts";
import { define, type Live, type Made, type RunContext } from "../../core/definition.ts";
import { existsAlready, findByLogin, groupAttributes, idsByName, readBack, readGroups } from "../reads.ts";
import { child } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import { lengthProblem, refusedNames } from "../values/rules.ts";
import type { AdClient } from "../wire/client.ts";
import { textOf, textsOf } from "../wire/entry.ts";
import type { AdRefusedError } from "../wire/errors.ts";
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
import { viewGroup } from "./view.ts";
import { addLater, bring, checkGroupLengths, memberChanges, outputsOf, writeManager } from "./write.ts";

async function get(client: AdClient, target: string): Promise<Live | undefined> {
  const entry = await client.read(target, groupAttributes);
  if (entry === undefined) return undefined;
  const [members, managers] = await Promise.all([readMembersOf(client, entry), idsByName(client, textsOf(entry, "managedBy"))]);
  return liveGroup(entry, members, [...managers.values()][0]);
}

/** The name exists already: the group is what the mapping names, made by a run that did not get to record it, or by hand. */
async function resume(
  client: AdClient,
  dn: string,
  inputs: GroupInputs,
  context: RunContext,
  error: AdRefusedError,
): Promise<Made<GroupOutputs>> {
  const entry = await findByLogin(client, inputs.name, ["objectGUID", "groupType"]);
  const there = entry?.attributes["groupType"] === undefined ? undefined : await get(client, entry.dn);
  if (there === undefined) {
    throw new RefusedError(
      `Could not create the group ${dn}: ${entry ? `the name ${inputs.name} belongs to ${entry.dn}, which is no group` : "another object has this name there"}; rename one of them.`,
      error.code,
    );
  }
  return { id: there.id, outputs: await bring(client, there, inputs, viewGroup(there, inputs, {}, context), context) };
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
  reaches: ({ values }) => countOf(values["members"]),
  key: ({ name }) => name,
  place: ({ name, path }) => (path === undefined ? undefined : child("CN", name, path)),
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["members", "leave", "may"],
  silent: ["mode", "leave", "privileged"],
  access: {
    name: neither,
    path: both("rules"),
    scope: both("rules"),
    kind: ranked(["distribution", "security"], "rules"),
    description: neither,
    displayName: neither,
    mail: neither,
    notes: neither,
    managedBy: filledIn("memberships"),
    mode: neither,
    members: entries("memberships"),
    leave: neither,
    may: neither,
    privileged: neither,
  },
  inputs: groupInputs,
  outputs: groupOutputs,
  refuses: (wish, was) => [
    ...refusedNames({
      ...(was ? {} : { name: wish.name }),
      ...(wish.path === undefined || was?.path === wish.path ? {} : { path: wish.path }),
    }),
    ...plainNames.flatMap((path) => {
      const text = lengthProblem(plainAttributes[path], wish[path] ?? "");
      return text === undefined ? [] : [{ path, text }];
    }),
  ],
  unasked: {},
  client,

  async list(client, _asked, lists) {
    const groups = readGroups(client);
    const [entries, membership] = await Promise.all([groups, readMembership(client, groups, lists)]);
    // Users, groups and members are known; only for others (a contact, say) is a request needed.
    const managers = await idsByName(
      client,
      entries.flatMap((entry) => textsOf(entry, "managedBy")),
      membership.idOf,
    );
    return entries.flatMap((entry) => liveGroup(entry, membership.of(entry), managers.get(textOf(entry, "managedBy") ?? "")) ?? []);
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
      if (existsAlready(error)) return resume(client, dn, inputs, context, error);
      throw error;
    }
    const { id } = await readBack(client, dn, ["objectGUID"]);
    context.announce("ad", `group:${inputs.name}`, id);
    if (inputs.managedBy) await writeManager(client, id, inputs.managedBy, dn, context);
    await changeMembers(client, byGuid(id), memberChanges(inputs, { ...inputs, members: [] }, [], context, {}), dn);
    await addLater(client, id, inputs, context);
    return { id, outputs: outputsOf(dn, inputs, context, []) };
  },

  update: (client, live, inputs, was, context, outputs) => bring(client, live, inputs, was, context, outputs),

  get: (client, id) => get(client, byGuid(id)),

  computed(live, inputs, context, outputs) {
    const { distinguishedName, members } = valuesOfGroup(live);
    return outputsOf(distinguishedName, inputs, context, members, outputs);
  },
});
