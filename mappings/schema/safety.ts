/** mappings/safety.yaml: leavers, limits, what is never touched. */
import { z } from "zod";
import { person, says } from "./shared.ts";

const limit = z.strictObject({
  most: z.number().int().min(0).optional().meta(says("At most so many in 24 hours.")),
  share: z.number().min(0).max(100).optional().meta(says("At most so many per cent of all in 24 hours: `5`, without the sign.")),
  below: z.number().int().min(0).default(3).meta(says("Up to so many are always allowed, whatever `share` says.")),
});

export const safetyFile = z.strictObject({
  leaver: z
    .strictObject({
      when: z
        .array(z.enum(["inactive", "absent"]))
        .min(1)
        .default(["inactive", "absent"])
        .meta(says("`inactive`: Halo says so; `absent`: the record is gone from a trusted, complete read.")),
      strip: z.boolean().default(true).meta(says("Also take groups and licences away. The account itself is disabled, never deleted.")),
    })
    .prefault({})
    .meta(says("Who has left, and what then happens.")),
  limits: z
    .strictObject({
      disabled: limit.prefault({ most: 20, share: 5, below: 3 }).meta(says("Accounts disabled.")),
      memberships_lost: limit.prefault({ most: 100, share: 10, below: 10 }).meta(says("Members taken out of groups.")),
      licences_lost: limit.prefault({ most: 30, share: 5, below: 3 }).meta(says("Licences taken away.")),
    })
    .prefault({})
    .meta(says("How much access may be lost in 24 hours. More is refused: exit 3, nothing is written.")),
  protected: z
    .strictObject({
      people: z.array(person).default([]).meta(says("Keys of people nothing is ever taken from.")),
      groups: z
        .array(z.string())
        .default([])
        .meta(
          says(
            "Groups that are never changed; a mapping that names one is an error. Those that AD itself protects (Domain Admins and the like) need not be listed.",
          ),
        ),
    })
    .prefault({})
    .meta(says("What is never touched.")),
});
