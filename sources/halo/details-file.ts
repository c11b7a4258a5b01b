/** Details of an earlier read of Halo, on this machine: people's data, so readable by this user alone, and never in git. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../../base/private-file.ts";

const file = z.object({
  format: z.literal("haloform.halo-details/1"),
  /** Digest of where was read and what was asked for. */
  of: z.string(),
  /** When everything was last read, UTC ISO 8601. */
  full: z.iso.datetime(),
  /** Reads since then. */
  runs: z.number().int().min(0),
  /** Why nothing is remembered until `--full`: a full read showed that Halo's lists do not tell of changes. */
  off: z.string().optional(),
  /** `Users/101` → the digest of its row in the list, and what is kept of its details. */
  kept: z.record(z.string(), z.object({ list: z.string(), row: z.record(z.string(), z.json()) })),
});
export type DetailsFile = z.infer<typeof file>;

/** Where a stack's details are kept below haloform's home. */
export function detailsFile(home: string, stack: string): string {
  return join(home, "sources", `${stack}-halo-details.json`);
}

/** What was kept; undefined when there is nothing, or nothing that can be used: then everything is read. */
export function loadDetails(path: string): DetailsFile | undefined {
  try {
    return file.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Writes in one step, 0600. What cannot be written (a full disk) is only read again. */
export function saveDetails(path: string, content: Omit<DetailsFile, "format">): void {
  try {
    writePrivate(path, JSON.stringify({ format: "haloform.halo-details/1", ...content }));
  } catch {
    // The next run reads everything: slower, never wrong.
  }
}
