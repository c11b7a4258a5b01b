/** ad:User: inputs and outputs, and a live account in their shape. */
import { z } from "zod";
import type { Live, RunContext, Values } from "../core/definition.ts";
import { isDisabled, unfinishedMark } from "./account.ts";
import type { Entry } from "./client.ts";
import { canonicalDn, parentOf, sameDn } from "./dn.ts";
import { guidOf, isProtected, sidOf, textOf, textsOf } from "./entry.ts";
import { canonicalRef, dnRef, means } from "./refs.ts";

/** One value, or several sorted; "" means: cleared. */
type AttributeValue = string | string[];

/** Attributes whose values are other objects: `person:KEY` or `dn:…`. */
const references = new Set(["manager", "assistant", "secretary"]);

export function isReference(attribute: string): boolean {
  return references.has(attribute.toLowerCase());
}

/** Not attributes of the mapping: inputs of their own, passwords, what the system keeps, and haloform's own mark. */
const reserved = new Set(
  [
    "cn",
    "name",
    "distinguishedName",
    "sAMAccountName",
    "userPrincipalName",
    "userAccountControl",
    "unicodePwd",
    "userPassword",
    "pwdLastSet",
    "adminDescription",
    "adminCount",
  ]
    .concat([
      "objectClass",
      "objectCategory",
      "objectGUID",
      "objectSid",
      "member",
      "memberOf",
      "primaryGroupID",
      "thumbnailPhoto",
      "jpegPhoto",
      "nTSecurityDescriptor",
      "sIDHistory",
    ])
    .map((name) => name.toLowerCase()),
);

const ldapName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/u, "an LDAP attribute name")
  .refine(
    (name) => !reserved.has(name.toLowerCase()),
    "not an attribute a mapping may set: it has an input of its own, or it belongs to the system",
  );

export const text = z.string().transform((value) => value.normalize("NFC").trim());
export const nonEmpty = text.pipe(z.string().min(1));

/** A distinguishedName in the canonical spelling. */
export const dn = z.string().transform((value, context) => {
  try {
    const canonical = canonicalDn(value);
    if (canonical !== "") return canonical;
    context.addIssue({ code: "custom", message: "a distinguishedName" });
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
  return z.NEVER;
});

/** One value bare, several sorted, none as "": the same for a wish and for what is read. */
function canonicalValues(values: readonly string[]): AttributeValue {
  const all = [...new Set(values.filter((value) => value !== ""))].sort();
  return all.length > 1 ? all : (all[0] ?? "");
}

const attributes = z.record(ldapName, z.union([text, z.array(text)])).transform((all, context) => {
  const canonical: { [name: string]: AttributeValue } = {};
  const seen = new Map<string, string>();
  for (const name of Object.keys(all).sort()) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) context.addIssue({ code: "custom", message: `${other} and ${name} are the same attribute` });
    seen.set(name.toLowerCase(), name);
    const value = all[name] ?? "";
    const values = (Array.isArray(value) ? value : [value]).filter((one) => one !== "");
    try {
      canonical[name] = canonicalValues(isReference(name) ? values.map(canonicalRef) : values);
    } catch (error) {
      context.addIssue({ code: "custom", message: `${name}: ${(error as Error).message}` });
    }
  }
  return canonical;
});

export const userInputs = z.strictObject({
  /** Key of the Halo record. */
  person: nonEmpty,
  /** cn, the first part of the distinguishedName. */
  name: nonEmpty,
  /** distinguishedName of the organizational unit. */
  path: dn,
  enabled: z.boolean(),
  sAMAccountName: nonEmpty,
  userPrincipalName: nonEmpty.optional(),
  /** LDAP name → value or values; "" clears. Only what is named here is ever touched. */
  attributes,
});

export const userOutputs = z.strictObject({
  distinguishedName: z.string(),
  sid: z.string().optional(),
  /** Ref of a person → objectGUID, for attributes such as manager: a refresh without a run knows nobody else's account. */
  resolved: z.record(z.string(), z.string()).optional(),
});

