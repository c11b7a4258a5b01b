/** Bringing an existing group from what it is to what is wished. */
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { delta, type Ids, idIn, idsOf, joinLater, keyOf, orLast, resolve } from "../../core/references.ts";
import { child, dnKey, nameOf, rdn, sameDn } from "../values/dn.ts";
import { byGuid } from "../values/guid.ts";
import { type AdClient, replace } from "../wire/client.ts";
import { checkLength } from "../wire/limits.ts";
import {
  type GroupInputs,
  type GroupOutputs,
  groupType,
  type LiveMember,
  plainAttributes,
  plainNames,
  type Scope,
  valuesOfGroup,
} from "./inputs.ts";
import { changeMembers, type MemberChange } from "./members.ts";
import { dnOf, managerOf, writtenAs } from "./refs.ts";

export function checkGroupLengths(inputs: GroupInputs, object: string): void {
  checkLength(object, "cn", inputs.name);
  for (const name of plainNames) {
    const value = inputs[name];
    if (value !== undefined) checkLength(object, plainAttributes[name], value);
  }
}

/** Ids of the live members by their names: an account may have been renamed since, in this very run. */
function guidsOf(live: readonly LiveMember[]): (ref: string) => string | undefined {
  const guids = new Map(live.map(({ dn, guid }) => [dnKey(dn), guid]));
  return (ref) => guids.get(dnKey(dnOf(ref) ?? ""));
}

/** Ids behind the wished refs, and what does not exist yet: the run's knowledge first, then the last outputs (`last`). */
export function outputsOf(
  distinguishedName: string,
  inputs: GroupInputs,
  context: RunContext,
  live: readonly LiveMember[],
  last?: Values,
): GroupOutputs {
  const [idOf, guidOf] = [idIn("ad", context), guidsOf(live)];
  const { ids: resolved, waiting } = resolve(
    inputs.members,
    orLast((ref) => idOf(ref) ?? guidOf(ref), idsOf(last)),
  );
  return { distinguishedName, resolved, waiting, ...managerOf(inputs.managedBy, context, last) };
}

/** Writes who answers for an object; where that object is still to come in this run, as soon as it exists. */
export async function writeManager(client: AdClient, id: string, ref: string, object: string, context: RunContext): Promise<void> {
  const write = (...values: string[]): Promise<void> => client.modify(byGuid(id), [replace("managedBy", ...values)], { what: object });
  const value = ref === "" ? undefined : writtenAs(ref, context);
  const key = keyOf(ref);
  if (ref === "") await write();
  else if (value !== undefined) await write(value);
  else if (key !== undefined) await context.whenAnnounced("ad", key, (account) => write(byGuid(account)));
}

/** Puts people, groups and contacts into the group as soon as they exist, where that is still to come in this run. */
export function addLater(client: AdClient, id: string, inputs: GroupInputs, context: RunContext): Promise<void> {
  const { waiting } = resolve(inputs.members, idIn("ad", context));
  return joinLater("ad", waiting, context, (account) =>
    changeMembers(client, byGuid(id), [{ op: "add", value: byGuid(account) }], inputs.name),
  );
}

/** groupType allows global ↔ domain-local only by way of universal. */
const stepsOf = (from: Scope, to: Scope): Scope[] => ([from, to].includes("universal") || from === to ? [to] : ["universal", to]);

/** What must be written so that the members in `was` become those of the inputs. Primary members are in no `member` list. */
export function memberChanges(
  inputs: GroupInputs,
  was: GroupInputs,
  live: readonly LiveMember[],
  context: RunContext,
  resolved: Ids,
): MemberChange[] {
  const guidOf = guidsOf(live);
  const value = (ref: string): string | undefined => {
    const guid = guidOf(ref);
    return guid === undefined ? writtenAs(ref, context, resolved) : byGuid(guid);
  };
  const primary = new Set(live.flatMap((one) => (one.primary ? [byGuid(one.guid)] : [])));
  const { ids } = resolve(inputs.members, value);
  const { join, leave } = delta(inputs.members, ids, was.members, value);
  return [
    ...leave.filter((one) => !primary.has(one)).map((one): MemberChange => ({ op: "delete", value: one })),
    ...join.map((one): MemberChange => ({ op: "add", value: one })),
  ];
}

/** Throws where AD protects the group: safety.yaml may allow its members, and nothing else. */
function refuseProtected(object: string, privileged: boolean, more: boolean): void {
  if (privileged && !more) return;
  throw new RefusedError(
    privileged
      ? `Could not change ${object}: it is a protected group of Active Directory, of which mappings/safety.yaml (protected.allow) lets only the members be managed; take the other fields out of the mapping.`
      : `Could not change ${object}: it is a protected group of Active Directory (administrators and built-in groups); manage it by hand, or name it in mappings/safety.yaml under protected.allow.`,
    "protected",
  );
}

/** Renames, moves, converts and fills a group. `was`: what it is now, in the inputs' shape. */
export async function bring(
  client: AdClient,
  live: Live,
  inputs: GroupInputs,
  was: GroupInputs,
  context: RunContext,
  last?: Values,
): Promise<GroupOutputs> {
  const values = valuesOfGroup(live);
  const object = values.distinguishedName;
  const target = byGuid(live.id);
  const members = memberChanges(inputs, was, values.members, context, idsOf(last));
  const renamed = was.name !== inputs.name;
  const moved = inputs.path !== undefined && !sameDn(values.path, inputs.path);
  const scope = inputs.scope ?? values.scope;
  const kind = inputs.kind ?? values.kind;
  const retyped = scope !== values.scope || kind !== values.kind;
  const written = plainNames.filter((name) => inputs[name] !== undefined && inputs[name] !== was[name]);
  const managed = inputs.managedBy !== undefined && inputs.managedBy !== was.managedBy;
  const more = renamed || moved || retyped || written.length > 0 || managed;
  if ((more || members.length > 0) && values.protected) refuseProtected(object, inputs.privileged === true, more);
  if (more) checkGroupLengths(inputs, object);

  // the cn follows the name where it was the same before; a group somebody named otherwise keeps its cn
  const cn = nameOf(object);
  const newCn = renamed && same(cn, values.name) ? inputs.name : cn;
  if (moved || newCn !== cn) await client.move(target, rdn("CN", newCn), inputs.path ?? values.path);

  const modification = written.map((name) => replace(plainAttributes[name], ...(inputs[name] ? [inputs[name]] : [])));
  if (renamed) modification.unshift(replace("sAMAccountName", inputs.name));
  if (modification.length > 0) await client.modify(target, modification, { what: object });
  if (managed) await writeManager(client, live.id, inputs.managedBy ?? "", object, context);

  // what the new scope may not hold must be gone before, and what only it may hold comes after
  const first = retyped ? members.filter((change) => change.op === "delete") : [];
  await changeMembers(client, target, first, object);
  if (retyped)
    for (const step of stepsOf(values.scope, scope))
      await client.modify(target, [replace("groupType", groupType(step, kind))], { what: object });
  await changeMembers(client, target, retyped ? members.filter((change) => change.op === "add") : members, object);

  context.announce("ad", `group:${inputs.name}`, live.id);
  await addLater(client, live.id, inputs, context);
  const dn = moved || newCn !== cn ? child("CN", newCn, inputs.path ?? values.path) : object;
  return outputsOf(dn, inputs, context, values.members, last);
}
