/** The section `passwords` of mappings/ad.yaml: how first passwords are made, who gets to know them, and when they are made anew. */
import { z } from "zod";
import { condition, filledList } from "../language/words.ts";

export const passwordSets = ["upper", "lower", "digits", "signs"] as const;

export const adPasswords = z.strictObject({
  length: z
    .number()
    .int()
    .min(12)
    .max(127)
    .default(20)
    .describe(
      "Characters of a password; more where the domain's own policy asks for more. Letters and digits that look alike are left out.",
    ),
  sets: z
    .array(z.enum(passwordSets))
    .min(3)
    .default([...passwordSets])
    .describe(
      "Kinds of characters, of each at least one: `upper`, `lower`, `digits`, `signs`. Active Directory's complexity rule wants three.",
    ),
  mustChange: z.boolean().default(true).describe("The person must choose another one at the next logon."),
  handover: z
    .union(
      [
        z.literal("nobody"),
        z.literal("output"),
        z.strictObject({
          command: filledList
            .min(1)
            .describe(
              "Path of a program and its arguments, as they are (no shell). It gets JSON on stdin: person, name, sAMAccountName, userPrincipalName, password.",
            ),
          timeout: z.number().int().min(1).max(600).default(30).describe("Seconds it may take."),
          env: z
            .array(z.string().regex(/^[A-Za-z_]\w*$/u, "the name of an environment variable"))
            .default([])
            .describe("Environment variables it gets besides PATH, HOME and the like; their names begin with `SCRIPT_`."),
        }),
      ],
      { error: "nobody, output or { command: [path, argument, …] }" },
    )
    .default("nobody")
    .describe(
      "Who gets to know a new password. `nobody`: it is thrown away. `output`: it is a stack output, encrypted to the recipients of haloform:passwords (else with PULUMI_CONFIG_PASSPHRASE), which `haloform password show` reads once. A command: the account is enabled only when it ended with 0.",
    ),
  rotate: z
    .strictObject({
      key: z
        .string()
        .regex(/^[\w.:-]{1,64}$/u, "letters, digits, dots, colons and dashes, such as 2027-01")
        .describe("Another key gives everybody whom `for` selects a new password, once. An account that is taken over keeps its own."),
      for: condition.optional().describe("For whom; left out = everybody who has an account under these rules."),
    })
    .optional()
    .describe("New passwords for existing accounts."),
});