export type UserInputs = Values & Omit<z.infer<typeof userInputs>, "userPrincipalName"> & { userPrincipalName?: string };
export type UserOutputs = Values & { distinguishedName: string; sid?: string; resolved?: { [ref: string]: string } };

/** The canonical live values of ad:User. */
export type UserValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  enabled: boolean;
  sAMAccountName: string;
  userPrincipalName: string;
  /** Everything read, by the server's own names. */
  attributes: { [name: string]: AttributeValue };
  memberOf: string[];
  protected: boolean;
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
  "cn",
  "samaccountname",
  "userprincipalname",
  "useraccountcontrol",
  "memberof",
  "objectguid",
  "objectsid",
  "admincount",
  "iscriticalsystemobject",
]);

/** An entry as a live object; undefined for one without an objectGUID (no permission to read it). */
export function liveUser(entry: Entry, idOf: (dn: string) => string | undefined): Live | undefined {
  const id = guidOf(entry);
  if (id === undefined) return undefined;
  const attributes: UserValues["attributes"] = {};
  const references: UserValues["references"] = {};
  for (const name of Object.keys(entry.attributes).sort()) {
    if (apart.has(name.toLowerCase())) continue;
    const values = textsOf(entry, name);
    attributes[name] = canonicalValues(values);
    if (!isReference(name)) continue;
    for (const value of values) {
      const target = idOf(value);
      if (target !== undefined) references[value] = target;
    }
  }
  const control = textOf(entry, "userAccountControl");
  const sid = sidOf(entry);
  const disabled = isDisabled(control);
  const values: UserValues = {
    distinguishedName: entry.dn,
    name: textOf(entry, "cn") ?? "",
    path: parentOf(entry.dn),
    enabled: !disabled,
    sAMAccountName: textOf(entry, "sAMAccountName") ?? "",
    userPrincipalName: textOf(entry, "userPrincipalName") ?? "",
    attributes,
    memberOf: textsOf(entry, "memberOf").sort(),
    protected: isProtected(entry),
    unfinished: disabled && textOf(entry, "adminDescription") === unfinishedMark,
    references,
    ...(sid === undefined ? {} : { sid }),
  };
  return { id, values };
}

/** Equal without regard to case keeps the wish's spelling: AD compares logins and names so, and nobody wants that noise. */
function unlessSame(live: string, wished: string): string {
  return live.toLowerCase() === wished.toLowerCase() ? wished : live;
}

/** The live account in the shape of the inputs, only what `managed` holds. */
export function viewUser(
  live: Live,
  managed: UserInputs,
  context: RunContext,
  resolved: { readonly [ref: string]: string } = {},
): UserInputs {
  const values = valuesOfUser(live);
  const byName = new Map(Object.entries(values.attributes).map(([name, value]) => [name.toLowerCase(), value]));
  const attributes: UserInputs["attributes"] = {};
  for (const [name, wished] of Object.entries(managed.attributes)) {
    const value = byName.get(name.toLowerCase()) ?? "";
    const list = (Array.isArray(value) ? value : [value]).filter((one) => one !== "");
    if (!isReference(name)) {
      attributes[name] = canonicalValues(list.map((one) => one.normalize("NFC").trim()));
      continue;
    }
    const refs = Array.isArray(wished) ? wished : [wished];
    attributes[name] = canonicalValues(
      list.map(
        (target) => refs.find((ref) => ref !== "" && means(ref, target, values.references[target], context, resolved)) ?? dnRef(target),
      ),
    );
  }
  return {
    person: managed.person,
    name: values.name.normalize("NFC").trim(),
    path: sameDn(values.path, managed.path) ? managed.path : values.path,
    enabled: values.enabled,
    sAMAccountName: unlessSame(values.sAMAccountName, managed.sAMAccountName),
    ...(managed.userPrincipalName === undefined
      ? {}
      : { userPrincipalName: unlessSame(values.userPrincipalName, managed.userPrincipalName) }),
    attributes,
  };
}
