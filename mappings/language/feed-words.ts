/** Conditions on what Halo says besides a person's record: devices, software, tickets. */
import { z } from "zod";
import { filled, filledList, test, text } from "./asks.ts";
import { first } from "./lines.ts";

const names = z.union([filled, filledList.min(1)], { error: "a name, or a list of names" });

/** What a condition asks of a device: its type, and fields of that type by their names. */
export type AssetAsk = { type: string | string[] } & { [field: string]: unknown };

/** What a condition asks of a ticket. */
export type TicketAsk = {
  type: string | string[];
  status: string | string[];
  person?: string | undefined;
  starts?: string | undefined;
  ends?: string | undefined;
} & { [field: string]: unknown };

/** The words `hasAsset`, `hasSoftware` and `hasTicket`. */
export const feedWords = {
  hasAsset: z
    .union([names, z.object({ type: names.describe("The type's name in Halo, or several.") }).catchall(test)], {
      error: "the name of an asset type, or { type: Laptop, field: value }",
    })
    .optional()
    .describe(
      "Halo has an active asset of this type for the person: `Laptop`, or `{ type: Laptop, Purpose: Developer }` with fields of the type by their names, or `status_name`, `inventory_number`, `key_field`, `site_name`.",
    ),
  hasSoftware: names.optional().describe("Halo's licence management links one of these licences, by name, to the person."),
  hasTicket: z
    .object({
      type: names.describe("The ticket type's name."),
      status: names.describe("The status's name: a ticket in another status counts for nothing."),
      person: filled
        .optional()
        .describe(
          "The ticket's field that names the person, by the key of their Halo record or by their exact name: `custom.CFForWhom`. Left out: the ticket's end user.",
        ),
      starts: filled.optional().describe("The ticket's field with the first day; where it is empty the ticket counts at once."),
      ends: filled
        .optional()
        .describe(
          "The ticket's field with the last day. Where it is empty the ticket counts for nothing: no end is not for ever. In both, what is no day changes nothing for its person.",
        ),
    })
    .catchall(test)
    .optional()
    .describe(
      "There is a ticket for the person: `{ type: Access request, status: Approved, custom.CFGroup: GG-VPN, ends: custom.CFUntil }`. Other lines are fields of the ticket: `summary`, `team`, `category_1`, `custom.CFName`.",
    ),
};

/** `people.tickets`: people made from tickets, before Halo has a user for them. */
export const ticketPeople = first(
  z
    .array(
      z.strictObject({
        type: names.describe("The ticket type's name, such as `New starter`."),
        status: names.describe("Statuses in which the ticket counts. Name the later ones too, until Halo has a user with the same key."),
        starts: filled.optional().describe("The ticket's field with the first day, such as `custom.CFStartDate`; empty: at once."),
        ends: filled
          .optional()
          .describe(
            "The ticket's field with the last day; empty: no end. In both, what is no day makes nobody, and takes nothing from whom the ticket made before.",
          ),
        fields: z
          .record(filled, text)
          .describe(
            "Field of the record → template over the ticket: `firstname: '{{ custom.CFFirstName }}'`. The field that `people.key` names must be among them, so that the person is the same when Halo has a user; it cannot be `id`.",
          ),
      }),
    )
    .min(1),
)
  .optional()
  .describe(
    "Tickets that make a person, from a day to a day, until Halo has a user with the same key; that user's own record then counts alone.",
  );

/** One line of it. */
export type TicketPeople = NonNullable<z.infer<typeof ticketPeople>>[number];
