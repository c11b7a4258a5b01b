/**
 * What Northwind Ferries wants: who belongs in which group, has which licence, is an agent with which role. The sample systems
 * are seeded by these rules from what they knew last (`was`); mappings/ says the same in the product's own words.
 */
import type { Person, Post } from "./people.ts";

/** Groups of AD under OU=Groups, and who belongs in them. */
export const groups: readonly { name: string; description: string; has: (post: Post, person: Person) => boolean }[] = [
  { name: "GG-AllStaff", description: "Everybody at Northwind Ferries", has: () => true },
  { name: "GG-Sales", description: "Sales", has: (post) => post.department === "Sales" },
  { name: "GG-ServiceDesk", description: "Service Desk", has: (post) => post.department === "Service Desk" },
  { name: "GG-Engineering", description: "Engineering", has: (post) => post.department === "Engineering" },
  { name: "GG-Finance", description: "Finance", has: (post) => post.department === "Finance" },
  { name: "GG-VPN", description: "May dial in", has: (post) => post.title.startsWith("Field") || post.department === "Sales" },
  { name: "GG-Change", description: "Change advice", has: (post) => post.title === "Team Lead" },
];

export const skus = {
  SPE_E3: "05e9a617-0261-4cee-bb44-138d3ef5d965",
  SPE_E5: "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
  POWER_BI_STANDARD: "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235",
  VISIOCLIENT: "c5928f49-12ba-48f7-ada3-0d743a3601d5",
} as const;

/** E5 for Engineering, E3 (without Yammer) for the offices, none for Operations. */
export function licenceOf(post: Post): { sku: keyof typeof skus; without: string[] } | undefined {
  if (post.department === "Engineering") return { sku: "SPE_E5", without: [] };
  return post.department === "Operations" ? undefined : { sku: "SPE_E3", without: ["YAMMER_ENTERPRISE"] };
}

/** Service desk and field engineers are agents; team leads of the service desk are on the second line. */
export function agentOf(post: Post): { roles: string[]; teams: string[]; team: string } | undefined {
  if (post.department === "Service Desk") {
    const team = post.title === "Team Lead" ? "Second line" : "First line";
    return { roles: ["Service Desk"], teams: [team], team };
  }
  return post.title === "Field Engineer" ? { roles: ["Field Engineer"], teams: ["Onsite"], team: "Onsite" } : undefined;
}

/** Members of the cloud group SG-Intranet. */
export const onIntranet = (post: Post): boolean => post.department !== "Operations";

/** Whether the systems still give somebody what their old post gives. */
export const hasAccess = (person: Person): boolean => ["steady", "mover", "leaver", "mailOnly", "absent"].includes(person.situation);
/** Whether AD has an account. */
export const hasAccount = (person: Person): boolean => person.situation !== "joiner" && person.situation !== "forgotten";
