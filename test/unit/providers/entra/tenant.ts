/** A tenant small enough to read: users with licences, groups with members, kept in memory behind the scripted server. */
import { randomUUID } from "node:crypto";
import { graphProblem, type Script, type Scripted, type Seen } from "../../clients/graph/graph-server.ts";

export interface TenantUser {
  id: string;
  userPrincipalName: string;
  usageLocation?: string | null;
  onPremisesImmutableId?: string;
  onPremisesSyncEnabled?: boolean;
  department?: string;
  licenseAssignmentStates: { skuId: string; disabledPlans: string[]; assignedByGroup: string | null; state: string; error: string }[];
}
export interface TenantGroup {
  id: string;
  displayName: string;
  description?: string | null;
  groupTypes?: string[];
  mailEnabled?: boolean;
  securityEnabled?: boolean;
  onPremisesSyncEnabled?: boolean | null;
  isAssignableToRole?: boolean;
  uniqueName?: string;
  members: string[];
}

export const E3 = "05e9a617-0261-4cee-bb44-138d3ef5d965";
export const E5 = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
export const YAMMER = "7547a3fe-08ee-4ccb-b430-5077c5041653";
export const TEAMS = "57ff2da0-773e-42df-b2af-ffb7a2317929";

export interface Tenant {
  users: Map<string, TenantUser>;
  groups: Map<string, TenantGroup>;
  owned: Map<string, number>;
  /** Answers instead, when it answers. */
  instead: ((request: Seen) => Scripted | undefined) | undefined;
  page: number;
  script: Script;
  user(values: Partial<TenantUser> & { id: string }): TenantUser;
  give(user: string, sku: string, facts?: { group?: string; without?: string[]; state?: string; error?: string }): void;
}

