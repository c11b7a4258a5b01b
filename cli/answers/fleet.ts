/** What `haloform fleet` answers: a row for each client. The parent reads what the clients' own processes print, so each row has a schema. */
import { z } from "zod";

const count = z.number().int();

export const clientSchema = z.object({
  format: z.literal("haloform.fleet-client/1"),
  /** The stack's name. */
  client: z.string(),
  /**
   * `nothing`: there is nothing to do; `waits`: a plan can be approved; `refused`, `failed`: no plan can be applied, see `said`; `stopped`:
   * somebody has stopped the stack; `applied`: a plan was applied after the last preview; `unknown`: there was no preview yet.
   */
  state: z.enum(["nothing", "waits", "refused", "failed", "stopped", "applied", "unknown"]),
  /** Exit code of its preview (or of reading what is kept). */
  code: count,
  /** Why it is refused, failed or stopped, a line each. */
  said: z.array(z.string()),
  /** When the plan was made that the next figures are of, UTC ISO 8601. */
  at: z.string().optional(),
  /** Things that a plan changes, people by what becomes of them, and who waits for a human. */
  waiting: z.object({ changes: count, joiners: count, movers: count, leavers: count, parked: count }).optional(),
  /** What is lost by it; not known of a report. */
  losses: z.object({ disabled: count, memberships: count, licences: count, deleted: count }).optional(),
  /** Where this client is protected less than the common files say. */
  looser: z.array(z.string()),
  /** Why what was read is doubted. */
  doubts: z.array(z.string()),
  plan: z.object({ digest: z.string(), expires: z.string(), folder: z.string().optional() }).optional(),
  /** What the last drift found. */
  drift: z.object({ at: z.string(), found: count, result: z.string() }).optional(),
  /** Seats of each SKU: how many people are given one by haloform, and what a preview read and wants. */
  licences: z.array(
    z.object({
      sku: z.string(),
      given: count.optional(),
      owned: count.optional(),
      used: count.optional(),
      wanted: count.optional(),
      short: count.optional(),
    }),
  ),
  /** The last run that applied something. */
  lastRun: z.object({ at: z.string(), by: z.string(), ended: z.string(), parked: count }).optional(),
});

export type FleetClient = z.infer<typeof clientSchema>;

/** `haloform fleet preview` and `report` */
export interface Fleet {
  format: "haloform.fleet/1";
  of: "preview" | "report";
  /** UTC ISO 8601. */
  made: string;
  clients: FleetClient[];
}

/** `haloform fleet new` */
export interface FleetNew {
  format: "haloform.fleet-new/1";
  client: string;
  /** Files that were written, relative to the project. */
  files: string[];
  /** Variables that hold its secrets. */
  secrets: string[];
}
