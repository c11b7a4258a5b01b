/** Agents, roles, teams and boards as Halo sends them, read tolerantly. */
import { z } from "zod";
import { flag, idText, integer, optionalFlag, optionalNumber, optionalText, text } from "../../clients/halo/decode.ts";

/** A role inside an agent (NHD_Roles). Only what stands for the assignment is kept when it is written back. */
const assignedRole = z.looseObject({ id: idText, name: optionalText });
/**
 * A team inside an agent (UnameSection; UNAMESECTION in Halo's database). `id` is the assignment's own; `in_section` false is no membership
 * but access to the team's tickets; `role_id` names the role that gives the team, which Halo puts back as long as the agent has it (its
 * guide on teams and agents).
 */
const assignedTeam = z.looseObject({
  id: integer.nullish().catch(undefined),
  team_id: integer.nullish(),
  team_name: optionalText,
  in_section: flag.nullish().catch(undefined),
  role_id: idText.nullish().catch(undefined),
});

export type AssignedRole = z.infer<typeof assignedRole>;
export type AssignedTeam = z.infer<typeof assignedTeam>;

export const agentSchema = z.object({
  id: integer,
  name: optionalText,
  email: optionalText,
  firstname: optionalText,
  surname: optionalText,
  jobtitle: optionalText,
  sms: optionalText,
  extensionnumber: optionalText,
  isdisabled: optionalFlag,
  isapiagent: optionalFlag,
  /** Only the agent's own row (/Agent/me) says so. */
  is_admin: flag.nullish().catch(undefined),
  team: optionalText,
  /** Named or concurrent, by numbers that Halo does not document. */
  licence_type: integer.nullish(),
  /** Missing where a Halo does not honour `includeroles`; never the same as none. */
  roles: z.array(assignedRole).nullish(),
  role_list: optionalText,
  teams: z.array(assignedTeam).nullish(),
});
export type Agent = z.infer<typeof agentSchema>;

export const roleSchema = z.object({
  id: idText,
  name: optionalText,
  notes: optionalText,
  /** The permissions (claims); missing in lists of some versions, which is not the same as none. */
  claims: z.array(z.object({ type: text, value: optionalText })).nullish(),
});
export type Role = z.infer<typeof roleSchema>;

export const teamSchema = z.object({
  id: integer,
  name: text.pipe(z.string().min(1)),
  department_id: integer.nullish(),
  department_name: optionalText,
  inactive: optionalFlag,
});
export type Team = z.infer<typeof teamSchema>;

/** Somebody on a board: an agent or a user by number, or a bare address. `id` is the place's own. */
const boardMember = z.looseObject({
  id: integer.nullish(),
  agent_id: integer.nullish(),
  user_id: integer.nullish(),
  type: integer.nullish(),
});
export type BoardMember = z.infer<typeof boardMember>;

export const boardSchema = z.object({
  id: integer,
  name: text.pipe(z.string().min(1)),
  all_must_approve: optionalFlag,
  approvals_needed: optionalNumber,
  /** Missing where Halo keeps them back; never the same as nobody. */
  members: z.array(boardMember).nullish(),
});
export type Board = z.infer<typeof boardSchema>;

/**
 * What is written back of a row that others made: all of it as it came, for what is left out may be lost (flags of integrations, of automatic
 * assignment); whole numbers as such (Halo refuses `95.0`), nothing that was null. `keys`: these alone, where the rest is a copy of the thing itself.
 */
export function kept(row: { readonly [key: string]: unknown }, keys: readonly string[] = Object.keys(row)): { [key: string]: unknown } {
  return Object.fromEntries(keys.flatMap((key) => (row[key] === undefined || row[key] === null ? [] : [[key, row[key]]])));
}

/** Whether the agent is in the team of this row. */
export const isIn = (row: AssignedTeam): boolean => row.in_section !== false;

/** The name of the role, of those the agent has, that gives the team of this row. */
export function givenBy(agent: Pick<Agent, "roles">, row: AssignedTeam): string | undefined {
  const role = (agent.roles ?? []).find((one) => one.id === row.role_id);
  return role && (role.name || role.id);
}
