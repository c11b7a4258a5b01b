/** What several mapping files are made of: conditions, templates, the words of group membership. */
import { z } from "zod";
import { filled, scalar, test, text } from "./asks.ts";
import { DEVICE_PROPERTIES } from "./devices.ts";
import { type AssetAsk, feedWords, type TicketAsk } from "./feed-words.ts";

export { filled, filledList, haloId, says, text, textList } from "./asks.ts";

/** A Liquid template over the Halo record. Syntax and variables are checked in check/language.ts. */
export const template = text;

/** Field of the record → wanted value(s), all of them; plus any, all, not, person, group and the like. Decided by condition.ts. */
export type Condition = {
  any?: Condition[] | undefined;
  all?: Condition[] | undefined;
  not?: Condition | undefined;
  person?: (string | number)[] | undefined;
  group?: string | undefined;
  entraGroup?: string | undefined;
  hasDevice?: { [property: string]: unknown } | undefined;
  hasAsset?: string | string[] | AssetAsk | undefined;
  hasSoftware?: string | string[] | undefined;
  hasTicket?: TicketAsk | undefined;
} & { [field: string]: unknown };

export const person = z.union([text, z.number()], { error: "the key of a record, such as 41" });

// The recursion is by getters and not by z.lazy around the whole, so that the JSON Schema has one named definition.
export const condition = z
  .object({
    get any() {
      return z.array(condition).min(1).optional().describe("At least one of these holds.");
    },
    get all() {
      return z.array(condition).min(1).optional().describe("All of these hold.");
    },
    get not() {
      return condition.optional().describe("This does not hold.");
    },
    person: z.array(person).min(1).optional().describe("The person is one of these (keys of records)."),
    group: filled.optional().describe("The person is wanted in this group of Active Directory: one of ad.yaml, by its name."),
    entraGroup: filled
      .optional()
      .describe(
        "The person is in this group of Entra ID, by its displayName: one of entra.yaml as it is wished there, any other as it is. By a group that Entra ID does not have nobody gets or loses anything.",
      ),
    hasDevice: z
      .strictObject(Object.fromEntries(Object.entries(DEVICE_PROPERTIES).map(([name, what]) => [name, test.optional().describe(what)])))
      .optional()
      .describe(
        "The person's Entra account has a device of which all of this holds: `{ operatingSystem: Windows, complianceState: compliant }`. Managed devices of Intune and those registered in Entra ID; `{}` is any device.",
      ),
    ...feedWords,
  })
  .catchall(test)
  .meta({
    id: "condition",
    description:
      "Plain data: field of the record → value, list of values (any of them), `{ matches: regex }` or `{ empty: true }`. All lines must hold; `{}` is everybody. Text is compared without regard to case.",
  }) as unknown as z.ZodType<Condition>;

const whenEmpty = z
  .enum(["keep", "clear"])
  .default("keep")
  .describe("`keep` leaves the attribute alone when the template gives nothing; `clear` empties it.");

export const attributeValue = z.union(
  [
    template,
    z.number(),
    z.boolean(),
    z.array(scalar),
    z.strictObject({ value: scalar.describe("The template."), whenEmpty }),
    z.strictObject({
      values: z.array(scalar).min(1).describe("Templates of an attribute that holds several values; those that give nothing are left out."),
      mode: z
        .enum(["exact", "additive"])
        .default("exact")
        .describe("`exact`: the attribute holds these values and no others; `additive`: values that others put there stay."),
      whenEmpty,
    }),
    z.strictObject({
      person: template.describe(
        "Gives the key of another person (or that person's exact name); the attribute becomes that person's account. For `manager`.",
      ),
    }),
  ],
  { error: "a template, a list of templates, { value: template, whenEmpty: clear } or { person: template }" },
);

/** How something that is given counts: `things` are what it gives. */
export const givingMode = (things: string) =>
  z
    .enum(["exact", "additive"])
    .default("exact")
    .describe(
      `\`exact\`: who is not entitled loses ${things}, whoever gave it; \`additive\`: what others gave stays, and only what haloform gave is ever taken away. The same for all lines that name it.`,
    );

export const mode = z
  .enum(["exact", "additive"])
  .default("exact")
  .describe("`exact`: members that are not wanted are removed; `additive`: only members that haloform added itself are ever removed.");
