/** The tenant itself, for checks of a connection: organization, service principals and what they were consented to. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { enterprise } from "./apps.ts";
import { type GraphContext, page } from "./context.ts";
import { notFound, Refused } from "./errors.ts";
import { parseFilter } from "./filter.ts";
import { skuRow } from "./licences.ts";
import type { GraphApp } from "./token.ts";

/** Ids of Microsoft Graph's own application permissions. */
const permissions: Record<string, string> = {
  "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
  "User.ReadWrite.All": "741f803b-c850-494e-b5df-cde7c675a1ca",
  "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
  "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09",
  "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
  "GroupMember.ReadWrite.All": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
  "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
  "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
};
/** Those, and for others an id that is the same every time. */
const permissionId = (name: string): string => permissions[name] ?? guidOf("permission", name);

const graphAppId = "00000003-0000-0000-c000-000000000000";
const graphId = guidOf("servicePrincipal", graphAppId);

function principals(apps: readonly GraphApp[]): Row[] {
  const names = [...new Set([...Object.keys(permissions), ...apps.flatMap((app) => app.roles)])];
  return [
    {
      id: graphId,
      appId: graphAppId,
      displayName: "Microsoft Graph",
      accountEnabled: true,
      servicePrincipalType: "Application",
      appRoles: names.map((value) => ({ id: permissionId(value), value, isEnabled: true, allowedMemberTypes: ["Application"] })),
    },
    ...apps.map((app) => ({
      id: guidOf("servicePrincipal", app.id),
      appId: app.id,
      displayName: app.name,
      accountEnabled: true,
      servicePrincipalType: "Application",
      appRoles: [],
    })),
  ];
}

export function listPrincipals(call: GraphContext, apps: readonly GraphApp[]): Reply {
  let rows = [...principals(apps), ...enterprise(call.state).principals];
  const filter = call.query.get("$filter");
  if (filter !== null) {
    const exists = (name: string): boolean => call.csdl === undefined || call.csdl.property("servicePrincipal", name) !== undefined;
    rows = rows.filter(
      parseFilter(filter, {
        allowed: new Set(["id", "appId", "displayName"]),
        exists,
        resource: "ServicePrincipal",
        advanced: false,
        value: (row, name) => row[name],
      }),
    );
  }
  return page(call, "servicePrincipal", "/servicePrincipals", rows);
}

const principalOf = (call: GraphContext, apps: readonly GraphApp[]): Row => {
  const key = call.parameters["id"] ?? "";
  const row = [...principals(apps), ...enterprise(call.state).principals].find(
    (known) => known[call.alternate === "appId" ? "appId" : "id"] === key,
  );
  if (!row) throw new Refused(notFound(key));
  return row;
};

export function getPrincipal(call: GraphContext, apps: readonly GraphApp[]): Reply {
  const names = call.query.get("$select")?.split(",");
  const row = principalOf(call, apps);
  return { status: 200, body: names ? Object.fromEntries(names.map((name) => [name, row[name] ?? null])) : row };
}

export function listAssignments(call: GraphContext, apps: readonly GraphApp[]): Reply {
  const principal = principalOf(call, apps);
  const app = apps.find((known) => known.id === principal["appId"]);
  const rows = (app?.roles ?? []).map((role) => ({
    ...{
      id: guidOf("assignment", app?.id ?? "", role),
      appRoleId: permissionId(role),
      principalId: principal["id"],
      principalDisplayName: app?.name,
      principalType: "ServicePrincipal",
    },
    ...{ resourceId: graphId, resourceDisplayName: "Microsoft Graph" },
  }));
  return page(call, "appRoleAssignment", `/servicePrincipals/${String(principal["id"])}/appRoleAssignments`, rows);
}

/** `$filter` and paging are not for this one. */
export function listSkus(call: GraphContext): Reply {
  for (const name of call.query.keys()) if (name !== "$select") call.complain(`GET /subscribedSkus does not take ${name}`);
  return page(
    { ...call, query: new URLSearchParams([...call.query].filter(([name]) => name === "$select")) },
    "subscribedSku",
    "/subscribedSkus",
    call.state.skus.map((sku) => skuRow(call, sku)),
  );
}

export function listOrganization(call: GraphContext, tenant: string): Reply {
  const domains = ["corp.example.com", "northwind.example.com"].map((name, index) => ({
    name,
    isDefault: index === 0,
    isInitial: index === 1,
    isVerified: true,
  }));
  const synced = new Date(call.now() - 60_000).toISOString();
  const row: Row = {
    id: tenant,
    displayName: "Northwind Ferries",
    countryLetterCode: "GB",
    onPremisesSyncEnabled: true,
    onPremisesLastSyncDateTime: synced,
    verifiedDomains: domains,
  };
  return page(call, "organization", "/organization", [row]);
}