export function makeTenant(): Tenant {
  const users = new Map<string, TenantUser>();
  const groups = new Map<string, TenantGroup>();
  const owned = new Map([
    [E3, 25],
    [E5, 5],
  ]);
  const used = (sku: string): number =>
    [...users.values()].filter((one) => one.licenseAssignmentStates.some((state) => state.skuId === sku && state.state === "Active"))
      .length;
  const sku = (skuId: string, skuPartNumber: string) => ({
    skuId,
    skuPartNumber,
    appliesTo: "User",
    capabilityStatus: "Enabled",
    consumedUnits: used(skuId),
    prepaidUnits: { enabled: owned.get(skuId) ?? 0, warning: 0, suspended: 0, lockedOut: 0 },
    servicePlans: [
      { servicePlanId: YAMMER, servicePlanName: "YAMMER_ENTERPRISE", provisioningStatus: "Success", appliesTo: "User" },
      { servicePlanId: TEAMS, servicePlanName: "TEAMS1", provisioningStatus: "Success", appliesTo: "User" },
    ],
  });

  const assign = (
    user: TenantUser,
    body: { addLicenses: { skuId: string; disabledPlans: string[] }[]; removeLicenses: string[] },
  ): Scripted => {
    if (!Array.isArray(body.addLicenses) || !Array.isArray(body.removeLicenses))
      return graphProblem(400, "Request_BadRequest", "both arrays are required");
    if (body.addLicenses.length > 0 && !user.usageLocation)
      return graphProblem(400, "Request_BadRequest", "License assignment cannot be done for user with invalid usage location.");
    for (const id of body.removeLicenses) {
      const states = user.licenseAssignmentStates.filter((one) => one.skuId === id);
      if (!states.some((one) => one.assignedByGroup === null))
        return graphProblem(
          400,
          "Request_BadRequest",
          states.length > 0
            ? "User license is inherited from a group membership and it cannot be removed directly from the user."
            : "User does not have a corresponding license.",
        );
    }
    for (const { skuId } of body.addLicenses) {
      if (!owned.has(skuId))
        return graphProblem(400, "Request_BadRequest", `License ${skuId} does not correspond to a valid company License.`);
      const has = user.licenseAssignmentStates.some((one) => one.skuId === skuId);
      if (!has && used(skuId) >= (owned.get(skuId) ?? 0))
        return graphProblem(400, "Request_BadRequest", `Subscription with SKU ${skuId} does not have any available licenses.`);
    }
    const gone = new Set([...body.removeLicenses, ...body.addLicenses.map((one) => one.skuId)]);
    user.licenseAssignmentStates = user.licenseAssignmentStates.filter((one) => one.assignedByGroup !== null || !gone.has(one.skuId));
    for (const { skuId, disabledPlans } of body.addLicenses)
      user.licenseAssignmentStates.push({ skuId, disabledPlans, assignedByGroup: null, state: "Active", error: "None" });
    return { status: 200, body: { id: user.id } };
  };

  const paged = (rows: unknown[], request: Seen): Scripted => {
    const url = new URL(`https://localhost${request.path}`);
    const from = Number(url.searchParams.get("$skiptoken") ?? 0);
    url.searchParams.set("$skiptoken", String(from + tenant.page));
    const more = from + tenant.page < rows.length ? { "@odata.nextLink": `${tenant.origin}${url.pathname}${url.search}` } : {};
    return { status: 200, body: { value: rows.slice(from, from + tenant.page), ...more } };
  };

  const answer = (request: Seen): Scripted => {
    const instead = tenant.instead?.(request);
    if (instead) return instead;
    const url = new URL(`https://localhost${request.path}`);
    const parts = decodeURIComponent(url.pathname).split("/").slice(2);
    const [kind = "", id = "", verb = "", member = "", ref = ""] = parts;
    const route = `${request.method} ${kind}${id ? "/{id}" : ""}${verb ? `/${verb}` : ""}${member ? `/${member === "$ref" ? "$ref" : "{id}"}` : ""}${ref ? `/${ref}` : ""}`;
    if (route === "GET subscribedSkus")
      return url.search.includes("$top")
        ? graphProblem(400, "Request_UnsupportedQuery", "no paging")
        : { status: 200, body: { value: [sku(E3, "SPE_E3"), sku(E5, "SPE_E5")] } };
    if (route === "GET users") {
      const wanted = /onPremisesImmutableId eq '([^']+)'/u.exec(url.searchParams.get("$filter") ?? "")?.[1];
      return paged(
        [...users.values()].filter((one) => wanted === undefined || one.onPremisesImmutableId === wanted),
        request,
      );
    }
    const user = users.get(id);
    if (kind === "users" && !user)
      return graphProblem(
        404,
        "Request_ResourceNotFound",
        `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
      );
    if (route === "GET users/{id}") return { status: 200, body: user };
    if (route === "PATCH users/{id}" && user) {
      Object.assign(user, request.body);
      return { status: 204 };
    }
    if (route === "POST users/{id}/assignLicense" && user) return assign(user, request.body as Parameters<typeof assign>[1]);
    if (route === "GET groups")
      return paged(
        [...groups.values()].map(({ members: _members, ...one }) => one),
        request,
      );
    const key = /^groups\(uniqueName='(.+)'\)$/u.exec(kind)?.[1];
    if (key !== undefined) {
      let found = [...groups.values()].find((one) => one.uniqueName === key);
      if (request.method === "GET")
        return found ? { status: 200, body: { id: found.id } } : graphProblem(404, "Request_ResourceNotFound", "none");
      if (found) {
        Object.assign(found, request.body);
        return { status: 204 };
      }
      if (request.headers["Prefer"] !== "create-if-missing" && request.headers["prefer"] !== "create-if-missing")
        return graphProblem(404, "Request_ResourceNotFound", "none");
      found = { id: randomUUID(), uniqueName: key, members: [], ...(request.body as { displayName: string }) };
      groups.set(found.id, found);
      return { status: 201, body: { id: found.id } };
    }
    const group = groups.get(id);
    if (kind !== "groups" || !group) return graphProblem(404, "Request_ResourceNotFound", `no route ${route}`);
    const last = (address: string): string => address.split("/").at(-1) ?? "";
    if (route === "GET groups/{id}/members")
      return paged(
        group.members.map((one) => ({ "@odata.type": "#microsoft.graph.user", id: one })),
        request,
      );
    if (route === "GET groups/{id}") return { status: 200, body: { ...group, members: undefined } };
    if (route === "PATCH groups/{id}") {
      const { "members@odata.bind": bind, ...rest } = request.body as { "members@odata.bind"?: string[] };
      const added = (bind ?? []).map(last);
      if (added.length > 20 || added.some((one) => group.members.includes(one)))
        return graphProblem(
          400,
          "Request_BadRequest",
          "One or more added object references already exist for the following modified properties: 'members'.",
        );
      if (added.some((one) => !users.has(one)))
        return graphProblem(
          404,
          "Request_ResourceNotFound",
          "Resource does not exist or one of its queried reference-property objects are not present.",
        );
      Object.assign(group, rest);
      group.members.push(...added);
      return { status: 204 };
    }
    if (route === "POST groups/{id}/members/$ref") {
      const one = last((request.body as { "@odata.id": string })["@odata.id"]);
      if (group.members.includes(one))
        return graphProblem(
          400,
          "Request_BadRequest",
          "One or more added object references already exist for the following modified properties: 'members'.",
        );
      if (!users.has(one))
        return graphProblem(
          404,
          "Request_ResourceNotFound",
          `Resource '${one}' does not exist or one of its queried reference-property objects are not present.`,
        );
      group.members.push(one);
      return { status: 204 };
    }
    if (route === "DELETE groups/{id}/members/{id}/$ref") {
      if (!group.members.includes(member))
        return graphProblem(
          404,
          "Request_ResourceNotFound",
          `Resource '${member}' does not exist or one of its queried reference-property objects are not present.`,
        );
      group.members = group.members.filter((one) => one !== member);
      return { status: 204 };
    }
    return graphProblem(400, "Request_BadRequest", `no route ${route}`);
  };

  const tenant: Tenant & { origin: string } = {
    origin: "",
    users,
    groups,
    owned,
    instead: undefined,
    page: 999,
    script: (request) => (request.path === "/v1.0/$batch" ? { status: 0 } : answer(request)),
    user(values) {
      const user: TenantUser = {
        userPrincipalName: `${values.id}@corp.example.com`,
        usageLocation: "GB",
        licenseAssignmentStates: [],
        ...values,
      };
      users.set(user.id, user);
      return user;
    },
    give(user, skuId, { group, without = [], state = "Active", error = "None" } = {}) {
      users.get(user)?.licenseAssignmentStates.push({ skuId, disabledPlans: without, assignedByGroup: group ?? null, state, error });
    },
  };
  return tenant;
}
