/** mappings/entra.yaml `mailboxes`: which licence brings one, and what becomes of it when its person leaves. */
import { z } from "zod";
import { condition, filled, template } from "../language/words.ts";
import { stageDays } from "./leaver.ts";

const days = z.string().transform((value, context): number => {
  const found = stageDays(value);
  if (found !== undefined && found !== null && found > 0) return found;
  context.addIssue({ code: "custom", message: `expected a number of days such as "after 30 days", found ${JSON.stringify(value)}` });
  return z.NEVER;
});

const replies = z.strictObject({
  internal: template.describe(
    "The automatic reply to colleagues, as a template; `{{ manager }}` is the name of the person's manager, `{{ manager_mail }}` the address.",
  ),
  external: template.optional().describe("The reply to everybody else; left out = the same as `internal`."),
  audience: z
    .enum(["none", "contactsOnly", "all"])
    .default("all")
    .describe("Who outside gets the external reply: `none`, `contactsOnly` (the person's contacts), `all`."),
  manager: template
    .optional()
    .describe('Key of the manager\'s record, as a template: `"{{ custom.CFManager }}"`. Where it gives nobody, `{{ manager }}` is empty.'),
  until: days
    .optional()
    .describe("How long the reply is sent, counted from the day the person left: `90 days`. Left out = as long as the mailbox is there."),
});

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
    onLeaving: z
      .enum(["keep", "shared", "remove"])
      .default("keep")
      .describe(
        "What becomes of a leaver's mailbox: `keep` leaves it, with the licence that makes it; `shared` makes it a shared mailbox, and only then takes the licence; `remove` takes the licence, and so the mailbox, last (see `remove`).",
      ),
    hold: z
      .enum(["litigation", "none"])
      .default("none")
      .describe(
        "`litigation`: the mailbox of a leaver is put on litigation hold, which needs its licence: with `onLeaving: shared` the licence stays.",
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
        "Address to which a leaver's mail is forwarded, as a template, and a copy kept; `{{ manager_mail }}` is at hand. Empty = nowhere.",
      ),
    manager: template.optional().describe("Key of the manager's record for `forward`, as a template."),
    remove: z
      .strictObject({
        after: days.describe("Days after the person left: `after 30 days`."),
        once: z
          .enum(["held", "exported"])
          .describe(
            "What must be certain first: `held` (Exchange itself says the mailbox is on litigation hold) or `exported` (the condition below).",
          ),
        exported: condition
          .optional()
          .describe("What the person's Halo record says when the mailbox has been exported: `{ other5: exported }`."),
      })
      .optional()
      .describe("When a leaver's mailbox is removed; only with `onLeaving: remove`."),
    replies: replies.optional().describe("The automatic reply of leavers; switched off when they come back."),
  })
  .optional()
  .describe(
    "Mailboxes in Exchange Online. Everything but `for` and `replies` speaks with Exchange Online itself, and needs Exchange.ManageAsApp and an Exchange role (docs/connect.md).",
  );

export type Mailboxes = NonNullable<z.infer<typeof mailboxes>>;
