/** Mailboxes: which licence brings one (entra.yaml `mailboxes`), and what becomes of it when its person leaves (safety.yaml `leaver.mailbox`). */
import { z } from "zod";
import { days } from "../language/durations.ts";
import { first } from "../language/lines.ts";
import { condition, filled, template } from "../language/words.ts";

const replies = z.strictObject({
  internal: template.describe(
    "The automatic reply to colleagues, as a template; `{{ manager }}` is the name of the person's manager, `{{ managerMail }}` the address.",
  ),
  external: template.optional().describe("The reply to everybody else; left out = the same as `internal`."),
  audience: z
    .enum(["none", "contactsOnly", "all"])
    .default("all")
    .describe("Who outside gets the external reply: `none`, `contactsOnly` (the person's contacts), `all`."),
  manager: template
    .optional()
    .describe('Key of the manager\'s record, as a template: `"{{ custom.CFManager }}"`. Where it gives nobody, `{{ manager }}` is empty.'),
  lasts: days
    .optional()
    .describe("How long the reply is sent, counted from the day the person left: `90 days`. Left out = as long as the mailbox is there."),
});

const dayText = filled.optional();

export const replyLines = first(
  z.array(
    z.strictObject({
      for: condition.describe("Who: `{ custom.CFAbsence: Parental leave }`, `{ custom.CFMoved: { after: 30 days ago } }`."),
      ...replies.omit({ lasts: true }).shape,
      starts: dayText.describe("First day of the reply: a field, or a template. Left out, or empty = from now on."),
      ends: dayText.describe(
        "Last day of the reply, sent to its end in `people.zone`: a field, or a template. Left out, or empty = as long as the line holds.",
      ),
    }),
  ),
)
  .prefault({ first: [] })
  .describe(
    "Automatic replies of people who are here: on parental leave, moved on, under another address. When no line holds any more, or the last day is over, the reply that haloform wrote is switched off. What leavers' mailboxes answer is said in safety.yaml (`leaver.mailbox.replies`).",
  );

export type ReplyLine = z.infer<typeof replyLines>[number];

export const mailboxes = z
  .strictObject({
    plans: z
      .record(filled, filled)
      .describe(
        "Which service plan of which licence makes the mailbox: `SPE_E3: EXCHANGE_S_ENTERPRISE`. Only licences of this file can be named.",
      ),
    for: condition
      .optional()
      .describe(
        "Who should have a mailbox. For everybody else the plans above are switched off in their licences; for these the plan shows the mailbox as pending until Exchange has made it. Left out = whoever has the licence, and nobody waits for it.",
      ),
  })
  .optional()
  .describe(
    "Which licences bring a mailbox in Exchange Online, and who should have one. What becomes of a leaver's is said in safety.yaml (`leaver.mailbox`). `for` speaks with Exchange Online itself, and needs Exchange.ManageAsApp and an Exchange role (docs/connect.md).",
  );

export const leaverMailbox = z
  .strictObject({
    share: z
      .boolean()
      .default(false)
      .describe(
        "`true`: the mailbox is made a shared one, and only then its licence goes. `false`: it stays, with the licence that makes it, until it is removed.",
      ),
    hold: z
      .enum(["litigation", "none"])
      .default("none")
      .describe(
        "`litigation`: the mailbox of a leaver is put on litigation hold, which needs its licence: with `share` the licence stays.",
      ),
    hide: z
      .boolean()
      .default(false)
      .describe(
        "true: a leaver's mailbox is hidden from address lists. Of accounts that come from AD this is AD's to say (msExchHideFromAddressLists): they are left out, with a note.",
      ),
    forward: template
      .optional()
      .describe(
        "Address to which a leaver's mail is forwarded, as a template, and a copy kept; `{{ managerMail }}` is at hand. Empty = nowhere.",
      ),
    manager: template.optional().describe("Key of the manager's record for `forward`, as a template."),
    remove: z
      .strictObject({
        after: days.describe("How long after the person left: `30 days`."),
        once: z
          .enum(["held", "exported"])
          .describe(
            "What must be certain first: `held` (Exchange itself says the mailbox is on litigation hold) or `exported` (what `for` asks).",
          ),
        for: condition
          .optional()
          .describe("Whose mailbox counts as exported, by the person's record: `{ other5: exported }`. Beside `once: exported`."),
      })
      .optional()
      .describe("When the licence is taken, and so the mailbox removed. Not beside `share`. Left out = never."),
    replies: replies.optional().describe("The automatic reply of leavers; switched off when they come back."),
  })
  .optional()
  .describe(
    "What happens to a leaver's mailbox in Exchange Online. Left out: it stays, with the licence that makes it, where entra.yaml says which that is (`mailboxes.plans`). Everything but `replies` speaks with Exchange Online itself, and needs Exchange.ManageAsApp and an Exchange role (docs/connect.md).",
  );

export type Mailboxes = NonNullable<z.infer<typeof mailboxes>>;
export type LeaverMailbox = NonNullable<z.infer<typeof leaverMailbox>>;
