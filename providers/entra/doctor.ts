/** `haloform doctor` asks Entra ID and Microsoft Graph: reached, as whom, in which tenant, clock, permissions, seats. Nothing is written. */
import { z } from "zod";
import { bad, type Check, certificateCheck, failed, few, httpClockCheck, type Now, ok, untilCheck, warn } from "../core/check.ts";
import { RefusedError } from "../core/errors.ts";
import type { EntraConfig } from "../core/settings.ts";
import { connectEntra, type EntraClient } from "./client.ts";
import type { Environment } from "./credential.ts";
import { literal, query, segment } from "./odata.ts";
import { type Operation, operations } from "./permissions.ts";
import { catalogueOf } from "./skus.ts";

/** What the mapping does in Entra ID, without the mapping's own types. */
export interface EntraNeeds {
  skus: readonly { sku: string; without: readonly string[] }[];
  usageLocation: boolean;
  /** Cloud groups are managed. */
  groups: boolean;
}

const system = "Entra";
/** Microsoft Graph's own application, the same in every tenant. */
const graphApp = "00000003-0000-0000-c000-000000000000";
/** Entra Connect runs every half hour; after so many hours something is wrong. */
const stalled = 3;

/** Wider permissions that hold a smaller one (Graph's permissions reference: "higher privileged"). */
const wider: { readonly [permission: string]: readonly string[] } = {
  "LicenseAssignment.ReadWrite.All": ["User.ReadWrite.All", "Directory.ReadWrite.All"],
  "User.ReadWrite.All": ["Directory.ReadWrite.All"],
  "Group.ReadWrite.All": ["Directory.ReadWrite.All"],
  "GroupMember.ReadWrite.All": ["Group.ReadWrite.All", "Directory.ReadWrite.All"],
};

/** Everything there is to say about Entra ID. `needs` absent: no mapping writes there. Never throws. */
export async function doctorEntra(config: EntraConfig, env: Environment, needs: EntraNeeds | undefined, now: Now): Promise<Check[]> {
  const authority = config.authority ?? "https://login.microsoftonline.com";
  const graph = config.graph ?? "https://graph.microsoft.com";
  const hosts = [...new Map([authority, graph].map((address) => [new URL(address).host, address])).values()];
  const checks = await Promise.all(hosts.map((address) => certificateCheck(system, address, now())));
  if (checks.some((check) => check.state === "bad")) return checks;
  checks.push(await httpClockCheck(system, new URL(graph).origin, now));
  try {
    const client = connectEntra(config, env);
    checks.push(...(await tenantChecks(client, config, now)));
    checks.push(...(await readChecks(client)));
    if (needs) checks.push(...(await seatChecks(client, needs)));
  } catch (error) {
    checks.push(failed(system, error));
  }
  return checks;

  async function tenantChecks(client: EntraClient, { clientId, tenantId }: EntraConfig, clock: Now): Promise<Check[]> {
    const organisation = await tried(() =>
      client.get(
        `/organization${query({ select: ["id", "displayName", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime"] })}`,
        [],
        "read the tenant",
      ),
    );
    const principal = await tried(() =>
      client.get(
        `/servicePrincipals${query({ filter: `appId eq ${literal(clientId)}`, select: ["id", "displayName"] })}`,
        [],
        "read the app's service principal",
      ),
    );
    const tenant = organizations.safeParse(organisation).data?.value[0];
    const app = principals.safeParse(principal).data?.value[0];
    const first = ok(
      system,
      `signed in to ${tenant?.displayName ? `${tenant.displayName} (${tenantId})` : tenantId} as ${app?.displayName ? `${app.displayName} (${clientId})` : clientId} by ${client.signedInBy}`,
    );
    const found = [first];
    if (tenant) found.push(...syncCheck(tenant, clock()));
    else
      found.push(
        warn(
          system,
          "the tenant's own record may not be read, so that a stalled Entra Connect is not noticed",
          "Give the app the application permission Organization.Read.All with admin consent.",
        ),
      );
    if (needs) found.push(...(await permissionChecks(client, app?.id, needs)));
    found.push(...(await secretChecks(client, clientId, env, clock())));
    return found;
  }
}

