/** mappings/safety.yaml: leavers, limits, what is never touched. */
import { z } from "zod";
import { perCent } from "../language/durations.ts";
import { filledList, person, textList } from "../language/words.ts";
import { leaver } from "./leaver.ts";

const limit = z.strictObject({
  most: z.number().int().min(0).optional().describe("At most so many in 24 hours."),
  share: perCent.optional().describe("At most so much of all in 24 hours: `5 %`."),
  below: z.number().int().min(0).default(3).describe("Up to so many are always allowed, whatever `share` says."),
});

export const safetyFile = z.strictObject({
  leaver,
  limits: z
    .strictObject({
      disabled: limit.prefault({ most: 20, share: "5 %", below: 3 }).describe("Accounts disabled."),
      membershipsLost: limit.prefault({ most: 100, share: "10 %", below: 10 }).describe("Members taken out of groups."),
      licencesLost: limit.prefault({ most: 30, share: "5 %", below: 3 }).describe("Licences taken away."),
      deleted: limit
        .prefault({ most: 5, share: "2 %", below: 1 })
        .describe("Accounts deleted in AD and Entra ID, the last stage of `leaver`."),
      foldersDeleted: limit
        .prefault({ most: 5, share: "2 %", below: 1 })
        .describe("Home folders deleted from the archive for good (`leaver.folder`)."),
    })
    .prefault({})
    .describe("How much access may be lost in 24 hours. More is refused: exit 3, nothing is written."),
  protected: z
    .strictObject({
      people: z
        .array(person)
        .default([])
        .describe(
          "Keys of people nothing is ever taken from, as the source gives them: `00105` is not `105`. One that nobody has is said in every plan.",
        ),
      accounts: filledList
        .default([])
        .describe(
          "Accounts that are never disabled, deleted, moved, renamed or given a password: of AD by sAMAccountName (`svc-*`) or by distinguishedName, of AD and Entra ID by userPrincipalName (`breakglass*@example.com`); `*` stands for anything. One that fits no account is said in every plan. Administrators (adminCount), built-in accounts, service accounts (managed, or with a servicePrincipalName), trusts and haloform's own account need not be listed.",
        ),
      groups: textList
        .default([])
        .describe(
          "Groups that are never changed; a mapping that names one is an error. Those that AD itself protects (Domain Admins and the like) need not be listed.",
        ),
      allow: filledList
        .default([])
        .describe(
          "Groups that AD protects and that a mapping may fill all the same, each by its exact name. Only their members are managed, and the plan marks every change as privileged.",
        ),
    })
    .prefault({})
    .describe("What is never touched."),
});

export type SafetyFile = z.infer<typeof safetyFile>;
