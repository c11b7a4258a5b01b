/**
 * What Northwind Ferries wants: who belongs in which group, has which licence, is an agent with which role. The sample systems
 * are seeded by these rules from what they knew last (`was`); mappings/ says the same in the product's own words.
 */
import type { Person, Post } from "./people.ts";

/** People of the change advisory board, by their Halo id. */
const board = new Set([103, 117, 142]);

/** Groups of AD under OU=Groups, and who belongs in them. */
export const groups: readonly { name: string; description: string; has: (post: Post, person: Person) => boolean }[] = [
  { name: "GG-AllStaff", description: "Everybody at Northwind Ferries", has: () => true },
  { name: "GG-Sales", description: "Sales", has: (post) => post.department === "Sales" },
  { name: "GG-ServiceDesk", description: "Service Desk", has: (post) => post.department === "Service Desk" },
  { name: "GG-Engineering", description: "Engineering", has: (post) => post.department === "Engineering" },
  { name: "GG-Finance", description: "Finance", has: (post) => post.department === "Finance" },
  {
    name: "GG-VPN",
    description: "May dial in",
    has: (post) => post.site !== "Lab" && (post.title.startsWith("Field") || post.department === "Engineering"),
  },
  { name: "GG-Change", description: "Change advice", has: (_post, person) => board.has(person.id) },
];

export const skus = {
  SPE_E3: "05e9a617-0261-4cee-bb44-138d3ef5d965",
  SPE_E5: "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
  POWER_BI_STANDARD: "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235",
  VISIOCLIENT: "c5928f49-12ba-48f7-ada3-0d743a3601d5",
} as const;

/** E5 for Engineering, E3 for everybody else. */
export const licenceOf = (post: Post): "SPE_E3" | "SPE_E5" => (post.department === "Engineering" ? "SPE_E5" : "SPE_E3");

/** Service desk and field engineers are agents; team leads of the service desk are on the second line as well. */
export function agentOf(post: Post): { roles: string[]; teams: string[]; team: string } | undefined {
  if (post.department === "Service Desk")
    return {
      roles: ["Service Desk"],
      teams: post.title === "Team Lead" ? ["First line", "Second line"] : ["First line"],
      team: "First line",
    };
  return post.title === "Field Engineer" ? { roles: ["Field Engineer"], teams: ["Onsite"], team: "Onsite" } : undefined;
}

/** Whether the systems still give somebody what their old post gives. */
export const hasAccess = (person: Person): boolean => ["steady", "mover", "leaver", "mailOnly", "absent"].includes(person.situation);

/** Whether somebody is in groups: who is only in AD is in none that haloform would look after. */
export const inGroups = (person: Person): boolean => hasAccess(person) && person.situation !== "absent";

/** Whether AD has an account. */
export const hasAccount = (person: Person): boolean => person.situation !== "joiner" && person.situation !== "forgotten";

/** userPrincipalName, in AD and Entra alike; mail goes to `email`. */
export const principalName = (person: Person): string => `${person.login}@corp.example.com`;
