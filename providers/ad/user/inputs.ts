/** ad:User: inputs and outputs. The live account in their shape: live.ts. */
import { z } from "zod";
import { oneForm } from "../../../base/clean.ts";
import { declarable } from "../values/attribute-table.ts";
import { attribute } from "../values/attributes.ts";
import { canonicalDn } from "../values/dn.ts";
import { type FlagValues, flags as flagRules } from "../values/flags.ts";
import { type AttributeValue, listOf } from "../values/syntax.ts";

/** Not attributes of the mapping: inputs of their own, passwords, what the system keeps, and haloform's own mark. */
const reserved = new Set(
  [
    ...["cn", "name", "distinguishedName", "sAMAccountName", "userPrincipalName", "userAccountControl"],
    ...["unicodePwd", "userPassword", "pwdLastSet", "adminDescription", "adminCount"],
    ...["objectClass", "objectCategory", "objectGUID", "objectSid", "sIDHistory", "nTSecurityDescriptor"],
    ...["member", "memberOf", "primaryGroupID", "thumbnailPhoto", "jpegPhoto"],
  ].map((name) => name.toLowerCase()),
);

/** Whether a mapping may not set an attribute of this name. */
export const isReserved = (name: string): boolean => reserved.has(name.toLowerCase());

const ldapName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/u, "an LDAP attribute name")
  .refine((name) => !isReserved(name), "not an attribute a mapping may set: it has an input of its own, or it belongs to the system");

export const text = z.string().transform(oneForm);
export const nonEmpty = text.pipe(z.string().min(1));

/** A transform by a function that throws SyntaxError, whose words are the issue. */
export function readBy<V, T>(read: (value: V) => T): (value: V, context: z.RefinementCtx) => T {
  return (value, context) => {
    try {
      return read(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  };
}

/** A distinguishedName in the canonical spelling. */
export const dn = z.string().transform(
  readBy((value: string) => {
    const canonical = canonicalDn(value);
    if (canonical === "") throw new SyntaxError("a distinguishedName");
    return canonical;
  }),
);

const attributes = z.record(ldapName, z.union([z.string(), z.array(z.string())]));

/** Names of flags (flags.ts). A dangerous one may stand here as it was found; that none is switched on is the write's affair. */
const flags = z.record(z.string(), z.boolean()).transform((all, context): FlagValues => {
  for (const name of Object.keys(all))
    if (!Object.hasOwn(flagRules, name))
      context.addIssue({ code: "custom", message: `${name} is no flag of userAccountControl that may be set` });
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
});

export const userInputs = z
  .strictObject({
    /** Key of the Halo record. */
    person: nonEmpty,
    /** cn, the first part of the distinguishedName. */
    name: nonEmpty,
    /** distinguishedName of the organizational unit. */
    path: dn,
    enabled: z.boolean(),
    sAMAccountName: nonEmpty,
    userPrincipalName: nonEmpty.exactOptional(),
    /** LDAP name → value or values in their canonical spelling (attributes.ts); "" clears. Only what is named here is ever touched. */
    attributes,
    /** Syntax of attributes that the table (attribute-table.ts) does not know and that are not text. */
    syntax: z.record(ldapName, z.enum(declarable)).exactOptional(),
    /** Attributes of which only the values that haloform put there are ever removed. Sorted. */
    additive: z
      .array(ldapName)
      .transform((names) => [...new Set(names)].sort())
      .exactOptional(),
    /** Bits of userAccountControl by name (flags.ts); bits that are not named are other people's. */
    flags: flags.exactOptional(),
    /** The key its password was made under; another one gives it a new password (password.ts). */
    passwordKey: nonEmpty.exactOptional(),
    /** The last stage of a leaver: the account is deleted, and AD keeps it for a while (deleted.ts). */
    deleted: z.literal(true).exactOptional(),
  })
  .transform((all, context) => {
    const canonical: { [name: string]: AttributeValue } = {};
    const seen = new Map<string, string>();
    const issue = (name: string, message: string): void => context.addIssue({ code: "custom", path: ["attributes", name], message });
    for (const name of Object.keys(all.attributes).sort()) {
      const lower = name.toLowerCase();
      const other = seen.get(lower);
      if (other !== undefined) issue(name, `${other} and ${name} are the same attribute`);
      seen.set(lower, name);
      try {
        const value = all.attributes[name];
        const one = attribute(name, all.syntax);
        canonical[name] = typeof value === "string" && one.isPlain ? oneForm(value) : one.readable(listOf(value));
      } catch (error) {
        issue(name, (error as Error).message);
      }
    }
    return { ...all, attributes: canonical };
  });

export const userOutputs = z.strictObject({
  distinguishedName: z.string(),
  sid: z.string().exactOptional(),
  /** Ref of a person → objectGUID, for attributes such as manager: a refresh without a run knows nobody else's account. */
  resolved: z.record(z.string(), z.string()).exactOptional(),
  /** Values that haloform put into additive attributes: those it may remove again. */
  added: z.record(z.string(), z.array(z.string())).exactOptional(),
  /** The key the password was last made under. */
  passwordKey: z.string().exactOptional(),
});

export type UserInputs = z.infer<typeof userInputs>;
export type UserOutputs = z.infer<typeof userOutputs>;

export function isAdditive(inputs: UserInputs, name: string): boolean {
  return inputs.additive?.includes(name) === true && attribute(name).isList;
}

export function isPrimary(address: string): boolean {
  return address.startsWith("SMTP:");
}

/** Whether one of an attribute's values is a primary address. */
export function hasPrimary(name: string, values: readonly string[]): boolean {
  return name.toLowerCase() === "proxyaddresses" && values.some(isPrimary);
}
