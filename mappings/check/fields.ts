/** The fields that records of the people's source have, and the attributes of AD that the mappings name. No I/O. */
import { ENTRA_FIELDS } from "../language/entra-fields.ts";
import type { AdFile } from "../schema/ad.ts";
import type { PeopleFile } from "../schema/people.ts";
import type { SourcesFile } from "../schema/sources.ts";

/** What messages call a record of the people's source. */
export function recordOf(source: string): string {
  if (source === "halo.users") return "the Halo record";
  return source === "entra.users" ? "a user of Entra ID" : `the source ${source}`;
}

/** Undefined where only the source's answers tell: then every field is taken as it stands. `halo`: those of Halo's users. */
export function fieldsOf(source: string, sources: SourcesFile | undefined, halo: readonly string[]): readonly string[] | undefined {
  if (source === "halo.users") return halo;
  if (source === "entra.users") return [...ENTRA_FIELDS.keys()];
  const own = sources?.sources[source];
  if (own?.kind !== "rest" || own.endpoints.some((endpoint) => Object.keys(endpoint.columns).length === 0)) return undefined;
  return [...new Set(own.endpoints.flatMap((endpoint) => Object.keys(endpoint.columns).map((column) => endpoint.prefix + column)))];
}

/** Attributes that templates write or matching reads, each once whatever its case. */
export function attributesOf(people: PeopleFile, ad: AdFile | undefined): string[] {
  if (!ad) return [];
  const names = [...Object.keys(people.people.is.ad), ...Object.values(ad.attributes).flatMap((template) => Object.keys(template))];
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].sort();
}
