/** Role and team names → Halo's rows. Read once a client, and again when a name is missing: it may have been made since. */
import { rowsOf } from "../../../base/rows.ts";
import { once } from "../../../clients/halo/once.ts";
import { lookUp, type Words } from "../named.ts";
import type { Halo } from "../record.ts";
import { type Role, roleSchema, type Team, teamSchema } from "../rows.ts";

/** All roles: one call. */
export const roles = once(
  async (halo: Pick<Halo, "rows">): Promise<Role[]> => rowsOf(roleSchema, await halo.rows("Roles"), "Halo's roles"),
);

/** All teams, also switched-off ones: one call. */
export const teams = once(
  async (halo: Pick<Halo, "rows">): Promise<Team[]> =>
    rowsOf(teamSchema, await halo.rows("Team", { includeenabled: true, includedisabled: true, showall: true }), "Halo's teams"),
);

const words = (what: "role" | "team"): Words => ({
  what,
  several: () => `${what}s of that name; rename all but one in Halo`,
  mend: `correct mappings/halo.yaml or make the ${what} in Halo`,
});

/** The role of this name. @throws RefusedError with the nearest right name. */
export const roleNamed = (halo: Halo, name: string): Promise<Role> => lookUp(halo, roles, name, words("role"));
/** The team of this name. @throws RefusedError with the nearest right name. */
export const teamNamed = (halo: Halo, name: string): Promise<Team> => lookUp(halo, teams, name, words("team"));
