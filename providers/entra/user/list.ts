/** Entra users as Graph gives them, and the Live that matching and licences work with. */
import { z } from "zod";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";
import { unseenOf } from "../../core/unseen.ts";
import { type Catalogue, catalogueOf } from "../licence/skus.ts";
import { understood } from "../send.ts";

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
  licenseAssignmentStates: z.array(stateSchema).nullish(),
  userType: text,
  proxyAddresses: z.array(z.string()).nullish(),
});

/** Always named: without $select Graph leaves most of these out, and a comparison would see them as empty. */
export const userProperties = Object.keys(userSchema.shape);

/** A name that a type asks for besides properties: it comes with every user in the same pages ($expand). */
export const managerField = "manager";
export const expandManager = "manager($select=id)";

const underWay = new WeakMap<EntraClient, Map<string, Promise<unknown[]>>>();

/** ⌈N/999⌉ calls however many ask at the same time for the same. A read that has ended is made anew. */
export function userRows(client: EntraClient, select: readonly string[], manager: boolean): Promise<unknown[]> {
  const reads = underWay.get(client) ?? new Map<string, Promise<unknown[]>>();
  underWay.set(client, reads);
  const key = `${manager} ${[...select].sort().join()}`;
  const known = reads.get(key);
  if (known) return known;
  const read = client
    .list("/users", select, { what: "read users", ...(manager ? { expand: expandManager } : {}) })
    .finally(() => reads.delete(key));
  reads.set(key, read);
  return read;
}

/** `error`: Entra ID has it on record but it gives nothing (CountViolation …). */
const assigned = z.object({ sku: z.string(), error: z.string().exactOptional() });
/** One direct assignment. */
const directSchema = assigned.extend({ without: z.array(z.string()) });
/** One assignment through a licensing group. */
const inheritedSchema = assigned.extend({ group: z.string() });

/** The part of a user's Live that licences work with; also checks what comes back from a run file. */
export const userValues = z.looseObject({
  userPrincipalName: z.string().default(""),
  usageLocation: z.string().optional(),
  direct: z.array(directSchema).default([]),
  inherited: z.array(inheritedSchema).default([]),
});

/** Properties to ask for: ours and those the mapping matches by. Throws ConfigurationError for a name Graph could not have. */
export function selection(further: readonly string[] = []): string[] {
  const odd = further.find((name) => !/^[A-Za-z][A-Za-z0-9_]*$/u.test(name));
  if (odd !== undefined)
    throw new ConfigurationError(`Could not read users: ${odd} is not a property of a Graph user; correct \`people.is.entra\`.`);
  return [...new Set([...userProperties, ...further.filter((name) => name !== managerField)])];
}

type User = z.infer<typeof userSchema>;

/** `addresses` where mail reaches somebody. Most have none but their name: those are left out, as thousands of users travel in the run file. */
export function addressesOf({ userPrincipalName, mail, proxyAddresses }: Pick<User, "userPrincipalName" | "mail" | "proxyAddresses">): {
  addresses?: string[];
} {
  const named = new Set([userPrincipalName, mail].map((name) => `smtp:${name}`.toLowerCase()));
  const addresses = (proxyAddresses ?? []).filter((one) => /^smtp:/iu.test(one) && !named.has(one.toLowerCase()));
  return addresses.length > 0 ? { addresses: addresses.sort(order) } : {};
}

/** Users of Graph's → Live. Fields that are empty there are left out; `further` are passed on by their own names. */
export function liveUsers(rows: readonly unknown[], catalogue: Catalogue, further: readonly string[] = []): Live[] {
  return keptRowsOf(userSchema, rows, "Entra ID's users").map((user) => liveUser(user, catalogue, further));
}

function liveUser(user: User, catalogue: Catalogue, further: readonly string[]): Live {
  const direct: z.infer<typeof directSchema>[] = [];
  const inherited: z.infer<typeof inheritedSchema>[] = [];
  for (const state of user.licenseAssignmentStates ?? []) {
    const sku = catalogue.skuName(state.skuId);
    const failed = state.state === "Error" ? { error: state.error && state.error !== "None" ? state.error : "Error" } : {};
    if (state.assignedByGroup) inherited.push({ sku, group: state.assignedByGroup, ...failed });
    else direct.push({ sku, without: (state.disabledPlans ?? []).map(catalogue.planName).sort(), ...failed });
  }
  const { id, userPrincipalName, mail, employeeId, displayName, onPremisesImmutableId, onPremisesSamAccountName, userType, usageLocation } =
    user;
  const asked = Object.fromEntries(further.filter((name) => name !== managerField).map((name) => [name, user[name]]));
  const texts = {
    userPrincipalName,
    mail,
    employeeId,
    displayName,
    immutableId: onPremisesImmutableId,
    onPremisesSamAccountName,
    userType,
  };
  const filled = Object.entries({ ...asked, ...texts, usageLocation }).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const values: Values = {
    ...(Object.fromEntries(filled) as Values),
    ...addressesOf(user),
    enabled: user.accountEnabled ?? true,
    synced: user.onPremisesSyncEnabled === true,
    ...unseenOf({ accountEnabled: user.accountEnabled }),
    direct: direct.sort((a, b) => order(a.sku, b.sku)),
    inherited: inherited.sort((a, b) => order(a.sku, b.sku) || order(a.group, b.group)),
  };
  return { id, values };
}

/** All users: ⌈N/999⌉ calls, and one for the tenant's licences. */
export async function listUsers(client: EntraClient, further: readonly string[] = []): Promise<Live[]> {
  const [rows, catalogue] = await Promise.all([userRows(client, selection(further), further.includes(managerField)), catalogueOf(client)]);
  return liveUsers(rows, catalogue, further).sort((a, b) => order(a.id, b.id));
}

/** One user; undefined when gone. */
export async function getUser(client: EntraClient, id: string, further: readonly string[] = []): Promise<Live | undefined> {
  const what = `read the user ${id}`;
  const [row, catalogue] = await Promise.all([client.get(`/users/${segment(id)}`, selection(further), what), catalogueOf(client)]);
  return row === undefined ? undefined : liveUser(understood(userSchema, row, what), catalogue, further);
}
