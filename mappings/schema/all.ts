/** What the mapping files of a project say, as types. Which files there are is said in registry.ts, what may stand in one beside this. */
import type { Contents } from "../registry.ts";

export type { Condition } from "../language/words.ts";
export type { AdFile } from "./ad.ts";
export type { EntraFile } from "./entra.ts";
export type { FilesFile } from "./files.ts";
export type { HaloFile } from "./halo.ts";
export type { HaloUsersFile } from "./halo-users.ts";
export type { SafetyFile } from "./safety.ts";

/** All mapping files of a project, parsed, with the place of every value for reasons and errors. What has no file is absent, and not managed. */
export interface Mappings extends Contents {
  /** `mappings/ad.yaml:12` of a path such as `["ad", "accounts", 0, "ou"]`; the nearest parent when the path itself is a default. */
  at(path: readonly (string | number)[]): string;
  /** `sha256:<hex>` over the files' bytes, common ones too. */
  digest: string;
  /** Where a client is protected less than the common files say, and why: a sentence each; absent where it is nowhere. */
  looser?: readonly string[];
  /** Fields of the Halo record that conditions and templates name (`title`, `custom.CFManager`). */
  fields: readonly string[];
  /** Where each of them is named: `mappings/ad.yaml:12`. */
  named?: ReadonlyMap<string, readonly string[]>;
  /** LDAP attributes that templates write or matching reads. */
  adAttributes: readonly string[];
}
