/**
 * What an account may do with one object, by AD's constructed attributes: allowedChildClassesEffective and
 * allowedAttributesEffective are what the very account that asks may create and write (MS-ADTS 3.1.1.4.5); the same names
 * without "Effective" are what the schema allows at all. Samba gives them as well. They do not tell about extended rights
 * (resetting a password) and deleting: those are read from the list of rights itself (access.ts).
 */
import { type Check, checks } from "../../core/check.ts";
import { parseDn } from "../values/dn.ts";
import type { AdClient } from "../wire/client.ts";
import { textsOf } from "../wire/entry.ts";

const { warn } = checks("AD");

/** Whose rights are looked at, and how names are said. */
export interface Asker {
  client: AdClient;
  /** The account as dsacls wants it: `CORP\svc-haloform` or `svc-haloform@corp.example.com`. */
  trustee: string;
  /** Every SID that counts for the account; undefined where they cannot be told. */
  sids?: ReadonlySet<string>;
}

/** Names in lower case. */
export interface Allowed {
  schema: ReadonlySet<string>;
  effective: ReadonlySet<string>;
}

/** undefined: the object is not there, or the directory does not know these attributes. */
export async function allowed({ client }: Asker, dn: string, what: "ChildClasses" | "Attributes"): Promise<Allowed | undefined> {
  const entry = await client.read(dn, [`allowed${what}`, `allowed${what}Effective`]);
  // An empty list is not sent at all; only the schema's list tells "nothing" from "not known here".
  const lower = (name: string): Set<string> => new Set(entry === undefined ? [] : textsOf(entry, name).map((one) => one.toLowerCase()));
  const schema = lower(`allowed${what}`);
  return schema.size === 0 ? undefined : { schema, effective: lower(`allowed${what}Effective`) };
}

/** Whether objects of a class may be created in a place; undefined: cannot tell. */
export async function mayCreate(asker: Asker, dn: string, kind: "user" | "group" | "organizationalUnit"): Promise<boolean | undefined> {
  return (await allowed(asker, dn, "ChildClasses"))?.effective.has(kind.toLowerCase());
}

/** dsacls, as an administrator would type it. `inherit`: T this object and what is below, S only what is below. */
export function dsacls({ trustee }: Asker, dn: string, inherit: "T" | "S", rights: readonly string[]): string {
  return `dsacls "${dn}" /I:${inherit} /G ${rights.map((right) => `"${trustee}:${right}"`).join(" ")}`;
}

export const grant = (commands: readonly string[]): string =>
  `To apply plans (preview and drift work without it), as a domain administrator: ${commands.join(" ; ")}`;

/** A name without the domain it is in: `OU=Main,OU=Staff`. */
export function short(dn: string): string {
  return dn.replace(/(?:,DC=[^,\\]+)+$/iu, "");
}

export function cannotTell(where: string): Check {
  const why = "the directory does not give allowedChildClassesEffective and allowedAttributesEffective";
  return warn(`${where}: cannot tell the rights, as ${why}`, "Compare what the account was delegated with docs/connect.md.");
}

/** The first value of each DC: `corp.example.com`. */
export function domainOf(base: string): string {
  return parseDn(base)
    .flatMap((rdn) => (rdn[0].type === "DC" ? [rdn[0].value] : []))
    .join(".");
}
