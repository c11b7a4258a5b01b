/**
 * The stable releases of Halo that the server can be, and what each has that the one before has not. Sources: a production instance
 * of 2.236.133 in October 2026 with its contract of 927 paths, and a newer trial's of 961 (public recordings of a client's makers);
 * Halo's contracts of 2024 and of March 2025; its guide on API keys (since 2.212). Which release brought what stands in the contract
 * of 2.236 and not in that of March 2025 is not recorded: here it is 2.236.
 */
export const haloVersions = ["2.196", "2.236", "2.250"] as const;
export type HaloVersion = (typeof haloVersions)[number];
export const newestHalo: HaloVersion = "2.250";

/** The first of the releases that has it: properties of a POST, columns of lists, parameters, paths, ways to sign in. */
const since = {
  add_members: "2.236",
  edit_members: "2.236",
  delete_members: "2.236",
  add_teams: "2.236",
  edit_teams: "2.236",
  delete_teams: "2.236",
  add_departments: "2.236",
  edit_departments: "2.236",
  delete_departments: "2.236",
  _remove_license_id: "2.236",
  /** `azureoid`, `email2`, `email3` in rows of /Users, in place of `azure_id`. */
  listedEntraId: "2.236",
  /** `lastupdate` in rows of /Users. */
  lastupdate: "2.236",
  include_custom_fields: "2.236",
  sailPoint: "2.236",
  apiKeys: "2.236",
  deprecatedFields: "2.250",
} as const satisfies Record<string, HaloVersion>;
export type HaloAbility = keyof typeof since;

/** Whether a server of this release has it; what the table does not name, every release has. */
export function has(version: HaloVersion, ability: string): boolean {
  const first = Object.hasOwn(since, ability) ? since[ability as HaloAbility] : haloVersions[0];
  return haloVersions.indexOf(version) >= haloVersions.indexOf(first);
}

/** `app_version` of /InstanceInfo: the build is ours. */
export const buildOf = (version: HaloVersion): string => `${version}.133`;
/** `database_version` of /InstanceInfo. */
export const databaseOf = (version: HaloVersion): string => version.replace(".", "");
