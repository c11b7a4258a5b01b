/** Rows as Graph shows them: $select honoured to the letter, licences computed, and what is unset null. */
import type { Csdl } from "../contracts/csdl.ts";
import type { Row } from "../web/json.ts";
import { malformed, Refused } from "./errors.ts";
import { errorKey, licenceErrors } from "./licence-errors.ts";
import { type Direct, directKey, type GraphState, inherited } from "./state.ts";

/** Given without $select (facts 2.1); everything else only when asked for. */
const defaults: Record<string, readonly string[]> = {
  user: [
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
  ],
  group: [
    ...[
      "id",
      "createdDateTime",
      "description",
      "displayName",
      "groupTypes",
      "mail",
      "mailEnabled",
      "mailNickname",
      "membershipRule",
      "membershipRuleProcessingState",
    ],
    ...["onPremisesSamAccountName", "onPremisesSyncEnabled", "proxyAddresses", "securityEnabled", "visibility"],
  ],
};

const collections = new Set([
  "businessPhones",
  "proxyAddresses",
  "otherMails",
  "groupTypes",
  "assignedLicenses",
  "licenseAssignmentStates",
  "assignedPlans",
  "identities",
  "appRoles",
  "verifiedDomains",
]);

function planStates(state: GraphState, licences: readonly Direct[]): Row[] {
  return licences.flatMap((licence) =>
    (state.skus.find((sku) => sku.id === licence.skuId)?.plans ?? [])
      .filter((plan) => !licence.disabledPlans.includes(plan.id))
      .map((plan) => ({ servicePlanId: plan.id, service: plan.name, capabilityStatus: "Enabled", assignedDateTime: null })),
  );
}

function licenceProperty(state: GraphState, row: Row, name: string): unknown {
  const own = (row[directKey] as Direct[] | undefined) ?? [];
  const through = inherited(state, String(row["id"]));
  const works = through.filter((licence) => licence.error === undefined);
  if (name === "assignedPlans") return planStates(state, [...own, ...works]);
  if (name === "assignedLicenses") {
    // Merged: one entry a SKU, with what is off in all of its assignments.
    const merged = new Map<string, string[]>();
    for (const { skuId, disabledPlans } of [...own, ...works])
      merged.set(skuId, merged.has(skuId) ? (merged.get(skuId) ?? []).filter((plan) => disabledPlans.includes(plan)) : disabledPlans);
    return [...merged].map(([skuId, disabledPlans]) => ({ skuId, disabledPlans }));
  }
  const shown = ({ error, ...licence }: Direct & { error?: string }, group: string | null): Row => ({
    skuId: licence.skuId,
    disabledPlans: licence.disabledPlans,
    assignedByGroup: group,
    state: error === undefined ? "Active" : "Error",
    error: error ?? "None",
    lastUpdatedDateTime: row["createdDateTime"] ?? null,
  });
  const failed = (licence: { skuId: string; group: string }): Row => {
    const error = licenceErrors(state).get(errorKey(licence.group, String(row["id"]), licence.skuId));
    return error === undefined ? {} : { state: "Error", error };
  };
  return [
    ...own.map((licence) => shown(licence, null)),
    ...through.map((licence) => ({ ...shown(licence, licence.group), ...failed(licence) })),
  ];
}

function property(state: GraphState, type: string, row: Row, name: string): unknown {
  if (type === "user" && ["licenseAssignmentStates", "assignedLicenses", "assignedPlans"].includes(name))
    return licenceProperty(state, row, name);
  if (name in row && row[name] !== undefined) return row[name];
  return collections.has(name) ? [] : null;
}

/** The properties asked for; undefined = the default set. A name that the type does not have is refused. */
export function selected(
  csdl: Csdl | undefined,
  type: string,
  select: string | null,
  complain: (what: string) => void,
): readonly string[] | undefined {
  if (select === null) return defaults[type];
  const names = select.split(",").map((name) => name.trim());
  for (const name of names) {
    if (name !== "*" && csdl && !csdl.property(type, name)) {
      complain(`$select names ${name}, which microsoft.graph.${type} does not have`);
      throw new Refused(
        malformed(`Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`),
      );
    }
  }
  return names.includes("*") ? undefined : names;
}

/** `type` is `user`, `group` or another; the row's own properties when nothing is selected and the type has no default set. */
export function view(state: GraphState, type: string, row: Row, names: readonly string[] | undefined): Row {
  const wanted = names ?? Object.keys(row).filter((name) => !name.startsWith("$"));
  return Object.fromEntries(wanted.map((name) => [name, property(state, type, row, name)]));
}
