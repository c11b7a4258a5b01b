/** entra:Group — a cloud group and who belongs in it. The id is Graph's. Its inputs: inputs.ts. */
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { both, countOf, entries, neither, ranked } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { none, ofMembers, theOne } from "../facts.ts";
import { plansOf } from "../licence/inputs.ts";
import { bringGroup } from "./bring.ts";
import {
  asksOf,
  type GroupInputs,
  type GroupOutputs,
  type GroupsAsked,
  groupInputs,
  groupOutputs,
  nothingAsked,
  uniqueNameOf,
} from "./inputs.ts";
import { makeGroup } from "./make.ts";
import { type GroupValues, getGroup, groupValues, listGroups } from "./read.ts";
import { computedGroup, refuseUnmanageable, viewGroup } from "./view.ts";

/** The one live group that haloform made under this name, else the one that is called so. Throws RefusedError when there are two. */
function findGroup(live: readonly Live[], name: string): Live | undefined {
  const unique = uniqueNameOf(name);
  const isMeant = (values: GroupValues): boolean => values.uniqueName === unique || same(values.name, name);
  const found = live.filter((one) => isMeant(groupValues.parse(one.values)));
  return theOne(found, "group", name);
}

/** Whether a live group was read with all that the wish compares. */
function isWhole(live: Live, wished: GroupInputs): boolean {
  const values = groupValues.parse(live.values);
  return (["members", "owners", "licences"] as const).every((links) => wished[links] === undefined || values[links] !== undefined);
}

/** Brings a group that is there already. */
async function bringLive(
  client: EntraClient,
  live: Live,
  wished: GroupInputs,
  was: GroupInputs,
  context: RunContext,
): Promise<GroupOutputs> {
  refuseUnmanageable(live, wished);
  return bringGroup(client, live.id, wished, was, context);
}

/** A group that an interrupted run has made, or that was restored just now, as soon as a replica shows it. */
async function shown(client: EntraClient, id: string, wished: GroupInputs): Promise<Live> {
  client.recent(id);
  const live = await getGroup(client, id, asksOf([wished]));
  if (live) return live;
  throw new RefusedError(`Could not read the group ${wished.name} (${id}) yet; the next run goes on`, "Request_ResourceNotFound");
}

export const group = define<GroupInputs, GroupOutputs, EntraClient, GroupsAsked>({
  type: "entra:Group",
  ...ofMembers,
  noun: "group",
  membership: { type: "entra:Membership", noun: "group" },
  reaches: ({ values }) => countOf(values["members"]),
  sets: ["members", "leave", "may", "owners", "licences:sku"],
  silent: ["mode", "leave", "create", "privileged"],
  access: {
    name: neither,
    kind: both("rules"),
    description: neither,
    mailNickname: neither,
    visibility: ranked(["HiddenMembership", "Private", "Public"], "rules"),
    rule: both("rules"),
    ruleState: ranked(["Paused", "On"], "rules"),
    mode: neither,
    members: entries("memberships"),
    leave: neither,
    may: neither,
    owners: entries("memberships"),
    // Whom a licence of a group is taken from is counted one by one (`loses` of the resource).
    licences: entries("licences", plansOf),
    privileged: neither,
    create: neither,
  },
  inputs: groupInputs,
  outputs: groupOutputs,
  unasked: nothingAsked,
  list: listGroups,
  get: getGroup,
  find: (live, wished) => findGroup(live, wished.name)?.id,
  view: viewGroup,
  async create(client, wished, context) {
    const finish = (live: Live) => bringLive(client, live, wished, viewGroup(live, wished, {}, context), context);
    const found = findGroup(await context.live("entra:Group"), wished.name);
    if (found) {
      const live = isWhole(found, wished) ? found : ((await getGroup(client, found.id, asksOf([wished]))) ?? found);
      return { id: live.id, outputs: await finish(live) };
    }
    if (!wished.create) throw none("group", wished.name);
    const { id, existed, restored } = await makeGroup(client, wished);
    if (existed) {
      const outputs = await finish(await shown(client, id, wished));
      return { id, outputs, ...(restored ? { said: `the deleted group ${wished.name} was restored` } : {}) };
    }
    const { members, owners, licences } = wished;
    const was = { ...wished, ...defined({ members: members && [], owners: owners && [], licences: licences && [] }) };
    return { id, outputs: await bringGroup(client, id, wished, was, context) };
  },
  update: bringLive,
  computed: (_live, wished, context, outputs) => computedGroup(wished, context, outputs),
});
