/** What the middle and the plan know of each resource type besides its inputs: when it is applied, and how it is worded. */
import type { System } from "../../providers/core/definition.ts";

/**
 * The types of a system, in the order they are read. Waves (stacks/model/types.ts): -1 what comes before accounts (scripts "before"),
 * 0 organizational units and roles, 1 accounts, 2 groups, licences, agents, photos and folders, 3 what comes after all of them
 * (scripts "after").
 */
export const typesOf: { readonly [system in System]: readonly string[] } = {
  ad: ["ad:OrganizationalUnit", "ad:User", "ad:Contact", "ad:Computer", "ad:Group", "ad:Photo"],
  entra: ["entra:User", "entra:Licence", "entra:Group", "entra:AppAssignment", "entra:Mailbox", "entra:AutomaticReplies", "entra:Photo"],
  halo: [
    "halo:Client",
    "halo:Site",
    "halo:User",
    "halo:Role",
    "halo:Agent",
    "halo:Team",
    "halo:ChangeAdvisoryBoard",
    "halo:Licence",
    "halo:Ticket",
    "halo:Asset",
  ],
  files: ["files:HomeFolder"],
  script: ["script:Run"],
};

/** Inputs that are sets: compared member by member, in any order (`skus:sku`: by that key). */
export const sets = [
  "members",
  "owners",
  "licences:sku",
  "may",
  "skus:sku",
  "of",
  "of.roles",
  "of.teams",
  "roles",
  "teams",
  "permissions:type",
  "users",
];

/** Inputs that say how, not what: a reader of the plan does not need them. */
export const silent =
  /^(?:person$|through(?:\.|$)|leaving(?:\.|$)|hybrid$|as$|of(?:\.|$)|mode$|create$|privileged$|additive$|syntax(?:\.|$))/u;

/** Types whose members are people: the plan lists each membership with its person. */
export const groupTypes: ReadonlySet<string> = new Set([
  "ad:Group",
  "entra:Group",
  "entra:AppAssignment",
  "halo:Team",
  "halo:ChangeAdvisoryBoard",
]);
