/** ad:User: the writes. A new account is added and finished (account.ts); an existing one goes the whole way by at most two. */
import { isDeepStrictEqual } from "node:util";
import { defined } from "../../../base/defined.ts";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { Live, Made, RunContext } from "../../core/definition.ts";
import { idsOf } from "../../core/references.ts";
import { personOf, writtenAs } from "../group/refs.ts";
import { findByLogin, idsByName, userAttributes } from "../reads.ts";
import { attribute } from "../values/attributes.ts";
import { child, rdn, sameDn } from "../values/dn.ts";
import { flags } from "../values/flags.ts";
import { byGuid } from "../values/guid.ts";
import { lengthProblem, loginProblem, refusedNames } from "../values/rules.ts";
import { type AttributeValue, type AttributeValues, listOf } from "../values/syntax.ts";
import { type AdClient, type Modification, replace } from "../wire/client.ts";
import { insideAttributes, refuseInside } from "../wire/entry.ts";
import { checkLength, checkLogin } from "../wire/limits.ts";
import { disabledAccount, enabling, type Finish, unfinishedMark } from "./account.ts";
import { type Added, addedBy, addedOf, additiveChanges } from "./additive.ts";
import { withHolder } from "./holder.ts";
import { isAdditive, type UserInputs, type UserOutputs } from "./inputs.ts";
import { liveUser, rawValues, type UserAsked, type UserValues, valuesOfUser, viewUser } from "./live.ts";
import { firstPassword } from "./password.ts";

/** The attributes that say which person an account belongs to. */
export const identifying = ["employeeNumber", "employeeID"];

/** What must be read to see these inputs in an account. */
export function askedFor({ attributes, syntax }: UserInputs): UserAsked {
  return { attributes: Object.keys(attributes), syntax };
}

/** Why a flag is not switched on that opens a hole; `was`: what is there already. */
function flagProblem(name: string, on: boolean, was: UserInputs | undefined): string | undefined {
  const why = flags[name]?.refused;
  return on && why !== undefined && was?.flags?.[name] !== true ? why : undefined;
}

/** What AD would not take, while it is planned. */
export function refuses(inputs: UserInputs, was: UserInputs | undefined): { path: string; text: string }[] {
  const { name, path, sAMAccountName: login, userPrincipalName: upn } = inputs;
  // A place that it has had is there.
  const found = refusedNames(was?.path === path ? { name } : { name, path });
  const put = (where: string, text: string | undefined): void => {
    if (text !== undefined) found.push({ path: where, text });
  };
  put("sAMAccountName", loginProblem(login, 20)?.replace(/^/u, `the login ${JSON.stringify(login)} `));
  if (upn !== undefined) put("userPrincipalName", lengthProblem("userPrincipalName", upn));
  for (const [flag, on] of Object.entries(inputs.flags ?? {})) {
    const why = flagProblem(flag, on, was);
    if (why !== undefined) put("flags", `${flag} is not switched on by haloform: ${why}; set it to false`);
  }
  // What an earlier run wrote has been taken.
  for (const attribute of Object.keys(inputs.attributes)) {
    const value = inputs.attributes[attribute];
    if (value === undefined || (was && isDeepStrictEqual(was.attributes[attribute], value))) continue;
    const problem = attributeProblem(attribute, value, inputs);
    if (problem !== undefined) put(`attributes.${attribute}`, problem);
  }
  return found;
}

function attributeProblem(name: string, value: AttributeValue, inputs: UserInputs): string | undefined {
  const one = attribute(name, inputs.syntax);
  if (typeof value === "string" && one.isPlain && value.length <= (one.longest ?? value.length)) return undefined;
  const long = listOf(value)
    .map((each) => lengthProblem(name, each))
    .find((each) => each !== undefined);
  return long ?? one.check(value) ?? unreadable(name, value, inputs);
}

/** Throws RefusedError for what AD would not take, and for flags that open a hole. `was`: what is there already. */
export function check(inputs: UserInputs, object: string, was?: UserInputs): void {
  for (const [name, on] of Object.entries(inputs.flags ?? {})) {
    const why = flagProblem(name, on, was);
    if (why !== undefined)
      throw new RefusedError(
        `Could not write ${object}: the flag ${name} is not switched on by haloform: ${why}; set it to false.`,
        "flag",
      );
  }
  checkLength(object, "cn", inputs.name);
  checkLogin(object, inputs.sAMAccountName);
  if (inputs.userPrincipalName !== undefined) checkLength(object, "userPrincipalName", inputs.userPrincipalName);
  for (const [name, value] of Object.entries(inputs.attributes)) {
    for (const one of listOf(value)) checkLength(object, name, one);
    const problem = attribute(name, inputs.syntax).check(value) ?? unreadable(name, value, inputs);
    if (problem)
      throw new RefusedError(
        `Could not write ${object}: ${name}: ${problem}; correct it in the source or in mappings/ad.yaml.`,
        "00002081",
      );
  }
}

