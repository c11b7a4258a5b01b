/** mappings/safety.yaml: leavers, limits, what is never touched. */
import { z } from "zod";
import { perCent } from "../language/durations.ts";
import { filledList, person, textList } from "../language/words.ts";
import { leaver } from "./leaver.ts";

const limit = z.strictObject({
  most: z.number().int().min(0).optional().describe("At most so many in 24 hours."),
  share: perCent.optional().describe("At most so much of all in 24 hours, of each system by itself: `5 %`."),
  below: z.number().int().min(0).default(3).describe("Up to so many are always allowed, whatever `share` says."),
  per: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe("A field of the person's record, such as `site_name`: the limit holds for each of its values by itself as well."),
});

/** In the order in which plans tell of them. */
const limits = {
  disabled: limit.prefault({ most: 20, share: "5 %", below: 3 }).describe("Accounts disabled."),
  lockedOut: limit
    .prefault({ most: 50, share: "10 %", below: 10 })
    .describe(
      "Accounts whose way in is taken or changed: another login or userPrincipalName, a new password, an earlier end, logon hours, a smart card, sessions ended, a home folder put away.",
    ),
  membershipsLost: limit
    .prefault({ most: 100, share: "10 %", below: 10 })
    .describe("Places lost in groups, teams, roles and units, as a member or an owner."),
  licencesLost: limit
    .prefault({ most: 30, share: "5 %", below: 3 })
    .describe("Licences taken away, and licences of which service plans are switched off."),
  rulesChanged: limit
    .prefault({ most: 200, share: "20 %", below: 20 })
    .describe(
      "People who come under other rules: the rule or the kind of a group, permissions of a role, another OU or site. A group or role counts as many as are in it, where that is known.",
    ),
  mailboxesChanged: limit
    .prefault({ most: 20, share: "5 %", below: 5 })
    .describe("Mailboxes hidden, forwarded, converted or given another address."),
  deleted: limit.prefault({ most: 5, share: "2 %", below: 1 }).describe("Accounts deleted in AD and Entra ID, the last stage of `leaver`."),
  foldersDeleted: limit
    .prefault({ most: 5, share: "2 %", below: 1 })
    .describe("Home folders deleted from the archive for good (`leaver.folder`)."),
  gained: limit
    .prefault({ share: "25 %", below: 500 })
    .describe(
      "Accounts, memberships, licences and roles gained. For the first day of a company write `most` alone, and take it out again.",
    ),
  privilegedGained: limit
    .prefault({ most: 3 })
    .describe(
      "Power over others gained: places in groups of `protected.allow` and in groups that can hold Entra roles, roles of Halo's administrators, delegation.",
    ),
};

export const safetyFile = z.strictObject({
  leaver,
  limits: z
    .strictObject(limits)
    .prefault({})
    .describe(
      "How much access may be lost and gained in 24 hours. More is refused: exit 3, nothing is written. A limit that is raised counts once a plan of the raise alone is applied (`haloform preview --limits`).",
    ),
  protected: z
    .strictObject({
      people: z
        .array(person)
        .default([])
        .describe(
          "Keys of people who are not touched, as the source gives them (`00105` is not `105`): what they have is not written, and nothing is taken from them. One that nobody has is said in every plan.",
        ),
      accounts: filledList
        .default([])
        .describe(
          "Accounts that are never disabled, deleted, moved, renamed or given a password, in AD, Entra ID and Halo alike: by login (`svc-*`: sAMAccountName, what stands before the @, an agent's name), by userPrincipalName or an agent's address (`breakglass*@example.com`), by distinguishedName of AD (`*,OU=Service,DC=example,DC=com`); `*` stands for anything. An account of AD and its copy in Entra ID are one. One that fits no account is said in every plan. Administrators (whoever is in a group of administrators, through however many, holds a role of Entra ID or is an administrator of Halo), built-in accounts, service accounts (managed, or with a servicePrincipalName), trusts and haloform's own account need not be listed.",
        ),
      groups: textList
        .default([])
        .describe(
          "Groups that are never changed, in AD and Entra ID alike: by name (`ADM-*`; `*` stands for anything), or by distinguishedName of AD (`*,OU=Tier 0,DC=example,DC=com`); a mapping that names one is an error. Whoever is in one, through however many groups, is protected as `accounts` are, and a group inside is not filled. Those that AD itself protects (Domain Admins and the like) need not be listed.",
        ),
      allow: filledList
        .default([])
        .describe(
          "Groups that are protected, or lie inside a protected one, and that a mapping may fill all the same, each by its exact name; not those that `groups` names. Only their members are managed, and the plan marks every change as privileged. `Administrator` lets a mapping give that role of Halo. A place of AD (`OU=Tier 0,DC=example,DC=com`, `*` stands for anything) lets what is not protected come into it, although `accounts` or `groups` protect what is there; from then on it is protected too.",
        ),
    })
    .prefault({})
    .describe("What is never touched."),
});

export type SafetyFile = z.infer<typeof safetyFile>;
