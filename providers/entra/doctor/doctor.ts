/** `haloform doctor` asks Entra ID and Microsoft Graph: reached, as whom, in which tenant, clock, permissions, seats. Nothing is written. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { connectEntra, type EntraClient } from "../../../clients/graph/client.ts";
import { cloudOf } from "../../../clients/graph/clouds.ts";
import type { Environment } from "../../../clients/graph/credential.ts";
import { literal, query, segment } from "../../../clients/graph/odata.ts";
import { operations } from "../../../clients/graph/permissions.ts";
import type { EntraConfig } from "../../../clients/graph/settings.ts";
import { type Check, certificateCheck, checks as checksOf, httpClockCheck, type Now, untilCheck } from "../../core/check.ts";
import { userProperties } from "../user/list.ts";
import { type EntraNeeds, permissionChecks, principalOf, rows, seatChecks, text, tried, wanted } from "./granted.ts";

const system = "Entra";
const { ok, warn, bad, failed } = checksOf(system);
/** Entra Connect runs every half hour; after so many hours something is wrong. */
const stalled = 3;

/** Everything there is to say about Entra ID. `needs` absent: no mapping writes there. Never throws. */
export async function doctorEntra(
  config: EntraConfig,
  env: Environment,
  needs: EntraNeeds | undefined,
  now: Now,
  readOnly = false,
): Promise<Check[]> {
  const { authority, graph } = cloudOf(config);
  const hosts = [...new Map([authority, graph].map((address) => [new URL(address).host, address])).values()];
  const checks = await Promise.all(hosts.map((address) => certificateCheck(system, address, now(), config.ca)));
  if (checks.some((check) => check.state === "bad")) return checks;
  checks.push(await httpClockCheck(system, new URL(graph).origin, now, config.ca));
  try {
    const client = connectEntra(config, env);
    const tenant = await tenantOf(client);
    const app = await principalOf(client, config.clientId, "read the app's service principal");
    const where = tenant?.displayName ? `${tenant.displayName} (${config.tenantId})` : config.tenantId;
    const who = app?.displayName ? `${app.displayName} (${config.clientId})` : config.clientId;
    checks.push(ok(`signed in to ${where} as ${who} by ${client.signedInBy}`));
    checks.push(...(tenant ? syncCheck(tenant, now()) : [tenantUnknown]));
    checks.push(...(await readChecks(client, needs)));
    if (needs && !readOnly) checks.push(...(await permissionChecks(client, app?.id, needs)), ...(await seatChecks(client, needs)));
    checks.push(...(await secretChecks(client, config.clientId, env, now())));
  } catch (error) {
    const check = failed(error);
    // MSAL says so for a tenant that does not exist; that the address itself answers was seen above.
    const tenantless = /endpoints[_ ]resolution|openid-configuration/iu.test(check.said);
    checks.push(
      tenantless
        ? { ...check, advice: "Check tenantId, and `authority` where it is set: the address answers, but not for this tenant." }
        : check,
    );
  }
  return checks;
}

const tenantUnknown = warn(
  "the tenant's own record may not be read, so that a stalled Entra Connect is not noticed",
  "Give the app the application permission Organization.Read.All with admin consent.",
);

const organization = z.object({ displayName: text, onPremisesSyncEnabled: z.boolean().nullish(), onPremisesLastSyncDateTime: text });
const credential = z.object({ endDateTime: z.string(), hint: text, displayName: text });
const applications = rows(z.object({ passwordCredentials: z.array(credential).catch([]), keyCredentials: z.array(credential).catch([]) }));

type Tenant = z.infer<typeof organization>;

/** The tenant as the directory has it; undefined where the app may not see that. Throws when there is no token. */
async function tenantOf(client: EntraClient): Promise<Tenant | undefined> {
  const path = `/organization${query({ select: ["id", ...Object.keys(organization.shape)] })}`;
  const tenants = await tried(() => client.get(path, [], "read the tenant"));
  return rows(organization).safeParse(tenants).data?.value[0];
}

function syncCheck(tenant: Tenant, now: Date): Check[] {
  if (!tenant.onPremisesSyncEnabled) return [];
  const last = new Date(tenant.onPremisesLastSyncDateTime ?? "");
  const mend =
    "Look at Entra Connect's server and its Synchronization Service; until it runs, new accounts of AD stay pending in Entra ID.";
  if (Number.isNaN(last.getTime())) return [warn("Entra Connect is turned on but has never synchronised", mend)];
  const minutes = Math.max(0, Math.round((now.getTime() - last.getTime()) / 60_000));
  const ago = minutes < 120 ? `${minutes} ${minutes === 1 ? "minute" : "minutes"}` : `${Math.floor(minutes / 60)} hours`;
  return [
    minutes > stalled * 60
      ? warn(`Entra Connect synchronised last ${ago} ago: it seems to have stalled`, mend)
      : ok(`Entra Connect synchronised ${ago} ago`),
  ];
}

