/** entra:User: the writes. A new account is one POST; an existing one is brought to the wish by small PATCHes in a fixed order. */
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { literal, query, segment } from "../../../clients/graph/odata.ts";
import type { Live, Made, RunContext } from "../../core/definition.ts";
import { idIn, idsOf, joinLater, orLast, resolve } from "../../core/references.ts";
import { found, made, send, understood } from "../send.ts";
import { bodyOf, changedAttributes } from "./body.ts";
import type { UserInputs, UserOutputs } from "./inputs.ts";
import { selection } from "./list.ts";
import { allProperties, getAccount, isDeleted, liveAccount, liveAccounts, unfinishedMark, valuesOf, viewAccount } from "./live.ts";
import { cloudRules, giveCloudPassword, isHandedOver, ownerOf, type Profile } from "./password.ts";

const text = (value: string | string[] | undefined): string => (typeof value === "string" ? value : "");

const ownerIn = ({ person, userPrincipalName = "", attributes }: UserInputs) => ownerOf(person, userPrincipalName, attributes);

/** The first password of an account, written by `write`. */
function giveFirst<T>(inputs: UserInputs, context: RunContext, write: (profile: Profile) => Promise<T>): Promise<T> {
  const facts = { rules: cloudRules(context), why: "created", now: context.now(), after: "the account stays blocked" } as const;
  return giveCloudPassword({ owner: ownerIn(inputs), ...facts }, write);
}

/**
 * Makes the account, or finishes the one that an interrupted run made: Graph says that the name is taken, and the holder has
 * this person's employeeId. Throws RefusedError where somebody else holds it, with who.
 */
export async function createAccount(client: EntraClient, inputs: UserInputs, context: RunContext): Promise<Made<UserOutputs>> {
  const upn = inputs.userPrincipalName ?? "";
  const later = isHandedOver(cloudRules(context)) && inputs.enabled === true;
  const attributes = bodyOf(Object.fromEntries(Object.entries(inputs.attributes).filter(([, value]) => value.length > 0)), {}, upn);
  const body = {
    mailNickname: upn.replace(/@.*$/su, ""),
    displayName: ownerIn(inputs).name,
    ...attributes,
    userPrincipalName: upn,
    accountEnabled: inputs.enabled === true && !later,
    ...(later ? { faxNumber: unfinishedMark } : {}),
  };
  let id: string;
  try {
    id = await giveFirst(inputs, context, async (passwordProfile) => {
      const request = { method: "POST", path: "/users", body: { ...body, passwordProfile } } as const;
      const what = `create the account ${upn}`;
      const answer = await send(client, request, what);
      const { id } = understood(made, answer.body, what);
      rememberFresh(client, liveAccount({ ...body, id }));
      return id;
    });
  } catch (error) {
    if (!(error instanceof GraphRefusal) || error.kind !== "conflict") throw error;
    const holder = await ownedBefore(client, inputs, error);
    context.announce("entra", inputs.person, holder.id);
    const was = viewAccount(holder, inputs, {}, context);
    return { id: holder.id, outputs: await bring(client, holder, inputs, was, context) };
  }
  context.announce("entra", inputs.person, id);
  if (later) await release(client, id, inputs);
  await setManager(client, { id, upn }, inputs.attributes["manager"] || undefined, "", context);
  return { id, outputs: computedOf(upn, inputs, context) };
}

