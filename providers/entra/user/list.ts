/** Entra users as Graph gives them, and the Live that matching and licences work with. */
import { z } from "zod";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Json, Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { literal, segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { type Catalogue, catalogueOf } from "../licence/skus.ts";
import { managerField, userRows } from "./rows.ts";

/** Always named: without $select Graph leaves most of these out, and a comparison would see them as empty. */
export const userProperties = [
  "id",
  "displayName",
  "userPrincipalName",
  "mail",
  "employeeId",
  "accountEnabled",
  "usageLocation",
  "onPremisesImmutableId",
  "onPremisesSyncEnabled",
  "onPremisesSamAccountName",
  "licenseAssignmentStates",
  "userType",
] as const;

const text = z.string().nullish();
const stateSchema = z.object({
  skuId: z.string(),
  disabledPlans: z.array(z.string()).nullish(),
  assignedByGroup: text,
  state: text,
  error: text,
});
const userSchema = z.looseObject({
  id: z.string().min(1),
  displayName: text,
  userPrincipalName: text,
  mail: text,
  employeeId: text,
  accountEnabled: z.boolean().nullish(),
  usageLocation: text,
  onPremisesImmutableId: text,
  onPremisesSyncEnabled: z.boolean().nullish(),
  onPremisesSamAccountName: text,
  userType: text,
  licenseAssignmentStates: z.array(stateSchema).nullish(),
});

/** One direct assignment. `error`: Entra ID has it on record but it gives nothing (CountViolation …). */
export type Direct = { sku: string; without: string[]; error?: string };
/** One assignment through a licensing group. */
export type Inherited = { sku: string; group: string; error?: string };

/** The part of a user's Live that licences work with; also checks what comes back from a run file. */
export const userValues = z.looseObject({
  userPrincipalName: z.string().default(""),
  usageLocation: z.string().optional(),
  direct: z.array(z.object({ sku: z.string(), without: z.array(z.string()), error: z.string().optional() })).default([]),
  inherited: z.array(z.object({ sku: z.string(), group: z.string(), error: z.string().optional() })).default([]),
});

/** Properties to ask for: ours and those the mapping matches by. Throws ConfigurationError for a name Graph could not have. */
export function selection(further: readonly string[] = []): string[] {
  const odd = further.find((name) => !/^[A-Za-z][A-Za-z0-9_]*$/u.test(name));
  if (odd !== undefined)
    throw new ConfigurationError(`Could not read users: ${odd} is not a property of a Graph user; correct \`people.match.entra\`.`);
  return [...new Set([...userProperties, ...further.filter((name) => name !== managerField)])];
}

/** A user of Graph's → Live. Fields that are empty there are left out; `further` are passed on by their own names. */
export function liveUser(raw: unknown, catalogue: Catalogue, further: readonly string[] = []): Live {
  const user = userSchema.parse(raw);
  const direct: Direct[] = [];
  const inherited: Inherited[] = [];
  for (const state of user.licenseAssignmentStates ?? []) {
    const sku = catalogue.skuName(state.skuId);
    const failed = state.state === "Error" ? { error: state.error && state.error !== "None" ? state.error : "Error" } : {};
    if (state.assignedByGroup) inherited.push({ sku, group: state.assignedByGroup, ...failed });
    else direct.push({ sku, without: (state.disabledPlans ?? []).map(catalogue.planName).sort(), ...failed });
  }
  const values: Values = {};
  for (const name of further) if (name !== managerField) put(values, name, user[name]);
  put(values, "userPrincipalName", user.userPrincipalName);
  put(values, "mail", user.mail);
  put(values, "employeeId", user.employeeId);
  put(values, "displayName", user.displayName);
  put(values, "immutableId", user.onPremisesImmutableId);
  put(values, "onPremisesSamAccountName", user.onPremisesSamAccountName);
  put(values, "userType", user.userType);
  put(values, "usageLocation", user.usageLocation);
  values["enabled"] = user.accountEnabled ?? true;
  values["synced"] = user.onPremisesSyncEnabled === true;
  values["direct"] = direct.sort((a, b) => order(a.sku, b.sku));
  values["inherited"] = inherited.sort((a, b) => order(a.sku, b.sku) || order(a.group, b.group));
  return { id: user.id, values };
}

function put(values: Values, name: string, value: unknown): void {
  if (value === null || value === undefined || value === "") return;
  values[name] = value as Json;
}

/** All users: ⌈N/999⌉ calls, and one for the tenant's licences. */
export async function listUsers(client: EntraClient, further: readonly string[] = []): Promise<Live[]> {
  const [rows, catalogue] = await Promise.all([userRows(client, selection(further), further.includes(managerField)), catalogueOf(client)]);
  return rows.map((row) => liveUser(row, catalogue, further)).sort((a, b) => order(a.id, b.id));
}

/** One user; undefined when gone. */
export async function getUser(client: EntraClient, id: string, further: readonly string[] = []): Promise<Live | undefined> {
  const [row, catalogue] = await Promise.all([
    client.get(`/users/${segment(id)}`, selection(further), `read the user ${id}`),
    catalogueOf(client),
  ]);
  return row === undefined ? undefined : liveUser(row, catalogue, further);
}

/** The filter that finds a synced user by its origin; answered from the directory itself, so a fresh user is not missed for long. */
export const byImmutableId = (immutableId: string): string => `onPremisesImmutableId eq ${literal(immutableId)}`;
