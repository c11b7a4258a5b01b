/**
 * The mapping files, in zod: the one truth behind the types, the JSON Schema that editors use and the reference page.
 * Every field says what it is for, with its shape; `npm run generate` writes docs/mappings.md and mappings/*.schema.json.
 */
import type { z } from "zod";
import { adFile } from "./ad.ts";
import { entraFile } from "./entra.ts";
import { filesFile } from "./files.ts";
import { haloFile } from "./halo.ts";
import { haloUsersFile } from "./halo-users.ts";
import { peopleFile } from "./people.ts";
import { safetyFile } from "./safety.ts";
import { scriptsFile } from "./scripts.ts";
import { sourcesFile } from "./sources.ts";

export type { Condition } from "../language/words.ts";

export type PeopleFile = z.infer<typeof peopleFile>;
export type AdFile = z.infer<typeof adFile>;
export type EntraFile = z.infer<typeof entraFile>;
export type HaloFile = z.infer<typeof haloFile>;
export type HaloUsersFile = z.infer<typeof haloUsersFile>;
export type FilesFile = z.infer<typeof filesFile>;
export type SafetyFile = z.infer<typeof safetyFile>;
export type ScriptsFile = z.infer<typeof scriptsFile>;
export type SourcesFile = z.infer<typeof sourcesFile>;

/** File name → schema. ad, entra and halo may be left out: that system is then not managed. */
export const files = {
  people: peopleFile,
  ad: adFile,
  entra: entraFile,
  halo: haloFile,
  "halo-users": haloUsersFile,
  files: filesFile,
  safety: safetyFile,
  scripts: scriptsFile,
  sources: sourcesFile,
} as const;

/** All mapping files of a project, parsed, with the place of every value for reasons and errors. */
export interface Mappings {
  people: PeopleFile["people"];
  trust: PeopleFile["trust"];
  ad?: AdFile;
  entra?: EntraFile;
  halo?: HaloFile;
  /** halo-users.yaml: users, sites and clients of Halo; absent = not managed. */
  haloUsers?: HaloUsersFile;
  files?: FilesFile;
  safety: SafetyFile;
  /** The administrator's own commands; absent = there are none. */
  scripts?: ScriptsFile["scripts"];
  /** Other systems of record than Halo's users; absent = there are none. */
  sources?: SourcesFile["sources"];
  /** `mappings/ad.yaml:12` of a path such as `["ad", "accounts", 0, "ou"]`; the nearest parent when the path itself is a default. */
  at(path: readonly (string | number)[]): string;
  /** `sha256:<hex>` over the files' bytes. */
  digest: string;
  /** Fields of the Halo record that conditions and templates name (`title`, `custom.CFManager`). */
  fields: readonly string[];
  /** LDAP attributes that templates write or matching reads. */
  adAttributes: readonly string[];
}
