/** Reading entries: attributes by name without regard to case, and the few facts every object has. */

import { RefusedError } from "../../../base/errors.ts";
import { guidToText } from "../../../base/guid.ts";
import { ridOf, sidToText } from "../values/guid.ts";
import type { AttributeValues } from "../values/syntax.ts";
import type { Entry } from "./client.ts";

/** All values of an attribute; names are compared without regard to case. */
export function valuesOf(entry: Entry, name: string): AttributeValues {
  const exact = entry.attributes[name];
  if (exact) return exact;
  const lower = name.toLowerCase();
  const key = Object.keys(entry.attributes).find((one) => one.toLowerCase() === lower);
  return key === undefined ? [] : (entry.attributes[key] ?? []);
}

export function textOf(entry: Entry, name: string): string | undefined {
  const [first] = valuesOf(entry, name);
  return typeof first === "string" ? first : first?.toString("utf8");
}

/** Every value as text; bytes as base64 (mS-DS-ConsistencyGuid then reads like Entra's immutable id). */
export function textsOf(entry: Entry, name: string): string[] {
  return valuesOf(entry, name).map((value) => (typeof value === "string" ? value : value.toString("base64")));
}

/** Every value as base64, for attributes that are bytes though they may look like text. */
export function bytesOf(entry: Entry, name: string): string[] {
  return valuesOf(entry, name).map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value).toString("base64"));
}

export function guidOf(entry: Entry): string | undefined {
  const [bytes] = valuesOf(entry, "objectGUID");
  return Buffer.isBuffer(bytes) ? guidToText(bytes) : undefined;
}

/** Every SID of an attribute. */
export function sidsOf(entry: Entry, name: string): string[] {
  return valuesOf(entry, name).flatMap((bytes) => (Buffer.isBuffer(bytes) ? sidToText(bytes) : []));
}

export function sidOf(entry: Entry): string | undefined {
  return sidsOf(entry, "objectSid")[0];
}

/** Who may do what with an object (nTSecurityDescriptor); undefined where that was not read. */
export function descriptorIn(entry: Entry | undefined): Buffer | undefined {
  const [descriptor] = entry ? valuesOf(entry, "nTSecurityDescriptor") : [];
  return Buffer.isBuffer(descriptor) ? descriptor : undefined;
}

/** What isProtected needs to be read. */
export const protectionAttributes = ["adminCount", "isCriticalSystemObject", "objectSid", "sAMAccountName"] as const;

/** The same of an account that is about to be disabled, deleted, moved or renamed; `tokenGroups`: SIDs of all groups it is in, however deep. */
export const insideAttributes = [...protectionAttributes, "servicePrincipalName", "userAccountControl", "tokenGroups"] as const;

/** Throws RefusedError where somebody has made it an administrator, or has it run a service, since the lists were read. `sids`: of groups whose members are protected. */
export function refuseInside(entry: Entry | undefined, sids: ReadonlyMap<string, string> | undefined): void {
  if (!entry) return;
  const group = sidsOf(entry, "tokenGroups").find((sid) => sids?.has(sid));
  const why = group === undefined ? protectionOf(entry) : `it is in ${sids?.get(group)}, which is protected`;
  if (why !== undefined)
    throw new RefusedError(
      `Could not change ${entry.dn}: since the plan was made, ${why}; make a new plan, or do it by hand.`,
      "protected",
    );
}

/** userAccountControl: accounts of trusts, workstations and domain controllers. */
const machineBits = 0x800 | 0x1000 | 0x2000;

/** Why nobody should automate an account or a group, as far as the entry was read with what tells; undefined: nothing speaks against it. */
export function protectionOf(entry: Entry): string | undefined {
  const sid = sidOf(entry);
  const classes = textsOf(entry, "objectClass").map((name) => name.toLowerCase());
  if (textOf(entry, "sAMAccountName")?.toLowerCase() === "krbtgt") return "it is the account of the domain's Kerberos keys (krbtgt)";
  if (sid !== undefined && ridOf(sid) < 1000) return "it is one of the domain's built-in accounts and groups";
  if (textOf(entry, "isCriticalSystemObject")?.toUpperCase() === "TRUE") return "it is a critical system object";
  if (textOf(entry, "adminCount") === "1") return "it is, or was, a member of an administrators' group (adminCount is 1)";
  if (classes.includes("msds-groupmanagedserviceaccount") || classes.includes("msds-managedserviceaccount"))
    return "it is a managed service account";
  if ((Number(textOf(entry, "userAccountControl") ?? 0) & machineBits) !== 0) return "it is the account of a trust or a computer";
  const spn = textOf(entry, "servicePrincipalName");
  return spn === undefined ? undefined : `a service runs under it (servicePrincipalName ${spn})`;
}

/** Accounts and groups nobody should automate: AD's administrators (adminCount, reset hourly by SDProp), its own, and services. */
export function isProtected(entry: Entry): boolean {
  return protectionOf(entry) !== undefined;
}
