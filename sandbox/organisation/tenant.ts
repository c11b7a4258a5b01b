/** Northwind Ferries as Entra ID has it beside what Entra Connect brings: licences, cloud groups, cloud accounts. */
import { guidOf } from "../random.ts";
import type { Person } from "./people.ts";
import { hasAccess, inGroups, licenceOf, principalName, skus } from "./policy.ts";

export interface SeedPlan {
  name: string;
  id: string;
  /** Names of plans of which none may be on beside this one. */
  excludes?: string[];
  /** Names of plans this one needs. */
  needs?: string[];
}

export interface SeedSku {
  partNumber: string;
  id: string;
  enabled: number;
  plans: SeedPlan[];
}

export interface SeedGroup {
  name: string;
  description: string;
  kind: "cloud" | "synced" | "dynamic";
  /** userPrincipalNames. */
  members: string[];
  /** Part numbers given to every member. */
  licences?: string[];
}

export interface TenantSeed {
  skus: SeedSku[];
  groups: SeedGroup[];
  /** Direct licences by userPrincipalName. */
  licences: { user: string; sku: string; without: string[] }[];
  /** Cloud accounts, which do not come from AD. */
  accounts: { userPrincipalName: string; displayName: string }[];
  usageLocation: string;
}

const plan = (name: string, more: Omit<SeedPlan, "name" | "id"> = {}): SeedPlan => ({ name, id: guidOf("plan", name), ...more });
const exchange: SeedPlan = { name: "EXCHANGE_S_ENTERPRISE", id: "efb87545-963c-4e0d-99df-69c6916d9eb0" };
const common = [
  exchange,
  plan("SHAREPOINTENTERPRISE"),
  plan("SHAREPOINTWAC", { needs: ["SHAREPOINTENTERPRISE"] }),
  plan("TEAMS1"),
  plan("YAMMER_ENTERPRISE"),
  plan("MCOSTANDARD"),
  plan("INTUNE_A"),
];

/** Numbers grow with the organisation: there is room for all. */
function skuSeed(people: number): SeedSku[] {
  const share = (of: number): number => Math.ceil(people * of) + 5;
  return [
    {
      partNumber: "SPE_E3",
      id: skus.SPE_E3,
      enabled: share(0.95),
      plans: [...common, plan("BPOS_S_TODO_2", { excludes: ["BPOS_S_TODO_3"] })],
    },
    {
      partNumber: "SPE_E5",
      id: skus.SPE_E5,
      enabled: share(0.25),
      plans: [
        ...common,
        plan("BPOS_S_TODO_3", { excludes: ["BPOS_S_TODO_2"] }),
        plan("MCOEV", { needs: ["MCOSTANDARD"] }),
        plan("THREAT_INTELLIGENCE"),
      ],
    },
    { partNumber: "POWER_BI_STANDARD", id: skus.POWER_BI_STANDARD, enabled: 1_000_000, plans: [plan("BI_AZURE_P0")] },
    { partNumber: "VISIOCLIENT", id: skus.VISIOCLIENT, enabled: 10, plans: [plan("VISIO_CLIENT_SUBSCRIPTION"), plan("VISIOONLINE")] },
  ];
}

export function tenantSeed(people: readonly Person[]): TenantSeed {
  const held = people.filter(hasAccess);
  // The first three of the offices have their E3 through a group and not directly.
  const throughGroup = held.filter((person) => person.situation === "steady" && licenceOf(person.was) === "SPE_E3").slice(0, 3);
  const visio = held.filter((person) => person.was.title === "Draughtsperson").slice(0, 4);
  const licences: TenantSeed["licences"] = [];
  for (const person of held) {
    if (!throughGroup.includes(person)) licences.push({ user: principalName(person), sku: licenceOf(person.was), without: [] });
    if (person.was.department === "Finance") licences.push({ user: principalName(person), sku: "POWER_BI_STANDARD", without: [] });
  }
  const upns = (list: readonly Person[]): string[] => list.map(principalName);
  return {
    skus: skuSeed(people.length),
    licences,
    groups: [
      {
        name: "SG-Intranet",
        description: "Everybody who reads the intranet",
        kind: "cloud",
        members: upns(held.filter(inGroups)),
      },
      { name: "LIC-Visio", description: "Gives Visio to its members", kind: "cloud", members: upns(visio), licences: ["VISIOCLIENT"] },
      {
        name: "LIC-Office",
        description: "Gives Microsoft 365 E3 to its members",
        kind: "cloud",
        members: upns(throughGroup),
        licences: ["SPE_E3"],
      },
      { name: "SYNC-Printers", description: "From AD: may print", kind: "synced", members: upns(held.slice(0, 5)) },
      {
        name: "DYN-Engineering",
        description: "Everybody whose department is Engineering",
        kind: "dynamic",
        members: upns(held.filter((person) => person.was.department === "Engineering")),
      },
    ],
    accounts: [
      { userPrincipalName: "breakglass@northwind.example.com", displayName: "Break glass" },
      { userPrincipalName: "auditor@northwind.example.com", displayName: "Outside auditor" },
    ],
    usageLocation: "GB",
  };
}