/** Tries every read of permissions.ts, one object each, with everything that a preview reads of it. */
async function readChecks(client: EntraClient, needs: EntraNeeds | undefined): Promise<Check[]> {
  const checks: Check[] = [];
  const may: string[] = [];
  let group: string | undefined;
  // Without a mapping at hand, what every mapping may need is tried.
  const tries = needs ?? { skus: [], usageLocation: false, groups: true };
  for (const operation of operations.filter((one) => one.needed === "read" && (one.path.startsWith("/groups") || wanted(one, tries)))) {
    // What is below a user or an application differs from one to the next (a mailbox may not be there): it is not tried.
    if (operation.path.includes("{id}") && (group === undefined || !operation.path.startsWith("/groups/"))) continue;
    // Who may take up a place is told of one group, or of one principal, only.
    const isOfGroup = operation.path.startsWith("/identityGovernance/privilegedAccess/group/");
    if (isOfGroup && group === undefined) continue;
    const path = operation.path.replace("{id}", segment(group ?? ""));
    try {
      // $top of the licences' list is refused by Graph, which is one page always; of roles it is not among what the list takes.
      const select = tries.reads?.[path] ?? (path === "/users" ? userProperties : ["id"]);
      const top = /^\/(?:subscribedSkus$|roleManagement\/|identityGovernance\/)/u.test(path) ? {} : { top: 1 };
      const one = query({ select, ...top, ...(isOfGroup ? { filter: `groupId eq ${literal(group ?? "")}` } : {}) });
      const answer = await client.get(`${path}${one}`, [], operation.operation);
      if (path === "/users" && isHidden(answer)) {
        checks.push(
          bad(
            "sees a part of each user only: accountEnabled, licences and more are empty for want of rights, as User.ReadBasic.All shows no more",
            `Give the app the application permission ${operation.permission} with admin consent.`,
          ),
        );
        continue;
      }
      if (path === "/groups") group = rows(z.object({ id: z.string() })).safeParse(answer).data?.value[0]?.id;
      may.push(operation.operation);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const mend = `Give the app the application permission ${operation.permission} with admin consent.`;
      const { without } = operation;
      checks.push(
        without === undefined ? bad(`may not ${operation.operation}`, mend) : warn(`may not ${operation.operation}: ${without}`, mend),
      );
    }
  }
  return may.length > 0 ? [ok(`may ${may.join(", ")}`), ...checks] : checks;
}

/** No user is without it: where it does not come, neither does anything else that User.ReadBasic.All keeps back. */
function isHidden(answer: unknown): boolean {
  const users = rows(z.object({ accountEnabled: z.boolean().nullish() })).safeParse(answer).data?.value ?? [];
  return users.length > 0 && users.every((one) => typeof one.accountEnabled !== "boolean");
}

/** Until when the certificate of a PEM file is good: the file says so, whatever the app may read. */
function certificateEnd(file: string): Date | undefined {
  try {
    const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/u.exec(readFileSync(file, "utf8"))?.[0];
    return pem === undefined ? undefined : new Date(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** When the app's secret or certificate ends, where the app may look at itself; nothing otherwise. */
async function secretChecks(client: EntraClient, clientId: string, env: Environment, now: Date): Promise<Check[]> {
  const secret = env["ENTRA_CLIENT_SECRET"];
  const certificate = secret ? undefined : env["ENTRA_CLIENT_CERTIFICATE_PATH"];
  if (!secret && !certificate) return [];
  const file = certificate === undefined ? undefined : certificateEnd(certificate);
  const [what, mend] = secret
    ? ["the app's client secret", "Make a new one and put it into ENTRA_CLIENT_SECRET; a federated credential would never expire."]
    : ["the app's certificate", "Add a new one to the app registration before then."];
  if (file !== undefined) return [untilCheck(system, what, file, now, mend)];
  const path = `/applications${query({ filter: `appId eq ${literal(clientId)}`, select: ["passwordCredentials", "keyCredentials"] })}`;
  const answer = await tried(() => client.get(path, [], "read the app registration"));
  const app = applications.safeParse(answer).data?.value[0];
  if (!app) return [];
  const all = (secret ? app.passwordCredentials : app.keyCredentials).filter((one) => new Date(one.endDateTime) > now);
  // Graph keeps a secret's first three characters: enough to tell ours from its predecessor.
  const ours = all.filter((one) => secret !== undefined && one.hint && secret.startsWith(one.hint));
  const [next] = (ours.length > 0 ? ours : all).map((one) => new Date(one.endDateTime)).sort((a, b) => a.getTime() - b.getTime());
  return next === undefined ? [] : [untilCheck(system, what, next, now, mend)];
}
