/** mappings/people.yaml: who the people are, and when the feed is believed. */
import { z } from "zod";
import type { Directory } from "../../providers/core/system.ts";
import { directories } from "../../providers/systems.ts";
import { perCent } from "../language/durations.ts";
import { ticketPeople } from "../language/feed-words.ts";
import { condition, filled, person, template, text, textList } from "../language/words.ts";
import { incremental } from "./incremental.ts";

export const peopleFile = z.strictObject({
  people: z
    .strictObject({
      source: filled.describe(
        "Where the records come from: `halo.users`, `entra.users` (fields by Graph's names, the key is the Graph id), or a source of sources.yaml by its name.",
      ),
      external: z
        .boolean()
        .default(false)
        .describe(
          "Guests of Entra ID. `true`: `entra.users` reads them too, and people of any source may be recognised in one, which is then never renamed; `false`: they are nobody, and a plan says where one has a person's address.",
        ),
      key: filled.default("id").describe("The field that identifies a person for ever. Never reused, never a name."),
      for: condition
        .optional()
        .describe(
          "Only records for which this holds are people; others are ignored. Not for leavers (`inactive`): whom it leaves out keeps every access.",
        ),
      inactive: z
        .strictObject({
          left: textList.default([]).describe("Words by which the source's `inactive` says that somebody has left: `Ausgetreten`."),
          here: textList.default([]).describe("Words by which it says that somebody has not: `Angestellt`."),
        })
        .prefault({})
        .describe(
          "Words of the field `inactive`, beside true, yes, 1, inactive, inaktiv, ja and false, no, 0, active, aktiv, nein and the like (case and blanks do not count). A value that is no such word makes the read doubted. In conditions and templates the field is true or false.",
        ),
      starts: filled
        .optional()
        .describe(
          "Somebody's first day: a field such as `custom.CFStartDate`, or a template. Before it nothing is made, enabled or given, and the plan says when they start. Empty: they have started.",
        ),
      ends: filled
        .optional()
        .describe(
          "Somebody's last day, worked to its end: after it they have left, as with `inactive`. Empty: no end. One before `starts` is of an earlier time. In both a value that is no day parks its person, and changes nothing.",
        ),
      zone: filled.default("UTC").describe("Where a day of `starts`, `ends` and of conditions begins and ends: `Europe/Oslo`."),
      tickets: ticketPeople,
      incremental,
      is: z
        .strictObject(
          Object.fromEntries(
            directories.map(({ name, accounts }) => [
              name,
              z
                .record(text, template)
                .default({ ...accounts.is.fields })
                .describe(accounts.is.says),
            ]),
          ) as { [D in Directory]: z.ZodDefault<z.ZodRecord<typeof text, typeof template>> },
        )
        .prefault({})
        .describe(
          "By which values a person is recognised in each directory and which are written there, so that the two cannot disagree: field → template of what it holds, in the order of recognising. The first that finds exactly one account decides, unless everything else speaks against it. `login` is here the record's own field.",
        ),
      newKey: z
        .strictObject({
          decide: z
            .enum(["human", "automatic"])
            .default("human")
            .describe(
              "`human`: the new record is parked until somebody has written what is so; `automatic`: where an address and a name, or name and birth fields, say that it is one person and nobody else comes into question, the new record takes over at once; whatever is less sure is parked all the same.",
            ),
          birth: textList.default([]).describe("Fields of the record that tell namesakes apart, such as `custom.CFBirthDate`."),
          same: z
            .array(
              z.strictObject({ person: person.describe("The key that the record has now."), was: person.describe("The earlier key.") }),
            )
            .default([])
            .describe(
              "People who are one: the record takes over what the person of the earlier key has. Remembered from then on, so that the line can go.",
            ),
          different: z
            .array(z.strictObject({ person: person.describe("The key of the record."), isNot: person.describe("The key of the other.") }))
            .default([])
            .describe("People who look alike and are not one."),
        })
        .prefault({})
        .describe(
          "The same person under another key: rehired, merged, renumbered, with lost zeros. Seen by addresses, names and what the person's accounts hold. haloform goes on under the key it knew first.",
        ),
      login: z
        .strictObject({
          is: template.describe("The login name (sAMAccountName) of a new account. Existing accounts keep theirs."),
          longest: z.number().int().min(1).max(20).default(20).describe("Longest login name in characters; AD allows 20."),
          taken: z
            .enum(["number", "park"])
            .default("number")
            .describe("`number` appends 2, 3, … in order of the key when the name is taken; `park` leaves the person to a human."),
        })
        .describe("Naming rule for logins; collisions are resolved the same way in every run."),
    })
    .describe("Who the people are, and how their existing accounts are found."),
  trust: z
    .strictObject({
      shrink: perCent
        .prefault("20 %")
        .describe("How much of the records of the last good read that may be missing before the read is doubted."),
      emptied: perCent.prefault("50 %").describe("How much of a field's filled values that may become empty before the read is doubted."),
      lost: perCent
        .prefault("10 %")
        .describe(
          "How much of the accounts, agents, groups, teams or licences that the state knows may be missing in the list of a system (3 of them at least) before nothing is created, adopted, given or taken away in that system.",
        ),
      onDoubt: z
        .enum(["hold", "refuse"])
        .default("hold")
        .describe(
          "`hold`: people known before keep what they have, nobody loses anything, nobody is matched anew, and new people whom no account fits are still made, but not by a field that lost its values; `refuse`: exit 3, nothing is planned.",
        ),
    })
    .prefault({})
    .describe("When the feed is not believed. A feed with no people at all is always refused."),
});

export type PeopleFile = z.infer<typeof peopleFile>;
