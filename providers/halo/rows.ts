/** Agents, roles and teams as Halo sends them, read tolerantly. */
import { z } from "zod";
import type { Row } from "../../clients/halo/decode.ts";
import { flag, idText, integer, text } from "../../clients/halo/decode.ts";

const optionalText = text.nullish().transform((value) => value ?? "");
const optionalFlag = flag.nullish().transform((value) => value ?? false);

/** A role inside an agent (NHD_Roles). Only what stands for the assignment is kept when it is written back. */
const assignedRole = z.looseObject({ id: idText, name: optionalText });
/** A team inside an agent (UnameSection). `id` is the assignment's own. */
const assignedTeam = z.looseObject({ team_id: integer.nullish(), team_name: optionalText });

export type AssignedRole = z.infer<typeof assignedRole>;
export type AssignedTeam = z.infer<typeof assignedTeam>;

const agentSchema = z.object({
  id: integer,
  name: optionalText,
  email: optionalText,
  firstname: optionalText,
  surname: optionalText,
  isdisabled: optionalFlag,
  isapiagent: optionalFlag,
  team: optionalText,
  /** Named or concurrent, by numbers that Halo does not document. */
  licence_type: integer.nullish(),
  /** Missing where a Halo does not honour `includeroles`; never the same as none. */
  roles: z.array(assignedRole).nullish(),
  role_list: optionalText,
  teams: z.array(assignedTeam).nullish(),
});

export type Agent = z.infer<typeof agentSchema>;

export const parseAgent = (row: Row): Agent => agentSchema.parse(row);

/** A list row without a usable id is nothing anybody could manage. */
export const parseAgents = (rows: readonly Row[]): Agent[] => rows.flatMap((row) => agentSchema.safeParse(row).data ?? []);

const claim = z.object({ type: text, value: optionalText });

const roleSchema = z.object({
  id: idText,
  name: optionalText,
  notes: optionalText,
  /** The permissions; missing in lists of some versions, which is not the same as none. */
  claims: z.array(claim).nullish(),
});

export type Role = z.infer<typeof roleSchema>;

export const parseRole = (row: Row): Role => roleSchema.parse(row);
export const parseRoles = (rows: readonly Row[]): Role[] => rows.flatMap((row) => roleSchema.safeParse(row).data ?? []);

const teamSchema = z.object({
  id: integer,
  name: text.pipe(z.string().min(1)),
  department_id: integer.nullish(),
  department_name: optionalText,
  inactive: optionalFlag,
});

export type Team = z.infer<typeof teamSchema>;

export const parseTeams = (rows: readonly Row[]): Team[] => rows.flatMap((row) => teamSchema.safeParse(row).data ?? []);

/** Somebody on a board: an agent or a user by number, or a bare address. `id` is the place's own. */
const boardMember = z.looseObject({
  id: integer.nullish(),
  agent_id: integer.nullish(),
  user_id: integer.nullish(),
  type: integer.nullish(),
});
export type BoardMember = z.infer<typeof boardMember>;

const boardSchema = z.object({
  id: integer,
  name: text.pipe(z.string().min(1)),
  all_must_approve: optionalFlag,
  approvals_needed: integer.nullish().transform((value) => value ?? 0),
  /** Missing where Halo keeps them back; never the same as nobody. */
  members: z.array(boardMember).nullish(),
});
export type Board = z.infer<typeof boardSchema>;

export const parseBoard = (row: Row): Board => boardSchema.parse(row);
export const parseBoards = (rows: readonly Row[]): Board[] => rows.flatMap((row) => boardSchema.safeParse(row).data ?? []);
