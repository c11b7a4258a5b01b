/** `leaver` of mappings/safety.yaml: who has left, and what then happens when. */
import { z } from "zod";
import { filled, template, text } from "../language/words.ts";

/** Days after somebody left; null: never. */
export type StageDays = number | null;

const longest = 3650;

/** `at once`, `never`, `after 7 days`, `7 days`, `P7D` → days. undefined: none of these. */
export function stageDays(text: string): StageDays | undefined {
  const words = text.trim().toLowerCase();
  if (words === "at once") return 0;
  if (words === "never") return null;
  const found = /^(?:after )?(\d{1,4}) days?$/u.exec(words) ?? /^p(\d{1,4})d$/u.exec(words);
  const days = found?.[1] === undefined ? undefined : Number(found[1]);
  return days === undefined || days > longest ? undefined : days;
}

function parsed(value: string, context: z.RefinementCtx): StageDays {
  const days = stageDays(value);
  if (days !== undefined) return days;
  context.addIssue({
    code: "custom",
    message: `expected at once, never, or a number of days such as "after 7 days" (at most ${longest}), found ${JSON.stringify(value)}`,
  });
  return z.NEVER;
}

const stage = z.string().transform(parsed);
/** `true` and `false` are how strip was written before there were stages. */
const stageOrFlag = z.union([z.boolean(), text]).transform((value, context): StageDays => {
  if (typeof value === "boolean") return value ? 0 : null;
  return parsed(value, context);
});

const move = z.strictObject({
  to: filled.describe(
    "The organizational unit that leavers' accounts are put into: `OU=Leavers,DC=corp,DC=example,DC=com`. It is made when missing.",
  ),
  after: stage.prefault("at once").describe("`at once`, or a number of days after the person left: `after 7 days`."),
});

export const leaver = z
  .strictObject({
    when: z
      .array(z.enum(["inactive", "absent"]))
      .min(1)
      .default(["inactive", "absent"])
      .describe("`inactive`: Halo says so; `absent`: the record is gone from a trusted, complete read."),
    disable: stage
      .prefault("at once")
      .describe("When the accounts are disabled: `at once`, or `after 2 days`; until then the person keeps everything."),
    strip: stageOrFlag
      .prefault("at once")
      .describe(
        "When groups, licences, roles and teams are taken away: `at once`, `after 7 days`, or `never`. (`true` means at once, `false` never.)",
      ),
    move: move.optional().describe("Where leavers' AD accounts are put, and when. Left out: they stay where they are."),
    successor: template
      .optional()
      .describe(
        'Who follows a leaver in what they answered for: as manager of others, `managedBy` of groups and organizational units, last owner of a cloud group. A template over the leaver\'s record that gives the key, or the exact name, of a person: `"{{ custom.CFManager }}"`. Who has left too is followed by theirs, upwards until somebody stays. Left out, or nobody stays: it stays as it is, and the plan says so.',
      ),
    lync: z
      .enum(["off", "keep"])
      .default("keep")
      .describe("`off`: msRTCSIP-UserEnabled of leavers is set to false where it is true, and back to true when they come back."),
    delete: stage
      .prefault("never")
      .describe(
        "When accounts are deleted, in AD and those made in Entra ID: `never`, or a number of days after the person left, such as `after 90 days`. Of an AD account a snapshot is kept, and AD's recycle bin brings it back; Entra ID keeps a deleted account for 30 days.",
      ),
  })
  .prefault({})
  .describe(
    "Who has left, and what then happens when. Days are counted from the run that first saw the person gone; every stage but the last is undone when the person comes back.",
  );
