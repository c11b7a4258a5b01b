/** What the accounts of ad.yaml and of entra.yaml have in common: for whom a line is, and which attribute templates it takes. */
import { z } from "zod";
import { attributeValue, condition, text, textList } from "../language/words.ts";

/** Whom one of several lines is for, of which the first that holds decides. `who` are everybody. */
export const forWhom = (who = "everybody") => condition.optional().describe(`For whom this line is. Left out = ${who}.`);

/** `attributes` of an account. */
export const templateNames = z
  .union([text, textList], { error: "the name of an attribute template, or a list of such names" })
  .optional()
  .describe("Names of attribute templates below; where two name the same attribute the later one wins.");

/** `attributes` of a file: the templates by name. */
export const attributeTemplates = z.record(text, z.record(text, attributeValue)).default({});