const rows = <T extends z.ZodType>(row: T) => z.object({ value: z.array(row) });
const text = z.string().nullish();
const organizations = rows(z.object({ displayName: text, onPremisesSyncEnabled: z.boolean().nullish(), onPremisesLastSyncDateTime: text }));
const principals = rows(
  z.object({ id: z.string(), displayName: text, appRoles: z.array(z.object({ id: z.string(), value: text })).nullish() }),
);
const assignments = z.array(z.object({ appRoleId: z.string(), resourceId: z.string() }));
const credential = z.object({ endDateTime: z.string(), hint: text, displayName: text });
const applications = rows(z.object({ passwordCredentials: z.array(credential).catch([]), keyCredentials: z.array(credential).catch([]) }));

/** What Graph gives, or undefined when it refuses this one thing; a token that cannot be had still throws. */
async function tried(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}

function syncCheck(
  tenant: { onPremisesSyncEnabled?: boolean | null | undefined; onPremisesLastSyncDateTime?: string | null | undefined },
  now: Date,
): Check[] {
  if (!tenant.onPremisesSyncEnabled) return [];
  const last = new Date(tenant.onPremisesLastSyncDateTime ?? "");
  const mend =
    "Look at Entra Connect's server and its Synchronization Service; until it runs, new accounts of AD stay pending in Entra ID.";
  if (Number.isNaN(last.getTime())) return [warn(system, "Entra Connect is turned on but has never synchronised", mend)];
  const minutes = Math.max(0, Math.round((now.getTime() - last.getTime()) / 60_000));
  const ago = minutes < 120 ? `${minutes} ${minutes === 1 ? "minute" : "minutes"}` : `${Math.floor(minutes / 60)} hours`;
  return [
    minutes > stalled * 60
      ? warn(system, `Entra Connect synchronised last ${ago} ago: it seems to have stalled`, mend)
      : ok(system, `Entra Connect synchronised ${ago} ago`),
  ];
}

/** Tries every read of permissions.ts, one object each. */
async function readChecks(client: EntraClient): Promise<Check[]> {
  const checks: Check[] = [];
  const may: string[] = [];
  let group: string | undefined;
  for (const operation of operations.filter((one) => one.needed === "read")) {
    if (operation.path.includes("{id}") && group === undefined) continue;
    const path = operation.path.replace("{id}", segment(group ?? ""));
    try {
      // $top of the licences' list is refused by Graph; it is one page always.
      const answer = await client.get(
        `${path}${query({ select: ["id"], ...(path === "/subscribedSkus" ? {} : { top: 1 }) })}`,
        [],
        operation.operation,
      );
      if (path === "/groups") group = rows(z.object({ id: z.string() })).safeParse(answer).data?.value[0]?.id;
      may.push(operation.operation);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      checks.push(
        bad(
          system,
          `may not ${operation.operation}`,
          `Give the app the application permission ${operation.permission} with admin consent.`,
        ),
      );
    }
  }
  return may.length > 0 ? [ok(system, `may ${may.join(", ")}`), ...checks] : checks;
}

function wanted(operation: Operation, needs: EntraNeeds): boolean {
  if (operation.path.endsWith("/assignLicense")) return needs.skus.length > 0;
  if (operation.path === "/users/{id}") return needs.usageLocation && needs.skus.length > 0;
  return needs.groups;
}

/** Writing is not tried: what the app was granted tells. */
async function permissionChecks(client: EntraClient, principal: string | undefined, needs: EntraNeeds): Promise<Check[]> {
  const needed = operations.filter((one) => one.needed === "write" && wanted(one, needs));
  if (needed.length === 0) return [];
  const permissions = [...new Set(needed.map((one) => one.permission))];
  const granted = principal === undefined ? undefined : await grantedTo(client, principal);
  if (granted === undefined) {
    return [
      warn(
        system,
        `cannot tell whether it may write, as the app's own permissions may not be read (needed: ${permissions.join(", ")})`,
        "Compare them in the app registration, or give the app the application permission Application.Read.All.",
      ),
    ];
  }
  const holds = (permission: string): boolean => [permission, ...(wider[permission] ?? [])].some((one) => granted.has(one));
  const may = needed.filter((one) => holds(one.permission));
  const missing = permissions.filter((permission) => !holds(permission));
  const checks = may.length > 0 ? [ok(system, `may ${may.map((one) => one.operation).join(", ")}`)] : [];
  for (const permission of missing) {
    const what = needed.filter((one) => one.permission === permission).map((one) => one.operation);
    checks.push(
      bad(
        system,
        `may not ${what.join(", ")}: ${permission} is missing`,
        `To apply plans, give the app the application permission ${permission} with admin consent; preview and drift work without it.`,
      ),
    );
  }
  return checks;
}