/** The account that has the name or the employeeId already, where it is this person's. */
async function ownedBefore(client: EntraClient, inputs: UserInputs, refusal: GraphRefusal): Promise<Live> {
  const { userPrincipalName: upn = "", person } = inputs;
  const number = text(inputs.attributes["employeeId"]);
  const filter = `userPrincipalName eq ${literal(upn)}${number === "" ? "" : ` or employeeId eq ${literal(number)}`}`;
  const path = `/users${query({ select: selection(allProperties), filter })}`;
  const what = `look for the account ${upn}`;
  const answer = await send(client, { method: "GET", path }, what);
  const accounts = liveAccounts(understood(found, answer.body, what).value);
  const mine = accounts.filter((one) => number !== "" && valuesOf(one).attributes["employeeId"] === number && !valuesOf(one).synced);
  if (mine[0] && mine.length === 1) return mine[0];
  const holder = accounts.find((one) => valuesOf(one).userPrincipalName.toLowerCase() === upn.toLowerCase());
  const whose = holder
    ? `${upn} belongs to the account ${holder.id}, whose employeeId is ${text(valuesOf(holder).attributes["employeeId"]) || "empty"}`
    : "an object that is no living user has the name or one of the addresses: a group, a contact, or a deleted user (Entra ID keeps those 30 days)";
  throw new RefusedError(
    `Could not create the account ${upn} of person ${person}: ${whose}; give it back, rename it, or remove it for good, or give the person another name. Graph says: ${refusal.message}`,
    refusal.code,
  );
}

/** Lets the person in, now that the command has the password, and takes the mark away. */
async function release(client: EntraClient, id: string, inputs: UserInputs): Promise<void> {
  const path = `/users/${segment(id)}`;
  const body = { accountEnabled: true, faxNumber: text(inputs.attributes["faxNumber"]) || null };
  await send(client, { method: "PATCH", path, body }, `enable ${inputs.userPrincipalName ?? id}`);
}

/**
 * Brings a living account from `was` to the wish: blocked first and its sessions ended, then names and attributes, then
 * enabled, then the manager. `last`: the last outputs.
 */
export async function bring(
  client: EntraClient,
  live: Live,
  inputs: UserInputs,
  was: UserInputs,
  context: RunContext,
  last?: Values,
): Promise<UserOutputs> {
  const values = valuesOf(live);
  const upn = inputs.userPrincipalName ?? values.userPrincipalName;
  const who = values.userPrincipalName || live.id;
  const path = `/users/${segment(live.id)}`;
  const patch = (body: object, what: string): Promise<unknown> => send(client, { method: "PATCH", path, body }, what);
  if (inputs.enabled === false && values.enabled) await patch({ accountEnabled: false }, `block sign-in of ${who}`);
  if (inputs.sessions === "revoked" && was.sessions === undefined) {
    const revoking = { method: "POST", path: `${path}/revokeSignInSessions`, repeatable: true } as const;
    await send(client, revoking, `revoke the sign-in sessions of ${who}`);
  }
  const renamed = inputs.userPrincipalName !== undefined && was.userPrincipalName !== inputs.userPrincipalName;
  const changed = changedAttributes(was.attributes, inputs.attributes);
  const body = { ...bodyOf(changed, values.attributes, who), ...(renamed ? { userPrincipalName: upn } : {}) };
  if (Object.keys(body).length > 0) await patch(body, `change ${Object.keys(body).join(", ")} of ${who}`);
  if (inputs.enabled === true && values.unfinished) await finish(client, live.id, inputs, context);
  else if (inputs.enabled === true && !values.enabled) await patch({ accountEnabled: true }, `enable ${who}`);
  await setManager(client, { id: live.id, upn: who }, inputs.attributes["manager"], text(was.attributes["manager"]), context);
  return computedOf(upn, inputs, context, last);
}

/** An account that a run made and did not get to hand over: nobody knows its password, so it gets another. */
async function finish(client: EntraClient, id: string, inputs: UserInputs, context: RunContext): Promise<void> {
  const path = `/users/${segment(id)}`;
  await giveFirst(inputs, context, (passwordProfile) =>
    send(client, { method: "PATCH", path, body: { passwordProfile } }, `set the first password of ${inputs.userPrincipalName ?? id}`),
  );
  await release(client, id, inputs);
}

/**
 * The manager is a reference, not a property. Without its `/$ref` ending the DELETE would remove the manager's own account, so
 * the path is built here only. One whose account is made later in this run is linked then. `wished` undefined: not managed.
 */
