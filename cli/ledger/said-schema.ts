/** What people have said about a stack, as its journal keeps it: stops, and emergencies with who has looked at them. */
import { z } from "zod";

/** Who has lifted a stop. `at`, `who`: as the machine said; `name`: whose signature it is, verified. */
const liftSchema = z.object({ at: z.string(), who: z.string(), why: z.string().optional(), name: z.string().optional() });
/** Somebody's word that nothing may be written (docs/decisions/0129). */
export const stopSchema = liftSchema.extend({ id: z.string(), why: z.string(), lifted: liftSchema.optional() });

/** Somebody has widened limits for a run (stacks/plan/emergency.ts); it waits until somebody else has looked at it. */
export const emergencySchema = z.object({
  id: z.string(),
  /** Who signed it, verified, and the key's fingerprint: neither may sign it off. */
  who: z.string(),
  key: z.string(),
  why: z.string(),
  ticket: z.string(),
  at: z.string(),
  until: z.string(),
  plan: z.string(),
  /** What it widened, in words. */
  widened: z.string(),
  review: z.object({ at: z.string(), name: z.string(), found: z.string() }).optional(),
});

export const stoppedSchema = z.object({ event: z.literal("stop"), stop: stopSchema });
export const liftedSchema = z.object({ event: z.literal("go"), of: z.array(z.string()), lift: liftSchema });
export const reviewedSchema = z.object({ event: z.literal("review"), of: z.string(), review: emergencySchema.shape.review.unwrap() });

export type Stop = z.infer<typeof stopSchema>;
export type EmergencyUsed = z.infer<typeof emergencySchema>;

/** Whoever said something: verified, or as the machine says. */
export const calledBy = ({ who, name }: Pick<Stop, "who" | "name">): string => (name === undefined ? who : `${name} (signed)`);