/** Names of the Graph permissions an app was granted; undefined when that may not be read. */
async function grantedTo(client: EntraClient, principal: string): Promise<Set<string> | undefined> {
  const given = assignments.safeParse(
    await tried(() =>
      client.list(`/servicePrincipals/${segment(principal)}/appRoleAssignments`, ["appRoleId", "resourceId"], {
        what: "read the app's permissions",
      }),
    ),
  );
  const graph = principals.safeParse(
    await tried(() =>
      client.get(
        `/servicePrincipals${query({ filter: `appId eq ${literal(graphApp)}`, select: ["id", "displayName", "appRoles"] })}`,
        [],
        "read Graph's permissions",
      ),
    ),
  ).data?.value[0];
  if (!given.success || !graph?.appRoles) return undefined;
  const names = new Map(graph.appRoles.map((role) => [role.id, role.value ?? ""]));
  return new Set(given.data.filter((one) => one.resourceId === graph.id).map((one) => names.get(one.appRoleId) ?? ""));
}

/** When the app's secret or certificate ends, where the app may look at itself; nothing otherwise. */
async function secretChecks(client: EntraClient, clientId: string, env: Environment, now: Date): Promise<Check[]> {
  const secret = env["ENTRA_CLIENT_SECRET"];
  const certificate = secret ? undefined : env["ENTRA_CLIENT_CERTIFICATE_PATH"];
  if (!secret && !certificate) return [];
  const answer = await tried(() =>
    client.get(
      `/applications${query({ filter: `appId eq ${literal(clientId)}`, select: ["passwordCredentials", "keyCredentials"] })}`,
      [],
      "read the app registration",
    ),
  );
  const app = applications.safeParse(answer).data?.value[0];
  if (!app) return [];
  const all = (secret ? app.passwordCredentials : app.keyCredentials).filter((one) => new Date(one.endDateTime) > now);
  // Graph keeps a secret's first three characters: enough to tell ours from its predecessor.
  const ours = all.filter((one) => secret !== undefined && one.hint && secret.startsWith(one.hint));
  const [next] = (ours.length > 0 ? ours : all).map((one) => new Date(one.endDateTime)).sort((a, b) => a.getTime() - b.getTime());
  if (next === undefined) return [];
  const [what, mend] = secret
    ? ["the app's client secret", "Make a new one and put it into ENTRA_CLIENT_SECRET; a federated credential would never expire."]
    : ["the app's certificate", "Add a new one to the app registration before then."];
  return [untilCheck(system, what, next, now, mend)];
}

async function seatChecks(client: EntraClient, needs: EntraNeeds): Promise<Check[]> {
  if (needs.skus.length === 0) return [];
  let catalogue: Awaited<ReturnType<typeof catalogueOf>>;
  try {
    catalogue = await catalogueOf(client, true);
  } catch (error) {
    if (error instanceof RefusedError) return []; // said already by the reads
    throw error;
  }
  const checks: Check[] = [];
  const free: string[] = [];
  for (const name of new Set(needs.skus.map((one) => one.sku))) {
    try {
      const sku = catalogue.sku(name);
      for (const plan of needs.skus.filter((one) => one.sku === name).flatMap((one) => one.without)) catalogue.planId(sku, plan);
      if (sku.owned > sku.used) free.push(`${sku.name} ${sku.owned - sku.used} of ${sku.owned}`);
      else
        checks.push(
          warn(
            system,
            `${sku.name} has no free seat (owned ${sku.owned}, used ${sku.used})`,
            "Buy or free some before somebody else needs one; those who have it keep it.",
          ),
        );
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      checks.push(bad(system, error.message, "Correct the name in mappings/entra.yaml, or buy the licence."));
    }
  }
  return free.length > 0 ? [ok(system, `free seats: ${few(free, 10)}`), ...checks] : checks;
}
