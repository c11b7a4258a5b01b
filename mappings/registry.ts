/** The mapping files there are: one more is a file of its own in files/ and a line here. The order is that of messages and pages. */
import type { z } from "zod";
import type { Entry, MappingFile } from "./define.ts";
import { ad } from "./files/ad.ts";
import { approvals } from "./files/approvals.ts";
import { entra } from "./files/entra.ts";
import { files } from "./files/files.ts";
import { halo } from "./files/halo.ts";
import { haloUsers } from "./files/halo-users.ts";
import { people } from "./files/people.ts";
import { safety } from "./files/safety.ts";
import { scripts } from "./files/scripts.ts";
import { sources } from "./files/sources.ts";
import { keysOf } from "./text/walk.ts";

const registered = [people, ad, entra, halo, haloUsers, files, safety, approvals, scripts, sources] as const;

export const registry: readonly MappingFile[] = registered;

type File = (typeof registered)[number];
/** There is always something to go by: the file is needed, or has defaults. */
type Needed = Extract<File, { whenMissing: { refused: string } | { defaults: true } }>;
type Part<F> = F extends MappingFile<infer S, infer K> ? ([K] extends [never] ? z.infer<S> : { [key in K]: z.infer<S> }) : never;
type All<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/** What the files say, by the keys of their definitions; a file that may be missing and is leaves its own out. */
export type Contents = All<Part<Needed>> & Partial<All<Part<Exclude<File, Needed>>>>;

/** A file of the registry as it stands in `Mappings`; undefined where it is not there. */
export function contentOf({ key, schema }: MappingFile, mappings: Contents): Entry | undefined {
  const all: Entry = { ...mappings };
  if (key !== undefined) return all[key] as Entry | undefined;
  const sections = keysOf(schema).filter((section) => all[section] !== undefined);
  return sections.length === 0 ? undefined : Object.fromEntries(sections.map((section) => [section, all[section]]));
}

/** The names of the files that are there, or whose defaults count. */
export function filesIn(mappings: Contents): string[] {
  return registry.filter((file) => contentOf(file, mappings)).map(({ name }) => name);
}
