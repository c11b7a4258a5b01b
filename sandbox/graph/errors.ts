/** Microsoft Graph's errors, in its own words where they are known (facts 0, 2.7, 4.4). */
import { randomUUID } from "node:crypto";
import type { Reply } from "../web/server.ts";

export const texts = {
  synced:
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
  denied: "Insufficient privileges to complete the operation.",
  missing: (id: string) => `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  reference: "The source resource object or one of the objects being referenced do not exist.",
  already: "One or more added object references already exist for the following modified properties: 'members'.",
  gone: "One or more removed object references do not exist for the following modified properties: 'members'.",
  size: (size: string) => `Invalid page size specified: '${size}'. Must be between 1 and 999 inclusive.`,
  stock: (sku: string) => `Subscription with SKU ${sku} does not have any available licenses.`,
  location: "License assignment cannot be done for user with invalid usage location.",
  inherited: "User license is inherited from a group membership and it cannot be removed directly from the user.",
  noLicence: "User does not have a corresponding license.",
  noSku: (sku: string) => `License ${sku} does not correspond to a valid company License.`,
  depends: (plan: string, on: string) => `License assignment failed because service plan ${plan} depends on the service(s) ${on}`,
  excludes: (plan: string, other: string) => `License assignment failed because service plans ${plan} and ${other} are mutually exclusive`,
  conflict: (property: string) => `Another object with the same value for property ${property} already exists.`,
  invalid: (property: string, resource: string) => `Invalid value specified for property '${property}' of resource '${resource}'.`,
  required: (property: string, resource: string) => `A value is required for property '${property}' of resource '${resource}'.`,
  dynamic: "Members of a group with dynamic membership cannot be added or removed.",
} as const;

/** An error reply. The request id differs each time, as it does there. */
export function problem(
  status: number,
  code: string,
  message: string,
  details?: readonly { code: string; target?: string; message: string }[],
): Reply {
  const id = randomUUID();
  const innerError = { date: new Date().toISOString().slice(0, 19), "request-id": id, "client-request-id": id };
  return { status, body: { error: { code, message, ...(details ? { details } : {}), innerError } } };
}

export const bad = (message: string): Reply => problem(400, "Request_BadRequest", message);
export const malformed = (message: string): Reply => problem(400, "BadRequest", message);
export const notFound = (id: string): Reply => problem(404, "Request_ResourceNotFound", texts.missing(id));
export const denied = (): Reply => problem(403, "Authorization_RequestDenied", texts.denied);
export const conflict = (property: string): Reply =>
  problem(400, "Request_BadRequest", texts.conflict(property), [
    { code: "ObjectConflict", target: property, message: texts.conflict(property) },
  ]);
export const throttled = (seconds: number): Reply => {
  const reply = problem(429, "TooManyRequests", "Too many requests");
  return { ...reply, headers: { "retry-after": String(seconds), "content-type": "application/json" } };
};

/** Thrown inside a handler to answer with an error. */
export class Refused extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super("refused");
    this.reply = reply;
  }
}
