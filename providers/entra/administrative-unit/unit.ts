/** entra:AdministrativeUnit — a part of the tenant that a role can be given over, and the people in it. The id is Graph's. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { none, ofMembers, ownChange, theOne } from "../facts.ts";
import { memberInputs, memberOutputs } from "../group/inputs.ts";
import { addEach, removeLinks, type Target } from "../group/links.ts";
import { bringMembers, computedMembers, type MemberOutputs, shownMembers } from "../references.ts";
import { made, understood } from "../send.ts";
import { getUnit, listUnits, type UnitsAsked, unitHolders, unitsNamed, unitValues, unmanageable } from "./read.ts";

const { path, noun } = unitHolders;

/** Its members are people only: `person:<key>`, or `id:<Graph id>` for those no mapping knows. */
const inputs = z.strictObject({
  /** displayName. */
  name: z.string().trim().min(1).max(256),
  /** Absent = not managed; "" = none. */
  description: z.string().trim().exactOptional(),
  ...memberInputs,
  /** Make it when missing. */
  create: z.boolean().default(true),
});
type UnitInputs = z.infer<typeof inputs>;

/** The one live unit of this name. Throws RefusedError when there are two. */
function findUnit(live: readonly Live[], name: string): Live | undefined {
  const found = live.filter((one) => same(unitValues.parse(one.values).name, name));
  return theOne(found, noun, name);
}

/** Brings it from `was` to `wished`. Everything that can be done is done; then the first refusal is thrown. */
async function bring(client: EntraClient, id: string, wished: UnitInputs, was: UnitInputs, context: RunContext): Promise<MemberOutputs> {
  const target: Target = { id, name: wished.name, of: unitHolders };
  const change = ownChange(wished, was);
  if (Object.keys(change).length > 0) await client.patch(`${path}/${segment(id)}`, change, { what: `change the ${noun} ${wished.name}` });
  return bringMembers(client, context, wished, was, {
    add: (ids) => addEach(client, target, ids, "members"),
    remove: (ids) => removeLinks(client, target, ids, "members"),
  });
}

/** The same of one that is there already. */
async function update(client: EntraClient, live: Live, wished: UnitInputs, was: UnitInputs, context: RunContext): Promise<MemberOutputs> {
  const why = unmanageable(live);
  if (why === undefined) return bring(client, live.id, wished, was, context);
  throw new RefusedError(
    `Could not change the ${noun} ${wished.name}: ${why}; change it by hand, or name another`,
    "AdministrativeUnitNotManageable",
  );
}

function view(live: Live, managed: UnitInputs, outputs: Values, context: RunContext): UnitInputs {
  const { name, description, members } = unitValues.parse(live.values);
  return {
    ...managed,
    name,
    ...(managed.description === undefined ? {} : { description }),
    // Showing none of unread members would add everyone again; the next run reads them.
    ...(members && { members: shownMembers(members, managed, outputs, context) }),
  };
}

export const administrativeUnit = define<UnitInputs, MemberOutputs, EntraClient, UnitsAsked>({
  type: "entra:AdministrativeUnit",
  ...ofMembers,
  noun,
  membership: { type: "entra:AdministrativeUnit:Membership", noun },
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
  inputs,
  outputs: memberOutputs,
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
      return { id: live.id, outputs: await update(client, live, wished, view(live, wished, {}, context), context) };
    }
    if (!wished.create) throw none(noun, wished.name);
    const body = { displayName: wished.name, ...(wished.description ? { description: wished.description } : {}) };
    const what = `create the ${noun} ${wished.name}`;
    const { id } = understood(made, (await client.post(path, body, { what })).body, what);
    return { id, outputs: await bring(client, id, wished, { ...wished, members: [] }, context) };
  },
  update,
  computed: (_live, wished, context, outputs) => computedMembers(wished, context, outputs),
});
