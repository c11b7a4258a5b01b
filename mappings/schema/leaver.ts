/** `leaver` of mappings/safety.yaml: who has left, and what then happens when, in every system. */
import { z } from "zod";
import { moment } from "../language/durations.ts";
import { filled, template } from "../language/words.ts";
import { leaverMailbox } from "./mailboxes.ts";

const move = z.strictObject({
  to: filled.describe(
    "The organizational unit that leavers' accounts are put into: `OU=Leavers,DC=corp,DC=example,DC=com`. It is made when missing.",
  ),
  after: moment.prefault("at once").describe("`at once`, or a number of days after the person left: `7 days`."),
});

const folder = z
  .strictObject({
    archive: moment
      .prefault("never")
      .describe("When the folder is moved to the archive: `30 days` after the person left. `never`: it stays."),
    delete: moment
      .prefault("never")
      .describe("When the archived folder is deleted for good: `1 year` after the person left. Only ever from the archive."),
  })
  .prefault({})
  .describe("What happens to a leaver's home folder (files.yaml). People who come back get it back, until it is deleted.");

export const leaver = z
  .strictObject({
    when: z
      .array(z.enum(["inactive", "absent"]))
      .min(1)
      .default(["inactive", "absent"])
      .describe("`inactive`: Halo says so; `absent`: the record is gone from a trusted, complete read."),
    disable: moment
      .prefault("at once")
      .describe("When the accounts are disabled: `at once`, or `2 days` after the person left; until then the person keeps everything."),
    strip: moment
      .prefault("at once")
      .describe("When groups, licences, roles and teams are taken away: `at once`, `7 days` after the person left, or `never`."),
    groups: z
      .enum(["named", "all"])
      .default("named")
      .describe(
        "Which groups are taken away then: `named`, those of ad.yaml and entra.yaml; `all`, every other group that haloform may change as well, also in `additive` ones. Protected groups, those filled by a rule and those that come from AD are left, and what a human must do is said.",
      ),
    licences: z
      .enum(["named", "all"])
      .default("named")
      .describe(
        "Which licences are taken away then: `named`, those of entra.yaml, of `additive` ones what haloform gave; `all`, everything that is assigned directly. What keeps a mailbox alive must be named under `mailboxes.plans` of entra.yaml to be kept for it.",
      ),
    roles: z
      .enum(["named", "all"])
      .default("named")
      .describe(
        "Which roles and teams of a Halo agent are taken away then: `named`, those of halo.yaml, of `additive` ones what haloform gave; `all`, every one. What stays on the disabled agent is said in the plan.",
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
    folder,
    mailbox: leaverMailbox,
    delete: moment
      .prefault("never")
      .describe(
        "When accounts are deleted, in AD and those made in Entra ID: `never`, or `90 days` after the person left. Of an AD account a snapshot is kept, and AD's recycle bin brings it back; Entra ID keeps a deleted account for 30 days.",
      ),
  })
  .prefault({})
  .describe(
    "Who has left, and what then happens when, in every system. Times are written `at once`, `7 days`, `1 year` or `never`, and counted from the run that first saw the person gone; every stage but the last is undone when the person comes back.",
  );
