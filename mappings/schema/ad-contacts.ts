/** A contact of mappings/ad.yaml: somebody outside, with an address and without an account. */
import { z } from "zod";
import { text } from "../language/words.ts";

export const adContact = z.strictObject({
  name: z.string().min(1).max(64).describe("Its name (cn), by which groups refer to it."),
  ou: z.string().min(1).describe("Where it lies (distinguishedName); a contact that lies elsewhere is moved there."),
  attributes: z
    .record(z.string(), z.union([text, z.array(text)], { error: "a text, or a list of texts" }))
    .default({})
    .describe(
      'LDAP attribute name → value: `mail`, `displayName`, `targetAddress`, … `""` clears. Attributes not named are never touched.',
    ),
});