async function setManager(
  client: EntraClient,
  { id, upn }: { id: string; upn: string },
  wished: string | string[] | undefined,
  now: string,
  context: RunContext,
): Promise<void> {
  if (wished === undefined || text(wished) === now) return;
  const path = `/users/${segment(id)}/manager/$ref`;
  if (text(wished) === "") {
    await send(client, { method: "DELETE", path }, `take the manager of ${upn} away`);
    return;
  }
  const link = async (manager: string): Promise<void> => {
    const body = { "@odata.id": `${client.base}/users/${segment(manager)}` };
    await send(client, { method: "PUT", path, body }, `set the manager of ${upn}`);
  };
  const { ids, waiting } = resolve([text(wished)], idIn("entra", context));
  for (const manager of Object.values(ids)) await link(manager);
  await joinLater("entra", waiting, context, link);
}

/** Computed outputs: the name, who the manager was resolved to, and whether sessions were ended since the block. */
export function computedOf(upn: string, inputs: UserInputs, context: Pick<RunContext, "account">, last?: Values): UserOutputs {
  const manager = text(inputs.attributes["manager"]);
  const { ids } = resolve(manager.startsWith("person:") ? [manager] : [], orLast(idIn("entra", context), idsOf(last)));
  return {
    userPrincipalName: upn,
    ...(inputs.sessions === "revoked" ? { revoked: true } : {}),
    ...(Object.keys(ids).length === 0 ? {} : { resolved: ids }),
  };
}

/** Deletes a blocked account; Entra ID keeps it for 30 days. Gone already is success. Throws RefusedError before it is sent. */
export async function deleteAccount(client: EntraClient, live: Live, inputs: UserInputs): Promise<void> {
  const now = await getAccount(client, live.id);
  if (!now) return;
  const values = valuesOf(now);
  const refuse = (why: string, advice: string, code: string): never => {
    throw new RefusedError(`Could not delete ${values.userPrincipalName}: ${why}; ${advice}`, code);
  };
  if (live.values["protected"] === true)
    refuse(String(live.values["protectedBecause"] ?? "it is protected"), "delete it by hand if that is meant", "protected");
  if (values.synced) refuse("it comes from Active Directory", "delete it there", "synced");
  if (values.enabled)
    refuse("somebody has enabled it since the plan", "let the source say that the person is active, or block it", "enabled");
  if (inputs.hybrid) refuse("it is not managed as an account of the cloud", "correct the mapping", "hybrid");
  await client.remove(`/users/${segment(live.id)}`, { what: `delete the account ${values.userPrincipalName}` });
}

/** Brings a deleted account back as it went (blocked, with its password, groups and licences), and then to the wish. */
export async function restoreAccount(client: EntraClient, gone: Live, inputs: UserInputs, context: RunContext): Promise<UserOutputs> {
  const upn = inputs.userPrincipalName ?? valuesOf(gone).userPrincipalName;
  const path = `/directory/deletedItems/${segment(gone.id)}/restore`;
  await send(client, { method: "POST", path, repeatable: true }, `restore the account ${upn}`);
  client.recent(gone.id);
  context.announce("entra", inputs.person, gone.id);
  const live: Live = { id: gone.id, values: { ...gone.values, deleted: false } };
  rememberFresh(client, live);
  return bring(client, live, inputs, viewAccount(live, inputs, {}, context), context);
}

const freshOnes = new WeakMap<EntraClient, Map<string, Live>>();

function rememberFresh(client: EntraClient, live: Live): void {
  const known = freshOnes.get(client) ?? new Map<string, Live>();
  freshOnes.set(client, known);
  known.set(live.id, live);
}

/** An account made by this process, for readers that replication has not told of it yet. It holds no licence. */
export function freshAccount(client: EntraClient, id: string): Live | undefined {
  const live = freshOnes.get(client)?.get(id);
  if (!live || isDeleted(live)) return undefined;
  const { userPrincipalName, attributes } = valuesOf(live);
  return { id, values: { userPrincipalName, ...defined({ usageLocation: text(attributes["usageLocation"]) || undefined }) } };
}
