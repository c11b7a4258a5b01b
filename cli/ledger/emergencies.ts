/** Broken glass: a file in which somebody widens limits for a few hours, signed with their SSH key (docs/decisions/0130). */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { shortened } from "../../base/digest.ts";
import { readAs } from "../../base/json.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { digestOfEmergency, type Emergency, emergencySchema, longestEmergency, wideningOf } from "../../stacks/plan/emergency.ts";
import type { Limits } from "../../stacks/plan/limits.ts";
import { isSame } from "../approval/evidence.ts";
import { type Signer, signerOf, signersFile, signWith } from "../approval/signers.ts";
import { clocks } from "../clock.ts";
import { Refusal, UsageError } from "../exit.ts";
import type { Known } from "./journal.ts";
import type { EmergencyUsed } from "./said-schema.ts";
import type { Stack } from "./statements.ts";

const fileSchema = z.strictObject({ emergency: emergencySchema, signature: z.string() });

/** An emergency of which it is verified who signed it. */
export interface Broken {
  emergency: Emergency;
  signer: Signer;
  /** The file, as it goes into a plan's bundle. */
  text: string;
}

/** What a bundle calls the file. */
export const emergencyFile = "emergency.json";

/** What is signed. */
const lineOf = (emergency: Emergency): string => `${emergency.format} ${emergency.stack} ${digestOfEmergency(emergency)}\n`;

/** The file of an emergency, signed. Throws UsageError where it cannot be. */
export async function signedEmergency(emergency: Emergency, key: string): Promise<string> {
  return `${JSON.stringify({ emergency, signature: await signWith(key, "haloform-emergency", lineOf(emergency)) }, null, 2)}\n`;
}

/** Reads and verifies. Throws UsageError where there is no such file, Refusal where it is not to be believed or its time is over. */
export async function readEmergency(stack: Stack, file: string, now: Date): Promise<Broken> {
  if (!existsSync(file)) throw new UsageError(`--emergency ${file}: there is no such file; \`haloform emergency new\` writes one.`);
  const text = readFileSync(file, "utf8");
  const no = (why: string): Refusal => new Refusal([`the emergency in ${file} does not count: ${why}. No limit is widened.`]);
  const read = readAs(fileSchema, text);
  if (!read) throw no("it is no file of `haloform emergency new`, or names what cannot be widened");
  const { emergency, signature } = read;
  if (emergency.stack !== stack.stack) throw no(`it is for the stack ${emergency.stack}`);
  const signer = await signerOf(lineOf(emergency), signature, "haloform-emergency", signersFile(stack), now);
  if ("why" in signer) throw no(signer.why);
  if (!isSame(signer.name, emergency.who)) throw no(`it names ${emergency.who}, and ${signer.name} signed it`);
  const [from, until] = [Date.parse(emergency.from), Date.parse(emergency.until)];
  if (!(until > from && until - from <= longestEmergency * 3_600_000))
    throw no(`it is for more than ${longestEmergency} hours, or for none (${emergency.from} to ${emergency.until})`);
  if (from > now.getTime() + clocks) throw no(`it begins at ${emergency.from}, which has not come yet`);
  if (until <= now.getTime()) throw no(`it ended at ${emergency.until}`);
  return { emergency, signer, text };
}

/** Throws Refusal where a run has used it: the glass is broken for one run. */
export function refuseUsedUp({ emergency }: Broken, { emergencies }: Pick<Known, "emergencies">): void {
  const used = emergencies.find(({ id }) => id === digestOfEmergency(emergency));
  if (used) throw new Refusal([`the emergency of ${used.who} (${used.ticket}) was used on ${used.at}: it is for one run. Sign another.`]);
}

/** What a plan has of it. */
export const inPlan = ({ emergency }: Broken): NonNullable<Plan["emergency"]> => ({
  ...{ digest: digestOfEmergency(emergency), who: emergency.who, ticket: emergency.ticket, until: emergency.until },
});

/** `limits`: as they count without it. */
export function emergencyLine({ emergency }: Broken, limits: Limits): string {
  const { who, ticket, why, until } = emergency;
  return `Limits are widened by ${who} (signed, ${ticket}) until ${until}: ${wideningOf(emergency, limits)}. "${why}"`;
}

/** As the journal keeps it from the beginning of the run that uses it. */
export function usedBy(plan: Plan, { emergency, signer }: Broken, limits: Limits, now: Date): EmergencyUsed {
  const { who, why, ticket, until } = emergency;
  return {
    ...{ id: digestOfEmergency(emergency), who, key: signer.key, why, ticket, at: now.toISOString(), until, plan: plan.digest },
    widened: wideningOf(emergency, limits),
  };
}

/** So a person names one: enough of its digest. */
export const shortId = ({ id }: Pick<EmergencyUsed, "id">): string => shortened(id, 12);

/** What is said until somebody else has looked at it. */
export const unreviewedLine = (one: EmergencyUsed): string =>
  `Limits were widened on ${one.at} by ${one.who} (${one.ticket}: "${one.why}"), and nobody else has looked at it: somebody else of haloform:signers runs \`haloform emergency review ${shortId(one)}\``;

/** Why somebody's signature does not sign it off; undefined: it does. Whoever broke the glass does not, whatever they call themselves. */
export function mayNotReview({ who, key }: EmergencyUsed, by: Partial<Signer>): string | undefined {
  if (by.key === undefined) return "it is signed with no SSH key of haloform:signers";
  return isSame(by.name ?? who, who) || by.key === key ? `${who} broke the glass: somebody else looks at it` : undefined;
}
