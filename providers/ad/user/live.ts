/** ad:User: a live account, and what it looks like in the shape of the inputs. */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { unseenOf } from "../../core/unseen.ts";
import { dnRef, means } from "../group/refs.ts";
import { liveAs } from "../reads.ts";
import { type Attribute, attribute, type Declared } from "../values/attributes.ts";
import { asWished, parentOf } from "../values/dn.ts";
import { flagsOf } from "../values/flags.ts";
import { type AttributeValue, asValue, exact, listOf } from "../values/syntax.ts";
import type { Entry } from "../wire/client.ts";
import { bytesOf, protectionOf, sidOf, textOf, textsOf } from "../wire/entry.ts";
import { isDisabled, unfinishedMark } from "./account.ts";
import { hasPrimary, isAdditive, isPrimary, type UserInputs } from "./inputs.ts";

/** What is read of accounts besides what every account is read with: attributes, and the syntax of those the table does not know. */
export interface UserAsked {
  attributes: readonly string[];
  syntax?: Declared;
}

/** The canonical live values of ad:User. */
export type UserValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  enabled: boolean;
  sAMAccountName: string;
  userPrincipalName: string;
  /** As AD holds it, a signed 32-bit number; 0 where it cannot be read. */
  userAccountControl: number;
  /** Everything read, by the server's own names, as AD writes it (bytes as base64). */
  attributes: { [name: string]: AttributeValue };
  memberOf: string[];
  protected: boolean;
  /** Why, where it is protected. */
  protectedBecause?: string;
  /** A tombstone. */
  deleted?: true;
  /** Added by an interrupted run, still without a password. */
  unfinished: boolean;
  /** Ids of the objects that DN-valued attributes point to, by distinguishedName, where known. */
  references: { [dn: string]: string };
  sid?: string;
};

/** `UserValues` of a live object; the type's own list and get made them. */
export function valuesOfUser(live: Live): UserValues {
  return live.values as UserValues;
}

/** In values but not in `attributes`: has a field of its own, or is bytes. */
const apart = new Set([
  ...["cn", "samaccountname", "userprincipalname", "useraccountcontrol", "memberof", "objectguid", "objectsid"],
  ...["admincount", "iscriticalsystemobject", "serviceprincipalname"],
]);

/** An account as a live object. `idOf`: of what a DN-valued attribute points to, where it is known. */
export function liveUser(entry: Entry, idOf: (dn: string) => string | undefined, declared?: Declared): Live | undefined {
  const attributes: UserValues["attributes"] = {};
  const references: UserValues["references"] = {};
  for (const name of Object.keys(entry.attributes).sort()) {
    if (apart.has(name.toLowerCase())) continue;
    const { isBytes, isReference } = attribute(name, declared);
    const values = isBytes ? bytesOf(entry, name) : textsOf(entry, name);
    attributes[name] = asValue(values, exact);
    if (!isReference) continue;
    for (const value of values) {
      const target = idOf(value);
      if (target !== undefined) references[value] = target;
    }
  }
  const control = textOf(entry, "userAccountControl");
  const disabled = isDisabled(control);
  const because = protectionOf(entry);
  const values: UserValues = {
    distinguishedName: entry.dn,
    name: textOf(entry, "cn") ?? "",
    path: parentOf(entry.dn),
    enabled: !disabled,
    sAMAccountName: textOf(entry, "sAMAccountName") ?? "",
    userPrincipalName: textOf(entry, "userPrincipalName") ?? "",
    userAccountControl: Number(control ?? 0),
    attributes,
    memberOf: textsOf(entry, "memberOf").sort(),
    protected: because !== undefined,
    ...defined({ protectedBecause: because }),
    unfinished: disabled && textOf(entry, "adminDescription") === unfinishedMark,
    references,
    ...defined({ sid: sidOf(entry) }),
    ...unseenOf({ userAccountControl: control }),
  };
  return liveAs(entry, values);
}

/** Equal without regard to case keeps the wish's spelling: AD compares logins and names so, and nobody wants that noise. */
function unlessSame(live: string, wished: string): string {
  return live.toLowerCase() === wished.toLowerCase() ? wished : live;
}

/** Raw values by lower-case name, made once for an object that is looked at by a name AD spells otherwise, or has not. */
const byLowerName = new WeakMap<UserValues["attributes"], ReadonlyMap<string, AttributeValue>>();

/** The raw values of a live object's attribute, whatever the case of its name. */
export function rawValues({ attributes }: Pick<UserValues, "attributes">, name: string): string[] {
  if (Object.hasOwn(attributes, name)) return listOf(attributes[name]);
  const known = byLowerName.get(attributes) ?? new Map(Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), value]));
  byLowerName.set(attributes, known);
  return listOf(known.get(name.toLowerCase()));
}

/** The live account in the shape of the inputs, only what `managed` holds. `added`: what haloform put into additive attributes. */
export function viewUser(
  live: Live,
  managed: UserInputs,
  context: RunContext,
  resolved: { readonly [ref: string]: string } = {},
  added: { readonly [name: string]: readonly string[] } = {},
): UserInputs {
  const values = valuesOfUser(live);
  const attributes: UserInputs["attributes"] = {};
  for (const [name, wished] of Object.entries(managed.attributes)) {
    const one = attribute(name, managed.syntax);
    const found = one.toLive(rawValues(values, name));
    const refs = listOf(wished);
    const shown = one.isReference
      ? found.map((target) => refs.find((ref) => means(ref, target, values.references[target], context, resolved)) ?? dnRef(target))
      : spelt(one, found, refs);
    attributes[name] = asValue(isAdditive(managed, name) ? ours(one, shown, refs, added[name] ?? []) : shown, exact);
  }
  const { userPrincipalName: upn, flags, syntax, additive } = managed;
  return {
    person: managed.person,
    name: values.name.normalize("NFC").trim(),
    path: asWished(values.path, managed.path),
    enabled: values.enabled,
    sAMAccountName: unlessSame(values.sAMAccountName, managed.sAMAccountName),
    attributes,
    ...defined({
      // an account may have none, which is no value of it
      userPrincipalName: upn && values.userPrincipalName ? unlessSame(values.userPrincipalName, upn) : undefined,
      syntax,
      additive,
      flags: flags && flagsOf(values.userAccountControl, Object.keys(flags)),
    }),
  };
}

/** Live values in the wish's spelling where they are the same to everybody. */
function spelt({ key }: Attribute, found: readonly string[], wished: readonly string[]): readonly string[] {
  if (key === undefined) return found;
  const spellings = new Map(wished.map((value) => [key(value), value]));
  return found.map((value) => spellings.get(key(value)) ?? value);
}

/** Of an additive attribute only what is wished or was put there by haloform; and a primary address that is in a wished one's way. */
function ours({ name, key = String }: Attribute, shown: readonly string[], wished: readonly string[], added: readonly string[]): string[] {
  const known = new Set([...wished, ...added].map((value) => key(value)));
  const primary = hasPrimary(name, wished);
  return shown.filter((value) => known.has(key(value)) || (primary && isPrimary(value)));
}
