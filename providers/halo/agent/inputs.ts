/** Canonical inputs of agents, roles, teams and boards. */
import { z } from "zod";
import { fold } from "../../../base/text.ts";

const name = z.string().trim().min(1);

/** Sorted by code unit (the same on every machine), each name once whatever its case. */
function sortedOnce(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const one of names) if (!seen.has(fold(one))) seen.set(fold(one), one);
  return [...seen.values()].sort();
}

export const names = z.array(name).transform(sortedOnce);

export const agentInputs = z
  .strictObject({
    /** The key of the person, as in the Halo record. */
    person: z.string().min(1),
    /** Name and address may be empty in what Halo has (a view of it), never in what is written: see agent.ts. */
    name: z.string().trim(),
    email: z.string().normalize("NFC").trim().toLowerCase(),
    firstname: z.string().trim().exactOptional(),
    surname: z.string().trim().exactOptional(),
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

const claimOrder = ({ type, value }: { type: string; value: string }): string => `${type}\n${value}`;

export const roleInputs = z.strictObject({
  name,
  notes: z.string().exactOptional(),
  /** The role's claims that are managed, one a type; others are kept. */
  permissions: z
    .array(z.strictObject({ type: name, value: z.string() }))
    .transform((all) => {
      const once = new Map(all.map((one) => [claimOrder(one), one]));
      return [...once.values()].sort((a, b) => (claimOrder(a) < claimOrder(b) ? -1 : 1));
    })
    .exactOptional(),
});

export type RoleInputs = z.infer<typeof roleInputs>;

/** `person:<key>`, or `id:<number>` for whom no person of the source is. */
const members = z.array(z.string().regex(/^(?:person|id):./u)).transform((all) => [...new Set(all)].sort());
const mode = z.enum(["exact", "additive"]);

export const teamInputs = z.strictObject({
  name,
  /** The department's name. */
  department: name.exactOptional(),
  mode,
  members: members.exactOptional(),
});
export type TeamInputs = z.infer<typeof teamInputs>;

export const boardInputs = z.strictObject({
  name,
  /** Whether members are meant as agents or as users. */
  as: z.enum(["agent", "user"]),
  mode,
  allMustApprove: z.boolean().exactOptional(),
  approvalsNeeded: z.number().int().exactOptional(),
  members,
});
export type BoardInputs = z.infer<typeof boardInputs>;

/** Who the members were when they were last written, and who had no agent yet. */
export const memberOutputs = z.object({ resolved: z.record(z.string(), z.string()), waiting: z.array(z.string()) });
export type MemberOutputs = z.infer<typeof memberOutputs>;
