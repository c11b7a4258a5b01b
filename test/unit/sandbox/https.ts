/** https for tests of the sandbox: the sandbox's own authority, and JSON in and out. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";

/** The contracts' folder beside the project; without it the servers are less strict, and those checks are skipped. */
export const contractsDir = join(import.meta.dirname, "..", "..", "..", "..", "shared", "contracts");
export const hasContracts = existsSync(join(contractsDir, "halo-openapi.json"));

export function trust(ca: string): void {
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(ca, "utf8")]);
}

/** Names that tests look for in answers. */
type Name =
  | (
      | "access_token"
      | "agents"
      | "appRoleId"
      | "appRoles"
      | "body"
      | "claims"
      | "ClassName"
      | "code"
      | "consumedUnits"
      | "customfields"
      | "department"
      | "displayName"
      | "details"
      | "email"
    )
  | (
      | "emailaddress"
      | "error"
      | "expires_in"
      | "headers"
      | "id"
      | "inactive"
      | "initials"
      | "isapiagent"
      | "licenseAssignmentStates"
      | "message"
      | "Message"
      | "name"
      | "page_size"
      | "prepaidUnits"
    )
  | (
      | "record_count"
      | "responses"
      | "roles"
      | "servicePlans"
      | "skuId"
      | "skuPartNumber"
      | "status"
      | "teams"
      | "users"
      | "value"
      | "_warning"
      | "assignedByGroup"
      | "disabledPlans"
      | "enabled"
    )
  | ("userPrincipalName" | "issuer" | "token_endpoint" | "uniqueName" | "Retry-After");

/** JSON of an answer, for tests to look into: every name leads to more of the same. */
export interface Loose
  extends Readonly<Record<Name | 0 | 1 | 2 | "@odata.nextLink" | "@odata.count" | "@odata.type", Loose>>,
    Iterable<Loose> {
  readonly length: number;
  map<T>(made: (item: Loose) => T): T[];
  filter(wanted: (item: Loose) => boolean): Loose;
  find(wanted: (item: Loose) => boolean): Loose;
  some(wanted: (item: Loose) => unknown): boolean;
  every(wanted: (item: Loose) => unknown): boolean;
}

export interface Answer {
  status: number;
  text: string;
  json: Loose;
  headers: Headers;
}

export async function ask(
  url: string,
  options: {
    method?: string;
    token?: string | undefined;
    body?: unknown;
    raw?: string;
    form?: Record<string, string>;
    headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
  const json = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  if (json !== undefined) headers["content-type"] ??= "application/json";
  const body = options.form ? new URLSearchParams(options.form) : json;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = text === "" ? undefined : JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, text, json: parsed as Loose, headers: response.headers };
}
