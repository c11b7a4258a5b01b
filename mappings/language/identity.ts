/** What `people.is` recognises people by, and which of that haloform writes. Pure. */
import type { Directory } from "../../providers/core/system.ts";
import { userRule } from "../../providers/entra/user/attributes.ts";
import type { PeopleFile } from "../schema/people.ts";
import { FORBIDDEN_ATTRIBUTES } from "./names.ts";

type People = PeopleFile["people"];

/** Whether haloform writes a field of a directory where `people.is` names it; any other only recognises (objectGUID, Halo's id …). */
export function isWritable(system: Directory, field: string): boolean {
  if (system === "ad") return !FORBIDDEN_ATTRIBUTES.has(field.toLowerCase());
  return system === "entra" ? field === "userPrincipalName" || userRule(field) !== undefined : field !== "id";
}

/** The field and template of those that are written. People of Entra ID are their accounts there: nothing has to be known again by it. */
export function writtenOf({ is, source }: Pick<People, "is" | "source">, system: Directory): [field: string, template: string][] {
  return system === "entra" && source === "entra.users" ? [] : Object.entries(is[system]).filter(([field]) => isWritable(system, field));
}

/** The address of a Halo agent: it is always written. */
export const agentEmail = ({ is }: Pick<People, "is">): string => is.halo["email"] ?? "";
