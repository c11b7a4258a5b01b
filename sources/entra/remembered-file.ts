/** People of an earlier read of Entra ID, on this machine: people's data, so readable by this user alone, and never in git. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../../base/private-file.ts";
import { entraRow } from "./rows.ts";

const row = z.unknown().transform((given, context) => {
  const known = entraRow(given);
  if (known) return known;
  context.addIssue({ code: "custom", message: "no user" });
  return z.NEVER;
});

const file = z.object({
  format: z.literal("haloform.entra-people/1"),
  /** Digest of where was read and what was asked for. */
  of: z.string(),
  /** When everything was last read, UTC ISO 8601. */
  full: z.iso.datetime(),
  /** Reads since then. */
  runs: z.number().int().min(0),
  /** Why nothing is remembered until `--full`: a full read showed that Entra ID's changes do not tell everything. */
  off: z.string().optional(),
  /** Where to go on from in Graph's changes. */
  links: z.object({ users: z.string().optional(), groups: z.string().optional() }),
  users: z.array(row),
  groups: z.array(z.object({ id: z.string(), name: z.string(), members: z.array(z.string()) })),
  /** Ids of those who were deleted since: nobody's manager while they are. */
  removed: z.array(z.string()),
});
export type PeopleFile = z.infer<typeof file>;

/** Where a stack's people of Entra ID are kept below haloform's home. */
export function peopleFile(home: string, stack: string): string {
  return join(home, "sources", `${stack}-entra-people.json`);
}

/** What was kept; undefined when there is nothing, or nothing that can be used: then everything is read. */
export function loadPeople(path: string): PeopleFile | undefined {
  try {
    return file.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Writes in one step, 0600. What cannot be written (a full disk) is only read again. */
export function savePeople(path: string, content: Omit<PeopleFile, "format">): void {
  try {
    writePrivate(path, JSON.stringify({ format: "haloform.entra-people/1", ...content }));
  } catch {
    // The next run reads everything: slower, never wrong.
  }
}
