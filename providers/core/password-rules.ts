/** What a mapping and the stack's settings say about passwords, as the run hands it to the provider process. No password is ever in it. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";

/** `haloform:passwords` of Pulumi.<stack>.yaml. */
export const passwordSettings = z.strictObject({
  /** Public keys of age: only who has the identity (the secret key) of one of them can read a new password. */
  recipients: z
    .array(z.string().regex(/^age1[0-9a-z]+$/u, "expected a public key of age (age1…), never a secret one"))
    .min(1)
    .meta({ description: "Public keys (age1…) that new passwords are encrypted to; who has the identity of one of them reads them." }),
});

/** Whom new passwords are encrypted to; undefined: they are kept under the passphrase of the stack. */
export const recipientsIn = (settings: Settings): readonly string[] | undefined =>
  passwordSettings.optional().parse(settings["passwords"])?.recipients;

export const passwordRules = z.object({
  length: z.number().int(),
  sets: z.array(z.enum(["upper", "lower", "digits", "signs"])),
  mustChange: z.boolean(),
  handover: z.union([
    z.literal("nobody"),
    z.literal("output"),
    /** `sum`: what its files held when the plan was made. */
    z.object({ command: z.array(z.string()), timeout: z.number(), env: z.array(z.string()), sum: z.string().exactOptional() }),
  ]),
  /** Folder of the passwords that nobody has read yet (vault.ts); only for the handover `output`. */
  vault: z.string().optional(),
  /** The public keys they are encrypted to there; left out: the stack's passphrase keeps them. */
  recipients: z.array(z.string()).exactOptional(),
});

export type PasswordRules = z.infer<typeof passwordRules>;

/** A mapping without the section: a first password that nobody gets to know. */
export const throwAway: PasswordRules = {
  length: 32,
  sets: ["upper", "lower", "digits", "signs"],
  mustChange: true,
  handover: "nobody",
};

/**
 * What the stack's secrets are encrypted with: PULUMI_CONFIG_PASSPHRASE, or what PULUMI_CONFIG_PASSPHRASE_FILE holds (without
 * the line's end, as Pulumi reads it). Undefined where it is empty, as that encrypts nothing. Throws ConfigurationError.
 */
export function passphrase(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment["PULUMI_CONFIG_PASSPHRASE"];
  // As Pulumi: the variable wins, also when it is empty.
  if (given !== undefined) return given || undefined;
  const file = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    throw new ConfigurationError(
      `Could not read PULUMI_CONFIG_PASSPHRASE_FILE (${file}): ${(error as NodeJS.ErrnoException).code ?? "unknown error"}; give the path of a readable file that holds the passphrase.`,
    );
  }
}
