/**
 * The least that Halo's application and its agent must be allowed for what is turned on. What an application may do is the smaller
 * of two things: its scopes, and the rights of the agent it logs in as. Pure.
 */

/** How much of an area is needed. */
export type Access = "none" | "read" | "write";

/** What haloform does in Halo, area by area. */
export interface HaloUse {
  /** Users, with their sites and clients. */
  users: Access;
  /** Agents, roles, teams, change advisory boards: Halo lets only administrators write them. */
  agents: Access;
  assets: Access;
  tickets: Access;
  /** Software licences and who has them. */
  licences: Access;
}

export interface HaloRights {
  /** Names of scopes, least first. There is none for users or agents: asking for one gives invalid_scope. */
  scopes: string[];
  /** Whether the agent must be an administrator. */
  administrator: boolean;
  /** Access levels of the agent's role, by the area's name in Halo. */
  role: { area: string; access: "Read Only" | "Read and Modify" }[];
}

/**
 * By area: the scopes for it (none for agents: administrators alone write them), and what Halo calls it. `User Access Level` and
 * `Assets Access Level` are the words of its console (a role's Permissions, Feature Access); of the others none are known for certain.
 */
const areas = {
  users: { scope: "customers", name: "User Access Level" },
  agents: { scope: undefined, name: "Agents, roles, teams and CABs" },
  assets: { scope: "assets", name: "Assets Access Level" },
  tickets: { scope: "tickets", name: "Tickets" },
  licences: { scope: "softwarelicensing", name: "Software licences" },
} as const;
const levels = { read: "Read Only", write: "Read and Modify" } as const;

/** What is read only, where it would be written: for the identity that previews. */
export function readingOnly({ users, agents, assets, tickets, licences }: HaloUse): HaloUse {
  const less = (access: Access): Access => (access === "none" ? "none" : "read");
  return { users: less(users), agents: less(agents), assets: less(assets), tickets: less(tickets), licences: less(licences) };
}

export function rightsFor(use: HaloUse): HaloRights {
  const administrator = use.agents === "write";
  const used = (Object.keys(areas) as (keyof HaloUse)[]).flatMap((area) => {
    const access = use[area];
    return access === "none" ? [] : [{ access, ...areas[area] }];
  });
  const scopes = used.flatMap(({ access, scope }) => (scope ? [`${access === "write" ? "edit" : "read"}:${scope}`] : []));
  const wished = [...(administrator ? ["admin"] : []), ...scopes];
  return {
    // Without any scope Halo refuses every later call.
    scopes: wished.length > 0 ? wished : ["read:customers"],
    administrator,
    role: used.map(({ access, name }) => ({ area: name, access: levels[access] })),
  };
}

/** The scopes that are needed and not asked for; `all` holds everything, `all:standard` everything but administration. */
export function lackingScopes(asked: string, needed: readonly string[]): string[] {
  const have = new Set(asked.split(/\s+/u).filter((scope) => scope !== ""));
  return needed.filter((scope) => {
    if (have.has("all") || have.has(scope)) return false;
    if (scope === "admin") return true;
    return !(have.has("all:standard") || have.has(scope.replace(/^read:/u, "edit:")));
  });
}
