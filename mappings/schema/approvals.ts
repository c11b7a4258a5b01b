/** mappings/approvals.yaml: who must approve which part of a plan. */
import { z } from "zod";
import { systemNames } from "../../providers/systems.ts";
import { first } from "../language/lines.ts";
import { condition, filled, filledList, template } from "../language/words.ts";

/** Kinds of a change that a line covers when it names them, or names none. A change is of one or several. */
export const ORDINARY_KINDS = ["joiner", "mover", "leaver", "expired", "drift", "adoption", "broadening", "narrowing", "details"] as const;
/** Kinds that only a line covers that names them: what is one of these needs its approvers besides. */
export const NAMED_KINDS = ["privileged", "deletion", "limitRaised", "mappingChanged"] as const;
const kinds = [...ORDINARY_KINDS, ...NAMED_KINDS] as const;
export type Kind = (typeof kinds)[number];

const names = filledList
  .min(1)
  .describe(
    "Who may: names as in the file of allowed signers, such as `ada@example.com`; `manager`, the person's own; `owner`, of the group that changes. Who gains by it never may.",
  );
const someone = [
  z.strictObject({ one: names.describe(`One of these approves. ${names.description}`) }),
  z.strictObject({ two: names.describe(`Two of these approve, each by themselves. ${names.description}`) }),
] as const;
const how = "{ one: [ada@example.com] } or { two: [ada@example.com, ben@example.com] }";

const line = z.strictObject({
  kinds: z
    .array(z.enum(kinds))
    .min(1)
    .optional()
    .describe(
      "Which kinds of change: of somebody who comes (`joiner`, again too), whose place changes (`mover`), who has left (`leaver`); what a line gave until its `ends` (`expired`); what somebody changed by hand and is put back (`drift`); what is there and taken over (`adoption`); more access (`broadening`) or less (`narrowing`); none of that (`details`). Left out = all of these. Never without being named: `privileged` rights, `deletion`, limits of safety.yaml that were raised (`limitRaised`), everything that a plan does after the mapping files were changed (`mappingChanged`).",
    ),
  systems: z.array(z.enum(systemNames)).min(1).optional().describe("In which systems; left out = in all."),
  for: condition.optional().describe("Of whom; left out = of everybody, and of what is about nobody."),
  approvers: z.union([z.literal("nobody"), ...someone], { error: `nobody, ${how}` }).describe("Who must approve it: nobody, one or two."),
});

export const approvalsFile = z.strictObject({
  rules: first(z.array(line))
    .prefault({ first: [] })
    .describe(
      "Which changes need whom. Of a change that is of several kinds that must be named, each is decided by itself, and all must be met.",
    ),
  otherwise: z.union(someone, { error: how }).describe("Who must approve what no line covers."),
  manager: template
    .optional()
    .describe('Gives the key, or the exact name, of a person\'s manager, for `manager` among the approvers: `"{{ custom.CFManager }}"`.'),
  address: filled
    .default("emailaddress")
    .describe(
      "The field of a person's record by whose value they are known as an approver. Who gains by a change is known by it, and by the names of their accounts.",
    ),
});

export type ApprovalLine = z.infer<typeof line>;
export type ApprovalsFile = z.infer<typeof approvalsFile>;
