/** entra:Group — a cloud group and who belongs in it. The id is Graph's. Its inputs: group-inputs.ts. */
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { both, entries, neither, ranked } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
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
import { getGroup, groupValues, listGroups } from "./read.ts";
import { refuseUnmanageable } from "./refuse.ts";
import { computedGroup, viewGroup } from "./view.ts";

/** The one live group that haloform made under this name, else the one that is called so. Throws RefusedError when there are two. */
export function findGroup(live: readonly Live[], name: string): Live | undefined {
  const unique = uniqueNameOf(name);
  const found = live.filter((one) => {
    const values = groupValues.parse(one.values);
    return values.uniqueName === unique || same(values.name, name);
  });
  if (found.length > 1) {
    throw new RefusedError(
      `Could not tell which group ${name} is meant: ${found.length} have this name (${found.map((one) => one.id).join(", ")}); rename all but one`,
      "AmbiguousName",
    );
  }
  return found[0];
}

/** Whether a live group was read with all that the wish compares. */
function isWhole(live: Live, wished: GroupInputs): boolean {
  const { members, owners, licences } = groupValues.parse(live.values);
  return (
    (wished.members === undefined || members !== undefined) &&
    (wished.owners === undefined || owners !== undefined) &&
    (wished.licences === undefined || licences !== undefined)
  );
}

/** Brings a group that was there before its wish. */
async function finish(client: EntraClient, live: Live, wished: GroupInputs, context: RunContext): Promise<GroupOutputs> {
  refuseUnmanageable(live, wished);
  return bringGroup(client, live.id, wished, viewGroup(live, wished, {}, context), context);
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
  system: "entra",
  noun: "group",
  about: "group",
  membership: { type: "entra:Membership", noun: "group" },
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["members", "may", "owners", "licences:sku"],
  silent: ["mode", "create", "privileged"],
  access: {
    name: neither,
    kind: both,
    description: neither,
    mailNickname: neither,
    visibility: ranked(["HiddenMembership", "Private", "Public"]),
    rule: both,
    ruleState: ranked(["Paused", "On"]),
    mode: neither,
    members: entries("memberships"),
    may: neither,
    owners: entries(),
    // Whom a licence of a group is taken from is counted one by one (`loses` of the resource).
    licences: entries(),
    privileged: neither,
    create: neither,
  },
  inputs: groupInputs,
  outputs: groupOutputs,
  client: entra,
  unasked: nothingAsked,
  list: listGroups,
  get: getGroup,
  find: (live, wished) => findGroup(live, wished.name)?.id,
  view: viewGroup,
  async create(client, wished, context) {
    const found = findGroup(await context.live("entra:Group"), wished.name);
    if (found) {
      const live = isWhole(found, wished) ? found : ((await getGroup(client, found.id, asksOf([wished]))) ?? found);
      return { id: live.id, outputs: await finish(client, live, wished, context) };
    }
    if (!wished.create)
      throw new RefusedError(
        `Could not find the group ${wished.name}: there is none of this name in Entra ID; create it, or set \`create: true\` in mappings/entra.yaml`,
        "Request_ResourceNotFound",
      );
    const { id, existed, restored } = await makeGroup(client, wished);
    if (existed) {
      const outputs = await finish(client, await shown(client, id, wished), wished, context);
      return { id, outputs, ...(restored ? { said: `the deleted group ${wished.name} was restored` } : {}) };
    }
    const { members, owners, licences } = wished;
    const was: GroupInputs = {
      ...wished,
      // Graph picks one itself where it is not asked for, and it was asked for.
      ...(members === undefined ? {} : { members: [] }),
      ...(owners === undefined ? {} : { owners: [] }),
      ...(licences === undefined ? {} : { licences: [] }),
    };
    return { id, outputs: await bringGroup(client, id, wished, was, context) };
  },
  async update(client, live, wished, was, context) {
    refuseUnmanageable(live, wished);
    return bringGroup(client, live.id, wished, was, context);
  },
  computed: (_live, wished, context, outputs) => computedGroup(wished, context, outputs),
});
