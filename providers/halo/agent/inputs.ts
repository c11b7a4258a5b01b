/** Canonical inputs of agents. */
import { z } from "zod";
import { fold } from "../../../base/text.ts";

export const name = z.string().trim().min(1);

/** Sorted by code unit (the same on every machine), each name once whatever its case. */
function sortedOnce(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const one of names) if (!seen.has(fold(one))) seen.set(fold(one), one);
  return [...seen.values()].sort();
}

export const names = z.array(name).transform(sortedOnce);

/** Of an agent's own row, in lists too, and nobody's access: Halo's names (Uname of its contract). `sms` is the mobile number. */
export const agentTexts = ["jobtitle", "sms", "extensionnumber"] as const;
const ownText = z.string().trim().exactOptional();

export const agentInputs = z
  .strictObject({
    /** The key of the person, as in the Halo record. */
    person: z.string().min(1),
    /** Name and address may be empty in what Halo has (a view of it), never in what is written: see agent.ts. */
    name: z.string().trim(),
    email: z.string().normalize("NFC").trim().toLowerCase(),
    firstname: z.string().trim().exactOptional(),
    surname: z.string().trim().exactOptional(),
    /** Left out = not managed. */
    jobtitle: ownText,
    sms: ownText,
    extensionnumber: ownText,
    enabled: z.boolean(),
    roles: names,
    teams: names,
    /** The default team. */
    team: z.string().trim().exactOptional(),
    /** Kind of seat, by Halo's own number. */
    licenceType: z.number().int().exactOptional(),
    /** The roles and teams that the mapping names: only they are compared and changed. */
    of: z.strictObject({ roles: names, teams: names }),
  })
  .transform((agent) => ({
    ...agent,
    of: { roles: sortedOnce([...agent.of.roles, ...agent.roles]), teams: sortedOnce([...agent.of.teams, ...agent.teams]) },
  }));

export type AgentInputs = z.infer<typeof agentInputs>;
