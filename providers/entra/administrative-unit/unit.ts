/** entra:AdministrativeUnit — a part of the tenant that a role can be given over, and the people in it. The id is Graph's. */
import { z } from "zod";
import { RefusedError, summed } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { byId, idIn, idsOf, joinLater, knownIn, orLast, remember, resolve, view as viewMembers } from "../../core/references.ts";
import { addEach, removeLinks, type Target } from "../group/links.ts";
import { deltaOf } from "../group/references.ts";
import { type UnitInputs, type UnitOutputs, type UnitsAsked, unitInputs, unitOutputs } from "./inputs.ts";
import { getUnit, listUnits, unitHolders, unitsNamed, unitValues } from "./read.ts";
import { refuseUnmanageable } from "./refuse.ts";

const made = z.object({ id: z.string().min(1) });

/** The one live unit of this name. Throws RefusedError when there are two. */
function findUnit(live: readonly Live[], name: string): Live | undefined {
  const found = live.filter((one) => same(unitValues.parse(one.values).name, name));
  if (found.length > 1)
    throw new RefusedError(
      `Could not tell which administrative unit ${name} is meant: ${found.length} have this name (${found.map((one) => one.id).join(", ")}); rename all but one`,
      "AmbiguousName",
    );
  return found[0];
}

/** Brings it from `was` to `wished`. Everything that can be done is done; then the first refusal is thrown. */
async function bring(client: EntraClient, id: string, wished: UnitInputs, was: UnitInputs, context: RunContext): Promise<UnitOutputs> {
  const target: Target = { id, name: wished.name, of: unitHolders };
  const change: { [property: string]: string | null } = {};
  if (wished.name !== was.name) change["displayName"] = wished.name;
  if (wished.description !== undefined && wished.description !== (was.description ?? ""))
    change["description"] = wished.description || null;
  if (Object.keys(change).length > 0)
    await client.patch(`${unitHolders.path}/${segment(id)}`, change, { what: `change the administrative unit ${wished.name}` });
  const { join, leave, ids, waiting } = await deltaOf(client, context, wished.members, was.members);
  const error = summed([...(await addEach(client, target, join, "members")), ...(await removeLinks(client, target, leave, "members"))]);
  if (error) throw error;
  await joinLater("entra", waiting, context, async (member) => {
    const [failed] = await addEach(client, target, [member], "members");
    if (failed) throw failed;
  });
  return { resolved: remember(wished.mode, ids), waiting };
}

/** The same of one that is there already. */
async function bringLive(client: EntraClient, live: Live, wished: UnitInputs, was: UnitInputs, context: RunContext): Promise<UnitOutputs> {
  refuseUnmanageable(live, wished);
  return bring(client, live.id, wished, was, context);
}

function view(live: Live, managed: UnitInputs, outputs: Values, context: Pick<RunContext, "account" | "personOf">): UnitInputs {
  const { name, description, members } = unitValues.parse(live.values);
  return {
    ...managed,
    name,
    ...(managed.description === undefined ? {} : { description }),
    // Showing none of unread members would add everyone again; the next run reads them.
    ...(members === undefined ? {} : { members: viewMembers(members, managed, idsOf(outputs), knownIn("entra", context), byId) }),
  };
}

export const administrativeUnit = define<UnitInputs, UnitOutputs, EntraClient, UnitsAsked>({
  type: "entra:AdministrativeUnit",
  system: "entra",
  noun: "administrative unit",
  about: "group",
  membership: { type: "entra:AdministrativeUnit:Membership", noun: "administrative unit" },
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "members",
  sets: ["members"],
  silent: ["mode", "create"],
  access: {
    name: neither,
    description: neither,
    mode: neither,
    // To be in one gives its member nothing: it says who may administer that person. Whoever has a role over the unit may reset
    // the passwords of those who come in and block their sign-ins, and no longer of those who go (learn.microsoft.com/entra/
    // identity/role-based-access-control/administrative-units). So who comes in gives, and who goes takes, though it is others'
    // access; and it counts, as a source gone wrong would leave a whole department without its administrators.
    members: entries("memberships"),
    create: neither,
  },
  inputs: unitInputs,
  outputs: unitOutputs,
  client: entra,
  unasked: { members: [] },
  list: listUnits,
  get: (client, id) => getUnit(client, id),
  find: (live, wished) => findUnit(live, wished.name)?.id,
  view,
  async create(client, wished, context) {
    // Graph makes a second one of the same name without a word, and one that was made since the list was read is not in it.
    const found =
      findUnit(await context.live("entra:AdministrativeUnit"), wished.name) ?? findUnit(await unitsNamed(client, wished.name), wished.name);
    if (found) {
      const live = found.values["members"] === undefined ? ((await getUnit(client, found.id)) ?? found) : found;
      return { id: live.id, outputs: await bringLive(client, live, wished, view(live, wished, {}, context), context) };
    }
    const what = `create the administrative unit ${wished.name}`;
    if (!wished.create)
      throw new RefusedError(
        `Could not find the administrative unit ${wished.name}: there is none of this name in Entra ID; create it, or set \`create: true\` in mappings/entra.yaml`,
        "Request_ResourceNotFound",
      );
    const body = { displayName: wished.name, ...(wished.description ? { description: wished.description } : {}) };
    const { id } = made.parse((await client.post(unitHolders.path, body, { what })).body);
    return { id, outputs: await bring(client, id, wished, { ...wished, members: [] }, context) };
  },
  update: bringLive,
  computed(_live, wished, context, outputs) {
    const { ids, waiting } = resolve(wished.members, orLast(idIn("entra", context), idsOf(outputs)));
    return { resolved: remember(wished.mode, ids), waiting };
  },
});