/** What is not to be understood may be shown, and is never sent. */
function unreadable(name: string, value: AttributeValue, inputs: UserInputs): string | undefined {
  try {
    attribute(name, inputs.syntax).canonical(listOf(value));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Values of one attribute as they are written. People without an account yet are left out and linked when their account
 * is announced; `waits` says that there are some.
 */
function written(name: string, inputs: UserInputs, context: RunContext): { values: AttributeValues; waits: boolean } {
  const one = attribute(name, inputs.syntax);
  if (!one.isReference) return { values: one.toWire(inputs.attributes[name]), waits: false };
  const values = listOf(inputs.attributes[name]).map((ref) => writtenAs(ref, context));
  return { values: values.filter((value) => value !== undefined), waits: values.includes(undefined) };
}

/** Has an attribute written again as soon as the people it names have accounts. */
export async function linkLater(client: AdClient, id: string, name: string, inputs: UserInputs, context: RunContext): Promise<void> {
  const link = async (): Promise<void> => {
    const { values } = written(name, inputs, context);
    await client.modify(byGuid(id), [replace(name, ...values)], { what: `${name} of ${inputs.name}` });
  };
  const named = listOf(inputs.attributes[name])
    .map(personOf)
    .filter((person) => person !== undefined);
  const absent = named.filter((person) => context.account("ad", person) === undefined);
  // somebody was announced while this account was being written: nobody else would link them
  if (absent.length < named.length) await link();
  for (const person of absent) await context.whenAnnounced("ad", person, link);
}

export async function get(client: AdClient, target: string, asked: UserAsked = { attributes: [] }): Promise<Live | undefined> {
  const entry = await client.read(target, [...userAttributes, ...asked.attributes]);
  if (entry === undefined) return undefined;
  const named = Object.entries(entry.attributes).filter(([name]) => attribute(name, asked.syntax).isReference);
  const ids = await idsByName(
    client,
    named.flatMap(([, values]) => values.map(String)),
  );
  return liveUser(entry, (dn) => ids.get(dn) || undefined, asked.syntax);
}

/** `last`: the last outputs, which know people whom this run does not. */
export function outputsOf(
  distinguishedName: string,
  sid: string | undefined,
  inputs: UserInputs,
  context: RunContext,
  last?: Values,
  added: Added | undefined = addedBy(inputs),
): UserOutputs {
  const before = idsOf(last);
  const resolved: { [ref: string]: string } = {};
  for (const name of Object.keys(inputs.attributes).filter((one) => attribute(one, inputs.syntax).isReference)) {
    for (const ref of listOf(inputs.attributes[name])) {
      const person = personOf(ref);
      const id = person === undefined ? undefined : (context.account("ad", person) ?? before[ref]);
      if (id !== undefined) resolved[ref] = id;
    }
  }
  return {
    distinguishedName,
    ...defined({ sid, resolved: Object.keys(resolved).length === 0 ? undefined : resolved, added }),
  };
}

/**
 * The whole way from `was` to `inputs`: rename or move, then one modify. `finish`: a marked account gets its password in any
 * case. `last`: the last outputs.
 */
export async function bring(
  client: AdClient,
  live: Live,
  inputs: UserInputs,
  was: UserInputs,
  context: RunContext,
  { finish = false, last }: { finish?: boolean; last?: Values | undefined },
): Promise<UserOutputs> {
  const values = valuesOfUser(live);
  const object = values.distinguishedName;
  const finishes = values.unfinished && (finish || inputs.enabled);
  // An account that is marked is haloform's with all that is in it.
  const added = finishes ? addedBy(inputs) : addedBy(inputs, (name) => rawValues(values, name), addedOf(last));
  if (isDeepStrictEqual(was, inputs) && !finishes) return outputsOf(object, values.sid, inputs, context, last, added);
  if (values.protected) {
    throw new RefusedError(
      `Could not change ${object}: it is a protected account (${values.protectedBecause ?? "administrators and built-in accounts"}); manage it by hand, or take its privileges away first.`,
      "protected",
    );
  }
  check(inputs, object, was);
  const target = byGuid(live.id);

  const renamed = was.name !== inputs.name;
  const moved = !sameDn(was.path, inputs.path);
  const switched = was.enabled !== inputs.enabled || finishes || !isDeepStrictEqual(was.flags, inputs.flags);
  const fresh = renamed || moved || switched ? await client.read(target, [...insideAttributes, "adminDescription"]) : undefined;
  refuseInside(fresh, context.guard?.sids);
  if (renamed || moved) await client.move(target, rdn("CN", inputs.name), inputs.path);

  const changes: Modification[] = [];
  const waiting: string[] = [];
  for (const name of Object.keys(inputs.attributes)) {
    if (isDeepStrictEqual(was.attributes[name] ?? "", inputs.attributes[name] ?? "")) continue;
    if (isAdditive(inputs, name)) {
      changes.push(...additiveChanges(name, rawValues(values, name), listOf(was.attributes[name]), inputs));
      continue;
    }
    const { values: next, waits } = written(name, inputs, context);
    if (waits) waiting.push(name);
    // nothing is cleared only because the one wished is not there yet
    if (!waits || next.length > 0) changes.push(replace(name, ...next));
  }
  for (const name of ["sAMAccountName", "userPrincipalName"] as const) {
    const wished = inputs[name];
    if (wished !== undefined && wished !== was[name]) changes.push(replace(name, wished));
  }
  let control: Modification[] = [];
  let first: Finish | undefined;
  if (switched) ({ changes: control, finish: first } = await enabling(client, target, inputs.enabled, finish, inputs, fresh));
  changes.push(...control);
  // additive: somebody else may have put or taken the same value since it was read
  const permissive = changes.some((change) => change.op !== "replace");
  if (changes.length > 0) await client.modify(target, changes, { what: object, permissive });
  if (first) await firstPassword(client, target, inputs, context, first);
  for (const name of waiting) await linkLater(client, live.id, name, inputs, context);
  return outputsOf(renamed || moved ? child("CN", inputs.name, inputs.path) : object, values.sid, inputs, context, last, added);
}

/** Whether the numbers that say who somebody is are the same in an account; undefined where none is on both sides. */
export function isSamePerson(values: UserValues, inputs: UserInputs): boolean | undefined {
  const same = identifying.flatMap((name) => {
    const [wished] = listOf(inputs.attributes[name]);
    const [found] = listOf(values.attributes[name]);
    return wished === undefined || found === undefined ? [] : [wished === found];
  });
  return same.length === 0 ? undefined : same.every(Boolean);
}

/** An account of exactly this person, left by a run that did not get to record it: bearing the person's number, or marked as unfinished. */
function isOurs(values: UserValues, inputs: UserInputs): boolean {
  return isSamePerson(values, inputs) ?? (values.unfinished && values.sAMAccountName.toLowerCase() === inputs.sAMAccountName.toLowerCase());
}

/** AD says that the name or the login exists: finishes what is ours, refuses what is not. */
export async function resume(client: AdClient, inputs: UserInputs, context: RunContext, error: unknown): Promise<Made<UserOutputs>> {
  const dn = child("CN", inputs.name, inputs.path);
  const asked = askedFor(inputs);
  const byLogin = async (): Promise<Live | undefined> => {
    const entry = await findByLogin(client, inputs.sAMAccountName, ["objectGUID"]);
    return entry && get(client, entry.dn, asked);
  };
  const there = (await get(client, dn, asked)) ?? (await byLogin());
  if (there === undefined) throw await withHolder(client, inputs, error);
  const values = valuesOfUser(there);
  if (!isOurs(values, inputs)) {
    const why = sameDn(values.distinguishedName, dn)
      ? "this name exists already there and belongs to somebody else"
      : `the login name ${inputs.sAMAccountName} belongs to ${values.distinguishedName}`;
    const numbered = listOf(values.attributes["employeeNumber"])[0];
    throw new RefusedError(
      `Could not create ${dn}: ${why}${numbered === undefined ? "" : ` (employeeNumber ${numbered})`}; rename one of them, or make the existing account match this person.`,
      "00002071",
    );
  }
  const outputs = await bring(client, there, inputs, viewUser(there, inputs, context), context, { finish: true });
  context.announce("ad", inputs.person, there.id);
  return { id: there.id, outputs };
}

/** Every attribute of the add, the mark included. */
export function entryOf(inputs: UserInputs, context: RunContext): { attributes: { [name: string]: AttributeValues }; waiting: string[] } {
  const attributes: { [name: string]: AttributeValues } = {
    objectClass: ["top", "person", "organizationalPerson", "user"],
    sAMAccountName: [inputs.sAMAccountName],
    userAccountControl: [disabledAccount],
    adminDescription: [unfinishedMark],
  };
  const waiting: string[] = [];
  if (inputs.userPrincipalName !== undefined) attributes["userPrincipalName"] = [inputs.userPrincipalName];
  for (const name of Object.keys(inputs.attributes)) {
    const { values, waits } = written(name, inputs, context);
    if (waits) waiting.push(name);
    // a new account never expires by itself
    const never = attribute(name, inputs.syntax).syntax === "date" && listOf(inputs.attributes[name])[0] === "never";
    if (values.length > 0 && !never) attributes[name] = values;
  }
  return { attributes, waiting };
}
