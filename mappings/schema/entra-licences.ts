/** mappings/entra.yaml, licences and prices: who gets which SKU, with which service plans, and what a seat costs. */
import { z } from "zod";
import { condition, filled, givingMode, text, textList } from "../language/words.ts";

export const entraLicence = z.strictObject({
  sku: filled.describe(
    "skuPartNumber, as in SPE_E3. A SKU named here is owned: people who are not entitled lose a direct assignment of it, unless it is `additive`.",
  ),
  without: textList.default([]).describe("Names of service plans to switch off."),
  with: textList
    .optional()
    .describe(
      "Instead of `without`: names of the service plans to have, and no others. Plans that Microsoft adds to the SKU later stay off. Left out = all but those of `without`.",
    ),
  for: condition.describe("Who gets it."),
  mode: givingMode("the licence"),
});

export const prices = z
  .record(
    text,
    z.strictObject({
      month: z.number().min(0).describe("What one seat costs a month."),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/u, "expected a currency's three letters (ISO 4217), as in GBP")
        .describe("Three letters (ISO 4217), as in GBP."),
    }),
  )
  .optional()
  .describe("skuPartNumber → price of a seat, for the licence ledger of the plan. Left out = no cost is shown.");
